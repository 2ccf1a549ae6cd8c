"""Coded values held against the words that they were coded from: dates, numbers and reasons why a value is missing."""

from __future__ import annotations

import calendar
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from mali_analysis.coding.schema import Row, Table, Violation

MONTHS = {name: number for number, name in enumerate(calendar.month_name) if name}
_MONTH = "|".join(MONTHS)
_DAY = re.compile(rf"\b(?:{_MONTH}) (\d\d?)\b(?!,? \d)|\b(?:{_MONTH}) (\d\d?), \d{{4}}|\b(\d\d?) (?:{_MONTH})\b")
_DATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""A day: where only its year is inferred, as the report's, day and month are in the words all the same."""
SAID = ("none_reported", "unknown")
"""Reasons that the chapter gives itself, in words; for the others it has none."""


def check_wording(schema: Mapping[str, Table], tables: Mapping[str, list[Row]]) -> Iterator[Violation]:
    """Values that their words contradict, one violation each; of what is inferred, days alone."""
    words: dict[tuple[str, str], list[str]] = defaultdict(list)
    read: set[tuple[str, str]] = set()
    for row in tables["evidence"]:
        key = row["record_id"], row["column"]
        words[key].append(row["quote"])
        if row["basis"] != "stated":
            read.add(key)
    for name, rows in tables.items():
        fields = schema[name].fields if name != "evidence" else []
        for number, row in enumerate(rows, 1):
            for field in fields:
                column, value = field["name"], row[field["name"]]
                quotes = words.get((row.get("record_id", ""), column), [])
                allowed = _refuse_reason(column, value, quotes)
                loose = (row.get("record_id", ""), column) in read and not _DATED.fullmatch(value)
                if value and quotes and not loose:
                    allowed = allowed or _refuse_value(field, value, " ".join(quotes))
                if allowed:
                    yield Violation(schema[name].path, allowed, number, column, value)


def _refuse_reason(column: str, value: str, quotes: list[str]) -> str:
    if not column.endswith("_status") or value == "given" or bool(quotes) == (value in SAID):
        return ""
    if quotes:
        return f"{' or '.join(SAID)}, as evidence says {quotes[0]!r}"
    return f"a row of evidence for column {column}: the words that say so"


def _refuse_value(field: Mapping[str, object], value: str, quote: str) -> str:
    """What the words allow, where a date or a number shares nothing with those that they name."""
    if field.get("edtf"):
        parts = [re.findall(rf"\b{form}\b", value) for form in (r"(\d{4})", r"\d{4}-(\d\d)", r"\d{4}-\d\d-(\d\d)")]
        named = [
            re.findall(r"\b((?:19|20)\d\d)\b", quote),
            [f"{MONTHS[name]:02}" for name in re.findall(rf"\b({_MONTH})\b", quote)],
            [f"{int(next(filter(None, found))):02}" for found in _DAY.findall(quote)],
        ]
        for coded, said in zip(parts, named, strict=True):
            if coded and said and not set(coded) & set(said):
                return f"a date with {' or '.join(said)}, as evidence says {quote!r}"
    elif field.get("type") in ("integer", "number"):
        numbers = [int(digits.replace(",", "")) for digits in re.findall(r"\b\d[\d,]*\b", quote)]
        if numbers and all(abs(float(value) - number) > 1 for number in numbers):
            return f"{' or '.join(map(str, numbers))}, or one more or less, as evidence says {quote!r}"
    return ""
