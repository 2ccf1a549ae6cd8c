"""How each arrangement with a partner stood on a day and through the year, and what others report of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from mali_analysis import charts, dates, others, tables
from mali_analysis.chapter import Chapter
from mali_analysis.headlines import Headline, count, fold, headline, inside, join, number_word, short, the
from mali_analysis.parameters import refuse_unknown

NOT_STATED = "not stated"
CURBS = ["restricted", "suspended", "limited", "ended"]
"""Statuses under which less goes on than before."""
AID = ["foreign_assistance", "security_assistance", "fund"]
WITHIN = ["operation_of", "forces_of", "branch_of", "part_of"]
"""Ties that make one partner a part of another."""


def order_partners(chapter: Chapter) -> list[tuple[str, str]]:
    """Partners in the chapter's order, each followed by its parts: id, and the id of the whole or empty."""
    ids = list(dict.fromkeys(chapter.status_spells["partner_id"]))
    ties = chapter.affiliations[chapter.affiliations["relation"].isin(WITHIN)]
    parents = {row.member_id: row.whole_id for row in ties.itertuples() if row.member_id in ids and row.whole_id in ids}
    listed: list[tuple[str, str]] = []
    for partner in [i for i in ids if i not in parents]:
        listed += [(partner, ""), *((child, partner) for child, parent in parents.items() if parent == partner)]
    return listed + [(i, parents[i]) for i in ids if i not in {partner for partner, _ in listed}]


def name_partner(chapter: Chapter, partner_id: str, parent_id: str = "") -> str:
    """A partner's name, with that of the partner it is a part of."""
    name = chapter.names([partner_id])[0]
    return f"{name} ({chapter.names([parent_id])[0]})" if parent_id else name


def _arrangements(chapter: Chapter, partners: Sequence[str]) -> list[tuple[str, str, str, list[Any]]]:
    """Partner, parent, arrangement and spells of each arrangement, in the order of rows; spells in that of time."""
    table = chapter.status_spells
    found = []
    for partner, parent in order_partners(chapter):
        if partners and partner not in partners:
            continue
        own = table[table["partner_id"] == partner]
        for arrangement, spells in own.groupby("arrangement", sort=False, observed=True):
            spells = spells.sort_values(["start_latest", "start_earliest"], kind="stable", na_position="first")
            found.append((partner, parent, str(arrangement), [chapter.rows[i] for i in spells["record_id"]]))
    return found


