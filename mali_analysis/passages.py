"""A chapter's text as passages: sections, paragraphs, bullets and sentences, each with its span."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

SECTIONS = {
    "Overview": "overview",
    "Terrorist Incidents": "incidents",
    "Legislation, Law Enforcement, and Border Security": "law_border",
    "Countering the Financing of Terrorism": "financing",
    "Countering Violent Extremism": "prevention",
    "International and Regional Cooperation": "cooperation",
}
"""Codes for the headings that chapters of the Country Reports usually have; any other heading gives its own code."""

_WIDE = r"[\u00a0\u2002-\u200a ]{2,}"
# A heading opens its line: a year at most, words with capitals, a colon, and then a wide gap or nothing.
_HEADING = re.compile(rf"(?:[0-9]{{4}} )?(?P<title>[A-Z][^.?!:;•]{{2,80}}):(?P<gap>{_WIDE}|\s*$)")
_SMALL = {"a", "an", "and", "for", "in", "of", "on", "or", "the", "to", "with"}
# The State Department sets a wide gap between sentences; "U.S. aid" has one space only.
_SENTENCE_GAP = re.compile(rf"[.?!:][\"”’)\]]*(?P<gap>{_WIDE})")
_BULLET = re.compile(r"\s*[•▪◦‣]\s*")
_FURNITURE = "On This Page"


@dataclass(frozen=True, order=True)
class Reference:
    """Leads to a sentence of the chapter: its number, its passage, its text and the spans within that are meant."""

    number: int
    passage: str
    text: str = field(default="", compare=False, repr=False)
    spans: tuple[tuple[int, int], ...] = field(default=(), compare=False, repr=False)

    def __str__(self) -> str:
        return str(self.number)


def split_chapter(text: str) -> pd.DataFrame:
    """Passages of a chapter, one row per heading, sentence or line of web-site furniture, in reading order.

    Columns: ``passage`` (such as ``incidents.b1.s2``), ``kind`` (heading, sentence, furniture), ``section``,
    ``block`` (p1, b1 …, counted within the section), ``start`` and ``end`` (code points in ``text``), ``text``, and
    ``number`` (sentences are counted from 1 through the whole chapter; 0 for whatever is none).
    Nothing but white space and bullet signs lies between two passages.

    A section may be missing, and a heading may have nothing under it. Raises ValueError where the text does not begin
    with a heading, and for a heading that comes twice.
    """
    import pandas as pd

    rows: list[tuple[str, str, str, str, int, int]] = []
    section, counts, furniture, position = "", {"p": 0, "b": 0}, 0, 0
    for line in text.splitlines(keepends=True):
        start, position = position, position + len(line)
        if not line.strip():
            continue
        end = start + len(line.rstrip())
        if furniture or line.strip() == _FURNITURE:
            furniture += 1
            rows.append((f"furniture.{furniture}", "furniture", "", "", start, end))
            continue
        if (heading := _HEADING.match(line)) and _is_title(heading["title"]):
            section, counts = code_of(heading["title"]), {"p": 0, "b": 0}
            if any(row[2] == section for row in rows):
                raise ValueError(f"the heading {heading['title']!r} twice; allowed: each section once")
            rows.append((f"{section}.h", "heading", section, "h", start, start + heading.end("title") + 1))
            start += heading.end()
            if start >= end:
                continue
        if not section:
            raise ValueError(f"the chapter begins with {line.strip()[:40]!r}; allowed: a heading such as 'Overview:'")
        letter = "p"
        if bullet := _BULLET.match(line):
            letter, start = "b", start + bullet.end()
            if start >= end:
                continue
        counts[letter] += 1
        block = f"{letter}{counts[letter]}"
        for number, (first, last) in enumerate(_sentence_spans(text, start, end), 1):
            rows.append((f"{section}.{block}.s{number}", "sentence", section, block, first, last))
    passages = pd.DataFrame(rows, columns=["passage", "kind", "section", "block", "start", "end"])
    passages["text"] = [text[first:last] for first, last in zip(passages["start"], passages["end"], strict=True)]
    sentences = passages["kind"] == "sentence"
    passages["number"] = sentences.cumsum().where(sentences, 0)
    return passages.set_index("passage", drop=False).rename_axis(None)


def code_of(title: str) -> str:
    """The code of a section: ours for a usual heading, else its words."""
    return SECTIONS.get(title) or "_".join(re.findall(r"[a-z0-9]+", title.lower()))


def _is_title(words: str) -> bool:
    return all(word[0].isupper() or word in _SMALL for word in re.findall(r"[^\W\d_]+", words))


def _sentence_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    gaps = [match.span("gap") for match in _SENTENCE_GAP.finditer(text, start, end)]
    starts = [start, *(gap_end for _, gap_end in gaps)]
    ends = [*(gap_start for gap_start, _ in gaps), end]
    return list(zip(starts, ends, strict=True))


def passages_at(passages: pd.DataFrame, starts: Sequence[int]) -> list[str]:
    """Id of the passage in which each start lies; ``passages`` as from ``split_chapter``."""
    order = passages["start"].searchsorted(list(starts), side="right") - 1
    return list(passages["passage"].iloc[order])


def mark(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text as HTML, with the union of the spans marked."""
    within = {place for span in spans for place in range(*span)}
    parts = []
    for marked, places in groupby(range(len(text)), within.__contains__):
        words = escape("".join(text[place] for place in places))
        parts.append(f"<mark>{words}</mark>" if marked else words)
    return "".join(parts)
