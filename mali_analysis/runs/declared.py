"""The parameters that a notebook declares in its tagged cell, and values for them read from text."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mali_analysis.errors import RunError
from mali_analysis.runs.cells import read_cells

MOST = 100_000
"""Values that a text in YAML may hold: a short one can repeat what repeats what is repeated without end."""


@dataclass(frozen=True)
class Parameter:
    """A parameter as a notebook declares it."""

    name: str
    type: str
    default: Any
    meaning: str


def read_parameters(notebook: Path) -> dict[str, Parameter]:
    """The parameters that a notebook declares in its cell tagged ``parameters``, by name.

    Raises RunError where that cell is no Python, magics apart, or a default no plain value.
    """
    found = {}
    for source in [c["source"] for c in read_cells(notebook) if "parameters" in c["metadata"].get("tags", [])]:
        lines = source.splitlines()
        for node in [n for n in _parse(source, notebook).body if isinstance(n, ast.AnnAssign)]:
            name, default = ast.unparse(node.target), None
            try:
                default = ast.literal_eval(node.value) if node.value else None
            except ValueError as error:
                given = ast.unparse(node.value) if node.value else ""
                raise RunError(
                    f"{notebook.stem}: parameter {name}: default {given!r}: allowed: a value written out"
                ) from error
            meaning = lines[(node.end_lineno or node.lineno) - 1].partition("#")[2].strip()
            found[name] = Parameter(name, ast.unparse(node.annotation), default, meaning)
    return found


def _parse(source: str, notebook: Path) -> ast.Module:
    """A cell as Python; lines for IPython alone (``%config``, ``!ls``, ``name?``) count as empty."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):
        plain = re.sub(r"^[ \t]*(?:[%!?].*|[\w.]+\?{1,2}[ \t]*)$", "", source, flags=re.M)
    try:
        return ast.parse(plain)
    except (SyntaxError, ValueError) as error:
        where = f"line {error.lineno}: " if isinstance(error, SyntaxError) else ""
        told = error.msg if isinstance(error, SyntaxError) else str(error)
        raise RunError(f"{notebook.stem}: cell tagged parameters: {where}{told}: allowed: Python") from error


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
        value = read_yaml(text)
        return float(value) if kind == "float" and type(value) is int else value
    except (yaml.YAMLError, OverflowError):
        return text


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


class _Reader(yaml.SafeLoader):
    """YAML without its traps: a key stands once; what only looks like a number, a truth value or a day stays text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if isinstance(key, (list, dict)) or keys.count(key) > 1:
                raise yaml.YAMLError(f"key {key!r} in line {node.start_mark.line + 1}: allowed: a name, once")
        return super().construct_mapping(node, deep)


_Reader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern) for tag, pattern in rules if tag.rpartition(":")[2] not in ("bool", "int", "float", "timestamp")
    ]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf)|\.nan", "-+.0123456789"),
):
    _Reader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


def read_yaml(text: str) -> Any:
    """What a text in YAML holds; days and all else that has no form of its own in JSON are text. Raises YAMLError."""
    try:
        value = yaml.load(text, _Reader)  # a SafeLoader
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:  # as ``!!int x`` leads to
        raise yaml.YAMLError(str(error) or error.__class__.__name__) from error
    if _count(value, {}) > MOST:
        raise yaml.YAMLError(f"more than {MOST:,} values, with each repeated one (*) written out")
    return value


def _count(value: Any, known: dict[int, int]) -> int:
    """How many values it would be, were each repeated one written out; one within itself counts once."""
    if id(value) not in known:
        known[id(value)] = 1
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        known[id(value)] += sum(_count(part, known) for part in parts)
    return known[id(value)]


class _Writer(yaml.SafeDumper):
    """Quotes whatever the reader, or any other of YAML, would not take for text."""


_Writer.yaml_implicit_resolvers = {
    first: yaml.SafeDumper.yaml_implicit_resolvers.get(first, []) + _Reader.yaml_implicit_resolvers.get(first, [])
    for first in yaml.SafeDumper.yaml_implicit_resolvers.keys() | _Reader.yaml_implicit_resolvers.keys()
}


def write_yaml(value: Any) -> str:
    """A value as text that ``read_yaml`` reads."""
    return yaml.dump(value, Dumper=_Writer, sort_keys=False)
