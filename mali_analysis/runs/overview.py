"""The pages that lead to all others: of one report, and of the reports of several chapters."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import fields
from html import escape
from typing import Any

from mali_analysis.headlines import Headline
from mali_analysis.runs.abbreviations import spell_out
from mali_analysis.runs.chapter_page import link_sentences
from mali_analysis.runs.exhibits import enclose
from mali_analysis.runs.pages import Page
from mali_analysis.runs.place import INDEX, page_of
from mali_analysis.runs.statements import show_headlines


def render_index(
    listed: list[Page], headlines: list[dict[str, Any]], changes: list[tuple[str, str, str]] | None,
    render: Callable[..., str], names: Mapping[str, str] | None = None, **context: Any,
) -> str:  # fmt: skip
    """The run at a glance: each page with its first headline, and what changed since the last run (None: no such run).

    ``changes`` as from ``report.compare_headlines``.
    """
    first: dict[str, dict[str, Any]] = {}
    for headline in headlines:
        first.setdefault(page_of(headline["job"]), headline)
    lead = (
        "What the chapter says, and how it compares with other reports. Numbers in brackets lead to its sentences, "
        "names to the reports."
    )
    parts = [f"<h1>{escape(context['title'])}</h1><p>{lead}</p>"]
    for page in listed:
        parts.append(f'<h2><a href="{escape(page.href)}">{escape(page.title)}</a></h2>')
        if top := first.get(page.href):
            said = Headline(**{field.name: top[field.name] for field in fields(Headline)})
            parts.append(show_headlines(said.to_html(), [top]))
    if changes is not None:
        parts.append("<h2>Since the previous run</h2>")
        parts.append("<p>No headline changed.</p>" if not changes else _list_changes(changes))
    return render(body=spell_out(link_sentences("\n".join(parts)), names or {}), **context)


def render_overview(
    listed: list[tuple[str, str, str]], changes: list[dict[str, str]], render: Callable[..., str], **context: Any
) -> str:  # fmt: skip
    """The reports of several chapters: each with its source, a link, and what failed in it where anything did.

    ``listed`` holds chapter id, source and error; ``changes`` what changed in any of them since the last run.
    """
    parts = [f"<h1>{escape(context['title'])}</h1><p>One report for each chapter.</p><ul>"]
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
    return enclose(table)
