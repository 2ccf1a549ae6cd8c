"""How outputs look in Jupyter itself: cells aligned, and behind each reference its sentence; pages take both off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from mali_analysis.passages import mark

if TYPE_CHECKING:
    from mali_analysis.passages import Reference

_WORDS = '<details class="mali-words">'
_SUMMARY = '<summary data-lm-suppress-shortcuts="true">'  # so that Enter opens it and is no command of JupyterLab's
_CELL = re.compile(r"<(td|th)( scope=\"\w+\")?>(.*?)</\1>", re.S)
_ALIGNED = re.compile(r' style="text-align:[^"]*"')
_REFERENCE = re.compile(r'<span data-passage="([^"]*)">.*?</span>')
_OPENED = re.compile(r'<details class="mali-cell"><summary[^>]*>(.*?)</summary>.*?</details>', re.S)
NUMBER = re.compile(r"[-−–+]?\d[\d,]*(\.\d+)?\s?%?")
"""What counts as a number in a cell."""


def dress(html: str, references: Sequence[Reference]) -> str:
    """An output with the sentences that it refers to below it, the words marked, to be opened."""
    spans: dict[str, set[tuple[int, int]]] = {}
    for reference in references:
        spans.setdefault(reference.passage, set()).update(reference.spans)
    told = sorted({reference.passage: reference for reference in references}.values())
    if not told:
        return html
    numbers = ", ".join(str(reference) for reference in told)
    lines = "".join(f"<p><b>{one}</b> {mark(one.text, sorted(spans[one.passage]))}</p>" for one in told)
    return f"{html}{_WORDS}{_SUMMARY}The words: sentence{'s' * (len(told) > 1)} {numbers}</summary>{lines}</details>"


def open_cells(table: str, references: Sequence[Reference]) -> str:
    """A table in which the number of a sentence opens to it, the words of that row marked; ``references`` in order."""
    told = list(references)

    def opened(found: re.Match[str]) -> str:
        if not told or told[0].passage != found[1]:
            return found[0]
        one = told.pop(0)
        return f'<details class="mali-cell">{_SUMMARY}{found[0]}</summary>{mark(one.text, sorted(one.spans))}</details>'

    return _REFERENCE.sub(opened, table)


def fold(summary: str, html: str) -> str:
    """Something folded away below an output, in Jupyter only."""
    return f"{_WORDS}{_SUMMARY}{escape(summary)}</summary>{html}</details>"


def align(table: str) -> str:
    """A table with its text to the left and its numbers to the right, which Jupyter would else have the other way."""
    _, *lines = [_CELL.findall(row) for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.S)] or [[]]
    sides = ["right" if _is_numeric([cell[2] for cell in column]) else "left" for column in zip(*lines, strict=True)]

    def style(row: re.Match[str]) -> str:
        told = iter(sides)
        return _CELL.sub(lambda cell: _style(cell, next(told, "left")), row[0])

    whole = re.sub(r"<tr[^>]*>.*?</tr>", style, table, flags=re.S)
    return whole.replace("<caption>", '<caption style="text-align:left;font-weight:bold">')


def _is_numeric(cells: Sequence[str]) -> bool:
    """Whether a column holds numbers alone; that of a sentence is a name and opens to text."""
    texts = [text.strip() for text in cells if text.strip()]
    return bool(texts) and all(map(NUMBER.fullmatch, texts))


def _style(cell: re.Match[str], side: str) -> str:
    plain = ";font-weight:normal" if cell[1] == "th" and cell[2] == ' scope="row"' else ""
    return f'<{cell[1]}{cell[2] or ""} style="text-align:{side};vertical-align:top{plain}">{cell[3]}</{cell[1]}>'


def undress(output: dict[str, Any]) -> dict[str, Any]:
    """An output without what only Jupyter needs; without any data where that is all of it."""
    html = output.get("data", {}).get("text/html", "")
    if _WORDS not in html and not _ALIGNED.search(html):
        return output
    bare = _OPENED.sub(r"\1", _ALIGNED.sub("", html.partition(_WORDS)[0]))
    return output | {"data": output["data"] | {"text/html": bare} if bare else {}}
