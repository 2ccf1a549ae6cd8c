"""Executed notebooks as HTML pages that open offline, and all pages as one for print."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import count
from pathlib import Path
from typing import Any

import jinja2

from mali_analysis.runs import displays
from mali_analysis.runs.abbreviations import spell_out
from mali_analysis.runs.cells import Cell
from mali_analysis.runs.chapter_page import link_sentences
from mali_analysis.runs.chapter_page import render_chapter as render_chapter
from mali_analysis.runs.exhibits import Exhibit, enclose, exhibits_of, find_rows, fit_table, list_exhibits, row_id
from mali_analysis.runs.figures import show_figure, show_plain, tell_in_print
from mali_analysis.runs.place import link_of
from mali_analysis.runs.statements import headlines_in, show_headlines
from mali_analysis.runs.terminal import show_terminal
from mali_analysis.tables import CHART_MIME, CONTROL

_TEMPLATES = Path(__file__).with_name("templates")
_OPTION = '<p class="option"><label><input type="checkbox" id="show-code"> Show the code</label></p>'


@dataclass(frozen=True)
class Page:
    """A page of a run: its file, its title, a short title for the navigation."""

    href: str
    title: str
    short: str


def title_of(cells: list[Cell], fallback: str) -> str:
    """The first heading of a notebook's cells."""
    for cell in cells:
        if cell["cell_type"] == "markdown" and cell["source"].startswith("# "):
            return cell["source"].splitlines()[0][2:].strip()
    return fallback


def headlines_of(cells: list[Cell], job: str) -> list[dict[str, Any]]:
    """The headlines that an executed notebook displays, alone or in a box."""
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    flat = [headline for output in outputs for headline in headlines_in(output)]
    return [{"job": job, **headline, "anchor": f"{link_of(job)}#f{n}"} for n, headline in enumerate(flat, 1)]


def render_notebook(
    cells: list[Cell], render: Callable[..., str], records: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None, **context: Any,
) -> str:  # fmt: skip
    """An executed notebook as a page; code is hidden until the page's box for it is ticked, save where it failed.

    ``records`` gives the address of each record's row in the report (None: this page is all there is), ``names`` what
    each abbreviation stands for.
    """
    rows = find_rows(exhibits_of(cells))
    led = {record: f"#{row_id(record)}" for record in rows} if records is None else records
    numbers, exhibits = count(1), iter(list_exhibits(cells))
    parts = []
    for cell in cells:
        if cell["cell_type"] == "markdown":
            parts.append(displays.show_markdown(cell["source"], cell.get("attachments")))
        elif cell["cell_type"] == "code":
            parts += [_show(*next(exhibits), rows, led, numbers) for _ in cell["outputs"]]
            failed = any(output["output_type"] == "error" for output in cell["outputs"])
            if cell["source"].strip():
                parts.append(f'<pre class="code{" failing" * failed}">{escape(cell["source"])}</pre>')
    body, headings = _anchor(spell_out(link_sentences("\n".join(filter(None, parts))), names or {}))
    return render(body=body + _list_headlines(cells), headings=headings, has_code=True, **context)


def _show(
    output: dict[str, Any], exhibit: Exhibit | None, rows: Mapping[str, str], led: Mapping[str, str],
    numbers: Iterator[int],
) -> str:  # fmt: skip
    data = output.get("data", {})
    if not data and output["output_type"] == "display_data":  # of what only Jupyter shows, nothing is left
        return ""
    if output["output_type"] == "error":
        return f'<pre class="error">{escape(output["ename"])}: {escape(output["evalue"])}</pre>'
    if output["output_type"] == "stream":
        return show_terminal(output["text"])
    if exhibit and exhibit.kind == "chart":
        svg, table = data["image/svg+xml"], data.get(CHART_MIME, {}).get("table", "")
        if not displays.is_still(svg) or not displays.is_tame(table):
            return displays.show_output(output)
        if exhibit.captioned:
            return show_figure(svg, fit_table(table, exhibit.name, rows), exhibit.caption, exhibit.name, led)
        return show_plain(svg, exhibit.caption, exhibit.name, led)
    html = data.get("text/html", "")
    if not html or not displays.is_tame(html):
        shown = displays.show_output(output)
        return enclose(shown, exhibit.name) if exhibit else shown
    if exhibit:
        return enclose(fit_table(html, exhibit.name, rows), exhibit.name)
    return show_headlines(html, headlines_in(output), numbers)


