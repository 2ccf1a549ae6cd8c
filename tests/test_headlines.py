"""Counting, joining and naming within a sentence."""

import pytest

from mali_analysis import headlines


@pytest.mark.parametrize(
    ("number", "told"),
    [(0, "no reports"), (1, "one report"), (12, "twelve reports"), (13, "13 reports"), (1234, "1,234 reports")],
)
def test_a_count_agrees_with_its_noun(number: int, told: str) -> None:
    assert headlines.count(number, "report") == told


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b", "c"], "a, b and c"),
        (["a and b", "c"], "a and b, and c"),
        (["a, with b", "c"], "a, with b; and c"),
    ],
)
def test_parts_are_joined_as_they_need(parts: list[str], told: str) -> None:
    assert headlines.join(parts) == told


@pytest.mark.parametrize(
    ("least", "most", "told"),
    [
        (52, None, "52 days or more"),
        (None, None, "0 days or more"),
        (0, 0, "within one day"),
        (1, 1, "1 day"),
        (0, 7, "up to 7 days"),
        (91, 92, "91 or 92 days"),
        (174, 199, "174 to 199 days"),
    ],
)
def test_a_length_has_its_bounds(least: int | None, most: int | None, told: str) -> None:
    assert headlines.length(least, most) == told


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("African Union", "the African Union"),
        ("Sahara Branch of a group", "the Sahara Branch of a group"),
        ("ECOWAS", "ECOWAS"),
        ("prison guards", "prison guards"),
        ("Lowland Jihad Group (LJG)", "the Lowland Jihad Group (LJG)"),
    ],
)
def test_a_body_takes_an_article(name: str, told: str) -> None:
    assert headlines.the(name) == told


def test_a_short_name_is_the_abbreviation_or_what_stands_before_the_brackets() -> None:
    assert headlines.short("Malian Armed Forces (FAMa)") == "FAMa"
    assert headlines.short("terrorists (rocket attacks)") == "terrorists"
    assert headlines.inside("Siege of A") == "siege of A" and headlines.inside("UN mission") == "UN mission"
