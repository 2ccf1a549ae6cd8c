"""Any records, chosen; how many are told of, and what is drawn of them."""

import json
from pathlib import Path

import pandas as pd
import pytest

from mali_analysis import charts, records
from mali_analysis.records import UNDATED, say_records, select_records, show_words


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({"parties": ["act-au"]}, ["sta-au-suspended", "sta-au-member"]),
        ({"parties": ["African Union"], "statuses": ["suspended"]}, ["sta-au-suspended"]),
        (
            {"places": ["plc-center"], "kinds": ["incidents", "phases"]},
            ["ph-bridges-attacks", "inc-bridges", "ph-bridges-guard", "ph-bridges-repair", "ph-bridges-later"],
        ),
        (
            {"kinds": ["phases"], "start": "2020-11-30", "end": "2020-11-30", "parties": ["act-jnim"]},
            ["ph-rockets-impact"],
        ),
        ({"kinds": ["findings"], "start": "2020-01-01"}, []),
    ],
)
def test_records_meet_every_condition(chapter, asked: dict, ids: list[str]) -> None:
    assert list(select_records(chapter, **asked)["record_id"]) == ids


def test_a_row_has_the_columns_that_are_told_and_a_file_the_same_with_the_words(chapter, tmp_path: Path) -> None:
    chosen = select_records(chapter, ["findings"], levels=["lacking"])
    assert list(chosen) == ["record_id", "kind", "what", "when", "passage", "sentence"]
    written = pd.read_csv(records.export_records(chapter, chosen, tmp_path / "some.csv"))
    assert list(written) == [*chosen, "quote"] and list(written["record_id"]) == list(chosen["record_id"])
    book = pd.read_excel(records.export_records(chapter, chosen, tmp_path / "some.xlsx"), sheet_name="records")
    assert list(book) == [*chosen, "quote"] and len(book) == len(chosen)


def test_all_is_chosen_where_nothing_is_asked(chapter) -> None:
    every = select_records(chapter)
    assert set(every["kind"]) == set(records.list_kinds(chapter).values()) and every.attrs[UNDATED] == 0


@pytest.mark.parametrize(
    ("undated", "said"),
    [
        (0, "Two records meet these conditions, in “International and Regional Cooperation”."),
        (1, "cooperation”; one other, without a date, is left out."),
        (2, "cooperation”; two others, without a date, are left out."),
    ],
)
def test_what_has_no_date_is_counted(chapter, undated: int, said: str) -> None:
    chosen = select_records(chapter, parties=["act-au"])
    chosen.attrs[UNDATED] = undated
    assert say_records(chapter, chosen).text.lower().endswith(said.lower())


def test_a_period_counts_only_the_undated_that_meet_all_else(chapter) -> None:
    found = select_records(chapter, ["affiliations", "phases"], parties=["act-jnim"], start="2020-06-01")
    without = select_records(chapter, ["affiliations", "phases"], parties=["act-jnim"])
    assert found.attrs[UNDATED] == (without["when"] == "–").sum() < (select_records(chapter)["when"] == "–").sum()


def test_days_are_told_with_both_ends_or_once(chapter) -> None:
    when = select_records(chapter, ["phases", "status_spells", "findings"]).set_index("record_id")["when"]
    assert when["ph-cisse-captivity"] == "25 March – 1 to 10 October" and when["ph-cisse-exchange"] == "1 to 10 October"
    assert when["sta-au-member"] == "on or before 1 January – 18 August to 31 December"
    assert set(when[when.index.str.startswith("fnd-")]) == {"–"}


def test_the_table_has_only_columns_that_tell_something(chapter) -> None:
    heads = {kinds: list(show_words(chapter, select_records(chapter, kinds)).frame) for kinds in (
        ("findings",), ("phases",), ("phases", "findings"))}  # fmt: skip
    assert [[name for name in ("kind", "when") if name in head] for head in heads.values()] == [
        [], ["when"], ["kind", "when"]]  # fmt: skip


def test_what_others_report_of_the_records_is_theirs_alone(chapter) -> None:
    claims = records.select_claims(chapter, select_records(chapter, ["incidents"]))
    assert set(claims["subject_id"]) <= set(chapter.incidents["record_id"]) and len(claims)
    assert list(claims.columns) == list(chapter.claims.columns)


@pytest.mark.parametrize(
    ("kinds", "title"),
    [
        (["incidents"], "on which day"),
        (["status_spells"], "as we read the chapter"),
        (["findings"], "most of these stand in “Legislation, Law Enforcement, and Border Security”"),
        (["trends"], "most of these stand in “2020 Terrorist Incidents”"),
    ],
)
def test_the_chart_fits_the_records(chapter, kinds: list[str], title: str) -> None:
    assert title.lower() in charts.draw(records.plot_records(chapter, select_records(chapter, kinds))).text.lower()


def test_the_places_of_phases_are_those_of_their_incidents(chapter, tmp_path: Path) -> None:
    for ids in (["ph-rockets-impact"], ["inc-rockets"]):
        chosen = select_records(chapter, ["incidents", "phases"])
        path = records.export_records(chapter, chosen[chosen["record_id"].isin(ids)], tmp_path / "places.geojson")
        found = {each["properties"]["incident_id"] for each in json.loads(path.read_text())["features"]}
        assert found == {"inc-rockets"}
