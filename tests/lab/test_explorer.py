"""The explorer without a browser: its state, what it selects, and what it hands on."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import traitlets
import yaml
from conftest import ROOT, pick

import mali_analysis as mali
from mali_analysis import charts, records
from mali_analysis.lab import handing_on
from mali_analysis.lab.explorer import LABELS, Explorer
from mali_analysis.parameters import ParameterError
from mali_analysis.runs.plans import plan_jobs

CHOICES = [
    {"party": "act-jnim", "start": "2020-06-01"},
    {"kind": "findings", "level": "lacking"},
    {"kind": "status_spells", "party": "act-ecowas", "end": "2020-09-01"},
    {"section": "financing"},
    {"kind": "phases", "place": "plc-farabougou"},
    {"verdict": "omits"},
    {},
]


def explore(chapter, **chosen: str) -> Explorer:
    return chapter.explore(**chosen)


@pytest.mark.parametrize("choice", pick(CHOICES, 3), ids=str)
def test_the_line_of_python_selects_the_same_records(chapter, choice: dict) -> None:
    explorer = explore(chapter, **choice)
    line = explorer.copy_code()
    assert explorer.copied == line
    again = eval(line, {"mali": mali})
    assert list(again["record_id"]) == list(explorer.records["record_id"]) and len(again)


@pytest.mark.parametrize("choice", pick(CHOICES, 3), ids=str)
def test_command_and_plan_are_the_same_run_and_can_be_planned(chapter, choice: dict, tmp_path: Path) -> None:
    explorer = explore(chapter, **choice)
    words = shlex.split(explorer.copy_command())
    assert words[:2] == ["mali-analysis", "run"]
    given = [(words[i + 1], words[i + 2]) for i, word in enumerate(words) if word == "-p"]
    (by_hand,) = plan_jobs([words[2]], given, None)
    plan = tmp_path / "plan.yml"
    plan.write_text(explorer.copy_plan_entry())
    (planned,) = plan_jobs([], [], plan)
    assert planned == by_hand
    carried = handing_on.find_run(chapter, explorer.choice)
    assert all(name in choice and name in explorer.told for name in carried.left_out)


def test_what_jnim_is_said_to_have_done_after_a_day(chapter) -> None:
    found = mali.records.select_records(chapter, ["phases"], parties=["act-jnim"], start="2020-06-01")
    assert [str(number) for number in found["sentence"]] == ["12", "12", "20"]


def test_a_record_without_dates_is_in_no_period(chapter) -> None:
    every = mali.records.select_records(chapter, ["findings"])
    assert len(every) == len(chapter.findings)
    assert mali.records.select_records(chapter, ["findings"], start="2020-01-01").empty


@pytest.mark.parametrize(
    "wrong",
    [{"kinds": ["findngs"]}, {"parties": ["act-nobody"]}, {"start": "2020-13-01"}, {"levels": ["bad"]}],
    ids=str,
)
def test_a_bad_argument_names_what_is_allowed(chapter, wrong: dict) -> None:
    with pytest.raises(ParameterError, match="allowed: "):
        mali.records.select_records(chapter, **wrong)


def test_a_wrong_day_in_a_box_is_told_and_what_was_shown_stays(chapter) -> None:
    explorer = explore(chapter, kind="phases")
    explorer.start = "1 June"
    assert "allowed: an ISO day" in explorer.told
    explorer.start = "2020-06-01"
    assert not explorer.told and len(explorer.records)


def test_a_value_that_no_menu_has_is_refused_by_name(chapter) -> None:
    for name in LABELS:
        with pytest.raises(ParameterError, match=f"parameter {name}: value 'nothing': allowed: "):
            explore(chapter, **{name: "nothing"})
    with pytest.raises(ParameterError, match="'who': allowed: kind, "):
        Explorer(chapter, who="JNIM")
    with pytest.raises(traitlets.TraitError):
        explore(chapter).party = "act-nobody"
    with pytest.raises(ParameterError, match="allowed: CSV, Excel"):
        explore(chapter).export("doc")


@pytest.mark.parametrize(
    ("said", "record_id"), [("JNIM", "act-jnim"), ("ecowas", "act-ecowas"), ("GIABA", "act-giaba")]
)
def test_a_party_may_be_called_by_its_name(chapter, said: str, record_id: str) -> None:
    assert explore(chapter, party=said).party == record_id
    by_name, by_id = (mali.records.select_records(chapter, parties=[one]) for one in (said, record_id))
    assert list(by_name["record_id"]) == list(by_id["record_id"]) and len(by_id)


def test_what_has_no_date_is_told_where_a_period_leaves_it_out(chapter) -> None:
    found = mali.records.select_records(chapter, ["trends", "phases"], parties=["JNIM"], start="2020-06-01")
    said = records.say_records(chapter, found)
    assert found.attrs[records.UNDATED] and "without a date, are left out" in said.text


def test_an_id_that_is_none_is_no_empty_answer(chapter) -> None:
    year = (str(chapter.opens), str(chapter.closes))
    with pytest.raises(ParameterError, match="actors: value 'JNIM': allowed: act-jnim"):
        mali.incidents.select_incidents(chapter, *year, actors=["JNIM"])
    with pytest.raises(ParameterError, match="partners: value 'ECOWAS': allowed: act-ecowas"):
        mali.partners.summarize_status(chapter, year[1], ["ECOWAS"])


@pytest.mark.soak
def test_every_choice_of_every_menu_shows_something(chapter) -> None:
    explorer = explore(chapter)
    for name in LABELS:
        menu = explorer._menus[name]
        assert menu.options[0] == ("any", "") and len(menu.options) > 2
        for word, code in menu.options[1:]:
            setattr(explorer, name, code)
            assert word and set(explorer._show()) == {"count", "words", "others", "chart"}
        setattr(explorer, name, "")


def test_it_works_on_another_chapter(invented) -> None:
    explorer = explore(invented)
    assert len(explorer.records) and "norvelia" in explorer.copy_code()
    for name in LABELS:
        assert explorer._menus[name].options
    words = shlex.split(explorer.copy_command())
    assert "chapter_id" in words and "--data" in words


def test_records_are_carried_away(chapter, tmp_path: Path) -> None:
    explorer = explore(chapter, kind="status_spells")
    book = openpyxl.load_workbook(explorer.export("Excel", tmp_path))
    assert book.sheetnames == ["records", "what others report", "sources"]
    assert book["sources"]["C2"].is_date and book["records"].max_row == len(chapter.status_spells) + 1
    csv = pd.read_csv(explorer.export("CSV", tmp_path))
    assert list(csv["record_id"]) == list(explorer.records["record_id"]) and csv["quote"].str.len().gt(0).all()
    explorer = explore(chapter, kind="phases", place="plc-farabougou")
    shapes = json.loads(explorer.export("GeoJSON", tmp_path).read_text())
    assert {f["properties"]["incident_id"] for f in shapes["features"]} == {"inc-farabougou"}
    told = shapes["features"][0]["properties"]
    assert told["radius_reason"] and told["stands_for_another_place"] is bool(told["point_of"]) is True
    with pytest.raises(records.ExportError, match="allowed: a name that ends in"):
        records.export_records(chapter, explorer.records, tmp_path / "x.doc")


def test_a_chart_is_carried_away_with_its_finding_and_its_source(chapter, tmp_path: Path) -> None:
    explorer = explore(chapter, kind="phases")
    svg = explorer.export("Chart (SVG)", tmp_path).read_text()
    assert "Source:" in svg and "on which day" in svg
    assert explorer.export("Chart (PNG)", tmp_path).read_bytes().startswith(b"\x89PNG")
    with pytest.raises(charts.ChartError, match="allowed: a name that ends in .svg or .png"):
        charts.save_chart(records.plot_records(chapter, explorer.records), tmp_path / "x.gif")


def test_formulas_in_a_file_are_inert(chapter, tmp_path: Path) -> None:
    rows = mali.records.select_records(chapter, ["findings"]).assign(what="=1+1")
    sheet = openpyxl.load_workbook(records.export_records(chapter, rows, tmp_path / "x.xlsx"))["records"]
    assert sheet["C2"].value == "'=1+1" and sheet["C2"].data_type == "s"


def test_a_static_view_stands_beside_the_controls(chapter, monkeypatch) -> None:
    shown: list = []

    def display(*things, **more):
        shown.extend(things)
        return type("Handle", (), {"update": lambda self, thing: shown.append(thing)})()

    monkeypatch.setattr("mali_analysis.lab.explorer.display", display)
    explorer = explore(chapter, kind="judgments")
    explorer._ipython_display_()
    controls, said, table, *_ = shown
    assert controls["text/plain"].startswith("Controls") and "model_id" in str(controls)
    assert said.value == len(chapter.judgments) and "<mark>" in table._repr_html_()
    before = len(shown)
    explorer.kind = "milestones"
    assert len(shown) == before + 4 and shown[before].value == len(chapter.milestones)


def test_no_job_without_a_server(chapter) -> None:
    explorer = explore(chapter, kind="phases")
    explorer._try(explorer.post_job)
    assert "allowed: a notebook that is open in JupyterLab" in explorer.told


def test_importing_the_package_loads_no_widgets() -> None:
    code = (
        "import sys, mali_analysis as mali; c = mali.load_chapter('mali-2020'); c.find('JNIM')\n"
        "print(any('ipywidgets' in name for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


def test_the_start_notebook_has_a_readable_copy_of_what_it_chose() -> None:
    import nbformat

    cells = nbformat.read(ROOT / "notebooks/lab/start.ipynb", 4).cells
    outputs = [o for cell in cells if cell.cell_type == "code" for o in cell.outputs]
    assert any("Records, each with its words" in str(o.get("data", {}).get("text/html")) for o in outputs)
    assert yaml.safe_load("a: 1") and not any("error" in o.output_type for o in outputs)
