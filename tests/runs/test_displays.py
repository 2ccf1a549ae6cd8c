"""A page shows whatever Jupyter can display, and nothing in it runs."""

import base64
import json

import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter

from mali_analysis.runs import displays, pages
from mali_analysis.runs.terminal import draw, show_terminal

PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(60)).decode()
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><rect width="9"/></svg>'


def shown(data: dict, metadata: dict | None = None) -> str:
    return displays.show_output({"output_type": "display_data", "data": data, "metadata": metadata or {}})


def page(*cells: dict) -> str:
    told = [{"metadata": {}, **cell} for cell in cells]
    return pages.render_notebook(told, lambda body, **_: body)


@pytest.mark.parametrize("kind", displays.PICTURES)
def test_a_picture_of_any_kind_is_within_the_page(kind: str) -> None:
    html = shown({kind: f"{PIXEL[:40]}\n{PIXEL[40:]}\n", "text/plain": "<Figure size 640x480 with 1 Axes>"})
    assert f'src="data:{kind};base64,{PIXEL}"' in html and "Figure size" not in html


def test_a_picture_tells_its_alternative_text_and_size() -> None:
    html = shown({"image/png": PIXEL}, {"image/png": {"alt": 'rain & "snow"', "width": 300}})
    assert 'alt="rain &amp; &quot;snow&quot;"' in html and 'width="300"' in html


def test_a_drawing_of_a_users_own_is_a_picture_so_that_its_script_is_dead() -> None:
    html = shown({"image/svg+xml": SVG, "text/plain": "<IPython.core.display.SVG object>"})
    assert "data:image/svg+xml;base64," in html and "<script" not in html
    output = {"output_type": "display_data", "data": {"image/svg+xml": SVG}, "metadata": {}}
    assert "<script" not in page({"cell_type": "code", "source": "x", "outputs": [output]})


@pytest.mark.parametrize("content", ["no base64!", "", "<svg"])
def test_what_is_no_picture_is_not_shown_as_one(content: str) -> None:
    assert "<img" not in shown({"image/png": content, "text/plain": "a plot"})


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"text/markdown": "**bold** and\n\n| a | b |\n|---|---|\n| 1 | 2 |"}, ["<strong>bold</strong>", "<td>1</td>"]),
        ({"text/latex": "$\\frac{a}{b} < 1$"}, ["\\frac{a}{b} &lt; 1"]),
        ({"application/json": {"é": [1, "<b>"]}, "text/plain": "<x.JSON object>"}, ["é", "&lt;b&gt;"]),
        ({"text/html": "<table><caption>C</caption><tr><td>7</td></tr></table>"}, ["<td>7</td>"]),
        ({"text/plain": "1 < 2"}, ["1 &lt; 2"]),
        ({"text/plain": ""}, [""]),
    ],
)  # fmt: skip
def test_each_form_is_shown_in_its_own_way(data: dict, told: list[str]) -> None:
    html = shown(data)
    assert all(part in html for part in told) and "object>" not in html


@pytest.mark.parametrize(
    "data",
    [
        {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "IntSlider(value=7)"},
        {"application/vnd.plotly.v1+json": {"data": []}, "text/html": "<div><script>Plotly.newPlot()</script></div>"},
        {"application/javascript": "alert(1)", "text/plain": "<IPython.core.display.Javascript object>"},
        {"text/html": '<iframe src="https://example.org"></iframe>', "text/plain": "<x.IFrame at 0x7f>"},
        {"application/vnd.bokehjs_exec.v0+json": "", "text/html": "<script>x</script>"},
        {"text/html": '<video controls src="data:video/mp4;base64,AA"></video>'},
        {"application/pdf": "JVBERi0="},
        {"application/x-unheard-of": "zzz"},
    ],
)  # fmt: skip
def test_what_would_have_to_run_is_one_line_that_says_so(data: dict) -> None:
    html = shown(data)
    assert html.count("left out here") == 1 and "alert" not in html and "<script" not in html and "<iframe" not in html
    assert ("IntSlider(value=7)" in html) == ("IntSlider" in str(data))


def test_a_drawing_that_only_tells_of_markup_is_still() -> None:
    start = '<svg xmlns="http://www.w3.org/2000/svg"'
    assert displays.is_still(f"{start}><text>&lt;img onerror=x&gt; javascript: on = off</text></svg>")
    for bad in (' onload="x"></svg>', '><a href=" javascript:x"/></svg>', "", "><script/></svg>"):
        assert not displays.is_still(start + bad)


def test_a_picture_stands_in_for_what_would_have_to_run() -> None:
    plotly = {"application/vnd.plotly.v1+json": {"data": []}, "text/html": "<script>x</script>", "image/png": PIXEL}
    assert "<img" in shown(plotly) and "left out" not in shown(plotly)


@pytest.mark.parametrize(
    ("html", "gone"),
    [
        ('<p onclick="alert(1)">x</p>', "onclick"),
        ('<a href="javascript:alert(1)">x</a>', "javascript"),
        ('<a href="file:///etc/passwd">x</a>', "file:"),
        ('<a href="data:text/html,x">x</a>', "data:"),
        ('<img src="https://example.org/pixel.png" alt="x">', "example.org"),
        ("<style>body{display:none}</style><p>x</p>", "display:none"),
        ('<p style="position:fixed">x</p>', "fixed"),
        ('<svg onload="alert(1)"><circle/></svg><p>x</p>', "onload"),
        ('<p id="main" class="skip">x</p>', "skip"),
        ('<form action="https://example.org"><p>x</p><input></form>', "form"),
        ('<object data="x"></object><p>x</p>', "object"),
        ("<!-- <script>alert(1)</script> --><p>x</p>", "alert"),
        ('<meta http-equiv="refresh" content="0;url=x"><p>x</p>', "refresh"),
        ('<base href="https://example.org/"><p>x</p>', "example.org"),
    ],
)
def test_a_fragment_is_cleaned(html: str, gone: str) -> None:
    cleaned = displays.clean(html)
    assert gone not in cleaned and "x" in cleaned


