"""Values that contradict the words they are said to be stated in, or a reason without words, are told."""

import csv
from pathlib import Path

import pytest

from mali_analysis.coding.checks import read_package
from mali_analysis.coding.schema import DataError, read_schema
from mali_analysis.coding.wording import check_wording


def check(column: str, value: str, quote: str = "", basis: str = "stated") -> list[str]:
    row = {field["name"]: "" for field in read_schema()["incidents"].fields} | {"record_id": "inc-x"}
    row |= {name: "given" for name in row if name.endswith("_status")} | {column: value}
    evidence = [{"record_id": "inc-x", "column": column, "quote": quote, "basis": basis}] if quote else []
    tables = {"incidents": [row], "evidence": evidence}
    return [violation.allowed for violation in check_wording(read_schema(), tables)]


@pytest.mark.parametrize(
    ("column", "value", "quote"),
    [
        ("start_edtf", "2020-08-19", "on August 18"),
        ("start_edtf", "2020-08-19", "August 18, 2020"),
        ("start_edtf", "2020-09-18", "on 18 August"),
        ("start_edtf", "2020", "formed in 2017"),
        ("start_edtf", "2019-03/2019-05", "between April 2018 and June 2018"),
        ("killed", "14", "killed 12 people"),
        ("killed", "1200", "killed 1,000 people"),
        ("killed_status", "unknown", ""),
        ("killed_status", "none_reported", ""),
        ("killed_status", "not_stated", "no casualties were reported"),
    ],
)
def test_what_words_contradict_is_told(column: str, value: str, quote: str) -> None:
    (allowed,) = check(column, value, quote)
    assert quote in allowed


@pytest.mark.parametrize(
    ("column", "value", "quote"),
    [
        ("start_edtf", "2020-08-18", "on August 18"),
        ("start_edtf", "2020-08", "on August 18"),
        ("start_edtf", "2020-08-18/2020-08-20", "August 18 to 20"),
        ("start_edtf", "..", "since August"),
        ("start_edtf", "2020-08-18", "the coup"),
        ("killed", "13", "more than 12"),
        ("killed", "12", "a dozen"),
        ("killed", "2000", "2,000 people"),
        ("killed_status", "unknown", "it is unclear how many"),
        ("killed_status", "not_stated", ""),
    ],
)
def test_what_words_allow_passes(column: str, value: str, quote: str) -> None:
    assert check(column, value, quote) == []


def test_what_is_inferred_is_not_held_against_the_words() -> None:
    assert check("start_edtf", "2022-03", "inaugurated on September 25 for an 18-month term", "inferred") == []


def test_a_chapter_with_such_a_value_is_refused(data: Path) -> None:
    path = data / "mali-2020/milestones.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    row = next(row for row in rows if row["end_edtf"] == "2020-08-18")
    row["end_edtf"] = "2020-08-19"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(DataError, match="as evidence says"):
        read_package(data, "mali-2020")
