"""Executed notebooks as HTML pages that open offline, and the chapter with every coded passage marked."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jinja2

from mali_analysis.chapter import Chapter
from mali_analysis.headlines import HEADLINE_MIME, Headline
from mali_analysis.runs.cells import Cell
from mali_analysis.runs.place import CHAPTER, INDEX, page_of
from mali_analysis.tables import CONTROL

_TEMPLATES = Path(__file__).with_name("templates")
_REFERENCE = re.compile(r'<span data-passage="([^"]*)">(.*?)</span>')
SITE = "Mali in Country Reports on Terrorism"


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
    bundles = [output["data"] for cell in cells for output in cell.get("outputs", [])]
    shown = [bundle[HEADLINE_MIME] for bundle in bundles if HEADLINE_MIME in bundle]
    flat = [headline for one in shown for headline in (one if isinstance(one, list) else [one])]
    return [{"job": job, **headline, "anchor": f"{page_of(job)}#f{n}"} for n, headline in enumerate(flat, 1)]


def render_notebook(cells: list[Cell], render: Callable[..., str], **context: Any) -> str:
    """An executed notebook as a page; code is hidden until the page's box for it is ticked, save where it failed."""
    parts = []
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "markdown":
            parts.append(_markdown(cell["source"]))
        elif cell["cell_type"] == "code":
            parts += [_output(output, f"c{number}") for output in cell["outputs"]]
            failed = any(output["output_type"] == "error" for output in cell["outputs"])
            if cell["source"].strip():
                parts.append(f'<pre class="code{" failing" * failed}">{escape(cell["source"])}</pre>')
    body, headings = _anchor(_link("\n".join(parts)))
    return render(body=body + _list_headlines(cells), headings=headings, has_code=True, **context)


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
    summary = f"<summary>{caption}</summary>"
    return f'<details class="headlines">{summary}{_scroll(table, caption)}</details>' if shown else ""


def render_chapter(
    chapter: Chapter, headlines: list[dict[str, Any]], render: Callable[..., str], **context: Any
) -> str:
    """The chapter in full: every sentence an anchor with its coded words marked, its records, and what rests on it."""
    resting: dict[str, list[str]] = {}
    for headline in headlines:
        for passage in headline["passages"]:
            link = f'<li><a href="{escape(headline["anchor"])}">{escape(headline["text"])}</a></li>'
            resting.setdefault(passage, []).append(link)
    evidence = chapter.evidence.assign(passage=chapter.passages_of(chapter.evidence["start"]))
    lead = f"The text of <cite>{escape(chapter.source)}</cite>, sentence by sentence, coded words marked."
    parts = [f"<h1>The chapter</h1><p>{lead}</p>"]
    for passage in chapter.passages.itertuples():
        if passage.kind == "heading":
            parts.append(f'<h2 id="{passage.passage}">{escape(passage.text.rstrip(":"))}</h2>')
            continue
        if passage.kind == "furniture":
            continue
        rows = evidence[evidence["passage"] == passage.passage]
        marked = _mark(
            passage.text,
            [(s - passage.start, e - passage.start) for s, e in zip(rows["start"], rows["end"], strict=True)],
        )
        listed = "".join(
            f"<li><code>{escape(record)}</code>: {_values(chapter, record, own)}</li>"
            for record, own in rows.groupby("record_id", sort=False)
        )
        count = rows["record_id"].nunique()
        where = f"sentence {passage.number} ({passage.passage})"
        parts += [
            f'<div class="sentence" id="{passage.passage}">',
            f'<p><a class="number" href="#{passage.passage}">{passage.number}</a> {marked}</p>',
            f'<details class="records"><summary>{count} record{"s" * (count != 1)} of {where}</summary>',
            f"<ul>{listed}</ul></details>",
        ]
        if links := resting.get(passage.passage):
            noun = "headline rests" if len(links) == 1 else "headlines rest"
            summary = f"{len(links)} {noun} on sentence {passage.number}"
            parts.append(f'<details class="records"><summary>{summary}</summary><ul>{"".join(links)}</ul></details>')
        parts.append("</div>")
    return render(body="\n".join(parts), **context)


