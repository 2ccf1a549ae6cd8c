"""Described incidents: what happened in each, when and how long, who is said to have done what, and what moved."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date
from typing import Any

import matplotlib.dates as mdates
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from mali_analysis import charts, dates, others, tables
from mali_analysis.chapter import DAY_COLUMNS, Chapter
from mali_analysis.headlines import (
    Box,
    Headline,
    box,
    count,
    fold,
    headline,
    inside,
    join,
    length,
    number_word,
    quantity,
    shared_words,
    short,
)
from mali_analysis.parameters import refuse_unknown

ATTACKERS = ["perpetrator", "orchestrator"]
UP, DOWN = ["increased", "extended"], ["decreased"]


def select_incidents(
    chapter: Chapter,
    start: str | date,
    end: str | date,
    actors: Sequence[str] = (),
    places: Sequence[str] = (),
    event_types: Sequence[str] = (),
) -> pd.DataFrame:
    """Incidents that may have touched a period, one row per incident in the chapter's order.

    ``start`` and ``end`` are ISO days. An incident counts where its dates allow that it went on in the period. An empty
    list selects all; ``actors`` keeps the incidents in which any of them has a part, ``places`` those the chapter puts
    at one of them or at a part of it. Adds ``began``, ``ended`` and ``lasted`` in words, and ``sentence``. Raises
    ParameterError for an id that the chapter has not.

    >>> import mali_analysis as mali
    >>> chapter = mali.load_chapter()
    >>> found = select_incidents(chapter, chapter.opens, chapter.closes)
    >>> set(found["event_type"]) <= set(chapter.codes("incidents", "event_type"))
    True
    """
    refuse_unknown(chapter, actors=actors, places=places)
    table = chapter.incidents
    keep = table["start_earliest"].le(pd.Timestamp(end)) & ~table["end_latest"].lt(pd.Timestamp(start))
    if actors:
        phases = chapter.involvements.loc[chapter.involvements["actor_id"].isin(actors), "subject_id"]
        keep &= table["record_id"].isin(chapter.phases.loc[chapter.phases["record_id"].isin(phases), "incident_id"])
    if places:
        keep &= table["record_id"].isin(chapter.placed_in(places))
    if event_types:
        keep &= table["event_type"].isin(event_types)
    chosen = table[keep].reset_index(drop=True)
    return chosen.assign(
        began=_in_words(chapter, chosen, "start"),
        ended=_in_words(chapter, chosen, "end"),
        lasted=[_lasted_whole(chapter, row) for row in chosen.itertuples()],
        sentence=tables.sentences(chapter, list(chosen["record_id"])),
    )


def _in_words(chapter: Chapter, rows: pd.DataFrame, which: str) -> list[str]:
    pairs = zip(rows[f"{which}_earliest"], rows[f"{which}_latest"], strict=True)
    year = chapter.closes.year
    return [dates.in_words(_day(first), _day(last), year) for first, last in pairs]


def _day(day: Any) -> date | None:
    return None if pd.isna(day) else day.date()


POINT = 31
"""Days within which something must lie to be told as an event of one day."""


def _is_point(row: Any) -> bool:
    """Whether it fell on one day, which the words give to within a month."""
    known = all(pd.notna(day) for day in (row.start_edtf, row.end_edtf, row.start_earliest, row.start_latest))
    return bool(known and row.start_edtf == row.end_edtf and (row.start_latest - row.start_earliest).days <= POINT)


def _lasted(row: Any) -> str:
    """How long an incident or phase went on, by the bounds that the words allow."""
    if _is_point(row):
        return "one day" if row.start_earliest == row.start_latest else "not stated"
    days = [None if pd.isna(getattr(row, name)) else getattr(row, name).date() for name in DAY_COLUMNS]
    if whole := dates.season_length(*days):
        return length(*whole)
    known = all(pd.notna(day) for day in (row.start_earliest, row.start_latest, row.end_earliest))
    least = max(0, (row.end_earliest - row.start_latest).days) if known else 0
    return (
        length(least, None if pd.isna(row.end_latest) else (row.end_latest - row.start_earliest).days)
        if least
        else "not stated"
    )


def _lasted_whole(chapter: Chapter, incident: Any) -> str:
    """How long an incident went on; where attacks came back after a pause, how long the first of them did."""
    phases = chapter.phases[chapter.phases["incident_id"] == incident.record_id]
    attackers = chapter.involvements[chapter.involvements["role"].isin(ATTACKERS)]
    attacks = phases[phases["record_id"].isin(attackers["subject_id"])].sort_values("sequence")
    if len(attacks) > 1 and attacks["kind"].nunique() == 1:
        first, second = list(attacks.itertuples())[:2]
        if pd.notna(first.end_latest) and second.start_earliest > first.end_latest:
            return f"{_lasted(first)}, then again later"
    return _lasted(incident)


def select_phases(chapter: Chapter, incidents: pd.DataFrame) -> pd.DataFrame:
    """Phases of the given incidents, one row per phase, in the incidents' order and their own.

    Adds ``title``, ``what`` (kind of phase, with what became of it), ``began``, ``ended``, ``lasted``, ``sentence``.
    """
    titles = incidents[["record_id", "title"]].rename(columns={"record_id": "incident_id"})
    phases = titles.assign(order=range(len(titles))).merge(chapter.phases, on="incident_id")
    phases = phases.sort_values(["order", "sequence"]).reset_index(drop=True)
    columns = ["record_id", "incident_id", "title", "sequence", "kind", "modality", "outcome", "clause", *DAY_COLUMNS]
    return phases[[*columns, "start_edtf", "end_edtf", "end_edtf_status"]].assign(
        what=[_name_phase(chapter, row) for row in phases.itertuples()],
        began=_in_words(chapter, phases, "start"),
        ended=_in_words(chapter, phases, "end"),
        lasted=[_lasted(row) for row in phases.itertuples()],
        sentence=tables.sentences(chapter, list(phases["record_id"])),
    )


def _name_phase(chapter: Chapter, phase: Any) -> str:
    """The kind of a phase with its modality and outcome: ``relief (attempted, failed)``."""
    codes = {column: chapter.codes("phases", column) for column in ("kind", "modality", "outcome")}
    told = [] if phase.modality == "happened" else [codes["modality"][phase.modality].word]
    told += [] if pd.isna(phase.outcome) else [codes["outcome"][phase.outcome].word]
    kind = codes["kind"][phase.kind].word
    return kind + (f" ({', '.join(word for word in told if word != kind)})" if set(told) - {kind} else "")


def summarize_roles(chapter: Chapter, phases: pd.DataFrame) -> pd.DataFrame:
    """Who is said to have done what to whom, one row per phase with a party in it.

    Columns: ``record_id``, ``incident``, ``phase``, ``who`` (with a word where we infer it), ``attribution`` (of the
    attackers; empty for others), ``to whom or what``, ``sentence``.
    """
    sides = {name: code.more["side"] for name, code in chapter.codes("involvements", "role").items()}
    words = chapter.codes("involvements", "attribution")
    read = chapter.evidence[(chapter.evidence["column"] == "actor_id") & (chapter.evidence["basis"] == "inferred")]
    inferred, rows = set(read["record_id"]), []
    for phase in phases.itertuples():
        parts = chapter.involvements[chapter.involvements["subject_id"] == phase.record_id]
        if parts.empty:
            continue
        side = parts["role"].map(sides).astype(str)
        doers = parts[side == "does"].drop_duplicates("actor_id")
        names = [
            f"{short(name)}{' (inferred)' if record_id in inferred else ''}"
            for name, record_id in zip(chapter.names(doers["actor_id"]), doers["record_id"], strict=True)
        ]
        hit = list(chapter.targets.loc[chapter.targets["phase_id"] == phase.record_id, "name"])
        hit += [short(name) for name in chapter.names(parts.loc[side == "undergoes", "actor_id"])]
        told = [words[code].word for code in dict.fromkeys(parts.loc[side == "does", "attribution"].dropna())]
        rows.append(
            {
                "record_id": phase.record_id,
                "incident": phase.title,
                "phase": phase.what,
                "who": join(names) or "not said",
                "attribution": ", ".join(told),
                "to whom or what": ", ".join(dict.fromkeys(hit)) or "not said",
                "sentence": phase.sentence,
            }
        )
    columns = ["record_id", "incident", "phase", "who", "attribution", "to whom or what", "sentence"]
    return pd.DataFrame(rows, columns=columns)


def summarize_attributions(chapter: Chapter, phases: pd.DataFrame) -> pd.DataFrame:
    """Attribution as worded, one row per phase and attacker, with ``title``, ``actor``, ``attribution``."""
    parts = chapter.involvements[chapter.involvements["role"].isin(ATTACKERS)]
    joined = phases.merge(parts, left_on="record_id", right_on="subject_id", suffixes=("", "_part"))
    joined["actor"] = chapter.names(joined["actor_id"])
    columns = ["record_id_part", "incident_id", "title", "sequence", "kind", "actor_id", "actor", "role", "attribution"]
    return joined[columns].rename(columns={"record_id_part": "record_id"})


def summarize_harm(chapter: Chapter, incidents: pd.DataFrame) -> pd.DataFrame:
    """Dead and wounded of each incident in the chapter and by others, one row per incident.

    Columns: ``record_id``, ``incident``, ``killed`` and ``injured`` (a number, or why there is none), ``others report``
    (missing where nothing was found), ``sentence``.
    """
    told = others.advise(chapter, others.compare_claims(chapter))
    harm = chapter.claims[chapter.claims["subject_column"].isin(["killed", "injured"])]
    rows = []
    for incident in incidents.itertuples():
        asked = set(harm.loc[harm["subject_id"] == incident.record_id, "question"])
        own = told[told["question"].isin(asked)]
        numbers = {
            column: _number(chapter, incident, column) or getattr(incident, f"{column}_status")
            for column in ("killed", "injured")
        }
        said = " ".join(row.rider or "Reports agree with the chapter." for row in own.itertuples())
        rows.append(
            {"record_id": incident.record_id, "incident": incident.title}
            | numbers
            | {"others report": said or None, "sentence": _refer(chapter, incident)}
        )
    columns = ["record_id", "incident", "killed", "injured", "others report", "sentence"]
    return pd.DataFrame(rows, columns=columns)


def _refer(chapter: Chapter, incident: Any) -> list[tables.Reference]:
    """The sentences with the words on dead and wounded, or else the one that tells of the incident."""
    starts = [start for c in ("killed", "injured") for start, _, _ in chapter.words_of(incident.record_id, c)]
    passages = dict.fromkeys(chapter.passages_of(starts))
    return [chapter.refer(passage, incident.record_id) for passage in passages] or incident.sentence


def _number(chapter: Chapter, incident: Any, column: str) -> str:
    """A number of an incident with the chapter's own hedge; empty where there is none."""
    value = getattr(incident, column)
    if pd.isna(value):
        return ""
    own = chapter.quantities[chapter.quantities["subject_id"].isin(chapter.belonging_to(incident.record_id))]
    same = own[(own["best"].fillna(own["low"]) == value) & (own["unit"] == "person")]
    return quantity(chapter, same["record_id"].iloc[0])[0] if len(same) else number_word(int(value))


