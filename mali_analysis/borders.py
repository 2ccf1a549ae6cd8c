"""Border findings, and what they stand under: obligations, means, and lengths given elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from mali_analysis import charts, findings
from mali_analysis.chapter import Chapter
from mali_analysis.headlines import MILE, Headline, count, headline, join, number_word, quantity


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
        finding=[chapter.label(i).partition(" (")[0] if i else "" for i in links["finding_id"]],
    )


def summarize_standards(chapter: Chapter, links: pd.DataFrame) -> pd.DataFrame:
    """How each standard stands by the links, one row per standard among them.

    Columns: ``record_id``, ``standard``, ``force``, ``paragraph``, ``duty``, ``standing`` (the strongest bearing),
    ``deficits`` (how many findings report one). Silence is a standing of its own and never a deficit.
    """
    codes = chapter.codes("standard_links", "bearing")  # the strongest first
    rows = []
    for standard_id, own in links.groupby("standard_id", sort=False):
        standard = chapter.standards.set_index("record_id").loc[standard_id]
        bearings = set(own["bearing"])
        rows.append(
            {
                "record_id": standard_id,
                "standard": standard["short"],
                "force": standard["force"],
                "paragraph": standard["paragraph"],
                "duty": standard["duty"],
                "standing": next(code.more["standing"] for bearing, code in codes.items() if bearing in bearings),
                "deficits": int((own["bearing"] == "negative").sum()),
            }
        )
    columns = ["record_id", "standard", "force", "paragraph", "duty", "standing", "deficits"]
    return pd.DataFrame(rows, columns=columns)


def group_remedies(chapter: Chapter, finding_ids: list[str]) -> pd.DataFrame:
    """What each deficit rests on and who could mend it, one row per deficit among the findings, in the chapter's order.

    Columns: ``finding_id``, ``capability``, ``rests_on``, ``within_reach_of``, ``reason``.
    """
    names = chapter.findings.set_index("record_id")["capability"]
    chosen = chapter.remedies[chapter.remedies["finding_id"].isin(finding_ids)]
    chosen = chosen.assign(capability=list(names.loc[chosen["finding_id"]]))
    return chosen[["finding_id", "capability", "rests_on", "within_reach_of", "reason"]].reset_index(drop=True)


def compare_lengths(chapter: Chapter) -> pd.DataFrame:
    """Length of the border with each neighbor by edition of the Factbook, one row per neighbor, the longest first.

    Columns: ``neighbor``, ``older_km``, ``newer_km``, ``older_miles``, ``newer_miles``.
    """
    wide = chapter.land_borders.pivot(index="name", columns="edition", values="km").astype(float)
    wide = wide.sort_values("newer", ascending=False)
    return pd.DataFrame(
        {
            "neighbor": list(wide.index),
            **{f"{edition}_km": list(wide[edition]) for edition in ("older", "newer")},
            **{f"{edition}_miles": list(wide[edition] / MILE) for edition in ("older", "newer")},
        }
    )


def say_levels(chapter: Chapter, border: pd.DataFrame) -> Headline:
    """How many border capabilities the chapter calls deficient or lacking, and how many present."""
    return findings.say_levels(chapter, border, "border capabilities")


def say_numbers(chapter: Chapter) -> Headline:
    """Length and neighbors of the borders, as the chapter gives them."""
    miles, number, _ = quantity(chapter, "qty-border-miles")
    neighbors, _, _ = quantity(chapter, "qty-neighbors")
    text = f"the chapter puts the borders at {miles} miles and {number_word(int(neighbors))} neighboring countries."
    return headline(chapter, text, ["qty-border-miles", "qty-neighbors"], number, "miles")


def say_progress(chapter: Chapter) -> Headline:
    """The general remark on resolution 2396, and what it leaves unspecified."""
    row = chapter.findings.set_index("record_id").loc["fnd-unscr-2396"]
    text = f"the chapter reports {row['phrase']} and names none of the resolution’s obligations in that sentence."
    return headline(chapter, text, ["fnd-unscr-2396"], str(row["change"]), None)


def say_lengths(chapter: Chapter) -> Headline:
    """Both totals of the border lengths against the chapter's."""
    lengths = compare_lengths(chapter)
    said, number, _ = quantity(chapter, "qty-border-miles")
    older, newer = lengths["older_miles"].sum(), lengths["newer_miles"].sum()
    matches, falls_short = (chapter.word("claims", i, "verdict") for i in ("clm-border-older", "clm-border-newer"))
    text = (
        f"the {number_word(len(lengths))} lengths of the older Factbook add up to {older:,.0f} miles, those of the "
        f"newer to {newer:,.0f}; the chapter’s figure of {said} matches the older "
        f"({matches}) and is {100 * (newer - number) / newer:.0f} percent short of the "
        f"newer ({falls_short})."
    )
    ids = ["qty-border-miles", *chapter.land_borders["record_id"], "clm-border-older", "clm-border-newer"]
    return headline(chapter, text, ids, f"{older:.0f} and {newer:.0f}", f"miles; {number} said")


def say_standards(chapter: Chapter, links: pd.DataFrame, standings: pd.DataFrame) -> Headline:
    """For how many obligations a deficit is reported, and on how many the chapter is silent."""
    counts = standings["standing"].value_counts()
    bad, silent = int(counts.get("deficit reported", 0)), int(counts.get("chapter silent", 0))
    binding = int(((standings["standing"] == "deficit reported") & (standings["force"] == "binding")).sum())
    text = (
        f"of {count(len(standings), 'standard')} on the matter, the border findings report a deficit under "
        f"{number_word(bad)} ({number_word(binding)} of them binding); on {number_word(silent)} the chapter is silent, "
        "and silence is no gap."
    )
    ids = [*links.loc[links["finding_id"] != "", "finding_id"], *standings["record_id"], *links["record_id"]]
    return headline(chapter, text, ids, bad, "standards with a deficit reported")


