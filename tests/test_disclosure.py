"""What only Jupyter shows: cells aligned, words to be opened; and that pages are rid of both."""

import re

import pandas as pd
import pytest

from mali_analysis import borders, charts, disclosure, findings, incidents, tables
from mali_analysis.runs.cells import read_cells
from mali_analysis.runs.plans import list_notebooks


def bare(html: str) -> str:
    output = {"output_type": "display_data", "data": {"text/html": html, "text/plain": ""}}
    return disclosure.undress(output)["data"].get("text/html", "")


def test_a_sentence_opens_to_its_words_and_a_page_has_it_without(chapter) -> None:
    said = findings.say_gaps(chapter, borders.select_border(chapter))
    html = said._repr_mimebundle_()["text/html"]
    below = html.partition("</p>")[2]
    assert below.startswith("<details") and below.count("<p><b>") == len(said.passages)
    marked = [re.sub(r"</?mark>", "", words) for words in re.findall(r"<mark>(.*?)</mark>", below)]
    assert "Mali’s vast and porous borders" in marked
    assert bare(html) == said.to_html()


def test_a_number_in_a_table_opens_to_the_words_of_its_row(chapter) -> None:
    quoted = tables.quote(chapter, ["fnd-stamps", "fnd-border-staffing"])
    html = quoted._repr_html_()
    rows = re.findall(r"<tr data-record=.*?</tr>", html, re.S)
    for row, words in zip(rows, quoted.frame["quote"], strict=True):
        assert f"<mark>{words[1:-1]}</mark>" in row and row.count("<details") == 1
    assert bare(html) == quoted.to_html()


def test_text_stands_left_and_numbers_right() -> None:
    shown = tables.table(pd.DataFrame({"name": ["a", "b"], "many": [1, 20], "none": ["–", "3"]}), "T")._repr_html_()
    sides = re.findall(r"text-align:(\w+)", shown.partition("<tbody>")[2].partition("</tr>")[0])
    assert sides == ["left", "right", "left"] and '<caption style="text-align:left' in shown


@pytest.mark.parametrize("name", list_notebooks())
def test_no_page_has_what_only_jupyter_shows(name: str) -> None:
    outputs = [o for cell in read_cells(list_notebooks()[name]) for o in cell["outputs"]]
    html = [disclosure.undress(output)["data"].get("text/html", "") for output in outputs]
    assert not any("mali-words" in text or "mali-cell" in text or "text-align" in text for text in html)
    assert any("mali-words" in str(output["data"].get("text/html")) for output in outputs)


def test_the_output_of_a_user_stays_as_it_is() -> None:
    for html in (
        "<details><summary>x</summary>y</details>",
        '<table style="text-align:left"><tr><td>1</td></tr></table>',
    ):
        assert bare(html).replace(' style="text-align:left"', "") == html.replace(' style="text-align:left"', "")
    stream = {"output_type": "stream", "text": "x", "data": {}}
    assert disclosure.undress(stream) is stream


def test_what_a_chart_draws_is_folded_below_it(chapter, monkeypatch) -> None:
    shown: list = []
    monkeypatch.setattr("IPython.display.display", lambda thing: shown.append(thing))
    chosen = incidents.select_incidents(chapter, chapter.opens, chapter.closes)
    phases = incidents.select_phases(chapter, chosen)
    charts.show(incidents.plot_timeline(chapter, phases, str(chapter.opens), str(chapter.closes)))
    picture, behind = shown
    html = behind._repr_html_()
    assert html.count("<tr") == len(picture.data.frame) + 1 and "<mark>" in html
    assert disclosure.undress({"output_type": "display_data", "data": {"text/html": html}})["data"] == {}


def test_hostile_words_stay_words(chapter) -> None:
    shown = tables.table(pd.DataFrame({"x": ["<script>alert(1)</script>"]}), "<b>T</b>")._repr_html_()
    assert "<script" not in shown and "<b>T" not in shown


def test_passages_and_finds_show_their_words_marked(chapter) -> None:
    whole = chapter.passages._repr_html_()
    assert whole.count("<mark>") > 40 and "incidents.b1.s1" in whole
    found = chapter.find("porous borders")
    assert "<mark>porous borders</mark>" in found._repr_html_()
    assert list(chapter.find("POROUS")["quote"]) == ["porous"] and chapter.find("").empty
    assert "Nowhere" in chapter.find("no such words")._repr_html_()
    assert str(chapter["fnd-stamps"]) == str(chapter.cite("fnd-stamps"))
    assert "fnd-stamps" in chapter._ipython_key_completions_()
