"""The chapter against outside reports: what they say of each statement, and what may be quoted."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from mali_analysis import charts, dates, tables
from mali_analysis.chapter import Chapter
from mali_analysis.headlines import Headline, count, headline, join, number_word

ADVICE = ["well supported", "one source", "contested", "unchecked"]
"""What follows for whoever would quote a statement, from the surest down; see ``advise``."""


def compare_claims(chapter: Chapter, verdicts: Sequence[str] = (), sections: Sequence[str] = ()) -> pd.DataFrame:
    """Outside reports beside the chapter's words, one row per report, in the order of the chapter's sections.

    Empty lists select all. Adds ``section``, ``passage`` and sentence ``number`` of the subject, ``subject`` (its short
    name) and ``chapter`` (the words that the report is about, or what is missing).
    """
    claims = chapter.claims
    if verdicts:
        claims = claims[claims["verdict"].isin(verdicts)]
    starts = [chapter.spans_of([subject])[0][0] for subject in claims["subject_id"]]
    passages = chapter.passages_of(starts)
    table = claims.assign(
        passage=passages,
        number=list(chapter.passages.loc[passages, "number"]),
        section=list(chapter.passages.loc[passages, "section"]),
        subject=[chapter.label(subject) for subject in claims["subject_id"]],
        chapter=[_words(chapter, *pair) for pair in zip(claims["subject_id"], claims["subject_column"], strict=True)],
    )
    if sections:
        table = table[table["section"].isin(sections)]
    return table.reset_index(drop=True)


def _words(chapter: Chapter, record_id: str, column: str) -> str:
    rows = chapter.evidence[chapter.evidence["record_id"] == record_id]
    own = rows[rows["column"] == column]
    if own.empty:
        return "nothing said of it"
    return " … ".join(f"“{quote}”" for quote in dict.fromkeys(own.sort_values("start")["quote"]))


def count_verdicts(chapter: Chapter, comparison: pd.DataFrame) -> pd.DataFrame:
    """How many reports stand in each verdict, one row per section of the chapter, one column per verdict."""
    verdicts = list(chapter.claims["verdict"].cat.categories)
    order = [section for section in chapter.passages["section"].unique() if section in set(comparison["section"])]
    counts = pd.crosstab(comparison["section"], comparison["verdict"].astype(str))
    return counts.reindex(index=order, columns=verdicts, fill_value=0).rename_axis(None).rename_axis(None, axis=1)


def advise(chapter: Chapter, comparison: pd.DataFrame) -> pd.DataFrame:
    """What the reports on each question mean for whoever would quote the chapter, one row per question.

    A statement is *contested* where a report that is no weak source and covers the matter as a whole speaks against it;
    else *well supported* by two or more independent origins, or has *one source*; else it is *unchecked*: what is open
    or came early outweighs nothing. The department that wrote the chapter does not confirm itself, nor does a report on
    another period. Columns: ``question``, ``statement``, ``subject_ids``, ``claim_ids``, ``reports``, ``origins`` (that
    support), ``verdicts``, ``advice`` (of ``ADVICE``), ``rider``, ``why`` (of the report that decides),
    ``searched_until``.
    """
    stances = {name: code.more["stance"] for name, code in chapter.codes("claims", "verdict").items()}
    known = chapter.questions.set_index("question")
    rows: list[dict[str, Any]] = []
    for question, own in comparison.groupby("question", sort=False):
        stance = own["verdict"].astype(str).map(stances)
        strong = (own["checked"] != "digest") & (own["completeness"] == "whole")
        against = own[(stance == "contests") & strong]
        timely = pd.Series([_is_of_period(chapter, row) for row in own.itertuples()], index=own.index)
        behind = own[(stance == "supports") & timely & (own["interest"] != "own_department")]
        origins = {origin.partition(",")[0] for origin in behind["origin"]}
        level = 2 if len(against) else 0 if len(origins) > 1 else 1 if origins else 3
        told = known.loc[question] if question in known.index else None
        rows.append(
            {
                "question": question,
                "statement": "" if told is None else told["statement"],
                "subject_ids": list(dict.fromkeys(own["subject_id"])),
                "claim_ids": list(own["record_id"]),
                "reports": len(own),
                "origins": len(origins),
                "verdicts": list(dict.fromkeys(own["verdict"].astype(str))),
                "advice": ADVICE[level],
                "rider": "" if told is None else told["rider"],
                "why": (against if len(against) else behind if len(behind) else own)["why"].iloc[0],
                "searched_until": pd.NaT if told is None else told["searched_until"],
            }
        )
    columns = ["question", "statement", "subject_ids", "claim_ids", "reports", "origins", "verdicts", "advice", "rider",
               "why", "searched_until"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _is_of_period(chapter: Chapter, row: Any) -> bool:
    """Whether a report speaks of the time that its subject is dated to, or of the chapter's year."""
    if not row.period_edtf or pd.isna(row.period_edtf):
        return True
    first, last = (pd.Timestamp(day) if day else None for day in dates.bounds(row.period_edtf))
    subject = chapter.tables[chapter.records[row.subject_id]].set_index("record_id").loc[row.subject_id]
    spans = [(pd.Timestamp(chapter.opens), pd.Timestamp(chapter.closes))]
    if "start_earliest" in subject.index and pd.notna(subject["start_earliest"]):
        spans.append((subject["start_earliest"], subject["end_latest"]))
    return any(
        (last is None or last >= begins) and (first is None or pd.isna(ends) or first <= ends) for begins, ends in spans
    )


