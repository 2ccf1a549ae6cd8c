"""Assessed capabilities and the links between them."""

from dataclasses import replace

from mali_analysis import findings
from mali_analysis.findings import count_levels, select_findings, select_links


def test_two_agencies_with_three_defects_are_three_findings(chapter) -> None:
    police = select_findings(chapter, ["border"], agencies=["act-border-police"])
    assert list(police["level"]) == ["present", "deficient", "deficient", "lacking"]
    assert {len(ids) for ids in police["agency_ids"]} == {2}


def test_groups_choose(chapter) -> None:
    assert set(select_findings(chapter, groups=["goods"])["group"]) == {"goods"}


def test_levels_add_up(chapter) -> None:
    findings = select_findings(chapter)
    assert count_levels(findings)["findings"].sum() == len(findings) == len(chapter.findings)


def test_financing_has_four_causes_and_no_more(chapter) -> None:
    links = select_links(chapter, ["fnd-cft-effectiveness"])
    assert list(links["relation"]) == ["causes"] * 4


def test_a_link_ends_at_the_suspension_and_not_at_the_overhaul(chapter) -> None:
    assert chapter.label("fnd-overhaul") == "overhaul of the laws against terrorism"


def test_levels_are_counted_by_code(chapter) -> None:
    said = findings.say_levels(chapter, select_findings(chapter, ["border"]))
    assert said.value == 12 and "ten deficient and two lacking" in said.text
    assert "no defect" not in findings.say_agencies(chapter, select_findings(chapter, ["border"])).text


def test_nothing_selected_is_told_in_words(chapter) -> None:
    nothing = select_findings(chapter, ["law"], ["goods"])
    assert "no capabilities" in findings.say_levels(chapter, nothing).text
    assert "no defect" in findings.say_agencies(chapter, nothing).text


def test_causes_are_the_chapters_own(chapter) -> None:
    assert "due to" in findings.say_law(chapter).text and "made worse by" in findings.say_law(chapter).text
    assert findings.say_causes(chapter).value == 4


def test_of_prevention_only_kinds_that_occur_are_told(chapter) -> None:
    table = chapter.findings
    assert "calls one not done yet (strategy" in findings.say_prevention(chapter).text
    silent = table.assign(change=None, level_status="not_stated", level=None)
    plain = replace(chapter, tables=chapter.tables | {"findings": silent})
    assert findings.say_prevention(plain).text.endswith("the chapter calls none lacking or unclear.")
