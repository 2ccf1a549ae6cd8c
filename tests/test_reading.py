"""How the chapter was read, and how far codings agree."""

from mali_analysis import charts, reading


def test_every_sentence_yields_a_record(chapter) -> None:
    counts = reading.count_records(chapter)
    assert len(counts) == 44 and (counts["records"] > 0).all()
    assert reading.say_coverage(chapter, counts).value == 44
    assert reading.summarize_sections(chapter)["sentences"].sum() == 44


def test_words_outside_all_evidence_are_listed(chapter) -> None:
    unread = reading.list_unread(chapter)
    assert set(unread["passage"]) <= set(chapter.passages["passage"])
    assert reading.list_unread(chapter, ["financing"]).shape[0] < len(unread)


def test_stated_and_inferred_values_add_up(chapter) -> None:
    values = chapter.evidence[chapter.evidence["column"] != "*"]
    said = reading.say_basis(chapter)
    assert said.value == (values["basis"] == "inferred").sum()
    rows = (chapter.evidence["basis"] == "inferred").sum()
    assert reading.list_inferences(chapter)["values"].sum() == rows


def test_agreement_is_told_with_its_range(chapter) -> None:
    table, settled = reading.compare_codings(chapter), reading.list_disagreements(chapter)
    said = reading.say_agreement(chapter, table, settled)
    assert f"{said.value:.2f} to 1.00" in said.text
    assert len(charts.draw(reading.plot_agreement(table)).text.split(";")) >= 5
    figures = reading.compare_figures(chapter)
    assert reading.say_stability(chapter, figures).value == (~figures["same"]).sum()
