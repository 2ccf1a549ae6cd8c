"""Obligations, silence, and border lengths."""

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
    assert len(lengths) == 7
    assert lengths["older_km"].sum() == 7243 and lengths["newer_km"].sum() == 7908
    assert round(lengths["older_miles"].sum()) == 4501 and round(lengths["newer_miles"].sum()) == 4914


def test_the_border_is_an_area_of_the_findings(chapter) -> None:
    border = borders.select_border(chapter)
    assert set(border["area"]) == {"border"}
    assert borders.say_levels(chapter, border).unit == "border capabilities"


def test_the_lengths_carry_figures_verdicts_and_sources(chapter) -> None:
    said = borders.say_lengths(chapter)
    for words in ("4,501", "4,914", "4,500", "the chapter agrees", "the chapter differs"):
        assert words in said.text
    assert said.spans and said.passages and said.sources
    assert "about 4,500 miles" in borders.say_numbers(chapter).text
    assert borders.say_progress(chapter).value == "little"


def test_silence_is_told_as_silence(chapter) -> None:
    text = borders.say_silence(chapter).text
    assert "does not mention" in text and "does not say that these are lacking" in text


def test_standards_and_remedies_are_counted(chapter) -> None:
    links = borders.link_standards(chapter)
    standings = borders.summarize_standards(chapter, links)
    assert borders.say_standards(chapter, links, standings).value == (standings["deficits"] > 0).sum() > 0
    remedies = borders.group_remedies(chapter, list(borders.select_border(chapter)["record_id"]))
    assert borders.say_remedies(chapter, remedies).value == (remedies["rests_on"] == "procedure").sum()
