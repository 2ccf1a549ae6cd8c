"""The chapter against outside reports: what they say of each statement, and what may be quoted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from mali_analysis import dates, tables
from mali_analysis.chapter import Chapter
from mali_analysis.headlines import Headline, count, headline, join, number_word

ADVICE = ["well supported", "one source", "contested", "unchecked"]
"""What follows for whoever would quote a statement, from the surest down; see ``advise``."""
QUOTING = [
    "safe to use",
    "use with the caveat",
    "attribute to the chapter",
    "attribute, with the caveat",
    "mention the dispute",
]
"""How to quote a statement, from the freest; see ``recommend``."""

DOUBTS = {"open", "early", "firmer", "differs"}
"""Verdicts of reports that leave a doubt."""


def compare_claims(chapter: Chapter, verdicts: Sequence[str] = (), sections: Sequence[str] = ()) -> pd.DataFrame:
    """Outside reports beside the chapter's words, one row per report, in the order of the chapter's sections.

    Empty lists select all. Adds ``section``, ``passage`` and sentence ``number`` of the subject, ``subject`` (its short
    name) and ``chapter`` (the words that the report is about, or what is missing).
    """
    claims = chapter.claims
    if verdicts:
        claims = claims[claims["verdict"].isin(verdicts)]
    pairs = list(zip(claims["subject_id"], claims["subject_column"], strict=True))
    words = [chapter.words_of(*pair) or chapter.words_of(pair[0], "*") for pair in pairs]
    passages = chapter.passages_of([found[0][0] for found in words])
    table = claims.assign(
        passage=passages,
        number=list(chapter.passages.loc[passages, "number"]),
        section=list(chapter.passages.loc[passages, "section"]),
        subject=[chapter.label(subject) for subject in claims["subject_id"]],
        chapter=[_words(chapter, *pair) for pair in pairs],
    )
    if sections:
        table = table[table["section"].isin(sections)]
    return table.reset_index(drop=True)


def _words(chapter: Chapter, record_id: str, column: str) -> str:
    quotes = dict.fromkeys(quote for _, _, quote in chapter.words_of(record_id, column))
    return " … ".join(f"“{quote}”" for quote in quotes) or "nothing said of it"


def advise(chapter: Chapter, comparison: pd.DataFrame) -> pd.DataFrame:
    """What the reports on each question mean for whoever would quote the chapter, one row per question.

    A statement is *contested* where a report that is no weak source and covers the matter as a whole speaks against it;
    else *well supported* by two or more independent origins, or has *one source*; else it is *unchecked*: what is open
    or came early outweighs nothing. What a fuller statement implies is supported as well as that one. The department
    that wrote the chapter does not confirm itself, nor does a report on another period.

    Columns: ``record_id`` (of the question), ``question``, ``statement``, ``subject_ids``, ``claim_ids``, ``reports``
    (how many), ``origins`` (independent ones that bear it out), ``support`` and ``support_ids`` (reports that do),
    ``official`` (whether one of these is), ``passages`` (of the words they are about), ``verdicts``, ``advice`` (of
    ``ADVICE``), ``inherited`` (from a fuller statement), ``rider``, ``why`` (of the report that decides),
    ``searched_until``.
    """
    stances = {name: code.more["stance"] for name, code in chapter.codes("claims", "verdict").items()}
    known = {row["question"]: row for row in chapter.questions.to_dict("records")}
    asked: dict[str, list[dict[str, Any]]] = {}
    for row in comparison.to_dict("records"):
        asked.setdefault(row["question"], []).append(row)
    rows = []
    for question, own in asked.items():
        against = [row for row in own if stances[row["verdict"]] == "contests" and _is_strong(row)]
        behind = [row for row in own if stances[row["verdict"]] == "supports" and _is_independent(chapter, row)]
        origins = {row["origin"].partition(",")[0] for row in behind}
        level = 2 if against else 0 if len(origins) > 1 else 1 if origins else 3
        told = known.get(question, {})
        rows.append(
            {
                "record_id": told.get("record_id", question),
                "question": question,
                "statement": told.get("statement", ""),
                "subject_ids": list(dict.fromkeys(row["subject_id"] for row in own)),
                "claim_ids": [row["record_id"] for row in own],
                "reports": len(own),
                "origins": len(origins),
                "support": len(behind),
                "support_ids": [row["record_id"] for row in behind],
                "official": any(row["interest"] == "official" for row in behind),
                "passages": list(dict.fromkeys(row["passage"] for row in own)),
                "verdicts": list(dict.fromkeys(str(row["verdict"]) for row in own)),
                "advice": ADVICE[level],
                "rider": told.get("rider", ""),
                "why": (against or behind or own)[0]["why"],
                "searched_until": told.get("searched_until", pd.NaT),
            }
        )
    columns = ["record_id", "question", "statement", "subject_ids", "claim_ids", "reports", "origins", "support",
               "support_ids", "official", "passages", "verdicts", "advice", "inherited", "rider", "why",
               "searched_until"]  # fmt: skip
    return pd.DataFrame(_inherit(rows, chapter.questions), columns=columns)


def _inherit(rows: list[dict[str, Any]], questions: pd.DataFrame) -> list[dict[str, Any]]:
    """The same, where a statement that a better supported one implies has its advice, unless reports leave a doubt."""
    fuller = dict(zip(questions["record_id"], questions["implied_by"], strict=True))
    levels = {row["record_id"]: row["advice"] for row in rows}
    told = []
    for row in rows:
        above = levels.get(fuller.get(row["record_id"], ""), row["advice"])
        doubted = row["advice"] == ADVICE[2] or DOUBTS & set(row["verdicts"])
        better = not doubted and ADVICE.index(above) < ADVICE.index(row["advice"])
        told.append(row | {"advice": above if better else row["advice"], "inherited": better})
    return told


def about(advice: pd.DataFrame, record_ids: Sequence[str]) -> pd.DataFrame:
    """The questions that are about any of the records; ``advice`` as from ``advise``."""
    wanted = set(record_ids)
    touched = [bool(wanted & set(ids)) for ids in advice["subject_ids"]]
    return advice.loc[pd.Series(touched, index=advice.index, dtype=bool)].reset_index(drop=True)


def _is_strong(row: dict[str, Any]) -> bool:
    """Whether a report can speak against the chapter: no weak source, and about the matter as a whole."""
    return bool(row["checked"] != "digest" and row["completeness"] == "whole")


def _is_independent(chapter: Chapter, row: dict[str, Any]) -> bool:
    """Whether a report can bear the chapter out: read, not of its own department, and of its subject's time or year."""
    if row["interest"] == "own_department" or row["checked"] == "digest":
        return False
    if not row["period_edtf"] or pd.isna(row["period_edtf"]):
        return True
    first, last = (pd.Timestamp(day) if day else None for day in dates.bounds(row["period_edtf"]))
    subject = chapter.rows[row["subject_id"]]
    spans = [(pd.Timestamp(chapter.opens), pd.Timestamp(chapter.closes))]
    if pd.notna(subject.get("start_earliest")):
        spans.append((subject["start_earliest"], subject["end_latest"]))
    return any(
        (last is None or last >= begins) and (first is None or pd.isna(ends) or first <= ends) for begins, ends in spans
    )