def summarize_trends(chapter: Chapter, places: Sequence[str] = ()) -> pd.DataFrame:
    """Trends that the chapter asserts, one row per trend, at the given places or parts of them (empty: all).

    Adds ``where``, the places in words (missing where the chapter names none), and ``sentence``.
    """
    trends = chapter.trends[["record_id", "measure", "direction", "baseline", "baseline_status", "phrase"]]
    chosen = trends[trends["record_id"].isin(chapter.placed_in(places))] if places else trends
    found = tables.sentences(chapter, list(chosen["record_id"]))
    return chosen.assign(where=chapter.where(chosen["record_id"]), sentence=found).reset_index(drop=True)


def summarize_figures(chapter: Chapter) -> pd.DataFrame:
    """What others count by year, one row per figure, series by series, with ``figure`` and ``source`` for readers."""
    table = chapter.outside_figures
    figures = [_figure(row) for row in table.itertuples()]
    links = [tables.Address(*pair) for pair in zip(table["origin"], table["source_url"], strict=True)]
    return table.assign(figure=figures, source=links).reset_index(drop=True)


def _figure(row: Any) -> str:
    """A number with its bound and its unit: ``at least 901 deaths``, ``38 percent more than in 2019``."""
    bounds = {"": row.best, "at least ": row.low, "at most ": row.high}
    hedge, number = next((hedge, n) for hedge, n in bounds.items() if pd.notna(n))
    noun, _, rest = str(row.unit).partition(" ")
    plural = noun if noun == "percent" or number == 1 else {"person": "people"}.get(noun, f"{noun}s")
    return f"{hedge}{number:,.0f} {plural} {rest}".strip()