def _list_headlines(cells: list[Cell]) -> str:
    """The page's headlines with their values, folded away at its end; each leads to where it stands."""
    shown = headlines_of(cells, "")
    rows = "".join(
        f'<tr><th scope="row"><a href="#{h["anchor"].partition("#")[2]}">{escape(h["text"])}</a></th>'
        f"<td>{escape(str(h['value']))}</td><td>{escape(h['unit'] or '')}</td></tr>"
        for h in shown
    )
    head = '<tr><th scope="col">headline</th><th scope="col">value</th><th scope="col">unit</th></tr>'
    caption = "The headlines of this page and their values"
    table = f"<table><caption>{caption}</caption><thead>{head}</thead><tbody>{rows}</tbody></table>"
    return f'<details class="headlines"><summary>{caption}</summary>{enclose(table)}</details>' if shown else ""


def render_whole(bodies: dict[str, str], render: Callable[..., str], **context: Any) -> str:
    """All pages as one, for print; ``bodies`` holds the main part of each page by its file name, in order.

    Anchors get the page's name in front, so that links between pages become links within the whole.
    """
    parts = []
    for href, body in bodies.items():
        stem = href.removesuffix(".html")
        body = re.sub(r'\bid="([^"]+)"', rf'id="{stem}--\1"', body)
        body = re.sub(r'(href="|url\()#([^")]+)', rf"\1#{stem}--\2", body)
        body = re.sub(r'href="([^":#]+)\.html#([^"]+)"', r'href="#\1--\2"', body)
        body = re.sub(r'href="([^":#]+)\.html"', r'href="#\1"', body)
        parts.append(f'<section class="page" id="{stem}">{body}</section>')
    return render(body=tell_in_print("\n".join(parts)), **context)


def render_error(cells: list[Cell], message: str, render: Callable[..., str], **context: Any) -> str:
    """The page of a notebook that failed: the error first, then the notebook as far as it came."""
    head = f'<h1>Failed: {escape(context["title"])}</h1><pre class="error">{escape(message)}</pre>'

    def below(body: str, **others: Any) -> str:
        return render(body=head + body.replace("<h1", "<h2").replace("</h1>", "</h2>"), **others)

    return render_notebook(cells, below, **context)


@cache
def template() -> Callable[..., str]:
    """The page template, with our style; text that goes into it is escaped.

    ``script`` is for the one page that has any: the page then allows these very bytes and nothing else.
    """
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True)
    page = environment.get_template("page.html.j2")
    markup = jinja2.utils.markupsafe.Markup
    style = markup((_TEMPLATES / "style.css").read_text(encoding="utf-8"))

    def render(body: str, script: str = "", **context: Any) -> str:
        title, end, text = body.translate(CONTROL).partition("</h1>")
        title, text = (title, text) if end else ("", title)
        told: dict[str, str] = {
            "heading": markup(title + end),
            "option": markup(_OPTION),
            "body": markup(text),
            "style": style,
        }
        if script:
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            told |= {"script": markup(script), "allowed": f"'sha256-{digest}'"}
        return page.render(**told, **context)

    return render


def _anchor(html: str) -> tuple[str, list[tuple[str, str]]]:
    """The page's body with an id at every heading of the second rank, and these headings: id and text."""
    headings: list[tuple[str, str]] = []

    def name(match: re.Match[str]) -> str:
        headings.append((f"s{len(headings) + 1}", re.sub(r"<[^>]+>", "", match[1])))
        return f'<h2 id="{headings[-1][0]}">{match[1]}</h2>'

    return re.sub(r"<h2>(.*?)</h2>", name, html), headings
