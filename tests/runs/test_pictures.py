"""What counts as the same drawing: nothing but a hair's breadth may differ."""

from pathlib import Path

import pytest

from mali_analysis.runs import pictures

SVG = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100 50">
<defs><path id="m0123456789" d="M 0 3 L 3 0" style="stroke: #111111"/></defs>
<g id="patch_1"><path d="M 10 10 L 20.5 10" style="fill: #0072b2; stroke-width: 1.2"/></g>
<a xlink:href="#overview.p1.s1"><use xlink:href="#m0123456789" x="30" y="20" style="fill: #e69f00"/></a>
<text style="font: 9px sans-serif" transform="translate(5 40)">Farabougou</text></svg>"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("20.5", "20.9"),
        ("translate(5 40)", "translate(5.4 39)"),
        ("m0123456789", "mabcdef0123"),
        ("patch_1", "patch_7"),
    ],
)
def test_a_hairs_breadth_and_matplotlibs_own_names_are_no_difference(old: str, new: str) -> None:
    assert SVG.count(old) and pictures.find_difference(SVG, SVG.replace(old, new)) == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("#0072b2", "#0072b3"), ("20.5 10", "24 10"), ("Farabougou", "Farabugou"), ("overview.p1.s1", "overview.p1.s2"),
        ("stroke-width: 1.2", "stroke-width: 2.1"), ("L 3 0", "L 9 0"), ("L 3 0", "L 3 0 z"),
        ('<use xlink:href="#m0123456789" x="30" y="20" style="fill: #e69f00"/>', ""),
    ],
)  # fmt: skip
def test_all_else_is_told(old: str, new: str, tmp_path: Path) -> None:
    changed = SVG.replace(old, new)
    told = pictures.find_difference(SVG, changed)
    assert told.startswith("element ") and "\n" not in told
    page = pictures.write_comparison("chart", SVG, changed, tmp_path)
    assert (tmp_path / "chart-expected.svg").read_text() == SVG
    assert (tmp_path / "chart-actual.svg").read_text() == changed
    assert told[:20] in page.read_text() and page.read_text().count("<img") == 4


def test_of_another_version_words_colors_and_links_count(tmp_path: Path) -> None:
    moved = SVG.replace("translate(5 40)", "translate(50 4)").replace("stroke-width: 1.2", "stroke-width: 1")
    assert pictures.find_difference(SVG, moved) and pictures.find_difference(SVG, moved, other_version=True) == ""
    for old, new, kind in (
        ("#0072b2", "#0072b3", "colors"),
        ("Farabougou", "Bamako", "words"),
        ("p1.s1", "p1.s2", "links"),
    ):
        told = pictures.find_difference(SVG, SVG.replace(old, new), other_version=True)
        assert told.startswith(f"{kind}: ")