def select_series(figures: pd.DataFrame) -> pd.DataFrame:
    """The figures of series that cover two years or more, one row per year of a series; ``series`` names it."""
    counted = figures[figures["best"].notna() & ~figures["unit"].str.contains("more than")]
    counted = counted.assign(series=counted["origin"] + ": " + counted["counts_what"])
    keys = counted.groupby(["origin", "measure", "counts_what"])["year"].transform("nunique")
    return counted[keys >= 2].sort_values(["series", "year"]).reset_index(drop=True)


def say_incidents(chapter: Chapter, incidents: pd.DataFrame) -> Headline:
    """Which incidents went on and for how long, and which fell on a day."""
    asked: dict[str, str] = {"question": "number of described incidents", "subject": _subject(chapter, incidents)}
    total = len(chapter.incidents)
    if incidents.empty:
        text = f"none of the {count(total, 'incident')} that the chapter describes matches this choice"
        return headline(chapter, text, [], 0, "incidents", **asked)
    lead = f"the chapter describes {count(total, 'incident')}"
    if len(incidents) < total:
        lead += f", of which {number_word(len(incidents))} {'matches' if len(incidents) == 1 else 'match'} this choice"
    text = f"{lead}: {_tell_lengths(chapter, incidents)}"
    ids = list(incidents["record_id"])
    return headline(chapter, text, ids, len(ids), "incidents", _dated(chapter, ids), **asked)


def _tell_lengths(chapter: Chapter, incidents: pd.DataFrame) -> str:
    """The incidents with how long each lasted, or on which day it took place."""
    told = []
    for row in incidents.itertuples():
        when = _when(chapter, row).removeprefix("on ") if _is_point(row) else row.lasted
        held = chapter.phases[
            (chapter.phases["incident_id"] == row.record_id) & (chapter.phases["kind"] == "captivity")
        ]
        lasted = f"captivity of {_lasted(next(held.itertuples()))}" if len(held) and not _is_point(row) else when
        told.append(f"the {inside(row.title)} ({lasted})" if lasted != "not stated" else f"the {inside(row.title)}")
    return join(told)


