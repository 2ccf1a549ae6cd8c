"""How to cite a page and the chapter behind it: in words as the Chicago manual has them, and for BibTeX."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mali_analysis.coding.package import Facts

AUTHORS = "The mali_analysis authors"
AGENCY = "U.S. Department of State, Bureau of Counterterrorism"
SERIES = "Country Reports on Terrorism"
_TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: "\\" + sign for sign in "&%$#_{}"},
}


@dataclass(frozen=True)
class Citing:
    """How to cite a page: both entries in words (the chapter's up to its address), and both for BibTeX."""

    page: str
    chapter: str
    url: str
    bibtex: str


def site_of(facts: Facts) -> str:
    """What a chapter's report is called."""
    return f"{facts.country} in {SERIES} {facts.year}"


def cite_page(title: str, facts: Facts, version: str, day: datetime) -> Citing:
    """How to cite a page of a report that was made on a day by a version of ours."""
    site, volume = site_of(facts), f"{SERIES} {facts.year}"
    whole = "" if title == site else f"“{_stop(title)}” "
    dated = f"{_words(facts.published)}. " if facts.published else ""
    return Citing(
        f"{AUTHORS}. {whole}{site}, mali_analysis {version}. {_words(day.date().isoformat())}.",
        f"{AGENCY}. “{facts.country}.” In {volume}. {dated}Accessed {_words(facts.accessed)}.",
        facts.url,
        "\n\n".join([_page_entry(title, site, facts, version, day), _chapter_entry(facts, volume)]),
    )


def _stop(title: str) -> str:
    return title if title.endswith((".", "?", "!")) else f"{title}."


def _words(day: str) -> str:
    found = date.fromisoformat(day)
    return f"{found:%B} {found.day}, {found.year}"


def _page_entry(title: str, site: str, facts: Facts, version: str, day: datetime) -> str:
    fields = {"author": f"{{{_escape(AUTHORS)}}}", "title": f"{{{_escape(title)}}}", "year": f"{day:%Y}"}
    fields |= {"month": f"{day:%m}".lstrip("0"), "howpublished": _escape(site) if site != title else ""}
    fields["note"] = f"mali\\_analysis {_escape(version)}, run of {day:%Y-%m-%d}"
    return _entry("misc", f"mali-analysis-{_key(facts)}-{_slug(title)}", fields)


def _chapter_entry(facts: Facts, volume: str) -> str:
    fields = {"author": f"{{{_escape(AGENCY)}}}", "title": f"{{{_escape(facts.country)}}}", "booktitle": volume}
    fields |= {"year": facts.published[:4] or str(facts.year), "url": facts.url, "urldate": facts.accessed}
    return _entry("incollection", f"state-{_key(facts)}", fields)


def _entry(kind: str, key: str, fields: dict[str, Any]) -> str:
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])


def _key(facts: Facts) -> str:
    return f"{_slug(facts.country)}-{facts.year}"


def _slug(text: str) -> str:
    return "-".join(re.findall(r"\w+", text.lower())[:5])


def _escape(text: str) -> str:
    return "".join(_TEX.get(sign, sign) for sign in text)
