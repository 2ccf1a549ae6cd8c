"""What a notebook may be given, checked before it runs."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from mali_analysis.cells import read_cells
from mali_analysis.schema import read_fields

if TYPE_CHECKING:
    from mali_analysis.report import Report

Choice = Callable[["Report"], list[str]]


def _codes(table: str, column: str) -> Choice:
    def codes(report: Report) -> list[str]:
        return [c for field in read_fields(table, report.root) if field["name"] == column for c in field["codes"]]

    return codes


def _parties(subjects: str, role: str = "") -> Choice:
    def parties(report: Report) -> list[str]:
        rows = report.involvements[report.involvements["subject_id"].isin(report.tables[subjects]["record_id"])]
        return sorted(rows.loc[rows["role"] == role if role else rows.index, "actor_id"].unique())

    return parties


def _partners(report: Report) -> list[str]:
    return sorted(report.status_spells["partner_id"].unique())


CHOICES: dict[str, Choice] = {
    "actors": _parties("phases"),
    "regions": _codes("trends", "region"),
    "event_types": _codes("incidents", "event_type"),
    "areas": _codes("findings", "area"),
    "domains": _codes("findings", "domain"),
    "agencies": _parties("findings", "responsible"),
    "partners": _partners,
    "verdicts": _codes("claims", "verdict"),
    "sections": lambda report: [s for s in report.passages["section"].unique() if s],
}
DAYS = {"start", "end", "as_of"}


class ParameterError(ValueError):
    """Parameters that a notebook cannot be given; one line per fault."""


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
    """A value from the command line, read by the declared type: a list as ``[a, b]`` or ``a,b``; dates stay text."""
    if parameter.type.startswith("list"):
        inner = text.strip().removeprefix("[").removesuffix("]")
        return [part.strip().strip("'\"") for part in inner.split(",") if part.strip()]
    if parameter.type == "str":
        return text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def normalise(value: Any) -> Any:
    """Dates as ISO text, in lists too: Papermill takes none."""
    if isinstance(value, list):
        return [normalise(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def find_faults(report: Report, values: Mapping[str, Any]) -> list[str]:
    """What is wrong with parameter values for a report, a line each: name, bad value, what is allowed."""
    faults = []
    days = {name: values[name] for name in sorted(DAYS & set(values), key=["start", "end", "as_of"].index)}
    year = report.closes.year
    for name, value in days.items():
        try:
            good = isinstance(value, str) and len(value) == 10 and date.fromisoformat(value).year == year
        except ValueError:
            good = False
        if not good:
            faults.append(f"parameter {name}: value {value!r}: allowed: an ISO day from {year}-01-01 to {year}-12-31")
    if not faults and days.get("start", "") > days.get("end", "9999"):
        faults.append(f"parameter end: value {days['end']!r}: allowed: a day no earlier than start, {days['start']}")
    for name, choice in CHOICES.items():
        if name not in values:
            continue
        allowed = choice(report)
        given = values[name]
        if not isinstance(given, list):
            faults.append(f"parameter {name}: value {given!r}: allowed: a list of {', '.join(allowed)}")
            continue
        for item in [item for item in given if item not in allowed]:
            faults.append(f"parameter {name}: value {item!r}: allowed: {', '.join(allowed)}")
    return faults


def check_parameters(report: Report, **values: Any) -> None:
    """Nothing, if a notebook may be given these values; raises ParameterError naming each that it may not."""
    if faults := find_faults(report, values):
        raise ParameterError("\n".join(faults))


def allowed_values(parameter: Parameter, report: Report) -> str:
    """What a parameter may be, in words."""
    if parameter.name in DAYS:
        return f"ISO day from {report.closes.year}-01-01 to {report.closes.year}-12-31"
    if parameter.name == "report_id":
        return ", ".join(sorted(path.parent.name for path in report.root.glob("*/chapter.txt")))
    if parameter.name in CHOICES:
        return ", ".join(CHOICES[parameter.name](report))
    return f"any {parameter.type}"