def _dated(chapter: Chapter, record_ids: Sequence[str]) -> list[str]:
    """The passages with the words for when records began and ended."""
    starts = [start for i in record_ids for which in ("start_edtf", "end_edtf")
              for start, _, _ in chapter.words_of(i, which)]  # fmt: skip
    return list(dict.fromkeys(chapter.passages_of(starts)))


def _subject(chapter: Chapter, incidents: pd.DataFrame) -> str:
    return "all" if len(incidents) == len(chapter.incidents) else ",".join(incidents["record_id"])


def _when(chapter: Chapter, row: Any) -> str:
    """When something began, by the days that the words allow."""
    return dates.when(_day(row.start_earliest), _day(row.start_latest), chapter.closes.year)


def tell(chapter: Chapter, incidents: pd.DataFrame) -> list[Box | tables.Table]:
    """Each incident as a short account, and the table of what others report of it."""
    advice = others.advise(chapter, others.compare_claims(chapter))
    told: list[Box | tables.Table] = []
    for incident in incidents.itertuples():
        own = others.about(advice, chapter.belonging_to(incident.record_id))
        said = [say_course(chapter, incidents, incident.record_id), say_gaps(chapter, incidents, incident.record_id)]
        said = said[:1] if _is_told(incident) else said
        told.append(box(incident.title, *said, *others.say_beside(chapter, own)))
        if len(own):
            told.append(others.tabulate_questions(chapter, own, f"{incident.title}: what others report"))
    return told


def say_courses(chapter: Chapter, incidents: pd.DataFrame) -> list[Headline]:
    """What the chapter says of each incident, phase by phase."""
    return [say_course(chapter, incidents, incident_id) for incident_id in incidents["record_id"]]


def say_course(chapter: Chapter, incidents: pd.DataFrame, incident_id: str) -> Headline:
    """What the chapter says of one incident, phase by phase."""
    phases = select_phases(chapter, incidents[incidents["record_id"] == incident_id])
    row_of = incidents.set_index("record_id").loc[incident_id]
    text, last, before = "", "", ""
    told_outright = phases[phases["modality"] != "presupposed"]
    for number, phase in enumerate((told_outright if len(told_outright) else phases).itertuples()):
        when = _when(chapter, phase) if _is_point(phase) and not _dates_itself(chapter, phase) else ""
        lead = f"{when}, " if when and when != last else ""
        told = f"{lead}{phase.clause}"
        if not lead and (again := shared_words(before, phase.clause)) >= 3:
            told, text = " ".join(phase.clause.split()[again:]), f"{text} and "
        elif number:
            text += "; "
        text += told + (
            "" if _is_point(phase) else _extent(chapter, phase, first=not number and not _dates_itself(chapter, phase))
        )
        last, before = when or last, phase.clause
    spared = [HARM[c] for c in ("killed", "injured") if row_of[f"{c}_status"] == "none_reported"]
    text += f"; no {' or '.join(spared)} were reported" if spared else ""
    lasted = row_of["lasted"]
    ids = [incident_id, *phases["record_id"]]
    return headline(chapter, text, ids, lasted, None, question="lasted", subject=incident_id)


def _dates_itself(chapter: Chapter, phase: Any) -> bool:
    """Whether the clause of a phase has the chapter’s own words for when it began."""
    rows = chapter.evidence[
        (chapter.evidence["record_id"] == phase.record_id) & (chapter.evidence["column"] == "start_edtf")
    ]
    return any(quote.lower() in phase.clause.lower() for quote in rows["quote"])


def _extent(chapter: Chapter, phase: Any, first: bool) -> str:
    """How long a phase went on, in brackets, since when if the account begins with it; empty if not said."""
    if phase.lasted == "not stated":
        return ""
    return f" ({f'begun {_when(chapter, phase)}, ' if first else ''}{phase.lasted})"


def _is_told(incident: Any) -> bool:
    """Whether the account of an incident says all there is on its place, dead and wounded."""
    return bool(
        incident.place_status == "given" and {incident.killed_status, incident.injured_status} == {"none_reported"}
    )


HARM = {"place": "place", "killed": "dead", "injured": "wounded"}


