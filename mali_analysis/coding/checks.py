"""A chapter and its tables read from disk and held against the schema: every violation at once."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mali_analysis import dates
from mali_analysis.coding.package import (
    Facts,
    checksum,
    describe_package,
    folder_of,
    list_chapters,
    outline_of,
    read_descriptor,
    read_facts,
)
from mali_analysis.coding.schema import (
    PACKAGE,
    TEXT,
    WORLD,
    DataError,
    Row,
    Table,
    Violation,
    read_schema,
    schema_root,
)
from mali_analysis.coding.wording import check_wording
from mali_analysis.passages import split_chapter

if TYPE_CHECKING:
    import pandas as pd

LONGEST = 20_000
"""Letters that a cell may hold; what is longer is no cell but a broken quotation mark."""
Rows = dict[str, list[Row]]


@dataclass(frozen=True)
class Package:
    """A chapter's facts, text, passages, coded tables and those from elsewhere, as rows of strings."""

    facts: Facts
    text: str
    passages: pd.DataFrame
    tables: Rows
    reference: Rows
    """What others say of the chapter, and what holds for any chapter; rows never mix with ``tables``."""


def read_package(root: Path, chapter_id: str, whole: bool = False) -> Package:
    """A chapter with its tables and those from elsewhere, checked against the schema.

    ``whole`` asks besides that every sentence be read and the data package be fresh, as ``validate`` does: a chapter
    that is being coded can be loaded before it is done. Raises DataError with every violation found.
    """
    folder, home = folder_of(root, chapter_id), schema_root(root)
    facts, wanted = read_facts(folder)
    schema = read_schema(root)
    faults: list[Violation] = []
    text = _read_text(folder / TEXT, wanted, faults)
    _check_world(home, root, facts, faults)
    rows = {
        name: _read_table((home if table.kind == WORLD else folder) / table.path, table, faults)
        for name, table in schema.items()
    }
    if not faults:
        try:
            passages = split_chapter(text)
        except ValueError as error:
            raise DataError([Violation(f"{chapter_id}/{TEXT}", str(error))]) from error
        listed = passages.to_dict("records")
        tables = {name: own for name, own in rows.items() if schema[name].kind == "chapter"}
        reference = {name: own for name, own in rows.items() if name not in tables}
        faults += _check_keys(schema, rows)
        faults += _check_doubled(schema, rows)
        faults += _check_cells(schema, rows)
        faults += _check_evidence(schema, tables, text, listed)
        faults += check_wording(schema, tables)
        faults += _check_uncoded(schema, tables, listed)
        faults += _check_reference(schema, tables, reference, text, listed)
        faults += _check_places(schema, reference, outline_of(root, facts.country_code))
        if whole:
            faults += _check_reading(schema, tables, listed)
            faults += _check_fresh(root, chapter_id)
    if faults:
        own = {table.path for table in schema.values() if table.kind != WORLD}
        raise DataError([replace(f, file=f"{chapter_id}/{f.file}") if f.file in own else f for f in faults])
    return Package(facts, text, passages, tables, reference)


