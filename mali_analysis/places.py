"""Where things happened: places with their precision, distances between them, and the map.

Coordinates come from others; the chapter gives none. Distances are geodesics on the WGS 84 ellipsoid.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from mali_analysis import charts, tables
from mali_analysis.chapter import Chapter
from mali_analysis.coding.package import outline_of
from mali_analysis.headlines import MILE, Headline, capital, headline, inside, join, quantity

if TYPE_CHECKING:
    import geopandas as gpd

LAND, OUTSIDE = "#f4f1ea", "#dfe3e8"
UNITS_KM = {"mile": MILE, "kilometer": 1.0}
"""Kilometers in a unit of length, by its name in the chapter’s numbers."""


def measure_pairs(chapter: Chapter, place_ids: list[str]) -> pd.DataFrame:
    """Straight-line distance of every two places, one row per pair, the nearest first.

    Columns: ``from_id``, ``to_id``, ``pair`` (their names), ``miles``, ``kilometers``, and ``least_miles`` and
    ``most_miles``, which let each place lie anywhere within its precision; ``bearing`` in degrees from north.
    """
    from pyproj import Geod

    geod, places = Geod(ellps="WGS84"), chapter.locations.set_index("record_id")
    rows = []
    for first, second in itertools.combinations(place_ids, 2):
        a, b = places.loc[first], places.loc[second]
        bearing, _, meters = geod.inv(a["longitude"], a["latitude"], b["longitude"], b["latitude"])
        doubt = a["radius_km"] + b["radius_km"]
        rows.append(
            {
                "from_id": first,
                "to_id": second,
                "pair": f"{a['name']} to {b['name']}",
                "miles": meters / 1000 / MILE,
                "kilometers": meters / 1000,
                "least_miles": max(0.0, meters / 1000 - doubt) / MILE,
                "most_miles": (meters / 1000 + doubt) / MILE,
                "bearing": bearing % 360,
            }
        )
    columns = ["from_id", "to_id", "pair", "miles", "kilometers", "least_miles", "most_miles", "bearing"]
    return pd.DataFrame(rows, columns=columns).sort_values("miles", ignore_index=True)


def places_of(chapter: Chapter, incident_id: str) -> list[str]:
    """Ids of the places that belong to an incident, in the gazetteer's order."""
    return list(chapter.locations.loc[chapter.locations["incident_id"] == incident_id, "record_id"])


def shape_places(chapter: Chapter) -> gpd.GeoDataFrame:
    """Locations as points in degrees (WGS 84), one row per location, with the columns of ``chapter.locations``.

    Adds ``named_by``: ``chapter`` where the chapter names the place, else ``others``.
    """
    import geopandas as gpd

    table = chapter.locations
    table = table.assign(named_by=["chapter" if place_id else "others" for place_id in table["place_id"]])
    points = gpd.points_from_xy(table["longitude"].astype(float), table["latitude"].astype(float))
    return gpd.GeoDataFrame(table, geometry=points, crs=4326)


def shape_outlines(chapter: Chapter) -> gpd.GeoDataFrame:
    """Outlines of the country, its regions and its neighbors in degrees, one row per shape: ``name``, ``kind``."""
    import geopandas as gpd

    content = json.loads(outline_of(chapter.root, chapter.facts.country_code).read_text(encoding="utf-8"))
    return gpd.GeoDataFrame.from_features(content["features"], crs=4326)


def export_geojson(chapter: Chapter, path: str | Path | None = None, incident_ids: Sequence[str] | None = None) -> str:
    """The described incidents (None: all) as GeoJSON, one feature per incident and place; written to ``path`` if given.

    An incident whose place is known to nobody here has no geometry. ``named_by`` tells the chapter's places from those
    that only others name; ``radius_km`` is the precision of the point, ``radius_reason`` where that comes from.
    ``stands_for_another_place`` tells whether the point is not the place's own, and ``point_of`` what it marks then.
    """
    import geopandas as gpd

    columns = ["record_id", "title", "event_type", "start_edtf", "end_edtf", "place"]
    chosen = chapter.incidents[columns]
    chosen = chosen if incident_ids is None else chosen[chosen["record_id"].isin(incident_ids)]
    incidents = chosen.rename(columns={"record_id": "incident_id", "place": "place_in_the_chapter"})
    shapes = shape_places(chapter)[
        ["incident_id", "name", "radius_km", "point_of", "radius_reason", "named_by", "source_url", "geometry"]
    ]
    shapes = shapes.assign(stands_for_another_place=shapes["point_of"] != "")
    joined = gpd.GeoDataFrame(incidents.merge(shapes, on="incident_id", how="left"), crs=4326)
    for name in joined.columns.drop("geometry"):
        joined[name] = joined[name].astype(object).where(joined[name].notna(), None)
    text = json.dumps(json.loads(joined.to_json(drop_id=True)), ensure_ascii=False, indent=1) + "\n"
    if path:
        Path(path).write_text(text, encoding="utf-8")
    return text