def compare_dates(chapter: Chapter) -> pd.DataFrame:
    """The chapter's dates beside those that others give, one row per dated report on a date of the chapter.

    Columns: ``subject_id``, ``subject``, ``which`` (start or end), ``chapter_earliest``, ``chapter_latest`` (missing
    where the chapter leaves it open), ``others_earliest``, ``others_latest``, ``origin``, ``claim_id``, ``question``,
    ``within`` (whether the chapter's words allow the other's date). Only reports within the year or the one after.
    """
    rows = []
    for row in chapter.claims[chapter.claims["when_edtf"].fillna("") != ""].itertuples():
        table = chapter.tables[chapter.records[row.subject_id]].set_index("record_id")
        if row.subject_column not in ("start_edtf", "end_edtf") or "start_earliest" not in table:
            continue
        subject = table.loc[row.subject_id]
        which = str(row.subject_column).removesuffix("_edtf")
        earliest, latest = dates.bounds(row.when_edtf)
        earliest, latest = earliest or latest, latest or earliest
        first, last = subject[f"{which}_earliest"], subject[f"{which}_latest"]
        told = pd.Timestamp(earliest)
        if told.year < chapter.closes.year:
            continue
        rows.append(
            {
                "subject_id": row.subject_id,
                "subject": _name_date(chapter, row.subject_id),
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


def _name_date(chapter: Chapter, record_id: str) -> str:
    if chapter.records[record_id] != "phases":
        return chapter.label(record_id)
    phase = chapter.phases.set_index("record_id").loc[record_id]
    if ((chapter.phases["incident_id"] == phase["incident_id"]) & (chapter.phases["kind"] == phase["kind"])).sum() > 1:
        return str(phase["clause"])
    return f"{chapter.names([phase['incident_id']], 'incidents', 'title')[0]}: {phase['kind']}"


def tabulate_claims(comparison: pd.DataFrame, caption: str = "The chapter against others") -> tables.Table:
    """Outside reports beside the chapter's words, one row per report; ``comparison`` as from ``compare_claims``."""
    pairs = zip(comparison["origin"], comparison["source_url"], strict=True)
    shown = {
        "question": list(comparison["question"]),
        "the chapter": list(comparison["chapter"]),
        "sentence": [tables.Reference(*pair) for pair in zip(comparison["number"], comparison["passage"], strict=True)],
        "others": list(comparison["says"]),
        "verdict": [f"{row.verdict}: {row.why}" for row in comparison.itertuples()],
        "origin": [tables.Address(origin, url) for origin, url in pairs],
        "published": [day or "no date" for day in comparison["published"].fillna("")],
    }
    return tables.table(pd.DataFrame(shown), caption)


def say_verdicts(chapter: Chapter, comparison: pd.DataFrame) -> Headline:
    """How many outside reports bear the chapter out, and how many do not."""
    if comparison.empty:
        return headline(chapter, "no outside report matches these parameters.", [], 0, "reports")
    counts = comparison["verdict"].astype(str).value_counts()
    questions = comparison["question"].nunique()
    words = {name: code.more for name, code in chapter.codes("claims", "verdict").items()}
    told = [
        f"{number_word(int(counts[v]))} {said['of_one' if counts[v] == 1 else 'of_reports']}"
        for v, said in words.items()
        if counts.get(v, 0)
    ]
    origins = count(comparison["origin"].nunique(), "origin")
    bear = "bears" if len(comparison) == 1 else "bear"
    text = (
        f"{count(len(comparison), 'outside report')} from {origins} {bear} on {count(questions, 'question')} of the "
        f"chapter: {join(told)}."
    )
    return headline(chapter, text, [*comparison["subject_id"], *comparison["record_id"]], questions, "questions")


def say_advice(chapter: Chapter, advice: pd.DataFrame, level: str, first: int = 99) -> Headline:
    """The questions of one class of advice; ``level`` is one of ``ADVICE``."""
    own = advice[advice["advice"] == level]
    lead = {
        ADVICE[0]: "two or more independent origins bear the chapter out on",
        ADVICE[1]: "one origin bears the chapter out, and no second was found, on",
        ADVICE[2]: "a report speaks against the chapter, or doubts it, on",
        ADVICE[3]: "no report decides it, on",
    }[level]
    names = [question.rstrip("?") for question in own["question"][:first]]
    listed = join([f"“{name[0].lower()}{name[1:]}”" for name in names]) or "nothing"
    more = f", and {number_word(len(own) - first)} more" if len(own) > first else ""
    ids = [*own["subject_ids"].explode(), *own["claim_ids"].explode()] if len(own) else []
    return headline(chapter, f"{lead} {count(len(own), 'question')}: {listed}{more}.", ids, len(own), "questions")


def say_question(chapter: Chapter, advice: pd.DataFrame, question: str) -> Headline:
    """One question that the reports leave open, with the reason that weighs most."""
    row = advice.set_index("question").loc[question]
    verdicts = join([verdict for verdict in row["verdicts"]])
    text = f"{question} {row['why']} ({count(row['reports'], 'report')}: {verdicts})"
    return headline(chapter, text, [*row["subject_ids"], *row["claim_ids"]], row["advice"], "advice")


def say_dates(chapter: Chapter, compared: pd.DataFrame) -> Headline:
    """How many of the dates that others give fit the chapter's."""
    good, days = compared["within"], (compared["chapter_latest"] - compared["chapter_earliest"]).dt.days
    loose = int((good & (days.isna() | (days > 0))).sum())
    outside = compared[~good]
    told = [f"{row.subject[0].lower()}{row.subject[1:]}" for row in outside.itertuples()]
    text = (
        f"others give {count(len(compared), 'date')} for what the chapter dates: {number_word(int(good.sum()))} fall "
        f"within its words, {number_word(loose)} of these where it names no single day; "
        f"{number_word(len(outside))} {'does' if len(outside) == 1 else 'do'} not"
        + (f" ({join(told)})." if told else ".")
    )
    return headline(chapter, text, [*compared["subject_id"], *compared["claim_id"]], int(good.sum()), "dates within")


def plot_dates(compared: pd.DataFrame, closes: date) -> Axes:
    """The chapter's dates as bars and others' dates as hollow diamonds below them; ``compared`` as ``compare_dates``.

    A bar that runs out to the right has no latest day. The two kinds never share a mark.
    """
    if compared.empty:
        return charts.say_empty("No outside report gives a date for these records.")
    groups = list(compared.groupby(["subject", "which"], sort=False))
    axes = charts.new_axes(8.4, 0.33 * len(groups) + 0.8)
    told, end = [], pd.Timestamp(closes) + pd.Timedelta(days=110)
    for y, ((subject, which), rows) in enumerate(groups):
        first, last = rows["chapter_earliest"].iloc[0], rows["chapter_latest"].iloc[0]
        until = end if pd.isna(last) else last + pd.Timedelta(days=1)
        width = max(until - first, pd.Timedelta(days=2))
        axes.barh(y - 0.14, width, left=first, height=0.34, color=charts.BLUE, alpha=0.55, linewidth=0)
        for row in rows.itertuples():
            middle = row.others_earliest + (row.others_latest - row.others_earliest) / 2
            axes.plot(
                [middle], [y + 0.2], marker="D", markersize=6, markerfacecolor=charts.PAPER, markeredgecolor=charts.RED
            )
        span = "no latest day" if pd.isna(last) else charts.day_words(last)
        others = ", ".join(charts.day_words(day) for day in rows["others_earliest"])
        told.append(f"{subject}, {which}: the chapter {charts.day_words(first)} to {span}, others {others}")
    axes.set_yticks(
        range(len(groups)),
        [textwrap.shorten(f"{name}, {which}", 58, placeholder=" …") for (name, which), _ in groups],
        fontsize=9,
    )
    axes.set_ylim(len(groups) - 0.4, -0.6)
    axes.set_xlim(pd.Timestamp(closes.year, 3, 1) - pd.Timedelta(days=3), end)
    months = pd.date_range(f"{closes.year}-03-01", end, freq="MS")
    years = [f"{day:%b\n%Y}" if not n or day.month == 1 else f"{day:%b}" for n, day in enumerate(months)]
    axes.set_xticks(months, years)
    axes.tick_params(length=0)
    axes.grid(axis="x", color="#e4e7eb")
    axes.set_axisbelow(True)
    ours = Patch(facecolor=charts.BLUE, alpha=0.55, label="days that the chapter’s words allow")
    theirs = Line2D(
        [],
        [],
        marker="D",
        markerfacecolor=charts.PAPER,
        markeredgecolor=charts.RED,
        linestyle="",
        label="day by others",
    )
    axes.legend(handles=[ours, theirs], loc="upper right", bbox_to_anchor=(1, -0.1), ncols=2, frameon=False, fontsize=9)
    return charts.describe(axes, "The chapter’s dates beside those that others give. " + "; ".join(told) + ".")


def plot_verdicts(counts: pd.DataFrame) -> Axes:
    """Outside reports by section and verdict; ``counts`` as from ``count_verdicts``. A number in each cell."""
    if counts.empty:
        return charts.say_empty("No outside report matches these parameters.")
    shown = counts.rename(index=lambda name: name.replace("_", " "))
    numbers = shown.map(lambda n: str(n) if n else "")
    most = int(shown.to_numpy().max())
    legend = {str(n): (str(n), charts.pale(charts.BLUE, 0.6 * n / most)) for n in range(1, most + 1)}
    axes = charts.plot_matrix(numbers, legend, "", turn=0, explain=False)
    told = [
        f"{name}: " + ", ".join(f"{number} {verdict}" for verdict, number in row.items() if number)
        for name, row in shown.iterrows()
    ]
    return charts.describe(axes, "Outside reports by section of the chapter and verdict. " + "; ".join(told) + ".")
