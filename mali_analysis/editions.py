"""The chapter against its own earlier editions: what is new, and what is said again."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from mali_analysis import charts
from mali_analysis.chapter import Chapter
from mali_analysis.headlines import Headline, headline, join


def compare_editions(chapter: Chapter) -> pd.DataFrame:
    """Which statements stood in earlier editions: one row per statement, one column per edition's year.

    The index holds the statements in the chapter's order; a cell is a code of ``relation``.
    """
    table = chapter.earlier_editions
    wide = table.pivot(index="statement", columns="edition", values="relation").astype("object")
    return wide.loc[list(dict.fromkeys(table["statement"]))].rename_axis(None).rename_axis(None, axis=1)


def classify_news(chapter: Chapter) -> pd.DataFrame:
    """What is new since the last edition, one row per statement of the Overview and the incidents' opening.

    Columns: ``statement``, ``passage``, ``news`` (new, in other words, repeated, not known), ``earlier`` (how many
    earlier editions say the same, of their own year or in the same words), ``edition_ids``.
    """
    codes = chapter.codes("earlier_editions", "relation")
    rows = []
    for statement, own in chapter.earlier_editions.groupby("statement", sort=False):
        last = own.loc[own["edition"].idxmax()]
        rows.append(
            {
                "statement": statement,
                "passage": last["passage"],
                "news": codes[last["relation"]].more["news"],
                "earlier": int(own["relation"].isin(["same", "other_year"]).sum()),
                "edition_ids": list(own["record_id"]),
            }
        )
    return pd.DataFrame(rows)


def say_news(chapter: Chapter, news: pd.DataFrame, kind: str) -> Headline:
    """Which statements are new since the last edition, or repeated from it; ``kind`` as in ``classify_news``."""
    own = news[news["news"] == kind]
    lead = {
        "new": "since the last edition, new in the opening",
        "repeated": "repeated from the last edition, and so weak evidence about the year",
        "in other words": "said before in other words or of another area",
        "not known": "not to be told, because that part of the last edition could not be read",
    }[kind]
    listed = join(list(own["statement"])) or "nothing"
    ids = [record_id for ids in own["edition_ids"] for record_id in ids]
    passages = list(dict.fromkeys(own["passage"]))
    return headline(chapter, f"{lead}: {listed}.", ids, len(own), "statements", passages)


def say_repetition(chapter: Chapter, news: pd.DataFrame) -> Headline:
    """The statement that stood in most earlier editions."""
    row = news.sort_values("earlier", ascending=False, kind="stable").iloc[0]
    read = chapter.earlier_editions[chapter.earlier_editions["record_id"].isin(row["edition_ids"])]
    editions = read[read["relation"].isin(["same", "other_year"])]
    years = join([str(year) for year in sorted(editions["edition"])])
    text = f"{row['statement']} stood in the editions on {years} too."
    return headline(
        chapter, text, list(editions["record_id"]), int(row["earlier"]), "earlier editions", [row["passage"]]
    )


def plot_editions(chapter: Chapter, editions: pd.DataFrame) -> Axes:
    """Statements of the opening against earlier editions; ``editions`` as from ``compare_editions``."""
    codes = chapter.codes("earlier_editions", "relation")
    letters = editions.map(lambda relation: codes[relation].letter)
    letters.columns = [str(year) for year in letters.columns]
    return charts.plot_matrix(letters, charts.legend_of(codes), "Statements in earlier editions", turn=0)