def summarize_status(chapter: Chapter, as_of: str, partners: Sequence[str] = ()) -> pd.DataFrame:
    """Status of each arrangement on a day, one row per partner and arrangement, parts below their whole.

    ``status`` is a status, or ``not stated`` where the spells leave the day open; ``basis`` how the chapter vouches for
    it; ``what is known`` and ``others report`` say it in words; ``spells`` the record ids; ``record_id`` names the
    arrangement. A new status counts from its first day on. Raises ParameterError for an id that the chapter has
    not.

    >>> import mali_analysis as mali
    >>> chapter = mali.load_chapter()
    >>> status = summarize_status(chapter, str(chapter.closes))
    >>> set(status["partner_id"]) == set(chapter.status_spells["partner_id"])
    True
    """
    refuse_unknown(chapter, partners=partners)
    day, vouching = date.fromisoformat(as_of), chapter.codes("status_spells", "spell_basis")
    words = chapter.codes("status_spells", "arrangement")
    advice = others.advise(chapter, others.compare_claims(chapter))
    rows = []
    for partner_id, parent_id, arrangement, spells in _arrangements(chapter, partners):
        certain, possible = _holding(spells, day)
        used = certain[-1:] or possible or spells
        basis = certain[-1]["spell_basis"] if certain else NOT_STATED
        told = _first_about(advice, [spell["record_id"] for spell in spells])
        rows.append(
            {
                "record_id": f"{partner_id} {arrangement}",
                "partner_id": partner_id,
                "partner": name_partner(chapter, partner_id, parent_id),
                "arrangement": words[arrangement].word,
                "status": certain[-1]["status"] if certain else NOT_STATED,
                "basis": basis,
                "what is known": vouching[basis].word if certain else _leave_open(possible),
                "scope": next((spell["scope"] for spell in used if pd.notna(spell["scope"])), None),
                "clause": join(fold([spell["clause"] for spell in used[-1:]])),
                "others report": " ".join(filter(None, told["rider"])) or None,
                "claim_ids": [i for ids in told["claim_ids"] for i in ids],
                "spells": [spell["record_id"] for spell in used],
            }
        )
    columns = ["record_id", "partner_id", "partner", "arrangement", "status", "basis", "what is known", "scope",
               "clause", "others report", "claim_ids", "spells"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    linked = [dict.fromkeys(one for part in tables.sentences(chapter, ids) for one in part) for ids in table["spells"]]
    return table.assign(sentence=[list(found) for found in linked])


def _first_about(advice: pd.DataFrame, spell_ids: Sequence[str]) -> pd.DataFrame:
    """The questions that are about these spells before any other."""
    first = [ids[0] in set(spell_ids) for ids in advice["subject_ids"]]
    return advice.loc[pd.Series(first, index=advice.index, dtype=bool)]


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
        return "from which day the chapter does not say"
    if possible and possible[0]["end_edtf_status"] == "presupposed":
        return "since when and until when the chapter does not say"
    return "whether it still was the chapter does not say" if possible else "the chapter says nothing of this day"


def select_restrictions(chapter: Chapter, as_of: str) -> pd.DataFrame:
    """Spells of aid that is curbed on a day without doubt, one row per spell."""
    table = chapter.status_spells
    aid = table[table["arrangement"].isin(AID) & table["status"].isin(CURBS)]
    sure = [bool(_holding([spell], date.fromisoformat(as_of))[0]) for spell in aid.to_dict("records")]
    return aid[pd.Series(sure, index=aid.index, dtype=bool)].reset_index(drop=True)


def turning_day(chapter: Chapter) -> tuple[str, date] | None:
    """The event that splits the year, as id and day; None where the chapter names none."""
    found = chapter.milestones[
        chapter.milestones["role"].eq("splits_year") & chapter.milestones["start_earliest"].notna()
    ]
    return None if found.empty else (found["record_id"].iloc[0], found["start_earliest"].iloc[0].date())


def tell_day(as_of: str) -> str:
    """A day in words, with its year."""
    day = date.fromisoformat(as_of)
    return dates.in_words(day, day)


def say_status(chapter: Chapter, status: pd.DataFrame, as_of: str) -> Headline:
    """What was curbed on a day, what the chapter leaves open, and what went on."""
    if status.empty:
        text = "the chapter names no arrangement with these partners"
        return headline(chapter, text, [], 0, "arrangements left open")
    left = status[status["status"] == NOT_STATED]
    going = status[~status["status"].isin([*CURBS, NOT_STATED])]
    parts = _tell_curbs(status)
    if len(going):
        names = join([the(short(name)) for name in dict.fromkeys(going["partner"])])
        what = "arrangement" if len(going) == 1 else "arrangements"
        parts.append(f"the {what} with {names} {'was' if len(going) == 1 else 'were'} in force")
    text = f"as of {tell_day(as_of)}, as we read the chapter, {'; '.join(parts)}" if parts else ""
    if len(left):
        names = join([the(short(name)) for name in dict.fromkeys(left["partner"])])
        known = left.groupby("what is known", sort=False)
        told = "; ".join(f"{join(fold(own['clause']))}, but {what}" for what, own in known)
        lead = (
            f"{'It' if text else f'for {tell_day(as_of)}, the chapter'} leaves open how it stood with {names}: {told}"
        )
        text = f"{text}. {lead}" if text else lead
    return headline(chapter, text, [i for ids in status["spells"] for i in ids], len(left), "arrangements left open",
                    question="arrangements left open", subject=",".join(status["record_id"]), day=as_of)  # fmt: skip


def _tell_curbs(status: pd.DataFrame) -> list[str]:
    """What was curbed on the day without doubt."""
    curbed = status[status["status"].isin(CURBS)]
    return [join(fold(curbed["clause"]))] if len(curbed) else []


def say_partners(chapter: Chapter, status: pd.DataFrame, as_of: str) -> list[Headline]:
    """A sentence for each partner: what the chapter says of the day, what its words leave open, what others report."""
    return [_say_partner(chapter, own, as_of) for _, own in status.groupby("partner_id", sort=False)]


def _say_partner(chapter: Chapter, own: pd.DataFrame, as_of: str) -> Headline:
    parts = []
    for known, rows in own.groupby("what is known", sort=False):
        said = "; ".join(fold(rows["clause"]))
        parts.append(said if set(rows["basis"]) == {"stated"} else f"{said} ({known})")
    reported = " ".join(dict.fromkeys(own["others report"].dropna()))
    text = f"{own['partner'].iloc[0]}: {'; '.join(parts)}" + (f". Beyond the chapter: {reported}" if reported else "")
    ids = [i for column in ("spells", "claim_ids") for ids in own[column] for i in ids]
    answers = ", ".join(dict.fromkeys(own["status"])) if own["status"].nunique() > 1 else own["status"].iloc[0]
    subject = own["record_id"].iloc[0] if len(own) == 1 else own["partner_id"].iloc[0]
    return headline(chapter, text, ids, answers, None, question="status", subject=subject, day=as_of)


def say_turn(chapter: Chapter) -> Headline:
    """What the event that splits the year stopped or curbed by the chapter, and what went on in spite of it."""
    turn = turning_day(chapter)
    if turn is None:
        text = "the chapter names no event that divides its year"
        return headline(chapter, text, [], 0, "arrangements changed by the event")
    same_day = chapter.milestones["start_earliest"] == pd.Timestamp(turn[1])
    events = chapter.milestones.loc[
        same_day & (chapter.milestones["end_earliest"] == pd.Timestamp(turn[1])), "record_id"
    ]
    spells = chapter.status_spells.set_index("record_id")
    tied = chapter.links[chapter.links["from_id"].isin(events) & chapter.links["to_id"].isin(spells.index)]
    changed, lasted = (tied[tied["relation"] == relation] for relation in ("causes", "despite"))
    name = inside(chapter.names([turn[0]], "milestones")[0])
    year = chapter.closes.year
    parts = []
    if len(changed):
        parts.append(f"as a result of the {name} {dates.when(turn[1], turn[1], year)}, "
                     f"{join(fold(spells.loc[changed['to_id'], 'clause']))}")  # fmt: skip
    if len(lasted):
        spite = inside(chapter.names([lasted["from_id"].iloc[0]], "milestones")[0])
        parts.append(f"in spite of the {spite}, {join(fold(spells.loc[lasted['to_id'], 'clause']))}")
    text = ". ".join(part[0].upper() + part[1:] for part in parts) or f"the chapter ties no arrangement to the {name}"
    return headline(chapter, text, [turn[0], *tied["record_id"], *tied["to_id"]], len(changed),
                    "arrangements changed by the event", question="arrangements changed by the event",
                    subject=turn[0])  # fmt: skip


def say_silences(chapter: Chapter, silences: pd.DataFrame) -> Headline:
    """What the chapter does not mention; ``silences`` are rows of the chapter's table of that name."""
    subjects = list(dict.fromkeys(silences["subject"]))
    if not subjects:
        return headline(chapter, "no report on what the chapter leaves out is on file", [], 0, "matters not mentioned")
    named = f"{', '.join(subjects[:-1])} or {subjects[-1]}" if len(subjects) > 1 else subjects[0]
    text = f"the chapter does not mention, among other things, {named}"
    return headline(chapter, text, list(silences["record_id"]), len(subjects), "matters not mentioned")


def select_silences(chapter: Chapter, what: Sequence[str] = ()) -> pd.DataFrame:
    """Reports on what the chapter does not mention, of the given kinds (empty: all), one row each, with ``source``."""
    table = chapter.silences
    chosen = table[table["what"].isin(what)] if what else table
    links = [tables.Address(*pair) for pair in zip(chosen["origin"], chosen["source_url"], strict=True)]
    when = [_span(chapter, edtf) for edtf in chosen["period_edtf"]]
    return chosen.assign(source=links, when=when).reset_index(drop=True)


def _span(chapter: Chapter, edtf: str) -> str:
    """A period in words."""
    return dates.in_words(*dates.bounds(edtf), chapter.closes.year) if edtf else "no date"


def compare_days(chapter: Chapter, partners: Sequence[str] = ()) -> pd.DataFrame:
    """Days that others give for how an arrangement began or ended, one row per report.

    Columns: ``record_id`` (of the report), ``partner_id``, ``arrangement``, ``which`` (begins or ends), ``day``
    (timestamp), ``says``, ``origin``, ``source``.
    """
    spells = chapter.status_spells.set_index("record_id")
    claims = chapter.claims[
        chapter.claims["subject_id"].isin(spells.index) & (chapter.claims["when_edtf"].fillna("") != "")
    ]
    rows = []
    stances = {name: code.more["stance"] for name, code in chapter.codes("claims", "verdict").items()}
    for row in claims[claims["verdict"].astype(str).map(stances) == "supports"].itertuples():
        day, _ = dates.bounds(row.when_edtf)
        spell = spells.loc[row.subject_id]
        if (
            row.subject_column not in ("start_edtf", "end_edtf")
            or day is None
            or partners
            and spell["partner_id"] not in partners
        ):
            continue
        rows.append(
            {
                "record_id": row.record_id,
                "partner_id": spell["partner_id"],
                "arrangement": str(spell["arrangement"]),
                "which": "begins" if row.subject_column == "start_edtf" else "ends",
                "status": spell["status"],
                "day": pd.Timestamp(day),
                "says": row.says,
                "source": tables.Address(row.origin, row.source_url),
            }
        )
    columns = ["record_id", "partner_id", "arrangement", "which", "status", "day", "says", "source"]
    return pd.DataFrame(rows, columns=columns)


def plot_status(chapter: Chapter, status: pd.DataFrame, as_of: str) -> Axes:
    """Arrangements through the year: solid where the chapter's words leave no doubt, pale where presupposed, hatched
    where it may have been so; days that others give as diamonds.

    ``status`` as from ``summarize_status``, whose rows are drawn.
    """
    if status.empty:
        return charts.say_empty("The chapter names no arrangement with these partners.")
    opens, closes = pd.Timestamp(chapter.opens), pd.Timestamp(chapter.closes)
    end = closes + pd.Timedelta(days=9)
    keys = {record: y for y, record in enumerate(status["record_id"])}
    axes = charts.new_axes(8.4, 0.36 * len(keys) + 2.0)
    used: dict[str, Patch] = {}
    rows = []
    for partner_id, parent_id, arrangement, spells in _arrangements(chapter, []):
        y = keys.get(f"{partner_id} {arrangement}")
        if y is None:
            continue
        for spell in spells:
            _draw_spell(axes, chapter, spell, y, (opens, end), used)
            rows.append(_row_of(chapter, spell, name_partner(chapter, partner_id, parent_id)))
    _mark_days(axes, chapter, keys, (opens, end), rows)
    _mark_lines(axes, chapter, as_of, len(keys))
    labels = [f"{row.partner}: {row.arrangement}" for row in status.itertuples()]
    axes.set_yticks(range(len(keys)), labels, fontsize=9)
    axes.set_ylim(len(keys) - 0.3, -1.6)
    axes.set_xlim(opens, end)
    months = pd.date_range(opens, closes, freq="MS")
    axes.set_xticks(months, [f"{day:%b}" for day in months])
    axes.set_xlabel(f"{opens:%Y}")
    axes.tick_params(length=0)
    handles = list(used.values())
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(-0.3, -0.07), ncols=3, frameon=False, fontsize=9)
    data = tables.table(pd.DataFrame(rows), "", ["partner", "arrangement", "status", "from", "until", "source"])
    source = charts.source_of(chapter, "diamonds are days that other reports give")
    number = int(status["status"].isin([*CURBS, NOT_STATED]).sum())
    rest = "all arrangements were in force"
    if number:
        kinds = status.loc[status["status"].isin([*CURBS, NOT_STATED]), "status"].value_counts(sort=False)
        states = ["left undated" if kind == NOT_STATED else str(kind) for kind, n in kinds.items() if n]
        told = [f"{number_word(n)} {state}" for state, n in zip(states, kinds[kinds > 0], strict=True)]
        going = [f"{number_word(len(status) - number)} in force"] if number < len(status) else []
        rest = f"of {count(len(status), 'arrangement')}, {join([*going, *told])}"
    if len(status) == 1:
        state = status["status"].iloc[0]
        rest = "the arrangement is left undated" if state == NOT_STATED else f"the arrangement was {state}"
    found = f"as of {tell_day(as_of)}, as we read the chapter: {rest}"
    return charts.finish(axes, found, data, source)


