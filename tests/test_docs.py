"""Nothing is undocumented, and what the documents show works."""

import re

import click
from conftest import ROOT

from mali_analysis import incidents
from mali_analysis.coding.schema import read_schema
from mali_analysis.runs.cli import main
from mali_analysis.runs.declared import read_parameters
from mali_analysis.runs.plans import list_notebooks

RUNNING = (ROOT / "docs/running.md").read_text(encoding="utf-8")


def test_every_command_and_option_is_documented() -> None:
    for name, command in main.commands.items():
        assert re.search(rf"^\| `{name}\b", RUNNING, re.M), name
        for option in [p for p in command.params if isinstance(p, click.Option)]:
            assert any(re.search(rf"`{re.escape(o)}[ `]", RUNNING) for o in option.opts), (name, option.opts)


def test_every_parameter_is_documented_with_its_notebooks() -> None:
    rows = {}
    for names, notebooks in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| ([\w, ]+) \|", RUNNING, re.M):
        rows |= {name: notebooks.split(", ") for name in re.findall(r"`(\w+)`", names)}
    declared: dict[str, list[str]] = {}
    for notebook, path in list_notebooks().items():
        for name in read_parameters(path):
            declared.setdefault(name, []).append(notebook[:2])
    assert set(rows) == set(declared)
    for name, notebooks in declared.items():
        assert rows[name] == (["all"] if len(notebooks) == len(list_notebooks()) else notebooks), name


def test_every_table_is_in_the_codebook() -> None:
    codebook = (ROOT / "docs/codebook.md").read_text(encoding="utf-8")
    for table in read_schema().values():
        assert f"## {table.title}" in codebook and f"`{table.path}`" in codebook


def test_the_walk_through_an_analysis_works(chapter, monkeypatch) -> None:
    import mali_analysis as mali

    page = (ROOT / "docs/adding-an-analysis.md").read_text(encoding="utf-8")
    library, cell, test = re.findall(r"```python\n(.*?)```", page, re.S)
    before = set(vars(incidents))
    try:
        exec(library, vars(incidents))
        shown: list = []
        monkeypatch.setattr("mali_analysis.charts.show", lambda *things: shown.extend(things))
        exec(cell, {"mali": mali, "chapter": chapter})
        assert "guards" in str(shown[0]) and "Who guards what" in str(shown[1])
        space: dict = {"incidents": incidents}
        exec(test, space)
        next(value for name, value in space.items() if name.startswith("test_"))(chapter)
    finally:
        for name in set(vars(incidents)) - before:
            delattr(incidents, name)


def test_the_modules_of_the_map_are_those_that_are_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\b([\w/]+\.py)\b", readme.partition("## The library")[2].partition("\n## ")[0]))
    there = {
        path.relative_to(ROOT / "mali_analysis").as_posix()
        for path in (ROOT / "mali_analysis").rglob("*.py")
        if not path.name.startswith("__")
    }
    assert named == there
