import pandas as pd
import pytest

from mali_analysis.cooperation import summarise_status, trace_year


def answer(report, day: str, partner: str, arrangement: str) -> tuple[str, str, str]:
    status = summarise_status(report, day, [partner]).set_index("arrangement").loc[arrangement]
    return status["answer"], status["basis"], status["why"]


@pytest.mark.parametrize("partner", ["act-ecowas", "act-au"])
def test_membership_is_presupposed_before_the_coup_and_open_at_the_year_end(report, partner: str) -> None:
    assert answer(report, "2020-08-01", partner, "membership")[:2] == ("active", "presupposed")
    late = answer(report, "2020-12-31", partner, "membership")
    assert late[0] == "not stated"
    assert "does not say whether" in late[2]


@pytest.mark.parametrize("kind", ["foreign_assistance", "security_assistance"])
def test_us_assistance_is_restricted_at_the_year_end(report, kind: str) -> None:
    assert answer(report, "2020-08-01", "act-united-states", kind)[:2] == ("active", "presupposed")
    assert answer(report, "2020-09-15", "act-united-states", kind)[0] == "not stated"
    assert answer(report, "2020-12-31", "act-united-states", kind)[:2] == ("restricted", "stated")


def test_barkhane_continued_after_the_coup(report) -> None:
    assert answer(report, "2020-08-17", "act-barkhane", "partnership")[:2] == ("active", "presupposed")
    assert answer(report, "2020-08-18", "act-barkhane", "partnership")[:2] == ("active", "stated")


def test_the_stretches_of_an_arrangement_fill_the_year_without_a_gap(report) -> None:
    for _, rows in trace_year(report).groupby(["partner_id", "arrangement"]):
        assert rows["first"].iloc[0] == pd.Timestamp("2020-01-01")
        assert rows["last"].iloc[-1] == pd.Timestamp("2020-12-31")
        assert (rows["first"].iloc[1:].array == rows["last"].iloc[:-1].array + pd.Timedelta(days=1)).all()


def test_no_membership_in_a_bloc_is_drawn_sure_after_the_coup(report) -> None:
    stretches = trace_year(report, ["act-ecowas", "act-au"])
    assert set(stretches.loc[stretches["first"] >= "2020-08-18", "answer"]) == {"not stated"}
