"""The chapter as a page: each sentence with its coded words marked, its records, and what rests on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from mali_analysis.chapter import Chapter
from mali_analysis.headlines import join
from mali_analysis.passages import mark
from mali_analysis.runs.exhibits import Exhibit
from mali_analysis.runs.place import CHAPTER

_REFERENCE = re.compile(r'<span data-passage="((?!furniture\.)[^"]*)">(.*?)</span>')
Shown = tuple[str, str, list[Exhibit]]
"""A page's address, its short name, and its tables and charts."""


def link_sentences(html: str) -> str:
    """A page whose references to passages lead to the chapter; the web site's furniture is not shown there."""
    return _REFERENCE.sub(rf'<a href="{CHAPTER}#\1">\2</a>', html)


def render_chapter(
    chapter: Chapter, headlines: list[dict[str, Any]], render: Callable[..., str], shown: Sequence[Shown] = (),
    **context: Any,
) -> str:  # fmt: skip
    """The chapter in full: every sentence an anchor with its coded words marked, its records, and what rests on it.

    ``headlines`` as in ``headlines.json``; ``shown`` holds the tables and charts of the report's pages.
    """
    resting = _collect(headlines, shown)
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
        marked = mark(
            passage.text,
            [(s - passage.start, e - passage.start) for s, e in zip(rows["start"], rows["end"], strict=True)],
        )
        listed = "".join(
            f"<li><code>{escape(record)}</code>: {_values(chapter, record, own)}</li>"
            for record, own in rows.groupby("record_id", sort=False)
        )
        count = rows["record_id"].nunique()
        where = f"sentence {passage.number}"
        parts += [
            f'<div class="sentence" id="{passage.passage}">',
            f'<p><a class="number" href="#{passage.passage}">{passage.number}</a> {marked}</p>',
            f'<details class="records"><summary>{count} record{"s" * (count != 1)} of {where}</summary>',
            f"<ul>{listed}</ul></details>",
        ]
        if links := resting.get(passage.passage):
            summary = f"{_count(links)} on {where}"
            items = "".join(link for _, link in links)
            parts.append(f'<details class="records"><summary>{summary}</summary><ul>{items}</ul></details>')
        parts.append("</div>")
    return render(body="\n".join(parts), **context)


def _collect(headlines: list[dict[str, Any]], shown: Sequence[Shown]) -> dict[str, list[tuple[str, str]]]:
    """What rests on each sentence, as its kind and a link to it: headlines, then tables and charts, page by page."""
    resting: dict[str, list[tuple[str, str]]] = {}
    for headline in headlines:
        for passage in headline["passages"]:
            link = f'<li><a href="{escape(headline["anchor"])}">{escape(headline["text"])}</a></li>'
            resting.setdefault(passage, []).append(("headline", link))
    for href, short, exhibits in shown:
        for exhibit in exhibits:
            link = f'<li><a href="{escape(href)}#{exhibit.name}">{escape(exhibit.caption)}</a> ({escape(short)})</li>'
            for passage in exhibit.passages:
                resting.setdefault(passage, []).append((exhibit.kind, link))
    return resting


def _count(links: list[tuple[str, str]]) -> str:
    """How many of each kind rest on a sentence, with the verb."""
    kinds = [kind for kind, _ in links]
    counts = [(kinds.count(kind), kind) for kind in ("headline", "table", "chart") if kind in kinds]
    told = join([f"{number} {kind}{'s' * (number != 1)}" for number, kind in counts])
    return f"{told} {'rests' if len(links) == 1 else 'rest'}"


def _values(chapter: Chapter, record: str, rows: Any) -> str:
    """What rests on which words: each quote once, with the values coded from it."""
    coded, shown = chapter.rows[record], []
    for quote, own in rows.groupby("quote", sort=False):
        values = [
            ("the record" if row.column == "*" else f"{row.column} = {coded[row.column]}")
            + (f" ({row.basis}: {row.note})" if row.note else "")
            for row in own.itertuples()
        ]
        shown.append(f"“{escape(quote)}”: {escape(', '.join(values))}")
    return "; ".join(shown)
