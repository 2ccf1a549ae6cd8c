"""Distances against figures worked out elsewhere, and shapes."""

import json

import pytest

from mali_analysis import places


def test_pairs_and_chain_of_the_three_towns(report) -> None:
    towns = places.places_of(report, "inc-rockets")
    pairs = places.measure_pairs(report, towns).set_index("pair")["miles"].round().to_dict()
    assert pairs == {"Kidal to Gao": 178, "Kidal to Ménaka": 185, "Gao to Ménaka": 164}
    chains = places.measure_chains(report, towns)
    assert chains.loc[0, "way"] == "Kidal – Gao – Ménaka"
    assert chains.loc[0, "miles"] == pytest.approx(342, abs=1)
    assert (chains["miles"] < 400).all()


def test_a_degree_of_latitude_is_a_geodesic(report) -> None:
    table = report.places.iloc[:2].assign(latitude=[15.0, 16.0], longitude=[-4.0, -4.0], radius_km=[1.0, 2.0])
    moved = type(report)(report.report_id, report.text, report.tables, {"places": table}, report.root)
    row = places.measure_pairs(moved, list(table["record_id"])).iloc[0]
    assert row["kilometers"] == pytest.approx(110.66, abs=0.02)  # WGS 84 between 15 and 16 degrees north
    assert (row["most_miles"] - row["least_miles"]) * places.MILE == pytest.approx(6.0)
    assert row["bearing"] == pytest.approx(0)


def test_farabougou_cannot_be_260_miles_away_in_a_straight_line(report) -> None:
    row = places.measure_pairs(report, ["plc-bamako", "plc-farabougou"]).iloc[0]
    assert 170 < row["least_miles"] < row["miles"] < row["most_miles"] < 220
    assert 22 < row["bearing"] < 68  # northeast, as the chapter says


def test_geojson_has_a_feature_for_each_incident_and_place(report, tmp_path) -> None:
    features = json.loads(places.export_geojson(report, tmp_path / "incidents.geojson"))["features"]
    assert {f["properties"]["incident_id"] for f in features} == set(report.incidents["record_id"])
    rockets = [f for f in features if f["properties"]["incident_id"] == "inc-rockets"]
    assert len(rockets) == 3
    for feature in features:
        longitude, latitude = feature["geometry"]["coordinates"]
        assert -12.3 < longitude < 4.3 and 10 < latitude < 25.1
    assert json.loads((tmp_path / "incidents.geojson").read_text())["features"] == features


def test_every_place_lies_within_the_outline(report) -> None:
    country = places.shape_outlines(report).query("kind == 'country'").geometry.iloc[0]
    assert places.shape_places(report).within(country).all()
