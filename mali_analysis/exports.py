"""All tables as files for other programs: CSV beside one Excel workbook with the codebook as its first sheet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from mali_analysis.chapter import Chapter
from mali_analysis.coding.schema import read_schema
from mali_analysis.tables import CONTROL

_FORMULA = re.compile(r"'*[=+\-@\t\n]")
_NOWHERE = re.compile("[\ud800-\udfff\ufffe\uffff]")
"""What is no character, so that no workbook can hold it."""


def export_tables(chapter: Chapter, folder: str | Path) -> list[Path]:
    """Every table of a chapter as ``<name>.csv`` and as a sheet of ``tables.xlsx``; returns the files written.

    The sheet ``codebook`` has one row per column: table, column, description, rule, code and its meaning; the sheet
    ``sources`` one per source. Days are days; texts are as ``defuse`` leaves them. The folder is made where it is
    missing.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    tables = chapter.tables | chapter.reference
    paths = [target / f"{name}.csv" for name in tables] + [target / "tables.xlsx"]
    for path, table in zip(paths, tables.values(), strict=False):
        defuse(table).to_csv(path, index=False, encoding="utf-8")
    write_book(paths[-1], {"codebook": table_codebook(chapter), **tables, "sources": list_sources(chapter)})
    return paths


def write_book(path: Path, sheets: dict[str, pd.DataFrame]) -> None:
    """An Excel workbook of one sheet per table, its first row and column in view, days as days, texts defused."""
    with pd.ExcelWriter(path, engine="openpyxl", datetime_format="YYYY-MM-DD") as book:
        for name, table in sheets.items():
            defuse(table).to_excel(book, sheet_name=name[:31], index=False, freeze_panes=(1, 1))


def list_sources(chapter: Chapter, record_ids: Sequence[str] | None = None) -> pd.DataFrame:
    """The chapter and the outside sources of records (None: all), one row per source.

    Columns: ``source``, ``address``, ``accessed`` (timestamp).
    """
    facts = chapter.facts
    rows = [{"source": chapter.source, "address": facts.url, "accessed": facts.accessed}]
    for table in chapter.reference.values():
        if "source_url" in table:
            own = table if record_ids is None else table[table["record_id"].isin(record_ids)]
            names = own["origin" if "origin" in own else "source_url"]
            rows += [{"source": str(name), "address": str(url), "accessed": day}
                     for name, url, day in zip(names, own["source_url"], own["accessed"], strict=True)]  # fmt: skip
    found = pd.DataFrame(rows).drop_duplicates("address", ignore_index=True)
    return found.assign(accessed=pd.to_datetime(found["accessed"]))


def table_codebook(chapter: Chapter) -> pd.DataFrame:
    """The codebook as a table, one row per column of a table and code that it may hold."""
    rows = []
    for name, table in read_schema(chapter.root).items():
        for field in table.fields:
            for code, entry in (field.get("codes") or {"": {"meaning": ""}}).items():
                rows.append((name, field["name"], field["type"], field["description"],
                             field.get("rule", ""), code, entry["meaning"]))  # fmt: skip
    return pd.DataFrame(rows, columns=["table", "column", "type", "description", "rule", "code", "meaning"])


def defuse(table: pd.DataFrame) -> pd.DataFrame:
    """A table whose texts no spreadsheet takes for formulas.

    A text that begins like one gets an apostrophe in front, and so does one that does after apostrophes of its own, so
    that taking one off gives it back. Line ends become ``\\n``, control characters their signs.
    """
    plain = table.copy()
    for name in plain.columns:
        if not pd.api.types.is_numeric_dtype(plain[name]) and not pd.api.types.is_datetime64_any_dtype(plain[name]):
            texts = plain[name].astype("object").where(plain[name].notna(), "").map(str)
            plain[name] = [_defuse(text) for text in texts]
    return plain


def _defuse(text: str) -> str:
    told = _NOWHERE.sub("\ufffd", re.sub(r"\r\n?", "\n", text)).translate(CONTROL)
    return f"'{told}" if _FORMULA.match(told) else told