def validate(folder: Path) -> Iterator[tuple[str, list[Violation], int]]:
    """Each chapter of a data folder, or the one that the folder is: its id, all its violations, its number of rows.

    Raises DataError where there is nothing to check.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise DataError([Violation(str(folder), "a data folder or the folder of a chapter; nothing was checked")])
    alone = (folder / TEXT).exists() or (folder / PACKAGE).exists()
    root = folder.parent if alone else folder
    for chapter_id in [folder.name] if alone else list_chapters(root):
        try:
            package = read_package(root, chapter_id, whole=True)
            yield chapter_id, [], sum(map(len, (package.tables | package.reference).values()))
        except DataError as error:
            yield chapter_id, error.violations, 0


def _read_text(path: Path, wanted: str, faults: list[Violation]) -> str:
    name = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        faults.append(Violation(name, "the chapter’s text; the file is missing"))
        return ""
    content = path.read_bytes()
    if checksum(content) != wanted:
        faults.append(Violation(name, f"the file with checksum {wanted}", column="checksum", value=checksum(content)))
        return ""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        faults.append(Violation(name, "UTF-8", value=f"byte {error.object[error.start]:#04x} at {error.start}"))
        return ""


def _check_world(home: Path, root: Path, facts: Facts, faults: list[Violation]) -> None:
    """Holds the files of the world that a chapter uses against their checksums."""
    try:
        listed = {r["path"]: r.get("hash") for r in read_descriptor(home / WORLD)["resources"]}
    except DataError as error:
        faults += error.violations
        return
    used = [home / table.path for table in read_schema(root).values() if table.kind == WORLD]
    outline = outline_of(root, facts.country_code)
    for path in [*used, *([outline] if outline.is_file() else [])]:
        name = path.relative_to(home).as_posix()
        wanted = listed.get(path.relative_to(home / WORLD).as_posix())
        if not isinstance(wanted, str):
            faults.append(Violation(f"{WORLD}/{PACKAGE}", f"a hash of {name}, such as sha256:…"))
        elif path.is_file() and checksum(path.read_bytes()) != wanted:
            found = checksum(path.read_bytes())
            faults.append(Violation(name, f"the file with checksum {wanted}", column="checksum", value=found))


def _read_table(path: Path, table: Table, faults: list[Violation]) -> list[Row]:
    name = table.path
    if not path.is_file():
        if table.kind != "reference":  # nobody need have said anything of a chapter
            faults.append(Violation(name, "a CSV file; it is missing"))
        return []
    try:
        header, *lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))) or [[]]
    except UnicodeDecodeError as error:
        faults.append(Violation(name, "UTF-8", value=f"byte {error.object[error.start]:#04x} at {error.start}"))
        return []
    except csv.Error as error:
        faults.append(Violation(name, f"cells of at most {LONGEST:,} letters ({error})"))
        return []
    expected = [field["name"] for field in table.fields]
    if header != expected:
        before = len(faults)
        for column in dict.fromkeys(c for c in header if header.count(c) > 1):
            faults.append(Violation(name, f"each column once; it is there {header.count(column)} times", column=column))
        for column in [c for c in expected if c not in header]:
            faults.append(Violation(name, "this column; it is missing", column=column))
        for column in dict.fromkeys(c for c in header if c not in expected):
            faults.append(Violation(name, ", ".join(expected), column=column))
        if len(faults) == before:
            faults.append(Violation(name, f"columns in the order {', '.join(expected)}"))
        return []
    rows: list[Row] = []
    for number, cells in enumerate(lines, 1):
        if len(cells) != len(expected):
            faults.append(Violation(name, f"{len(expected)} cells", number, value=f"{len(cells)} cells"))
            continue
        row = dict(zip(expected, cells, strict=True))
        for field in table.fields:
            if allowed := _refuse(row[field["name"]], field):
                faults.append(Violation(name, allowed, number, field["name"], row[field["name"]]))
        rows.append(row)
    return rows


def _refuse(value: str, field: dict[str, Any]) -> str | None:
    """What is allowed, where ``value`` is not; None where it is."""
    constraints = field.get("constraints", {})
    if not value:
        return "a value; the cell is empty" if constraints.get("required") else None
    if len(value) > LONGEST:
        return f"at most {LONGEST:,} letters"
    if "enum" in constraints and value not in constraints["enum"]:
        return ", ".join(constraints["enum"])
    if field["type"] == "integer" and not re.fullmatch(r"-?[0-9]{1,15}", value):
        return "a whole number, in the digits 0 to 9"
    if field["type"] == "number" and not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", value):
        return "a number, in the digits 0 to 9"
    if field["type"] == "date" and not _is_day(value):
        return "a day in the form 2020-03-25"
    least, most = constraints.get("minimum"), constraints.get("maximum")
    if least is not None and float(value) < least or most is not None and float(value) > most:
        return f"{least} or more" if most is None else f"{most} or less" if least is None else f"{least} to {most}"
    if field.get("format") == "uri" and not re.fullmatch(constraints["pattern"], value, re.ASCII):
        return "an address such as https://www.un.org/en/"
    if "pattern" in constraints and not re.fullmatch(constraints["pattern"], value, re.ASCII):
        return f"the form {constraints['pattern']}"
    if field.get("edtf"):
        try:
            dates.bounds(value)
        except ValueError:
            return dates.ALLOWED
    return None


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


Schema = dict[str, Table]


def _name(schema: Schema, table: str) -> str:
    return schema[table].path


def _ids(tables: Rows) -> Iterator[tuple[str, int, str]]:
    for table, rows in tables.items():
        if table != "evidence" and rows and "record_id" in rows[0]:
            yield from ((table, number, row["record_id"]) for number, row in enumerate(rows, 1))


def _check_keys(schema: Schema, tables: Rows) -> Iterator[Violation]:
    owner: dict[str, str] = {}
    plain: dict[str, str] = {}
    for table, number, record_id in _ids(tables):
        if record_id in owner:
            seen = f"an id used once; it is in {owner[record_id]} too"
            yield Violation(_name(schema, table), seen, number, "record_id", record_id)
        elif (other := plain.setdefault(record_id.casefold(), record_id)) != record_id:
            seen = f"an id that differs in more than case from {other}"
            yield Violation(_name(schema, table), seen, number, "record_id", record_id)
        owner[record_id] = table
    for table, described in schema.items():
        links = {f["name"]: f["references"] for f in described.fields if f.get("references")}
        for number, row in enumerate(tables[table], 1):
            for column, allowed in links.items():
                found = owner.get(row[column])
                if row[column] and found not in allowed:
                    where = " or ".join(allowed)
                    yield Violation(_name(schema, table), f"a record of {where}", number, column, row[column])


def _check_doubled(schema: Schema, tables: Rows) -> Iterator[Violation]:
    """Finds a row that stands twice, under two ids or the same."""
    for table, rows in tables.items():
        seen: dict[tuple[str, ...], int] = {}
        for number, row in enumerate(rows, 1):
            own = (
                row
                if table == "evidence"
                else {column: value for column, value in row.items() if column != "record_id"}
            )
            first = seen.setdefault(tuple(own.values()), number)
            if first != number:
                allowed = f"a row that differs from row {first} in more than its id"
                yield Violation(_name(schema, table), allowed, number, value=next(iter(row.values())))


def _check_cells(schema: Schema, tables: Rows) -> Iterator[Violation]:
    for table, rows in tables.items():
        name = _name(schema, table)
        for number, row in enumerate(rows, 1):
            for column in row:
                status = row.get(f"{column}_status")
                if status is not None and (status == "given") != bool(row[column]):
                    allowed = "given with a value, another status without"
                    yield Violation(name, allowed, number, f"{column}_status", status)
            if row.get("start_edtf") and row.get("end_edtf"):
                start, end = dates.bounds(row["start_edtf"])[0], dates.bounds(row["end_edtf"])[1]
                if start and end and end < start:
                    allowed = f"an end no earlier than {row['start_edtf']}"
                    yield Violation(name, allowed, number, "end_edtf", row["end_edtf"])
            known = [float(row[column]) for column in ("low", "best", "high") if row.get(column)]
            if known != sorted(known):
                yield Violation(name, "low <= best <= high", number, "low", ", ".join(f"{n:g}" for n in known))


def _check_evidence(schema: Schema, tables: Rows, text: str, passages: Any) -> Iterator[Violation]:
    name = _name(schema, "evidence")
    columns = {record_id: table for table, _, record_id in _ids(tables)}
    covered: dict[str, set[str]] = defaultdict(set)
    for number, row in enumerate(tables["evidence"], 1):
        record_id, column, start, end = row["record_id"], row["column"], int(row["start"]), int(row["end"])
        covered[record_id].add(column)
        if column != "*" and record_id in columns:
            known = [field["name"] for field in schema[columns[record_id]].fields]
            if column not in known:
                yield Violation(name, f"* or {', '.join(known)}", number, "column", column)
        if not 0 <= start < end <= len(text):
            yield Violation(name, f"0 <= start < end <= {len(text)}", number, "start", f"{start}, {end}")
        elif text[start:end] != row["quote"]:
            yield Violation(name, f"the text at its span, {text[start:end]!r}", number, "quote", row["quote"])
        elif not _is_within(start, end, passages):
            allowed = "a span within a sentence, or within sentences of one paragraph"
            yield Violation(name, allowed, number, "start", f"{start}, {end}")
        if row["basis"] == "inferred" and not row["note"]:
            yield Violation(name, "a note for what is inferred", number, "note", "")
    for table, rows in tables.items():
        coded = [field["name"] for field in schema[table].fields if field.get("coded")]
        for number, row in enumerate(rows, 1):
            if "record_id" not in row or table == "evidence":
                continue
            record_id = row["record_id"]
            due = ["*", *(column for column in coded if row[column])]
            for column in [column for column in due if column not in covered[record_id]]:
                allowed = f"a row of evidence for column {column} of {record_id}"
                yield Violation(_name(schema, table), allowed, number, column, row.get(column, record_id))


def _is_within(start: int, end: int, passages: Any) -> bool:
    ends = [
        p
        for p in passages
        if p["kind"] != "furniture" and (p["start"] <= start < p["end"] or p["start"] < end <= p["end"])
    ]
    return (
        bool(ends)
        and ends[0]["start"] <= start
        and end <= ends[-1]["end"]
        and len({(p["section"], p["block"]) for p in ends}) == 1
    )


def _check_uncoded(schema: Schema, tables: Rows, passages: Any) -> Iterator[Violation]:
    by_id = {p["passage"]: p for p in passages}
    for number, row in enumerate(tables["uncoded"], 1):
        name, passage = _name(schema, "uncoded"), by_id.get(row["passage"])
        if passage is None:
            yield Violation(name, "a passage of the chapter", number, "passage", row["passage"])
        elif (passage["start"], passage["end"]) != (int(row["start"]), int(row["end"])):
            span = f"the passage's span {passage['start']}, {passage['end']}"
            yield Violation(name, span, number, "start", f"{row['start']}, {row['end']}")


def _check_reading(schema: Schema, tables: Rows, passages: Any) -> Iterator[Violation]:
    """Finds what nobody has read: a passage with neither evidence nor a reason why it yields nothing."""
    listed = {row["passage"] for row in tables["uncoded"]}
    spans = [(int(row["start"]), int(row["end"])) for row in tables["evidence"]]
    for passage in passages:
        read = any(start < passage["end"] and passage["start"] < end for start, end in spans)
        if not read and passage["kind"] != "heading" and passage["passage"] not in listed:
            allowed = "evidence in it or a row here with a reason"
            yield Violation(_name(schema, "uncoded"), allowed, column="passage", value=passage["passage"])


def _check_fresh(root: Path, chapter_id: str) -> Iterator[Violation]:
    folder = folder_of(root, chapter_id)
    if read_descriptor(folder) != json.loads(json.dumps(describe_package(root, chapter_id))):
        yield Violation(f"{chapter_id}/{PACKAGE}", f"a fresh package: mali-analysis package {chapter_id}")


def _check_places(schema: Schema, reference: Rows, outline: Path) -> Iterator[Violation]:
    """Places far from the country are coordinates swapped or mistyped; the outlines say what is far."""
    if not outline.is_file():
        return
    west, south, east, north = _frame(json.loads(outline.read_text(encoding="utf-8")))
    for number, row in enumerate(reference["locations"], 1):
        for column, least, most in (("latitude", south, north), ("longitude", west, east)):
            if not least <= float(row[column]) <= most:
                allowed = f"{least:g} to {most:g}, as the outlines of the country and its neighbors"
                yield Violation(_name(schema, "locations"), allowed, number, column, row[column])


def _frame(shapes: dict[str, Any]) -> tuple[float, float, float, float]:
    def points(part: Any) -> Iterator[tuple[float, float]]:
        if part and isinstance(part[0], int | float):
            yield part[0], part[1]
        else:
            for inner in part:
                yield from points(inner)

    found = [point for shape in shapes["features"] for point in points(shape["geometry"]["coordinates"])]
    xs, ys = [x for x, _ in found], [y for _, y in found]
    return min(xs), min(ys), max(xs), max(ys)


def _check_reference(schema: Schema, tables: Rows, reference: Rows, text: str, passages: Any) -> Iterator[Violation]:
    """Ties between what others say and the chapter that a plain foreign key does not cover."""
    columns = {i: [field["name"] for field in schema[t].fields] for t, _, i in _ids(tables)}
    for number, row in enumerate(reference.get("claims", []), 1):
        known = ["*", *columns.get(row["subject_id"], [])]
        if row["subject_column"] not in known:
            yield Violation(_name(schema, "claims"), ", ".join(known), number, "subject_column", row["subject_column"])
    sentences = {p["passage"] for p in passages if p["kind"] == "sentence"}
    for number, row in enumerate(reference.get("earlier_editions", []), 1):
        if row["passage"] not in sentences:
            name = _name(schema, "earlier_editions")
            yield Violation(name, "a sentence of the chapter", number, "passage", row["passage"])
    terms = {row["record_id"]: row["terms"].split("|") for row in reference.get("standards", [])}
    for number, row in enumerate(reference.get("standard_links", []), 1):
        name, silent = _name(schema, "standard_links"), row["bearing"] == "silent"
        if silent == bool(row["finding_id"]):
            allowed = "no finding where the chapter is silent, one everywhere else"
            yield Violation(name, allowed, number, "finding_id", row["finding_id"])
        said = [term for term in terms.get(row["standard_id"], []) if term.lower() in text.lower()]
        if silent and said:
            allowed = f"another bearing: the chapter does say {said[0]!r}"
            yield Violation(name, allowed, number, "bearing", "silent")