def recommend(advice: pd.DataFrame) -> pd.DataFrame:
    """How to quote each statement, one row per question; ``advice`` as from ``advise``.

    Adds ``how to quote``, one of ``QUOTING``: what is contested is not quoted without the dispute, what rests on one
    source is attributed unless that is an official one, and so is what nobody bears out; where a report leaves a doubt,
    its rider goes with the statement.
    """
    return advice.assign(**{"how to quote": [_quoting(row) for row in advice.itertuples()]})


def _quoting(row: Any) -> str:
    if row.advice == ADVICE[2]:
        return QUOTING[4]
    vouched = row.advice == ADVICE[0] or row.advice == ADVICE[1] and row.official
    doubted = bool(row.rider and DOUBTS & set(row.verdicts))
    return QUOTING[doubted if vouched else 2 + doubted]


def tabulate_claims(chapter: Chapter, comparison: pd.DataFrame) -> list[tables.Table]:
    """Outside reports beside the chapter's words, one row per report, a table for each section of the chapter.

    ``comparison`` as from ``compare_claims``.
    """
    return [
        _tabulate_reports(chapter, own.sort_values("number", kind="stable"), chapter.section_titles[section])
        for section, own in comparison.groupby("section", sort=False)
    ]


def _tabulate_reports(chapter: Chapter, comparison: pd.DataFrame, caption: str) -> tables.Table:
    words = chapter.codes("claims", "verdict")
    pairs = zip(comparison["origin"], comparison["source_url"], strict=True)
    shown = {
        "record_id": list(comparison["record_id"]),
        "question": list(comparison["question"]),
        "the chapter": list(comparison["chapter"]),
        "sentence": [chapter.refer(row.passage, row.subject_id) for row in comparison.itertuples()],
        "others report": list(comparison["says"]),
        "verdict": [f"{words[row.verdict].word}: {row.why}" for row in comparison.itertuples()],
        "source": [tables.Address(origin, url) for origin, url in pairs],
        "published": [day or "no date" for day in comparison["published"].fillna("")],
    }
    return tables.table(pd.DataFrame(shown), caption)