def summarize_places(chapter: Chapter, incidents: pd.DataFrame) -> pd.DataFrame:
    """What the chapter says of each incident's place beside what others say, one row per incident.

    Columns: ``record_id``, ``incident``, ``place``, ``named by others``, ``precision`` (of the marks on the map, each
    with its reason), ``sentence``.
    """
    rows: list[dict[str, Any]] = []
    for incident in incidents.itertuples():
        own = chapter.locations[chapter.locations["incident_id"] == incident.record_id]
        others = own[own["place_id"] == ""]
        rows.append(
            {
                "record_id": incident.record_id,
                "incident": incident.title,
                "place": incident.place if pd.notna(incident.place) else incident.place_status,
                "named by others": ", ".join(others["name"]) or "–",
                "precision": "; ".join(
                    f"{join(list(same['name']))} to within {km:.0f} km ({km / MILE:.0f} miles): {reason}"
                    for (km, reason), same in own.groupby(["radius_km", "radius_reason"], sort=False)
                )
                or "–",
                "sentence": incident.sentence,
            }
        )
    columns = ["record_id", "incident", "place", "named by others", "precision", "sentence"]
    return pd.DataFrame(rows, columns=columns)


def compare_distances(chapter: Chapter) -> pd.DataFrame:
    """The chapter's distances between places beside straight lines, one row per distance that can be measured.

    A number with two places is held against the line between them, one about targets of an incident with two places or
    more against the longest line between any two. Columns: ``record_id``, ``said`` (with its hedge), ``between``,
    ``least`` and ``most`` (in the chapter's unit, each place lying anywhere within its precision), ``unit``,
    ``the figure is`` (longer, within or shorter, held against the line), ``sentence``.
    """
    located = chapter.locations[chapter.locations["place_id"] != ""].set_index("place_id")["record_id"]
    rows = []
    for row in chapter.quantities[chapter.quantities["unit"].isin(list(UNITS_KM))].itertuples():
        ends = [located.get(place) for place in (row.place_id, row.to_place_id) if place]
        ids = [i for i in ends if i] if len(ends) == 2 else _spread_over(chapter, row.subject_id)
        if len(ids) < 2:
            continue
        longest = measure_pairs(chapter, ids).iloc[-1]
        km, (said, number, _) = UNITS_KM[row.unit], quantity(chapter, row.record_id)
        least, most = (longest[f"{bound}_miles"] * MILE / km for bound in ("least", "most"))
        rows.append(
            {
                "record_id": row.record_id,
                "location_ids": ids,
                "said": said,
                "number": number,
                "between": join([str(name) for name in chapter.names(ids, "locations")]),
                "least": round(least),
                "most": round(most),
                "unit": f"{row.unit}s",
                "the figure is": "longer" if number > most else "shorter" if number < least else "within",
            }
        )
    columns = ["record_id", "location_ids", "said", "number", "between", "least", "most", "unit", "the figure is"]
    found = pd.DataFrame(rows, columns=columns)
    return found.assign(sentence=tables.sentences(chapter, list(found["record_id"])))


def _spread_over(chapter: Chapter, target_id: str) -> list[str]:
    """The places of the incident that a target belongs to; none where it is no target."""
    phases = chapter.targets.loc[chapter.targets["record_id"] == target_id, "phase_id"]
    incidents = chapter.phases.loc[chapter.phases["record_id"].isin(phases), "incident_id"]
    own = chapter.locations["incident_id"].isin(incidents) & (chapter.locations["place_id"] == "")
    return list(chapter.locations.loc[own, "record_id"])


def say_places(chapter: Chapter, incidents: pd.DataFrame) -> Headline:
    """Where the incidents were, by the chapter and, where it names no place that can be found, by others."""
    if incidents.empty:
        return headline(chapter, "no described incident matches this choice", [], 0, "incidents placed on the map")
    table, named, added, nowhere = chapter.locations, [], [], []
    for incident in incidents.itertuples():
        own = table[table["incident_id"] == incident.record_id]
        ours, theirs = (list(own.loc[(own["place_id"] != "") == by, "name"]) for by in (True, False))
        title = f"the {inside(incident.title)}"
        if ours:
            named.append(title if all(name in title for name in ours) else f"{title} ({join(ours)})")
        elif theirs:
            added.append(f"{title} ({join(theirs)})")
        else:
            nowhere.append(title)
    parts = [f"the chapter names the place of {join(named)}" if named else "the chapter names no place that is on file"]
    parts += [f"other reports name places for {join(added)}"] if added else []
    parts += [f"no point is on file for {join(nowhere)}"] if nowhere else []
    parts = parts if named or added else parts[1:]
    ids = [*incidents["record_id"], *table.loc[table["incident_id"].isin(incidents["record_id"]), "record_id"]]
    return headline(chapter, "; ".join(parts), ids, len(named), "incidents placed by the chapter")


