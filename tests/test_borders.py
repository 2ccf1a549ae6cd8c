"""Obligations, silence, and border lengths."""

from dataclasses import replace

import pandas as pd
import pytest

from mali_analysis import borders


def test_silence_is_nowhere_a_gap(chapter) -> None:
    links = borders.link_standards(chapter)
    standings = borders.summarize_standards(chapter, links).set_index("record_id")
    silent = set(links.loc[links["bearing"] == "silent", "standard_id"])
    assert silent
    for standard in silent:
        assert standings.loc[standard, "deficits"] == 0
        assert standings.loc[standard, "standing"] == "chapter silent"
    counted = set(standings[standings["deficits"] > 0].index)
    assert not counted & silent
    assert counted == set(links.loc[links["bearing"] == "negative", "standard_id"])


def test_a_standard_is_silent_exactly_where_the_chapter_uses_none_of_its_words(chapter) -> None:
    links = chapter.standard_links.groupby("standard_id")["bearing"].agg(set)
    for row in chapter.standards.itertuples():
        said = any(term.lower() in chapter.text.lower() for term in row.terms.split("|"))
        assert said or links[row.record_id] <= {"silent", "not_in_force"}, row.record_id
        assert not (said and "silent" in links[row.record_id]), row.record_id


def test_the_general_remark_names_no_obligation(chapter) -> None:
    links = chapter.standard_links[chapter.standard_links["finding_id"] == "fnd-unscr-2396"]
    assert list(links["bearing"]) == ["unspecified"]


def test_a_negative_link_rests_on_a_deficit(chapter) -> None:
    levels = chapter.findings.set_index("record_id")["level"]
    links = chapter.standard_links
    assert set(levels.loc[links.loc[links["bearing"] == "negative", "finding_id"]]) <= {"deficient", "lacking"}
    positive = links.loc[links["bearing"] == "positive", "finding_id"]
    assert set(levels.loc[positive]) == {"present"}


def test_every_border_deficit_has_a_remedy_and_nothing_else_has(chapter) -> None:
    border = chapter.findings[
        (chapter.findings["area"] == "border") & chapter.findings["level"].isin(["deficient", "lacking"])
    ]
    assert sorted(chapter.remedies["finding_id"]) == sorted(border["record_id"])


def test_the_totals_of_the_border_lengths(chapter) -> None:
    lengths = borders.compare_lengths(chapter)
    assert list(lengths["sum"]) == [4501, 4914] and list(lengths["neighbors"]) == [7, 7]
    assert list(lengths["longer_percent"]) == [0, 9]
    said = borders.say_lengths(chapter)
    for words in ("about 4,500 miles", "4,501", "4,914", "9 percent more"):
        assert words in said.text
    assert said.spans and said.passages and said.sources


def test_a_length_that_changes_changes_the_sentence(chapter) -> None:
    table = chapter.quantities.assign(best=chapter.quantities["best"].where(chapter.quantities["best"] != 4500, 9000))
    longer = replace(chapter, tables=chapter.tables | {"quantities": table})
    assert "percent less" in borders.say_lengths(longer).text


@pytest.mark.parametrize(("best", "told"), [(4545, "1 percent less"), (4455, "1 percent more"), (4501, "the same")])
def test_a_length_that_differs_by_one_percent_is_told_as_more_or_less(chapter, best: int, told: str) -> None:
    number = chapter.quantities.assign(best=chapter.quantities["best"].mask(chapter.quantities["best"] == 4500, best))
    other = replace(chapter, tables=chapter.tables | {"quantities": number})
    assert f"4,501 miles in the edition of 1999, {told}" in borders.say_lengths(other).text
    people = replace(other, tables=other.tables | {"quantities": number.assign(unit="person")})
    assert "gives no length of the borders" in borders.say_lengths(people).text


@pytest.mark.parametrize(("few", "gaps"), [(1, "the one gap"), (2, "the two gaps")])
def test_one_gap_is_one_and_more_are_counted(chapter, few: int, gaps: str) -> None:
    remedies = borders.group_remedies(chapter, borders.select_border(chapter))
    open_still = remedies.head(few).assign(within_reach_of="")
    assert borders.say_remedies(chapter, open_still).text == f"We have not judged what would mend {gaps}."
    needy = remedies[remedies["within_reach_of"] == "donors"].head(few)
    assert borders.say_means(chapter, needy).text.startswith(f"For {gaps} that donors could mend, ")


def test_silence_is_told_as_silence(chapter) -> None:
    links = borders.link_standards(chapter)
    text = borders.say_standards(chapter, links, borders.summarize_standards(chapter, links)).text
    assert "does not mention advance passenger information" in text and "silence is not a gap" in text
    assert "UNSCR 2396 on border security made little progress" in text


def test_standards_and_remedies_are_counted(chapter) -> None:
    links = borders.link_standards(chapter)
    standings = borders.summarize_standards(chapter, links)
    assert borders.say_standards(chapter, links, standings).value == (standings["deficits"] > 0).sum() > 0
    remedies = borders.group_remedies(chapter, borders.select_border(chapter))
    assert borders.say_remedies(chapter, remedies).value == (remedies["within_reach_of"] == "donors").sum()
    assert len(remedies) == 8 and remedies["why"].notna().all()


def test_gaps_that_need_donors_are_joined_with_what_is_restricted(chapter, invented) -> None:
    remedies = borders.group_remedies(chapter, borders.select_border(chapter))
    said = borders.say_means(chapter, remedies)
    assert said.value == 1 and "foreign assistance, including security assistance, for the government" in said.text
    assert said.text.startswith("For the three gaps that donors could mend, others name support, past or planned, by ")
    assert borders.say_means(chapter, remedies.iloc[2:3]).text.startswith("For the one gap that donors could mend, ")
    assert "cooperation.p1.s2" in said.passages
    theirs = borders.group_remedies(invented, borders.select_border(invented))
    assert borders.say_means(invented, theirs).value == 0


def test_support_that_others_report_stands_beside_its_gap(chapter, invented) -> None:
    remedies = borders.group_remedies(chapter, borders.select_border(chapter))
    support = borders.select_support(chapter, remedies)
    assert set(support["gap"]) <= set(remedies["gap"]) and set(support["stage"]) == {"given", "planned", "halted"}
    paid = remedies[remedies["support, by other reports"].notna()]
    assert set(support["gap"]) == set(paid["gap"])
    theirs = borders.group_remedies(invented, borders.select_border(invented))
    assert list(borders.select_support(invented, theirs)) == list(support)


@pytest.mark.parametrize(
    ("editions", "told"),
    [
        (1, "add up to 4,501 miles in the edition of 1999, the same."),
        (2, "miles in the edition of 1999, the same, and to 4,914 miles in the newer edition, 9 percent more."),
        (
            3,
            "to 4,914 miles in the newer edition, 9 percent more, and to 9,001 miles in the edition of 1989, ",
        ),
    ],
)
def test_the_lengths_of_every_edition_are_told_in_turn(chapter, editions: int, told: str) -> None:
    table = chapter.land_borders
    first = table[table["edition"] == table["edition"].iloc[0]]
    other = first.assign(edition="another", published="1989", km=2 * first["km"])
    parts = [first, table.drop(first.index), other][:editions]
    altered = replace(chapter, reference=chapter.reference | {"land_borders": pd.concat(parts)})
    assert told in borders.say_lengths(altered).text
