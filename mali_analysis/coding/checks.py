"""A chapter and its tables read from disk and held against the schema: every violation at once."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mali_analysis import dates
from mali_analysis.coding.schema import DataError, Row, Violation, read_descriptor
from mali_analysis.passages import split_chapter


@dataclass(frozen=True)
class Package:
    """A chapter's text, the tables coded from it, and the tables from elsewhere, all as rows of strings."""

    text: str
    tables: dict[str, list[Row]]
    reference: dict[str, list[Row]]


def read_package(root: Path, chapter_id: str) -> Package:
    """The chapter, its tables and those from elsewhere, checked against the schema.

    Raises DataError with every violation found.
    """
    descriptor = read_descriptor(root)
    known = sorted(r["path"].partition("/")[0] for r in descriptor["resources"] if r["path"].endswith("/chapter.txt"))
    if chapter_id not in known:
        raise DataError([Violation("chapter_id", ", ".join(known) or "none here", value=chapter_id)])
    coded = {r["name"]: r for r in descriptor["resources"] if r["path"].startswith(f"{chapter_id}/")}
    others = {r["name"]: r for r in descriptor["resources"] if r["path"].startswith("reference/")}
    faults: list[Violation] = []
    text = _read_text(root, coded.pop("chapter"), faults)
    for name in [name for name, resource in others.items() if "schema" not in resource]:
        _read_text(root, others.pop(name), faults)
    tables, reference = (
        {name: _read_table(root / r["path"], r["schema"]["fields"], faults) for name, r in resources.items()}
        for resources in (coded, others)
    )
    if not faults:
        passages = split_chapter(text).to_dict("records")
        faults += _check_keys(coded | others, tables | reference)
        faults += _check_cells(coded | others, tables | reference)
        faults += _check_evidence(coded, tables, text, passages)
        faults += _check_reading(coded, tables, passages)
        faults += _check_reference(coded | others, tables, reference, text, passages)
    if faults:
        raise DataError(faults)
    return Package(text, tables, reference)


def _read_text(root: Path, resource: dict[str, Any], faults: list[Violation]) -> str:
    name, path = resource["path"], root / resource["path"]
    if not path.is_file():
        faults.append(Violation(name, f"{resource['title'].lower()}; the file is missing"))
        return ""
    content = path.read_bytes()
    found = "sha256:" + hashlib.sha256(content).hexdigest()
    if found != resource["hash"]:
        faults.append(Violation(name, f"the file with checksum {resource['hash']}", column="checksum", value=found))
        return ""
    return content.decode("utf-8")


def _read_table(path: Path, fields: list[dict[str, Any]], faults: list[Violation]) -> list[Row]:
    name = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        faults.append(Violation(name, "a CSV file; it is missing"))
        return []
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        faults.append(Violation(name, "UTF-8", value=f"byte {error.object[error.start]:#04x} at {error.start}"))
        return []
    header, *lines = list(csv.reader(io.StringIO(text, newline=""))) or [[]]
    expected = [field["name"] for field in fields]
    if header != expected:
        for column in [c for c in expected if c not in header]:
            faults.append(Violation(name, "this column; it is missing", column=column))
        for column in [c for c in header if c not in expected]:
            faults.append(Violation(name, ", ".join(expected), column=column))
        if not faults or sorted(header) == sorted(expected):
            faults.append(Violation(name, f"columns in the order {', '.join(expected)}"))
        return []
    rows: list[Row] = []
    for number, cells in enumerate(lines, 1):
        if len(cells) != len(expected):
            faults.append(Violation(name, f"{len(expected)} cells", number, value=f"{len(cells)} cells"))
            continue
        row = dict(zip(expected, cells, strict=True))
        for field in fields:
            if allowed := _refuse(row[field["name"]], field):
                faults.append(Violation(name, allowed, number, field["name"], row[field["name"]]))
        rows.append(row)
    if not rows:
        faults.append(Violation(name, "at least one row; the table is empty"))
    return rows


def _refuse(value: str, field: dict[str, Any]) -> str | None:
    """What is allowed, where ``value`` is not; None where it is."""
    constraints = field.get("constraints", {})
    if not value:
        return "a value; the cell is empty" if constraints.get("required") else None
    if "enum" in constraints and value not in constraints["enum"]:
        return ", ".join(constraints["enum"])
    if field["type"] == "integer" and not re.fullmatch(r"-?\d+", value):
        return "a whole number"
    if field["type"] == "number" and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        return "a number"
    if field["type"] == "date" and not _is_day(value):
        return "a day in the form 2020-03-25"
    least, most = constraints.get("minimum"), constraints.get("maximum")
    if least is not None and float(value) < least or most is not None and float(value) > most:
        return f"{least} or more" if most is None else f"{most} or less" if least is None else f"{least} to {most}"
    if field.get("format") == "uri" and not re.fullmatch(constraints["pattern"], value):
        return "an address such as https://www.un.org/en/"
    if "pattern" in constraints and not re.fullmatch(constraints["pattern"], value):
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


def _name(resources: dict[str, Any], table: str) -> str:
    return resources[table]["path"]


def _ids(tables: dict[str, list[Row]]) -> Iterator[tuple[str, int, str]]:
    for table, rows in tables.items():
        if table != "evidence" and rows and "record_id" in rows[0]:
            yield from ((table, number, row["record_id"]) for number, row in enumerate(rows, 1))


