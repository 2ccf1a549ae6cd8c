"""How outputs look in Jupyter itself: cells aligned, and behind each reference its sentence; pages take both off."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from mali_analysis.passages import mark

if TYPE_CHECKING:
    from mali_analysis.passages import Reference

_WORDS = '<details class="mali-words">'
_CELL = re.compile(r"<(td|th)( scope=\"\w+\")?>(.*?)</\1>", re.S)
_ALIGNED = re.compile(r' style="text-align:[^"]*"')
_REFERENCE = re.compile(r'<span data-passage="([^"]*)">.*?</span>')
_LED = re.compile(r'<a href="#w[^"]*">(<span data-passage="[^"]*">.*?</span>)</a>')
NUMBER = re.compile(r"[-−–+]?\d[\d,]*(\.\d+)?\s?%?")
"""What counts as a number in a cell."""


def dress(html: str, references: Sequence[Reference]) -> str:
    """An output with the sentences that it refers to below it, to be opened; each reference leads there."""
    if not references:
        return html
    name = f"w{hashlib.sha256(html.encode()).hexdigest()[:8]}"
    spans: dict[str, set[tuple[int, int]]] = {}
    for reference in references:
        spans.setdefault(reference.passage, set()).update(reference.spans)
    told = sorted({reference.passage: reference for reference in references}.values())
    numbers = ", ".join(str(reference) for reference in told)
    lines = "".join(
        f'<p id="{name}-{escape(one.passage)}"><b>{one}</b> {mark(one.text, sorted(spans[one.passage]))}</p>'
        for one in told
    )
    summary = f"The words: sentence{'s' * (len(told) > 1)} {numbers}"
    led = _REFERENCE.sub(lambda found: f'<a href="#{name}-{found[1]}">{found[0]}</a>', html)
    return f"{led}{_WORDS}<summary>{summary}</summary>{lines}</details>"


def fold(summary: str, html: str) -> str:
    """Something folded away below an output, in Jupyter only."""
    return f"{_WORDS}<summary>{escape(summary)}</summary>{html}</details>"


def align(table: str) -> str:
    """A table with its text to the left and its numbers to the right, which Jupyter would else have the other way."""
    _, *lines = [_CELL.findall(row) for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.S)] or [[]]
    columns = zip(*([re.sub(r"<[^>]+>", "", cell[2]).strip() for cell in line] for line in lines), strict=True)
    sides = ["right" if all(map(NUMBER.fullmatch, filter(None, texts))) and any(texts) else "left" for texts in columns]

    def style(row: re.Match[str]) -> str:
        told = iter(sides)
        return _CELL.sub(lambda cell: _style(cell, next(told, "left")), row[0])

    whole = re.sub(r"<tr[^>]*>.*?</tr>", style, table, flags=re.S)
    return whole.replace("<caption>", '<caption style="text-align:left;font-weight:bold">')


def _style(cell: re.Match[str], side: str) -> str:
    plain = ";font-weight:normal" if cell[1] == "th" and cell[2] == ' scope="row"' else ""
    return f'<{cell[1]}{cell[2] or ""} style="text-align:{side}{plain}">{cell[3]}</{cell[1]}>'


def undress(output: dict[str, Any]) -> dict[str, Any]:
    """An output without what only Jupyter needs; without any data where that is all of it."""
    html = output.get("data", {}).get("text/html", "")
    if _WORDS not in html and not _ALIGNED.search(html):
        return output
    bare = _LED.sub(r"\1", _ALIGNED.sub("", html.partition(_WORDS)[0]))
    return output | {"data": output["data"] | {"text/html": bare} if bare else {}}
