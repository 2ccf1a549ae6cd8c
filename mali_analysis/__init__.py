"""The Mali chapter of *Country Reports on Terrorism 2020* as audited data; see ``load_report``.

Names load on first use, so that importing the package loads neither pandas nor seaborn.
"""

from importlib import import_module
from typing import Any

_HOME = {
    "report": ["load_report", "Report", "Citation"],
    "schema": ["DataError", "Violation"],
    "parameters": ["check_parameters", "ParameterError"],
    "incidents": ["select_incidents", "select_phases", "summarise_roles", "summarise_attributions", "summarise_trends"],
    "findings": ["select_findings", "select_links", "count_levels"],
    "cooperation": ["summarise_status", "trace_year"],
    "coverage": ["summarise_sections", "count_records", "list_inferences", "list_unread"],
    "narrative": [
        "Claim", "describe_incidents", "describe_attribution", "describe_longest", "describe_exchange",
        "describe_selection", "describe_trends", "describe_judgements", "describe_levels", "describe_agencies",
        "describe_progress", "describe_border_numbers", "describe_status", "describe_partner", "describe_coup",
        "describe_law", "describe_causes", "describe_prevention", "describe_coverage", "describe_basis",
        "list_headlines",
    ],
    "charts": [
        "plot_timeline", "plot_roles", "plot_findings", "plot_status", "plot_links", "plot_coverage", "show",
    ],
    "tables": ["tabulate", "quote_records"],
}  # fmt: skip
_MODULE = {name: module for module, names in _HOME.items() for name in names}
__all__ = sorted(_MODULE)


def __getattr__(name: str) -> Any:
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