def _draw_spell(
    axes: Axes, chapter: Chapter, spell: Any, y: int, frame: tuple[Any, Any], used: dict[str, Patch]
) -> None:
    opens, end = frame
    color = charts.TONES[chapter.codes("status_spells", "status")[spell["status"]].tone]
    presupposed = spell["spell_basis"] != "stated"
    name = f"{spell['status']}{', presupposed' if presupposed else ''}"
    begin = opens if pd.isna(spell["start_earliest"]) else max(spell["start_earliest"], opens)
    until = end if pd.isna(spell["end_latest"]) else min(spell["end_latest"], end)
    still = spell["end_edtf"] == dates.OPEN
    sure_from = begin if pd.isna(spell["start_latest"]) else max(spell["start_latest"], opens)
    sure_to = end if still else min(spell["end_earliest"], end)
    look: dict[str, Any] = {"facecolor": charts.pale(color, 0.35) if presupposed else color, "edgecolor": color}
    loose: dict[str, Any] = {"facecolor": charts.PAPER, "edgecolor": color, "hatch": "////"}
    if (begin < sure_from or sure_to < until) and not presupposed:
        (bar,) = axes.barh(y, until - begin, left=begin, height=0.6, linewidth=0.8, **loose)
        charts.lead_to(bar, chapter, spell["record_id"])
        used.setdefault(f"{name}, day not given", Patch(label=f"{name}, day not given", **loose))
    if sure_from < sure_to:
        (bar,) = axes.barh(y, sure_to - sure_from, left=sure_from, height=0.6, linewidth=0.8, zorder=3, **look)
        charts.lead_to(bar, chapter, spell["record_id"])
        used.setdefault(name, Patch(label=name, **look))


