"""Any records of the chapter, chosen by where they stand, whom and what they are about, and what others say of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from mali_analysis import charts, dates, exports, incidents, others, partners, tables
from mali_analysis import places as gazetteer
from mali_analysis.chapter import Chapter
from mali_analysis.coding.schema import read_schema
from mali_analysis.errors import MaliError
from mali_analysis.headlines import Headline, count, headline, join, short
from mali_analysis.parameters import STATEMENTS, check_parameters

UNDATED = "records without a date"
"""Key of a selection's ``attrs``: how many records only a period left out, since they have no date."""


def select_records(
    chapter: Chapter,
    kinds: Sequence[str] = (),
    sections: Sequence[str] = (),
    parties: Sequence[str] = (),
    places: Sequence[str] = (),
    start: str | None = None,
    end: str | None = None,
    levels: Sequence[str] = (),
    statuses: Sequence[str] = (),
    verdicts: Sequence[str] = (),
) -> pd.DataFrame:
    """Records of the chapter that meet every condition, one row each, in reading order; an empty list asks nothing.

    ``kinds`` are tables of statements, ``parties`` ids or names of actors that have a part in a record, ``places`` ids
    or names of places at which it is put, ``start`` and ``end`` ISO days of a period in which it may have gone on by
    its dates (records without dates are then left out), ``levels`` and ``statuses`` codes of findings and arrangements,
    ``verdicts`` codes of what others' reports mean for it. Columns: ``record_id``, ``kind`` and ``what`` in words,
    ``when``, ``passage``, ``sentence``. Raises ParameterError, which names what is allowed.

    >>> import mali_analysis as mali
    >>> chapter = mali.load_chapter()
    >>> records = mali.records.select_records(chapter, ["findings"], levels=["lacking"])
    >>> sorted(set(records["kind"]))
    ['Findings']
    """
    parties, places = _find_ids(chapter, "actors", parties), _find_ids(chapter, "places", places)
    asked = {"kinds": kinds, "sections": sections, "parties": parties, "places": places, "levels": levels,
             "statuses": statuses, "verdicts": verdicts}  # fmt: skip
    days = {name: day for name, day in (("start", start), ("end", end)) if day is not None}
    check_parameters(chapter, **{name: list(values) for name, values in asked.items()}, **days)
    rows = _list_records(chapter, kinds or list(list_kinds(chapter)))
    keep = pd.Series(True, index=rows.index)
    if sections:
        keep &= rows["section"].isin(sections)
    if parties:
        keep &= rows["record_id"].isin(_having(chapter, parties))
    if places:
        placed = chapter.placed_in(places)
        keep &= rows["record_id"].isin(placed) | rows["within"].isin(placed)
    undated = 0
    if days:
        undated = int((keep & ~rows["dated"]).sum())
        first, last = pd.Timestamp(start or chapter.opens), pd.Timestamp(end or chapter.closes)
        keep &= rows["dated"] & ~rows["first"].gt(last) & ~rows["last"].lt(first)
    if levels:
        keep &= rows["level"].isin(levels)
    if statuses:
        keep &= rows["status"].isin(statuses)
    if verdicts:
        told = set(chapter.claims.loc[chapter.claims["verdict"].isin(verdicts), "subject_id"])
        keep &= rows["record_id"].isin(told)
    chosen = rows[keep].sort_values("position", kind="stable").reset_index(drop=True)
    found = [references[0] for references in tables.sentences(chapter, list(chosen["record_id"]))]
    told = chosen[["record_id", "kind", "what", "when", "passage"]].assign(sentence=found)
    told.attrs[UNDATED] = undated
    return told


def _find_ids(chapter: Chapter, table: str, wanted: Sequence[str]) -> list[str]:
    """Ids for names: the name itself, in short, or an abbreviation in brackets behind it; what is none stays."""
    rows = zip(chapter.tables[table]["record_id"], chapter.tables[table]["name"], strict=True)
    known: dict[str, str] = {}
    for record_id, name in rows:
        for called in {record_id, name, short(name), *re.findall(r"\((.+?)\)", name)}:
            known.setdefault(called.lower(), record_id)
    return [known.get(str(one).lower(), one) for one in wanted]


