"""How arrangements stood on a day, and through the year."""

from dataclasses import replace

import pandas as pd
import pytest

from mali_analysis import charts, partners
from mali_analysis.partners import summarize_status


def answer(chapter, day: str, partner: str, arrangement: str) -> tuple[str, str, str]:
    status = summarize_status(chapter, day, [partner]).set_index("record_id").loc[f"{partner} {arrangement}"]
    return status["status"], status["basis"], status["what is known"]


@pytest.mark.parametrize("partner", ["act-ecowas", "act-au"])
def test_membership_is_presupposed_before_the_coup_and_open_at_the_year_end(chapter, partner: str) -> None:
    assert answer(chapter, "2020-08-01", partner, "membership")[:2] == ("active", "presupposed")
    late = answer(chapter, "2020-12-31", partner, "membership")
    assert late[0] == "not stated"
    assert "since when and until when" in late[2]
    assert "from which day" in answer(chapter, "2020-09-15", partner, "membership")[2]


@pytest.mark.parametrize("kind", ["foreign_assistance", "security_assistance"])
def test_us_assistance_is_restricted_at_the_year_end(chapter, kind: str) -> None:
    assert answer(chapter, "2020-08-01", "act-united-states", kind)[:2] == ("active", "presupposed")
    assert answer(chapter, "2020-09-15", "act-united-states", kind)[0] == "not stated"
    assert answer(chapter, "2020-12-31", "act-united-states", kind)[:2] == ("restricted", "stated")
    assert set(partners.select_restrictions(chapter, "2020-12-31")["status"]) == {"restricted"}
    assert partners.select_restrictions(chapter, "2020-09-15").empty


@pytest.mark.parametrize("kind", partners.AID)
def test_any_aid_can_be_restricted(chapter, kind: str) -> None:
    assert {"foreign_assistance", "security_assistance", "fund"} == set(partners.AID)
    spells = chapter.status_spells
    own = spells["partner_id"] == "act-united-states"
    arrangement = spells["arrangement"].where(~own, kind)
    other = replace(chapter, tables=chapter.tables | {"status_spells": spells.assign(arrangement=arrangement)})
    assert set(partners.select_restrictions(other, "2020-12-31")["arrangement"]) == {kind}


def test_barkhane_continued_after_the_coup(chapter) -> None:
    assert answer(chapter, "2020-08-17", "act-barkhane", "partnership")[:2] == ("active", "stated")
    assert answer(chapter, "2020-08-18", "act-barkhane", "partnership")[:2] == ("active", "stated")


@pytest.mark.parametrize("day", ["2020-01-01", "2020-08-18", "2020-09-15", "2020-12-31"])
def test_the_last_spell_is_the_last_in_time_whatever_the_order_of_rows(chapter, day: str) -> None:
    turned = replace(chapter, tables=chapter.tables | {"status_spells": chapter.status_spells[::-1]})
    here, there = (summarize_status(one, day).set_index("record_id").sort_index() for one in (chapter, turned))
    for column in ("status", "basis", "clause", "spells", "others report"):
        assert here[column].tolist() == there[column].tolist()


def test_a_part_follows_its_whole(chapter) -> None:
    order = partners.order_partners(chapter)
    assert order.index(("act-barkhane", "act-french-forces")) == order.index(("act-french-forces", "")) + 1
    assert len({partner for partner, _ in order}) == len(order) == chapter.status_spells["partner_id"].nunique()


def test_what_is_left_open_is_told_with_what_is_known(chapter) -> None:
    said = partners.say_status(chapter, summarize_status(chapter, "2020-12-31"), "2020-12-31")
    assert said.value == 2 and "leaves open" in said.text and "were in force" in said.text
    early = partners.say_status(chapter, summarize_status(chapter, "2020-01-01"), "2020-01-01")
    assert early.value == 0 and "restricted" not in early.text
    none = summarize_status(chapter, "2020-01-01", ["act-keita"])
    assert "no arrangement" in partners.say_status(chapter, none, "2020-01-01").text


def test_each_partner_has_a_sentence_with_what_others_report(chapter) -> None:
    status = summarize_status(chapter, "2020-12-31")
    said = partners.say_partners(chapter, status, "2020-12-31")
    assert len(said) == status["partner_id"].nunique()
    union = next(one for one in said if one.text.startswith("African Union"))
    assert (
        "Beyond the chapter: The African Union suspended Mali from 19 August to 9 October." in union.text
        and union.sources
    )
    assert union.value == "not stated" and union.day == "2020-12-31"


def test_the_event_that_splits_the_year_comes_from_the_data(chapter, invented) -> None:
    said = partners.say_turn(chapter)
    assert said.value == 4 and "ECOWAS and the African Union" in said.text and "In spite of the overthrow" in said.text
    assert partners.say_turn(invented).value == 0


def test_days_of_others_stand_apart_from_the_chapters(chapter) -> None:
    days = partners.compare_days(chapter).set_index("record_id")
    assert days.loc["clm-au-lifted", "day"] == pd.Timestamp("2020-10-09")
    assert days.loc["clm-au-lifted", "which"] == "ends"
    drawn = charts.draw(partners.plot_status(chapter, summarize_status(chapter, "2020-12-31"), "2020-12-31"))
    assert "record:clm-au-lifted" in drawn.svg and "#cooperation.p1.s1" in drawn.svg


def test_silences_are_named_and_so_is_that_none_is_on_file(chapter, invented) -> None:
    said = partners.say_silences(chapter, partners.select_silences(chapter, ["partners"]))
    assert "the Takuba Task Force" in said.text and said.sources and not said.spans
    assert partners.say_silences(invented, partners.select_silences(invented)).value == 0


def test_only_what_happened_on_the_day_alone_divides_the_year(chapter) -> None:
    longer = chapter.milestones.assign(end_earliest=chapter.milestones["end_earliest"] + pd.Timedelta(days=1))
    said = partners.say_turn(replace(chapter, tables=chapter.tables | {"milestones": longer}))
    assert said.value == 0 and "ties no arrangement" in said.text


def test_of_two_states_that_hold_on_a_day_the_later_is_told(chapter) -> None:
    spells = chapter.status_spells.assign(end_edtf="..", end_earliest=pd.Timestamp(chapter.closes), end_latest=pd.NaT)
    altered = replace(chapter, tables=chapter.tables | {"status_spells": spells})
    told = answer(altered, "2020-12-31", "act-united-states", "foreign_assistance")
    assert told == answer(chapter, "2020-12-31", "act-united-states", "foreign_assistance")
    assert answer(altered, "2020-08-01", "act-united-states", "foreign_assistance")[0] == "active"
