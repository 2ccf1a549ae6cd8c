"""Each fault of a data package is named: table, row, column, value, what is allowed."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from mali_analysis.coding import checks
from mali_analysis.coding.checks import read_package
from mali_analysis.coding.schema import DataError
from mali_analysis.runs.cli import main


def edit(path: Path, row: int, column: str, value: str) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[row][rows[0].index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def swap(path: Path, row: int, one: str, other: str) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    first, second = rows[row - 1][one], rows[row - 1][other]
    edit(path, row, one, second)
    edit(path, row, other, first)


def drop_column(path: Path, column: str) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    place = rows[0].index(column)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([r[:place] + r[place + 1 :] for r in rows])


DAMAGE = {
    "missing chapter": (lambda d: (d / "chapter.txt").unlink(), ["chapter.txt", "missing"]),
    "altered chapter": (
        lambda d: (d / "chapter.txt").write_text("Overview: x"),
        ["chapter.txt", "checksum", "04efd1bf"],
    ),
    "missing column": (
        lambda d: drop_column(d / "incidents.csv", "place"),
        ["incidents.csv", "column place", "missing"],
    ),
    "duplicate id": (
        lambda d: edit(d / "incidents.csv", 2, "record_id", "inc-cisse"),
        ["row 2", "inc-cisse", "used once"],
    ),
    "dangling id": (
        lambda d: edit(d / "phases.csv", 1, "incident_id", "inc-x"),
        ["phases.csv, row 1", "'inc-x'", "incidents"],
    ),
    "unknown code": (
        lambda d: edit(d / "incidents.csv", 1, "event_type", "picnic"),
        ["event_type", "'picnic'", "kidnapping"],
    ),
    "impossible date": (
        lambda d: edit(d / "incidents.csv", 1, "start_edtf", "2020-13-45"),
        ["start_edtf", "'2020-13-45'"],
    ),
    "end before start": (
        lambda d: edit(d / "incidents.csv", 1, "end_edtf", "2019-01-01"),
        ["end_edtf", "'2019-01-01'"],
    ),
    "wrong quote": (
        lambda d: edit(d / "evidence.csv", 1, "quote", "made up"),
        ["evidence.csv, row 1", "quote", "'made up'"],
    ),
    "span outside": (lambda d: edit(d / "evidence.csv", 1, "end", "99999"), ["evidence.csv, row 1", "99999"]),
    "wrong encoding": (lambda d: (d / "actors.csv").write_bytes(b"record_id\xff\n"), ["actors.csv", "UTF-8", "0xff"]),
    "empty file": (lambda d: (d / "trends.csv").write_text(""), ["trends.csv", "missing", "measure"]),
    "missing table": (lambda d: (d / "targets.csv").unlink(), ["targets.csv", "missing"]),
    "not a number": (
        lambda d: edit(d / "quantities.csv", 1, "low", "many"),
        ["quantities.csv, row 1", "low", "'many'"],
    ),
    "bounds in disorder": (lambda d: edit(d / "quantities.csv", 1, "low", "19"), ["low <= best <= high"]),
    "value without status": (
        lambda d: edit(d / "incidents.csv", 1, "place", "a town"),
        ["place_status", "not_stated"],
    ),
    "reading without note": (
        lambda d: edit(d / "evidence.csv", 1, "basis", "inferred"),
        ["evidence.csv, row 1", "note"],
    ),
    "value without evidence": (
        lambda d: edit(d / "evidence.csv", 2, "column", "*"),
        ["actors.csv, row 1", "column kind"],
    ),
    "a report on a report": (
        lambda d: edit(d / "reference/claims.csv", 2, "subject_id", "clm-coup-un"),
        ["claims.csv, row 2", "subject_id", "'clm-coup-un'", "a record of milestones or incidents"],
    ),
    "a label in no place of a map": (
        lambda d: edit(d / "reference/locations.csv", 3, "label_across", "2"),
        ["locations.csv, row 3", "label_across", "'2'", "-1 to 1"],
    ),
    "latitude out of range": (
        lambda d: edit(d / "reference/locations.csv", 3, "latitude", "91"),
        ["locations.csv, row 3", "latitude", "'91'", "-90 to 90"],
    ),
    "swapped coordinates": (
        lambda d: swap(d / "reference/locations.csv", 3, "latitude", "longitude"),
        ["locations.csv, row 3", "latitude", "'1.40921'", "8.5 to 26.5"],
    ),
    "no precision": (
        lambda d: edit(d / "reference/locations.csv", 3, "radius_km", ""),
        ["locations.csv, row 3", "radius_km", "a value"],
    ),
    "claim on an unknown record": (
        lambda d: edit(d / "reference/claims.csv", 2, "subject_id", "inc-x"),
        ["claims.csv, row 2", "subject_id", "'inc-x'"],
    ),
    "claim on an unknown column": (
        lambda d: edit(d / "reference/claims.csv", 2, "subject_column", "color"),
        ["claims.csv, row 2", "subject_column", "'color'", "start_edtf"],
    ),
    "unknown verdict": (
        lambda d: edit(d / "reference/claims.csv", 2, "verdict", "wrong"),
        ["claims.csv, row 2", "verdict", "'wrong'", "agrees, vaguer"],
    ),
    "missing obligation": (
        lambda d: edit(d / "reference/standard_links.csv", 1, "standard_id", "std-x"),
        ["standard_links.csv, row 1", "'std-x'", "standards"],
    ),
    "no address": (
        lambda d: edit(d / "reference/claims.csv", 2, "source_url", "the newspaper"),
        ["claims.csv, row 2", "source_url", "'the newspaper'", "an address"],
    ),
    "no day": (
        lambda d: edit(d / "reference/claims.csv", 2, "accessed", "24.11.2026"),
        ["claims.csv, row 2", "accessed", "'24.11.2026'", "a day"],
    ),
    "silence with a finding": (
        lambda d: edit(d / "reference/standard_links.csv", 1, "bearing", "silent"),
        ["standard_links.csv, row 1", "finding_id", "silent"],
    ),
    "statement of no sentence": (
        lambda d: edit(d / "reference/earlier_editions.csv", 1, "passage", "overview.p9.s9"),
        ["earlier_editions.csv, row 1", "'overview.p9.s9'"],
    ),
    "altered outlines": (
        lambda d: (d.parent / "world/outlines/ML.geojson").write_text("{}"),
        ["ML.geojson", "checksum"],
    ),
    "unread passage": (lambda d: edit(d / "uncoded.csv", 1, "passage", "furniture.9"), ["'furniture.9'"]),
}


@pytest.mark.parametrize("fault", DAMAGE)
def test_a_damaged_package_is_named_by_validate(data: Path, fault: str) -> None:
    damage, words = DAMAGE[fault]
    damage(data / "mali-2020")
    result = CliRunner().invoke(main, ["validate", str(data)])
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert any(all(word in line for word in words) for line in result.output.splitlines()), result.output


def test_run_refuses_a_damaged_package_and_leaves_the_output_alone(data: Path, tmp_path: Path) -> None:
    edit(data / "mali-2020" / "incidents.csv", 1, "event_type", "picnic")
    result = CliRunner().invoke(main, ["run", "--data", str(data), "--output", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "incidents.csv, row 1, column event_type, value 'picnic'" in result.output
    assert not (tmp_path / "out").exists()


def test_all_violations_come_at_once(data: Path) -> None:
    edit(data / "mali-2020" / "incidents.csv", 1, "event_type", "picnic")
    edit(data / "mali-2020" / "trends.csv", 1, "measure", "mood")
    with pytest.raises(DataError) as caught:
        read_package(data, "mali-2020")
    assert len(caught.value.violations) == 2


def test_an_unknown_report_names_the_known_ones(data: Path) -> None:
    with pytest.raises(DataError, match="'chad-2020': allowed: mali-2020"):
        read_package(data, "chad-2020")


@pytest.mark.parametrize(
    ("bounds", "value", "allowed"),
    [
        ({"minimum": 0}, "-1", "0 or more"),
        ({"maximum": 9}, "10", "9 or less"),
        ({"minimum": 0, "maximum": 9}, "10", "0 to 9"),
        ({"minimum": 0}, "7", None),
    ],
)
def test_a_bound_may_stand_alone(bounds: dict, value: str, allowed: str | None) -> None:
    assert checks._refuse(value, {"name": "n", "type": "integer", "constraints": bounds}) == allowed


def test_a_row_that_stands_twice_is_told(data: Path) -> None:
    path = data / "mali-2020/reference/standard_links.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[3].replace(",", "-again,", 1), ""]), encoding="utf-8")
    with pytest.raises(
        DataError, match=f"row {len(lines)}, .* allowed: a row that differs from row 3 in more than its id"
    ):
        read_package(data, "mali-2020")