def list_kinds(chapter: Chapter) -> dict[str, str]:
    """The tables of statements that the chapter has rows in, by name, with their titles."""
    titles = {name: table.title for name, table in read_schema(chapter.root).items()}
    return {name: titles[name] for name in STATEMENTS if len(chapter.tables[name])}


def _list_records(chapter: Chapter, kinds: Sequence[str]) -> pd.DataFrame:
    """Every record of the tables with what it can be chosen by, one row each."""
    titles, rows = list_kinds(chapter), []
    for kind in (name for name in titles if name in kinds):
        for row in chapter.tables[kind].to_dict("records"):
            start, _, _ = chapter.quotes[(row["record_id"], "*")][0]
            passage = chapter.passages_of([start])[0]
            first, last = row.get("start_earliest"), row.get("end_latest")
            rows.append(
                {
                    "record_id": row["record_id"],
                    "kind": titles[kind],
                    "what": chapter.label(row["record_id"]),
                    "when": _tell_days(chapter, row),
                    "passage": passage,
                    "section": chapter.passages.loc[passage, "section"],
                    "position": start,
                    "dated": bool(pd.notna(first) or pd.notna(last)),
                    "first": pd.NaT if first is None else first,
                    "last": pd.NaT if last is None else last,
                    "level": row.get("level"),
                    "status": row.get("status"),
                    "within": row.get("incident_id", ""),
                }
            )
    columns = ["record_id", "kind", "what", "when", "passage", "section", "position", "dated", "first", "last", "level",
               "status", "within"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(first=pd.to_datetime(table["first"]), last=pd.to_datetime(table["last"]))


def _tell_days(chapter: Chapter, row: dict[str, Any]) -> str:
    """When a record began and ended, in words; a dash where it has no dates."""
    if "start_earliest" not in row or all(pd.isna(row[day]) for day in ("start_earliest", "end_latest")):
        return "–"
    ends = []
    for which in ("start", "end"):
        first, last = (
            None if pd.isna(row[f"{which}_{side}"]) else row[f"{which}_{side}"].date()
            for side in ("earliest", "latest")
        )
        ends.append(dates.in_words(first, last, chapter.closes.year) if first or last else "no end given")
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} – {ends[1]}"


def _having(chapter: Chapter, parties: Sequence[str]) -> set[str]:
    """Records in which any of the parties has a part, and the incidents to which these belong."""
    parts = chapter.involvements
    found = set(parts.loc[parts["actor_id"].isin(parties), "subject_id"])
    spells, ties = chapter.status_spells, chapter.affiliations
    found |= set(spells.loc[spells["partner_id"].isin(parties), "record_id"])
    found |= set(ties.loc[ties["member_id"].isin(parties) | ties["whole_id"].isin(parties), "record_id"])
    return found | set(chapter.phases.loc[chapter.phases["record_id"].isin(found), "incident_id"])


def say_records(chapter: Chapter, records: pd.DataFrame) -> Headline:
    """How many records were chosen, and where in the chapter they stand; ``records`` as from ``select_records``."""
    undated = records.attrs.get(UNDATED, 0)
    more = f"; {count(undated, 'other')}, without a date, {'is' if undated == 1 else 'are'} left out" if undated else ""
    if records.empty:
        return headline(chapter, f"no record of the chapter meets these conditions{more}", [], 0, "records chosen")
    sections = join(chapter.name_sections(records["passage"]))
    text = f"{count(len(records), 'record meets', 'records meet')} these conditions, in {sections}{more}"
    return headline(chapter, text, list(records["record_id"]), len(records), "records chosen")


def show_words(chapter: Chapter, records: pd.DataFrame, caption: str = "Records, each with its words") -> tables.Table:
    """The records with their words marked in the sentence beside each, and what others report; one row per record."""
    advice = others.advise(chapter, others.compare_claims(chapter))
    shown = records.assign(
        words=[tables.Sentence(chapter.refer(row.passage, row.record_id)) for row in records.itertuples()],
        others=[_tell_others(advice, row.record_id) for row in records.itertuples()],
    ).rename(columns={"words": "in the chapter", "others": "others report"})
    dated = bool((shown["when"] != "–").any())
    columns = [
        "what",
        *(["kind"] if shown["kind"].nunique() > 1 else []),
        *(["when"] if dated else []),
        "in the chapter",
    ]
    return tables.table(shown, caption, [*columns, "others report", "sentence"])


