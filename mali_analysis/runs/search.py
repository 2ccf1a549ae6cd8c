"""The search page: every sentence, headline and record of a report as a list of links, searched where there is script.

The list is the index: without script a reader scans it, with script the words typed pick from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any

from mali_analysis.chapter import Chapter
from mali_analysis.coding.schema import read_schema
from mali_analysis.runs.place import CHAPTER

_SCRIPT = Path(__file__).with_name("templates") / "search.js"
_FORM = """<form role="search" hidden><label for="words">Search the chapter, the headlines and the records</label>
<input id="words" type="search" autocomplete="off" spellcheck="false"><p role="status" id="told"></p></form>
<ol id="results" hidden></ol>"""
Entry = tuple[str, str, str]
"""What it says, where it leads, and what it is."""


def render_search(
    chapter: Chapter,
    headlines: list[dict[str, Any]],
    render: Callable[..., str],
    shorts: dict[str, str],
    **context: Any,
) -> str:
    """The search page of a report; ``headlines`` as in ``headlines.json``, ``shorts`` the short name of each job."""
    groups = {
        "Sentences of the chapter": list(_list_sentences(chapter)),
        "Headlines": [(h["text"], h["anchor"], f"Headline, {shorts[h['job']]}") for h in headlines],
        "Records": list(_list_records(chapter)),
    }
    listed = "".join(_list(title, entries) for title, entries in groups.items() if entries)
    body = f'<h1>Search</h1>{_FORM}<div id="index">{listed}</div>'
    return render(body=body, script=_SCRIPT.read_text(encoding="utf-8"), **context)


def _list_sentences(chapter: Chapter) -> Iterator[Entry]:
    for passage in chapter.passages.query("kind == 'sentence'").itertuples():
        yield passage.text, f"{CHAPTER}#{passage.passage}", f"Sentence {passage.number}"


def _list_records(chapter: Chapter) -> Iterator[Entry]:
    """Records that have a name and words of the chapter that they rest on; each leads to the first of these."""
    evidence = chapter.evidence.sort_values("start", kind="stable").drop_duplicates("record_id")
    passages = dict(zip(evidence["record_id"], chapter.passages_of(evidence["start"]), strict=True))
    titles = {name: table.title for name, table in read_schema(chapter.root).items()}
    seen = set()
    for record, table in chapter.records.items():
        label = chapter.label(str(record))
        entry = (label[:1].upper() + label[1:], f"{CHAPTER}#{passages.get(record)}", titles[table])
        if record in passages and entry not in seen:
            seen.add(entry)
            yield entry


def _list(title: str, entries: list[Entry]) -> str:
    items = "".join(
        f'<li><a href="{escape(href)}">{escape(text)}</a> <small>{escape(kind)}</small></li>'
        for text, href, kind in entries
    )
    return f"<section><h2>{escape(title)}</h2><ul>{items}</ul></section>"
