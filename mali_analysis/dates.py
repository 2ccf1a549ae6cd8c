"""EDTF (ISO 8601-2) dates as the earliest and the latest day that they allow."""

from __future__ import annotations

import calendar
import re
from datetime import date

OPEN = ".."
"""An end that has not come when the chapter closes; an end that is unknown is an empty cell."""

_SEASONS = {21: ((3, 1), (6, 20)), 22: ((6, 1), (9, 22)), 23: ((9, 1), (12, 20)), 24: ((12, 1), (3, 20))}
"""First day by the calendar season, last day by the astronomical one, so that either reading is covered."""

_SET = re.compile(r"\[(?P<first>[0-9-]*)\.\.(?P<last>[0-9-]*)\]")
ALLOWED = (
    "a day 2020-03-25, month 2020-12, season 2020-21 to 2020-24, year 2020, interval 2018/2020, or set [2020-12..]"
)


def bounds(edtf: str) -> tuple[date | None, date | None]:
    """Earliest and latest day that an EDTF value allows; None on a side that is not bounded.

    Takes days, months, seasons, years, intervals of these, sets with ``..`` and the lone ``..`` for an open end.
    Raises ValueError for anything else, and for days that do not exist.

    >>> bounds("2020-12")
    (datetime.date(2020, 12, 1), datetime.date(2020, 12, 31))
    >>> bounds("[2020-12..]")
    (datetime.date(2020, 12, 1), None)
    """
    if edtf == OPEN:
        return None, None
    if match := _SET.fullmatch(edtf):
        first, last = match["first"], match["last"]
        if not first and not last:
            raise ValueError(edtf)
    else:
        first, slash, last = edtf.partition("/")
        if not first or slash and not last:  # in EDTF an empty end of an interval is an unknown one
            raise ValueError(edtf)
        last = last or first
    earliest = _point(first)[0] if first else None
    latest = _point(last)[1] if last else None
    if earliest and latest and latest < earliest:
        raise ValueError(edtf)
    return earliest, latest


def _point(value: str) -> tuple[date, date]:
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", value):
        raise ValueError(value)
    year, *rest = (int(part) for part in value.split("-"))
    if not rest:
        return date(year, 1, 1), date(year, 12, 31)
    if rest[0] in _SEASONS and len(rest) == 1:
        first, last = _SEASONS[rest[0]]
        return date(year, *first), date(year + (last < first), *last)
    if len(rest) == 2:
        return date(year, *rest), date(year, *rest)
    return date(year, rest[0], 1), date(year, rest[0], calendar.monthrange(year, rest[0])[1])


def season_length(
    start_earliest: date | None, start_latest: date | None, end_earliest: date | None, end_latest: date | None
) -> tuple[int, int] | None:
    """Least and most days of a stretch that is a whole season, by the calendar or by astronomy; None for any other.

    >>> season_length(date(2020, 3, 1), date(2020, 3, 20), date(2020, 5, 31), date(2020, 6, 20))
    (91, 92)
    """
    if not (start_earliest and start_latest and end_earliest and end_latest):
        return None
    seasons = {((first[0], 1), last) for first, last in _SEASONS.values()}
    if ((start_earliest.month, start_earliest.day), (end_latest.month, end_latest.day)) not in seasons:
        return None
    if start_earliest == start_latest or end_earliest == end_latest:
        return None
    lengths = ((end_earliest - start_earliest).days, (end_latest - start_latest).days)
    return min(lengths), max(lengths)


def four_days(start: str, end: str, closes: date) -> tuple[date | None, date | None, date | None, date | None]:
    """Earliest and latest start, earliest and latest end of a stretch of time.

    ``start`` and ``end`` are EDTF values, or empty where unknown; ``closes`` is the last day of the report's year.
    An open end (``..``) comes no earlier than ``closes``; an unknown end no earlier than the earliest start.

    >>> four_days("2020-08-18", "..", date(2020, 12, 31))[2:]
    (datetime.date(2020, 12, 31), None)
    """
    start_earliest, start_latest = bounds(start) if start else (None, None)
    end_earliest, end_latest = bounds(end) if end else (None, None)
    if end == OPEN:
        end_earliest = closes
    if start_earliest and (end_earliest is None or end_earliest < start_earliest):
        end_earliest = start_earliest
    if end_latest and (start_latest is None or start_latest > end_latest):
        start_latest = end_latest
    return start_earliest, start_latest, end_earliest, end_latest


def in_words(earliest: date | None, latest: date | None, year: int | None = None) -> str:
    """A day or a stretch of days for a reader; the ``year`` that all is about is left out where it is the only one.

    >>> in_words(date(2020, 10, 1), date(2020, 10, 10))
    '1 to 10 October 2020'
    >>> in_words(date(2020, 3, 25), date(2020, 3, 25), 2020)
    '25 March'
    """
    told = _stretch(earliest, latest)
    return told.replace(f" {year}", "") if {day.year for day in (earliest, latest) if day} == {year} else told


PARTS = {(1, 10): "at the beginning of", (11, 20): "in the middle of", (21, 31): "at the end of", (1, 31): "in"}
"""Parts of a month by their first and last day, as the rules read the words; 31 is the last day of any month."""


def when(earliest: date | None, latest: date | None, year: int | None = None) -> str:
    """When something took place: ``on 25 March``, ``at the beginning of October`` (its first ten days).

    >>> when(date(2020, 10, 1), date(2020, 10, 10), 2020)
    'at the beginning of October'
    >>> when(date(2020, 3, 1), date(2020, 3, 20), 2020)
    'between 1 and 20 March'
    """
    told = in_words(earliest, latest, year)
    if earliest is None or latest is None:
        return told
    if earliest == latest:
        return f"on {told}"
    if (earliest.year, earliest.month) == (latest.year, latest.month):
        last = calendar.monthrange(latest.year, latest.month)[1]
        part = PARTS.get((earliest.day, 31 if latest.day == last else latest.day))
        if part:
            month = f"{earliest:%B}{'' if earliest.year == year else f' {earliest.year}'}"
            return f"{part} {month}"
    return f"between {told.replace(' to ', ' and ')}"


def _stretch(earliest: date | None, latest: date | None) -> str:
    if earliest is None and latest is None:
        return "not dated"
    if latest is None:
        assert earliest
        return f"on or after {_day(earliest)}"
    if earliest is None:
        return f"on or before {_day(latest)}"
    if earliest == latest:
        return _day(earliest)
    if (earliest.year, earliest.month) == (latest.year, latest.month):
        return f"{earliest.day} to {_day(latest)}"
    if earliest.year == latest.year:
        return f"{earliest.day} {earliest:%B} to {_day(latest)}"
    return f"{_day(earliest)} to {_day(latest)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