def render_index(
    listed: list[Page], headlines: list[dict[str, Any]], changes: list[tuple[str, str, str]] | None,
    render: Callable[..., str], **context: Any,
) -> str:  # fmt: skip
    """The run at a glance: each page with its first headline, and what changed since the last run (None: no such run).

    ``changes`` as from ``report.compare_headlines``.
    """
    first: dict[str, dict[str, Any]] = {}
    for headline in headlines:
        first.setdefault(page_of(headline["job"]), headline)
    lead = "What the chapter says, computed from its coded text; every reference opens to the sentence."
    parts = [f"<h1>{SITE}</h1><p>{lead}</p>"]
    for page in listed:
        parts.append(f'<h2><a href="{escape(page.href)}">{escape(page.title)}</a></h2>')
        if top := first.get(page.href):
            parts.append(Headline(**{field.name: top[field.name] for field in fields(Headline)}).to_html())
    if changes is not None:
        parts.append("<h2>Since the previous run</h2>")
        parts.append("<p>No headline changed.</p>" if not changes else _list_changes(changes))
    return render(body=_link("\n".join(parts)), **context)


def render_overview(
    listed: list[tuple[str, str, str]], changes: list[dict[str, str]], render: Callable[..., str], **context: Any
) -> str:  # fmt: skip
    """The reports of several chapters: each with its source, a link, and what failed in it where anything did.

    ``listed`` holds chapter id, source and error; ``changes`` what changed in any of them since the last run.
    """
    parts = [f"<h1>{SITE}</h1><p>One report for each chapter.</p><ul>"]
    for chapter_id, source, error in listed:
        link = f'<a href="{escape(urllib.parse.quote(chapter_id))}/{INDEX}">{escape(source)}</a>'
        parts.append(f"<li>{link}{f' <strong>failed:</strong> {escape(error)}' if error else ''}</li>")
    parts.append("</ul>")
    if changes:
        rows = [(f"{c['chapter_id']}: {c['job']}", c["before"], c["now"]) for c in changes]
        parts += ["<h2>Since the previous run</h2>", _list_changes(rows)]
    return render(body="\n".join(parts), **context)


def _list_changes(changes: list[tuple[str, str, str]]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(job)}</th><td>{escape(before) or "–"}</td><td>{escape(now) or "–"}</td></tr>'
        for job, before, now in changes
    )
    head = '<tr><th scope="col">page</th><th scope="col">before</th><th scope="col">now</th></tr>'
    table = f"<table><caption>Headlines that changed</caption><thead>{head}</thead><tbody>{rows}</tbody></table>"
    return _scroll(table, "Headlines that changed")


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
    return render(body="\n".join(parts), **context)


def render_error(cells: list[Cell], message: str, render: Callable[..., str], **context: Any) -> str:
    """The page of a notebook that failed: the error first, then the notebook as far as it came."""
    head = f'<h1>Failed: {escape(context["title"])}</h1><pre class="error">{escape(message)}</pre>'

    def below(body: str, **others: Any) -> str:
        return render(body=head + body.replace("<h1", "<h2").replace("</h1>", "</h2>"), **others)

    return render_notebook(cells, below, **context)


