"""Described incidents: which ones, in which phases, and who is said to have done what to whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from mali_analysis import dates
from mali_analysis.report import DAYS, Report

DOERS = ["perpetrator", "orchestrator", "relief", "guard", "contracting", "ruler"]
DONE_TO = ["target", "captive", "shut_in", "released", "beneficiary"]


def select_incidents(
    report: Report,
    start: str | date,
    end: str | date,
    actors: Sequence[str] = (),
    regions: Sequence[str] = (),
    event_types: Sequence[str] = (),
) -> pd.DataFrame:
    """Incidents that may have touched a period, one row per incident in order of their earliest start.

    ``start`` and ``end`` are ISO days. An incident counts where its dates allow that it went on in the period. An empty
    list selects all; ``actors`` keeps the incidents in which any of them has a part, ``regions`` those the chapter
    places in one of them. Adds ``began`` and ``ended``, the dates in words.
    """
    table = report.incidents
    keep = table["start_earliest"].le(pd.Timestamp(end)) & ~table["end_latest"].lt(pd.Timestamp(start))
    if actors:
        phases = report.involvements.loc[report.involvements["actor_id"].isin(actors), "subject_id"]
        keep &= table["record_id"].isin(report.phases.loc[report.phases["record_id"].isin(phases), "incident_id"])
    if regions:
        keep &= table["region"].isin(regions)
    if event_types:
        keep &= table["event_type"].isin(event_types)
    chosen = table[keep].sort_values("start_earliest", kind="stable").reset_index(drop=True)
    return chosen.assign(began=_in_words(chosen, "start"), ended=_in_words(chosen, "end"))


def _in_words(table: pd.DataFrame, which: str) -> list[str]:
    pairs = zip(table[f"{which}_earliest"], table[f"{which}_latest"], strict=True)
    return [dates.in_words(*(None if pd.isna(day) else day.date() for day in pair)) for pair in pairs]


def select_phases(report: Report, incidents: pd.DataFrame) -> pd.DataFrame:
    """Phases of the given incidents, one row per phase, in the incidents' order and their own; ``title`` is added."""
    titles = incidents[["record_id", "title"]].rename(columns={"record_id": "incident_id"})
    phases = titles.merge(report.phases, on="incident_id").sort_values(["incident_id", "sequence"])
    order = {record_id: i for i, record_id in enumerate(incidents["record_id"])}
    phases = phases.assign(_order=phases["incident_id"].map(order)).sort_values(["_order", "sequence"])
    columns = ["record_id", "incident_id", "title", "sequence", "kind", "modality", "outcome", "summary", *DAYS]
    return phases[[*columns, "end_edtf", "end_edtf_status"]].reset_index(drop=True)


def summarise_roles(report: Report, phases: pd.DataFrame) -> pd.DataFrame:
    """Who is said to have done what to whom, one row per phase with a party in it.

    Columns: ``record_id``, ``doer``, ``attribution`` (of the perpetrator; empty for others), ``action``, ``done_to``.
    """
    rows = []
    for phase in phases.itertuples():
        parts = report.involvements[report.involvements["subject_id"] == phase.record_id]
        doers, done_to = parts[parts["role"].isin(DOERS)], parts[parts["role"].isin(DONE_TO)]
        targets = list(report.targets.loc[report.targets["phase_id"] == phase.record_id, "name"])
        if parts.empty:
            continue
        attributions = doers["attribution"].dropna()
        rows.append(
            {
                "record_id": phase.record_id,
                "doer": " and ".join(report.names(doers["actor_id"])) or "not said",
                "attribution": attributions.iloc[0] if len(attributions) else "",
                "action": f"{phase.kind} ({phase.modality})" if phase.modality != "happened" else phase.kind,
                "done_to": ", ".join([*targets, *report.names(done_to["actor_id"])]) or "not said",
            }
        )
    return pd.DataFrame(rows, columns=["record_id", "doer", "attribution", "action", "done_to"])


def summarise_attributions(report: Report, phases: pd.DataFrame) -> pd.DataFrame:
    """Attribution as worded, one row per phase and attacker, with ``title``, ``actor``, ``attribution``."""
    parts = report.involvements[report.involvements["role"].isin(["perpetrator", "orchestrator"])]
    joined = phases.merge(parts, left_on="record_id", right_on="subject_id", suffixes=("", "_part"))
    joined["actor"] = report.names(joined["actor_id"])
    columns = ["record_id_part", "incident_id", "title", "sequence", "kind", "actor", "role", "attribution"]
    return joined[columns].rename(columns={"record_id_part": "record_id"})


def summarise_trends(report: Report, regions: Sequence[str] = ()) -> pd.DataFrame:
    """Trends that the chapter asserts, one row per trend, of the given regions (empty: all)."""
    trends = report.trends[["record_id", "measure", "direction", "region", "baseline", "baseline_status"]]
    return (trends[trends["region"].isin(regions)] if regions else trends).reset_index(drop=True)


def summarise_durations(incidents: pd.DataFrame) -> pd.DataFrame:
    """How long each incident lasted, as bounds in days from its first day to its last, one row per incident.

    Columns: ``record_id``, ``title``, ``began``, ``ended`` (in words), ``at_least``, ``at_most`` (missing where the
    chapter sets no upper bound); zero where it began and ended on one day.
    """
    least = (incidents["end_earliest"] - incidents["start_latest"]).dt.days.clip(lower=0)
    most = (incidents["end_latest"] - incidents["start_earliest"]).dt.days
    bounds = {"at_least": least.astype("Int64"), "at_most": most.astype("Int64")}
    return incidents[["record_id", "title", "began", "ended"]].assign(**bounds).reset_index(drop=True)
