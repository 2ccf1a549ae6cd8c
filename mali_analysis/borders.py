"""Border findings held against obligations, against what they rest on, and against border lengths given elsewhere."""

from __future__ import annotations

import pandas as pd

from mali_analysis.places import MILE
from mali_analysis.report import Report

STANDINGS = {
    "negative": "deficit reported",
    "positive": "something reported in place",
    "neutral": "mentioned, level not stated",
    "unspecified": "general remark only",
    "applied": "measure applied",
    "not_in_force": "not yet in force",
    "silent": "chapter silent",
}
"""How a standard stands, by the strongest bearing that any finding has on it; the order is that of strength."""


def link_standards(report: Report, finding_ids: list[str] | None = None) -> pd.DataFrame:
    """Standards and the findings that bear on them, one row per link, in the order of the standards.

    ``finding_ids`` keeps the links of these findings, and all on which the chapter is silent. Columns: ``record_id``,
    ``standard_id``, ``standard``, ``force``, ``finding_id``, ``finding``, ``bearing``, ``reason``.
    """
    from mali_analysis.findings import label

    standards = report.standards.set_index("record_id")
    links = report.standard_links
    if finding_ids is not None:
        links = links[links["finding_id"].isin(finding_ids) | (links["bearing"] == "silent")]
    order = {standard: number for number, standard in enumerate(standards.index)}
    links = links.sort_values("standard_id", key=lambda ids: ids.map(order), kind="stable", ignore_index=True)
    return links.assign(
        standard=list(standards.loc[links["standard_id"], "short"]),
        force=list(standards.loc[links["standard_id"], "force"]),
        finding=[label(report, i).partition(" (")[0] if i else "" for i in links["finding_id"]],
    )


def summarise_standards(report: Report, links: pd.DataFrame) -> pd.DataFrame:
    """How each standard stands by the links, one row per standard among them.

    Columns: ``record_id``, ``standard``, ``force``, ``paragraph``, ``duty``, ``standing`` (see ``STANDINGS``),
    ``deficits`` (how many findings report one). Silence is a standing of its own and never a deficit.
    """
    rows = []
    for standard_id, own in links.groupby("standard_id", sort=False):
        standard = report.standards.set_index("record_id").loc[standard_id]
        bearings = set(own["bearing"])
        rows.append(
            {
                "record_id": standard_id,
                "standard": standard["short"],
                "force": standard["force"],
                "paragraph": standard["paragraph"],
                "duty": standard["duty"],
                "standing": next(name for bearing, name in STANDINGS.items() if bearing in bearings),
                "deficits": int((own["bearing"] == "negative").sum()),
            }
        )
    columns = ["record_id", "standard", "force", "paragraph", "duty", "standing", "deficits"]
    return pd.DataFrame(rows, columns=columns)


def group_remedies(report: Report, finding_ids: list[str]) -> pd.DataFrame:
    """What each deficit rests on and who could mend it, one row per deficit among the findings, in the chapter's order.

    Columns: ``finding_id``, ``capability``, ``rests_on``, ``within_reach_of``, ``reason``.
    """
    names = report.findings.set_index("record_id")["capability"]
    chosen = report.remedies[report.remedies["finding_id"].isin(finding_ids)]
    chosen = chosen.assign(capability=list(names.loc[chosen["finding_id"]]))
    return chosen[["finding_id", "capability", "rests_on", "within_reach_of", "reason"]].reset_index(drop=True)


def compare_lengths(report: Report) -> pd.DataFrame:
    """Length of the border with each neighbor by edition of the Factbook, one row per neighbor, the longest first.

    Columns: ``neighbor``, ``older_km``, ``newer_km``, ``older_miles``, ``newer_miles``.
    """
    wide = report.land_borders.pivot(index="name", columns="edition", values="km").astype(float)
    wide = wide.sort_values("newer", ascending=False)
    return pd.DataFrame(
        {
            "neighbor": list(wide.index),
            **{f"{edition}_km": list(wide[edition]) for edition in ("older", "newer")},
            **{f"{edition}_miles": list(wide[edition] / MILE) for edition in ("older", "newer")},
        }
    )
