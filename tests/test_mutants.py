"""A sample of wrong values, another each time: each is noticed, a coded one by more than the snapshot; none breaks."""

import random

import pytest
from conftest import ROOT, SOAK
from mutants.alter import KINDS, Mutant, apply, list_mutants
from mutants.judge import NOTICED, Judge

FEW = 60 if SOAK else 3


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    return Judge(ROOT / "data", "mali-2020", tmp_path_factory.mktemp("mutants"))


@pytest.fixture(scope="module")
def every(judge: Judge) -> list[Mutant]:
    return list(list_mutants(judge.root, "mali-2020", judge.text))


def test_every_table_and_every_kind_of_fault_is_among_them(judge: Judge, every: list[Mutant]) -> None:
    assert {mutant.table for mutant in every} == {name for name, rows in judge.rows.items() if rows}
    assert {mutant.kind for mutant in every} == set(KINDS)
    for mutant in every[::50]:
        assert apply(mutant, judge.rows[mutant.table]) != judge.rows[mutant.table]


def test_wrong_values_are_noticed(judge: Judge, every: list[Mutant]) -> None:
    for mutant in random.sample(every, FEW):
        noticed, where = judge.judge(mutant)
        assert noticed != NOTICED[3], mutant
        assert not where.endswith("Error"), (str(mutant), where)  # what breaks a notebook is for validation to refuse
        own = mutant.table in judge.coded
        assert not own or noticed in NOTICED[:2], (str(mutant), where)


@pytest.mark.parametrize(
    ("table", "changed"),
    [
        ("actors", {"kind": "terrorist_group"}),  # an agency's kind
        ("involvements", {"role": "shut_in"}),  # a perpetrator's role
        ("involvements", {"attribution": "suspected"}),
        ("incidents", {"killed_status": "not_applicable"}),
        ("phases", {"end_edtf": "2020-12-31"}),
    ],
)
def test_what_once_went_unnoticed_is_noticed(judge: Judge, table: str, changed: dict[str, str]) -> None:
    number = next(
        n for n, row in enumerate(judge.rows[table]) if all(row[c] and row[c] != value for c, value in changed.items())
    )
    noticed, _ = judge.judge(Mutant(table, "another code", number, tuple(changed.items())))
    assert noticed in NOTICED[:2]
