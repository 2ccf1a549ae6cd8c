"""The parameters that a notebook declares in its tagged cell, and values for them read from text."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from mali_analysis.runs.cells import read_cells


@dataclass(frozen=True)
class Parameter:
    """A parameter as a notebook declares it."""

    name: str
    type: str
    default: Any
    meaning: str


def read_parameters(notebook: Path) -> dict[str, Parameter]:
    """The parameters that a notebook declares in its cell tagged ``parameters``, by name."""
    found = {}
    for source in [c["source"] for c in read_cells(notebook) if "parameters" in c["metadata"].get("tags", [])]:
        lines = source.splitlines()
        for node in [n for n in ast.parse(source).body if isinstance(n, ast.AnnAssign)]:
            name, default = ast.unparse(node.target), ast.literal_eval(node.value) if node.value else None
            meaning = lines[(node.end_lineno or node.lineno) - 1].partition("#")[2].strip()
            found[name] = Parameter(name, ast.unparse(node.annotation), default, meaning)
    return found


def read_value(text: str, parameter: Parameter) -> Any:
    """A value from the command line, read by the declared type: a list as ``[a, b]`` or ``a,b``; dates stay text.

    ``None`` or nothing at all is None where the type is optional.
    """
    kind = parameter.type.removesuffix(" | None")
    if kind != parameter.type and text.strip() in ("", "None"):
        return None
    if kind.startswith("list"):
        inner = text.strip().removeprefix("[").removesuffix("]")
        return [part.strip().strip("'\"") for part in inner.split(",") if part.strip()]
    if kind == "str":
        return text
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    return float(value) if kind == "float" and type(value) is int else value


def is_of_type(value: Any, parameter: Parameter) -> bool:
    """Whether a value is of a parameter's declared type; a whole number is a number, and no truth value is either."""
    kind = parameter.type.removesuffix(" | None")
    if value is None:
        return kind != parameter.type or kind == "None"
    if kind == "float":
        return type(value) in (int, float)
    outer, _, inner = kind.partition("[")
    good = type(value).__name__ == outer
    return good and (outer != "list" or not inner or all(type(item).__name__ == inner[:-1] for item in value))


def normalize(value: Any) -> Any:
    """Dates as ISO text, in lists too: Papermill takes none."""
    if isinstance(value, list):
        return [normalize(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
