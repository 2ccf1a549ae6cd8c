"""A computed sentence, with the words it rests on and the outside sources it draws on; and the parts of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from html import escape
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from mali_analysis.chapter import Chapter
from mali_analysis.disclosure import dress
from mali_analysis.passages import Reference

HEADLINE_MIME = "application/vnd.mali-analysis.headline+json"

SHOWN = 3
"""Origins named behind a sentence; ``headlines.json`` holds all."""

MILE = 1.609344
"""Kilometers in an international mile."""
_NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


@dataclass(frozen=True)
class Headline:
    """A computed sentence with its headline value and the records and words it rests on."""

    text: str
    value: int | float | str | None
    unit: str | None
    record_ids: list[str]
    spans: list[list[int]]
    passages: list[str]
    numbers: list[int]
    """Numbers of the passages among the chapter's sentences."""
    sources: list[str] = field(default_factory=list)
    """Addresses of the outside reports that it draws on; empty where it rests on the chapter alone."""
    origins: list[str] = field(default_factory=list)
    """Whose reports these are, one for each address."""
    question: str = ""
    """What its value answers, as the heads of tables have it: no two values on the pages answer one question."""
    subject: str = ""
    """The record, or the choice of records, that the question is about."""
    day: str = ""
    """The day that it is answered for; empty where it has none."""
    references: list[Reference] = field(default_factory=list, repr=False, compare=False)
    """Its sentences with the words marked, for Jupyter."""

    def __str__(self) -> str:
        told = [self._list_sentences(lambda passage, number: number), ", ".join(self._list_origins())]
        return f"{self.text} [{'; '.join(filter(None, told))}]" if any(told) else self.text

    def to_dict(self) -> dict[str, Any]:
        """As it stands in ``headlines.json``."""
        return {name: getattr(self, name) for name in TOLD}

    def to_html(self, tag: str = "p") -> str:
        """The sentence and its references, in an element of class ``headline``."""
        origins = list(self._list_origins().items())
        sites = [f'<a href="{escape(url)}">{escape(name)}</a>' for name, url in origins[:SHOWN]]
        sites += [count(len(origins) - SHOWN, "more origin")] if len(origins) > SHOWN else []
        told = "; ".join(filter(None, [self._list_sentences(refer), ", ".join(sites)]))
        refs = f' <small class="refs">[{told}]</small>' if told else ""
        return f'<{tag} class="headline">{escape(self.text)}{refs}</{tag}>'

    def _list_origins(self) -> dict[str, str]:
        """The first address of each origin, by its name in short."""
        found: dict[str, str] = {}
        for url, origin in zip(self.sources, self.origins or self.sources, strict=True):
            host = urlsplit(origin).netloc.removeprefix("www.")
            found.setdefault(host or origin.partition(",")[0], url)
        return found

    def _list_sentences(self, name: Callable[[str, str], str]) -> str:
        """The sentences by number, a row of three or more as its ends; ``name`` writes one passage and number."""
        told: list[str] = []
        pairs = sorted(zip(self.numbers, self.passages, strict=True))
        for _, row in groupby(enumerate(pairs), key=lambda item: item[1][0] - item[0]):
            names = [name(passage, str(number)) for _, (number, passage) in row]
            told += names if len(names) < 3 else [f"{names[0]}–{names[-1]}"]
        return f"sentence{'s' * (len(pairs) > 1)} {', '.join(told)}" if told else ""

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        html = dress(self.to_html(), self.references)
        return {"text/plain": str(self), "text/html": html, HEADLINE_MIME: self.to_dict()}


TOLD = [each.name for each in fields(Headline) if each.name != "references"]
"""What ``headlines.json`` has of a headline."""


@dataclass(frozen=True)
class Box:
    """Sentences that belong together, set apart under a title."""

    title: str
    headlines: list[Headline]

    def __str__(self) -> str:
        return "\n".join([self.title, *(f"- {headline}" for headline in self.headlines)])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        inside = "".join(headline.to_html("li") for headline in self.headlines)
        html = f'<section class="box"><h3>{escape(self.title)}</h3><ul>{inside}</ul></section>'
        return {
            "text/plain": str(self),
            "text/html": dress(html, [reference for said in self.headlines for reference in said.references]),
            HEADLINE_MIME: [headline.to_dict() for headline in self.headlines],
        }


def box(title: str, *headlines: Headline) -> Box:
    """Sentences set apart under a title."""
    return Box(title, list(headlines))


def refer(passage: str, text: str) -> str:
    """A reference to a passage; pages turn it into a link to the chapter, and elsewhere it is plain text."""
    return f'<span data-passage="{escape(passage)}">{escape(text)}</span>'


