"""Sentences that hold the chapter against others carry its words, the sources, and the verdict."""

import mali_analysis as mali
from mali_analysis import charts


def test_the_measured_sentences_carry_figures_verdict_and_sources(report) -> None:
    spread, distance, lengths = (
        mali.describe_spread(report),
        mali.describe_distance(report),
        mali.describe_lengths(report),
    )
    for words in ("164", "178", "185", "342", "“spread over 400 miles”", "depends on how the chapter is read"):
        assert words in spread.text
    for words in ("172 to 216", "260", "depends on how the chapter is read"):
        assert words in distance.text
    for words in ("4,501", "4,914", "4,500", "the chapter agrees", "the chapter differs"):
        assert words in lengths.text
    for made in (spread, distance, lengths):
        assert made.spans and made.passages and made.sources


def test_silence_is_told_as_silence(report) -> None:
    text = mali.describe_silence(report).text
    assert "does not mention" in text and "does not say that these are lacking" in text


def test_an_empty_choice_is_told_in_words(report) -> None:
    none = mali.select_incidents(report, "2020-01-01", "2020-01-02")
    for describe in (mali.describe_places, mali.describe_drift, mali.describe_unsaid):
        assert describe(report, none).record_ids == []
    assert mali.describe_durations(report, mali.summarise_durations(none)).record_ids == []
    assert mali.describe_verdicts(report, mali.compare_claims(report, ["firmer"], ["financing"])).value == 0
    assert "no place" not in charts.draw(mali.plot_map(report, none)).text


def test_what_is_told_of_durations_follows_from_the_bounds(report) -> None:
    table = mali.summarise_durations(mali.select_incidents(report, "2020-01-01", "2020-12-31")).set_index("record_id")
    assert (table.loc["inc-rockets", ["at_least", "at_most"]] == 0).all()
    assert tuple(table.loc["inc-cisse", ["at_least", "at_most"]]) == (
        190,
        199,
    )  # 25 March to 1 or 10 October
    assert table["at_most"].isna().to_dict()["inc-farabougou"]