def _row_of(chapter: Chapter, spell: Any, partner: str) -> dict[str, Any]:
    year = chapter.closes.year
    days = {which: [None if pd.isna(spell[f"{which}_{side}"]) else spell[f"{which}_{side}"].date()
                    for side in ("earliest", "latest")] for which in ("start", "end")}  # fmt: skip
    start = _some_day(days["start"], year)
    implied = "an end is implied, not given" if spell["end_edtf_status"] == "presupposed" else "no end is given"
    end = "still so when the year closed" if spell["end_edtf"] == dates.OPEN else (
        implied if pd.isna(spell["end_latest"]) else _some_day(days["end"], year))  # fmt: skip
    return {
        "record_id": spell["record_id"],
        "partner": partner,
        "arrangement": chapter.codes("status_spells", "arrangement")[spell["arrangement"]].word,
        "status": f"{spell['status']}{'' if spell['spell_basis'] == 'stated' else ' (presupposed)'}",
        "from": "before the year" if start.startswith("on or before") else start,
        "until": end,
        "source": tables.sentences(chapter, [spell["record_id"]])[0],
    }


def _some_day(bounds: list[Any], year: int) -> str:
    """A day in words, or that it is some day within bounds."""
    first, last = bounds
    told = dates.in_words(first, last, year)
    return f"some day from {told}" if first and last and first != last else told