def tabulate_questions(chapter: Chapter, advice: pd.DataFrame, caption: str) -> tables.Table:
    """How the chapter's answer to each question stands and what others report, one row per question.

    ``advice`` as from ``advise``.
    """
    sources = chapter.claims.set_index("record_id")[["origin", "source_url"]]
    shown = {
        "record_id": list(advice["record_id"]),
        "question": list(advice["question"]),
        "the chapter’s answer": [tell_standing(row) for row in advice.itertuples()],
        "others report": [_told_by_others(row) for row in advice.itertuples()],
        "last searched": list(advice["searched_until"]),
        "source": [
            [tables.Address(*pair) for pair in sources.loc[ids].drop_duplicates("origin").itertuples(index=False)]
            for ids in advice["claim_ids"]
        ],
    }
    return tables.table(pd.DataFrame(shown), caption, missing="–")


def _told_by_others(row: Any) -> str:
    if row.rider:
        return str(row.rider)
    if not row.support:
        return "Reports settle nothing."
    whole = row.support == row.reports
    return (
        "Reports agree with the chapter."
        if whole
        else f"{count(row.support, 'report').capitalize()} of {number_word(row.reports)} "
        + ("agrees with the chapter." if row.support == 1 else "agree with the chapter.")
    )


def tell_standing(row: Any, statement: bool = False) -> str:
    """The class of advice, with the number of independent origins; what the chapter leaves out has none.

    Of a ``statement`` it tells how that is supported, else what became of the question.
    """
    if statement and row.inherited:
        return f"{row.advice} (with a fuller statement)"
    if not row.origins and "omits" in row.verdicts:
        return f"{'others add more' if statement else 'left out'} ({count(row.reports, 'report')})"
    if row.advice == ADVICE[3]:
        return f"undecided ({count(row.reports, 'report')})"
    if row.advice == ADVICE[1] and row.official:
        return "one official source"
    return f"{row.advice} ({row.origins} origins)" if row.advice == ADVICE[0] else str(row.advice)


def say_beside(chapter: Chapter, advice: pd.DataFrame) -> list[Headline]:
    """What others dispute, bear out and add, one sentence each; ``advice`` as from ``advise``."""
    said = [say_disputed(chapter, row) for _, row in advice[advice["advice"] == ADVICE[2]].iterrows()]
    firm = advice[(advice["advice"] == ADVICE[0]) & (advice["statement"] != "") & ~advice["inherited"].astype(bool)]
    if len(firm):
        lead = "each of these is borne out by at least two independent sources"
        lead = "at least two independent sources bear this out" if len(firm) == 1 else lead
        text = f"{lead}: {' '.join(firm['statement'])}"
        ids = [i for found in firm["support_ids"] for i in found]
        said.append(headline(chapter, text, ids, len(firm), "statements well supported", _passages(firm)))
    doubted = advice[[_is_doubted(row) for row in advice.itertuples()]]
    if len(doubted):
        told = [f"{row.statement} {row.rider}" for row in doubted.itertuples()]
        text = f"left undecided: {' '.join(told)}"
        said.append(
            headline(chapter, text, _ids(doubted), len(doubted), "statements left undecided", _passages(doubted))
        )
    beyond = left_out(advice)
    if len(beyond):
        text = f"not in the chapter: {' '.join(beyond['rider'])}"
        said.append(
            headline(chapter, text, _ids(beyond), len(beyond), "things the chapter leaves out", _passages(beyond))
        )
    return said


def _is_doubted(row: Any) -> bool:
    """Whether reports neither bear a statement out nor contradict it, and more can be told of that than an addition."""
    told = row.statement and row.rider and "omits" not in row.verdicts
    return bool(row.advice == ADVICE[3] and told and DOUBTS & set(row.verdicts))


def left_out(advice: pd.DataFrame) -> pd.DataFrame:
    """The questions on which others add what the chapter leaves out; ``advice`` as from ``advise``."""
    pairs = zip(advice["rider"], advice["verdicts"], strict=True)
    adds = pd.Series([bool(rider) and "omits" in found for rider, found in pairs], index=advice.index, dtype=bool)
    return advice.loc[adds]


def _ids(advice: pd.DataFrame) -> list[str]:
    return [i for ids in advice["claim_ids"] for i in ids]


def _passages(advice: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(passage for passages in advice["passages"] for passage in passages))


