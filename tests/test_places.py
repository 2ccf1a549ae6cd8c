"""Distances against figures worked out elsewhere, and shapes."""

import json
from dataclasses import replace

import pytest

from mali_analysis import charts, incidents, places
from mali_analysis.headlines import MILE


def test_pairs_of_the_three_towns(chapter) -> None:
    towns = places.places_of(chapter, "inc-rockets")
    pairs = places.measure_pairs(chapter, towns).set_index("pair")["miles"].round().to_dict()
    assert pairs == {"Kidal to Gao": 178, "Kidal to Ménaka": 185, "Gao to Ménaka": 164}


def test_a_degree_of_latitude_is_a_geodesic(chapter) -> None:
    table = chapter.locations.iloc[:2].assign(latitude=[15.0, 16.0], longitude=[-4.0, -4.0], radius_km=[1.0, 2.0])
    moved = replace(chapter, tables=chapter.tables, reference=chapter.reference | {"locations": table})
    row = places.measure_pairs(moved, list(table["record_id"])).iloc[0]
    assert row["kilometers"] == pytest.approx(110.66, abs=0.02)  # WGS 84 between 15 and 16 degrees north
    assert (row["most_miles"] - row["least_miles"]) * MILE == pytest.approx(6.0)
    assert row["bearing"] == pytest.approx(0)


@pytest.mark.parametrize(
    ("latitude", "longitude", "bearing"), [(1, 0, 0), (0, 1, 90), (-1, 0, 180), (0, -1, 270), (1, 1, 45)]
)
def test_a_bearing_runs_from_north_by_east(chapter, latitude: float, longitude: float, bearing: float) -> None:
    table = chapter.locations.iloc[:2].assign(latitude=[0.0, latitude], longitude=[0.0, longitude])
    moved = replace(chapter, reference=chapter.reference | {"locations": table})
    assert places.measure_pairs(moved, list(table["record_id"])).iloc[0]["bearing"] == pytest.approx(bearing, abs=0.3)


def test_farabougou_cannot_be_260_miles_away_in_a_straight_line(chapter) -> None:
    row = places.measure_pairs(chapter, ["loc-bamako", "loc-farabougou"]).iloc[0]
    assert 170 < row["least_miles"] < row["miles"] < row["most_miles"] < 220
    assert 22 < row["bearing"] < 68  # northeast, as the chapter says


def test_geojson_has_a_feature_for_each_incident_and_place(chapter, tmp_path) -> None:
    features = json.loads(places.export_geojson(chapter, tmp_path / "incidents.geojson"))["features"]
    assert {f["properties"]["incident_id"] for f in features} == set(chapter.incidents["record_id"])
    rockets = [f for f in features if f["properties"]["incident_id"] == "inc-rockets"]
    assert len(rockets) == 3
    for feature in features:
        longitude, latitude = feature["geometry"]["coordinates"]
        assert -12.3 < longitude < 4.3 and 10 < latitude < 25.1
    written = (tmp_path / "incidents.geojson").read_text(encoding="utf-8")
    assert json.loads(written)["features"] == features and "Ménaka" in written


def test_every_place_lies_within_the_outline(chapter) -> None:
    country = places.shape_outlines(chapter).query("kind == 'country'").geometry.iloc[0]
    assert places.shape_places(chapter).within(country).all()


def test_distances_are_held_against_straight_lines(chapter, invented) -> None:
    distances = places.compare_distances(chapter).set_index("record_id")
    assert distances["the figure is"].to_dict() == {
        "qty-farabougou-distance": "longer",
        "qty-installations-distance": "longer",
    }
    said = places.say_distances(chapter, distances.reset_index())
    for words in ("176 to 208", "about 260", "400", "longer than any such line"):
        assert words in said.text
    assert said.spans and said.sources
    assert places.say_distances(invented, places.compare_distances(invented)).value == 0


def test_a_town_that_moves_changes_the_sentence(chapter) -> None:
    table = chapter.locations
    table = table.assign(longitude=table["longitude"].where(table["record_id"] != "loc-kidal", -12.0))
    moved = replace(chapter, reference=chapter.reference | {"locations": table})
    fits = places.compare_distances(moved).set_index("record_id")["the figure is"]
    assert fits["qty-installations-distance"] == "shorter"
    assert "shorter than any way" in places.say_distances(moved, places.compare_distances(moved)).text


@pytest.mark.parametrize(
    ("miles", "held", "said"),
    [
        (175, "shorter", "shorter than any way between them"),
        (177, "within", "within that"),
        (207, "within", "within that"),
        (209, "longer", "longer than any such line"),
    ],
)
def test_a_figure_is_shorter_than_the_line_within_it_or_longer(chapter, miles: int, held: str, said: str) -> None:
    table = chapter.quantities
    best = table["best"].mask(table["record_id"] == "qty-farabougou-distance", miles)
    other = replace(chapter, tables=chapter.tables | {"quantities": table.assign(best=best)})
    found = places.compare_distances(other)
    assert found.set_index("record_id").loc["qty-farabougou-distance", "the figure is"] == held
    assert f"figure of about {miles} is {said}" in places.say_distances(other, found).text


def test_one_place_or_none_has_no_distances(chapter) -> None:
    for ids in ([], ["loc-gao"]):
        assert places.measure_pairs(chapter, ids).empty


def test_the_map_tells_what_the_chapter_says_of_each_place(chapter, invented) -> None:
    year = incidents.select_incidents(chapter, "2020-01-01", "2020-12-31")
    drawn = charts.draw(places.plot_map(chapter, year))
    assert "Farabougou, a town roughly" in drawn.text and "miles (322 km)" in drawn.svg
    assert places.say_places(chapter, year).value == 1
    none = incidents.select_incidents(chapter, "2020-01-01", "2020-01-02")
    assert "No described incident" in charts.draw(places.plot_map(chapter, none)).text
    assert places.say_places(chapter, none).record_ids == []
    theirs = incidents.select_incidents(invented, invented.opens, invented.closes)
    assert "No outline of Norvelia" in charts.draw(places.plot_map(invented, theirs)).text