def _mark_days(
    axes: Axes, chapter: Chapter, keys: dict[str, int], frame: tuple[Any, Any], rows: list[dict[str, Any]]
) -> None:
    words = chapter.codes("status_spells", "arrangement")
    for row in compare_days(chapter).itertuples():
        y = keys.get(f"{row.partner_id} {row.arrangement}")
        if y is None:
            continue
        told = f"{row.day.day} {row.day:%b}{'' if row.day.year == chapter.closes.year else row.day.strftime(' %Y')}"
        side = "from" if row.which == "begins" else "until"
        one = {"partner": chapter.names([row.partner_id])[0], "arrangement": words[row.arrangement].word,
               "status": f"{row.status} (other reports)"}  # fmt: skip
        open_row = next((r for r in rows if one.items() <= r.items() and r[side] == "–"), None)
        if open_row:  # the same change, of which an earlier report gives the other day
            open_row[side] = told
        else:
            rows.append(
                {"record_id": row.record_id, **one, "from": "–", "until": "–", side: told, "source": row.source}
            )
        if not frame[0] <= row.day <= frame[1]:
            continue
        (mark,) = axes.plot([row.day], [y], marker="D", ms=6, mfc=charts.PAPER, mec=charts.INK, zorder=5)
        charts.lead_to(mark, chapter, row.record_id)
        side = "right" if row.which == "begins" else "left"
        beside = row.day + pd.Timedelta(days=-7 if side == "right" else 7)
        text = f"{'from' if side == 'right' else 'until'} {told}"
        axes.text(beside, y, text, ha=side, va="center", fontsize=8.5, zorder=6,
                  bbox={"facecolor": charts.PAPER, "edgecolor": "none", "pad": 0.6, "alpha": 0.85})  # fmt: skip


def _mark_lines(axes: Axes, chapter: Chapter, as_of: str, rows: int) -> None:
    if turn := turning_day(chapter):
        name = inside(chapter.names([turn[0]], "milestones")[0])
        axes.vlines(pd.Timestamp(turn[1]), -0.6, rows - 0.4, color=charts.INK, lw=1.2, zorder=4)
        axes.text(pd.Timestamp(turn[1]), -0.65, name, ha="center", va="bottom", fontsize=9)
    axes.vlines(pd.Timestamp(as_of), -1.05, rows - 0.4, color=charts.BLUE, lw=1.4, ls=(0, (3, 2)), zorder=4)
    late = pd.Timestamp(as_of).month > 6
    axes.text(pd.Timestamp(as_of), -1.1, tell_day(as_of), ha="right" if late else "left", va="bottom", fontsize=9,
              color=charts.BLUE)  # fmt: skip


def say_count(chapter: Chapter, status: pd.DataFrame) -> Headline:
    """How many arrangements with how many partners the chapter names."""
    text = (
        f"the chapter names {count(len(status), 'arrangement')} with {count(status['partner_id'].nunique(), 'partner')}"
    )
    return headline(chapter, text, [i for ids in status["spells"] for i in ids], len(status), "arrangements")
