"""The tables and charts of a page: where each stands, whose rows it holds, which sentences it leads to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

from mali_analysis.disclosure import NUMBER, undress
from mali_analysis.runs.cells import Cell
from mali_analysis.tables import CHART_MIME, NO_QUESTION

WIDE = 5
"""Columns from which a table is wider than the text."""
PHONE, LINE = 40, 20
"""Letters that fit side by side on a phone, and those after which a long text may break: wider tables are stacked."""
_ROW = re.compile(r'<tr(?: data-record="([^"]*)")?>((?:<t[hd].*?)?)</tr>', re.S)
_CELL = re.compile(r'<(td|th scope="row")>(.*?)</t[dh]>', re.S)
_HEAD = re.compile(r'<th scope="col">(.*?)</th>', re.S)
_LONG = re.compile(r"(<[^>]*>)|([^<>\s]{25,})")


@dataclass(frozen=True)
class Exhibit:
    """A table or chart of a page; ``name`` is its anchor there."""

    name: str
    kind: str
    caption: str
    captioned: bool
    """Whether it has a table with this caption; a chart of a user's own has none."""
    records: list[str]
    """The records that its rows are about."""
    passages: list[str]
    """The sentences that a row or mark of it leads to."""


def name_exhibit(output: dict[str, Any], name: str) -> Exhibit | None:
    """An output as an exhibit of that name; None where it is neither a chart nor a table with a caption."""
    data = output.get("data", {})
    svg, html = data.get("image/svg+xml", ""), data.get("text/html", "")
    table = data.get(CHART_MIME, {}).get("table", "") if svg else html
    caption = re.search(r"<caption>(.*?)</caption>", table, re.S)
    if not svg and not caption:
        return None
    told = unescape(caption[1]) if caption else output.get("metadata", {}).get("image/svg+xml", {}).get("alt", "")
    records = [unescape(record) for record in re.findall(r'<tr data-record="([^"]*)"', table)]
    passages = re.findall(r'data-passage="([^"]*)"', table) + re.findall(r'<a [^>]*href="#([^"]*)"', svg)
    led = list(dict.fromkeys(map(unescape, passages)))
    return Exhibit(name, "chart" if svg else "table", told, bool(caption), records, led)


def list_exhibits(cells: list[Cell]) -> list[tuple[dict[str, Any], Exhibit | None]]:
    """Every output of an executed notebook with the exhibit that it is; exhibits are named t1, t2 … in their order."""
    listed: list[tuple[dict[str, Any], Exhibit | None]] = []
    number = 1
    for output in (undress(output) for cell in cells for output in cell.get("outputs", [])):
        exhibit = name_exhibit(output, f"t{number}")
        number += exhibit is not None
        listed.append((output, exhibit))
    return listed


def exhibits_of(cells: list[Cell]) -> list[Exhibit]:
    """The tables and charts of an executed notebook."""
    return [exhibit for _, exhibit in list_exhibits(cells) if exhibit]


def find_rows(exhibits: Iterable[Exhibit]) -> dict[str, str]:
    """In which exhibit the row of each record stands that can be linked to: its first, in a table before a chart."""
    rows: dict[str, str] = {}
    for exhibit in sorted(exhibits, key=lambda exhibit: exhibit.kind == "chart"):
        for record in exhibit.records:
            rows.setdefault(record, exhibit.name)
    return rows


def map_records(pages: Mapping[str, Iterable[Exhibit]], first: str) -> dict[str, str]:
    """The address of each record's row in a report; ``first`` is the page that goes before all others."""
    found: dict[str, str] = {}
    for href in sorted(pages, key=lambda href: href != first):
        for record in find_rows(pages[href]):
            found.setdefault(record, f"{href}#{row_id(record)}")
    return found


def row_id(record: str) -> str:
    """The anchor of a record's row."""
    return f"r-{record}"


