"""How the chapter was read, and how far codings agree."""

import re
from dataclasses import replace

import pytest

from mali_analysis import charts, reading


def test_every_sentence_yields_a_record(chapter) -> None:
    counts = reading.count_records(chapter)
    assert len(counts) == 44 and (counts["records"] > 0).all()
    assert reading.say_coverage(chapter, counts).value == 44
    assert reading.summarize_sections(chapter)["sentences"].sum() == 44


def test_sentences_that_yield_nothing_and_those_that_yield_most_are_told(chapter) -> None:
    counts = reading.count_records(chapter)
    some = counts.assign(records=counts["records"].where(counts.index > 2, 0))
    assert reading.say_coverage(chapter, some).text.startswith("41 of 44 sentences yield records; ")
    assert reading.say_coverage(chapter, counts).text.startswith("All 44 sentences yield records; ")
    most = int(counts["records"].max())
    for few, told in ((1, "Sentence 1 yields most records"), (2, "Sentences 1 and 2 yield most records"),
                      (3, "Sentences 1, 2 and 3 yield most records")):  # fmt: skip
        dense = counts.assign(records=counts["records"].where(counts.index >= few, most + 1).clip(upper=most + 1))
        each = " each" * (few > 1)
        assert reading.plot_coverage(chapter, dense).figure.get_label() == f"{told} ({most + 1}{each})."


def test_a_section_of_which_nothing_is_coded_has_no_records(chapter) -> None:
    sections = chapter.passages_of(chapter.evidence["start"])
    left = chapter.evidence[list(chapter.passages.loc[sections, "section"] != "financing")]
    table = reading.summarize_sections(replace(chapter, tables=chapter.tables | {"evidence": left}))
    (bare,) = table[table["section"] == chapter.section_titles["financing"]].itertuples()
    assert bare.sentences > 0 and (bare.records, bare.values, bare.inferred) == (0, 0, 0)


def test_words_outside_all_evidence_are_listed(chapter) -> None:
    unread = reading.list_unread(chapter)
    references = [reference for found in unread["sentence"] for reference in found]
    assert {reference.passage for reference in references} <= set(chapter.passages["passage"])
    assert unread["words"].is_unique and any(len(found) > 1 for found in unread["sentence"])
    assert reading.list_unread(chapter, ["financing"]).shape[0] < len(unread)


def test_stated_and_inferred_values_add_up(chapter) -> None:
    values = chapter.evidence[chapter.evidence["column"] != "*"]
    said = reading.say_basis(chapter)
    assert said.value == (values["basis"] == "inferred").sum()
    assert reading.list_inferences(chapter)["values"].sum() == said.value
    assert reading.summarize_sections(chapter)[["inferred", "values"]].sum().to_list() == [said.value, len(values)]


def test_agreement_is_told_and_so_is_that_nobody_else_has_coded(chapter, invented) -> None:
    for coded in (chapter, invented):
        table = reading.compare_codings(coded)
        said, drawn = reading.say_agreement(coded, table), charts.draw(reading.plot_agreement(coded, table)).text
        known = table[table["alpha"].notna()]
        if known.empty:
            assert "nobody else" in said.text.lower() and "Nobody else" in drawn
            continue
        assert said.value == round(known["alpha"].min(), 2)
        for row in known[known["alpha"] < reading.GOOD].itertuples():
            name = f"{row.variable} of {row.table}".replace("_", " ")
            told = re.search(rf"{name} \((0\.\d+)\)", said.text)
            assert told and float(told[1]) < reading.GOOD and abs(float(told[1]) - row.alpha) < 0.01
        assert all(f"{row.table}: {row.variable}".replace("_", " ") in drawn for row in known.itertuples())


@pytest.mark.parametrize(
    ("alpha", "said"), [(0.75, "(0.75)"), (0.797, "(0.797)"), (0.7999, "(0.799)"), (0.8, "an alpha of 0.80 or above")]
)
def test_an_alpha_just_too_low_has_as_many_digits_as_show_it(chapter, alpha: float, said: str) -> None:
    told = reading.say_agreement(chapter, reading.compare_codings(chapter).tail(1).assign(alpha=alpha)).text
    assert said in told and ("less well" in told) == (alpha < 0.8)


@pytest.mark.parametrize(("low", "edge"), [(0.5, -0.02), (-0.4, -0.42)])
def test_an_interval_below_zero_lies_within_the_picture(chapter, low: float, edge: float) -> None:
    axes = reading.plot_agreement(chapter, reading.compare_codings(chapter).assign(low=low))
    assert axes.get_xlim()[0] == pytest.approx(edge)
    charts.draw(axes)
