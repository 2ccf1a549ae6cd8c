"""Assessed capabilities and the links between them."""

from dataclasses import replace

import pandas as pd

from mali_analysis import findings
from mali_analysis.findings import CONCEDED, FOLLOWS, GAP, IN_PLACE, OPEN, REPEATS, select_findings, select_links


def test_two_agencies_with_three_defects_are_three_findings(chapter) -> None:
    police = select_findings(chapter, ["border"], agencies=["act-border-police"])
    assert list(police["level"]) == ["present", "deficient", "deficient", "lacking"]
    assert {len(ids) for ids in police["agency_ids"]} == {2}


def test_groups_choose(chapter) -> None:
    assert set(select_findings(chapter, groups=["goods"])["group"]) == {"goods"}


def test_what_repeats_or_follows_is_no_gap_of_its_own(chapter) -> None:
    border = select_findings(chapter, ["border"]).set_index("record_id")["standing"]
    assert border["fnd-territorial-control"] == REPEATS and border["fnd-authentication"] == FOLLOWS
    assert border["fnd-interpol-notices"] == CONCEDED and border["fnd-customs-goods"] == IN_PLACE
    assert border["fnd-unscr-2396"] == OPEN  # progress is no level
    said = findings.say_gaps(chapter, select_findings(chapter, ["border"]))
    assert said.value == (border == GAP).sum() == 8


def test_a_gap_is_somebodys_or_nobodys(chapter) -> None:
    border = select_findings(chapter, ["border"])
    whose = border.set_index("record_id")["whose"]
    assert whose["fnd-pki-sharing"] == "the state" and whose["fnd-interpol-database"] == "nobody named"
    assert whose["fnd-borders-porous"] == "the state"  # as where the chapter says it again
    gaps = border[border["standing"] == GAP]
    assert findings.say_holders(chapter, border).value == (gaps["whose"] == "nobody named").sum()


def test_what_escapes_blame_is_said(chapter) -> None:
    text = findings.say_rest(chapter, select_findings(chapter, ["border"])).text
    assert "without criticism, customs officials who monitor the flow of goods" in text
    assert "biometric" not in text  # it is in place, with a but


def test_a_group_is_told_by_its_phrase_where_all_its_gaps_are_meant(chapter) -> None:
    people = ["fnd-border-staffing", "fnd-border-training", "fnd-border-equipment"]
    assert (
        findings.tell_gaps(chapter, people) == chapter.groups.set_index("record_id").loc["grp-border-people", "phrase"]
    )
    assert findings.tell_gaps(chapter, people[:1]) == "an understaffed gendarmerie and border police"


def test_financing_has_four_causes_and_no_more(chapter) -> None:
    links = select_links(chapter, ["fnd-cft-effectiveness"])
    assert list(links["relation"]) == ["causes"] * 4


def test_one_is_told_as_one_and_more_are_counted(chapter) -> None:
    every = select_findings(chapter)
    gaps, after = (every[every["standing"] == kind] for kind in (GAP, FOLLOWS))
    for few, told in (
        (1, "One more is a consequence, not a gap of its own"),
        (2, "Two more are consequences, not gaps"),
    ):
        assert told in findings.say_gaps(chapter, pd.concat([gaps, after.head(few)])).text
    nobodys, somebodys = (gaps[(gaps["whose"] == "nobody named") == named] for named in (True, False))
    for few, told in ((1, "the one gap"), (2, "any of the gaps")):
        assert findings.say_holders(chapter, nobodys.head(few)).text == f"The chapter names nobody for {told}."
    alike = somebodys[somebodys["whose"] == somebodys["whose"].iloc[0]]
    assert findings.say_holders(chapter, alike.head(1)).text.startswith("The chapter attributes the one gap to ")
    assert findings.say_holders(chapter, alike.head(2)).text.startswith("The chapter attributes all gaps to ")


def test_where_there_is_no_fault_all_that_is_reported_is_told(chapter, invented) -> None:
    for coded in (chapter, invented):
        sound = select_findings(coded)
        sound = sound[~sound["standing"].isin([GAP, REPEATS, FOLLOWS])]
        groups = findings.summarize_groups(coded, sound)
        text = findings.say_faults(coded, sound).text
        assert text.startswith("The chapter finds no fault here: it reports ")
        assert all(phrase in text for phrase in groups["phrase"])


def test_nothing_selected_is_told_in_words(chapter) -> None:
    nothing = select_findings(chapter, ["law"], ["goods"])
    says = (findings.say_faults, findings.say_gaps, findings.say_concessions, findings.say_consequences,
            findings.say_holders)  # fmt: skip
    for say in says:
        assert say(chapter, nothing).value == 0, say.__name__
    assert findings.say_groups(chapter, nothing) == []


def test_causes_are_the_chapters_own(chapter) -> None:
    law, courts = findings.say_groups(chapter, select_findings(chapter, ["law", "law_enforcement"]))
    assert "due to the outbreak of COVID-19" in law.text and "; the coup d’état made this worse" in law.text
    assert "although the overhaul of the laws against terrorism was suspended" in courts.text
    money = findings.say_groups(chapter, select_findings(chapter, ["financing"]))[0]
    assert money.text.count("because of") == 1  # the phrase of the group has its causes


def test_unclear_is_not_the_same_as_not_stated(chapter) -> None:
    states = {row.record_id: findings.tell_state(chapter, row) for row in chapter.findings.itertuples()}
    assert states["fnd-future-plan"] == "unclear" and states["fnd-cve-strategy"] == "not done yet"
    assert states["fnd-accord"] == "limited progress" and states["fnd-unscr-2396"] == "little progress"
    silent = chapter.findings.assign(change=None, level_status="not_stated", level=None, modality="happened")
    assert {findings.tell_state(chapter, row) for row in silent.itertuples()} == {"not stated"}


def test_a_gap_mended_changes_the_sentence(chapter) -> None:
    table = chapter.findings.assign(level="present", deficit=None)
    sound = replace(chapter, tables=chapter.tables | {"findings": table, "links": chapter.links.head(0)})
    said = findings.say_faults(sound, select_findings(sound, ["border"]))
    assert said.value == 0 and "no fault" in said.text
