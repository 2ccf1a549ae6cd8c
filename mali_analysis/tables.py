"""Tables for readers: plain HTML with caption and header scopes, and the records' own words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from mali_analysis.report import Report
from mali_analysis.sentences import refer

CONTROL = {code: 0x2400 + code for code in range(32) if code not in (9, 10, 13)} | {127: 0x2421}
"""Control characters, which neither SVG, HTML nor a workbook can hold, to the signs that stand for them."""


@dataclass(frozen=True)
class Link:
    """A cell that leads elsewhere: its words and the address."""

    text: str
    url: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Table:
    """A captioned table; the first column heads the rows. Cells in ``passage`` columns are references."""

    frame: pd.DataFrame
    caption: str

    def __str__(self) -> str:
        return (
            f"{self.caption}\n{self.frame.to_string(index=False)}"
            if len(self.frame)
            else f"{self.caption}: nothing to show."
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        if self.frame.empty:
            return f"<p>{escape(self.caption)}: nothing to show.</p>"
        head = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in self.frame)
        body = "".join(f"<tr>{self._row(row)}</tr>" for row in self.frame.itertuples(index=False))
        caption = f"<caption>{escape(self.caption)}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _row(self, row: Any) -> str:
        cells = []
        for number, (name, value) in enumerate(zip(self.frame, row, strict=True)):
            text = escape(str(value))
            if name == "passage":
                text = refer(str(value), str(value))
            if isinstance(value, Link):
                text = f'<a href="{escape(value.url)}">{text}</a>'
            cells.append(f'<th scope="row">{text}</th>' if number == 0 else f"<td>{text}</td>")
        return "".join(cells)


def tabulate(frame: pd.DataFrame, caption: str, columns: Sequence[str] = ()) -> Table:
    """A table for readers of some columns (empty: all but ids), days as ISO, missing values as the reason why."""
    shown = frame[list(columns)] if columns else frame.drop(columns=[c for c in frame if c.endswith(("_id", "_ids"))])
    readable = {name: _readable(shown[name], frame.get(f"{name}_status")) for name in shown}
    return Table(pd.DataFrame(readable).rename(columns=lambda name: str(name).replace("_", " ")), caption)


def _readable(column: pd.Series, status: pd.Series | None) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.strftime("%Y-%m-%d").fillna("not stated")
    texts = column.astype("object")
    instead = status.astype("object") if status is not None else "not stated"
    return texts.where(texts.notna(), instead).map(_in_words)


def _in_words(value: Any) -> Any:
    if isinstance(value, Link):
        return value
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"
    return value.replace("_", " ") if re.fullmatch(r"[a-z]+(_[a-z]+)+", str(value)) else str(value)


def quote_records(report: Report, record_ids: Sequence[str], caption: str = "The words behind the findings") -> Table:
    """The words that records rest on as wholes, one row per record and quote: ``record``, ``quote``, ``passage``."""
    rows = report.evidence[report.evidence["record_id"].isin(record_ids) & (report.evidence["column"] == "*")]
    order = {record_id: i for i, record_id in enumerate(dict.fromkeys(record_ids))}
    rows = rows.sort_values("record_id", key=lambda ids: ids.map(order), kind="stable")
    quotes = [f"“{quote}”" for quote in rows["quote"]]
    frame = {"record": list(rows["record_id"]), "quote": quotes, "passage": report.passages_of(rows["start"])}
    return Table(pd.DataFrame(frame), caption)


def tabulate_claims(comparison: pd.DataFrame, caption: str = "The chapter against others") -> Table:
    """Outside reports beside the chapter's words, one row per report; ``comparison`` as from ``compare_claims``."""
    pairs = zip(comparison["origin"], comparison["source_url"], strict=True)
    shown = {
        "question": list(comparison["question"]),
        "the chapter": list(comparison["chapter"]),
        "passage": list(comparison["passage"]),
        "others": list(comparison["says"]),
        "verdict": [f"{row.verdict}: {row.why}" for row in comparison.itertuples()],
        "origin": [Link(origin, url) for origin, url in pairs],
        "published": [day or "no date" for day in comparison["published"].fillna("")],
    }
    return tabulate(pd.DataFrame(shown), caption)
