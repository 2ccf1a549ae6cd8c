import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mali_analysis.runs import pages
from mali_analysis.runs.cells import read_cells
from mali_analysis.runs.plans import list_notebooks

CONTEXT = {"title": "T", "here": "x.html", "pages": [], "source": "S", "data_sha256": "0" * 64, "versions": {}}


def render(cells: list[dict]) -> str:
    return pages.render_notebook(cells, pages.template(), **CONTEXT)


class Outline(HTMLParser):
    """Counts tags and ids, and notes whatever would leave the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.ids, self.outside = Counter(), Counter(), []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            if name == "id":
                self.ids[value] += 1
            loads = name in {"src", "srcset"} or (name in {"href", "xlink:href"} and tag != "a")
            if loads and not re.match(r"#|data:", value or ""):
                self.outside.append(value)


@pytest.fixture(scope="module", params=list_notebooks().values(), ids=lambda path: path.stem)
def outline(request) -> Outline:
    path: Path = request.param
    return Outline(render(read_cells(path)))


def test_a_page_has_one_first_heading_and_landmarks(outline: Outline) -> None:
    assert outline.tags["h1"] == outline.tags["main"] == 1


def test_ids_are_unique_and_nothing_comes_from_outside(outline: Outline) -> None:
    assert [i for i, n in outline.ids.items() if n > 1] == []
    assert outline.outside == []
    assert outline.tags["script"] == 0


@pytest.mark.parametrize("path", list_notebooks().values(), ids=lambda path: path.stem)
def test_what_a_chart_refers_to_is_in_it(path: Path) -> None:
    html = render(read_cells(path))
    referred = set(re.findall(r"#(c\d+-[\w-]+)", html))
    assert referred == set(re.findall(r'id="(c\d+-[\w-]+)"', html))
    assert referred or path.stem.startswith(("04", "05"))


def test_every_table_has_a_caption(outline: Outline) -> None:
    assert outline.tags["table"] == outline.tags["caption"]


def test_every_chart_has_alternative_text() -> None:
    html = render(read_cells(list_notebooks()["01_incidents"]))
    assert html.count('role="img" aria-label="Timeline of the described incidents by phase"') == 1
    assert "seizure: 25 March to 25 March" in html


def test_text_from_data_is_escaped(chapter) -> None:
    hostile = chapter.evidence.assign(note="<script>alert(1)</script>", basis="inferred")
    chapter = replace(chapter, tables=chapter.tables | {"evidence": hostile})
    html = pages.render_chapter(chapter, [], pages.template(), **CONTEXT)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_markup_in_a_notebooks_prose_is_shown_not_run() -> None:
    cells = [{"cell_type": "markdown", "source": "# T\n\n<img src=x onerror=alert(1)>", "metadata": {}}]
    assert Outline(render(cells)).tags["img"] == 0


def test_every_sentence_is_an_anchor_of_the_chapter_page(chapter) -> None:
    html = pages.render_chapter(chapter, [], pages.template(), **CONTEXT)
    ids = Outline(html).ids
    for passage in chapter.passages.query("kind == 'sentence'")["passage"]:
        assert ids[passage] == 1