def say_disputed(chapter: Chapter, row: pd.Series) -> Headline:
    """One contested statement with what stands against it."""
    told = row["statement"] or row["question"]
    return headline(chapter, f"disputed: {told} {row['rider'] or row['why']}", row["claim_ids"], row["advice"], None,
                    row["passages"], question="the chapter’s answer", subject=row["record_id"])  # fmt: skip


def say_check(chapter: Chapter, advice: pd.DataFrame) -> Headline:
    """Whether the chapter stands against outside reports: how many statements are borne out, and how many disputed."""
    asked = {"question": "statements contested", "subject": ",".join(advice["record_id"])}
    if advice.empty:
        return headline(chapter, "no outside report on this choice is on file", [], 0, "statements contested", **asked)
    advice = advice[~advice["inherited"].astype(bool)]  # said already, with the fuller statement
    firm, single, against, unchecked = (int((advice["advice"] == level).sum()) for level in ADVICE)
    adds = int(sum("omits" in row.verdicts and row.advice == ADVICE[3] for row in advice.itertuples()))
    tested, rest = len(advice) - adds, unchecked - adds
    parts = [f"two or more independent sources bear out {number_word(firm)}"] if firm else []
    parts += [f"one source bears out {number_word(single)}"] if single else []
    parts += [f"{number_word(against)} {'is' if against == 1 else 'are'} contested"] if against else []
    parts += [f"on {number_word(rest)} they settle nothing"] if rest else []
    text = f"reports were found on {count(tested, 'statement')}: {join(parts)}"
    if tested == 1:
        text = f"reports were found on one statement: {_tell_one(firm, single, against)}"
    elif not tested:
        text = "no report on file tests a statement of the chapter"
    text += f". To {number_word(adds)} {'more ' if tested else ''}they only add" if adds else ""
    if firm > 1:
        sections = chapter.name_sections(_passages(advice[advice["advice"] == ADVICE[0]]))
        text += f". All that is well supported stands in {join(sections)}"
    passages = _passages(advice[advice["advice"] == ADVICE[2]])
    ids = _ids(advice[advice["advice"] == ADVICE[2]])
    return headline(chapter, text, ids, against, "statements contested", passages, **asked)


def _tell_one(firm: int, single: int, against: int) -> str:
    """What became of the only statement on which reports were found."""
    borne = "two or more independent sources bear it out" if firm else "one source bears it out" if single else ""
    return borne or ("it is contested" if against else "they settle nothing")


def say_corrections(chapter: Chapter, advice: pd.DataFrame) -> list[Headline]:
    """What stands against the chapter, a sentence for each contested statement, or one that says that none is."""
    contested = advice[advice["advice"] == ADVICE[2]]
    if contested.empty:
        return [headline(chapter, "no statement is contested by a report that is no weak source", [], 0, "corrections")]
    return [say_disputed(chapter, row) for _, row in contested.iterrows()]


def tabulate_quotations(chapter: Chapter, advice: pd.DataFrame, caption: str, each: int | None = None) -> tables.Table:
    """Statements with how to quote each, one row per statement, the surest first; ``advice`` as from ``advise``.

    ``each`` is how many of each way of quoting are shown, the best supported first, without their standing and
    without those that only the chapter vouches for; None: all.
    """
    brief = each is not None
    only_adds = advice["verdicts"].map(lambda verdicts: verdicts == ["omits"])
    told = recommend(advice[(advice["statement"] != "") & ~only_adds])
    if brief:  # of what is to be attributed, only what many reports leave in doubt
        told = told[
            ~told["how to quote"].isin(QUOTING[2:4]) | told["how to quote"].eq(QUOTING[3]) & (told["reports"] > 1)
        ]
        told = told.assign(support=told["support"].where(told["how to quote"] != QUOTING[3], told["reports"]))
    told = (
        told.sort_values(["support", "reports"], ascending=False, kind="stable")
        .groupby("how to quote", sort=False)
        .head(each or len(told))
    )
    told = told.sort_values("how to quote", key=lambda ways: ways.map(QUOTING.index), kind="stable")
    shown = pd.DataFrame(
        {
            "record_id": list(told["record_id"]),
            "statement" if brief else "statement (our paraphrase)": list(told["statement"]),
            "how to quote": list(told["how to quote"]),
            "caveat or addition": list(told["rider"].replace("", "–")),
            **({} if brief else {"support": [tell_standing(row, statement=True) for row in told.itertuples()]}),
            "sentence": [
                sorted(chapter.refer(passage, row.subject_ids) for passage in row.passages) for row in told.itertuples()
            ],
        }
    )
    return tables.table(shown, caption)
