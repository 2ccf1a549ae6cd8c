"""The pages that lead to all others: of one report, and of the reports of several chapters."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any

from mali_analysis.headlines import TOLD, Headline
from mali_analysis.runs.abbreviations import spell_out
from mali_analysis.runs.chapter_page import link_sentences
from mali_analysis.runs.exhibits import enclose
from mali_analysis.runs.pages import Page
from mali_analysis.runs.place import INDEX, link_of, short_name
from mali_analysis.runs.statements import show_headlines


def render_index(
    listed: list[Page], headlines: list[dict[str, Any]], changes: list[tuple[str, str, str]] | None,
    render: Callable[..., str], names: Mapping[str, str] | None = None, failed: Mapping[str, str] | None = None,
    since: str | None = None, started: datetime | None = None, **context: Any,
) -> str:  # fmt: skip
    """The run at a glance: each page with its first headline, and what changed since the last run (None: no such run).

    ``changes`` as from ``report.compare_headlines``; ``failed`` tells by a page's address what went wrong there;
    ``since`` is when the run before began.
    """
    first: dict[str, dict[str, Any]] = {}
    for headline in headlines:
        first.setdefault(link_of(headline["job"]), headline)
    lead = (
        "What the chapter says, and how it compares with other reports. Numbers in brackets lead to its sentences, "
        "names to the reports."
    )
    parts = [f"<h1>{escape(context['title'])}</h1><p>{lead}</p>"]
    for page in listed:
        parts.append(f'<h2><a href="{escape(page.href)}">{escape(page.title)}</a></h2>')
        if error := (failed or {}).get(page.href):
            parts.append(f"<p><strong>failed:</strong> {escape(error)}</p>")
        if top := first.get(page.href):
            said = Headline(**{name: top[name] for name in TOLD})
            parts.append(show_headlines(said.to_html(), [top]))
    if changes is not None:
        parts.append(f"<h2>{_tell_since(since)}</h2>")
        parts.append(
            "<p>No headline changed.</p>"
            if not changes
            else _list_changes([(short_name(job), was, now) for job, was, now in changes])
        )
    parts.append(_tell_made(started))
    return render(body=spell_out(link_sentences("\n".join(parts)), names or {}), **context)


def render_overview(
    listed: list[tuple[str, str, str]], changes: list[dict[str, str]], render: Callable[..., str],
    since: str | None = None, started: datetime | None = None, **context: Any,
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
        parts += [f"<h2>{_tell_since(since)}</h2>", _list_changes(_rows(changes))]
    parts.append(_tell_made(started))
    return render(body="\n".join(parts), **context)


def render_history(manifests: list[dict[str, Any]], render: Callable[..., str], **context: Any) -> str:
    """What changed from report to report, the newest first; ``manifests`` as in ``run.json``."""
    parts = [f"<h1>{escape(context['title'])}</h1>"]
    for manifest in manifests:
        changes = manifest.get("changes", [])
        parts.append(f"<h2>{tell_time(datetime.fromisoformat(manifest['started']))}</h2>")
        parts.append(_list_changes(_rows(changes)) if changes else "<p>No headline changed.</p>")
    parts.append(
        "<p>The reports themselves lie in the folder beside this one whose name ends in <code>.kept</code>.</p>"
    )
    parts.append(f'<p><a href="{INDEX}">To the report</a></p>')
    return render(body="\n".join(parts), **context)


def _rows(changes: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    told = [": ".join(filter(None, [c.get("chapter_id", ""), short_name(c["job"])])) for c in changes]
    return [(name, c["before"], c["now"]) for name, c in zip(told, changes, strict=True)]


def _tell_since(since: str | None) -> str:
    return f"Since the report of {tell_time(datetime.fromisoformat(since))}" if since else "Since the previous report"


def _tell_made(started: datetime | None) -> str:
    if not started:
        return ""
    return f'<p class="made">Made {tell_time(started)}, last checked {tell_time(datetime.now(UTC), "checked")}.</p>'


def tell_time(when: datetime, kind: str = "") -> str:
    """A moment in words, by the clock of Greenwich."""
    moment = when.astimezone(UTC)
    words = f"{moment.day} {moment:%B %Y, %H:%M} UTC"
    named = f' class="{kind}"' if kind else ""
    return f'<time{named} datetime="{moment:%Y-%m-%dT%H:%MZ}">{words}</time>'


def put_check(html: str, when: datetime) -> str:
    """An index page with the time of the last check."""
    return re.sub(r'<time class="checked".*?</time>', tell_time(when, "checked"), html)


def _list_changes(changes: list[tuple[str, str, str]]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(job)}</th><td>{escape(before) or "–"}</td><td>{escape(now) or "–"}</td></tr>'
        for job, before, now in changes
    )
    head = '<tr><th scope="col">page</th><th scope="col">before</th><th scope="col">now</th></tr>'
    table = f"<table><caption>Headlines that changed</caption><thead>{head}</thead><tbody>{rows}</tbody></table>"
    return enclose(table)
