"""Accepting changes: what would change is shown first, and one broken notebook keeps no other from being looked at."""

import shutil
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from conftest import ROOT, SOAK, pick

from mali_analysis.runs import baseline, plans, snapshots
from mali_analysis.runs.cells import read_cells
from mali_analysis.runs.cli import main

pytestmark = pytest.mark.kernel

FIGURE = "from mali_analysis import charts\naxes = charts.say_empty({!r})\ndisplay(charts.draw(axes))"
TABLE = "import pandas as pd, mali_analysis as mali\nmali.table(pd.DataFrame({{'a': [{}]}}), 'T')"


def write(path: Path, *sources: str) -> None:
    cells = [nbformat.v4.new_code_cell(source, id=f"c{n}") for n, source in enumerate(sources)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)


@pytest.fixture(scope="module")
def accepted(tmp_path_factory) -> Path:
    """Two good notebooks with accepted outputs."""
    folder = tmp_path_factory.mktemp("accepted")
    for name, value in (("01_one", 1), ("02_two", 2)):
        write(folder / f"{name}.ipynb", f"print({value})", TABLE.format(value), FIGURE.format(f"Chart {value}."))
    with pytest.MonkeyPatch.context() as patch:
        use(folder, patch)
        assert invoke("--yes").exit_code == 0
    return folder


@pytest.fixture
def notebooks(accepted: Path, tmp_path: Path, monkeypatch) -> Path:
    """A copy of them, and the working folder for the page."""
    use(Path(shutil.copytree(accepted, tmp_path / "own")), monkeypatch)
    return tmp_path / "own"


def use(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Has the command take the notebooks of a folder, from there."""
    patch.setattr(plans, "list_notebooks", lambda: {path.stem: path for path in sorted(folder.glob("*.ipynb"))})
    patch.setattr(baseline, "find_other_changes", lambda _: ([], {}))  # what the clone keeps is of its own notebooks
    patch.chdir(folder)


def invoke(*arguments: str, answer: str = ""):
    return CliRunner().invoke(main, ["baseline", *arguments], input=answer)


def change(path: Path, old: str, new: str) -> None:
    nb = nbformat.read(path, 4)
    for cell in nb.cells:
        cell.source = cell.source.replace(old, new)
    nbformat.write(nb, path)


def test_nothing_changed_is_told_and_nothing_is_asked(notebooks: Path) -> None:
    result = invoke()
    assert result.exit_code == 0 and result.output.count("nothing would change") == 3
    assert "Accept" not in result.output


def test_check_tells_tables_charts_and_text_and_writes_nothing(notebooks: Path) -> None:
    path = notebooks / "01_one.ipynb"
    change(path, "print(1)", "print(7)")
    change(path, "[1]", "[8]")
    change(path, "Chart 1.", "Chart 9.")
    before = path.read_bytes()
    result = invoke("--check")
    assert result.exit_code == 1
    for words in ("cell c0: output\n  -1\n  +7", "cell c1: table", "+8", "cell c2: chart\n  -Chart 1.\n  +Chart 9."):
        assert words in result.output, result.output
    assert path.read_bytes() == before
    page = (notebooks / baseline.PAGE).read_text()
    assert page.count('<img alt="Chart') == 2 and "02_two" not in page


@pytest.mark.parametrize(("answer", "taken"), [("y\n", True), *pick([("n\n", False), ("", False)], 1)])
def test_the_answer_decides(notebooks: Path, answer: str, taken: bool) -> None:
    path = notebooks / "02_two.ipynb"
    change(path, "print(2)", "print(5)")
    other = (notebooks / "01_one.ipynb").read_bytes()
    result = invoke(answer=answer)
    assert (result.exit_code == 0) == taken
    assert (nbformat.read(path, 4).cells[0].outputs[0]["text"] == "5\n") == taken
    assert (notebooks / "01_one.ipynb").read_bytes() == other


BREAKS = {
    "a cell raises": lambda path: write(path, "1 / 0"),
    "the kernel dies": lambda path: write(path, "import os; os._exit(9)"),
    "no notebook": lambda path: path.write_text("<<<<<<< HEAD"),
    "empty": lambda path: path.write_text(""),
    "not text": lambda path: path.write_bytes(b"\xff\xfe\x00"),
    "no cells": lambda path: path.write_text("{}"),
}


@pytest.mark.parametrize("fault", BREAKS if SOAK else ["the kernel dies"])
def test_it_goes_on_when_a_notebook_breaks_however_it_breaks(notebooks: Path, fault: str) -> None:
    shutil.copy(notebooks / "01_one.ipynb", notebooks / "00_broken.ipynb")
    BREAKS[fault](notebooks / "00_broken.ipynb")
    change(notebooks / "02_two.ipynb", "print(2)", "print(5)")
    result = invoke("--yes")
    assert result.exit_code == 1
    broken = [line for line in result.stderr.splitlines() if line]
    assert len(broken) == 1 and broken[0].startswith("00_broken: "), result.stderr
    assert "Traceback" not in result.output
    assert "01_one: nothing would change" in result.output
    assert nbformat.read(notebooks / "02_two.ipynb", 4).cells[0].outputs[0]["text"] == "5\n"


def test_it_works_in_a_clone_only(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr("mali_analysis.coding.schema.default_root", lambda kind: tmp_path / kind)
    result = invoke()
    assert result.exit_code == 2 and "allowed: in a clone only" in result.output


def test_our_own_notebooks_show_what_is_committed() -> None:
    name = "03_cooperation"
    assert (ROOT / "notebooks" / f"{name}.ipynb").exists()
    changes, _ = baseline.find_changes(plans.list_notebooks()[name], ROOT / "data")
    assert changes == []


def test_data_of_a_cell_are_read_as_they_were_written(tmp_path: Path) -> None:
    data = {"text/plain": "one\ntwo", "application/x+json": [], "application/json": ["a", "b"]}
    cell = nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("display_data", data)])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "one.ipynb")
    assert read_cells(tmp_path / "one.ipynb")[0]["outputs"][0]["data"] == data


def test_snapshots_are_shown_and_accepted_as_notebooks_are(tmp_path: Path, monkeypatch) -> None:
    kept = tmp_path / snapshots.KEPT / "mali-2020"
    kept.mkdir(parents=True)
    (kept / "index.txt").write_text("h1: One\np: same\n")
    (kept / "gone.txt").write_text("p: gone\n")
    now = {kept / "index.txt": "h1: Two\np: same\n", kept / "new.txt": "p: new\n"}
    monkeypatch.setattr(snapshots, "take", lambda clone, folder: now)
    changes, found = baseline.find_other_changes(tmp_path)
    told = [str(change).splitlines() for change in changes]
    assert told == [
        ["mali-2020, gone: snapshot", "  -p: gone"],
        ["mali-2020, index: snapshot", "  -h1: One", "  +h1: Two"],
        ["mali-2020, new: snapshot", "  +p: new"],
    ]
    baseline.accept_others(tmp_path, found)
    assert {path: path.read_text() for path in kept.iterdir()} == now
    assert baseline.find_other_changes(tmp_path)[0] == []
