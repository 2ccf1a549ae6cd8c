"""Tables, pages, charts and other chapters' headlines are as committed; what differs can be looked at in build/."""

import difflib
import re
import shutil
from pathlib import Path

import matplotlib
import pytest
from conftest import ROOT

from mali_analysis.chapter import load_chapter
from mali_analysis.runs import pictures, snapshots
from mali_analysis.runs.cells import read_cells
from mali_analysis.runs.plans import list_notebooks

COMPARED = ROOT / "build" / "compared"
KEPT = ROOT / snapshots.KEPT


@pytest.fixture(scope="module")
def reports(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports of our chapter and of the tests', each in a folder of its id."""
    return Path(shutil.copytree(made.parent, tmp_path_factory.mktemp("reports") / "own", symlinks=True))


@pytest.fixture(scope="module")
def now(reports: Path) -> dict[Path, str]:
    return snapshots.take(ROOT, reports)


@pytest.mark.kernel
def test_tables_pages_and_headlines_are_as_committed(now: dict[Path, str]) -> None:
    shutil.rmtree(COMPARED, ignore_errors=True)
    faults = []
    for path in sorted({*now, *KEPT.rglob("*.txt")}):
        before = path.read_text(encoding="utf-8") if path.is_file() else ""
        if before != (after := now.get(path, "")):
            actual = COMPARED / path.relative_to(KEPT)
            actual.parent.mkdir(parents=True, exist_ok=True)
            actual.write_text(after, encoding="utf-8")
            lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), "expected", "actual", "", "", 0))
            faults += [f"{path.relative_to(KEPT)}: see {actual.relative_to(ROOT)}", *lines[:20]]
    assert not faults, "\n".join([*faults, "If all of this is meant: mali-analysis baseline"])


def drawings(path: Path) -> dict[str, str]:
    """The charts of a notebook by its cell's id and their number in it."""
    return {
        f"{path.stem}-{cell['id']}-{number}": output["data"]["image/svg+xml"]
        for cell in read_cells(path)
        for number, output in enumerate(cell["outputs"])
        if "image/svg+xml" in output["data"]
    }


@pytest.mark.kernel
def test_charts_look_as_committed(reports: Path, now: dict[Path, str]) -> None:
    drawn = re.search(r"^matplotlib==(\d+\.\d+\.)", (ROOT / "requirements.lock").read_text(), re.M)
    assert drawn
    other_version = not matplotlib.__version__.startswith(drawn[1])
    compared, faults = 0, []
    for name, path in list_notebooks().items():
        before, after = drawings(path), drawings(reports / "mali-2020/notebooks" / f"{name}.ipynb")
        assert list(before) == list(after)
        for chart, expected in before.items():
            compared += 1
            if told := pictures.find_difference(expected, after[chart], other_version):
                page = pictures.write_comparison(chart, expected, after[chart], COMPARED)
                faults.append(f"{chart}: {told}; see {page.relative_to(ROOT)}")
    assert compared >= 7
    assert not faults, "\n".join(faults)


def test_every_cell_of_a_table_stands_in_its_snapshot(chapter) -> None:
    text = snapshots.write_tables(chapter)
    for name, table in (chapter.tables | chapter.reference).items():
        assert f"## {name}: {', '.join(table)}\n" in text
    for record_id in chapter.records.index:
        assert f"\n{record_id} | " in text


@pytest.mark.parametrize(
    ("html", "told"),
    [
        ("<h2 id='a'>One</h2><p>Two <a href='x.html#y'>three</a>.</p>", "h2 id=a: One\np: Two <a href=x.html#y>three."),
        ("<table><caption>C</caption><tr><th scope=col>A<td>1</tr></table>", "caption: C\ntr: | col A| 1"),
        ("<p>a<mark>b</mark>c</p><style>p{}</style><script>x()</script>", "p: a«b»c"),
        ("<p>Made 1 May 2026, 10:00 UTC.</p>", "p: Made …"),
        ("<details open><summary>S</summary><p hidden>x</p></details>", "details open:\nsummary: S\np hidden: x"),
    ],
)
def test_a_page_is_told_in_lines(html: str, told: str) -> None:
    assert snapshots.write_page(html) == f"{told}\n"


def test_a_long_line_is_told_by_its_beginning_and_a_checksum() -> None:
    one, two = (snapshots.write_page(f"<p>{'word ' * 100}{end}</p>") for end in ("first", "second"))
    assert len(one) == snapshots.LONGEST + 1 and one[:100] == two[:100] and one != two


def test_tables_are_the_same_whenever_they_are_loaded(chapter) -> None:
    again = load_chapter("mali-2020", ROOT / "data")
    assert snapshots.write_tables(again) == snapshots.write_tables(chapter)
