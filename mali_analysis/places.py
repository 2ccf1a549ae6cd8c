"""Where things happened: places with their precision, distances between them, and both as shapes.

Coordinates come from others; the chapter gives none. Distances are geodesics on the WGS 84 ellipsoid.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from mali_analysis.report import Report

if TYPE_CHECKING:
    import geopandas as gpd

MILE = 1.609344
"""Kilometers in an international mile."""
MAP_CRS = "+proj=laea +lat_0=17 +lon_0=-4 +datum=WGS84 +units=m"
"""Equal-area projection around the middle of Mali, in meters."""


def measure_pairs(report: Report, place_ids: list[str]) -> pd.DataFrame:
    """Straight-line distance of every two places, one row per pair, the nearest first.

    Columns: ``from_id``, ``to_id``, ``pair`` (their names), ``miles``, ``kilometers``, and ``least_miles`` and
    ``most_miles``, which let each place lie anywhere within its precision; ``bearing`` in degrees from north.
    """
    from pyproj import Geod

    geod, places = Geod(ellps="WGS84"), report.places.set_index("record_id")
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
    return pd.DataFrame(rows).sort_values("miles", ignore_index=True)


def measure_chains(report: Report, place_ids: list[str]) -> pd.DataFrame:
    """Every way through all the places in straight lines, one row per way, the shortest first.

    Columns: ``way`` (names in order), ``miles``. A way and its reverse are one.
    """
    pairs = measure_pairs(report, place_ids)
    legs = {frozenset((row.from_id, row.to_id)): row.miles for row in pairs.itertuples()}
    names = report.places.set_index("record_id")["name"]
    rows = [
        {
            "way": " – ".join(names[i] for i in order),
            "miles": sum(legs[frozenset(pair)] for pair in itertools.pairwise(order)),
        }
        for order in itertools.permutations(place_ids)
        if order[0] < order[-1]
    ]
    return pd.DataFrame(rows).sort_values("miles", ignore_index=True)


def places_of(report: Report, incident_id: str) -> list[str]:
    """Ids of the places that belong to an incident, in the gazetteer's order."""
    return list(report.places.loc[report.places["incident_id"] == incident_id, "record_id"])


def shape_places(report: Report) -> gpd.GeoDataFrame:
    """Places as points in degrees (WGS 84), one row per place, with the columns of ``report.places``."""
    import geopandas as gpd

    table = report.places
    points = gpd.points_from_xy(table["longitude"].astype(float), table["latitude"].astype(float))
    return gpd.GeoDataFrame(table, geometry=points, crs=4326)


def shape_outlines(report: Report) -> gpd.GeoDataFrame:
    """Outlines of Mali, its regions and its neighbors in degrees, one row per shape: ``name``, ``kind``."""
    import geopandas as gpd

    content = json.loads((report.root / "reference" / "outlines.geojson").read_text(encoding="utf-8"))
    return gpd.GeoDataFrame.from_features(content["features"], crs=4326)


def export_geojson(report: Report, path: str | Path | None = None) -> str:
    """The described incidents as GeoJSON, one feature per incident and place; written to ``path`` where given.

    An incident whose place is known to nobody here has no geometry. ``named_by`` tells the chapter's places from those
    that only others name; ``radius_km`` is the precision of the point.
    """
    import geopandas as gpd

    columns = ["record_id", "title", "event_type", "start_edtf", "end_edtf", "place"]
    incidents = report.incidents[columns].rename(columns={"record_id": "incident_id", "place": "place_in_the_chapter"})
    shapes = shape_places(report)[["incident_id", "name", "radius_km", "named_by", "source_url", "geometry"]]
    joined = gpd.GeoDataFrame(incidents.merge(shapes, on="incident_id", how="left"), crs=4326)
    for name in joined.columns.drop("geometry"):
        joined[name] = joined[name].astype(object).where(joined[name].notna(), None)
    text = json.dumps(json.loads(joined.to_json(drop_id=True)), ensure_ascii=False, indent=1) + "\n"
    if path:
        Path(path).write_text(text, encoding="utf-8")
    return text


def summarise_places(report: Report) -> pd.DataFrame:
    """What the chapter says of each incident's place beside what others say, one row per incident.

    Columns: ``record_id``, ``title``, ``in the chapter``, ``named by others``.
    """
    rows: list[dict[str, Any]] = []
    for incident in report.incidents.itertuples():
        own = report.places[report.places["incident_id"] == incident.record_id]
        others = own[own["named_by"] == "others"]
        rows.append(
            {
                "record_id": incident.record_id,
                "title": incident.title,
                "in the chapter": "no place" if pd.isna(incident.place) else incident.place,
                "named by others": ", ".join(others["name"]) or "as in the chapter",
            }
        )
    return pd.DataFrame(rows)
