"""How each arrangement with a partner stood on a day, and what the chapter leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from mali_analysis import dates
from mali_analysis.report import Report

NOT_STATED = "not stated"


def summarise_status(report: Report, as_of: str, partners: Sequence[str] = ()) -> pd.DataFrame:
    """Status of each arrangement on a day, one row per partner and arrangement, in the chapter's order.

    ``answer`` is a status, or ``not stated`` where the spells leave the day open; ``basis`` how the chapter vouches for
    it; ``why`` says in words what is known; ``spells`` the record ids. A new status counts from its first day on.
    """
    day = date.fromisoformat(as_of)
    rows = []
    for (partner_id, arrangement), spells in _arrangements(report, partners):
        certain, possible = _holding(spells, day)
        if certain:
            answer, basis, why = certain[-1]["status"], certain[-1]["spell_basis"], _vouch(certain[-1])
            used = certain[-1:]
        else:
            answer, basis, why, used = NOT_STATED, NOT_STATED, _leave_open(possible), possible or spells
        rows.append(
            {
                "partner_id": partner_id,
                "partner": report.names([partner_id])[0],
                "arrangement": arrangement,
                "answer": answer,
                "basis": basis,
                "why": why,
                "spells": [spell["record_id"] for spell in used],
            }
        )
    columns = ["partner_id", "partner", "arrangement", "answer", "basis", "why", "spells"]
    return pd.DataFrame(rows, columns=columns)


def trace_year(report: Report, partners: Sequence[str] = ()) -> pd.DataFrame:
    """The year as stretches of one answer, one row per partner, arrangement and stretch.

    ``first`` and ``last`` are days, both included; ``answer`` and ``basis`` as in ``summarise_status``; ``later`` names
    the statuses that may have held in a stretch that is ``not stated``.
    """
    opens = date(report.closes.year, 1, 1)
    days = [opens + timedelta(n) for n in range((report.closes - opens).days + 1)]
    rows: list[dict[str, Any]] = []
    for (partner_id, arrangement), spells in _arrangements(report, partners):
        partner = report.names([partner_id])[0]
        for day in days:
            certain, possible = _holding(spells, day)
            answer = (certain[-1]["status"], certain[-1]["spell_basis"]) if certain else (NOT_STATED, NOT_STATED)
            later = "" if certain else " or ".join(dict.fromkeys(spell["status"] for spell in possible))
            key = (partner_id, arrangement, *answer, later)
            if rows and rows[-1]["_key"] == key:
                rows[-1]["last"] = pd.Timestamp(day)
                continue
            stamp = pd.Timestamp(day)
            rows.append(
                {"_key": key, "partner_id": partner_id, "partner": partner, "arrangement": arrangement}
                | {"answer": answer[0], "basis": answer[1], "later": later, "first": stamp, "last": stamp}
            )
    columns = ["partner_id", "partner", "arrangement", "answer", "basis", "later", "first", "last"]
    return pd.DataFrame(rows, columns=columns)


def _arrangements(report: Report, partners: Sequence[str]) -> list[tuple[tuple[str, str], list[Any]]]:
    table = report.status_spells
    if partners:
        table = table[table["partner_id"].isin(partners)]
    groups: dict[tuple[str, str], list[Any]] = {}
    for spell in table.to_dict("records"):
        groups.setdefault((spell["partner_id"], spell["arrangement"]), []).append(spell)
    return list(groups.items())


def _holding(spells: list[Any], day: date) -> tuple[list[Any], list[Any]]:
    """The spells that certainly, and those that only possibly, hold on a day."""
    certain, possible = [], []
    stamp = pd.Timestamp(day)
    for spell in spells:
        begun = spell["start_latest"] <= stamp
        may_have_begun = not spell["start_earliest"] > stamp
        still_open = spell["end_edtf"] == dates.OPEN
        ended = spell["end_latest"] <= stamp
        may_have_ended = not still_open and spell["end_earliest"] <= stamp
        if begun and not may_have_ended:
            certain.append(spell)
        elif may_have_begun and not ended:
            possible.append(spell)
    return certain, possible


def _vouch(spell: Any) -> str:
    return {
        "stated": "the chapter says so",
        "presupposed": "presupposed, not stated",
        "carried_forward": "said of an earlier moment and not ended",
    }[spell["spell_basis"]]


def _leave_open(possible: list[Any]) -> str:
    if len(possible) > 1:
        return f"the chapter does not date the change from {' to '.join(spell['status'] for spell in possible)}"
    if possible:
        return f"{possible[0]['status']} at some time before; the chapter does not say whether that had ended"
    return "the chapter says nothing of this day"
