"""The schema: tables, fields, codes and the words that go with a code; and where data lie.

``schema.json`` of the data folder is the one place where these stand. A data folder may hold nothing but chapters;
schema and ``world`` are then ours.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from mali_analysis.errors import MaliError

VERSION = "2.0"
"""The version of the schema that this code reads."""
SCHEMA, WORLD, PACKAGE, TEXT = "schema.json", "world", "datapackage.json", "chapter.txt"
Row = dict[str, str]


@dataclass(frozen=True)
class Violation:
    """One fault of the data: file, row (1 is the first under the header), column, the bad value, what is allowed."""

    file: str
    allowed: str
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        parts = [self.file]
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column is not None:
            parts.append(f"column {self.column}")
        if self.value is not None:
            shown = self.value if len(self.value) <= 80 else f"{self.value[:80]}…"
            parts.append(f"value {shown!r}")
        return f"{', '.join(parts)}: allowed: {self.allowed}"


class DataError(MaliError):
    """Data are not as their schema says; ``violations`` holds every fault found."""

    def __init__(self, violations: list[Violation]) -> None:
        self.violations = violations
        super().__init__("\n".join(map(str, violations)))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.violations,)


@dataclass(frozen=True)
class Table:
    """One table as the schema describes it; every field stands in full, in terms of Table Schema."""

    name: str
    title: str
    description: str
    kind: str
    """``chapter`` (what the chapter says), ``reference`` (what others say of it), ``world`` (what holds anywhere)."""
    fields: list[dict[str, Any]]

    @property
    def path(self) -> str:
        """Where it lies: below the chapter's folder, or below the data folder where it is the world's."""
        return f"{'' if self.kind == 'chapter' else self.kind + '/'}{self.name}.csv"


@dataclass(frozen=True)
class Code:
    """What the schema says of one allowed value; what it does not say is empty."""

    code: str
    meaning: str
    word: str
    """For a sentence; the code with blanks where the schema gives no other."""
    letter: str = ""
    """For a chart."""
    tone: str = ""
    """For a chart: a key of ``charts.TONES``."""
    more: dict[str, Any] = field(default_factory=dict)
    """What else one analysis asks of this list of codes."""


def default_root(kind: str) -> Path:
    """The folder ``data`` or ``notebooks``: of the clone, or else as carried by the installed wheel."""
    here = Path(__file__).resolve().parent.parent
    clone = here.parent / kind
    return clone if (here.parent / "pyproject.toml").exists() else here / kind


def choose_root(data: str | Path | None = None) -> Path:
    """The data folder meant: the one given, else ``MALI_DATA`` of the environment, else ours.

    Raises DataError where it is no folder.
    """
    root = Path(data or os.environ.get("MALI_DATA") or default_root("data")).expanduser().resolve()
    if not root.is_dir():
        raise DataError([Violation(str(data or root), "a folder of coded chapters", column="data folder")])
    return root


def schema_root(root: Path | None = None) -> Path:
    """Where schema and world of a data folder stand: there, if both are there, else with us."""
    there = root is not None and (root / SCHEMA).is_file() and (root / WORLD).is_dir()
    return root if root is not None and there else default_root("data")


def read_schema(root: Path | None = None) -> dict[str, Table]:
    """The tables of a data folder's schema (default: ours), by name. Raises DataError for a schema that will not do."""
    path = schema_root(root) / SCHEMA
    try:
        return _read_schema(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError([Violation(path.name, f"a readable schema ({type(error).__name__})")]) from error


@cache
def _read_schema(path: Path, _changed: int) -> dict[str, Table]:
    content = json.loads(path.read_text(encoding="utf-8-sig"))
    if content.get("version") != VERSION:
        raise DataError([Violation(path.name, VERSION, column="version", value=str(content.get("version")))])
    return {
        name: Table(name, table["title"], table["description"], table["kind"],
                    [_complete(entry, table, content) for entry in table["fields"]])
        for name, table in content["tables"].items()
    }  # fmt: skip


def _complete(entry: str | dict[str, Any], table: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    """A field in full: shared definitions and lists of codes in place, allowed values and the form of ids told."""
    whole = {"name": entry} | content["fields"][entry] if isinstance(entry, str) else dict(entry)
    constraints = dict(whole.get("constraints", {}))
    if codes := whole.get("codes"):
        whole["codes"] = content["codes"][codes] if isinstance(codes, str) else codes
        constraints["enum"] = list(whole["codes"])
    if whole["name"] == "record_id" and "prefix" in table:
        constraints["pattern"] = f"{table['prefix']}[a-z0-9-]+"
    return whole | ({"constraints": constraints} if constraints else {})


def read_fields(table: str, root: Path | None = None) -> list[dict[str, Any]]:
    """The fields of one table, in full."""
    return read_schema(root)[table].fields


def read_codes(table: str, column: str, root: Path | None = None) -> dict[str, Code]:
    """The codes of one column, in the order of the schema."""
    (described,) = [field for field in read_fields(table, root) if field["name"] == column]
    found = {}
    for code, entry in described["codes"].items():
        known = {name: entry[name] for name in ("meaning", "letter", "tone") if name in entry}
        more = {name: value for name, value in entry.items() if name not in (*known, "word")}
        found[code] = Code(code, word=entry.get("word", code.replace("_", " ")), more=more, **known)
    return found