def say_silence(chapter: Chapter) -> Headline:
    """Which duties the chapter never mentions."""
    links = chapter.standard_links[chapter.standard_links["bearing"] == "silent"]
    short = chapter.standards.set_index("record_id").loc[links["standard_id"], "short"]
    matters = list(dict.fromkeys(name.partition(": ")[2] for name in short))
    named = " or ".join([", ".join(matters[:-1]), matters[-1]])
    text = (
        f"the chapter calls progress on resolution 2396 little and does not mention {named}: "
        "it does not say that these are lacking."
    )
    return headline(
        chapter, text, ["fnd-unscr-2396", *links["standard_id"], *links["record_id"]], len(matters), "matters"
    )


def say_remedies(chapter: Chapter, remedies: pd.DataFrame) -> Headline:
    """How many deficits rest on means, on procedure and on territory."""
    if remedies.empty:
        return headline(chapter, "no border deficit matches these parameters.", [], 0, "deficits")
    counts = remedies["rests_on"].value_counts()
    codes = {name: code.word for name, code in chapter.codes("remedies", "rests_on").items() if name != "result"}
    told = [f"{number_word(int(counts[k]))} on {words}" for k, words in codes.items() if counts.get(k, 0)]
    rest = int(counts.get("result", 0))
    text = f"{count(len(remedies), 'border deficit')} rest, as we read them, on different things: {join(told)}" + (
        f"; {number_word(rest)} {'follows' if rest == 1 else 'follow'} from the others." if rest else "."
    )
    return headline(
        chapter, text, list(remedies["finding_id"]), int(counts.get("procedure", 0)), "deficits of procedure"
    )


def plot_standards(chapter: Chapter, links: pd.DataFrame) -> Axes:
    """Standards against the findings that bear on them, with a column for silence; ``links`` as ``link_standards``."""
    if links.empty:
        return charts.say_empty("No standard bears on these findings.")
    codes = chapter.codes("standard_links", "bearing")
    heads = [name for name in dict.fromkeys(links["finding"]) if name]
    letters = pd.DataFrame("", index=list(dict.fromkeys(links["standard"])), columns=["(silent)", *heads])
    for row in links.itertuples():
        letters.loc[row.standard, row.finding or "(silent)"] = codes[row.bearing].letter
    what = "Standards and the findings that bear on them"
    return charts.plot_matrix(letters, charts.legend_of(codes), what, turn=60)


def plot_remedies(chapter: Chapter, remedies: pd.DataFrame) -> Axes:
    """Deficits by what they rest on; the letter says who could mend them. ``remedies`` as from ``group_remedies``."""
    heads = {name: code.more["head"] for name, code in chapter.codes("remedies", "rests_on").items()}
    codes = chapter.codes("remedies", "within_reach_of")
    letters = pd.DataFrame("", index=list(remedies["capability"]), columns=list(heads.values()))
    for row in remedies.itertuples():
        letters.loc[row.capability, heads[row.rests_on]] = codes[row.within_reach_of].letter
    what = "What each border deficit rests on and who could mend it"
    return charts.plot_matrix(letters, charts.legend_of(codes), what, turn=0)


def plot_lengths(chapter: Chapter, lengths: pd.DataFrame) -> Axes:
    """Border lengths by neighbor as two stacked bars, older and newer, and the chapter's total as a line, in miles."""
    _, said, _ = quantity(chapter, "qty-border-miles")
    axes = charts.new_axes(8.4, 2.6)
    palette = sns.color_palette("colorblind", len(lengths))
    totals = {}
    for y, edition in enumerate(["older", "newer"]):
        left = 0.0
        for color, row in zip(palette, lengths.itertuples(), strict=True):
            miles = getattr(row, f"{edition}_miles")
            axes.barh(y, miles, left=left, color=(*color, 0.45), edgecolor=charts.PAPER, height=0.62)
            name = row.neighbor.replace("Burkina Faso", "Burkina\nFaso").replace("Côte d’Ivoire", "Côte\nd’Ivoire")
            axes.text(left + miles / 2, y, f"{name}\n{miles:,.0f}", ha="center", va="center", fontsize=8)
            left += miles
        totals[edition] = left
        axes.text(left + 40, y, f"{left:,.0f}", va="center", fontweight="bold", fontsize=10)
    axes.axvline(said, color=charts.INK, lw=1.4, ls=(0, (3, 2)), zorder=0)
    axes.text(said, -0.62, f"the chapter: some {said:,.0f} miles ", ha="right", va="bottom", fontsize=9)
    axes.set_yticks([0, 1], ["older\nFactbook", "newer\nFactbook"])
    axes.set_ylim(1.5, -0.75)
    axes.set_xlim(0, max(totals.values()) * 1.1)
    axes.set_xlabel("miles")
    axes.tick_params(length=0)
    told = [f"{row.neighbor} {row.older_miles:,.0f} and {row.newer_miles:,.0f}" for row in lengths.itertuples()]
    return charts.describe(
        axes,
        f"Border lengths by neighbor in the older and the newer Factbook, in miles. {'; '.join(told)}; together "
        f"{totals['older']:,.0f} and {totals['newer']:,.0f}; the chapter says {said:,.0f}.",
    )
