"""Assessed capabilities at the border, in law, financing and prevention, and the links the chapter words."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from mali_analysis import charts
from mali_analysis.chapter import Chapter
from mali_analysis.headlines import Headline, be, count, headline, join, number_word, quantity

NO_AGENCY = "no agency named"


def select_findings(
    chapter: Chapter, areas: Sequence[str] = (), groups: Sequence[str] = (), agencies: Sequence[str] = ()
) -> pd.DataFrame:
    """Findings of the given areas, groups and agencies (empty: all), one row per finding in the chapter's order.

    Adds ``agency_ids`` (a list, empty where the chapter names none) and ``agencies`` (a list of their names).
    """
    table = chapter.findings
    keep = pd.Series(True, index=table.index)
    for column, wanted in (("area", areas), ("group", groups)):
        if wanted:
            keep &= table[column].isin(wanted)
    parts = chapter.involvements[chapter.involvements["role"] == "responsible"]
    ids = parts.groupby("subject_id")["actor_id"].agg(list)
    chosen = table[keep].assign(agency_ids=[list(ids.get(i, [])) for i in table.loc[keep, "record_id"]])
    if agencies:
        chosen = chosen[[bool(set(agencies) & set(found)) for found in chosen["agency_ids"]]]
    names = [chapter.names(found) or [NO_AGENCY] for found in chosen["agency_ids"]]
    return chosen.assign(agencies=names).reset_index(drop=True)


def select_links(chapter: Chapter, record_ids: Sequence[str]) -> pd.DataFrame:
    """Links that begin or end at one of the records, one row per link, with names for both ends."""
    links = chapter.links
    chosen = links[links["from_id"].isin(record_ids) | links["to_id"].isin(record_ids)].reset_index(drop=True)
    return chosen.assign(
        cause=[chapter.label(i) for i in chosen["from_id"]], effect=[chapter.label(i) for i in chosen["to_id"]]
    )


def count_levels(findings: pd.DataFrame) -> pd.DataFrame:
    """How many findings stand at each level, one row per level that occurs, best first, those without one last."""
    shown = (
        findings["level"].astype("object").where(findings["level"].notna(), findings["level_status"].astype("object"))
    )
    order = [*findings["level"].cat.categories, "unknown", "not_stated"]
    counts = shown.value_counts().reindex(order).dropna().astype(int)
    return counts.rename_axis("level").rename("findings").reset_index()


def say_levels(chapter: Chapter, findings: pd.DataFrame, what: str = "capabilities") -> Headline:
    """How many capabilities the chapter calls deficient or lacking, and how many present."""
    if findings.empty:
        return headline(chapter, f"the chapter assesses no {what} for these parameters.", [], 0, what)
    levels = findings["level"]
    bad, lacking, good = (levels == "deficient").sum(), (levels == "lacking").sum(), (levels == "present").sum()
    open_ = levels.isna().sum()
    text = (
        f"of {number_word(len(findings))} {what} that the chapter assesses, it calls {number_word(bad)} deficient and "
        f"{number_word(lacking)} lacking; {number_word(good)} {be(good)} present without a defect of "
        f"{'its' if good == 1 else 'their'} own"
    )
    text += f", and of {number_word(open_)} it does not state the level." if open_ else "."
    return headline(chapter, text, list(findings["record_id"]), int(bad + lacking), what)


def say_agencies(chapter: Chapter, findings: pd.DataFrame) -> Headline:
    """For which agencies the chapter names most defects, and how many defects have no agency."""
    faulty = findings[findings["level"].isin(["deficient", "lacking"])]
    if faulty.empty:
        return headline(chapter, "the chapter names no defect for these parameters.", [], 0, "defects")
    counts = faulty.explode("agency_ids")["agency_ids"].dropna().value_counts()
    orphan = faulty[[names == [NO_AGENCY] for names in faulty["agencies"]]]
    top = counts[counts == counts.max()].index if len(counts) else []
    agencies = join(sorted(chapter.names(top)))
    share = (
        f"the most defects ({number_word(int(counts.max()))}{' each' if len(top) > 1 else ''}) fall to {agencies}; "
        if len(top)
        else ""
    )
    text = f"{share}{count(len(orphan), 'defect')} {'has' if len(orphan) == 1 else 'have'} no agency named."
    return headline(chapter, text, list(faulty["record_id"]), len(orphan), "defects without an agency")


def say_law(chapter: Chapter) -> Headline:
    """What became of the overhaul of the laws, and why, in the chapter's own links."""
    reasons = chapter.codes("links", "relation")
    links = chapter.links[
        (chapter.links["to_id"] == "fnd-overhaul") & chapter.links["relation"].isin(["causes", "aggravates"])
    ]
    names = chapter.milestones.set_index("record_id")["name"]
    why = join(
        [
            f"{reasons[row.relation].word} the {names[row.from_id][0].lower()}{names[row.from_id][1:]}"
            for row in links.itertuples()
        ]
    )
    cases, number, _ = quantity(chapter, "qty-cases")
    text = (
        f"the overhaul of the terrorism laws was suspended indefinitely, {why}; "
        f"even so, {cases} terrorism cases went to trial."
    )
    return headline(chapter, text, ["fnd-overhaul", *links["record_id"], "qty-cases"], number, "court cases, about")