def say_gaps(chapter: Chapter, incidents: pd.DataFrame, incident_id: str) -> Headline:
    """Of place, dead and wounded of one incident: what the chapter gives, and on what it is silent."""
    row = incidents.set_index("record_id", drop=False).loc[incident_id]
    status = {column: str(row[f"{column}_status"]) for column in HARM}
    counted = [
        f"{_number(chapter, row, c)} {HARM[c]}" for c in ("killed", "injured") if status[c] == "given"
    ]  # fmt: skip
    harm = [HARM[c] for c in ("killed", "injured") if status[c] == "not_stated"]
    spared = [HARM[c] for c in ("killed", "injured") if status[c] == "none_reported"]
    parts = [f"gives {join(counted)}"] if counted else []
    parts += [f"says that no {' or '.join(spared)} were reported"] if spared else []
    parts += ["names no place"] if status["place"] != "given" else []
    parts += [f"does not speak of {' or '.join(harm)}"] if harm else []
    text = f"the chapter {join(parts)}" if parts else "the chapter gives a place, and a number of dead and wounded"
    starts = [start for c in HARM for start, _, _ in chapter.words_of(incident_id, c)]
    passages = list(dict.fromkeys(chapter.passages_of(starts)))
    value = _number(chapter, row, "killed") or status["killed"].replace("_", " ")
    ids = [] if passages else [incident_id]
    return headline(chapter, text, ids, value, None, passages, question="killed", subject=incident_id)


def say_perpetrators(chapter: Chapter, incidents: pd.DataFrame) -> Headline:
    """Which groups the chapter ties to which incidents, which it names and never ties, and how it words the others."""
    rows = summarize_attributions(chapter, select_phases(chapter, incidents))
    if rows.empty:
        return headline(chapter, "no attackers are described for this choice", [], 0, "incidents with a group named")
    words = chapter.codes("involvements", "attribution")
    parts = []
    rows = rows[rows["attribution"].notna()]
    kinds = chapter.actors.set_index("record_id")["kind"]
    named = rows[(kinds.loc[rows["actor_id"]] != "unnamed_attackers").to_numpy()]
    tied = named[named["attribution"].isin([code for code, entry in words.items() if entry.more.get("says")])]
    for (actor, code), own in tied.groupby(["actor", "attribution"], sort=False, observed=True):
        titles = [f"the {inside(title)}" for title in dict.fromkeys(own["title"])]
        parts.append(f"{short(actor)} {words[code].more['says']} {join(titles)}")
    text = f"in the chapter, {join(parts)}" if parts else "the chapter ties no group to these incidents"
    never = _never_tied(chapter, rows)
    if never:
        active = join([short(name) for name in chapter.names(never)])
        text += (
            f". It lists {active} as active and ties {'it' if len(never) == 1 else 'them'} to none of these incidents"
        )
    rest = rows[~rows["incident_id"].isin(tied["incident_id"])]
    wording = list(dict.fromkeys(short(name) for name in rest["actor"]))
    text += f". For {'the others' if parts else 'them'} it speaks of {join(wording)}" if wording else ""
    number = int(tied.loc[tied["attribution"] == "named", "incident_id"].nunique())
    return headline(
        chapter, text, [*rows["record_id"], *_tied_to_trends(chapter, never)], number,
        "incidents with a group named", question="incidents with a group named", subject=_subject(chapter, incidents),
    )  # fmt: skip


def _never_tied(chapter: Chapter, rows: pd.DataFrame) -> list[str]:
    """Terrorist groups that the chapter calls active and ties to none of the described incidents."""
    active = chapter.involvements[chapter.involvements["subject_id"].isin(chapter.trends["record_id"])]
    kinds = chapter.actors.set_index("record_id")["kind"]
    groups = [i for i in dict.fromkeys(active["actor_id"]) if kinds[i] == "terrorist_group"]
    every = chapter.involvements[chapter.involvements["subject_id"].isin(chapter.phases["record_id"])]
    return [i for i in groups if i not in set(every["actor_id"]) | set(rows["actor_id"])]


def _tied_to_trends(chapter: Chapter, actors: Sequence[str]) -> list[str]:
    parts = chapter.involvements
    found = parts["actor_id"].isin(actors) & parts["subject_id"].isin(chapter.trends["record_id"])
    return list(parts.loc[found, "record_id"])


def say_harm(chapter: Chapter, harm: pd.DataFrame) -> Headline:
    """For which incidents the chapter counts the dead, and of which others report dead or wounded."""
    if harm.empty:
        return headline(chapter, "no incident is described for this choice", [], 0, "incidents with a death toll")
    status = chapter.incidents.set_index("record_id").loc[harm["record_id"], "killed_status"].astype(str)
    kinds = {kind: [f"the {inside(t)}" for t in harm.loc[list(status == kind), "incident"]] for kind in set(status)}
    given, none, silent = (kinds.get(kind, []) for kind in ("given", "none_reported", "not_stated"))
    lead = f"the chapter gives a number of dead for {join(given)}" if given else "the chapter gives no number of dead"
    parts = [lead]
    parts += [f"for {join(none)} it says that none were reported"] if none else []
    parts += [f"for {join(silent)} it says nothing"] if silent else []
    text = "; ".join(parts)
    adding = harm[(status == "not_stated").to_numpy() & harm["others report"].notna()]
    if len(adding):
        told = " ".join(adding["others report"])
        text += f". Others report dead or wounded in {number_word(len(adding))} of these: {told}"
    claims = chapter.claims[chapter.claims["subject_id"].isin(adding["record_id"])]
    found = claims.loc[claims["subject_column"].isin(["killed", "injured"]), "record_id"]
    starts = [start for i in harm["record_id"] for c in ("killed", "injured") for start, _, _ in chapter.words_of(i, c)]
    passages = list(dict.fromkeys(chapter.passages_of(starts)))
    return headline(chapter, text, list(found), len(given), "incidents with a death toll", passages,
                    question="incidents with a death toll", subject=",".join(harm["record_id"]))  # fmt: skip


