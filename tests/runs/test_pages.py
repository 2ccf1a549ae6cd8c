import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sample import CLAIM, SITES, code, make_cells, make_claims, write_sample

from mali_analysis.headlines import Headline
from mali_analysis.runs import pages
from mali_analysis.runs.abbreviations import names_of, spell_out
from mali_analysis.runs.cells import read_cells
from mali_analysis.runs.chapter_page import link_sentences
from mali_analysis.runs.exhibits import exhibits_of, fit_table, map_records
from mali_analysis.runs.figures import tell_in_print
from mali_analysis.runs.plans import list_notebooks
from mali_analysis.runs.statements import show_headlines

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
    referred = set(re.findall(r"#(t\d+-[\w-]+)", html))
    assert referred == set(re.findall(r'id="(t\d+-[\w-]+)"', html))


def test_every_table_has_a_caption(outline: Outline) -> None:
    assert outline.tags["table"] == outline.tags["caption"]


def test_text_from_data_is_escaped(chapter) -> None:
    hostile = chapter.evidence.assign(note="<script>alert(1)</script>", basis="inferred")
    chapter = replace(chapter, tables=chapter.tables | {"evidence": hostile})
    html = pages.render_chapter(chapter, [], pages.template(), **CONTEXT)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_markup_in_a_notebooks_prose_loads_and_runs_nothing() -> None:
    source = "# T\n\n<img src=x onerror=alert(1) alt=seen> <script>alert(2)</script> <b onclick='alert(3)'>bold</b>"
    html = render([{"cell_type": "markdown", "source": source, "metadata": {}}])
    body = html[html.index("</h1>") :]
    assert Outline(html).tags["img"] == 0 and "alert(" not in body
    assert "seen" in body and "<b>bold</b>" in body


def test_every_sentence_is_an_anchor_of_the_chapter_page(chapter) -> None:
    html = pages.render_chapter(chapter, [], pages.template(), **CONTEXT)
    ids = Outline(html).ids
    for passage in chapter.passages.query("kind == 'sentence'")["passage"]:
        assert ids[passage] == 1


@pytest.fixture(scope="module")
def cells(chapter) -> list[dict]:
    return make_cells(chapter)


@pytest.fixture(scope="module")
def sample(tmp_path_factory, chapter) -> Path:
    return write_sample(tmp_path_factory.mktemp("sample"), chapter)


def read(sample: Path, name: str) -> str:
    return (sample / f"{name}.html").read_text(encoding="utf-8")


def test_the_sample_has_no_id_twice_and_names_its_exhibits_in_order(sample: Path, cells: list[dict]) -> None:
    outline = Outline(read(sample, "01_sample"))
    assert [i for i, n in outline.ids.items() if n > 1] == []
    assert [exhibit.kind for exhibit in exhibits_of(cells)] == ["chart", "table", "chart", "chart"]
    assert {"t1", "t2", "t3", "t4", "f1", "f2"} <= set(outline.ids)


def test_a_chart_is_drawn_for_the_eye_and_told_once_as_a_table(sample: Path) -> None:
    html = read(sample, "01_sample")
    [figure] = re.findall(r'<figure id="t1">.*?</figure>', html, re.S)
    assert 'aria-hidden="true"' in figure
    assert "<caption>One bar is longest.</caption>" in figure
    assert figure.count("<figcaption") == figure.count("target=") == 0
    assert "aria-hidden" not in tell_in_print(figure)
    assert 'role="img" aria-label="One bar is longest."' in tell_in_print(figure)


def test_marks_lead_to_a_sentence_or_a_row_and_else_nowhere(sample: Path) -> None:
    links = re.findall(r'<a xlink:href="([^"]*)" tabindex="-1"', read(sample, "01_sample"))
    assert links == ["chapter.html#incidents.b1.s1", f"05_claims_check.html#r-{CLAIM}"]
    assert "record:" not in read(sample, "01_sample")
    assert Outline(read(sample, "05_claims_check")).ids[f"r-{CLAIM}"] == 1


def test_every_link_within_the_report_lands(sample: Path) -> None:
    ids = {path.name: set(Outline(path.read_text(encoding="utf-8")).ids) for path in sample.glob("*.html")}
    for path in sample.glob("*.html"):
        for href in re.findall(r'href="([^":]*)"', path.read_text(encoding="utf-8")):
            name, _, anchor = href.partition("#")
            assert not anchor or anchor in ids[name or path.name], (path.name, href)


def test_the_furniture_of_the_site_is_no_sentence_to_lead_to() -> None:
    assert link_sentences('<span data-passage="furniture.1">x</span>') == '<span data-passage="furniture.1">x</span>'


def test_a_page_alone_leads_to_its_own_rows(cells: list[dict], chapter) -> None:
    html = render([*cells, code(make_claims(chapter))])
    assert f'xlink:href="#r-{CLAIM}"' in html


def test_a_chart_without_data_has_its_words_below(sample: Path) -> None:
    [figure] = re.findall(r'<figure class="plain" id="t3">.*?</figure>', read(sample, "01_sample"), re.S)
    assert 'role="img" aria-label="A line"' in figure
    assert "<li>From 0 to 1</li><li>rising</li>" in figure


def test_the_first_row_of_a_record_is_its_anchor_in_a_table_before_a_chart(sample: Path) -> None:
    html = read(sample, "01_sample")
    assert html.count('id="r-inc-cisse"') == 1
    assert html.index('id="t2"') < html.index('id="r-inc-cisse"')


def test_the_claims_page_goes_first_where_several_have_a_record(chapter) -> None:
    own = exhibits_of([code(make_claims(chapter))])
    found = map_records({"01_a.html": own, "05_b.html": own}, "05_b.html")
    assert found[CLAIM] == f"05_b.html#r-{CLAIM}"


