"""The chapter against others: outside reports on what it says, earlier editions, and what may be quoted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from mali_analysis import dates
from mali_analysis.findings import label
from mali_analysis.report import Report

ADVICE = ["quote", "quote with what is missing", "do not quote without the other reports"]
"""What follows for a user, by the hardest verdict on a question."""
_SOFT, _HARD = {"vaguer", "omits"}, {"differs", "firmer", "open"}


def compare_claims(report: Report, verdicts: Sequence[str] = (), sections: Sequence[str] = ()) -> pd.DataFrame:
    """Outside reports beside the chapter's words, one row per report, in the order of the chapter's sections.

    Empty lists select all. Adds ``section``, ``passage`` and sentence ``number`` of the subject, ``subject`` (its short
    name) and ``chapter`` (the words that the report is about, or what is missing).
    """
    claims = report.claims
    if verdicts:
        claims = claims[claims["verdict"].isin(verdicts)]
    starts = [report.spans_of([subject])[0][0] for subject in claims["subject_id"]]
    passages = report.passages_of(starts)
    table = claims.assign(
        passage=passages,
        number=list(report.passages.loc[passages, "number"]),
        section=list(report.passages.loc[passages, "section"]),
        subject=[label(report, subject) for subject in claims["subject_id"]],
        chapter=[_words(report, *pair) for pair in zip(claims["subject_id"], claims["subject_column"], strict=True)],
    )
    if sections:
        table = table[table["section"].isin(sections)]
    return table.reset_index(drop=True)


def _words(report: Report, record_id: str, column: str) -> str:
    rows = report.evidence[report.evidence["record_id"] == record_id]
    own = rows[rows["column"] == column]
    if own.empty:
        return "nothing said of it"
    return " … ".join(f"“{quote}”" for quote in dict.fromkeys(own.sort_values("start")["quote"]))


def count_verdicts(comparison: pd.DataFrame, report: Report) -> pd.DataFrame:
    """How many reports stand in each verdict, one row per section of the chapter, one column per verdict."""
    verdicts = list(report.claims["verdict"].cat.categories)
    order = [section for section in report.passages["section"].unique() if section in set(comparison["section"])]
    counts = pd.crosstab(comparison["section"], comparison["verdict"].astype(str))
    return counts.reindex(index=order, columns=verdicts, fill_value=0).rename_axis(None).rename_axis(None, axis=1)


def advise(comparison: pd.DataFrame) -> pd.DataFrame:
    """What the reports on each question mean for whoever would quote the chapter, one row per question.

    Columns: ``question``, ``subject_ids``, ``claim_ids``, ``reports``, ``origins``, ``verdicts``, ``advice`` (of
    ``ADVICE``), ``why`` (of the verdict that weighs most).
    """
    rows: list[dict[str, Any]] = []
    for question, own in comparison.groupby("question", sort=False):
        verdicts = list(dict.fromkeys(own["verdict"].astype(str)))
        level = 2 if _HARD & set(verdicts) else 1 if _SOFT & set(verdicts) else 0
        weighty = own[own["verdict"].isin([set(), _SOFT, _HARD][level] or verdicts)]
        rows.append(
            {
                "question": question,
                "subject_ids": list(dict.fromkeys(own["subject_id"])),
                "claim_ids": list(own["record_id"]),
                "reports": len(own),
                "origins": own["origin"].nunique(),
                "verdicts": verdicts,
                "advice": ADVICE[level],
                "why": weighty["why"].iloc[0],
            }
        )
    columns = ["question", "subject_ids", "claim_ids", "reports", "origins", "verdicts", "advice", "why"]
    return pd.DataFrame(rows, columns=columns)


def compare_dates(report: Report) -> pd.DataFrame:
    """The chapter's dates beside those that others give, one row per dated report on a date of the chapter.

    Columns: ``subject_id``, ``subject``, ``which`` (start or end), ``chapter_earliest``, ``chapter_latest`` (missing
    where the chapter leaves it open), ``others_earliest``, ``others_latest``, ``origin``, ``claim_id``, ``question``,
    ``within`` (whether the chapter's words allow the other's date). Only reports within the year or the one after.
    """
    rows = []
    for row in report.claims[report.claims["when_edtf"].fillna("") != ""].itertuples():
        table = report.tables[report.records[row.subject_id]].set_index("record_id")
        if row.subject_column not in ("start_edtf", "end_edtf") or "start_earliest" not in table:
            continue
        subject = table.loc[row.subject_id]
        which = str(row.subject_column).removesuffix("_edtf")
        earliest, latest = dates.bounds(row.when_edtf)
        first, last = subject[f"{which}_earliest"], subject[f"{which}_latest"]
        told = pd.Timestamp(earliest)
        if told.year < report.closes.year:
            continue
        rows.append(
            {
                "subject_id": row.subject_id,
                "subject": _name_date(report, row.subject_id),
                "which": which,
                "chapter_earliest": first,
                "chapter_latest": last,
                "others_earliest": told,
                "others_latest": pd.Timestamp(latest),
                "origin": row.origin,
                "claim_id": row.record_id,
                "question": row.question,
                "within": not (pd.Timestamp(latest) < first or told > last),
            }
        )
    return pd.DataFrame(rows)


def _name_date(report: Report, record_id: str) -> str:
    if report.records[record_id] != "phases":
        return label(report, record_id)
    phase = report.phases.set_index("record_id").loc[record_id]
    if ((report.phases["incident_id"] == phase["incident_id"]) & (report.phases["kind"] == phase["kind"])).sum() > 1:
        return str(phase["summary"]).rstrip(".")
    return f"{report.names([phase['incident_id']], 'incidents', 'title')[0]}: {phase['kind']}"


def compare_editions(report: Report) -> pd.DataFrame:
    """Which statements stood in earlier editions: one row per statement, one column per edition's year.

    The index holds the statements in the chapter's order; a cell is a code of ``relation``.
    """
    table = report.earlier_editions
    wide = table.pivot(index="statement", columns="edition", values="relation").astype("object")
    return wide.loc[list(dict.fromkeys(table["statement"]))].rename_axis(None).rename_axis(None, axis=1)


def classify_news(report: Report) -> pd.DataFrame:
    """What is new since the last edition, one row per statement of the Overview and the incidents' opening.

    Columns: ``statement``, ``passage``, ``news`` (new, in other words, repeated, not known), ``earlier`` (how many
    earlier editions say the same, of their own year or in the same words), ``edition_ids``.
    """
    news = {"absent": "new", "in_part": "in other words", "same": "repeated", "other_year": "repeated"}
    rows = []
    for statement, own in report.earlier_editions.groupby("statement", sort=False):
        last = own.loc[own["edition"].idxmax()]
        rows.append(
            {
                "statement": statement,
                "passage": last["passage"],
                "news": news.get(last["relation"], "not known"),
                "earlier": int(own["relation"].isin(["same", "other_year"]).sum()),
                "edition_ids": list(own["record_id"]),
            }
        )
    return pd.DataFrame(rows)


def summarise_qualifications(report: Report) -> pd.DataFrame:
    """Which incidents the event datasets would hold by the chapter's facts, one row per incident and dataset.

    Columns: ``record_id``, ``incident``, ``dataset``, ``verdict``, ``reason``.
    """
    incidents = report.incidents.set_index("record_id")["title"]
    datasets = report.event_datasets.set_index("record_id")["name"]
    table = report.qualifications
    return pd.DataFrame(
        {
            "record_id": table["record_id"],
            "incident_id": table["incident_id"],
            "incident": list(incidents.loc[table["incident_id"]]),
            "dataset": list(datasets.loc[table["dataset_id"]]),
            "verdict": table["verdict"].astype(str),
            "reason": table["reason"],
        }
    )
