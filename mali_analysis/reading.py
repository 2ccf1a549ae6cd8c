"""How the chapter was read: what is coded from each sentence, on what basis, and how far codings agree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from mali_analysis import charts, dates, headlines
from mali_analysis.chapter import Chapter
from mali_analysis.coding.agreement import LEAST_UNITS, folder_of
from mali_analysis.coding.schema import Table as Schema
from mali_analysis.coding.schema import read_schema
from mali_analysis.headlines import Headline, be, count, headline, join, number_word
from mali_analysis.tables import Address, Reference, Table, sentences, table


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


def list_parties(chapter: Chapter, sections: Sequence[str] = ()) -> pd.DataFrame:
    """Parties that the chapter names or describes, one row per party, by kind in the schema's order.

    Columns: ``record_id``, ``party``, ``kind``, ``ties`` (to other parties, a dash where the chapter tells none),
    ``sentence``.
    """
    actors = _within(chapter, chapter.actors, sections).sort_values("kind", kind="stable")
    ties: dict[str, list[str]] = {}
    for tie in chapter.affiliations.itertuples():
        (whole,), relation = chapter.names([tie.whole_id]), chapter.word("affiliations", tie.record_id, "relation")
        ties.setdefault(tie.member_id, []).append(f"{relation} {headlines.the(headlines.short(whole))}")
    rows = {
        "record_id": list(actors["record_id"]),
        "party": list(actors["name"]),
        "kind": [chapter.word("actors", i, "kind") for i in actors["record_id"]],
        "ties": ["; ".join(ties.get(i, [])) or "–" for i in actors["record_id"]],
        "sentence": sentences(chapter, list(actors["record_id"])),
    }
    return pd.DataFrame(rows, dtype="object")


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
    "record_id", "standard_id", "says", "why", "statement", "origin", "source_url", "checked", "accessed",
    "label_across", "label_up",
}  # fmt: skip
"""Columns of reports that have a place of their own in the tables of reports or in this one, or that only draw."""


def tabulate_reports(chapter: Chapter) -> list[Table]:
    """What is kept of outside reports and of our readings of them, besides their words, one table for each of the data.

    Columns of each: ``what`` it is about, ``kept`` (each value in words); and of a report ``read`` (how), ``accessed``,
    ``source``.
    """
    shown = []
    for name, rows in chapter.reference.items():
        described = read_schema(chapter.root)[name]
        if described.kind != "reference" or rows.empty:
            continue
        left = replace(described, fields=[f for f in described.fields if f["name"] not in TOLD_ELSEWHERE])
        about = [_name_subject(chapter, row) for row in rows.to_dict("records")]
        pairs = zip(rows.to_dict("records"), about, strict=True)
        told = {
            "record_id": list(rows["record_id"]),
            "what": about,
            "kept": [_tell_values(chapter, left, row, what) for row, what in pairs],
        }
        if "source_url" in rows:
            origins = [urlsplit(own).netloc or own for own in rows["origin" if "origin" in rows else "source_url"]]
            told |= {
                "read": [chapter.word(name, record_id, "checked") for record_id in rows["record_id"]],
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
        return chapter.codes(name, f"{field['name']}_status")[missing].word
    if "codes" in field:
        return chapter.codes(name, field["name"])[value].word or str(value).replace("_", " ")
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


def say_parties(chapter: Chapter, parties: pd.DataFrame) -> Headline:
    """Which terrorist groups are named, and how many attackers are not; ``parties`` as from ``list_parties``."""
    kinds = chapter.actors.set_index("record_id").loc[parties["record_id"], "kind"]
    named, unnamed = (list(kinds.index[kinds == kind]) for kind in ("terrorist_group", "unnamed_attackers"))
    groups = [headlines.the(headlines.short(name)) for name in chapter.names(named)]
    text = f"{count(len(named), 'terrorist group')} {be(len(named))} named{': ' if groups else ''}{join(groups)}"
    others = count(len(unnamed), "other party is", "other parties are")
    text += f"; {others} described only as attackers, without a name"
    return headline(chapter, text, [*named, *unnamed], len(named), "terrorist groups")


def say_agreement(chapter: Chapter, agreement: pd.DataFrame) -> Headline:
    """How far a second coding agrees with ours, and on which variables it does not."""
    shown = agreement[agreement["alpha"].notna()]
    if shown.empty:
        return headline(chapter, "nobody else has coded this chapter yet", [], None, "least alpha")
    weak = shown[shown["alpha"] < GOOD]
    names = join([
        f"{row.variable} of {row.table} ({row.alpha:.{2 if round(row.alpha, 2) < GOOD else 3}f})".replace("_", " ")
        for row in weak.itertuples()
    ])  # fmt: skip
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
