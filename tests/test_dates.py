from datetime import date

import edtf
import pytest

from mali_analysis.dates import bounds, four_days, in_words, season_length, when

CLOSES = date(2020, 12, 31)


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2020-03-25", date(2020, 3, 25), date(2020, 3, 25)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2020", date(2020, 1, 1), date(2020, 12, 31)),
        ("2020-21", date(2020, 3, 1), date(2020, 6, 20)),
        ("2020-22", date(2020, 6, 1), date(2020, 9, 22)),
        ("2020-23", date(2020, 9, 1), date(2020, 12, 20)),
        ("2020-24", date(2020, 12, 1), date(2021, 3, 20)),
        ("2018/2020", date(2018, 1, 1), date(2020, 12, 31)),
        ("[2020-10-01..2020-10-10]", date(2020, 10, 1), date(2020, 10, 10)),
        ("[2020-12..]", date(2020, 12, 1), None),
        ("[..2020-01-01]", None, date(2020, 1, 1)),
        ("..", None, None),
    ],
)
def test_bounds(value: str, first: date | None, last: date | None) -> None:
    assert bounds(value) == (first, last)


@pytest.mark.parametrize("value", ["2020-13-45", "2020-02-30", "soon", "[..]", "2020/2018", "20-1-1", ""])
def test_impossible_dates_are_refused(value: str) -> None:
    with pytest.raises(ValueError):
        bounds(value)


def test_an_open_end_is_not_an_unknown_end() -> None:
    assert four_days("2020-08-18", "..", CLOSES)[2:] == (CLOSES, None)
    assert four_days("2020-08-18", "", CLOSES)[2:] == (date(2020, 8, 18), None)


def test_throughout_the_spring_is_doubt_on_both_sides() -> None:
    spring = date(2020, 3, 1), date(2020, 6, 20)
    assert four_days("2020-21", "2020-21", CLOSES) == (*spring, *spring)


def test_words() -> None:
    assert in_words(date(2020, 12, 1), None) == "on or after 1 December 2020"
    assert in_words(date(2020, 3, 1), date(2020, 6, 20)) == "1 March to 20 June 2020"
    assert in_words(None, None) == "not dated"


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2020, 10, 11), date(2020, 10, 20), "in the middle of October"),
        (date(2020, 2, 21), date(2020, 2, 29), "at the end of February"),
        (date(2019, 10, 1), date(2019, 10, 31), "in October 2019"),
        (date(2020, 10, 5), date(2020, 10, 5), "on 5 October"),
        (None, date(2020, 10, 10), "on or before 10 October"),
        (date(2020, 3, 1), date(2021, 3, 31), "between 1 March 2020 and 31 March 2021"),
        (date(2020, 10, 21), date(2020, 10, 30), "between 21 and 30 October"),
        (date(2020, 10, 21), date(2020, 10, 31), "at the end of October"),
        (date(2020, 2, 1), date(2020, 2, 29), "in February"),
    ],
)
def test_when(first: date | None, last: date | None, said: str) -> None:
    assert when(first, last, 2020) == said


def test_only_a_whole_season_with_doubt_on_both_sides_has_its_length() -> None:
    winter = (date(2020, 12, 1), date(2020, 12, 21), date(2021, 2, 28), date(2021, 3, 20))
    assert season_length(*winter) == (89, 89)
    assert season_length(winter[0], *winter[:1], *winter[2:]) is None  # the day on which it began is known
    assert season_length(*winter[:2], *winter[3:], winter[3]) is None
    assert season_length(*winter[:3], date(2021, 3, 19)) is None
    assert season_length(*winter[:3], None) is None


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2020", "2020-05", ("2020-01-01", "2020-05-31", "2020-05-01", "2020-05-31")),
        ("2020-05", "2020", ("2020-05-01", "2020-05-31", "2020-05-01", "2020-12-31")),
        ("", "2020-05", (None, "2020-05-31", "2020-05-01", "2020-05-31")),
        ("2020-05-03", "", ("2020-05-03", "2020-05-03", "2020-05-03", None)),
        ("", "", (None, None, None, None)),
    ],
)
def test_an_end_bounds_the_start_and_a_start_the_end(start: str, end: str, days: tuple[str | None, ...]) -> None:
    assert four_days(start, end, CLOSES) == tuple(day and date.fromisoformat(day) for day in days)


def test_every_coded_date_is_edtf_by_the_standard_too(chapter) -> None:
    for table in chapter.tables.values():
        for column in [c for c in table if c.endswith("_edtf")]:
            for value in [v for v in table[column].dropna() if v not in ("", "..")]:
                edtf.parse_edtf(value)
