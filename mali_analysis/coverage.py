"""How the chapter was read: what is coded from each sentence, on what basis, and which words no record rests on."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from mali_analysis.report import Report


def count_records(report: Report, sections: Sequence[str] = ()) -> pd.DataFrame:
    """Records anchored in each sentence, one row per sentence in reading order.

    Columns: ``passage``, ``section``, ``records`` (how many rest on words of it), ``text``.
    """
    sentences = report.passages[report.passages["kind"] == "sentence"]
    if sections:
        sentences = sentences[sentences["section"].isin(sections)]
    rows = report.evidence.assign(passage=report.passages_of(report.evidence["start"]))
    counts = rows.groupby("passage")["record_id"].nunique()
    counted = sentences.assign(records=[int(counts.get(p, 0)) for p in sentences["passage"]])
    return counted[["passage", "section", "records", "text"]].reset_index(drop=True)


def summarise_sections(report: Report, sections: Sequence[str] = ()) -> pd.DataFrame:
    """Sentences, records and rows of evidence of each section, one row per section in reading order.

    A record counts in the section of its first words.
    """
    evidence = report.evidence.assign(passage=report.passages_of(report.evidence["start"]))
    evidence["section"] = list(report.passages.loc[evidence["passage"], "section"])
    first = evidence.drop_duplicates("record_id")
    sentences = count_records(report, sections).groupby("section", sort=False)["passage"].size()
    inferred = evidence[evidence["basis"] == "inferred"].groupby("section").size()
    table = pd.DataFrame({"sentences": sentences})
    table["records"] = first.groupby("section").size().reindex(table.index, fill_value=0)
    table["evidence"] = evidence.groupby("section").size().reindex(table.index, fill_value=0)
    table["inferred"] = inferred.reindex(table.index, fill_value=0)
    return table.reset_index()


def list_inferences(report: Report, sections: Sequence[str] = ()) -> pd.DataFrame:
    """Readings that go beyond the words, one row per reading with the number of values that rest on it, most first."""
    evidence = report.evidence.assign(passage=report.passages_of(report.evidence["start"]))
    if sections:
        evidence = evidence[list(report.passages.loc[evidence["passage"], "section"].isin(sections))]
    inferred = evidence[evidence["basis"] == "inferred"]
    counts = inferred.groupby("note", sort=False).size().sort_values(ascending=False, kind="stable")
    return counts.rename_axis("reading").rename("values").reset_index()


def list_unread(report: Report, sections: Sequence[str] = ()) -> pd.DataFrame:
    """Words that no record rests on, one row per sentence that has any: ``passage`` and the ``words``, in order."""
    rest = list(report.text)
    for start, end in zip(report.evidence["start"], report.evidence["end"], strict=True):
        rest[start:end] = " " * (end - start)
    rows = []
    for sentence in count_records(report, sections).itertuples():
        span = report.passages.loc[sentence.passage]
        words = re.findall(r"[\w’'-]+", "".join(rest[span["start"] : span["end"]]))
        if words:
            rows.append({"passage": sentence.passage, "words": " ".join(words)})
    return pd.DataFrame(rows, columns=["passage", "words"])
