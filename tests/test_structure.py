"""The library's rooms: imports run one way, names mean one thing, editors and type checkers see them all."""

import ast
import graphlib
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import jedi
import nbformat
import pytest
from conftest import ROOT

import mali_analysis as mali
from benchmarks.reading import SHARED, follow
from mali_analysis.runs.plans import list_notebooks

PACKAGE = ROOT / "mali_analysis"
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
    for path in PACKAGE.rglob("*.py")
    if path.stem not in {"__init__", "__main__"}
}


def imports(module: str) -> set[str]:
    """Modules of ours that a module imports, within functions too; not what only type checkers read."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    hidden = {id(n) for i in ast.walk(tree) if isinstance(i, ast.If) and ast.unparse(i.test) == "TYPE_CHECKING"
              for n in ast.walk(i)}  # fmt: skip
    found = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.ImportFrom)
            and (node.module or "").startswith("mali_analysis")
            and id(node) not in hidden
        ):
            base = (node.module or "").removeprefix("mali_analysis").removeprefix(".")
            for alias in node.names:
                name = f"{base}.{alias.name}".removeprefix(".")
                found.add(name if name in MODULES else base)
    return found - {""}


def room(module: str) -> str:
    return module.partition(".")[0] if "." in module else "subject" if module in mali.SUBJECTS else "shared"


def test_imports_run_one_way_without_circles() -> None:
    list(graphlib.TopologicalSorter({module: imports(module) for module in MODULES}).static_order())


def test_no_room_looks_upward() -> None:
    allowed = {
        "coding": {"coding", "shared"},
        "shared": {"coding", "shared"},
        "subject": {"subject", "coding", "shared"},
        "runs": {"runs", "coding", "shared"},
        "lab": {"lab", "runs", "subject", "coding", "shared"},
    }
    for module in MODULES:
        rooms = {room(other) for other in imports(module)}
        assert rooms <= allowed[room(module)], (module, rooms)
    below = {"dates", "passages", "errors"}  # what the coding room stands on
    for module in MODULES:
        if room(module) == "coding":
            assert {other for other in imports(module) if room(other) == "shared"} <= below, module


def test_a_module_and_a_function_never_share_a_name() -> None:
    names = {module.rpartition(".")[2] for module in MODULES}
    for path in MODULES.values():
        functions = {n.name for n in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(n, ast.FunctionDef)}
        assert not functions & names, path.name


def test_at_most_fifteen_names_stand_beside_the_subjects_and_the_readme_lists_them() -> None:
    beside = set(mali.__all__) - set(mali.SUBJECTS)
    assert len(beside) <= 15
    assert set(dir(mali)) == set(mali.__all__)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in mali.__all__ if f"`{name}`" not in readme] == []


@pytest.mark.parametrize("name", ["01_incidents", "02_border_security", "03_cooperation", "04_law_finance_prevention"])
def test_a_reader_of_a_notebook_opens_at_most_four_modules_beyond_the_shared(name: str) -> None:
    assert len(set(follow(list_notebooks()[name])) - SHARED) <= 4


@pytest.mark.parametrize("subject", mali.SUBJECTS)
def test_an_editor_completes_the_names_of_a_subject(subject: str) -> None:
    code = f"import mali_analysis as mali\nmali.{subject}."
    completed = {c.name for c in jedi.Script(code, project=jedi.Project(ROOT)).complete(2, len(f"mali.{subject}."))}
    module = import_module(f"mali_analysis.{subject}")
    own = {n for n, v in vars(module).items() if callable(v) and getattr(v, "__module__", "") == module.__name__}
    assert {n for n in own if n.startswith(("select_", "say_", "plot_", "summarize_"))} <= completed


def test_a_type_checker_reads_the_notebooks(tmp_path: Path) -> None:
    for name, path in list_notebooks().items():
        cells = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
        (tmp_path / f"n{name}.py").write_text("\n".join(cells) + "\n")
    (tmp_path / "n_wrong.py").write_text("import mali_analysis as mali\nmali.borders.say_nothing_at_all()\n")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--config-file",
        str(ROOT / "pyproject.toml"),
        "--cache-dir",
        ".mypy_cache",
    ]
    found = subprocess.run(
        [*command, *sorted(map(str, tmp_path.glob("*.py")))], capture_output=True, text=True, cwd=ROOT
    )
    lines = [line for line in found.stdout.splitlines() if ": error:" in line]
    assert len(lines) == 1 and "say_nothing_at_all" in lines[0], found.stdout
