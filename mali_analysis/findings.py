"""Assessed capabilities at the border, in law, financing and prevention, and the links the chapter words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mali_analysis.report import Report

NO_AGENCY = "no agency named"


def select_findings(
    report: Report, areas: Sequence[str] = (), domains: Sequence[str] = (), agencies: Sequence[str] = ()
) -> pd.DataFrame:
    """Findings of the given areas, domains and agencies (empty: all), one row per finding in the chapter's order.

    Adds ``agency_ids`` (a list, empty where the chapter names none) and ``agencies`` (a list of their names).
    """
    table = report.findings
    keep = pd.Series(True, index=table.index)
    for column, wanted in (("area", areas), ("domain", domains)):
        if wanted:
            keep &= table[column].isin(wanted)
    parts = report.involvements[report.involvements["role"] == "responsible"]
    ids = parts.groupby("subject_id")["actor_id"].agg(list)
    chosen = table[keep].assign(agency_ids=[list(ids.get(i, [])) for i in table.loc[keep, "record_id"]])
    if agencies:
        chosen = chosen[[bool(set(agencies) & set(found)) for found in chosen["agency_ids"]]]
    names = [report.names(found) or [NO_AGENCY] for found in chosen["agency_ids"]]
    return chosen.assign(agencies=names).reset_index(drop=True)


def select_links(report: Report, record_ids: Sequence[str]) -> pd.DataFrame:
    """Links that begin or end at one of the records, one row per link, with names for both ends."""
    links = report.causes
    chosen = links[links["cause_id"].isin(record_ids) | links["effect_id"].isin(record_ids)].reset_index(drop=True)
    return chosen.assign(
        cause=[label(report, i) for i in chosen["cause_id"]], effect=[label(report, i) for i in chosen["effect_id"]]
    )


def label(report: Report, record_id: str) -> str:
    """A record's short name: its title, capability, summary or what its parts say."""
    row = report.tables[report.records[record_id]].set_index("record_id").loc[record_id]
    if "partner_id" in row:
        return f"{report.names([row['partner_id']])[0]}: {row['arrangement'].replace('_', ' ')} {row['status']}"
    if "member_id" in row:
        return f"{report.names([row['member_id']])[0]} in {report.names([row['whole_id']])[0]}"
    if "capability" in row:
        states = [str(row[column]).replace("_", " ") for column in ("level", "change") if pd.notna(row[column])]
        return f"{row['capability']} ({states[0]})" if states else str(row["capability"])
    for column in ("title", "summary", "name"):
        if column in row:
            return str(row[column])
    return record_id


def count_levels(findings: pd.DataFrame) -> pd.DataFrame:
    """How many findings stand at each level, one row per level that occurs, best first, those without one last."""
    shown = (
        findings["level"].astype("object").where(findings["level"].notna(), findings["level_status"].astype("object"))
    )
    order = [*findings["level"].cat.categories, "unknown", "not_stated"]
    counts = shown.value_counts().reindex(order).dropna().astype(int)
    return counts.rename_axis("level").rename("findings").reset_index()
