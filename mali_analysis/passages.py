"""A chapter's text as passages: sections, paragraphs, bullets and sentences, each with its span."""

from __future__ import annotations

import re
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
"""The headings that every chapter of the Country Reports uses, without a year, and our code for each."""

# A heading runs into its text: a year at most, the title, a colon and a wide gap.
_HEADING = re.compile(rf"(?:\d{{4}} )?({'|'.join(map(re.escape, SECTIONS))}):[\u00a0 ]+")

# The State Department sets a no-break space and a space between sentences; "U.S. aid" has one space only.
_SENTENCE_GAP = re.compile(r"(?<=[.?!:])[\u00a0 ]{2,}")

_BULLET = re.compile(r"\s*•\s*")

_FURNITURE = "On This Page"


def split_chapter(text: str) -> pd.DataFrame:
    """Passages of a chapter, one row per heading, sentence or line of web-site furniture, in reading order.

    Columns: ``passage`` (such as ``incidents.b1.s2``), ``kind`` (heading, sentence, furniture), ``section``,
    ``block`` (p1, b1 …, counted within the section), ``start`` and ``end`` (code points in ``text``), ``text``, and
    ``number`` (sentences are counted from 1 through the whole chapter; 0 for whatever is none).
    Nothing but white space and bullet signs lies between two passages.

    Raises ValueError where the text does not begin with a section heading.
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
        if heading := _HEADING.match(line):
            section, counts = SECTIONS[heading[1]], {"p": 0, "b": 0}
            rows.append((f"{section}.h", "heading", section, "h", start, start + heading.end(1) + 1))
            start += heading.end()
        if not section:
            raise ValueError(f"the chapter begins with {line.strip()[:40]!r}; allowed: a heading of {list(SECTIONS)}")
        letter = "p"
        if bullet := _BULLET.match(line):
            letter, start = "b", start + bullet.end()
        counts[letter] += 1
        block = f"{letter}{counts[letter]}"
        for number, (first, last) in enumerate(_sentence_spans(text, start, end), 1):
            rows.append((f"{section}.{block}.s{number}", "sentence", section, block, first, last))
    passages = pd.DataFrame(rows, columns=["passage", "kind", "section", "block", "start", "end"])
    passages["text"] = [text[first:last] for first, last in zip(passages["start"], passages["end"], strict=True)]
    sentences = passages["kind"] == "sentence"
    passages["number"] = sentences.cumsum().where(sentences, 0)
    return passages.set_index("passage", drop=False).rename_axis(None)


def _sentence_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    gaps = [match.span() for match in _SENTENCE_GAP.finditer(text, start, end)]
    starts = [start, *(gap_end for _, gap_end in gaps)]
    ends = [*(gap_start for gap_start, _ in gaps), end]
    return list(zip(starts, ends, strict=True))


def passages_at(passages: pd.DataFrame, starts: Sequence[int]) -> list[str]:
    """Id of the passage in which each start lies; ``passages`` as from ``split_chapter``."""
    order = passages["start"].searchsorted(list(starts), side="right") - 1
    return list(passages["passage"].iloc[order])
