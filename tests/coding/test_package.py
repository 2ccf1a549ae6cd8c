"""A chapter is a folder: what makes one, which data are meant, what is refused, each in a line."""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT

import mali_analysis as mali
from mali_analysis.coding import package
from mali_analysis.coding.checks import read_package
from mali_analysis.coding.schema import DataError, choose_root, read_schema
from mali_analysis.dates import bounds
from mali_analysis.runs.cli import main

INVENTED = ROOT / "tests" / "data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder that holds nothing but a chapter."""
    shutil.copytree(ROOT / "data/mali-2020", tmp_path / "data" / "mali-2020")
    return tmp_path / "data"


def validate(*arguments: str) -> list[str]:
    result = CliRunner().invoke(main, ["validate", *arguments])
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    return result.output.splitlines()


def rewrite(path: Path, change: Callable[[dict], None]) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def edit(path: Path, row: int, column: str, value: str) -> None:
    rows = list(csv.reader(path.open(encoding="utf-8", newline="")))
    rows[row][rows[0].index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


# Which data


def test_a_folder_of_chapters_alone_takes_schema_and_world_from_us(folder: Path) -> None:
    chapter = mali.load_chapter("mali-2020", folder)
    assert len(chapter.standards) and len(chapter.incidents) == 4
    assert CliRunner().invoke(main, ["validate", str(folder)]).exit_code == 0


def test_a_folder_copied_under_another_name_loads_under_that(folder: Path) -> None:
    shutil.copytree(folder / "mali-2020", folder / "sahel")
    assert mali.load_chapter("sahel", folder).chapter_id == "sahel"
    assert mali.load_chapter("sahel", folder).source == mali.load_chapter("mali-2020", folder).source


@pytest.mark.parametrize("order", [["--data", "MALI_DATA"], ["MALI_DATA"], []])
def test_one_rule_says_which_data_are_meant(order: list[str], folder: Path, tmp_path: Path, monkeypatch) -> None:
    other = tmp_path / "other"
    other.mkdir()
    if "MALI_DATA" in order:
        monkeypatch.setenv("MALI_DATA", str(other if "--data" in order else folder))
    expected = folder if order else ROOT / "data"
    assert choose_root(folder if "--data" in order else None) == expected.resolve()


def test_a_schema_of_another_version_is_refused_in_a_line(data: Path) -> None:
    rewrite(data / "schema.json", lambda schema: schema.update(version="3.0"))
    (line,) = validate(str(data))
    assert line == "schema.json, column version, value '3.0': allowed: 2.0"


def test_a_schema_without_its_world_is_not_the_folders(folder: Path) -> None:
    (folder / "schema.json").write_text("{}")
    assert len(mali.load_chapter("mali-2020", folder).incidents) == 4


@pytest.mark.parametrize("name", ["world", "..", "", "chad-2020", "../data/mali-2020", "MALI-2020", ".", "mali-2020/"])
def test_what_is_no_chapter_is_refused_naming_those_there_are(folder: Path, name: str) -> None:
    with pytest.raises(DataError, match="allowed: mali-2020"):
        mali.load_chapter(name, folder)


def test_a_data_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["run", "00_brief", "--data", str(tmp_path / "nowhere")])
    assert result.exit_code == 2 and "nowhere" in result.output and "a folder of coded chapters" in result.output


def test_the_fields_of_the_schema_are_defined_once() -> None:
    content = json.loads((ROOT / "data/schema.json").read_text(encoding="utf-8"))
    seen: dict[str, str] = {}
    for table in content["tables"].values():
        for field in [f for f in table["fields"] if isinstance(f, dict)]:
            text = json.dumps(field, sort_keys=True)
            assert text not in seen.values(), field["name"]
            seen[f"{table['title']}.{field['name']}"] = text


# What loading reads


def test_loading_reads_its_own_chapter_and_no_other(folder: Path) -> None:
    shutil.copytree(folder / "mali-2020", folder / "other")
    before = package.hash_data(folder, "mali-2020"), package.stamp_data(folder, "mali-2020")
    (folder / "other" / "incidents.csv").write_text("broken")
    (folder / "other" / "datapackage.json").write_text("{")
    assert (package.hash_data(folder, "mali-2020"), package.stamp_data(folder, "mali-2020")) == before
    mali.load_chapter("mali-2020", folder)
    names = set(package.files_of(folder, "mali-2020"))
    assert not [name for name in names if name.startswith("other")]
    assert {"schema.json", "world/standards.csv", "world/outlines/ML.geojson", "mali-2020/chapter.txt"} <= names


