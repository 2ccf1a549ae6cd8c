"""Wrong values for the cells and rows of a chapter's tables, each one that might have been typed."""

from __future__ import annotations

import csv
import io
import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mali_analysis.coding.schema import Row, Table, read_schema

KINDS = ("another code", "another date", "another number", "another reason", "another record", "another text",
         "a dropped accent", "a shifted span", "a removed row", "a doubled row")  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One fault: the table, its row (0 is the first), the columns changed with their new values; None: a whole row."""

    table: str
    kind: str
    row: int
    changed: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        told = ", ".join(f"{column} = {value[:60]!r}" for column, value in self.changed)
        return f"{self.table}, row {self.row + 1}: {self.kind}{f': {told}' if told else ''}"


def read_rows(root: Path, chapter_id: str) -> dict[str, list[Row]]:
    """The rows of every table of a chapter and of the world, as strings."""
    found = {}
    for name in read_schema(root):
        path = find_path(root, chapter_id, name)
        found[name] = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))) if path.is_file() else []
    return found


def find_path(root: Path, chapter_id: str, table: str) -> Path:
    described = read_schema(root)[table]
    return root / ("" if described.kind == "world" else chapter_id) / described.path


def write_rows(root: Path, chapter_id: str, table: str, rows: list[Row]) -> None:
    with find_path(root, chapter_id, table).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field["name"] for field in read_schema(root)[table].fields], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def apply(mutant: Mutant, rows: list[Row]) -> list[Row]:
    """The rows of the mutant's table with the fault in them."""
    before, row, after = rows[: mutant.row], dict(rows[mutant.row]), rows[mutant.row + 1 :]
    if mutant.kind == "a removed row":
        return before + after
    if mutant.kind == "a doubled row":
        return [*before, row, row | dict(mutant.changed), *after]
    return [*before, row | dict(mutant.changed), *after]


def list_mutants(root: Path, chapter_id: str, text: str) -> Iterator[Mutant]:
    """One fault for every filled cell of every table, and besides one row in five removed, one in five doubled.

    Which value it becomes is drawn, and the same each time.
    """
    schema, rows = read_schema(root), read_rows(root, chapter_id)
    for name, table in schema.items():
        drawn = random.Random(f"{chapter_id} {name}")
        for number, row in enumerate(rows[name]):
            if name == "evidence":
                yield from _alter_evidence(number, row, text, drawn)
            else:
                yield from _alter_cells(table, number, row, rows, drawn)
            if number % 5 == 0:
                yield Mutant(name, "a removed row", number)
                new = (("record_id", f"{row['record_id']}-2"),) if "record_id" in row and name != "evidence" else ()
                yield Mutant(name, "a doubled row", number, new)


def _alter_cells(
    table: Table, number: int, row: Row, rows: dict[str, list[Row]], drawn: random.Random
) -> Iterator[Mutant]:
    for field in table.fields:
        column, value = field["name"], row[field["name"]]
        if column == "record_id" or not value:
            continue
        found = list(_alter(field, value, rows, drawn))
        for kind, new in found:
            yield Mutant(table.name, kind, number, ((column, new),))
        if f"{column}_status" in row:  # the value gone, and a reason for that instead
            yield Mutant(table.name, "another reason", number, ((column, ""), (f"{column}_status", "not_stated")))


def _alter(field: dict, value: str, rows: dict[str, list[Row]], drawn: random.Random) -> Iterator[tuple[str, str]]:
    column = field["name"]
    if field.get("codes"):
        others = [code for code in field["codes"] if code != value]
        if column.endswith("_status"):
            others = [] if value == "given" else [code for code in others if code != "given"]
        if others:
            yield ("another reason" if column.endswith("_status") else "another code"), drawn.choice(others)
    elif field.get("edtf") or field["type"] == "date":
        yield "another date", _shift(value, drawn)
    elif field["type"] in ("integer", "number"):
        yield "another number", str(int(value) + 1) if re.fullmatch(r"-?\d+", value) else f"{float(value) + 0.1:.4f}"
    elif field.get("references"):
        tables = [t for t in rows if t in field["references"] or field["references"] == ["*"]]
        others = [
            r["record_id"] for t in tables for r in rows[t] if r.get("record_id", value) != value and t != "evidence"
        ]
        if others:
            yield "another record", drawn.choice(others)
    else:
        plain = "".join(c for c in unicodedata.normalize("NFD", value) if not unicodedata.combining(c))
        if plain != value:
            yield "a dropped accent", plain
        if field.get("format") == "uri":
            yield "another text", f"{value.rstrip('/')}/other"
        else:
            yield "another text", _misspell(value, drawn)


def _shift(value: str, drawn: random.Random) -> str:
    """Another date of the same form: its day, month or year moved by one."""
    parts = list(re.finditer(r"\d+", value))
    if not parts:  # an end that is open
        return "2021"
    part = drawn.choice(parts)
    number = int(part[0]) + (1 if len(part[0]) == 4 or int(part[0]) < 12 else -1)
    return f"{value[: part.start()]}{number:0{len(part[0])}}{value[part.end() :]}"


def _misspell(value: str, drawn: random.Random) -> str:
    """Two neighboring letters of a word swapped, as a hurried hand does."""
    places = [n for n in range(len(value) - 1) if value[n : n + 2].isalnum() and value[n] != value[n + 1]]
    if not places:
        return f"{value}s"
    at = drawn.choice(places)
    return value[:at] + value[at + 1] + value[at] + value[at + 2 :]


def _alter_evidence(number: int, row: Row, text: str, drawn: random.Random) -> Iterator[Mutant]:
    """A span that begins a word later, one a word longer, another basis, another column, another note."""
    start, end = int(row["start"]), int(row["end"])
    later, longer = text.find(" ", start, end) + 1, re.compile(r"[ ,.;:]+[^\s,.;:]+").match(text, end)
    first = later or start + 1
    if first < end:
        yield Mutant("evidence", "a shifted span", number, (("start", str(first)), ("quote", text[first:end])))
    if longer:
        last = longer.end()
        yield Mutant("evidence", "a shifted span", number, (("end", str(last)), ("quote", text[start:last])))
    other = "inferred" if row["basis"] == "stated" else "stated"
    note = (("note", "as a reader would"),) if other == "inferred" and not row["note"] else ()
    yield Mutant("evidence", "another code", number, (("basis", other), *note))
    if row["note"]:
        yield Mutant("evidence", "another text", number, (("note", _misspell(row["note"], drawn)),))