def headline(
    chapter: Chapter, text: str, record_ids: Sequence[str], value: Any = None, unit: str | None = None,
    passages: Sequence[str] = (), question: str = "", subject: str = "", day: str = "",
) -> Headline:  # fmt: skip
    """A sentence about records, with the spans and passages of the words that they rest on.

    Records from elsewhere bring the addresses of their sources instead; ``passages`` adds whole sentences.
    ``question``, ``subject`` and ``day`` say what the value answers; the text gets its capital and its stop.
    """
    ids = list(dict.fromkeys(record_ids))
    whole = chapter.passages.loc[list(passages)]
    pairs = zip(whole["start"], whole["end"], strict=True)
    spans = sorted([*chapter.spans_of(ids), *([int(start), int(end)] for start, end in pairs)])
    found = list(dict.fromkeys(chapter.passages_of([start for start, _ in spans])))
    numbers = [int(number) for number in chapter.passages.loc[found, "number"]]
    sources = chapter.sources_of(ids)
    return Headline(finish(text), value, unit, ids, spans, found, numbers, list(sources), list(sources.values()),
                    question, subject, day, [chapter.refer(passage, spans) for passage in found])  # fmt: skip


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number and its noun, agreeing: ``count(1, "incident")`` is ``one incident``."""
    return f"{number_word(number)} {noun if number == 1 else plural or noun + 's'}"


def number_word(number: int) -> str:
    """A number as a word up to twelve, as digits beyond."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else f"{number:,}"


def join(parts: Sequence[str]) -> str:
    """``a, b and c``; ``a and b, and c`` where a part has an *and*, ``a, with b; and c`` where it has a comma."""
    parts = list(parts)
    if len(parts) < 2:
        return "".join(parts)
    if any("," in part for part in parts):
        return f"{'; '.join(parts[:-1])}; and {parts[-1]}"
    comma = "," if any(" and " in part for part in parts) else ""
    return f"{', '.join(parts[:-1])}{comma} and {parts[-1]}"


def fold(parts: Sequence[str]) -> list[str]:
    """The parts with what neighbors share said once.

    >>> fold(["attacks grew in size here", "attacks grew in number here", "attacks grew old"])
    ['attacks grew in size and number here', 'attacks grew old']
    """
    told: list[list[str]] = []
    heads: list[int] = []
    for words in (part.split(" ") for part in dict.fromkeys(parts)):
        if told and (joined := _fold(told[-1], words, heads[-1])):
            told[-1], heads[-1] = joined
        else:
            told.append(words)
            heads.append(0)
    return [" ".join(words) for words in told]


def _fold(first: list[str], second: list[str], shared: int) -> tuple[list[str], int] | None:
    """Two neighbors as one, and how many words they begin with alike (``shared``: as many as those before them)."""
    head = _alike(first, second)
    tail = _alike(first[head:][::-1], second[head:][::-1])
    one, two = first[head : len(first) - tail], second[head : len(second) - tail]
    modifies = head <= 1 and tail >= 3 and len(one) == len(two) == 1
    if shared and head != shared or not one or not two or not (head >= 3 or head == 2 and tail or modifies):
        return None
    if shared and "and" in one:
        return None
    return [*first[:head], *one, "and", *two, *first[len(first) - tail :]], head


def _alike(first: Sequence[str], second: Sequence[str]) -> int:
    """How many members two sequences begin with alike."""
    return next(
        (n for n, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )


def shared_words(first: str, second: str) -> int:
    """How many words two texts begin with alike."""
    return _alike(first.split(), second.split())


def be(number: int) -> str:
    return "is" if number == 1 else "are"


def finish(text: str) -> str:
    """A sentence with its capital and one full stop."""
    return capital(text.strip()) + ("" if text.strip().endswith((".", "?", "!", ".”", "?”", "!”")) else ".")


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def inside(title: str) -> str:
    """A title within a sentence: its first letter small, unless the first word is a name in capitals."""
    first = title.split(" ", 1)[0]
    return title if first[1:] != first[1:].lower() else title[:1].lower() + title[1:]


def short(name: str) -> str:
    """A party's short name: the abbreviation that stands in brackets, else what stands before them."""
    before, _, bracket = name.partition(" (")
    abbreviation = bracket.removesuffix(")")
    return abbreviation if re.fullmatch(r"[A-Z]+[A-Z-][A-Za-z-]*", abbreviation) else before


BODIES = re.compile(
    r"(Agency|Bank|Branch|Community|Council|Forces?|Front|Fund|Gendarmerie|Government|Group|Ministry|Mission|Nations"
    r"|Organization|Partnership|Police|States|Union|Unit)$"
)
"""Last words of names that take an article within a sentence."""


def the(name: str) -> str:
    """A party's name as it stands within a sentence: ``the African Union``, ``ECOWAS``."""
    return f"the {name}" if BODIES.search(name.partition(" (")[0].partition(" of ")[0]) and name[0].isupper() else name


def length(least: int | None, most: int | None) -> str:
    """A number of days by its bounds: ``52 days or more``, ``174 to 199 days``, ``within one day``."""
    if most is None:
        return f"{count_days(least or 0)} or more"
    if most == 0:
        return "within one day"
    if least == most or not least:
        return count_days(most) if least else f"up to {count_days(most)}"
    return f"{least} {'or' if most - least == 1 else 'to'} {most} days"


def count_days(number: int) -> str:
    return f"{number} day{'s' * (number != 1)}"


def quantity(chapter: Chapter, record_id: str) -> tuple[str, int, str]:
    """A number of the chapter in its own hedge (``more than 200``), the bare number, and its unit."""
    row = chapter.quantities.set_index("record_id").loc[record_id]
    number = row["best"] if pd.notna(row["best"]) else row["low"] - (row["qualifier"] == "more_than")
    hedge = chapter.codes("quantities", "qualifier")[row["qualifier"]].word
    said = hedge if row["qualifier"] in ("hundreds", "several") else f"{hedge} {number:,}".strip()
    return said, int(number), str(row["unit"])
