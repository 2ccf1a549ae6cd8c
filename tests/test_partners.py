import pandas as pd
import pytest

from mali_analysis import partners
from mali_analysis.partners import summarize_status, trace_year


def answer(chapter, day: str, partner: str, arrangement: str) -> tuple[str, str, str]:
    status = summarize_status(chapter, day, [partner]).set_index("arrangement").loc[arrangement]
    return status["answer"], status["basis"], status["why"]


@pytest.mark.parametrize("partner", ["act-ecowas", "act-au"])
def test_membership_is_presupposed_before_the_coup_and_open_at_the_year_end(chapter, partner: str) -> None:
    assert answer(chapter, "2020-08-01", partner, "membership")[:2] == ("active", "presupposed")
    late = answer(chapter, "2020-12-31", partner, "membership")
    assert late[0] == "not stated"
    assert "does not say whether" in late[2]


@pytest.mark.parametrize("kind", ["foreign_assistance", "security_assistance"])
def test_us_assistance_is_restricted_at_the_year_end(chapter, kind: str) -> None:
    assert answer(chapter, "2020-08-01", "act-united-states", kind)[:2] == ("active", "presupposed")
    assert answer(chapter, "2020-09-15", "act-united-states", kind)[0] == "not stated"
    assert answer(chapter, "2020-12-31", "act-united-states", kind)[:2] == ("restricted", "stated")


def test_barkhane_continued_after_the_coup(chapter) -> None:
    assert answer(chapter, "2020-08-17", "act-barkhane", "partnership")[:2] == ("active", "presupposed")
    assert answer(chapter, "2020-08-18", "act-barkhane", "partnership")[:2] == ("active", "stated")


def test_the_stretches_of_an_arrangement_fill_the_year_without_a_gap(chapter) -> None:
    for _, rows in trace_year(chapter).groupby(["partner_id", "arrangement"]):
        assert rows["first"].iloc[0] == pd.Timestamp("2020-01-01")
        assert rows["last"].iloc[-1] == pd.Timestamp("2020-12-31")
        assert (rows["first"].iloc[1:].array == rows["last"].iloc[:-1].array + pd.Timedelta(days=1)).all()


def test_no_membership_in_a_bloc_is_drawn_sure_after_the_coup(chapter) -> None:
    stretches = trace_year(chapter, ["act-ecowas", "act-au"])
    assert set(stretches.loc[stretches["first"] >= "2020-08-18", "answer"]) == {"not stated"}


def test_what_is_left_open_is_named(chapter) -> None:
    assert "leaves open" in partners.say_status(chapter, summarize_status(chapter, "2020-12-31"), "2020-12-31").text
    none = summarize_status(chapter, "2020-01-01", ["act-x"])
    assert "no arrangement" in partners.say_status(chapter, none, "2020-01-01").text
    assert partners.say_partner(chapter, "2020-08-01", "act-ecowas").value == "active"


def test_the_coup_changed_three_partners(chapter) -> None:
    assert partners.say_coup(chapter).value == 3