def say_unfulfilled(chapter: Chapter, incidents: pd.DataFrame) -> Headline:
    """What was agreed or planned within the incidents and is not said to have been done."""
    phases = select_phases(chapter, incidents)
    phases = phases[phases["modality"].isin(["agreed", "planned", "expected"]) & phases["outcome"].isna()]
    if phases.empty:
        return headline(chapter, "nothing within these incidents is told as agreed or planned only", [], 0, "phases")
    advice = others.advise(chapter, others.compare_claims(chapter))
    beyond = others.left_out(others.about(advice, list(phases["record_id"])))
    text = f"{join(list(phases['clause']))}. Whether it was done the chapter does not say"
    text += f". Others report: {' '.join(beyond['rider'])}" if len(beyond) else ""
    ids = [*phases["record_id"], *(i for ids in beyond["claim_ids"] for i in ids)]
    return headline(chapter, text, ids, len(phases), "phases agreed or planned only")


def say_drift(chapter: Chapter, incidents: pd.DataFrame) -> Headline:
    """Incidents in which the chapter's wording for those who attack changes on the way."""
    rows = summarize_attributions(chapter, select_phases(chapter, incidents))
    rows = rows[rows["role"].isin(ATTACKERS)]
    told, ids = [], []
    for incident, own in rows.groupby("incident_id", sort=False):
        kinds = own["actor"].map(short)
        if own["sequence"].nunique() > 1 and kinds.nunique() > 1:
            title = inside(chapter.names([str(incident)], "incidents", "title")[0])
            told.append(f"in the {title} first {kinds.iloc[0]}, then {kinds.iloc[-1]}")
            ids += list(own["record_id"])
    if not told:
        text = "the wording for the attackers does not change within an incident"
        return headline(chapter, text, [], 0, "incidents in which the wording changes")
    text = f"the chapter changes its words for the attackers: {join(told)}. It does not say why"
    return headline(chapter, text, ids, len(told), "incidents in which the wording changes")


def _count_attacks(chapter: Chapter) -> tuple[str, str] | None:
    """The chapter's number of attacks in its year, as record and in words; None where it gives none."""
    numbers = chapter.quantities[chapter.quantities["subject_id"].isin(chapter.trends["record_id"])]
    of_year = numbers["when_edtf"].fillna("") == str(chapter.closes.year)
    totals = numbers[(numbers["unit"] == "attack") & of_year]
    if totals.empty:
        return None
    record_id = str(totals["record_id"].iloc[0])
    said, _, _ = quantity(chapter, record_id)
    return record_id, f"{said} {'of attacks' if said in ('hundreds', 'dozens', 'thousands') else 'attacks'}"


def say_selection(chapter: Chapter) -> Headline:
    """What the described incidents are out of, and what the chapter thinks of its choice."""
    number = len(chapter.incidents)
    counted = _count_attacks(chapter)
    ids = [*([counted[0]] if counted else []), *chapter.incidents["record_id"]]
    judged = chapter.judgments[chapter.judgments["kind"] == "significance"]
    text = f"the chapter describes {count(number, 'incident')}"
    text += f" and speaks of {counted[1]} in the year" if counted else ""
    text += f"; it judges that {join(list(judged['summary']))}" if len(judged) else ""
    text += ". The chapter chose them; they say nothing about the rest"
    return headline(chapter, text, [*ids, *judged["record_id"]], number, "incidents",
                    question="number of described incidents", subject="all")  # fmt: skip


def say_trends(chapter: Chapter, trends: pd.DataFrame) -> Headline:
    """What moved which way by the chapter, and whether it gives anything to compare with."""
    if trends.empty:
        return headline(chapter, "the chapter asserts no trend for these places", [], 0, "trends that move")
    moved = trends[trends["direction"].isin([*UP, *DOWN])]
    if moved.empty:
        text = f"the chapter says that {join(list(trends['phrase']))}; it reports no rise or fall"
        return headline(chapter, text, list(trends["record_id"]), 0, "trends that move")
    text = f"according to the chapter, {join(fold(moved['phrase']))}"
    bare = moved["baseline"].isna()
    counted = _count_attacks(chapter)
    if bare.all():
        spoken = f"speaks of {counted[1]} in the year and " if counted else ""
        text += f". It {spoken}gives no earlier figure to compare with"
    elif bare.any():
        text += f". For {number_word(int(bare.sum()))} of them it gives nothing to compare with"
    else:
        text += f". It compares with {join(list(moved['baseline']))}"
    ids = [*moved["record_id"], *([counted[0]] if counted else [])]
    return headline(chapter, text, ids, len(moved), "trends that move",
                    question="trends that move", subject=",".join(trends["record_id"]))  # fmt: skip