@pytest.mark.parametrize(
    "name",
    [".DS_Store", "Thumbs.db", ".~lock.incidents.csv#", "incidents.csv~", ".incidents.csv.swp", "x.swp",
     ".ipynb_checkpoints/a.ipynb", "desktop.ini", "reference/.DS_Store"],
)  # fmt: skip
def test_what_editors_and_systems_leave_is_no_data(folder: Path, name: str) -> None:
    before = package.hash_data(folder, "mali-2020")
    path = folder / "mali-2020" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\0\xff")
    (folder / Path(name).name).write_bytes(b"\0")
    assert package.hash_data(folder, "mali-2020") == before
    assert CliRunner().invoke(main, ["validate", str(folder)]).exit_code == 0


# An invented chapter


def test_an_uncoded_chapter_loads_and_validate_lists_what_nobody_has_read(tmp_path: Path) -> None:
    folder = tmp_path / "invented"
    shutil.copytree(INVENTED / "norvelia-2022", folder)
    for table in read_schema().values():
        if table.kind == "chapter":
            names = [field["name"] for field in table.fields]
            (folder / table.path).write_text(",".join(names) + "\n")
    chapter = mali.load_chapter("invented", tmp_path)
    assert all(table.empty for table in chapter.tables.values())
    assert (chapter.opens.isoformat(), chapter.closes.isoformat()) == ("2022-01-01", "2022-12-31")
    sentences = chapter.passages.query("kind == 'sentence'")
    assert len(sentences) == 20
    lines = validate(str(folder))
    assert [line for line in lines if "column passage" in line] == lines
    assert len(lines) == len(sentences)


def test_a_section_may_be_missing_and_a_heading_have_nothing_under_it() -> None:
    passages = read_package(INVENTED, "norvelia-2022").passages
    counts = passages[passages["kind"] == "sentence"].groupby("section").size()
    assert "financing" not in set(passages["section"])
    assert "prevention" in set(passages["section"]) and "prevention" not in counts
    assert counts["incidents"] == 6


# Bad input: each in a line, and none a traceback


def path_as_list(p: dict) -> None:
    p["resources"][0]["path"] = ["chapter.txt", "more.txt"]


def inline_data(p: dict) -> None:
    p["resources"][1]["data"] = [{"record_id": "act-x"}]


def schema_elsewhere(p: dict) -> None:
    p["resources"][1]["schema"] = "schemas/actors.json"


def no_hash(p: dict) -> None:
    del p["resources"][0]["hash"]


PACKAGES: dict[str, tuple[Callable[[dict], object], str]] = {
    "a path as a list": (path_as_list, "one path to one file"),
    "no path": (lambda p: p["resources"][2].pop("path"), "one path to one file"),
    "a path as a number": (lambda p: p["resources"][2].update(path=5), "one path to one file"),
    "data within": (inline_data, "no data within the package"),
    "a schema in another file": (schema_elsewhere, "not in another file"),
    "a schema as a list": (lambda p: p["resources"][1].update(schema=[]), "not in another file"),
    "a path that leaves": (lambda p: p["resources"][1].update(path="../actors.csv"), "a path within the folder"),
    "a path from the root": (lambda p: p["resources"][1].update(path="/etc/passwd"), "a path within the folder"),
    "a path on the web": (lambda p: p["resources"][1].update(path="https://x.org/a.csv"), "a path within the folder"),
    "no hash": (no_hash, "a hash of chapter.txt"),
    "a hash that is none": (lambda p: p["resources"][0].update(hash=5), "a hash of chapter.txt"),
    "no chapter": (lambda p: p["resources"].pop(0), "a resource with path chapter.txt"),
    "no resources": (lambda p: p.update(resources=[]), "nothing was checked"),
    "resources that are none": (lambda p: p.update(resources="all"), "nothing was checked"),
    "a resource that is none": (lambda p: p["resources"].append("actors.csv"), "a resource with a name"),
    "no facts": (lambda p: p.pop("chapter"), "the chapter’s facts"),
    "no year": (lambda p: p["chapter"].pop("year"), "a year such as 2020"),
    "a year as text": (lambda p: p["chapter"].update(year="2020"), "a year such as 2020"),
    "a day that is none": (lambda p: p["chapter"].update(published="2021-12-32"), "a day such as 2020-03-25"),
    "no address": (lambda p: p["chapter"].update(url=""), "a text"),
    "a stale package": (lambda p: p["resources"].pop(), "a fresh package: mali-analysis package mali-2020"),
}


@pytest.mark.parametrize("fault", PACKAGES)
def test_a_package_that_will_not_do_is_refused_in_a_line(folder: Path, fault: str) -> None:
    change, words = PACKAGES[fault]
    rewrite(folder / "mali-2020/datapackage.json", change)
    (line,) = validate(str(folder))
    assert words in line and line.startswith("mali-2020/datapackage.json")


