"""Where things happened: places with their precision, distances between them, and the map.

Coordinates come from others; the chapter gives none. Distances are geodesics on the WGS 84 ellipsoid.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from mali_analysis import charts
from mali_analysis.chapter import Chapter
from mali_analysis.coding.package import outline_of
from mali_analysis.headlines import MILE, Headline, count, headline, join, number_word, quantity

if TYPE_CHECKING:
    import geopandas as gpd

MAP_CRS = "+proj=laea +lat_0=17 +lon_0=-4 +datum=WGS84 +units=m"
"""Equal-area projection around the middle of Mali, in meters."""
FARABOUGOU = ["loc-bamako", "loc-farabougou"]
LAND, OUTSIDE = "#f4f1ea", "#dfe3e8"


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


def measure_chains(chapter: Chapter, place_ids: list[str]) -> pd.DataFrame:
    """Every way through all the places in straight lines, one row per way, the shortest first.

    Columns: ``way`` (names in order), ``miles``. A way and its reverse are one.
    """
    pairs = measure_pairs(chapter, place_ids)
    legs = {frozenset((row.from_id, row.to_id)): row.miles for row in pairs.itertuples()}
    names = chapter.locations.set_index("record_id")["name"]
    rows = [
        {
            "way": " – ".join(names[i] for i in order),
            "miles": sum(legs[frozenset(pair)] for pair in itertools.pairwise(order)),
        }
        for order in itertools.permutations(place_ids)
        if order and order[0] < order[-1]
    ]
    return pd.DataFrame(rows, columns=["way", "miles"]).sort_values("miles", ignore_index=True)


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
    """Outlines of Mali, its regions and its neighbors in degrees, one row per shape: ``name``, ``kind``."""
    import geopandas as gpd

    content = json.loads(outline_of(chapter.root, chapter.facts.country_code).read_text(encoding="utf-8"))
    return gpd.GeoDataFrame.from_features(content["features"], crs=4326)


def export_geojson(chapter: Chapter, path: str | Path | None = None) -> str:
    """The described incidents as GeoJSON, one feature per incident and place; written to ``path`` where given.

    An incident whose place is known to nobody here has no geometry. ``named_by`` tells the chapter's places from those
    that only others name; ``radius_km`` is the precision of the point.
    """
    import geopandas as gpd

    columns = ["record_id", "title", "event_type", "start_edtf", "end_edtf", "place"]
    incidents = chapter.incidents[columns].rename(columns={"record_id": "incident_id", "place": "place_in_the_chapter"})
    shapes = shape_places(chapter)[["incident_id", "name", "radius_km", "named_by", "source_url", "geometry"]]
    joined = gpd.GeoDataFrame(incidents.merge(shapes, on="incident_id", how="left"), crs=4326)
    for name in joined.columns.drop("geometry"):
        joined[name] = joined[name].astype(object).where(joined[name].notna(), None)
    text = json.dumps(json.loads(joined.to_json(drop_id=True)), ensure_ascii=False, indent=1) + "\n"
    if path:
        Path(path).write_text(text, encoding="utf-8")
    return text


def summarize_places(chapter: Chapter) -> pd.DataFrame:
    """What the chapter says of each incident's place beside what others say, one row per incident.

    Columns: ``record_id``, ``title``, ``in the chapter``, ``named by others``.
    """
    rows: list[dict[str, Any]] = []
    for incident in chapter.incidents.itertuples():
        own = chapter.locations[chapter.locations["incident_id"] == incident.record_id]
        others = own[own["place_id"] == ""]
        rows.append(
            {
                "record_id": incident.record_id,
                "title": incident.title,
                "in the chapter": "no place" if pd.isna(incident.place) else incident.place,
                "named by others": ", ".join(others["name"]) or "as in the chapter",
            }
        )
    return pd.DataFrame(rows)


def say_places(chapter: Chapter, incidents: pd.DataFrame) -> Headline:
    """For how many incidents the chapter names a place that can be found on a map."""
    if incidents.empty:
        return headline(chapter, "no described incident matches these parameters.", [], 0, "incidents")
    named = chapter.locations[(chapter.locations["place_id"] != "") & (chapter.locations["incident_id"] != "")]
    found = incidents[incidents["record_id"].isin(named["incident_id"])]
    text = (
        f"the chapter names the town for {number_word(len(found))} of the {count(len(incidents), 'incident')} "
        "and gives coordinates for none; every other mark on the map comes from other reports."
    )
    return headline(chapter, text, list(incidents["record_id"]), len(found), "incidents")


def say_spread(chapter: Chapter) -> Headline:
    """The three installations: how far apart they are, against the chapter's 400 miles."""
    places = places_of(chapter, "inc-rockets")
    pairs, chains = measure_pairs(chapter, places), measure_chains(chapter, places)
    said, number, _ = quantity(chapter, "qty-installations-distance")
    each = join([f"{row.pair} {row.miles:.0f}" for row in pairs.itertuples()])
    text = (
        f"in straight lines, {each} miles, and the shortest chain through all three ({chains['way'].iloc[0]}) "
        f"{chains['miles'].iloc[0]:.0f}: no two of the installations lie {number} miles apart, and only a way by road "
        f"through all three could make them “spread over {said} miles”; "
        f"{chapter.word('claims', 'clm-rockets-distance', 'verdict')}."
    )
    ids = ["qty-installations-distance", *places, "clm-rockets-distance"]
    return headline(chapter, text, ids, round(float(pairs["miles"].max())), "miles")


