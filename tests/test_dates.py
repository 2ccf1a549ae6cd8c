from datetime import date

import edtf
import pytest

from mali_analysis.dates import bounds, four_days, in_words

CLOSES = date(2020, 12, 31)


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2020-03-25", date(2020, 3, 25), date(2020, 3, 25)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2020", date(2020, 1, 1), date(2020, 12, 31)),
        ("2020-21", date(2020, 3, 1), date(2020, 6, 20)),
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


def test_every_coded_date_is_edtf_by_the_standard_too(chapter) -> None:
    for table in chapter.tables.values():
        for column in [c for c in table if c.endswith("_edtf")]:
            for value in [v for v in table[column].dropna() if v not in ("", "..")]:
                edtf.parse_edtf(value)
