"""The schema of the data: where it lies, its tables, fields and codes, and the words that go with a code."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from mali_analysis.errors import MaliError

Row = dict[str, str]


def default_root(kind: str) -> Path:
    """The folder ``data`` or ``notebooks``: of the clone, or else as carried by the installed wheel."""
    here = Path(__file__).resolve().parent.parent
    clone = here.parent / kind
    return clone if (here.parent / "pyproject.toml").exists() else here / kind


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
            parts.append(f"value {self.value!r}")
        return f"{', '.join(parts)}: allowed: {self.allowed}"


class DataError(MaliError):
    """The data package is not as its schema says; ``violations`` holds every fault found."""

    def __init__(self, violations: list[Violation]) -> None:
        self.violations = violations
        super().__init__("\n".join(map(str, violations)))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.violations,)


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


@cache
def _read_descriptor(path: Path, _changed: int) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def read_descriptor(root: Path | None = None) -> dict[str, Any]:
    """``datapackage.json`` of the data folder ``root`` (default: ours). Raises DataError where it cannot be read."""
    path = (root or default_root("data")) / "datapackage.json"
    try:
        descriptor = _read_descriptor(path, path.stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        raise DataError([Violation(path.name, f"a readable data package ({error.__class__.__name__})")]) from error
    if not (isinstance(descriptor, dict) and isinstance(descriptor.get("resources"), list)):
        raise DataError([Violation(path.name, "a data package with resources")])
    return descriptor


def read_fields(table: str, root: Path | None = None) -> list[dict[str, Any]]:
    """The fields of one table as the schema describes them."""
    resources = {resource["name"]: resource for resource in read_descriptor(root)["resources"]}
    return resources[table]["schema"]["fields"]


def read_codes(table: str, column: str, root: Path | None = None) -> dict[str, Code]:
    """The codes of one column, in the order of the schema."""
    (described,) = [field for field in read_fields(table, root) if field["name"] == column]
    found = {}
    for code, entry in described["codes"].items():
        known = {name: entry[name] for name in ("meaning", "letter", "tone") if name in entry}
        more = {name: value for name, value in entry.items() if name not in (*known, "word")}
        found[code] = Code(code, word=entry.get("word", code.replace("_", " ")), more=more, **known)
    return found


def stamp_data(root: Path) -> list[tuple[str, int, int]]:
    """Name, size and time of change of each file of the data folder: changes when they do, and costs little."""
    found = [(path, path.stat()) for path in sorted(root.rglob("*")) if path.is_file()]
    return [(str(path), stat.st_size, stat.st_mtime_ns) for path, stat in found]


def hash_data(root: Path) -> str:
    """One SHA-256 over the names and contents of all files of the data folder."""
    digest = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