@cache
def template() -> Callable[..., str]:
    """The page template, with our style; text that goes into it is escaped."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True)
    page = environment.get_template("page.html.j2")
    style = jinja2.utils.markupsafe.Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8"))

    def render(body: str, **context: Any) -> str:
        return page.render(
            body=jinja2.utils.markupsafe.Markup(body.translate(CONTROL)), style=style, site=SITE, **context
        )

    return render


def _markdown(source: str) -> str:
    import mistune

    return str(mistune.create_markdown(escape=True)(source))


def _output(output: Any, name: str) -> str:
    data = output["data"]
    if output["output_type"] == "error":
        return f'<pre class="error">{escape(output["ename"])}: {escape(output["evalue"])}</pre>'
    if output["output_type"] == "stream":
        return f"<pre>{escape(output['text'])}</pre>"
    if svg := data.get("image/svg+xml"):
        return _figure(svg, output["metadata"].get("image/svg+xml", {}).get("alt", ""), name)
    if html := data.get("text/html"):
        caption = re.search(r"<caption>(.*?)</caption>", html)
        return _scroll(html, caption[1]) if caption else html
    return f"<pre>{escape(data.get('text/plain', ''))}</pre>"


def _scroll(table: str, name: str) -> str:
    """A table in a box that scrolls where the page is narrow, by keyboard too."""
    kind = "scroll wide" if table.count('<th scope="col">') > 5 else "scroll"
    return f'<div class="{kind}" role="region" aria-label="Table: {name}" tabindex="0">{table}</div>'


def _figure(svg: str, alt: str, name: str) -> str:
    """A chart in the page: ids made unique, the alternative text as its title, and as text to read below."""
    ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ElementTree.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", svg))
    _slim(root)
    ids = {element.get("id") for element in root.iter()}
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, f"{name}-{value}")
            elif key.endswith("href") and value[1:] in ids:
                element.set(key, f"#{name}-{value[1:]}")
            elif "url(#" in value:
                element.set(key, value.replace("url(#", f"url(#{name}-"))
    short, _, rest = alt.partition(". ")
    root.set("role", "img")
    root.set("aria-label", short)
    for key in ("width", "height"):
        root.attrib.pop(key, None)
    drawn = ElementTree.tostring(root, encoding="unicode")
    told = escape(short)
    if rest:
        items = "".join(f"<li>{escape(item)}</li>" for item in rest.rstrip(".").split("; "))
        told = f"<details><summary>{told}<span class=screen> – in words</span></summary><ul>{items}</ul></details>"
    box = f'<div class="chart" role="region" aria-label="{escape(short)}" tabindex="0">{drawn}</div>'
    return f"<figure>{box}<figcaption>{told}</figcaption></figure>"


def _slim(root: ElementTree.Element) -> None:
    """Takes out of a chart of Matplotlib's what nobody sees: half of it."""
    values = " ".join(value for element in root.iter() for value in element.attrib.values())
    used = set(re.findall(r"#([\w-]+)", values))
    for element in root.iter():
        element.text, element.tail = (text if (text or "").strip() else None for text in (element.text, element.tail))
        if element.get("id") not in used:
            element.attrib.pop("id", None)
        if style := element.get("style"):
            style = re.sub(r"font-family: [^;]*; ?", "", style)
            element.set("style", style.replace(": ", ":").replace("; ", ";"))
        if path := element.get("d"):
            element.set("d", re.sub(r"\s+", " ", path).strip())
    for parent in reversed(list(root.iter())):
        for child in list(parent):
            kind, style = child.tag.rpartition("}")[2], child.get("style", "")
            bare = kind == "g" and not len(child) or kind == "metadata"
            if bare or (kind == "path" and "fill:none" in style and "stroke:#ffffff" in style):
                parent.remove(child)


def _anchor(html: str) -> tuple[str, list[tuple[str, str]]]:
    """The page's body with an id at every heading and headline, and its headings: id and text."""
    headings: list[tuple[str, str]] = []
    numbers = iter(range(1, 10_000))

    def name(match: re.Match[str]) -> str:
        text = re.sub(r"<[^>]+>", "", match[1])
        headings.append((f"s{len(headings) + 1}", text))
        return f'<h2 id="{headings[-1][0]}">{match[1]}</h2>'

    html = re.sub(r"<h2>(.*?)</h2>", name, html)
    html = re.sub(
        r'<(p|li) class="headline">', lambda match: f'<{match[1]} class="headline" id="f{next(numbers)}">', html
    )
    return html, headings


def _link(html: str) -> str:
    return _REFERENCE.sub(rf'<a href="{CHAPTER}#\1">\2</a>', html)


def _mark(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with the union of the spans marked."""
    inside = [False] * (len(text) + 1)
    for start, end in spans:
        inside[start:end] = [True] * (end - start)
    parts, previous = [], False
    for letter, now in zip(text + " ", inside, strict=True):
        if now != previous:
            parts.append("<mark>" if now else "</mark>")
        parts.append(escape(letter))
        previous = now
    return "".join(parts).rstrip()


def _values(chapter: Chapter, record: str, rows: Any) -> str:
    """What rests on which words: each quote once, with the values coded from it."""
    table = chapter.tables[chapter.records[record]].set_index("record_id")
    shown = []
    for quote, own in rows.groupby("quote", sort=False):
        values = [
            ("the record" if row.column == "*" else f"{row.column} = {table.loc[record, row.column]}")
            + (f" ({row.basis}: {row.note})" if row.note else "")
            for row in own.itertuples()
        ]
        shown.append(f"“{escape(quote)}”: {escape(', '.join(values))}")
    return "; ".join(shown)