def say_figures(chapter: Chapter, figures: pd.DataFrame) -> Headline:
    """How counts by others moved into the chapter's year, for each series that has the year before."""
    told, ids = _tell_figures(chapter, figures)
    if not told:
        year = chapter.closes.year
        text = f"no count by others covers both {year} and the year before"
        return headline(chapter, text, [], 0, "counts of others over two years")
    text = f"others count different things: {'; '.join(told)}"
    return headline(chapter, text, ids, len(told), "counts of others over two years")


def _tell_figures(chapter: Chapter, figures: pd.DataFrame) -> tuple[list[str], list[str]]:
    """How each count moved into the chapter's year, in words, and the figures that say so."""
    year, told, ids = chapter.closes.year, [], []
    for _, own in select_series(figures).groupby("series", sort=False):
        pair = own[own["year"].isin([year - 1, year])]
        if len(pair) < 2:
            continue
        before, now = pair["best"].astype(float).iloc[0], pair["best"].astype(float).iloc[-1]
        change = round(100 * (now / before - 1))
        moved = f"{abs(change)} percent {'more' if change > 0 else 'fewer'}" if change else "as many"
        told.append(f"{short(pair['origin'].iloc[0]).partition(',')[0]} counts {now:,.0f} {_counted(pair)}, {moved} "
                    f"than in {year - 1}")  # fmt: skip
        ids += list(pair["record_id"])
    for row in figures[figures["unit"].str.startswith("percent more") & (figures["year"] == year)].itertuples():
        what, _, note = row.counts_what.partition(", ")
        than = row.unit.removeprefix("percent more ")
        told.append(f"{row.origin} counts {row.best:.0f} percent more {what} {than}{f' ({note})' if note else ''}")
        ids.append(row.record_id)
    return told, ids


def _counted(series: pd.DataFrame) -> str:
    """What a series counts, in short."""
    return str(series["counts_what"].iloc[0]).partition(",")[0]


def say_judgments(chapter: Chapter, incidents: pd.DataFrame) -> Headline:
    """What the chapter infers about the incidents rather than reports."""
    phases = select_phases(chapter, incidents)["record_id"]
    about = chapter.judgments["about_id"].isin([*incidents["record_id"], *phases])
    chosen = chapter.judgments[about]
    if chosen.empty:
        return headline(chapter, "the chapter adds no judgment of its own on these incidents", [], 0, "judgments")
    told = join([f"that {summary}" for summary in fold(chosen["summary"])])
    what = "this is the chapter’s judgment, not a report" if len(chosen) == 1 else "these are judgments, not reports"
    text = f"{what}: {told}"
    return headline(chapter, text, list(chosen["record_id"]), len(chosen), "judgments",
                    question="judgments", subject=_subject(chapter, incidents))  # fmt: skip


def plot_timeline(chapter: Chapter, phases: pd.DataFrame, first: str, last: str) -> Axes:
    """Phases of incidents over a period: solid where it surely went on, hatched where it may have.

    ``phases`` as from ``select_phases``: one row per phase, in the order to draw.
    """
    if phases.empty:
        return charts.say_empty("No described incident matches this choice.")
    phases = _fold_alike(phases)
    opens, closes = pd.Timestamp(first), pd.Timestamp(last)
    axes = charts.new_axes(8.4, 0.34 * (len(phases) + phases["incident_id"].nunique()) + 1.3)
    y, ticks, names = 0.0, [], []
    palette = [charts.BLUE, charts.RED, charts.GREEN, charts.PURPLE]
    colors = dict(zip(phases["incident_id"].unique(), itertools.cycle(palette), strict=False))
    for incident, rows in phases.groupby("incident_id", sort=False):
        title = axes.text(opens, y, rows["title"].iloc[0], fontweight="bold", va="center", ha="left")
        charts.lead_to(title, chapter, str(incident))
        for phase in rows.itertuples():
            y += 1
            for mark in _draw_phase(axes, phase, y, colors[incident], opens, closes):
                charts.lead_to(mark, chapter, phase.record_id)
            ticks.append(y)
            names.append(phase.what)
        y += 1
    axes.set_yticks(ticks, names, fontsize=9)
    axes.set_ylim(y - 0.4, -0.7)
    axes.set_xlim(opens, closes + pd.Timedelta(days=10))
    axes.xaxis.set_major_locator(mdates.MonthLocator())
    axes.xaxis.set_major_formatter(mdates.DateFormatter("%b"))
    axes.set_xlabel(f"{opens:%Y}")
    axes.tick_params(length=0)
    axes.grid(axis="x", color="#e4e7eb", zorder=0)
    axes.set_axisbelow(True)
    sure = Patch(facecolor=charts.INK, label="follows from the chapter’s words")
    maybe = Patch(facecolor=charts.PAPER, edgecolor=charts.INK, hatch="////", label="possible")
    axes.legend(handles=[sure, maybe], loc="upper left", bbox_to_anchor=(0, -0.09), ncols=2, frameon=False)
    columns = ["incident", "phase", "began", "ended", "lasted", "sentence"]
    data = tables.table(phases.rename(columns={"what": "phase", "title": "incident"}), "", columns)
    arrows = "an arrow: no end is given" if phases["end_latest"].isna().any() else ""
    return charts.finish(axes, _find_dated(phases), data, charts.source_of(chapter, arrows))


