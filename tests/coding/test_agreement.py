"""Agreement between codings: alpha against published examples, the shipped comparison against the shipped codings."""

import math

import pandas as pd
import pytest
from conftest import ROOT
from pandas.testing import assert_frame_equal

from mali_analysis.coding import agreement

# Four observers and twelve units: K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), example C and D.
OBSERVERS = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
UNITS = [[None if value == "." else int(value) for value in unit] for unit in zip(*OBSERVERS, strict=True)]


@pytest.mark.parametrize(("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_is_that_of_the_published_example(level: str, alpha: float) -> None:
    assert agreement.krippendorff(UNITS, level, [1, 2, 3, 4, 5]) == pytest.approx(alpha, abs=0.0005)


def test_alpha_at_its_ends() -> None:
    assert agreement.krippendorff([["a", "a"], ["b", "b"]]) == 1
    assert agreement.krippendorff([["a", "b"], ["b", "a"]]) < 0
    assert math.isnan(agreement.krippendorff([["a", None]]))
    with pytest.raises(ValueError, match="allowed: nominal, ordinal, interval"):
        agreement.krippendorff(UNITS, "ratio")


def test_the_interval_holds_alpha_and_is_the_same_each_time() -> None:
    low, high = agreement.bootstrap(UNITS[:11], "nominal")
    assert low < 0.743 < high
    assert (low, high) == agreement.bootstrap(UNITS[:11], "nominal")


@pytest.fixture
def common(chapter) -> agreement.Common:
    return agreement.common_of(chapter.root, chapter.chapter_id)


def coding(kind: str, role: str) -> dict:
    spans = [("a1", 0, 10), ("i1", 0, 10)]
    evidence = [{"record_id": i, "column": "*", "start": str(a), "end": str(b)} for i, a, b in spans]
    tables = {table: [] for table in agreement.ORDER}
    tables["actors"] = [{"record_id": "a1", "name": "the junta", "kind": kind}]
    row = dict.fromkeys(["subject_id", "attribution", "attribution_status"], "")
    tables["involvements"] = [{"record_id": "i1", "actor_id": "a1", "role": role, **row}]
    return tables | {"evidence": evidence}


def test_records_are_matched_and_their_values_compared(chapter, common) -> None:
    pairs = agreement.list_pairs(coding("government", "ruler"), coding("government", "target"), common)
    found = pairs.set_index(["table", "variable"])["agree"]
    assert found["actors", "kind"] and found["involvements", "actor_id"]
    assert not found["involvements", "role"]


CODED_TWICE = [("data", "mali-2020"), ("tests/data", "norvelia-2022")]


@pytest.mark.parametrize(("data", "chapter_id"), CODED_TWICE)
def test_the_shipped_figures_are_those_of_the_shipped_pairs(data: str, chapter_id: str) -> None:
    root = ROOT / data
    folder, common = agreement.folder_of(root, chapter_id) / "comparison", agreement.common_of(root, chapter_id)
    pairs = pd.read_csv(folder / "pairs.csv", keep_default_na=False)
    pairs["agree"] = pairs["agree"].astype(str) == "True"
    shipped = pd.read_csv(folder / "agreement.csv")
    made = agreement.summarize_agreement(pairs, common).drop(columns="agree").round(3)
    assert_frame_equal(made.reset_index(drop=True), shipped, check_dtype=False)
    few = shipped["units"] < agreement.LEAST_UNITS
    assert shipped.loc[few, "alpha"].isna().all() and shipped.loc[~few, "alpha"].notna().sum() >= 3


@pytest.mark.parametrize(("data", "chapter_id"), CODED_TWICE)
def test_every_disagreement_is_settled_and_what_was_settled_for_the_second_is_mended(
    data: str, chapter_id: str
) -> None:
    root = ROOT / data
    folder, common = agreement.folder_of(root, chapter_id), agreement.common_of(root, chapter_id)
    pairs = pd.read_csv(folder / "comparison" / "pairs.csv", keep_default_na=False)
    settled = pd.read_csv(folder / "comparison" / "settled.csv", keep_default_na=False)
    assert settled["how"].str.len().min() > 10
    assert set(settled["settled"]) <= {"first", "second", "neither"}
    keys = ["table", "variable", "first_id", "second_id"]
    differing = pairs[pairs["agree"].astype(str) == "False"]
    assert set(map(tuple, differing[keys].to_numpy())) == set(map(tuple, settled[keys].to_numpy()))
    now = agreement.list_pairs(agreement.read_coding(root / chapter_id), agreement.read_coding(folder), common)
    left = {tuple(key[:3]) for key in now.loc[~now["agree"], keys].to_numpy()}
    mended = settled[settled["settled"] == "second"]
    assert not left & {tuple(key[:3]) for key in mended[keys].to_numpy()}


def test_judgments_on_other_sources_are_compared_as_coded_and_settled_as_they_stand(chapter) -> None:
    folder = agreement.folder_of(chapter.root, chapter.chapter_id)
    pairs = agreement.list_reference_pairs(folder)
    made = agreement.summarize_reference(pairs).round(3)
    assert_frame_equal(made, pd.read_csv(folder / "comparison" / "agreement_reference.csv"), check_dtype=False)
    assert made.set_index("variable")["alpha"].notna().to_dict() == {
        "verdict": True, "interest": True, "bearing": True, "rests_on": False, "within_reach_of": False
    }  # fmt: skip
    settled = pd.read_csv(folder / "comparison" / "settled_reference.csv", keep_default_na=False)
    assert len(settled) == (pairs["first"] != pairs["second"]).sum() and settled["how"].str.len().min() > 10
    for row in settled.itertuples():
        now = getattr(chapter, row.table).set_index("record_id").loc[row.record_id, row.variable]
        sides = {"first": row.first, "second": row.second}
        assert now == sides.get(row.settled, now) and (row.settled != "neither" or now not in sides.values()), row
