"""Agreement between codings: alpha against published examples, the shipped comparison against the shipped codings."""

import math

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from mali_analysis import reading
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


def test_the_shipped_comparison_is_what_the_codings_give(chapter, common) -> None:
    folder = agreement.folder_of(chapter.root, chapter.chapter_id)
    first, after = agreement.read_coding(chapter.root / chapter.chapter_id), agreement.read_coding(folder / "after")
    pairs = {
        "before": pd.read_csv(folder / "comparison" / "pairs_before.csv", keep_default_na=False),
        "after": agreement.list_pairs(first, after, common),
    }
    shipped = reading.compare_codings(chapter).set_index(["table", "variable"])
    for stage, own in pairs.items():
        made = agreement.summarize_agreement(own, common).set_index(["table", "variable"]).round(3)
        columns = ["units", "raw", "alpha", "low", "high"]
        there = shipped[[f"{column}_{stage}" for column in columns]].dropna(how="all")
        there.columns = columns
        assert_frame_equal(made[columns].sort_index(), there.sort_index(), check_dtype=False)
    matching = agreement.summarize_matching(first, after, common).round(3)
    there = reading.compare_matching(chapter).query("stage == 'after'").drop(columns="stage").reset_index(drop=True)
    assert_frame_equal(matching, there, check_dtype=False)


def test_alpha_is_given_from_twenty_units_on(chapter, common) -> None:
    table = reading.compare_codings(chapter)
    for stage in ("before", "after"):
        few = table[f"units_{stage}"] < agreement.LEAST_UNITS
        assert table.loc[few, f"alpha_{stage}"].isna().all()
        assert table.loc[~few & table[f"units_{stage}"].notna(), f"alpha_{stage}"].notna().all()


def test_every_disagreement_is_settled_and_explained(chapter, common) -> None:
    folder = agreement.folder_of(chapter.root, chapter.chapter_id)
    settled = reading.list_disagreements(chapter)
    assert settled["how"].str.len().min() > 10
    assert set(settled["settled"]) <= {"first", "second", "neither"}
    first, after = agreement.read_coding(chapter.root / chapter.chapter_id), agreement.read_coding(folder / "after")
    pairs = {
        "before": pd.read_csv(folder / "comparison" / "pairs_before.csv", keep_default_na=False),
        "after": agreement.list_pairs(first, after, common),
    }
    for stage, own in pairs.items():
        open_ = own[~own["agree"].astype(bool)]
        known = settled[settled["stage"] == stage]
        keys = ["table", "variable", "first_id", "second_id"]
        assert set(map(tuple, open_[keys].to_numpy())) <= set(map(tuple, known[keys].to_numpy())), stage


def test_a_variable_below_the_mark_is_named_in_the_notebooks_sentence(chapter, common) -> None:
    table = reading.compare_codings(chapter)
    told = reading.say_agreement(chapter, table, reading.list_disagreements(chapter)).text
    for row in table[table["alpha_before"] < 0.8].itertuples():
        assert f"{row.variable} of {row.table}" in told