def _fold_alike(phases: pd.DataFrame) -> pd.DataFrame:
    """Phases that a time line would draw and name alike as one, with the sentences of all."""
    alike = phases.groupby(["incident_id", "title", "what", *DAY_COLUMNS], sort=False, dropna=False)
    rows = [own.iloc[0].to_dict() | {"sentence": list(dict.fromkeys(own["sentence"].sum()))} for _, own in alike]
    return pd.DataFrame(rows, columns=phases.columns)


def _find_dated(phases: pd.DataFrame) -> str:
    """The finding of the timeline: of how many phases the chapter gives the day on which they began."""
    number, total = int((phases["start_earliest"] == phases["start_latest"]).sum()), len(phases)
    if total == 1:
        return f"the chapter {'gives' if number else 'does not give'} the day on which it began"
    some = "each" if number == total else number_word(number) if number else "none"
    began = "they began" if 1 < number < total else "it began"
    return f"the chapter says of {some} of these {number_word(total)} events on which day {began}"


def _draw_phase(axes: Axes, phase: Any, y: float, color: str, opens: pd.Timestamp, closes: pd.Timestamp) -> list[Any]:
    begin = opens if pd.isna(phase.start_earliest) else max(phase.start_earliest, opens)
    finish = closes if pd.isna(phase.end_latest) else min(phase.end_latest, closes)
    if begin >= finish:
        return list(axes.plot([begin], [y], marker="D", color=color, markersize=7))
    marks = list(
        axes.barh(y, finish - begin, left=begin, height=0.55, color=charts.PAPER, edgecolor=color, hatch="////")
    )
    if pd.notna(phase.start_latest) and phase.start_latest < phase.end_earliest:
        sure_from, sure_to = max(phase.start_latest, opens), min(phase.end_earliest, closes)
        marks += list(axes.barh(y, sure_to - sure_from, left=sure_from, height=0.55, color=color, zorder=3))
    elif phase.start_latest == phase.end_earliest:  # certain of that one day
        marks += list(axes.barh(y, pd.Timedelta(days=2), left=phase.start_latest, height=0.55, color=color, zorder=3))
    if pd.isna(phase.end_latest):
        tip = (closes + pd.Timedelta(days=9), y)
        axes.annotate("", tip, (closes, y), arrowprops={"arrowstyle": "->", "color": color})
    return marks


def plot_figures(chapter: Chapter, figures: pd.DataFrame) -> Axes:
    """Counts of others by year, one panel row of bars per series that covers two years or more."""
    series = select_series(figures)
    if series.empty:
        return charts.say_empty("No count by others covers more than one year.")
    axes = charts.new_axes(8.4, 0.32 * (len(series) + 1.2 * series["series"].nunique()) + 1.1)
    y, ticks, names = 0.0, [], []
    for _, own in series.groupby("series", sort=False):
        text = f"{short(own['origin'].iloc[0])}: {_counted(own)}"
        axes.text(0, y, text, va="center", fontsize=9, fontweight="bold")
        top = float(own["best"].max())
        for row in own.itertuples():
            y += 1
            last = row.year == chapter.closes.year
            (bar,) = axes.barh(
                y, row.best / top, height=0.66, color=charts.BLUE if last else charts.pale(charts.BLUE, 0.4)
            )
            charts.lead_to(bar, chapter, row.record_id)
            axes.text(row.best / top + 0.01, y, f"{row.best:,.0f}", va="center", fontsize=9)
            ticks.append(y)
            names.append(str(row.year))
        y += 1.2
    axes.set_yticks(ticks, names, fontsize=9)
    axes.set_ylim(y - 0.4, -0.6)
    axes.set_xlim(0, 1.1)
    axes.set_xticks([])
    axes.tick_params(length=0)
    sns.despine(ax=axes, left=True, bottom=True)
    data = tables.table(series, "", ["counts_what", "year", "figure", "source"])
    origins = join(list(dict.fromkeys(short(origin) for origin in series["origin"])))
    many = " Bars of one series are to one scale, those of two are not." if series["series"].nunique() > 1 else ""
    found = "; ".join(_tell_figures(chapter, figures)[0]) or "what others count, by year"
    return charts.finish(axes, found, data, f"Source: {origins}.{many}")
