"""The Mali chapter of *Country Reports on Terrorism 2020* as audited data; see ``load_report``.

Names load on first use, so that importing the package loads neither pandas nor seaborn.
"""

from importlib import import_module
from typing import Any

_HOME = {
    "report": ["load_report", "Report", "Citation"],
    "schema": ["DataError", "Violation"],
    "parameters": ["check_parameters", "ParameterError"],
    "incidents": [
        "select_incidents", "select_phases", "summarise_roles", "summarise_attributions", "summarise_trends",
        "summarise_durations",
    ],
    "findings": ["select_findings", "select_links", "count_levels"],
    "cooperation": ["summarise_status", "trace_year"],
    "coverage": ["summarise_sections", "count_records", "list_inferences", "list_unread"],
    "places": [
        "measure_pairs", "measure_chains", "places_of", "shape_places", "shape_outlines", "export_geojson",
        "summarise_places",
    ],
    "borders": ["link_standards", "summarise_standards", "group_remedies", "compare_lengths"],
    "claims": [
        "compare_claims", "count_verdicts", "advise", "compare_dates", "compare_editions", "classify_news",
        "summarise_qualifications",
    ],
    "agreement": ["compare_codings", "compare_matching", "compare_headlines", "list_disagreements"],
    "sentences": ["Claim", "Box", "box", "list_headlines"],
    "narrative": [
        "describe_incidents", "describe_attribution", "describe_longest", "describe_exchange",
        "describe_selection", "describe_unsaid",
        "describe_trends", "describe_judgements", "describe_levels", "describe_agencies",
        "describe_progress", "describe_border_numbers", "describe_status", "describe_partner", "describe_coup",
        "describe_law", "describe_causes", "describe_prevention", "describe_coverage", "describe_basis",
    ],
    "narrative_others": [
        "describe_places", "describe_spread", "describe_distance", "describe_lengths", "describe_drift",
        "describe_durations", "describe_qualifications", "describe_standards", "describe_silence",
        "describe_remedies", "describe_verdicts", "describe_advice", "describe_question", "describe_dates",
        "describe_news", "describe_repetition", "describe_agreement", "describe_stability",
    ],
    "charts": [
        "plot_timeline", "plot_roles", "plot_findings", "plot_status", "plot_links", "plot_coverage", "plot_matrix",
        "plot_standards", "plot_remedies", "plot_qualifications", "plot_editions", "plot_lengths", "plot_dates",
        "plot_verdicts", "plot_agreement", "show",
    ],
    "maps": ["plot_map"],
    "tables": ["tabulate", "quote_records", "tabulate_claims"],
    "exports": ["export_tables"],
}  # fmt: skip
_MODULE = {name: module for module, names in _HOME.items() for name in names}
__all__ = sorted(_MODULE)


def __getattr__(name: str) -> Any:
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
