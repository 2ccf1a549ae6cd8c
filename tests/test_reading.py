"""How the chapter was read, and how far codings agree."""

import re

import pytest

from mali_analysis import charts, reading


def test_every_sentence_yields_a_record(chapter) -> None:
    counts = reading.count_records(chapter)
    assert len(counts) == 44 and (counts["records"] > 0).all()
    assert reading.say_coverage(chapter, counts).value == 44
    assert reading.summarize_sections(chapter)["sentences"].sum() == 44


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


def test_every_party_is_listed_with_its_kind_and_ties(chapter, invented) -> None:
    for coded in (chapter, invented):
        parties = reading.list_parties(coded)
        assert sorted(parties["record_id"]) == sorted(coded.actors["record_id"])
        tied = parties.loc[parties["ties"] != "–", "record_id"]
        assert set(tied) == set(coded.affiliations["member_id"])
        said = reading.say_parties(coded, parties)
        assert said.value == (coded.actors["kind"] == "terrorist_group").sum()
    (tie,) = invented.affiliations[invented.affiliations["relation"] == "leads"].itertuples()
    leader = parties.set_index("record_id").loc[tie.member_id]
    assert leader["ties"] == "leads LJG" and leader["kind"] == "person"


def test_where_no_group_and_no_attacker_is_named_it_is_said(chapter) -> None:
    some = reading.list_parties(chapter, ["financing"])
    assert 0 < len(some) < len(chapter.actors)
    text = reading.say_parties(chapter, some).text
    assert text == "No terrorist groups are named; no other parties are described only as attackers, without a name."


def test_every_coded_value_stands_in_a_table_in_words(chapter, invented) -> None:
    for coded in (chapter, invented):
        shown = {t.caption: t for t in reading.tabulate_records(coded)}
        told = {i: text for t in shown.values() for i, text in zip(t.records, t.frame["coded as"], strict=True)}
        assert set(told) == set(coded.records.index) - set(coded.actors["record_id"])
        for row in coded.incidents.itertuples():
            killed = row.killed if str(row.killed_status) == "given" else str(row.killed_status).replace("_", " ")
            assert f"killed: {killed}" in told[row.record_id]
        for row in coded.involvements.itertuples():
            assert f"role: {coded.word('involvements', row.record_id, 'role')}" in told[row.record_id]
        assert not any("_" in text or "<NA>" in text or "nan" in text.split() for text in told.values())
    few = {i for t in reading.tabulate_records(coded, ["overview"]) for i in t.records}
    assert 0 < len(few) < len(told)


def test_what_is_kept_of_each_report_stands_beside_its_source(chapter, invented) -> None:
    for coded in (chapter, invented):
        shown = {
            i: row
            for t in reading.tabulate_reports(coded)
            for i, row in zip(t.records, t.frame.itertuples(), strict=True)
        }
        for row in coded.claims.itertuples():
            told = shown[row.record_id]
            assert told.source.url == row.source_url and told.accessed == f"{row.accessed:%Y-%m-%d}"
            assert f"publisher: {row.publisher}" in told.kept and (row.question == told.what)
        assert set(coded.outside_figures["record_id"]) <= set(shown)


@pytest.mark.parametrize(("alpha", "said"), [(0.75, "(0.75)"), (0.797, "(0.797)"), (0.8, "an alpha of 0.80 or above")])
def test_an_alpha_just_too_low_has_as_many_digits_as_show_it(chapter, alpha: float, said: str) -> None:
    told = reading.say_agreement(chapter, reading.compare_codings(chapter).tail(1).assign(alpha=alpha)).text
    assert said in told and ("less well" in told) == (alpha < 0.8)


@pytest.mark.parametrize(("low", "edge"), [(0.5, -0.02), (-0.4, -0.42)])
def test_an_interval_below_zero_lies_within_the_picture(chapter, low: float, edge: float) -> None:
    axes = reading.plot_agreement(chapter, reading.compare_codings(chapter).assign(low=low))
    assert axes.get_xlim()[0] == pytest.approx(edge)
    charts.draw(axes)
