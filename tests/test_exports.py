"""Tables for other programs."""

import datetime
from dataclasses import replace

import openpyxl
import pandas as pd

from mali_analysis.exports import export_tables


def test_csv_and_workbook_hold_every_table_and_the_codebook(chapter, tmp_path) -> None:
    paths = export_tables(chapter, tmp_path / "out")
    assert all(path.is_file() for path in paths)
    book = openpyxl.load_workbook(tmp_path / "out" / "tables.xlsx", read_only=True)
    assert book.sheetnames == ["codebook", *chapter.tables, *chapter.reference, "sources"]
    sources = [[cell.value for cell in row] for row in book["sources"].iter_rows()]
    assert sources[0] == ["source", "address", "accessed"] and sources[1][1] == chapter.facts.url
    assert isinstance(sources[1][2], datetime.datetime) and len(sources) > 50
    back = pd.read_csv(tmp_path / "out" / "incidents.csv")
    assert list(back["record_id"]) == list(chapter.incidents["record_id"])


def test_a_cell_like_a_formula_is_defused(chapter, tmp_path) -> None:
    harmful = chapter.actors.assign(name=["=1+1", *chapter.actors["name"][1:]])
    altered = replace(chapter, tables={"actors": harmful}, reference={})
    export_tables(altered, tmp_path)
    assert pd.read_csv(tmp_path / "actors.csv")["name"][0] == "'=1+1"
    sheet = openpyxl.load_workbook(tmp_path / "tables.xlsx")["actors"]
    assert sheet["B2"].data_type == "s"