def say_distances(chapter: Chapter, distances: pd.DataFrame) -> Headline:
    """How the chapter's distances stand to straight lines."""
    if distances.empty:
        return headline(chapter, "the chapter gives no distance between places on file", [], 0, "distances")
    told = []
    for row, held in zip(distances.itertuples(), distances["the figure is"], strict=True):
        line = f"{row.least:,} to {row.most:,}" if row.least != row.most else f"{row.most:,}"
        lies = {
            "longer": "longer than any such line",
            "within": "within that",
            "shorter": "shorter than any way between them",
        }[held]
        two = len(row.location_ids) == 2
        ends = f"from {row.between.replace(' and ', ' to ')}" if two else f"between the farthest two of {row.between}"
        told.append(f"the straight line {ends} is {line} {row.unit}; the chapter’s figure of {row.said} is {lies}")
    ids = [*distances["record_id"], *(i for ids in distances["location_ids"] for i in ids)]
    return headline(chapter, ". ".join(map(capital, told)), ids, len(distances), "distances")


def plot_map(chapter: Chapter, incidents: pd.DataFrame, width: float = 7.6) -> Axes:
    """The country with the places of the given incidents, their marks filled where the chapter names them.

    Dashed circles are the precision of a place; regions in which the chapter says that attacks grew more intense are
    hatched. ``width`` is in inches; a narrow map stands beside the text in print.
    """
    if incidents.empty:
        return charts.say_empty("No described incident matches this choice.")
    if not outline_of(chapter.root, chapter.facts.country_code).is_file():
        return charts.say_empty(f"No outline of {chapter.facts.country} is on file.")
    degrees = shape_outlines(chapter)
    country = degrees[degrees["kind"] == "country"]
    west, south, east, north = country.total_bounds
    crs = f"+proj=laea +lat_0={(south + north) / 2:.0f} +lon_0={(west + east) / 2:.0f} +datum=WGS84 +units=m"
    outlines, located = degrees.to_crs(crs), shape_places(chapter).to_crs(crs)
    areas = located[(located["kind"] == "area") & (located["incident_id"] == "")]  # regions: drawn as outlines
    places = located[located["incident_id"].isin([*incidents["record_id"], ""])].drop(areas.index)
    axes = charts.new_axes(width, 0.8 * width + (1.2 if width > 6 else 1.6))
    axes.set_aspect("equal")
    axes.set(facecolor=OUTSIDE, xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    grown = _draw_land(axes, chapter, outlines, areas, [*places["name"]], sparse=width < 6)
    places.assign(geometry=places.buffer(places["radius_km"].astype(float) * 1000)).boundary.plot(
        ax=axes, color=charts.INK, linestyle=(0, (3, 2)), linewidth=0.9
    )
    for place in places.itertuples():
        own = place.named_by == "chapter"
        look: dict[str, Any] = {
            "marker": "s" if own else "o",
            "markerfacecolor": charts.BLUE if own else charts.PAPER,
            "markeredgecolor": charts.BLUE,
        }
        (mark,) = axes.plot([place.geometry.x], [place.geometry.y], ms=7, mew=1.6, linestyle="", **look)
        if place.incident_id:
            charts.lead_to(mark, chapter, place.incident_id)
        _label_place(axes, place, 10 if width > 6 else 9)
    _draw_scale(axes)
    axes.set(xlabel="", ylabel="")
    ours = Line2D([], [], marker="s", color=charts.BLUE, linestyle="", label="named by the chapter")
    theirs = Line2D([], [], marker="o", color=charts.BLUE, mfc=charts.PAPER, linestyle="", label="named by others only")
    near = Line2D([], [], color=charts.INK, linestyle=(0, (3, 2)), label="the place lies within this circle")
    fierce = Patch(facecolor="none", edgecolor=charts.ORANGE, hatch="///", label="attacks grew more intense (chapter)")
    handles = [ours, theirs, near, *([fierce] if grown else [])]
    columns = 2 if width > 6 else 1
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, 0), ncols=columns, frameon=False, fontsize=9)
    table = summarize_places(chapter, incidents)
    data = tables.table(table, "", ["incident", "place", "named by others", "sentence"])
    note = json.loads(outline_of(chapter.root, chapter.facts.country_code).read_text(encoding="utf-8")).get("note", "")
    source = charts.source_of(
        chapter, f"coordinates from GeoNames, outlines from Natural Earth{f'; {note}' if note else ''}"
    )
    return charts.finish(axes, _find_named(places), data, source)


