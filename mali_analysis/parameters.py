"""What a notebook may be given about a chapter, checked before it runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from mali_analysis.coding.package import list_chapters
from mali_analysis.coding.schema import read_codes
from mali_analysis.errors import MaliError, show

if TYPE_CHECKING:
    from mali_analysis.chapter import Chapter

Choice = Callable[["Chapter"], list[str]]


def _codes(table: str, column: str) -> Choice:
    return lambda chapter: list(read_codes(table, column, chapter.root))


def _parties(subjects: str, role: str = "") -> Choice:
    def parties(chapter: Chapter) -> list[str]:
        rows = chapter.involvements[chapter.involvements["subject_id"].isin(chapter.tables[subjects]["record_id"])]
        return sorted(rows.loc[rows["role"] == role if role else rows.index, "actor_id"].unique())

    return parties


def _partners(chapter: Chapter) -> list[str]:
    return sorted(chapter.status_spells["partner_id"].unique())


def _having_part(chapter: Chapter) -> list[str]:
    parts = [chapter.involvements["actor_id"], chapter.status_spells["partner_id"], chapter.affiliations["member_id"],
             chapter.affiliations["whole_id"]]  # fmt: skip
    return sorted({str(i) for part in parts for i in part})


STATEMENTS = ["incidents", "phases", "trends", "findings", "status_spells", "judgments", "milestones", "affiliations",
              "quantities", "links"]  # fmt: skip
"""Tables whose records state something, each by itself."""

CHOICES: dict[str, Choice] = {
    "actors": _parties("phases"),
    "places": lambda chapter: list(chapter.places["record_id"]),
    "event_types": _codes("incidents", "event_type"),
    "areas": _codes("findings", "area"),
    "groups": _codes("findings", "group"),
    "agencies": _parties("findings", "responsible"),
    "partners": _partners,
    "kinds": lambda chapter: [name for name in STATEMENTS if len(chapter.tables[name])],
    "parties": _having_part,
    "levels": _codes("findings", "level"),
    "statuses": _codes("status_spells", "status"),
    "verdicts": _codes("claims", "verdict"),
    "sections": lambda chapter: [s for s in chapter.passages["section"].unique() if s],
}
DAY_NAMES = {"start", "end", "as_of"}


class ParameterError(MaliError):
    """Parameters that a notebook cannot be given; one line per fault."""


def find_faults(chapter: Chapter, values: Mapping[str, Any]) -> list[str]:
    """What is wrong with parameter values for a chapter, a line each: name, bad value, what is allowed."""
    faults = []
    given_days = sorted(DAY_NAMES & set(values), key=["start", "end", "as_of"].index)
    days = {name: values[name] for name in given_days if values[name] is not None}
    year = chapter.closes.year
    for name, value in days.items():
        try:
            plain = isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value)
            good = bool(plain) and date.fromisoformat(value).year == year
        except ValueError:
            good = False
        if not good:
            faults.append(
                f"parameter {name}: value {show(value)}: allowed: an ISO day from {year}-01-01 to {year}-12-31"
            )
    if not faults and days.get("start", "") > days.get("end", "9999"):
        faults.append(f"parameter end: value {days['end']!r}: allowed: a day no earlier than start, {days['start']}")
    for name, choice in CHOICES.items():
        if name not in values:
            continue
        allowed = choice(chapter)
        given = values[name]
        if not isinstance(given, list):
            faults.append(f"parameter {name}: value {given!r}: allowed: a list of {', '.join(allowed)}")
            continue
        for item in [item for item in given if item not in allowed]:
            faults.append(f"parameter {name}: value {show(item)}: allowed: {', '.join(allowed)}")
    return faults


def refuse_unknown(chapter: Chapter, **ids: Any) -> None:
    """Nothing, if the chapter has a record of each id; raises ParameterError, which names near ones, for any other."""
    from difflib import get_close_matches

    faults = []
    for name, values in ids.items():
        for value in [value for value in values if value not in chapter.rows]:
            known = sorted(chapter.rows)
            near = [i for i in known if str(value).lower() in i] or get_close_matches(str(value), known, 3, 0.4)
            allowed = f"{', '.join(near[:3])} …" if near else "an id of the chapter"
            faults.append(f"parameter {name}: value {show(value)}: allowed: {allowed}")
    if faults:
        raise ParameterError("\n".join(faults))


def check_parameters(chapter: Chapter, **values: Any) -> None:
    """Nothing, if a notebook may be given these values; raises ParameterError naming each that it may not."""
    if faults := find_faults(chapter, values):
        raise ParameterError("\n".join(faults))


def allowed_values(name: str, type_: str, chapter: Chapter) -> str:
    """What a parameter may be, in words; ``type_`` is as declared."""
    if name in DAY_NAMES:
        return f"ISO day from {chapter.opens} to {chapter.closes}; none: the chapter’s own first or last"
    if name == "chapter_id":
        return ", ".join(list_chapters(chapter.root))
    if name in CHOICES:
        return ", ".join(CHOICES[name](chapter))
    return f"any {type_}"
