"""Tables for other programs."""

import openpyxl
import pandas as pd

from mali_analysis.exports import export_tables


def test_csv_and_workbook_hold_every_table_and_the_codebook(report, tmp_path) -> None:
    paths = export_tables(report, tmp_path / "out")
    assert all(path.is_file() for path in paths)
    book = openpyxl.load_workbook(tmp_path / "out" / "tables.xlsx", read_only=True)
    assert book.sheetnames == ["codebook", *report.tables, *report.reference]
    back = pd.read_csv(tmp_path / "out" / "incidents.csv")
    assert list(back["record_id"]) == list(report.incidents["record_id"])


def test_a_cell_like_a_formula_is_defused(report, tmp_path) -> None:
    harmful = report.actors.assign(name=["=1+1", *report.actors["name"][1:]])
    altered = type(report)(report.report_id, report.text, {"actors": harmful}, {}, report.root)
    export_tables(altered, tmp_path)
    assert pd.read_csv(tmp_path / "actors.csv")["name"][0] == "'=1+1"
    sheet = openpyxl.load_workbook(tmp_path / "tables.xlsx")["actors"]
    assert sheet["B2"].data_type == "s"
