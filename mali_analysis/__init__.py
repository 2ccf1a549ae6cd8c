"""The Mali chapter of *Country Reports on Terrorism 2020* as audited data; see ``load_chapter``.

Subjects are modules (``mali.incidents``, ``mali.borders``, …): each holds what selects, says and plots.
All names load on first use, so that importing the package loads neither pandas nor seaborn.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mali_analysis import (
        borders,
        editions,
        findings,
        incidents,
        others,
        partners,
        places,
        reading,
        records,
        register,
    )
    from mali_analysis.chapter import Chapter, Citation, RecordError, load_chapter
    from mali_analysis.charts import show
    from mali_analysis.coding.schema import DataError
    from mali_analysis.errors import MaliError
    from mali_analysis.exports import export_tables
    from mali_analysis.headlines import Box, Headline, box
    from mali_analysis.parameters import ParameterError, check_parameters
    from mali_analysis.tables import quote, table

SUBJECTS = ["incidents", "findings", "borders", "partners", "places", "others", "editions", "reading",
            "records", "register"]  # fmt: skip
"""Modules on one subject each, as attributes of the package."""

_HOME = {
    "load_chapter": "chapter", "Chapter": "chapter", "Citation": "chapter", "RecordError": "chapter",
    "Headline": "headlines", "Box": "headlines", "box": "headlines", "show": "charts", "table": "tables",
    "quote": "tables", "check_parameters": "parameters", "ParameterError": "parameters", "DataError": "coding.schema",
    "MaliError": "errors", "export_tables": "exports",
}  # fmt: skip

__all__ = [
    "Box", "Chapter", "Citation", "DataError", "Headline", "MaliError", "ParameterError", "RecordError", "borders",
    "box", "check_parameters", "editions", "export_tables", "findings", "incidents", "load_chapter", "others",
    "partners", "places", "quote", "reading", "records", "register", "show", "table",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in SUBJECTS:
        return import_module(f"{__name__}.{name}")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return [*SUBJECTS, *_HOME]