def _find_named(places: Any) -> str:
    """The finding of the map: which places are the chapter's own, and which come from others."""
    ours, theirs = (list(places.loc[places["named_by"] == by, "name"]) for by in ("chapter", "others"))
    if not theirs:
        return f"the chapter names {join(ours)}" if ours else "no place is on file"
    named = (
        f"of the places marked, the chapter names {join(ours)}"
        if ours
        else "the chapter names none of the places marked"
    )
    return f"{named}; {join(theirs)} {'comes' if len(theirs) == 1 else 'come'} from other reports"


def _draw_land(axes: Axes, chapter: Chapter, outlines: Any, areas: Any, named: list[str], sparse: bool) -> bool:
    """Country, neighbors and regions with their names; whether any region is one where attacks grew more intense.

    ``sparse`` leaves out the names of other regions than these, and of neighbors of which little is seen.
    """
    neighbors, country = (outlines[outlines["kind"] == kind] for kind in ("neighbor", "country"))
    regions = outlines[outlines["kind"] == "region"]
    neighbors.plot(ax=axes, color=OUTSIDE, edgecolor=charts.PAPER, linewidth=1)
    country.plot(ax=axes, color=LAND, edgecolor=charts.INK, linewidth=1)
    regions.boundary.plot(ax=axes, color=charts.FAINT, linewidth=0.6)
    grown = chapter.trends[(chapter.trends["measure"] == "intensity") & (chapter.trends["direction"] == "increased")]
    hit = chapter.sites.loc[chapter.sites["subject_id"].isin(grown["record_id"]), "place_id"]
    drawn = regions[regions["name"].isin([name.removesuffix(" Region") for name in chapter.names(hit, "places")])]
    if len(drawn):
        drawn.plot(ax=axes, color="none", edgecolor=charts.ORANGE, hatch="///", linewidth=0.8)
    left, bottom, right, top = country.total_bounds
    margin = 0.06 * max(right - left, top - bottom)
    axes.set_xlim(left - margin, right + margin)
    axes.set_ylim(bottom - margin, top + margin)
    told = drawn if sparse else regions[~regions["name"].isin(named)]
    _label_areas(axes, neighbors, told, areas, least=0.05 if sparse else 0.0)
    return bool(len(drawn))


def _draw_scale(axes: Axes) -> None:
    """A bar of a round length, in both units, at the upper left."""
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    length = max(n for n in (10, 20, 50, 100, 200, 500) if n * MILE * 1000 < 0.3 * (right - left))
    x, y = left + 0.04 * (right - left), top - 0.05 * (top - bottom)
    axes.plot([x, x + length * MILE * 1000], [y, y], color=charts.INK, linewidth=2, solid_capstyle="butt")
    axes.text(x, y + 0.012 * (top - bottom), f"{length} miles ({length * MILE:.0f} km)", fontsize=9, va="bottom")


def _label_areas(axes: Axes, neighbors: Any, regions: Any, labels: Any, least: float) -> None:
    """The names of areas; of neighbors only those that fill at least a share of the picture."""
    from shapely.geometry import box

    frame = box(axes.get_xlim()[0], axes.get_ylim()[0], axes.get_xlim()[1], axes.get_ylim()[1]).buffer(-45_000)
    for area in neighbors.itertuples():
        seen = area.geometry.intersection(frame)
        if not seen.is_empty and seen.area > least * frame.area:
            point = max(getattr(seen, "geoms", [seen]), key=lambda part: part.area).representative_point()
            axes.text(point.x, point.y, area.name.upper(), fontsize=8.5, color=charts.SOFT, ha="center", va="center")
    for area in regions.itertuples():
        placed = labels[labels["name"] == area.name].geometry
        point = placed.iloc[0] if len(placed) else area.geometry.representative_point()
        _write(axes, point.x, point.y, area.name, size=8.5, color=charts.SOFT, style="italic")


def _label_place(axes: Axes, place: Any, size: float) -> None:
    across = 1 if pd.isna(place.label_across) else int(place.label_across)
    up = 0 if pd.isna(place.label_up) else int(place.label_up)
    radius = max(place.radius_km * 1000, 18_000)
    left, right = axes.get_xlim()
    gap = (right - left) / cast(Figure, axes.figure).get_figwidth() * 0.09  # nine hundredths of an inch
    x = place.geometry.x + across * (radius + gap)
    y = place.geometry.y + up * (radius + 1.6 * gap)
    side = {0: "center", 1: "left", -1: "right"}[across]
    _write(axes, x, y, place.name, size=size, color=charts.INK, side=side)


def _write(axes: Axes, x: float, y: float, text: str, size: float, color: str, side: str = "center",
           style: str = "normal") -> None:  # fmt: skip
    back = {"facecolor": LAND, "edgecolor": "none", "alpha": 0.7, "pad": 0.6}
    axes.text(x, y, text, fontsize=size, color=color, ha=side, va="center", style=style, bbox=back)
