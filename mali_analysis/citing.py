"""How to cite a page, the chapter behind it and the words of a record: as the Chicago manual has it, and for BibTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from mali_analysis.chapter import Chapter
from mali_analysis.coding.package import Facts
from mali_analysis.headlines import join

OURS = ["The mali_analysis authors"]
"""Those who wrote our own pages; a notebook names its own."""
_TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "{": r"\textbraceleft{}",  # BibTeX counts braces, those behind a backslash too
    "}": r"\textbraceright{}",
    **{sign: "\\" + sign for sign in "&%$#_"},
}


@dataclass(frozen=True)
class Citing:
    """How to cite a page: both entries in words (the chapter's up to its address), and both for BibTeX."""

    page: str
    chapter: str
    url: str
    bibtex: str


def cite_page(title: str, facts: Facts, version: str, day: datetime, authors: Sequence[str] = ()) -> Citing:
    """How to cite a page of a report that was made on a day by a version of ours; ``authors`` wrote the page."""
    names = f"{_stop(join(authors))} " if authors else ""
    whole = "" if title == facts.site else f"“{_stop(title)}” "
    dated = f"{_words(facts.published)}. " if facts.published else ""
    author, volume = (f"{facts.author}. " if facts.author else ""), f"In {facts.volume}. " if facts.series else ""
    return Citing(
        f"{names}{whole}{facts.site}, mali_analysis {version}. {_words(day.date().isoformat())}.",
        f"{author}“{_title(facts)}.” {volume}{dated}Accessed {_words(facts.accessed)}.",
        facts.url,
        "\n\n".join([_page_entry(title, facts, version, day, authors), _chapter_entry(facts)]),
    )


def cite_record(chapter: Chapter, record_id: str, form: str) -> str:
    """How to cite the words that a record rests on: ``text`` shows them, ``chicago`` and ``bibtex`` cite them.

    Raises RecordError for an unknown id.
    """
    found, facts = chapter.cite(record_id), chapter.facts
    if form == "text":
        return str(found)
    numbers = chapter.passages.loc[found.words["passage"].unique(), "number"]
    where = f"sentence{'s' * (len(numbers) > 1)} {join(sorted(map(str, numbers), key=int))}"
    quoted = list(dict.fromkeys(found.words.sort_values("start")["quote"]))
    longest = [quote for quote in quoted if not any(quote != other and quote in other for other in quoted)]
    quotes = "; ".join(f"“{quote}”" for quote in longest)
    if form == "bibtex":
        return _chapter_entry(facts, f"-{_slug(record_id)}", f"{where}: {quotes}")
    author, volume = (f"{facts.author}, " if facts.author else ""), f"in {facts.volume}, " if facts.series else ""
    dated = f"{_words(facts.published)}, " if facts.published else ""
    return (
        f"{author}“{_title(facts)},” {volume}{dated}{where}: {quotes}, accessed {_words(facts.accessed)}, {facts.url}."
    )


def _title(facts: Facts) -> str:
    return facts.country if facts.series else facts.title


def _stop(title: str) -> str:
    return title if title.endswith((".", "?", "!")) else f"{title}."


def _words(day: str) -> str:
    found = date.fromisoformat(day)
    return f"{found:%B} {found.day}, {found.year}"


def _page_entry(title: str, facts: Facts, version: str, day: datetime, authors: Sequence[str]) -> str:
    names = " and ".join(f"{{{_escape(name)}}}" for name in authors)  # in braces, for a group or a name with an "and"
    fields = {"author": names, "title": f"{{{_escape(title)}}}", "year": f"{day:%Y}"}
    fields |= {"month": f"{day:%m}".lstrip("0"), "howpublished": _escape(facts.site) if facts.site != title else ""}
    fields["note"] = f"mali\\_analysis {_escape(version)}, run of {day:%Y-%m-%d}"
    return _entry("misc", f"mali-analysis-{_key(facts)}-{_slug(title)}", fields)


def _chapter_entry(facts: Facts, more: str = "", note: str = "") -> str:
    fields = {
        "author": f"{{{_escape(facts.author)}}}" if facts.author else "",
        "title": f"{{{_escape(_title(facts))}}}",
    }
    fields |= {
        "booktitle": _escape(facts.volume) if facts.series else "",
        "year": facts.published[:4] or str(facts.year),
    }
    address = re.sub(r"[\\{}\s]", lambda sign: quote(sign[0]), facts.url)  # else it could end the field
    fields |= {"url": address, "urldate": facts.accessed, "note": _escape(note)}
    return _entry("incollection" if facts.series else "misc", f"{_key(facts)}{more}", fields)


def _entry(kind: str, key: str, fields: dict[str, Any]) -> str:
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])


def _key(facts: Facts) -> str:
    return f"{_slug(facts.country)}-{facts.year}"


def _slug(text: str) -> str:
    return "-".join(re.findall(r"\w+", text.lower())[:5])


def _escape(text: str) -> str:
    return "".join(_TEX.get(sign, sign) for sign in text)