@pytest.mark.parametrize("content", ["", "[]", "{", "null", '{"resources": []}', "\x00", "[" * 100_000])
def test_a_package_that_is_none_is_refused_in_a_line(folder: Path, content: str) -> None:
    (folder / "mali-2020/datapackage.json").write_text(content)
    (line,) = validate(str(folder))
    assert line.startswith("mali-2020/datapackage.json") and "allowed: a" in line


@pytest.mark.parametrize("name", ["datapackage.json", "chapter.txt", "evidence.csv"])
def test_a_folder_without_one_of_its_files_is_refused(folder: Path, name: str) -> None:
    (folder / "mali-2020" / name).unlink()
    lines = validate(str(folder))
    assert any(name in line and "missing" in line for line in lines), lines


def test_where_there_is_nothing_to_check_nothing_was_checked(tmp_path: Path) -> None:
    for made in ("empty", "no-chapter/notes"):
        (tmp_path / made).mkdir(parents=True)
    (tmp_path / "file").write_text("")
    for name in ("empty", "no-chapter", "file", "nowhere"):
        (line,) = validate(str(tmp_path / name))
        assert "nothing was checked" in line, name


@pytest.mark.parametrize(("one", "other"), [("mali-2020", "Mali-2020"), ("sénégal", "se\u0301ne\u0301gal"), ("a", "A")])
def test_ids_of_chapters_that_some_systems_take_for_one_are_refused(folder: Path, one: str, other: str) -> None:
    for name in (one, other):
        if not (folder / name).exists():
            shutil.copytree(folder / "mali-2020", folder / name)
    lines = validate(str(folder))
    assert len(lines) == 1 and "differ in more than case or form" in lines[0]
    result = CliRunner().invoke(main, ["run", "00_brief", "--all-chapters", "--data", str(folder)])
    assert result.exit_code == 2 and "differ in more than case" in result.output


@pytest.mark.parametrize("record_id", ["Inc-cisse", "inc-CISSE", "inc-cissé"])
def test_ids_of_records_have_one_form(folder: Path, record_id: str) -> None:
    edit(folder / "mali-2020/incidents.csv", 2, "record_id", record_id)
    lines = validate(str(folder))
    assert any(f"'{record_id}'" in line and "inc-[a-z0-9-]+" in line for line in lines)


def test_a_column_twice_is_told_beside_faults_of_other_files(folder: Path) -> None:
    path = folder / "mali-2020/trends.csv"
    rows = list(csv.reader(path.open(encoding="utf-8", newline="")))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([[*row, row[1]] for row in rows])
    edit(folder / "mali-2020/incidents.csv", 1, "event_type", "picnic")
    (folder / "mali-2020/targets.csv").unlink()
    lines = validate(str(folder))
    assert any("trends.csv, column measure: allowed: each column once; it is there 2 times" in line for line in lines)
    assert any("'picnic'" in line for line in lines) and any("targets.csv" in line for line in lines)


@pytest.mark.parametrize("letters", [30_000, 140_000, 2_000_000])
def test_a_cell_too_long_to_be_one_is_refused_in_a_short_line(folder: Path, letters: int) -> None:
    edit(folder / "mali-2020/phases.csv", 1, "clause", "x" * letters)
    (line,) = [line for line in validate(str(folder)) if "phases.csv" in line]
    assert "20,000 letters" in line and len(line) < 400


ODD_NUMBERS = ["٢٠٠", "２００", "२००", "1e3", "0x10", "1_000", "+5", " 5", "5 ", "∞", "nan", "1" * 40]


@pytest.mark.parametrize("value", ODD_NUMBERS)
def test_numbers_are_in_the_digits_0_to_9(folder: Path, value: str) -> None:
    edit(folder / "mali-2020/quantities.csv", 1, "low", value)
    assert any(repr(value) in line and "a whole number" in line for line in validate(str(folder)))


ODD_DATES = [
    "2020-03/", "/", "/2020-03", "2020-21-05", "2020-24-31", "2020-13", "2020-00", "2020-02-30", "٢٠٢٠-٠٣-٢٥",
    "２０２０", "2020-3-25", "20200325", "2020-W23-1", "2020-03-25T12:00", "[..]", "[2020-12..2020-03]", "2020/2019",
    "2020-03-25/..", "2020?", "2020~", "202X", "y2020", "-2020", " 2020", "2020-03-25 ",
]  # fmt: skip