def fit_table(html: str, name: str, rows: Mapping[str, str]) -> str:
    """A table of ours for any width: rows as anchors, numbers to the right, heads as labels where rows are stacked.

    ``rows`` as from ``find_rows``. A table of another form comes back as it is.
    """
    parts = re.fullmatch(r"(<table>.*?<tbody>)(.*)(</tbody></table>)", html, re.S)
    heads = _HEAD.findall(parts[1]) if parts else []
    lines = [(unescape(match[1] or ""), _CELL.findall(match[2])) for match in _ROW.finditer(parts[2] if parts else "")]
    if not parts or len(lines) != parts[2].count("<tr") or any(len(cells) != len(heads) for _, cells in lines):
        return html
    columns = [(head, _is_numeric(head, [cells[n][1] for _, cells in lines])) for n, head in enumerate(heads)]
    stacked, due = _is_broad(heads, lines), {record for record, exhibit in rows.items() if exhibit == name}
    start, role = parts[1], ' role="row"' if stacked else ""
    for head, numeric in columns:
        old = f'<th scope="col">{head}</th>'
        start = start.replace(old, f'<th{_mark("columnheader", numeric, stacked)} scope="col">{head}</th>', 1)
    if stacked:
        start = start.replace("<table>", f'<table class="stack" role="table" style="{_name_columns(heads)}">', 1)
        start = start.replace("<tr>", f"<tr{role}>", 1)
        start = re.sub("<(thead|tbody)>", r'<\1 role="rowgroup">', start)
    written = []
    for record, cells in lines:
        anchor = f' id="{escape(row_id(record))}"' if record in due else ""
        due.discard(record)
        inside = "".join(
            _cell(tag, text, column[1], stacked) for (tag, text), column in zip(cells, columns, strict=True)
        )
        written.append(f"<tr{anchor}{role}>{inside}</tr>")
    return start + "".join(written) + parts[3]


def _is_broad(heads: list[str], lines: list[tuple[str, list[tuple[str, str]]]]) -> bool:
    """Whether the columns do not fit side by side on a phone."""
    texts = [[re.sub(r"<[^>]+>", "", unescape(text)) for text in column] for column in zip(*([c[1] for c in cells]
             for _, cells in lines), strict=True)] or [[] for _ in heads]  # fmt: skip
    words = [max(map(len, " ".join([unescape(head), *column]).split()), default=0)
             for head, column in zip(heads, texts, strict=True)]  # fmt: skip
    long = [min(max(map(len, column), default=0), LINE) for column in texts]
    return len(heads) > 2 and sum(map(max, words, long)) > PHONE


def _name_columns(heads: list[str]) -> str:
    """The heads as properties for the style, which puts one before each cell where rows are stacked."""
    told = (re.sub(r"[\\\s]+", " ", unescape(head)).replace("'", "\u2019") for head in heads)
    return escape(";".join(f"--c{number}:'{head}: '" for number, head in enumerate(told, 1)), quote=True)


def _cell(tag: str, inside: str, numeric: bool, stacked: bool) -> str:
    kind = tag[:2]
    inside = _LONG.sub(lambda match: match[1] or f'<span class="long">{match[2]}</span>', inside)
    return f"<{tag}{_mark('cell' if kind == 'td' else 'rowheader', numeric, stacked)}>{inside}</{kind}>"


def _mark(role: str, numeric: bool, stacked: bool) -> str:
    """What style and, where rows are stacked, a screen reader need to know of a cell."""
    return (' class="number"' if numeric else "") + (f' role="{role}"' if stacked else "")


def _is_numeric(head: str, cells: list[str]) -> bool:
    texts = [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]
    told = [text for text in texts if text]
    return bool(told) and unescape(head) not in NO_QUESTION and all(map(NUMBER.fullmatch, told))


def enclose(table: str, name: str = "") -> str:
    """A table in a box of its own, wider than the text where it has many columns; ``name`` becomes its anchor."""
    kind = "scroll wide" if table.count('scope="col"') >= WIDE else "scroll"
    anchor = f' id="{name}"' if name else ""
    return f'<div class="{kind}"{anchor}>{table}</div>'
