"""Parties, records and reports with all that is kept of them."""

from mali_analysis import register


def test_every_party_is_listed_with_its_kind_and_ties(chapter, invented) -> None:
    for coded in (chapter, invented):
        parties = register.list_parties(coded)
        assert sorted(parties["record_id"]) == sorted(coded.actors["record_id"])
        tied = parties.loc[parties["ties"] != "–", "record_id"]
        assert set(tied) == set(coded.affiliations["member_id"])
        said = register.say_parties(coded, parties)
        assert said.value == (coded.actors["kind"] == "terrorist_group").sum()
    (tie,) = invented.affiliations[invented.affiliations["relation"] == "leads"].itertuples()
    leader = parties.set_index("record_id").loc[tie.member_id]
    assert leader["ties"] == "leads LJG" and leader["kind"] == "person"


def test_where_no_group_and_no_attacker_is_named_it_is_said(chapter) -> None:
    some = register.list_parties(chapter, ["financing"])
    assert 0 < len(some) < len(chapter.actors)
    text = register.say_parties(chapter, some).text
    assert text == "No terrorist groups are named; no other parties are described only as attackers, without a name."


def test_every_coded_value_stands_in_a_table_in_words(chapter, invented) -> None:
    for coded in (chapter, invented):
        shown = {t.caption: t for t in register.tabulate_records(coded)}
        told = {i: text for t in shown.values() for i, text in zip(t.records, t.frame["coded as"], strict=True)}
        assert set(told) == set(coded.records.index) - set(coded.actors["record_id"])
        for row in coded.incidents.itertuples():
            killed = row.killed if str(row.killed_status) == "given" else str(row.killed_status).replace("_", " ")
            assert f"killed: {killed}" in told[row.record_id]
        for row in coded.involvements.itertuples():
            assert f"role: {coded.word('involvements', row.record_id, 'role')}" in told[row.record_id]
        assert not any("_" in text or "<NA>" in text or "nan" in text.split() for text in told.values())
    few = {i for t in register.tabulate_records(coded, ["overview"]) for i in t.records}
    assert 0 < len(few) < len(told)


def test_what_is_kept_of_each_report_stands_beside_its_source(chapter, invented) -> None:
    for coded in (chapter, invented):
        shown = {
            i: row
            for t in register.tabulate_reports(coded)
            for i, row in zip(t.records, t.frame.itertuples(), strict=True)
        }
        for row in coded.claims.itertuples():
            told = shown[row.record_id]
            assert told.source.url == row.source_url and told.accessed == f"{row.accessed:%Y-%m-%d}"
            assert f"publisher: {row.publisher}" in told.kept and told.says == row.says and row.question == told.what
        for row in coded.questions.itertuples():
            assert f"statement: {row.statement}" in shown[row.record_id].kept
        assert set(coded.outside_figures["record_id"]) <= set(shown)