@pytest.mark.parametrize("value", ODD_DATES)
def test_a_date_that_means_another_thing_than_it_seems_is_refused(folder: Path, value: str) -> None:
    with pytest.raises(ValueError):
        bounds(value)
    edit(folder / "mali-2020/incidents.csv", 1, "start_edtf", value)
    assert any(repr(value) in line and "allowed: a day 2020-03-25" in line for line in validate(str(folder)))


@pytest.mark.parametrize("name", ["incidents.csv", "datapackage.json", "reference/claims.csv"])
def test_a_byte_order_mark_is_accepted(folder: Path, name: str) -> None:
    path = folder / "mali-2020" / name
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    result = CliRunner().invoke(main, ["validate", str(folder)])
    assert result.exit_code == 0, result.output


def test_line_ends_of_windows_are_accepted_in_tables_and_refused_in_the_text(folder: Path) -> None:
    for path in (folder / "mali-2020").rglob("*.csv"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert CliRunner().invoke(main, ["validate", str(folder)]).exit_code == 0
    text = folder / "mali-2020/chapter.txt"
    text.write_bytes(text.read_bytes().replace(b"\n", b"\r\n"))
    assert any("checksum" in line for line in validate(str(folder)))


def test_a_clone_with_autocrlf_keeps_every_byte_of_the_data(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    command = ["git", "-c", "core.autocrlf=true", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)]
    subprocess.run(command, check=True)
    listed = subprocess.run(
        ["git", "ls-files", "data", "tests/data"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = [name for name in listed.stdout.splitlines() if (clone / name).exists()]
    assert len(names) > 30
    for name in names:
        assert b"\r\n" not in (clone / name).read_bytes(), name


@pytest.mark.parametrize("name", ["world/standards.csv", "world/outlines/ML.geojson"])
def test_what_holds_for_any_chapter_has_a_checksum(data: Path, name: str) -> None:
    path = data / name
    path.write_bytes(path.read_bytes() + b" ")
    lines = validate(str(data))
    assert any(name in line and "checksum" in line for line in lines)
    rewrite(data / "world/datapackage.json", lambda p: [r.pop("hash") for r in p["resources"]])
    assert any(f"a hash of {name}" in line for line in validate(str(data)))


def test_tables_carry_no_checksum_so_a_changed_value_is_told_as_a_value(folder: Path) -> None:
    edit(folder / "mali-2020/incidents.csv", 1, "event_type", "picnic")
    (line,) = validate(str(folder))
    assert "'picnic'" in line and "checksum" not in line


def test_one_chapter_can_be_checked_alone(folder: Path) -> None:
    shutil.copytree(folder / "mali-2020", folder / "broken")
    (folder / "broken" / "incidents.csv").unlink()
    assert CliRunner().invoke(main, ["validate", str(folder / "mali-2020")]).exit_code == 0
    lines = validate(str(folder))
    assert any(line.startswith("mali-2020: ") for line in lines) and any(
        "broken/incidents.csv" in line for line in lines
    )


# Packages


def test_a_package_is_written_from_schema_and_facts(folder: Path) -> None:
    path = folder / "mali-2020/datapackage.json"
    before = path.read_bytes()
    rewrite(path, lambda p: [p.pop("resources"), p.pop("schema_version")])
    result = CliRunner().invoke(main, ["package", "mali-2020", "--data", str(folder)])
    assert result.exit_code == 0 and path.read_bytes() == before


@pytest.mark.parametrize(("name", "words"), [("chad-2020", "allowed: mali-2020"), ("../x", "allowed: mali-2020")])
def test_a_package_of_no_chapter_is_refused(folder: Path, name: str, words: str) -> None:
    result = CliRunner().invoke(main, ["package", name, "--data", str(folder)])
    assert result.exit_code == 2 and words in result.output and "Traceback" not in result.output


@pytest.mark.parametrize("command", ["cite", "params"])
def test_commands_know_chapter_and_data(folder: Path, command: str) -> None:
    shutil.copytree(folder / "mali-2020", folder / "sahel")
    arguments = {"cite": ["cite", "inc-cisse"], "params": ["params", "01_incidents"]}[command]
    result = CliRunner().invoke(main, [*arguments, "--chapter", "sahel", "--data", str(folder)])
    assert result.exit_code == 0, result.output
    refused = CliRunner().invoke(main, [*arguments, "--chapter", "chad", "--data", str(folder)])
    assert refused.exit_code == 2 and "'chad': allowed: mali-2020, sahel" in refused.output


def test_a_command_from_inside_the_data_folder_works(folder: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "MALI_DATA"}
    for arguments in (["validate", "."], ["cite", "inc-cisse", "--data", "."], ["validate", "mali-2020"]):
        command = [sys.executable, "-m", "mali_analysis", *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
