"""The chapter against its own earlier editions: what is new, what is said again, and what is no longer said."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mali_analysis import tables
from mali_analysis.chapter import Chapter
from mali_analysis.headlines import Headline, headline, join

NEW, AGAIN, REWORDED, UNREAD = "new", "repeated", "reworded", "not known"
"""How a statement stands to the last edition; see ``classify_news``."""
DROPPED = {
    "dropped": "in the part of {edition} that could be read, and no longer said",
    "finer": "more exact than in {edition}",
    "coarser": "less exact than in {edition}",
}
"""How a statement of the last edition stands to this one, by the codes of ``dropped``, and how it is told."""


def classify_news(chapter: Chapter) -> pd.DataFrame:
    """What is new since the last edition, one row per statement that was compared, in the chapter's order.

    Columns: ``record_id`` (of the comparison with the last edition), ``statement``, ``passage``, ``edition``, ``news``
    (new, reworded, repeated, not known), ``earlier`` (years of the editions that say the same, of their own year
    or in the same words), ``in_part`` (of those that say it in part), ``edition_ids``, ``sentence``.
    """
    codes = chapter.codes("earlier_editions", "relation")
    rows = []
    for statement, own in chapter.earlier_editions.groupby("statement", sort=False):
        last = own.loc[own["edition"].idxmax()]
        rows.append(
            {
                "record_id": last["record_id"],
                "statement": statement,
                "passage": last["passage"],
                "edition": int(last["edition"]),
                "news": codes[last["relation"]].more["news"],
                "earlier": sorted(int(y) for y in own.loc[own["relation"].isin(["same", "other_year"]), "edition"]),
                "in_part": sorted(int(y) for y in own.loc[own["relation"] == "in_part", "edition"]),
                "edition_ids": list(own["record_id"]),
                "sentence": chapter.refer(last["passage"]),
            }
        )
    columns = ["record_id", "statement", "passage", "edition", "news", "earlier", "in_part", "edition_ids", "sentence"]
    return pd.DataFrame(rows, columns=columns)


def say_comparison(chapter: Chapter, news: pd.DataFrame, kinds: Sequence[str]) -> list[Headline]:
    """A headline for each kind of ``classify_news`` or ``dropped``; one alone where nothing is on file."""
    if news.empty and chapter.dropped.empty:
        return [say_limits(chapter, news)]
    return [say_dropped(chapter, kind) if kind in DROPPED else say_news(chapter, news, kind) for kind in kinds]


def say_news(chapter: Chapter, news: pd.DataFrame, kind: str) -> Headline:
    """Which statements stand so to the last edition; ``kind`` as in ``classify_news``."""
    own = news[news["news"] == kind]
    edition = f"the {news['edition'].max()} edition" if len(news) else "an earlier edition"
    lead = {
        NEW: f"new since {edition}",
        AGAIN: f"said again as in {edition}",
        REWORDED: f"said in {edition} in part or in other words",
        UNREAD: f"not compared, because that part of {edition} could not be read",
    }[kind]
    if kind == NEW and len(news):
        lead += f", as far as {join(chapter.name_sections(news['passage']))} could be compared"
    ids = [record_id for ids in own["edition_ids"] for record_id in ids]
    text, passages = f"{lead}: {join(list(own['statement'])) or 'nothing'}", list(dict.fromkeys(own["passage"]))
    return headline(chapter, text, ids, len(own), "statements", passages,
                    question=f"statements {kind}", subject="last edition")  # fmt: skip


def say_dropped(chapter: Chapter, kind: str) -> Headline:
    """What stood in the last edition and is gone, or is more or less exact now; ``kind`` is a code of ``dropped``."""
    table = chapter.dropped
    last = table[table["edition"] == table["edition"].max()] if len(table) else table
    own = last[last["kind"] == kind]
    edition = f"the {last['edition'].iloc[0]} edition" if len(last) else "an earlier edition"
    lead = DROPPED[kind].format(edition=edition)
    listed = join(list(own["statement"]))
    return headline(chapter, f"{lead}: {listed or 'nothing on file'}", list(own["record_id"]), len(own), "statements",
                    question=f"statements {kind}", subject="last edition")  # fmt: skip


def say_limits(chapter: Chapter, news: pd.DataFrame) -> Headline:
    """How far the comparison goes: which sections it covers."""
    if news.empty:
        return headline(chapter, "no earlier edition is on file", [], 0, "statements compared")
    covered = join(chapter.name_sections(news["passage"]))
    text = f"the comparison covers this chapter’s {covered}, as far as the earlier editions could be read"
    return headline(chapter, text, list(news["record_id"]), len(news), "statements compared")


def tabulate_editions(chapter: Chapter, news: pd.DataFrame, caption: str) -> tables.Table:
    """Each compared statement with its news and the earlier editions that say the same, one row per statement."""
    shown = news.assign(
        **{
            "said in the editions of": [", ".join(map(str, years)) or "–" for years in news["earlier"]],
            "in part or other words in": [", ".join(map(str, years)) or "–" for years in news["in_part"]],
        }
    ).rename(columns={"news": "since the last edition"})
    return tables.table(
        shown,
        caption,
        ["statement", "since the last edition", "said in the editions of", "in part or other words in", "sentence"],
    )
