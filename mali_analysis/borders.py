"""The border's gaps: what they rest on, who could mend and who pays, and which duties they fall under."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mali_analysis import findings, partners, tables
from mali_analysis.chapter import Chapter
from mali_analysis.findings import GAP
from mali_analysis.headlines import (
    MILE,
    Headline,
    capital,
    count,
    finish,
    fold,
    headline,
    join,
    number_word,
    quantity,
    the,
)

FORCES = {"binding": "binding obligations", "recommended": "recommendations", "membership": "rules", "domestic": "law"}
"""What a standard of each force holds."""


def select_border(chapter: Chapter, groups: Sequence[str] = (), agencies: Sequence[str] = ()) -> pd.DataFrame:
    """Findings on the borders, of the given groups and agencies (empty: all); see ``findings.select_findings``."""
    return findings.select_findings(chapter, ["border"], groups, agencies)


def link_standards(chapter: Chapter, finding_ids: list[str] | None = None) -> pd.DataFrame:
    """Standards and the findings that bear on them, one row per link, in the order of the standards.

    ``finding_ids`` keeps the links of these findings, and all on which the chapter is silent. Columns: ``record_id``,
    ``standard_id``, ``standard``, ``force``, ``finding_id``, ``finding``, ``bearing``, ``reason``.
    """
    standards = chapter.standards.set_index("record_id")
    links = chapter.standard_links
    if finding_ids is not None:
        links = links[links["finding_id"].isin(finding_ids) | (links["bearing"] == "silent")]
    order = {standard: number for number, standard in enumerate(standards.index)}
    links = links.sort_values("standard_id", key=lambda ids: ids.map(order), kind="stable", ignore_index=True)
    return links.assign(
        standard=list(standards.loc[links["standard_id"], "short"]),
        force=list(standards.loc[links["standard_id"], "force"]),
        finding=[findings.name_record(chapter, i) if i else "" for i in links["finding_id"]],
    )


def summarize_standards(chapter: Chapter, links: pd.DataFrame) -> pd.DataFrame:
    """How each standard stands by the links, one row per standard among them.

    Columns: ``record_id``, ``standard``, ``force``, ``paragraph``, ``duty``, ``standing`` (the strongest bearing),
    ``deficits`` (how many findings report one), ``resting on`` (the findings), ``source``. Silence is a standing of its
    own and never a deficit.
    """
    codes = chapter.codes("standard_links", "bearing")  # the strongest first
    rows = []
    for standard_id, own in links.groupby("standard_id", sort=False):
        standard = chapter.standards.set_index("record_id").loc[standard_id]
        bearings = set(own["bearing"])
        strongest = next(code for code in codes if code in bearings)
        rows.append(
            {
                "record_id": standard_id,
                "standard": standard["short"],
                "instrument": standard["instrument"],
                "force": standard["force"],
                "paragraph": standard["paragraph"] or None,
                "duty": standard["duty"],
                "standing": codes[strongest].more["standing"],
                "deficits": int((own["bearing"] == "negative").sum()),
                "resting on": "; ".join(fold(own.loc[own["bearing"] == strongest, "finding"])) or None,
                "source": tables.Address(standard["instrument"], standard["source_url"]),
            }
        )
    columns = ["record_id", "standard", "instrument", "force", "paragraph", "duty", "standing", "deficits",
               "resting on", "source"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def group_remedies(chapter: Chapter, border: pd.DataFrame) -> pd.DataFrame:
    """What each separate gap rests on and who could mend it, one row per gap, in the chapter's order.

    ``border`` as from ``select_border``. Columns: ``record_id`` (of the finding), ``gap``, ``rests_on``,
    ``within_reach_of`` (codes), ``rests on``, ``who could mend it`` (in words), ``why`` (our reason), ``support, by
    others`` (missing where nothing was found), ``source``, ``sentence``.
    """
    gaps = border[border["standing"] == GAP]
    ours = chapter.remedies.set_index("finding_id")
    words = {column: chapter.codes("remedies", column) for column in ("rests_on", "within_reach_of")}
    rows = []
    for gap in gaps.itertuples():
        remedy = ours.loc[gap.record_id] if gap.record_id in ours.index else None
        paid = chapter.border_support[chapter.border_support["finding_id"] == gap.record_id]
        told = paid.groupby("who", sort=False)["what"].agg(lambda what: ", ".join(dict.fromkeys(what)))
        links = zip(paid["origin"], paid["source_url"], strict=True)
        rows.append(
            {
                "record_id": gap.record_id,
                "gap": findings.tell_finding(chapter, gap),
                "rests_on": "" if remedy is None else remedy["rests_on"],
                "within_reach_of": "" if remedy is None else remedy["within_reach_of"],
                "rests on": None if remedy is None else words["rests_on"][remedy["rests_on"]].word,
                "who could mend it": None
                if remedy is None
                else words["within_reach_of"][remedy["within_reach_of"]].word.removesuffix(" could mend it"),
                "why": None if remedy is None else remedy["reason"],
                "support, by other reports": "; ".join(f"{who}: {what}" for who, what in told.items()) or None,
                "source": [tables.Address(*pair) for pair in links],
                "sentence": gap.sentence,
            }
        )
    columns = ["record_id", "gap", "rests_on", "within_reach_of", "rests on", "who could mend it", "why",
               "support, by other reports", "source", "sentence"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def select_support(chapter: Chapter, remedies: pd.DataFrame) -> pd.DataFrame:
    """What others report of support for what the gaps lack, one row per report, in the gaps' order.

    ``remedies`` as from ``group_remedies``. Columns: ``record_id``, ``gap``, ``who`` (pays or trains),
    ``stage`` (given, planned or halted), ``what they report``, ``source``.
    """
    rows = remedies[["record_id", "gap"]].merge(chapter.border_support, left_on="record_id", right_on="finding_id")
    stages = chapter.codes("border_support", "stage")
    return pd.DataFrame(
        {
            "record_id": rows["record_id_y"],
            "gap": rows["gap"],
            "who": rows["who"],
            "stage": [stages[code].word for code in rows["stage"]],
            "what they report": rows["says"],
            "source": [tables.Address(*pair) for pair in zip(rows["origin"], rows["source_url"], strict=True)],
        }
    )


def compare_lengths(chapter: Chapter) -> pd.DataFrame:
    """The chapter's length of all borders against sums of others' lengths, one row per edition, the oldest first.

    Columns: ``record_id`` (of the chapter's number), ``said``, ``number``, ``edition``, ``year``, ``neighbors``,
    ``sum`` (in the chapter's unit), ``unit``, ``longer_percent`` (by how much the sum exceeds the chapter's figure).
    """
    countries = set(chapter.places.loc[chapter.places["kind"] == "country", "record_id"])
    numbers = chapter.quantities[
        chapter.quantities["place_id"].isin(countries) & (chapter.quantities["unit"] == "mile")
    ]
    rows = []
    for row in numbers.itertuples():
        said, number, _ = quantity(chapter, row.record_id)
        for edition, own in chapter.land_borders.groupby("edition", sort=False):
            total = float(own["km"].sum()) / MILE
            rows.append(
                {
                    "record_id": row.record_id,
                    "said": said,
                    "number": number,
                    "edition": edition,
                    "year": str(own["published"].iloc[0])[:4],
                    "neighbors": len(own),
                    "sum": round(total),
                    "unit": "miles",
                    "longer_percent": round(100 * (total - number) / number),
                }
            )
    columns = ["record_id", "said", "number", "edition", "year", "neighbors", "sum", "unit", "longer_percent"]
    return pd.DataFrame(rows, columns=columns)


def say_lengths(chapter: Chapter) -> Headline:
    """The length of the borders in the chapter beside the sums of what others give for each neighbor."""
    lengths = compare_lengths(chapter)
    if lengths.empty:
        return headline(chapter, "the chapter gives no length of the borders that others’ could be held against", [], 0)
    told = []
    for row in lengths.itertuples():
        by = abs(row.longer_percent)
        fits = f"{by} percent {'more' if row.longer_percent > 0 else 'less'}" if by else "the same"
        issue = f"edition of {row.year}" if row.year else f"{row.edition} edition"
        told.append(f"{row.sum:,} miles in the {issue}, {fits}")
    first = lengths.iloc[0]
    sums = ", and to ".join([", to ".join(told[:-1]), told[-1]] if told[1:] else told)
    text = (
        f"the chapter gives {first['said']} {first['unit']} of border; in the World Factbook the lengths of the "
        f"{count(first['neighbors'], 'border')} add up to {sums}"
    )
    ids = [*lengths["record_id"].unique(), *chapter.land_borders["record_id"]]
    return headline(chapter, text, ids, int(first["number"]), first["unit"],
                    question="length of the borders", subject=first["record_id"])  # fmt: skip


def say_standards(chapter: Chapter, links: pd.DataFrame, standings: pd.DataFrame) -> Headline:
    """Under which instruments the gaps fall, what the chapter says of duties in general, and on which it is silent."""
    if standings.empty:
        return headline(chapter, "no standard on file bears on this choice", [], 0, "standards with a gap reported")
    negative = standings[standings["deficits"] > 0]
    parts = []
    if len(negative):
        named = negative.groupby("force", sort=False, observed=True)["instrument"].agg(
            lambda names: join(list(dict.fromkeys(names)))
        )
        told = [f"{FORCES.get(str(force), force)} of {names}" for force, names in named.items()]
        parts.append(f"in our reading, the gaps bear on {' and on '.join(told)}")
    else:
        parts.append("in our reading, no gap bears on a duty on file")
    general = findings.select_findings(chapter, ["border"], ["obligations"])
    parts += [said.text[said.text.index(": ") + 2 :].rstrip(".") for said in findings.say_groups(chapter, general)]
    silent = standings[standings["standing"] == chapter.codes("standard_links", "bearing")["silent"].more["standing"]]
    matters = list(dict.fromkeys(name.partition(": ")[2] or name for name in silent["standard"]))
    if matters:
        parts.append(f"the chapter does not mention {_join_or(matters)}, and silence is not a gap")
    ids = [*(i for i in links["finding_id"] if i), *general["record_id"], *standings["record_id"]]
    return headline(chapter, "; ".join(parts), ids, len(negative), "standards with a gap reported",
                    question="standards with a gap reported", subject=",".join(standings["record_id"]))  # fmt: skip


def _join_or(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"


def say_remedies(chapter: Chapter, remedies: pd.DataFrame) -> Headline:
    """Which gaps donors could help to mend, which are a matter of procedure, and which no money mends."""
    if remedies.empty:
        return headline(
            chapter, "no separate gap at the borders matches this choice", [], 0, "gaps that donors could mend"
        )
    leads = {
        "donors": "with donors",
        "state": "by the state’s own agencies",
        "war": "only once the conflict ends",
    }
    parts: list[str] = []
    for reach, lead in leads.items():
        own = remedies[remedies["within_reach_of"] == reach]
        if len(own):
            told = findings.tell_gaps(chapter, list(own["record_id"]))
            parts.append(f"{number_word(len(own))} could be mended {lead}: {told}")
    left = int((remedies["within_reach_of"] == "").sum())
    parts += [f"on {number_word(left)} we have made no judgment"] if left else []
    whole = f"of {count(len(remedies), 'separate gap')}, " if len(remedies) > 1 else ""
    text = f"in our reading, {whole}{'. '.join([parts[0], *map(capital, parts[1:])]) if parts else ''}"
    if left == len(remedies):
        text = "we have not judged what would mend " + ("the one gap" if left == 1 else f"the {count(left, 'gap')}")
    donors = int((remedies["within_reach_of"] == "donors").sum())
    return headline(chapter, text, list(remedies["record_id"]), donors, "gaps that donors could mend",
                    question="gaps that donors could mend", subject=",".join(remedies["record_id"]))  # fmt: skip


def say_means(chapter: Chapter, remedies: pd.DataFrame) -> Headline:
    """What stands in the way of the gaps that need donors: restricted assistance; and who pays, where others say."""
    needy = remedies[remedies["within_reach_of"] == "donors"]
    if (remedies["within_reach_of"] == "").all():
        what = "we have not judged whether donors could mend a gap" if len(remedies) else "no gap is for donors to mend"
        return headline(chapter, what, list(remedies["record_id"]), 0, "restrictions in the way")
    if needy.empty:
        return headline(
            chapter, "none of these gaps could be mended with donors, in our reading", [], 0, "restrictions in the way"
        )
    barred = partners.select_restrictions(chapter, str(chapter.closes))
    ids = [*needy["record_id"], *barred["record_id"]]
    gaps = "the one gap" if len(needy) == 1 else f"the {count(len(needy), 'gap')}"
    paid = needy[needy["support, by other reports"].notna()]
    rows = chapter.border_support[chapter.border_support["finding_id"].isin(paid["record_id"])]
    going, halted = rows[rows["stage"] != "halted"], rows[rows["stage"] == "halted"]
    told = f"for {gaps} that donors could mend, no support by others is on file"
    if len(going):
        names = [the(who) for who in dict.fromkeys(going["who"])]
        told = f"for {gaps} that donors could mend, others name support, past or planned, by {join(names)}"
    curbed = f"according to the chapter, {join(fold(barred['clause']))}"
    last = curbed if len(barred) else "the chapter reports no restriction of assistance"
    text = " ".join(map(finish, [told, *dict.fromkeys(halted["says"]), last]))
    return headline(chapter, text, [*ids, *rows["record_id"]], barred["clause"].nunique(), "restrictions in the way",
                    question="restrictions in the way", subject=",".join(needy["record_id"]))  # fmt: skip