def _check_keys(resources: Any, tables: dict[str, list[Row]]) -> Iterator[Violation]:
    owner: dict[str, str] = {}
    for table, number, record_id in _ids(tables):
        if record_id in owner:
            seen = f"an id used once; it is in {owner[record_id]} too"
            yield Violation(_name(resources, table), seen, number, "record_id", record_id)
        owner[record_id] = table
    for table, resource in resources.items():
        links = {key["fields"][0]: [key["reference"]["resource"]] for key in resource["schema"].get("foreignKeys", [])}
        links |= {f["name"]: f["references"] for f in resource["schema"]["fields"] if f.get("references")}
        for number, row in enumerate(tables[table], 1):
            for column, allowed in links.items():
                found = owner.get(row[column])
                if row[column] and (found is None or (allowed != ["*"] and found not in allowed)):
                    where = "the package" if allowed == ["*"] else " or ".join(allowed)
                    yield Violation(_name(resources, table), f"a record of {where}", number, column, row[column])


def _check_cells(resources: Any, tables: dict[str, list[Row]]) -> Iterator[Violation]:
    for table, rows in tables.items():
        name = _name(resources, table)
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


def _check_evidence(resources: Any, tables: dict[str, list[Row]], text: str, passages: Any) -> Iterator[Violation]:
    name = _name(resources, "evidence")
    columns = {record_id: table for table, _, record_id in _ids(tables)}
    covered: dict[str, set[str]] = defaultdict(set)
    for number, row in enumerate(tables["evidence"], 1):
        record_id, column, start, end = row["record_id"], row["column"], int(row["start"]), int(row["end"])
        covered[record_id].add(column)
        if column != "*" and record_id in columns:
            known = [field["name"] for field in resources[columns[record_id]]["schema"]["fields"]]
            if column not in known:
                yield Violation(name, f"* or {', '.join(known)}", number, "column", column)
        if not 0 <= start < end <= len(text):
            yield Violation(name, f"0 <= start < end <= {len(text)}", number, "start", f"{start}, {end}")
        elif text[start:end] != row["quote"]:
            yield Violation(name, f"the text at its span, {text[start:end]!r}", number, "quote", row["quote"])
        elif not any(p["start"] <= start and end <= p["end"] and p["kind"] != "furniture" for p in passages):
            yield Violation(name, "a span within one sentence of the chapter", number, "start", f"{start}, {end}")
        if row["basis"] == "inferred" and not row["note"]:
            yield Violation(name, "a note for what is inferred", number, "note", "")
    for table, rows in tables.items():
        coded = [field["name"] for field in resources[table]["schema"]["fields"] if field.get("coded")]
        for number, row in enumerate(rows, 1):
            if "record_id" not in row or table == "evidence":
                continue
            record_id = row["record_id"]
            due = ["*", *(column for column in coded if row[column])]
            for column in [column for column in due if column not in covered[record_id]]:
                allowed = f"a row of evidence for column {column} of {record_id}"
                yield Violation(_name(resources, table), allowed, number, column, row.get(column, record_id))


def _check_reading(resources: Any, tables: dict[str, list[Row]], passages: Any) -> Iterator[Violation]:
    by_id = {p["passage"]: p for p in passages}
    name = _name(resources, "uncoded")
    read = {row["passage"] for row in tables["uncoded"]}
    for number, row in enumerate(tables["uncoded"], 1):
        passage = by_id.get(row["passage"])
        if passage is None:
            yield Violation(name, "a passage of the chapter", number, "passage", row["passage"])
        elif (passage["start"], passage["end"]) != (int(row["start"]), int(row["end"])):
            span = f"the passage's span {passage['start']}, {passage['end']}"
            yield Violation(name, span, number, "start", f"{row['start']}, {row['end']}")
    spans = [(int(row["start"]), int(row["end"])) for row in tables["evidence"]]
    for passage in passages:
        anchored = any(passage["start"] <= start and end <= passage["end"] for start, end in spans)
        if not anchored and passage["kind"] != "heading" and passage["passage"] not in read:
            yield Violation(
                name, "evidence in it or a row here with a reason", column="passage", value=passage["passage"]
            )


def _check_reference(
    resources: Any, tables: dict[str, list[Row]], reference: dict[str, list[Row]], text: str, passages: Any
) -> Iterator[Violation]:
    """Ties between what others say and the chapter that a plain foreign key does not cover."""
    columns = {i: [field["name"] for field in resources[t]["schema"]["fields"]] for t, _, i in _ids(tables)}
    for number, row in enumerate(reference.get("claims", []), 1):
        known = ["*", *columns.get(row["subject_id"], [])]
        if row["subject_column"] not in known:
            yield Violation(
                _name(resources, "claims"), ", ".join(known), number, "subject_column", row["subject_column"]
            )
    sentences = {p["passage"] for p in passages if p["kind"] == "sentence"}
    for number, row in enumerate(reference.get("earlier_editions", []), 1):
        if row["passage"] not in sentences:
            name = _name(resources, "earlier_editions")
            yield Violation(name, "a sentence of the chapter", number, "passage", row["passage"])
    terms = {row["record_id"]: row["terms"].split("|") for row in reference.get("standards", [])}
    for number, row in enumerate(reference.get("standard_links", []), 1):
        name, silent = _name(resources, "standard_links"), row["bearing"] == "silent"
        if silent == bool(row["finding_id"]):
            allowed = "no finding where the chapter is silent, one everywhere else"
            yield Violation(name, allowed, number, "finding_id", row["finding_id"])
        said = [term for term in terms.get(row["standard_id"], []) if term.lower() in text.lower()]
        if silent and said:
            allowed = f"another bearing: the chapter does say {said[0]!r}"
            yield Violation(name, allowed, number, "bearing", "silent")


def last_day(chapter_id: str) -> date:
    """Last day that a chapter reports on: the year stands at the end of its id, as in ``mali-2020``."""
    return date(int(chapter_id.rsplit("-", 1)[-1]), 12, 31)