def test_rows_of_many_columns_say_their_heads_and_numbers_stand_right(sample: Path) -> None:
    found = re.findall(r'<table class="stack".*?</table>', read(sample, "01_sample"), re.S)
    [table] = [table for table in found if "Incidents &lt;told&gt;" in table]
    assert '<td class="number" role="cell">1000</td>' in table and "--c2:&#x27;" in table
    assert '<th class="number" role="columnheader" scope="col">Wounded</th>' in table
    assert f'<span class="long">{"a" * 60}</span>' in table
    assert "<caption>Incidents &lt;told&gt;</caption>" in table


@pytest.mark.parametrize("html", ["<table border=1><tr><td>1</td></tr></table>", "<p>None</p>", ""])
def test_a_table_of_another_form_stays_as_it_is(html: str) -> None:
    assert fit_table(html, "t1", {}) == html


def test_what_leads_to_a_sentence_is_listed_below_it(sample: Path) -> None:
    html = read(sample, "chapter")
    [sentence] = re.findall(r'<div class="sentence" id="incidents\.b1\.s1">.*?</div>', html, re.S)
    assert "2 headlines and 1 chart rest on sentence 11" in sentence
    assert '<a href="01_sample.html#f2">' in sentence
    assert '<a href="01_sample.html#t1">One bar is longest.</a> (Sample)' in sentence


def test_every_source_of_a_headline_is_a_link(sample: Path) -> None:
    html = read(sample, "01_sample")
    for site in SITES:
        assert html.count(f'href="{site.replace("&", "&amp;")}"') == 2
    assert "more site" not in html
    assert html.count("<summary>Three more sources</summary>") == 2


@pytest.mark.parametrize("text", ["Two and three more sites burnt.", "Nothing."])
def test_what_a_headline_says_is_never_cut(text: str) -> None:
    said = Headline(text, None, None, [], [], [], [], SITES)
    html = show_headlines(said.to_html(), [said.to_dict()])
    assert text in html
    assert html.count("more site") == text.count("more site")
    assert html.count("<li>") == len(SITES) - 3


def test_the_search_page_allows_its_own_script_and_no_other_page_has_any(sample: Path) -> None:
    for path in sample.glob("*.html"):
        html = path.read_text(encoding="utf-8")
        scripts = re.findall(r"<script>(.*?)</script>", html, re.S)
        digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
        assert len(scripts) == (path.stem == "search")
        assert re.findall(r"script-src 'sha256-([^']*)'", html) == digests
        assert '<a href="search.html"' in html


def test_the_search_page_is_an_index_of_sentences_headlines_and_records(sample: Path, chapter) -> None:
    html = read(sample, "search")
    for passage in chapter.passages.query("kind == 'sentence'")["passage"]:
        assert f'<a href="chapter.html#{passage}">' in html
    assert '<a href="01_sample.html#f1">' in html
    assert "Kidnapping of Soumaila Cissé</a> <small>Incidents</small>" in html
    targets = re.findall(r'<li><a href="chapter\.html#([^"]+)"', html)
    assert set(targets) <= set(Outline(read(sample, "chapter")).ids)


def test_each_page_says_how_to_cite_it_and_the_chapter(sample: Path, chapter) -> None:
    html = read(sample, "01_sample")
    foot = html[html.index("<footer>") :]
    assert "“What does the sample show?” Mali in Country Reports on Terrorism 2020, mali_analysis" in foot
    assert "Accessed November 23, 2026." in foot
    assert f'<a href="{chapter.facts.url}">' in foot
    assert "author = {{U.S. Department of State, Bureau of Counterterrorism}}" in foot
    assert "<title>What does the sample show? – Mali in Country Reports on Terrorism 2020</title>" in html


def test_a_box_for_the_code_comes_after_the_title(sample: Path) -> None:
    html = read(sample, "01_sample")
    assert html.index("</h1>") < html.index('id="show-code"') < html.index("<h2")


class TestAbbreviations:
    NAMES = {"FAMa": "Malian Armed Forces", "UN": "United Nations", "UNSCR": "Security Council resolution"}

    @pytest.mark.parametrize(
        ("html", "told"),
        [
            ("<p>FAMa, FAMa</p>", "<p>FAMa (Malian Armed Forces), FAMa</p>"),
            ("<h2>FAMa</h2><p>“FAMa” of FAMa</p>", "<h2>FAMa</h2><p>“FAMa” of FAMa (Malian Armed Forces)</p>"),
            ("<p>FAMa’s men</p>", "<p>FAMa’s (Malian Armed Forces) men</p>"),
            ("<p>UNSCR 2396 says</p>", "<p>UNSCR 2396 (Security Council resolution) says</p>"),
            ("<p>Malian Armed Forces (FAMa)</p><p>FAMa</p>", "<p>Malian Armed Forces (FAMa)</p><p>FAMa</p>"),
            ("<p>others (UN)</p>", "<p>others (UN [United Nations])</p>"),
            ("<code>UN</code> UNHCR", "<code>UN</code> UNHCR"),
            ('<a title="UN">x</a>', '<a title="UN">x</a>'),
        ],
    )
    def test_it_is_spelled_out_once_in_running_text(self, html: str, told: str) -> None:
        assert re.sub("</?abbr[^>]*>", "", spell_out(html, self.NAMES)) == told

    def test_names_come_from_the_chapter_and_the_world(self, chapter) -> None:
        names = names_of(chapter)
        assert names["FAMa"] == "Malian Armed Forces"
        assert names["ECOWAS"] == "Economic Community of West African States"
        assert not {"bridges", "Farabougou"} & set(names)
