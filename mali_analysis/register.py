"""Every party, record and outside report with all that is kept of it, in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from mali_analysis import dates
from mali_analysis.chapter import Chapter
from mali_analysis.coding.schema import Table as Schema
from mali_analysis.coding.schema import read_schema
from mali_analysis.headlines import Headline, be, count, headline, join, short, the
from mali_analysis.tables import Address, Table, sentences, table


def list_parties(chapter: Chapter, sections: Sequence[str] = ()) -> pd.DataFrame:
    """Parties that the chapter names or describes, one row per party, by kind in the schema's order.

    Columns: ``record_id``, ``party``, ``kind``, ``ties`` (to other parties, a dash where the chapter tells none),
    ``sentence``.
    """
    actors = _within(chapter, chapter.actors, sections).sort_values("kind", kind="stable")
    ties: dict[str, list[str]] = {}
    for tie in chapter.affiliations.itertuples():
        (whole,), relation = chapter.names([tie.whole_id]), chapter.word("affiliations", tie.record_id, "relation")
        ties.setdefault(tie.member_id, []).append(f"{relation} {the(short(whole))}")
    rows = {
        "record_id": list(actors["record_id"]),
        "party": list(actors["name"]),
        "kind": [chapter.word("actors", i, "kind") for i in actors["record_id"]],
        "ties": ["; ".join(ties.get(i, [])) or "–" for i in actors["record_id"]],
        "sentence": sentences(chapter, list(actors["record_id"])),
    }
    return pd.DataFrame(rows, dtype="object")


def say_parties(chapter: Chapter, parties: pd.DataFrame) -> Headline:
    """Which terrorist groups are named, and how many attackers are not; ``parties`` as from ``list_parties``."""
    kinds = chapter.actors.set_index("record_id").loc[parties["record_id"], "kind"]
    named, unnamed = (list(kinds.index[kinds == kind]) for kind in ("terrorist_group", "unnamed_attackers"))
    groups = [the(short(name)) for name in chapter.names(named)]
    text = f"{count(len(named), 'terrorist group')} {be(len(named))} named{': ' if groups else ''}{join(groups)}"
    others = count(len(unnamed), "other party is", "other parties are")
    text += f"; {others} described only as attackers, without a name"
    return headline(chapter, text, [*named, *unnamed], len(named), "terrorist groups")


def tabulate_records(chapter: Chapter, sections: Sequence[str] = ()) -> list[Table]:
    """Every record of the chapter with all that is coded of it, in words: one table for each of the chapter's.

    Parties are left out, as ``list_parties`` has all of theirs.
    Columns of each: ``what``, ``coded as`` (each value, or why it is missing), ``sentence``.
    """
    shown = []
    for name, described in read_schema(chapter.root).items():
        if described.kind != "chapter" or name in ("actors", "evidence") or "record_id" not in chapter.tables[name]:
            continue
        rows = _within(chapter, chapter.tables[name], sections)
        labels = [chapter.label(i) for i in rows["record_id"]]
        pairs = zip(rows.to_dict("records"), labels, strict=True)
        frame = pd.DataFrame({
            "record_id": list(rows["record_id"]),
            "what": labels,
            "coded as": [_tell_values(chapter, described, row, label) for row, label in pairs],
            "sentence": sentences(chapter, list(rows["record_id"])),
        }, dtype="object")  # fmt: skip
        if len(frame):
            shown.append(table(frame, described.title))
    return shown


TOLD_ELSEWHERE = {
    "record_id", "standard_id", "says", "why", "origin", "source_url", "checked", "accessed", "label_across",
    "label_up",
}  # fmt: skip
"""Columns of reports that have a place of their own in the tables of reports or in this one, or that only draw."""


def tabulate_reports(chapter: Chapter) -> list[Table]:
    """What is kept of outside reports and of our readings of them, one table for each of the data.

    Columns of each: ``what`` it is about, what a report ``says`` where it is put in our words, ``kept`` (each value in
    words); and of a report ``read`` (how), ``accessed``, ``source``.
    """
    shown = []
    for name, rows in chapter.reference.items():
        described = read_schema(chapter.root)[name]
        if described.kind != "reference" or rows.empty:
            continue
        left = replace(described, fields=[f for f in described.fields if f["name"] not in TOLD_ELSEWHERE])
        about = [_name_subject(chapter, row) for row in rows.to_dict("records")]
        pairs = zip(rows.to_dict("records"), about, strict=True)
        told: dict[str, list[Any]] = {"record_id": list(rows["record_id"]), "what": about}
        if "says" in rows:
            told["says"] = list(rows["says"])
        told["kept"] = [_tell_values(chapter, left, row, what) for row, what in pairs]
        if "source_url" in rows:
            origins = [urlsplit(own).netloc or own for own in rows["origin" if "origin" in rows else "source_url"]]
            ways = chapter.codes(name, "checked")
            told |= {
                "read": [ways[code].word for code in rows["checked"]],
                "accessed": list(rows["accessed"].dt.strftime("%Y-%m-%d")),
                "source": [Address(*pair) for pair in zip(origins, rows["source_url"], strict=True)],
            }
        shown.append(table(pd.DataFrame(told, dtype="object"), described.title))
    return shown


def _name_subject(chapter: Chapter, row: dict[str, Any]) -> str:
    """What a row of the reference tables is about."""
    named = [str(row[c]) for c in ("question", "subject", "statement", "counts_what", "name", "who") if c in row][:1]
    named += chapter.names([row["standard_id"]], "standards", "short") if "standard_id" in row else []
    return named[0] if named else chapter.label(row["finding_id"])


def _within(chapter: Chapter, rows: pd.DataFrame, sections: Sequence[str]) -> pd.DataFrame:
    """The rows whose first words stand in one of the sections; all where none is asked for."""
    if not sections:
        return rows
    first = chapter.evidence.drop_duplicates("record_id")
    found = list(chapter.passages.loc[chapter.passages_of(first["start"]), "section"].isin(sections))
    return rows[rows["record_id"].isin(first.loc[found, "record_id"])]


def _tell_values(chapter: Chapter, described: Schema, row: dict[str, Any], what: str) -> str:
    """All that is coded of a record, or why it is missing: ``kind: security force; killed: none reported``.

    ``what`` it is called is not said again.
    """
    told = []
    for field in described.fields:
        name = field["name"]
        missing = row.get(f"{name}_status")
        if name == "record_id" or name.endswith("_status") or (pd.isna(row[name]) or row[name] == "") and not missing:
            continue
        value = _tell_value(chapter, described.name, field, row[name], missing)
        said = value in what if "references" in field else value == what or " " in value and what.startswith(value)
        if not said:
            value = _tell_column(value) if name == "subject_column" else value
            head = f"date of {name[:-5]}" if name.endswith("_edtf") and name[:-5] in row else _tell_column(name)
            told.append(f"{field.get('title') or head}: {value}")
    return "; ".join(told)


def _tell_column(name: str) -> str:
    return "the whole" if name == "*" else re.sub(r"_(id|edtf)$", "", name).replace("_", " ")


def _tell_value(chapter: Chapter, name: str, field: dict[str, Any], value: Any, missing: Any) -> str:
    if pd.isna(value) or value == "":
        return str(missing).replace("_", " ")
    if "codes" in field:
        return str(value).replace("_", " ")  # not its word, which a sentence may need in another direction
    if "edtf" in field:
        return "still open" if value == dates.OPEN else dates.in_words(*dates.bounds(value))
    if "references" in field and value in chapter.rows:
        return chapter.label(value)
    if "references" in field:
        (rows,) = (chapter.reference[table].set_index("record_id") for table in field["references"])
        return _name_subject(chapter, rows.loc[value].to_dict())
    if name == "earlier_editions" and field["name"] == "passage":
        return f"sentence {chapter.passages.loc[value, 'number']}"
    return f"{value:%Y-%m-%d}" if field["type"] == "date" else f"{value:g}" if isinstance(value, float) else str(value)