def say_causes(chapter: Chapter) -> Headline:
    """What the chapter says makes the work against terrorist financing ineffective."""
    links = chapter.links[(chapter.links["to_id"] == "fnd-cft-effectiveness") & (chapter.links["relation"] == "causes")]
    lacks = chapter.findings.set_index("record_id").loc[links["from_id"], "capability"]
    short = join([name.removesuffix(" against terrorist financing") for name in lacks])
    text = (
        "the chapter calls the efforts against terrorist financing ineffective "
        f"and gives {count(len(links), 'cause')}: lack of {short}."
    )
    return headline(chapter, text, ["fnd-cft-effectiveness", *links["record_id"]], len(links), "causes")


def say_prevention(chapter: Chapter) -> Headline:
    """Which measures of prevention the chapter calls lacking, not done yet or unclear."""
    rows = chapter.findings[chapter.findings["area"] == "prevention"]
    kinds = {
        "lacking": rows[rows["level"] == "lacking"],
        chapter.codes("findings", "change")["not_yet"].word: rows[rows["change"] == "not_yet"],
        "unclear": rows[rows["level_status"] == "unknown"],
    }
    told = [
        f"{number_word(len(own))} {word} ({join(list(own['capability']))})" for word, own in kinds.items() if len(own)
    ]
    text = (
        f"of {count(len(rows), 'measure')} of prevention the chapter calls {join(told) or 'none lacking or unclear'}."
    )
    ids = [record_id for own in kinds.values() for record_id in own["record_id"]]
    return headline(chapter, text, ids or list(rows["record_id"]), len(ids), "findings")


def plot_findings(chapter: Chapter, findings: pd.DataFrame, links: pd.DataFrame) -> Axes:
    """Capabilities by agency: a letter and color for the level, and in the margin what the chapter ties it to.

    ``findings`` as from ``select_findings``, ``links`` as from ``select_links``.
    """
    if findings.empty:
        return charts.say_empty("The chapter assesses no capability for these parameters.")
    codes = chapter.codes("findings", "level") | chapter.codes("findings", "level_status")
    shown = [codes[level] for level in findings["level"].astype("object").fillna(findings["level_status"].astype(str))]
    agencies = [[name.partition(" (")[0] for name in names] for names in findings["agencies"]]
    heads = sorted({name for names in agencies for name in names}, key=sum(agencies, []).index)
    heads.sort(key=NO_AGENCY.__eq__)
    letters = pd.DataFrame("", index=range(len(findings)), columns=heads)
    for row, names, level in zip(letters.index, agencies, shown, strict=True):
        letters.loc[row, names] = level.letter
    letters.index = pd.Index([textwrap.fill(name, 44) for name in findings["capability"]])
    relations = chapter.codes("links", "relation")
    notes = dict.fromkeys(findings["record_id"], "")
    for link in links[links["to_id"].isin(list(notes))].itertuples():
        relation = relations[link.relation]
        if relation.more.get("causal", True):
            notes[link.to_id] = f"← {relation.more.get('margin', link.relation)} – {link.cause}"
    axes = charts.plot_matrix(letters, charts.legend_of(codes), "", notes=list(notes.values()))
    told = [
        f"{row.capability}: {level.word} ({', '.join(row.agencies)})"
        for row, level in zip(findings.itertuples(), shown, strict=True)
    ]
    return charts.describe(axes, "Assessed capabilities by agency. " + "; ".join(told) + ".")


def plot_links(links: pd.DataFrame, what: str) -> Axes:
    """Links that the chapter words, one arrow per link; ``links`` as from ``select_links``."""
    return charts.plot_arrows(links, "cause", "relation", "effect", what)