def test_a_table_of_pandas_keeps_its_shape() -> None:
    frame = pd.DataFrame({"a": [1, 2]}, index=pd.MultiIndex.from_tuples([("x", 1), ("x", 2)]))
    data, metadata = DisplayFormatter().format(frame)
    html = displays.show_output({"data": data, "metadata": metadata})
    assert 'rowspan="2"' in html and html.count("<tr") == 3 and "<style" not in html


def test_a_stream_that_came_in_pieces_is_one_screen(tmp_path) -> None:
    from mali_analysis.runs.cells import read_cells

    pieces = [{"output_type": "stream", "name": "stderr", "text": text} for text in ("\r  0%|  |", "\r100%|##|")]
    cell = {"cell_type": "code", "source": "x", "metadata": {}, "outputs": pieces}
    (tmp_path / "n.ipynb").write_text(json.dumps({"cells": [cell], "nbformat": 4}))
    html = page(*read_cells(tmp_path / "n.ipynb"))
    assert "100%|##|" in html and "  0%" not in html


def test_data_beside_a_table_draw_nothing() -> None:
    html = shown({"application/vnd.dataresource+json": {"data": []}, "text/html": "<table><tr><td>1</td></tr></table>"})
    assert "<td>1</td>" in html and "left out" not in html


def test_a_plot_of_pandas_is_its_picture() -> None:
    name = {"text/plain": "<Axes: >"}
    assert "<img" in shown(name | {"image/png": PIXEL}) and "Axes" in shown(name)


def test_prose_has_tables_pasted_pictures_and_formulas() -> None:
    source = "![map](attachment:a.png)\n\n| a |\n|---|\n| 1 |\n\n~~old~~ $a_1 < b_2$ and <b>bold</b>"
    html = page({"cell_type": "markdown", "source": source, "attachments": {"a.png": {"image/png": PIXEL}}})
    assert f'src="data:image/png;base64,{PIXEL}" alt="map"' in html.replace('alt="map" ', "").replace(
        f'<img src="data:image/png;base64,{PIXEL}">', f'<img src="data:image/png;base64,{PIXEL}" alt="map">'
    )
    assert "<td>1</td>" in html and "<del>old</del>" in html and "a_1 &lt; b_2" in html and "<b>bold</b>" in html


def test_our_own_tables_and_sentences_are_tame(request) -> None:
    from mali_analysis.disclosure import undress
    from mali_analysis.runs.cells import read_cells
    from mali_analysis.runs.plans import list_notebooks

    outputs = [undress(o) for path in list_notebooks().values() for c in read_cells(path) for o in c["outputs"]]
    fragments = [o["data"]["text/html"] for o in outputs if "text/html" in o.get("data", {})]
    assert len(fragments) > 40 and all(map(displays.is_tame, fragments))
    assert not displays.is_tame('<p onclick="x">') and not displays.is_tame('<a href="javascript:x">x</a>')
    assert (
        not displays.is_tame("<p") and not displays.is_tame("<script>") and not displays.is_tame('<p class="a"b="c">')
    )


def test_forged_headlines_and_charts_do_no_harm() -> None:
    from mali_analysis.headlines import HEADLINE_MIME
    from mali_analysis.tables import CHART_MIME

    for data in (
        {HEADLINE_MIME: {"text": "x"}, "text/html": "<p>x</p>"},
        {HEADLINE_MIME: "x", "text/plain": "x"},
        {CHART_MIME: {"table": "<script>alert(1)</script><caption>c</caption>"}, "image/svg+xml": SVG},
        {CHART_MIME: {}, "image/svg+xml": "<svg"},
    ):
        output = {"output_type": "display_data", "data": data, "metadata": {}}
        html = page({"cell_type": "code", "source": "x", "outputs": [output]})
        assert "<script" not in html, json.dumps(data)


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("one\rtwo", "two"),
        ("long line\rshort", "shortline"),
        ("  5%|#   |\r 50%|##  |\r100%|####|\n", "100%|####|"),
        ("abc\b\bX", "aXc"),
        ("a\r\nb", "a\nb"),
        ("gone\x1b[2K\rhere", "here"),
        ("top\nbar\x1b[A\rTOP\n", "TOP\nbar"),
        ("\x1b]8;;https://example.org\x07link\x1b]8;;\x07", "link"),
        ("bell\x07 \x00nul", "bell nul"),
        ("a\x1b[3Cb", "a   b"),
        ("half\x1b[", "half"),
        ("x\x1b[2Jy", "y"),
        ("tab\there", "tab\there"),
    ],
)
def test_a_terminal_shows_what_stands_there_in_the_end(sent: str, seen: str) -> None:
    text = "\n".join("".join(sign for sign, _ in row) for row in draw(sent)).rstrip()
    assert text.replace("\n ", "\n").rstrip() == seen or text.rstrip() == seen


def test_a_terminal_has_colors_and_escapes_markup() -> None:
    html = show_terminal("\x1b[1;31m<b>\x1b[0m & \x1b[38;5;200mpink\x1b[39m \x1b[92mgreen\x1b[m")
    assert html == (
        '<pre><span class="ansi-1 bold">&lt;b&gt;</span> &amp; pink <span class="ansi-2">green</span></pre>'
    )
    assert show_terminal("\n \r\n") == ""