def _tell_others(advice: pd.DataFrame, record_id: str) -> str:
    """What others report of a record, and how the statement stands; a dash where nothing was found."""
    told = []
    for row in others.about(advice, [record_id]).itertuples():
        what = (row.statement or row.question).rstrip(".")
        told += [f"{what}: {others.tell_standing(row)}.", row.rider]
    return " ".join(filter(None, told)) or "–"


def select_claims(chapter: Chapter, records: pd.DataFrame) -> pd.DataFrame:
    """What others report of the records, one row per report: the columns of ``chapter.claims``."""
    return chapter.claims[chapter.claims["subject_id"].isin(records["record_id"])].reset_index(drop=True)


def plot_records(chapter: Chapter, records: pd.DataFrame) -> Axes:
    """What fits the records: the time line of phases, the year of arrangements, else how many stand in each section."""
    ids = set(records["record_id"])
    phases = chapter.phases[chapter.phases["record_id"].isin(ids) | chapter.phases["incident_id"].isin(ids)]
    if len(phases):
        own = chapter.incidents[chapter.incidents["record_id"].isin(phases["incident_id"])]
        drawn = incidents.select_phases(chapter, own)
        drawn = drawn[drawn["record_id"].isin(phases["record_id"])].reset_index(drop=True)
        return incidents.plot_timeline(chapter, drawn, str(chapter.opens), str(chapter.closes))
    spells = chapter.status_spells[chapter.status_spells["record_id"].isin(ids)]
    if len(spells):
        day = str(chapter.closes)
        status = partners.summarize_status(chapter, day, list(spells["partner_id"].unique()))
        return partners.plot_status(chapter, status, day)
    return _plot_sections(chapter, records)


def _plot_sections(chapter: Chapter, records: pd.DataFrame) -> Axes:
    if records.empty:
        return charts.say_empty("No record of the chapter meets these conditions.")
    titles = list(chapter.passages.loc[records["passage"], "section"].map(chapter.section_titles))
    counts = pd.Series(titles).value_counts(sort=False).rename_axis("section").rename("records").reset_index()
    axes = charts.new_axes(8.4, 0.4 * len(counts) + 1.3)
    sns.barplot(counts, x="records", y="section", color=charts.BLUE, ax=axes)
    axes.bar_label(cast(Any, axes.containers[0]), padding=3, fontsize=9)
    axes.set(xlabel="", ylabel="", xticks=[])
    most = counts.sort_values("records", ascending=False, kind="stable").iloc[0]
    title = f"most of these stand in “{most['section']}”" if len(counts) > 1 else f"all stand in “{most['section']}”"
    return charts.finish(axes, title, tables.table(counts, ""), charts.source_of(chapter))


class ExportError(MaliError):
    """A file that cannot be written in its form."""


def export_records(chapter: Chapter, records: pd.DataFrame, path: str | Path) -> Path:
    """Chosen records as a file: ``.csv`` (one row per record), ``.xlsx`` (with what others report of them and a sheet
    of sources) or ``.geojson`` (the places of the incidents among them, or to which they belong).

    ``records`` as from ``select_records``. Raises ExportError for any other ending.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    ids = set(records["record_id"])
    if target.suffix == ".geojson":
        within = chapter.phases.loc[chapter.phases["record_id"].isin(ids), "incident_id"]
        own = [i for i in chapter.incidents["record_id"] if i in ids | set(within)]
        gazetteer.export_geojson(chapter, target, incident_ids=own)
        return target
    if target.suffix not in (".csv", ".xlsx"):
        raise ExportError(f"file {target.name!r}: allowed: a name that ends in .csv, .xlsx or .geojson")
    quotes = [" … ".join(quote for _, _, quote in chapter.quotes[(i, "*")]) for i in records["record_id"]]
    told = records.assign(quote=quotes, sentence=[str(number) for number in records["sentence"]])
    if target.suffix == ".csv":
        exports.defuse(told).to_csv(target, index=False, encoding="utf-8")
    else:
        claims = chapter.claims[chapter.claims["subject_id"].isin(ids)]
        sources = exports.list_sources(chapter, list(claims["record_id"]))
        exports.write_book(target, {"records": told, "what others report": claims, "sources": sources})
    return target
