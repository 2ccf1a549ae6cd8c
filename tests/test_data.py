"""The shipped data, as data."""

import hashlib
import json
import subprocess
import sys

import pandas as pd
import pytest
from conftest import ROOT

from mali_analysis.coding.codebook import write_codebook
from mali_analysis.coding.package import describe_package
from mali_analysis.coding.schema import read_schema

CHAPTER = "04efd1bf9fe596bfa5190d9f201a5c9b77f6ef7f4f3ed2f301666ff7c8d149d6"


def test_the_chapter_is_the_given_text() -> None:
    assert hashlib.sha256((ROOT / "data/mali-2020/chapter.txt").read_bytes()).hexdigest() == CHAPTER


def test_every_quote_is_the_text_at_its_span(chapter) -> None:
    for row in chapter.evidence.itertuples():
        assert row.quote == chapter.text[row.start : row.end]


def test_every_record_and_every_coded_value_has_evidence(chapter) -> None:
    anchored = set(zip(chapter.evidence["record_id"], chapter.evidence["column"], strict=True))
    for name, table in chapter.tables.items():
        coded = [f["name"] for f in read_schema()[name].fields if f.get("coded")]
        for row in table.to_dict("records") if "record_id" in table and name != "evidence" else []:
            assert (row["record_id"], "*") in anchored
            for column in [column for column in coded if pd.notna(row[column]) and row[column] != ""]:
                assert (row["record_id"], column) in anchored, (row["record_id"], column)


def test_every_sentence_yields_a_record_or_is_listed_with_a_reason(chapter) -> None:
    read = set(chapter.passages_of(chapter.evidence["start"])) | set(chapter.uncoded["passage"])
    assert set(chapter.passages.query("kind != 'heading'")["passage"]) <= read


def test_every_number_word_of_the_chapter_is_a_quantity_or_a_date(chapter) -> None:
    import re

    held = [*chapter.quantities["record_id"]]
    spans = chapter.evidence[
        chapter.evidence["record_id"].isin(held) | chapter.evidence["column"].str.endswith("_edtf")
    ]
    covered = {i for s, e in zip(spans["start"], spans["end"], strict=True) for i in range(s, e)}
    words = r"\d[\d,]*|\b(?:two|three|four|five|six|seven|eight|nine|ten|hundreds|several)\b"
    sentences = chapter.passages.query("kind == 'sentence'")
    loose = {
        m[0].rstrip(",")
        for s in sentences.itertuples()
        for m in re.finditer(words, s.text)
        if s.start + m.start() not in covered
    }  # a resolution's number and a disease's name
    assert loose == {"2396", "19"}


def test_a_passage_that_could_not_be_read_is_not_said_to_have_been_read(chapter) -> None:
    table = chapter.earlier_editions
    assert ((table["relation"] == "unread") == (table["checked"] == "reached")).all()


def test_nothing_not_stated_is_a_zero(chapter) -> None:
    assert not (chapter.incidents[["killed", "injured", "captives"]] == 0).any().any()
    assert list(chapter.incidents.loc[chapter.incidents["killed_status"] == "none_reported", "record_id"]) == [
        "inc-rockets"
    ]


def test_unchanged_is_never_a_deficiency(chapter) -> None:
    only = chapter.findings[chapter.findings["change"] == "unchanged"].set_index("record_id")["level"].dropna()
    assert list(only.index) == ["fnd-cft-effectiveness"]  # "remain ineffective" states the level as well


@pytest.mark.parametrize("folder", ["data/mali-2020", "data/world", "tests/data/norvelia-2022"])
def test_frictionless_accepts_each_package(folder: str) -> None:
    command = [sys.executable, "-m", "frictionless", "validate", str(ROOT / folder / "datapackage.json"), "--json"]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout[-2000:]


@pytest.mark.parametrize("folder", ["data/mali-2020", "data/world", "tests/data/norvelia-2022"])
def test_each_package_is_fresh(folder: str) -> None:
    path = ROOT / folder
    written = json.dumps(describe_package(path.parent, path.name), ensure_ascii=False, indent=1) + "\n"
    assert (path / "datapackage.json").read_text(encoding="utf-8") == written


def test_the_codebook_is_fresh() -> None:
    assert (ROOT / "docs/codebook.md").read_text(encoding="utf-8") == write_codebook(read_schema())
