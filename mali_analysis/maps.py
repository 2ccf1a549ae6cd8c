"""The map: what the chapter places somewhere, what only others place, and how exactly either is known."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from mali_analysis.charts import BLUE, FAINT, INK, ORANGE, PAPER, describe, new_axes, say_empty
from mali_analysis.places import MAP_CRS, shape_outlines, shape_places
from mali_analysis.report import Report

LAND, OUTSIDE = "#f4f1ea", "#dfe3e8"
_REGIONS = {"mopti": "Mopti", "segou": "Ségou"}
"""Regions that the chapter names and the outlines hold."""
_OFFSET = {
    "plc-niafunke": (0, 1),
    "plc-rn15": (0, -1),
    "plc-farabougou": (-1, -0.2),
    "plc-bamako": (0, -1),
    "plc-menaka": (0, -1),
}
"""Where a label stands beside its mark, in steps; right of it by default."""
_LIFT = {"Mopti": 55_000, "Ségou": -30_000}
"""How far a region's name moves up, in meters, so that it keeps clear of the marks."""


def plot_map(report: Report, incidents: pd.DataFrame) -> Axes:
    """Mali with the places of the given incidents; a filled mark is named by the chapter, a hollow one by others only.

    Dashed circles are the precision of a place. Regions that the chapter names as those where attacks grew more intense
    are hatched. Incidents without a place in the chapter are listed below with what it does say.
    """
    if incidents.empty:
        return say_empty("No described incident matches these parameters.")
    outlines = shape_outlines(report).to_crs(MAP_CRS)
    places = shape_places(report)
    places = places[places["incident_id"].isin([*incidents["record_id"], ""])].to_crs(MAP_CRS)
    axes = new_axes(7.6, 5.6)
    axes.set_aspect("equal")
    axes.set(facecolor=OUTSIDE, xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    neighbors, country = (outlines[outlines["kind"] == kind] for kind in ("neighbor", "country"))
    regions = outlines[outlines["kind"] == "region"]
    neighbors.plot(ax=axes, color=OUTSIDE, edgecolor=PAPER, linewidth=1)
    country.plot(ax=axes, color=LAND, edgecolor=INK, linewidth=1)
    regions.boundary.plot(ax=axes, color=FAINT, linewidth=0.6)
    fierce = report.trends.loc[report.trends["measure"] == "intensity", "region"].map(_REGIONS).dropna()
    regions[regions["name"].isin(fierce)].plot(ax=axes, color="none", edgecolor=ORANGE, hatch="///", linewidth=0.8)
    left, bottom, right, top = country.total_bounds
    axes.set_xlim(left - 130_000, right + 90_000)
    axes.set_ylim(bottom - 170_000, top + 40_000)
    _label_areas(axes, neighbors, regions)
    places.assign(geometry=places.buffer(places["radius_km"].astype(float) * 1000)).boundary.plot(
        ax=axes, color=INK, linestyle=(0, (3, 2)), linewidth=0.9
    )
    for place in places.itertuples():
        own = place.named_by == "chapter"
        look: dict[str, Any] = {
            "marker": "s" if own else "o",
            "markerfacecolor": BLUE if own else PAPER,
            "markeredgecolor": BLUE,
        }
        axes.plot([place.geometry.x], [place.geometry.y], markersize=7, markeredgewidth=1.6, linestyle="", **look)
        _label_place(axes, place)
    axes.set(xlabel="", ylabel="")
    handles = [
        Line2D([], [], marker="s", color=BLUE, linestyle="", label="named by the chapter"),
        Line2D([], [], marker="o", color=BLUE, markerfacecolor=PAPER, linestyle="", label="named by others only"),
        Line2D([], [], color=INK, linestyle=(0, (3, 2)), label="precision of the place"),
        Patch(facecolor="none", edgecolor=ORANGE, hatch="///", label="attacks grew more intense (chapter)"),
    ]
    axes.legend(handles=handles, loc="lower right", frameon=False, fontsize=9)
    told = []
    for incident in incidents.itertuples():
        own = places[places["incident_id"] == incident.record_id]
        words = "gives no place" if pd.isna(incident.place) else f"says “{incident.place}”"
        others = ", ".join(own.loc[own["named_by"] == "others", "name"])
        told.append(f"{incident.title}: the chapter {words}" + (f", others name {others}" if others else ""))
    return describe(axes, "Map of Mali with the places of the described incidents. " + "; ".join(told) + ".")


def _label_areas(axes: Axes, neighbors: pd.DataFrame, regions: pd.DataFrame) -> None:
    from shapely.geometry import box

    frame = box(axes.get_xlim()[0], axes.get_ylim()[0], axes.get_xlim()[1], axes.get_ylim()[1]).buffer(-45_000)
    for area in neighbors.itertuples():
        seen = area.geometry.intersection(frame)
        if not seen.is_empty:
            point = max(getattr(seen, "geoms", [seen]), key=lambda part: part.area).representative_point()
            axes.text(point.x, point.y, area.name.upper(), fontsize=8, color="#52606d", ha="center", va="center")
    for area in regions.itertuples():
        if area.name not in ("Bamako", "Kidal", "Gao"):
            point = area.geometry.representative_point()
            _write(
                axes, point.x, point.y + _LIFT.get(area.name, 0), area.name, size=8.5, colour="#52606d", style="italic"
            )


def _label_place(axes: Axes, place: Any) -> None:
    across, up = _OFFSET.get(place.record_id, (1, 0))
    radius = max(place.radius_km * 1000, 18_000)
    x = place.geometry.x + across * (radius + 12_000)
    y = place.geometry.y + up * (radius + 26_000)
    side = {0: "center", 1: "left", -1: "right"}[across]
    _write(axes, x, y, place.name, size=10, colour=INK, side=side)


def _write(axes: Axes, x: float, y: float, text: str, size: float, colour: str, side: str = "center",
           style: str = "normal") -> None:  # fmt: skip
    back = {"facecolor": LAND, "edgecolor": "none", "alpha": 0.7, "pad": 0.6}
    axes.text(x, y, text, fontsize=size, color=colour, ha=side, va="center", style=style, bbox=back)
