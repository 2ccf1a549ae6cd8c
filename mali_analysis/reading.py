"""How the chapter was read: what is coded from each sentence, on what basis, and how far codings agree."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from mali_analysis import charts
from mali_analysis.chapter import Chapter
from mali_analysis.coding.agreement import LEAST_UNITS, folder_of
from mali_analysis.headlines import Headline, count, headline, join, number_word
from mali_analysis.tables import Reference, table


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
    """Sentences, records and coded values of each section, one row per section in reading order.

    A record counts in the section of its first words.
    """
    evidence = chapter.evidence.assign(passage=chapter.passages_of(chapter.evidence["start"]))
    values = evidence["column"] != "*"
    evidence["section"] = list(chapter.passages.loc[evidence["passage"], "section"])
    first = evidence.drop_duplicates("record_id")
    sentences = count_records(chapter, sections).groupby("section", sort=False)["passage"].size()
    inferred = evidence[values & (evidence["basis"] == "inferred")].groupby("section").size()
    table = pd.DataFrame({"sentences": sentences})
    table["records"] = first.groupby("section").size().reindex(table.index, fill_value=0)
    table["values"] = evidence[values].groupby("section").size().reindex(table.index, fill_value=0)
    table["inferred"] = inferred.reindex(table.index, fill_value=0)
    return table.reset_index().assign(section=lambda rows: rows["section"].map(chapter.section_titles))


def list_inferences(chapter: Chapter, sections: Sequence[str] = ()) -> pd.DataFrame:
    """Readings that go beyond the words, one row per reading with the number of values that rest on it, most first."""
    evidence = chapter.evidence.assign(passage=chapter.passages_of(chapter.evidence["start"]))
    if sections:
        evidence = evidence[list(chapter.passages.loc[evidence["passage"], "section"].isin(sections))]
    inferred = evidence[(evidence["basis"] == "inferred") & (evidence["column"] != "*")]
    counts = inferred.groupby("note", sort=False).size().sort_values(ascending=False, kind="stable")
    return counts.rename_axis("reading").rename("values").reset_index()


def list_unread(chapter: Chapter, sections: Sequence[str] = ()) -> pd.DataFrame:
    """Words that no record rests on, one row per such words: the ``words`` and each ``sentence`` with them."""
    rest = list(chapter.text)
    for start, end in zip(chapter.evidence["start"], chapter.evidence["end"], strict=True):
        rest[start:end] = " " * (end - start)
    found: dict[str, list[Reference]] = {}
    for sentence in count_records(chapter, sections).itertuples():
        span = chapter.passages.loc[sentence.passage]
        words = re.findall(r"[\w’'-]+", "".join(rest[span["start"] : span["end"]]))
        if words:
            found.setdefault(" ".join(words), []).append(chapter.refer(sentence.passage))
    return pd.DataFrame({"words": list(found), "sentence": list(found.values())}, dtype="object")


def compare_codings(chapter: Chapter) -> pd.DataFrame:
    """Agreement of a second, blind coding with ours, one row per table and variable, as committed; empty without one.

    The chapter's tables come first, then those on what others report.

    Columns: ``table``, ``variable``, ``level`` (of measurement), ``units``, ``raw`` (share of equal values), ``alpha``,
    ``low``, ``high`` (Krippendorff's, with its bootstrap interval; missing below ``LEAST_UNITS`` units).
    """
    return _read_comparison(
        chapter, "agreement", ["table", "variable", "level", "units", "raw", "alpha", "low", "high"]
    )


def list_disagreements(chapter: Chapter) -> pd.DataFrame:
    """Every value on which the codings differ and how it was settled, one row per value; empty without a second coding.

    Columns: ``table``, ``variable``, ``first_id``, ``second_id``, ``first``, ``second``, ``settled`` (for first, second
    or neither), ``how``.
    """
    columns = ["table", "variable", "first_id", "second_id", "first", "second", "settled", "how"]
    return _read_comparison(chapter, "settled", columns)


def compare_matching(chapter: Chapter) -> pd.DataFrame:
    """How many records each coding made and how many are the same, one row per table; empty without a second coding.

    Columns: ``table``, ``first``, ``second``, ``matched``, ``share`` (matched out of all that either made).
    """
    return _read_comparison(chapter, "matching", ["table", "first", "second", "matched", "share"])


def _read_comparison(chapter: Chapter, name: str, columns: list[str]) -> pd.DataFrame:
    folder = folder_of(chapter.root, chapter.chapter_id) / "comparison"
    paths = [path for path in (folder / f"{name}.csv", folder / f"{name}_reference.csv") if path.is_file()]
    if not paths:
        return pd.DataFrame(columns=columns)
    read = [pd.read_csv(path, keep_default_na=name != "settled") for path in paths]
    return pd.concat([part.rename(columns={"record_id": "first_id"}) for part in read], ignore_index=True)[
        [column for column in columns if column in read[0]]
    ]


def say_coverage(chapter: Chapter, counts: pd.DataFrame) -> Headline:
    """How many sentences were read, and how many yield records."""
    coded = counts[counts["records"] > 0]
    number, whole = len(coded), len(counts)
    text = f"{'all' if number == whole else number} {'of ' * (number != whole)}{whole} sentences yield records"
    text += f"; the whole chapter yields {len(chapter.records)}"
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


def _below(alpha: float) -> str:
    """An alpha below ``GOOD``, with as many digits as show that it is."""
    return f"{alpha:.2f}" if round(alpha, 2) < GOOD else f"{math.floor(alpha * 1000) / 1000:.3f}"


def say_agreement(chapter: Chapter, agreement: pd.DataFrame) -> Headline:
    """How far a second coding agrees with ours, and on which variables it does not."""
    shown = agreement[agreement["alpha"].notna()]
    if shown.empty:
        return headline(chapter, "nobody else has coded this chapter yet", [], None, "least alpha")
    weak = shown[shown["alpha"] < GOOD]
    names = join(
        [f"{row.variable} of {row.table} ({_below(row.alpha)})".replace("_", " ") for row in weak.itertuples()]
    )
    good = len(shown) - len(weak)
    over = f"{number_word(good)} of {count(len(shown), 'variable')} with {LEAST_UNITS} units or more"
    text = f"two codings by machine agree well on {over} (an alpha of {GOOD:.2f} or above)"
    text += f", and less well on {names}" if len(weak) else ""
    text += ". It shows that the rules can be followed, not that they are right"
    ids = [i for i in list_disagreements(chapter)["first_id"] if i in chapter.records.index]
    return headline(chapter, text, ids, round(float(shown["alpha"].min()), 2), "least alpha")


def plot_coverage(chapter: Chapter, counts: pd.DataFrame) -> Axes:
    """Records anchored in each sentence, one column per sentence, by section; ``counts`` as from ``count_records``."""
    if counts.empty:
        return charts.say_empty("No sentence in these sections.")
    axes = charts.new_axes(8.4, 3.4)
    counts = counts.assign(section=counts["section"].map(chapter.section_titles))
    sns.barplot(counts, x="passage", y="records", hue="section", palette="colorblind", dodge=False, ax=axes)
    axes.set_xticks([])
    axes.set_xlabel("sentences, in reading order")
    axes.set_ylabel("records that rest on it")
    sns.move_legend(axes, "upper center", bbox_to_anchor=(0.5, -0.1), ncols=2, frameon=False, title=None)
    most = int(counts["records"].max())
    densest = [str(chapter.passages.loc[p, "number"]) for p in counts.loc[counts["records"] == most, "passage"]]
    many = len(densest) > 1
    title = f"sentence{'s' * many} {join(densest)} yield{'s' * (not many)} most records ({most}{' each' * many})"
    shown = counts.assign(sentence=[chapter.refer(passage) for passage in counts["passage"]])
    data = table(shown, "", ["section", "records", "sentence"])
    return charts.finish(axes, title, data, charts.source_of(chapter))


def plot_agreement(chapter: Chapter, agreement: pd.DataFrame) -> Axes:
    """Krippendorff's alpha of each variable with enough units; ``agreement`` as from ``compare_codings``.

    Lines are 95 percent bootstrap intervals; ``GOOD`` is marked.
    """
    shown = agreement[agreement["alpha"].notna()].sort_values("alpha", kind="stable")
    if shown.empty:
        return charts.say_empty("Nobody else has coded this chapter yet.")
    axes = charts.new_axes(8.4, 0.3 * len(shown) + 0.9)
    for y, row in enumerate(shown.itertuples()):
        axes.plot([row.low, row.high], [y, y], color=charts.BLUE, lw=1.2)
        axes.plot([row.alpha], [y], marker="o", markersize=6, color=charts.BLUE)
    names = [f"{row.table}: {row.variable}".replace("_", " ") for row in shown.itertuples()]
    axes.axvline(GOOD, color=charts.INK, lw=1, ls=(0, (3, 2)), zorder=0)
    axes.set_yticks(range(len(shown)), names, fontsize=9)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlim(min(-0.02, float(shown["low"].min()) - 0.02), 1.03)
    axes.set_xlabel("Krippendorff’s alpha")
    axes.tick_params(length=0)
    data = table(shown.assign(variable=names), "", ["variable", "units", "raw", "alpha", "low", "high"])
    return charts.finish(
        axes, say_agreement(chapter, agreement).text, data, charts.source_of(chapter, "both codings by machine")
    )
