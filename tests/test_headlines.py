"""The parts of a computed sentence: numbers, lists, names and lengths."""

import pytest

from mali_analysis import headlines


@pytest.mark.parametrize(
    ("number", "said"), [(0, "no gaps"), (1, "one gap"), (12, "twelve gaps"), (13, "13 gaps"), (1200, "1,200 gaps")]
)
def test_a_number_agrees_with_its_noun(number: int, said: str) -> None:
    assert headlines.count(number, "gap") == said


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b", "c"], "a, b and c"),
        (["a and b", "c"], "a and b, and c"),
        (["a, with b", "c", "d"], "a, with b; c; and d"),
    ],
)
def test_a_list_is_told_so_that_its_parts_stay_apart(parts: list[str], said: str) -> None:
    assert headlines.join(parts) == said


@pytest.mark.parametrize(
    ("least", "most", "said"),
    [
        (52, None, "52 days or more"),
        (174, 199, "174 to 199 days"),
        (91, 92, "91 or 92 days"),
        (0, 0, "within one day"),
        (1, 1, "1 day"),
        (None, 5, "up to 5 days"),
        (None, None, "0 days or more"),
    ],
)
def test_a_length_is_told_by_its_bounds(least: int | None, most: int | None, said: str) -> None:
    assert headlines.length(least, most) == said


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (["it rose in the north", "it rose in the south"], ["it rose in the north and south"]),
        (["poor roads", "poor schools"], ["poor roads", "poor schools"]),
        (["a trained border police force", "an equipped border police force"],
         ["a trained border police force", "an equipped border police force"]),
        (["trained border police force", "equipped border police force"],
         ["trained and equipped border police force"]),
        (["it fell here", "it fell here"], ["it fell here"]),
    ],
)  # fmt: skip
def test_neighbors_say_once_what_they_share(parts: list[str], said: list[str]) -> None:
    assert headlines.fold(parts) == said


@pytest.mark.parametrize(
    ("name", "short", "told"),
    [
        ("African Union", "African Union", "the African Union"),
        ("Group of Five (G5)", "Group of Five (G5)", "the Group of Five (G5)"),
        ("Economic Community (ECOWAS)", "ECOWAS", "the Economic Community (ECOWAS)"),
        ("Soumaila Cissé", "Soumaila Cissé", "Soumaila Cissé"),
        ("armed Group", "armed Group", "armed Group"),
        ("Sahara Branch of a group", "Sahara Branch of a group", "the Sahara Branch of a group"),
    ],
)
def test_a_name_in_short_and_within_a_sentence(name: str, short: str, told: str) -> None:
    assert headlines.the(name) == told
    assert headlines.short(name) == short.partition(" (")[0]


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([], ""),
        ([4], "sentence 4"),
        ([5, 4], "sentences 4, 5"),
        ([4, 5, 6], "sentences 4–6"),
        ([1, 2, 3, 7, 9], "sentences 1–3, 7, 9"),
    ],
)
def test_sentences_stand_by_number_a_row_by_its_ends(numbers: list[int], said: str) -> None:
    told = headlines.Headline("So it is.", 1, None, [], [], [f"p{n}" for n in numbers], numbers)
    assert str(told) == (f"So it is. [{said}]" if said else "So it is.")


def test_beyond_three_origins_only_their_number_stands_behind_a_sentence() -> None:
    urls = [f"https://{name}.example/a" for name in "abcde"]
    told = {n: headlines.Headline("So it is.", 1, None, [], [], [], [], urls[:n]).to_html() for n in (3, 4, 5)}
    assert "more origin" not in told[3] and told[3].count("<a ") == 3
    assert "one more origin]" in told[4] and "two more origins]" in told[5]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("so it is", "So it is."),
        (" is it so? ", "Is it so?"),
        ("so it is.", "So it is."),
        ("“so.”", "“so.”"),
        ("", "."),
    ],
)
def test_a_sentence_has_its_capital_and_one_stop(text: str, said: str) -> None:
    assert headlines.finish(text) == said


def test_only_a_name_in_capitals_keeps_them_within_a_sentence() -> None:
    assert headlines.inside("Siege of Farabougou") == "siege of Farabougou"
    assert headlines.inside("ISIS claim") == "ISIS claim"