def say_distance(chapter: Chapter) -> Headline:
    """How far Farabougou can be from Bamako in a straight line, against the chapter's figure."""
    row = measure_pairs(chapter, FARABOUGOU).iloc[0]
    said, number, _ = quantity(chapter, "qty-farabougou-distance")
    radius = chapter.locations.set_index("record_id").loc[FARABOUGOU[1], "radius_km"]
    names = chapter.names(FARABOUGOU, "locations")
    text = (
        f"{names[1]}, whose place is known to within {radius:.0f} km, lies {row['least_miles']:.0f} to "
        f"{row['most_miles']:.0f} miles from {names[0]} in a straight line, to the northeast; the chapter’s figure of "
        f"{said} miles can be a way by road, not a straight line: "
        f"{chapter.word('claims', 'clm-farabougou-diabaly', 'verdict')}."
    )
    ids = ["qty-farabougou-distance", *FARABOUGOU, "clm-farabougou-diabaly"]
    return headline(chapter, text, ids, round(float(row["most_miles"])), f"miles at most; {number} said")


def plot_map(chapter: Chapter, incidents: pd.DataFrame) -> Axes:
    """Mali with the places of the given incidents; a filled mark is named by the chapter, a hollow one by others only.

    Dashed circles are the precision of a place. Regions that the chapter names as those where attacks grew more intense
    are hatched. Incidents without a place in the chapter are listed below with what it does say.
    """
    if incidents.empty:
        return charts.say_empty("No described incident matches these parameters.")
    outlines = shape_outlines(chapter).to_crs(MAP_CRS)
    located = shape_places(chapter).to_crs(MAP_CRS)
    whole = located[(located["kind"] == "area") & (located["incident_id"] == "")]  # regions: drawn as outlines
    places = located[located["incident_id"].isin([*incidents["record_id"], ""])].drop(whole.index)
    axes = charts.new_axes(7.6, 5.6)
    axes.set_aspect("equal")
    axes.set(facecolor=OUTSIDE, xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    neighbors, country = (outlines[outlines["kind"] == kind] for kind in ("neighbor", "country"))
    regions = outlines[outlines["kind"] == "region"]
    neighbors.plot(ax=axes, color=OUTSIDE, edgecolor=charts.PAPER, linewidth=1)
    country.plot(ax=axes, color=LAND, edgecolor=charts.INK, linewidth=1)
    regions.boundary.plot(ax=axes, color=charts.FAINT, linewidth=0.6)
    trends = chapter.trends.loc[chapter.trends["measure"] == "intensity", "record_id"]
    hit = chapter.sites.loc[chapter.sites["subject_id"].isin(trends), "place_id"]
    fierce = [name.removesuffix(" Region") for name in chapter.names(hit, "places")]
    regions[regions["name"].isin(fierce)].plot(
        ax=axes, color="none", edgecolor=charts.ORANGE, hatch="///", linewidth=0.8
    )
    left, bottom, right, top = country.total_bounds
    axes.set_xlim(left - 130_000, right + 90_000)
    axes.set_ylim(bottom - 170_000, top + 40_000)
    _label_areas(axes, neighbors, regions, whole)
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
        axes.plot([place.geometry.x], [place.geometry.y], markersize=7, markeredgewidth=1.6, linestyle="", **look)
        _label_place(axes, place)
    axes.set(xlabel="", ylabel="")
    handles = [
        Line2D([], [], marker="s", color=charts.BLUE, linestyle="", label="named by the chapter"),
        Line2D(
            [],
            [],
            marker="o",
            color=charts.BLUE,
            markerfacecolor=charts.PAPER,
            linestyle="",
            label="named by others only",
        ),
        Line2D([], [], color=charts.INK, linestyle=(0, (3, 2)), label="precision of the place"),
        Patch(facecolor="none", edgecolor=charts.ORANGE, hatch="///", label="attacks grew more intense (chapter)"),
    ]
    axes.legend(handles=handles, loc="lower right", frameon=False, fontsize=9)
    told = []
    for incident in incidents.itertuples():
        own = places[places["incident_id"] == incident.record_id]
        words = "gives no place" if pd.isna(incident.place) else f"says “{incident.place}”"
        others = ", ".join(own.loc[own["named_by"] == "others", "name"])
        told.append(f"{incident.title}: the chapter {words}" + (f", others name {others}" if others else ""))
    return charts.describe(axes, "Map of Mali with the places of the described incidents. " + "; ".join(told) + ".")


def _label_areas(axes: Axes, neighbors: pd.DataFrame, regions: pd.DataFrame, labels: pd.DataFrame) -> None:
    from shapely.geometry import box

    frame = box(axes.get_xlim()[0], axes.get_ylim()[0], axes.get_xlim()[1], axes.get_ylim()[1]).buffer(-45_000)
    for area in neighbors.itertuples():
        seen = area.geometry.intersection(frame)
        if not seen.is_empty:
            point = max(getattr(seen, "geoms", [seen]), key=lambda part: part.area).representative_point()
            axes.text(point.x, point.y, area.name.upper(), fontsize=8, color="#52606d", ha="center", va="center")
    for area in regions.itertuples():
        if area.name not in ("Bamako", "Kidal", "Gao"):
            placed = labels[labels["name"] == area.name].geometry
            point = placed.iloc[0] if len(placed) else area.geometry.representative_point()
            _write(axes, point.x, point.y, area.name, size=8.5, color="#52606d", style="italic")


def _label_place(axes: Axes, place: Any) -> None:
    across = 1 if pd.isna(place.label_across) else int(place.label_across)
    up = 0 if pd.isna(place.label_up) else int(place.label_up)
    radius = max(place.radius_km * 1000, 18_000)
    x = place.geometry.x + across * (radius + 12_000)
    y = place.geometry.y + up * (radius + 26_000)
    side = {0: "center", 1: "left", -1: "right"}[across]
    _write(axes, x, y, place.name, size=10, color=charts.INK, side=side)


def _write(axes: Axes, x: float, y: float, text: str, size: float, color: str, side: str = "center",
           style: str = "normal") -> None:  # fmt: skip
    back = {"facecolor": LAND, "edgecolor": "none", "alpha": 0.7, "pad": 0.6}
    axes.text(x, y, text, fontsize=size, color=color, ha=side, va="center", style=style, bbox=back)
