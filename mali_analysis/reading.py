"""How the chapter was read: what is coded from each sentence, on what basis, and how far codings agree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from mali_analysis import borders, charts, findings, incidents
from mali_analysis.chapter import Chapter, type_table
from mali_analysis.coding.agreement import folder_of, read_coding
from mali_analysis.coding.schema import read_fields
from mali_analysis.headlines import Headline, count, headline, join, number_word


def count_records(chapter: Chapter, sections: Sequence[str] = ()) -> pd.DataFrame:
    """Records anchored in each sentence, one row per sentence in reading order.

    Columns: ``passage``, ``section``, ``records`` (how many rest on words of it), ``text``.
    """
    sentences = chapter.passages[chapter.passages["kind"] == "sentence"]
    if sections:
        sentences = sentences[sentences["section"].isin(sections)]
    rows = chapter.evidence.assign(passage=chapter.passages_of(chapter.evidence["start"]))
    counts = rows.groupby("passage")["record_id"].nunique()
    counted = sentences.assign(records=[int(counts.get(p, 0)) for p in sentences["passage"]])
    return counted[["passage", "section", "records", "text"]].reset_index(drop=True)


def summarize_sections(chapter: Chapter, sections: Sequence[str] = ()) -> pd.DataFrame:
    """Sentences, records and rows of evidence of each section, one row per section in reading order.

    A record counts in the section of its first words.
    """
    evidence = chapter.evidence.assign(passage=chapter.passages_of(chapter.evidence["start"]))
    evidence["section"] = list(chapter.passages.loc[evidence["passage"], "section"])
    first = evidence.drop_duplicates("record_id")
    sentences = count_records(chapter, sections).groupby("section", sort=False)["passage"].size()
    inferred = evidence[evidence["basis"] == "inferred"].groupby("section").size()
    table = pd.DataFrame({"sentences": sentences})
    table["records"] = first.groupby("section").size().reindex(table.index, fill_value=0)
    table["evidence"] = evidence.groupby("section").size().reindex(table.index, fill_value=0)
    table["inferred"] = inferred.reindex(table.index, fill_value=0)
    return table.reset_index()


def list_inferences(chapter: Chapter, sections: Sequence[str] = ()) -> pd.DataFrame:
    """Readings that go beyond the words, one row per reading with the number of values that rest on it, most first."""
    evidence = chapter.evidence.assign(passage=chapter.passages_of(chapter.evidence["start"]))
    if sections:
        evidence = evidence[list(chapter.passages.loc[evidence["passage"], "section"].isin(sections))]
    inferred = evidence[evidence["basis"] == "inferred"]
    counts = inferred.groupby("note", sort=False).size().sort_values(ascending=False, kind="stable")
    return counts.rename_axis("reading").rename("values").reset_index()


def list_unread(chapter: Chapter, sections: Sequence[str] = ()) -> pd.DataFrame:
    """Words that no record rests on, one row per sentence that has any: ``passage`` and the ``words``, in order."""
    rest = list(chapter.text)
    for start, end in zip(chapter.evidence["start"], chapter.evidence["end"], strict=True):
        rest[start:end] = " " * (end - start)
    rows = []
    for sentence in count_records(chapter, sections).itertuples():
        span = chapter.passages.loc[sentence.passage]
        words = re.findall(r"[\w’'-]+", "".join(rest[span["start"] : span["end"]]))
        if words:
            rows.append({"passage": sentence.passage, "words": " ".join(words)})
    return pd.DataFrame(rows, columns=["passage", "words"])


def compare_codings(chapter: Chapter) -> pd.DataFrame:
    """Agreement before and after the rules were sharpened, one row per table and variable, as committed.

    Columns: ``table``, ``variable``, ``level``, and for each of ``before`` and ``after``: ``units``, ``raw``,
    ``alpha``, ``low``, ``high`` (missing below ``LEAST_UNITS`` units).
    """
    return pd.read_csv(folder_of(chapter.root, chapter.chapter_id) / "comparison" / "agreement.csv")


def list_disagreements(chapter: Chapter) -> pd.DataFrame:
    """Every value on which two codings differ and how it was settled, one row per value and stage.

    Columns: ``stage``, ``table``, ``variable``, ``first_id``, ``second_id``, ``first``, ``second``, ``settled`` (for
    first, second or neither), ``how``.
    """
    return pd.read_csv(
        folder_of(chapter.root, chapter.chapter_id) / "comparison" / "settled.csv", keep_default_na=False
    )


def compare_matching(chapter: Chapter) -> pd.DataFrame:
    """Records of both codings before and after, one row per table: see ``summarize_matching``."""
    return pd.read_csv(folder_of(chapter.root, chapter.chapter_id) / "comparison" / "matching.csv")


def load_coding(chapter: Chapter, folder: Path) -> Chapter:
    """Another coding of the same chapter as a Chapter, fit for the functions that take one."""
    tables = {
        name: type_table(rows, read_fields(name, chapter.root), chapter.closes)
        for name, rows in read_coding(folder).items()
    }
    return replace(chapter, tables=tables)


def compare_figures(chapter: Chapter) -> pd.DataFrame:
    """Headline values under each coding, one row per headline that no record id is written into.

    Columns: ``headline``, ``first``, ``second``, ``after``, ``same``.
    """

    def values(coded: Chapter) -> dict[str, Any]:
        chosen = incidents.select_incidents(coded, coded.opens, coded.closes)
        border = borders.select_border(coded)
        rest = findings.select_findings(coded, ["law", "law_enforcement", "financing", "prevention"])
        return {
            "incidents with a group named": incidents.say_attribution(coded, chosen).value,
            "days in captivity": incidents.say_captivity(coded, chosen).value,
            "incidents without a word on dead": incidents.say_unsaid(coded, chosen).value,
            "rises or extensions asserted": incidents.say_trends(coded, incidents.summarize_trends(coded)).value,
            "border capabilities deficient or lacking": borders.say_levels(coded, border).value,
            "border defects without an agency": findings.say_agencies(coded, border).value,
            "other capabilities deficient or lacking": findings.say_levels(coded, rest).value,
        }

    folder = folder_of(chapter.root, chapter.chapter_id)
    columns = [
        values(coded) for coded in (chapter, load_coding(chapter, folder), load_coding(chapter, folder / "after"))
    ]
    table = pd.DataFrame(columns, index=["first", "second", "after"]).T.rename_axis("headline").reset_index()
    return table.assign(same=[len(set(map(str, row))) == 1 for row in table[["first", "second", "after"]].to_numpy()])


def say_coverage(chapter: Chapter, counts: pd.DataFrame) -> Headline:
    """How many sentences were read, and how many yield records."""
    coded = counts[counts["records"] > 0]
    text = (
        f"{len(coded)} of the {len(counts)} sentences shown yield records; the whole chapter yields "
        f"{len(chapter.records)}."
    )
    shown = chapter.evidence["record_id"][
        [p in set(coded["passage"]) for p in chapter.passages_of(chapter.evidence["start"])]
    ]
    return headline(chapter, text, list(shown), len(coded), "sentences")


def say_basis(chapter: Chapter) -> Headline:
    """How many coded values the words state and how many are a reading."""
    values = chapter.evidence[chapter.evidence["column"] != "*"]
    read = values[values["basis"] == "inferred"]
    text = (
        f"of {len(values):,} coded values, {len(values) - len(read):,} are stated in words "
        f"and {len(read):,} inferred by a reading given in a note."
    )
    return headline(chapter, text, list(read["record_id"]), len(read), "values")


GOOD = 0.80
"""Alpha from which a variable counts as reliable; below it every disagreement is explained."""


def say_agreement(chapter: Chapter, agreement: pd.DataFrame, settled: pd.DataFrame) -> Headline:
    """How far two blind codings agreed, and how far once the rules were sharpened."""
    shown = agreement[agreement["alpha_before"].notna() & agreement["alpha_after"].notna()]
    weak = shown[shown["alpha_before"] < GOOD]
    names = join([f"{row.variable} of {row.table} {row.alpha_before:.2f}" for row in weak.itertuples()])
    text = (
        f"of {count(len(shown), 'variable')} with twenty units or more, {number_word(len(shown) - len(weak))} reached "
        f"an alpha of {GOOD:.2f} at the first attempt ({names} did not); with the rules sharpened, a fresh blind "
        f"coding reached {shown['alpha_after'].min():.2f} to {shown['alpha_after'].max():.2f}."
    )
    ids = list(dict.fromkeys(settled["first_id"]))
    return headline(chapter, text, ids, round(float(shown["alpha_after"].min()), 2), "least alpha after")


def say_stability(chapter: Chapter, headlines: pd.DataFrame) -> Headline:
    """Which headlines would change with another coder."""
    moved = headlines[~headlines["same"]]
    told = join([f"{row.headline} ({row.first}, {row.second}, {row.after})" for row in moved.itertuples()])
    text = (
        f"with the codings of the other two, {number_word(len(headlines) - len(moved))} of "
        f"{count(len(headlines), 'headline figure')} stay as they are" + (f"; {told} would not." if told else ".")
    )
    ids = list(chapter.findings.loc[chapter.findings["area"] == "border", "record_id"])
    return headline(chapter, text, ids, len(moved), "headline figures that would change")


def plot_coverage(counts: pd.DataFrame) -> Axes:
    """Records anchored in each sentence, one column per sentence, by section; ``counts`` as from ``count_records``."""
    if counts.empty:
        return charts.say_empty("No sentence in these sections.")
    axes = charts.new_axes(8.4, 3.4)
    sns.barplot(counts, x="passage", y="records", hue="section", palette="colorblind", dodge=False, ax=axes)
    axes.set_xticks([])
    axes.set_xlabel("sentences, in reading order")
    axes.set_ylabel("records resting on it")
    sns.move_legend(axes, "upper center", bbox_to_anchor=(0.5, -0.1), ncols=3, frameon=False, title=None)
    told = [f"{row.passage}: {row.records}" for row in counts.itertuples()]
    return charts.describe(axes, "Number of records that rest on each sentence. " + "; ".join(told) + ".")


def plot_agreement(agreement: pd.DataFrame, good: float = 0.8) -> Axes:
    """Krippendorff's alpha of each variable with enough units, before and after the rules were sharpened.

    ``agreement`` as from ``compare_codings``; lines are 95 percent bootstrap intervals, ``good`` is marked.
    """
    shown = agreement[agreement["alpha_before"].notna() & agreement["alpha_after"].notna()]
    shown = shown.sort_values("alpha_before", kind="stable")
    axes = charts.new_axes(8.4, 0.34 * len(shown) + 1.1)
    looks = {"before": (-0.14, charts.PAPER, charts.RED), "after": (0.14, charts.BLUE, charts.BLUE)}
    for y, row in enumerate(shown.to_dict("records")):
        for stage, (lift, face, edge) in looks.items():
            axes.plot([row[f"low_{stage}"], row[f"high_{stage}"]], [y + lift] * 2, color=edge, lw=1.2)
            axes.plot([row[f"alpha_{stage}"]], [y + lift], marker="o", markersize=6, markerfacecolor=face,
                      markeredgecolor=edge)  # fmt: skip
    names = [f"{row['table']}: {row['variable']}".replace("_", " ") for row in shown.to_dict("records")]
    axes.axvline(good, color=charts.INK, lw=1, ls=(0, (3, 2)), zorder=0)
    axes.set_yticks(range(len(shown)), names, fontsize=9)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlim(-0.12, 1.03)
    axes.set_xlabel("Krippendorff’s alpha")
    axes.tick_params(length=0)
    handles = [
        Line2D([], [], marker="o", color=edge, markerfacecolor=face, label=f"{stage} the rules were sharpened")
        for stage, (_, face, edge) in looks.items()
    ]
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, -0.12), ncols=2, frameon=False, fontsize=9)
    told = [
        f"{name}: {row.alpha_before:.2f}, then {row.alpha_after:.2f}"
        for name, row in zip(names, shown.itertuples(), strict=True)
    ]
    return charts.describe(axes, "Agreement of two blind codings with the first, by variable. " + "; ".join(told) + ".")
