"""All tables as files for other programs: CSV beside one Excel workbook with the codebook as its first sheet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mali_analysis.chapter import Chapter
from mali_analysis.coding.schema import read_schema
from mali_analysis.tables import CONTROL

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_tables(chapter: Chapter, folder: str | Path) -> list[Path]:
    """Every table of a report as ``<name>.csv`` and as a sheet of ``tables.xlsx``; returns the files written.

    The sheet ``codebook`` has one row per column: table, column, description, rule, code and its meaning. Text that a
    spreadsheet would take for a formula gets an apostrophe in front, and control characters become their signs. The
    folder is made where it is missing.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    tables = {name: _defuse(table) for name, table in (chapter.tables | chapter.reference).items()}
    paths = [target / f"{name}.csv" for name in tables] + [target / "tables.xlsx"]
    for path, table in zip(paths, tables.values(), strict=False):
        table.to_csv(path, index=False, encoding="utf-8")
    with pd.ExcelWriter(paths[-1], engine="openpyxl") as book:
        for name, table in {"codebook": table_codebook(chapter), **tables}.items():
            table.to_excel(book, sheet_name=name[:31], index=False, freeze_panes=(1, 1))
    return paths


def table_codebook(chapter: Chapter) -> pd.DataFrame:
    """The codebook as a table, one row per column of a table and code that it may hold."""
    rows = []
    for name, table in read_schema(chapter.root).items():
        for field in table.fields:
            for code, entry in (field.get("codes") or {"": {"meaning": ""}}).items():
                rows.append((name, field["name"], field["type"], field["description"],
                             field.get("rule", ""), code, entry["meaning"]))  # fmt: skip
    return pd.DataFrame(rows, columns=["table", "column", "type", "description", "rule", "code", "meaning"])


def _defuse(table: pd.DataFrame) -> pd.DataFrame:
    plain = table.copy()
    for name in plain.columns:
        if not pd.api.types.is_numeric_dtype(plain[name]) and not pd.api.types.is_datetime64_any_dtype(plain[name]):
            texts = plain[name].astype("object").where(plain[name].notna(), "").map(str)
            plain[name] = [("'" if text.startswith(_FORMULA) else "") + text.translate(CONTROL) for text in texts]
    return plain
