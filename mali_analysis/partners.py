"""How each arrangement with a partner stood on a day, and what the chapter leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from mali_analysis import charts, dates
from mali_analysis.chapter import Chapter
from mali_analysis.headlines import Headline, count, headline, join, number_word

NOT_STATED = "not stated"


def summarize_status(chapter: Chapter, as_of: str, partners: Sequence[str] = ()) -> pd.DataFrame:
    """Status of each arrangement on a day, one row per partner and arrangement, in the chapter's order.

    ``answer`` is a status, or ``not stated`` where the spells leave the day open; ``basis`` how the chapter vouches for
    it; ``why`` says in words what is known; ``spells`` the record ids. A new status counts from its first day on.
    """
    day, vouching = date.fromisoformat(as_of), chapter.codes("status_spells", "spell_basis")
    rows = []
    for (partner_id, arrangement), spells in _arrangements(chapter, partners):
        certain, possible = _holding(spells, day)
        if certain:
            answer, basis = certain[-1]["status"], certain[-1]["spell_basis"]
            why = vouching[basis].word
            used = certain[-1:]
        else:
            answer, basis, why, used = NOT_STATED, NOT_STATED, _leave_open(possible), possible or spells
        rows.append(
            {
                "partner_id": partner_id,
                "partner": chapter.names([partner_id])[0],
                "arrangement": arrangement,
                "answer": answer,
                "basis": basis,
                "why": why,
                "spells": [spell["record_id"] for spell in used],
            }
        )
    columns = ["partner_id", "partner", "arrangement", "answer", "basis", "why", "spells"]
    return pd.DataFrame(rows, columns=columns)


def trace_year(chapter: Chapter, partners: Sequence[str] = ()) -> pd.DataFrame:
    """The year as stretches of one answer, one row per partner, arrangement and stretch.

    ``first`` and ``last`` are days, both included; ``answer`` and ``basis`` as in ``summarize_status``; ``later`` names
    the statuses that may have held in a stretch that is ``not stated``.
    """
    opens = date(chapter.closes.year, 1, 1)
    days = [opens + timedelta(n) for n in range((chapter.closes - opens).days + 1)]
    rows: list[dict[str, Any]] = []
    for (partner_id, arrangement), spells in _arrangements(chapter, partners):
        partner = chapter.names([partner_id])[0]
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


def _arrangements(chapter: Chapter, partners: Sequence[str]) -> list[tuple[tuple[str, str], list[Any]]]:
    table = chapter.status_spells
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


def _leave_open(possible: list[Any]) -> str:
    if len(possible) > 1:
        return f"the chapter does not date the change from {' to '.join(spell['status'] for spell in possible)}"
    if possible:
        return f"{possible[0]['status']} at some time before; the chapter does not say whether that had ended"
    return "the chapter says nothing of this day"


def say_status(chapter: Chapter, status: pd.DataFrame, as_of: str) -> Headline:
    """How many arrangements are known to stand on a day, and how many the chapter leaves open."""
    day = date.fromisoformat(as_of)
    open_ = status[status["answer"] == NOT_STATED]
    presupposed = status[status["basis"] == "presupposed"]
    on = dates.in_words(day, day)
    if status.empty:
        return headline(chapter, "the chapter names no arrangement with these partners.", [], 0, "arrangements")
    told, everything = number_word(len(status) - len(open_)), count(len(status), "arrangement")
    text = f"on {on} the chapter lets us tell how {told} of {everything} stood"
    text += f" ({number_word(len(presupposed))} only presupposed)" if len(presupposed) else ""
    left = [f"{row.partner} ({row.arrangement.replace('_', ' ')})" for row in open_.itertuples()]
    text += f"; it leaves open {join(left)}." if left else "."
    return headline(chapter, text, [i for ids in status["spells"] for i in ids], len(open_), "arrangements left open")


def say_partner(chapter: Chapter, as_of: str, partner_id: str) -> Headline:
    """How the arrangements with one partner stood on a day, in a sentence."""
    status = summarize_status(chapter, as_of, [partner_id])
    on = dates.in_words(date.fromisoformat(as_of), date.fromisoformat(as_of))
    parts = [f"{row.arrangement.replace('_', ' ')} {row.answer} ({row.why})" for row in status.itertuples()]
    name = chapter.names([partner_id])[0]
    answers = ", ".join(dict.fromkeys(status["answer"]))
    return headline(
        chapter, f"{name} on {on}: {join(parts)}.", [i for ids in status["spells"] for i in ids], answers, "status"
    )


def say_coup(chapter: Chapter) -> Headline:
    """What the chapter says the coup brought about, and what went on in spite of it."""
    tied = chapter.links[chapter.links["from_id"].isin(["mil-coup", "mil-overthrow"])]
    spells = chapter.status_spells.set_index("record_id")
    partners = {
        relation: list(
            dict.fromkeys(chapter.names(spells.loc[[i for i in rows["to_id"] if i in spells.index], "partner_id"]))
        )
        for relation, rows in tied.groupby("relation", observed=True)
    }
    changed, lasted = partners.get("causes", []), partners.get("despite", [])
    text = (
        f"as a result of the coup the chapter reports changes with {count(len(changed), 'partner')} ({join(changed)}); "
        f"in spite of it, the partnerships with {join(lasted)} continued."
    )
    ids = tied[tied["to_id"].isin(spells.index)]
    return headline(chapter, text, [*ids["record_id"], *ids["to_id"]], len(changed), "partners")


def plot_status(chapter: Chapter, stretches: pd.DataFrame, as_of: str, events: dict[str, date]) -> Axes:
    """Arrangements over the year: solid where stated, lighter where presupposed, hatched where it is left open.

    ``stretches`` as from ``trace_year``; ``events`` are marked by a line each, ``as_of`` by another.
    """
    if stretches.empty:
        return charts.say_empty("The chapter names no arrangement with these partners.")
    keys = list(dict.fromkeys(zip(stretches["partner"], stretches["arrangement"].astype(str), strict=True)))
    axes = charts.new_axes(8.4, 0.4 * len(keys) + 1.5)
    tones = {name: charts.TONES[code.tone] for name, code in chapter.codes("status_spells", "status").items()}
    used: dict[str, Patch] = {}
    for row in stretches.itertuples():
        y = keys.index((row.partner, row.arrangement))
        unknown = row.answer == NOT_STATED
        faint = row.basis != "stated" and not unknown
        name = NOT_STATED if unknown else f"{row.answer}, {row.basis.replace('_', ' ')}"
        look: dict[str, Any] = {
            "facecolor": tones.get(row.answer, charts.PAPER),
            "edgecolor": tones.get(row.answer, charts.FAINT),
            "hatch": "////" if unknown else "",
            "alpha": 0.4 if faint else 1.0,
        }
        axes.barh(y, row.last - row.first + pd.Timedelta(days=1), left=row.first, height=0.62, **look)
        used[name] = Patch(label=name, **look)
        if unknown and (row.last - row.first).days > 20:
            axes.text(row.first + (row.last - row.first) / 2, y, f"{row.later}?", ha="center", va="center", fontsize=8,
                      bbox={"facecolor": charts.PAPER, "edgecolor": "none", "pad": 1})  # fmt: skip
    for number, (name, day) in enumerate(events.items()):
        axes.vlines(pd.Timestamp(day), -0.6, len(keys) - 0.4, color=charts.INK, lw=1.2)
        axes.text(pd.Timestamp(day), -0.7, f" {name} ", ha="left" if number else "right", va="bottom", fontsize=9)
    axes.vlines(pd.Timestamp(as_of), -0.6, len(keys) - 0.4, color=charts.BLUE, lw=1.4, ls=(0, (3, 2)))
    late = pd.Timestamp(as_of) > pd.Timestamp(stretches["first"].min()) + pd.Timedelta(days=300)
    axes.text(
        pd.Timestamp(as_of),
        len(keys) - 0.35,
        f"as of {as_of} ",
        ha="right" if late else "left",
        va="top",
        fontsize=9,
        color=charts.BLUE,
    )
    axes.set_yticks(range(len(keys)), [f"{partner}: {arrangement.replace('_', ' ')}" for partner, arrangement in keys])
    axes.set_ylim(len(keys) + 0.1, -0.8)
    axes.set_xlim(stretches["first"].min(), stretches["last"].max() + pd.Timedelta(days=1))
    axes.xaxis.set_major_locator(mdates.MonthLocator())
    axes.xaxis.set_major_formatter(mdates.DateFormatter("%b"))
    axes.tick_params(length=0)
    axes.legend(
        handles=list(used.values()), loc="upper center", bbox_to_anchor=(0.3, -0.07), ncols=3, frameon=False, fontsize=9
    )
    told = [
        f"{row.partner}, {row.arrangement.replace('_', ' ')}: {row.answer} ({row.later or row.basis}) "
        f"{charts.day_words(row.first)} to {charts.day_words(row.last)}"
        for row in stretches.itertuples()
    ]
    return charts.describe(axes, "Status of each arrangement over the year. " + "; ".join(told) + ".")
