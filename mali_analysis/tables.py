"""Tables for readers: plain HTML with caption and header scopes, and the records' own words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import pandas as pd

from mali_analysis.chapter import Chapter
from mali_analysis.disclosure import align, open_cells
from mali_analysis.headlines import capital, refer
from mali_analysis.passages import Reference, mark

ANSWERS_MIME = "application/vnd.mali-analysis.answers+json"
CHART_MIME = "application/vnd.mali-analysis.chart+json"
"""What goes with an output: what its cells answer; and the table of what a chart draws."""
HEADS = {"sentence": "sentence no."}
NO_QUESTION = {"sentence", "passage", "source", "quote", "what"}
"""Heads of columns that lead to the words or the source and answer nothing."""

CONTROL = {code: 0x2400 + code for code in range(32) if code not in (9, 10, 13)} | {127: 0x2421}
"""Control characters, which neither SVG, HTML nor a workbook can hold, to the signs that stand for them."""


@dataclass(frozen=True)
class Address:
    """A cell that leads elsewhere: its words and the address."""

    text: str
    url: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Sentence:
    """A cell with a sentence of the chapter, the words that are meant marked in it."""

    reference: Reference

    def __str__(self) -> str:
        return self.reference.text


@dataclass(frozen=True)
class Links:
    """A cell of several parts, some of which lead elsewhere."""

    parts: tuple[Any, ...]

    def __str__(self) -> str:
        return self.between.join(map(str, self.parts))

    @property
    def between(self) -> str:
        """What stands between the parts: a semicolon where one of them has a comma of its own."""
        return "; " if any("," in str(part) for part in self.parts) else ", "


@dataclass(frozen=True)
class Table:
    """A captioned table; the first column heads the rows."""

    frame: pd.DataFrame
    caption: str
    records: list[str] = field(default_factory=list)
    """The record that each row is about; empty where rows are about none."""
    day: str = ""
    """The day that it answers for; empty where it has none."""

    @property
    def answers(self) -> list[list[str]]:
        """What each cell answers: question (the column's head), record, day, value."""
        told = [name for name in self.frame if name not in NO_QUESTION]
        rows = zip(self.records, self.frame[told].to_numpy(), strict=True) if self.records else ()
        return [
            [str(name), record, self.day, str(v)] for record, row in rows for name, v in zip(told, row, strict=True)
        ]

    def __str__(self) -> str:
        return (
            f"{self.caption}\n{self.frame.to_string(index=False)}"
            if len(self.frame)
            else f"{self.caption}: nothing to show."
        )

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": str(self), "text/html": self._repr_html_()}
        return bundle | ({ANSWERS_MIME: self.answers} if self.answers else {})

    def _repr_html_(self) -> str:
        rows = self.frame.itertuples(index=False)
        references = [part for row in rows for cell in row for part in _references(cell)]
        quoted = any(isinstance(cell, Sentence) for cell in self.frame.to_numpy().flat)  # the words stand in the table
        aligned = align(self.to_html())
        return aligned if quoted else open_cells(aligned, references)

    def to_html(self) -> str:
        """As pages have it: without what only Jupyter needs."""
        if self.frame.empty:
            return f"<p>{escape(self.caption)}: nothing to show.</p>"
        head = "".join(f'<th scope="col">{escape(capital(HEADS.get(name, name)))}</th>' for name in self.frame)
        marks = [f' data-record="{escape(record)}"' for record in self.records] or [""] * len(self.frame)
        rows = zip(marks, self.frame.itertuples(index=False), strict=True)
        body = "".join(f"<tr{mark}>{self._row(row)}</tr>" for mark, row in rows)
        caption = f"<caption>{escape(self.caption)}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _row(self, row: Any) -> str:
        cells = []
        for number, (name, value) in enumerate(zip(self.frame, row, strict=True)):
            text = escape(str(value))
            if name == "passage":
                text = refer(str(value), str(value))
            if isinstance(value, Links):
                text = value.between.join(_link(part) for part in value.parts)
            if isinstance(value, Reference | Address):
                text = _link(value)
            if isinstance(value, Sentence):
                text = mark(value.reference.text, value.reference.spans)
            if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
                text = f'<time style="white-space:nowrap">{text}</time>'
            cells.append(f'<th scope="row">{text}</th>' if number == 0 else f"<td>{text}</td>")
        return "".join(cells)


def _references(cell: Any) -> list[Reference]:
    parts = cell.parts if isinstance(cell, Links) else [cell]
    return [part for part in parts if isinstance(part, Reference)]


def _link(value: Any) -> str:
    text = escape(str(value))
    if isinstance(value, Reference):
        return refer(value.passage, text)
    return f'<a href="{escape(value.url)}">{text}</a>' if isinstance(value, Address) else text


def table(
    frame: pd.DataFrame, caption: str, columns: Sequence[str] = (), missing: str = "not stated", day: str = ""
) -> Table:
    """A table for readers of some columns (empty: all but ids), days as ISO, missing values as the reason why.

    ``missing`` stands where a value is missing and no column says why; a column ``record_id`` says what each row is
    about, ``day`` the day that the table answers for.
    """
    shown = frame[list(columns)] if columns else frame.drop(columns=[c for c in frame if c.endswith(("_id", "_ids"))])
    readable = {name: _readable(shown[name], frame.get(f"{name}_status"), missing) for name in shown}
    renamed = pd.DataFrame(readable, index=frame.index).rename(columns=lambda name: str(name).replace("_", " "))
    return Table(renamed, caption, list(frame.get("record_id", [])), day)


def sentences(chapter: Chapter, record_ids: Sequence[str]) -> list[Any]:
    """For each record the sentences that it rests on as a whole, each a reference; empty for records from elsewhere."""
    found = []
    for record_id in record_ids:
        starts = [start for start, _, _ in chapter.quotes.get((record_id, "*"), [])]
        found.append([chapter.refer(p, record_id) for p in dict.fromkeys(chapter.passages_of(starts))])
    return found


def _readable(column: pd.Series, status: pd.Series | None, missing: str) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.strftime("%Y-%m-%d").fillna(missing)
    texts = column.astype("object")
    instead = status.astype("object") if status is not None else missing
    return texts.where(texts.notna(), instead).map(_in_words)


def _in_words(value: Any) -> Any:
    if isinstance(value, Address | Reference | Links | Sentence):
        return value
    if isinstance(value, list):
        return Links(tuple(value)) if len(value) else "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"
    return value.replace("_", " ") if re.fullmatch(r"[a-z]+(_[a-z]+)+", str(value)) else str(value)


def quote(chapter: Chapter, record_ids: Sequence[str] | str, caption: str = "What each statement rests on") -> Table:
    """The words that records rest on as wholes, one row per record and quote: ``what``, ``quote``, ``sentence``."""
    record_ids = [record_ids] if isinstance(record_ids, str) else record_ids
    rows = chapter.evidence[chapter.evidence["record_id"].isin(record_ids) & (chapter.evidence["column"] == "*")]
    order = {record_id: i for i, record_id in enumerate(dict.fromkeys(record_ids))}
    rows = rows.sort_values("record_id", key=lambda ids: ids.map(order), kind="stable")
    quotes = [f"“{quote}”" for quote in rows["quote"]]
    places = zip(chapter.passages_of(rows["start"]), rows["start"], rows["end"], strict=True)
    found = [chapter.refer(passage, [(start, end)]) for passage, start, end in places]
    labels = [chapter.label(record_id) for record_id in rows["record_id"]]
    return Table(pd.DataFrame({"what": labels, "quote": quotes, "sentence": found}), caption, list(rows["record_id"]))
