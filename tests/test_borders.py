"""Obligations, silence, and border lengths."""

from mali_analysis import borders


def test_silence_is_nowhere_a_gap(report) -> None:
    links = borders.link_standards(report)
    standings = borders.summarise_standards(report, links).set_index("record_id")
    silent = set(links.loc[links["bearing"] == "silent", "standard_id"])
    assert silent
    for standard in silent:
        assert standings.loc[standard, "deficits"] == 0
        assert standings.loc[standard, "standing"] == "chapter silent"
    counted = set(standings[standings["deficits"] > 0].index)
    assert not counted & silent
    assert counted == set(links.loc[links["bearing"] == "negative", "standard_id"])


def test_a_standard_is_silent_exactly_where_the_chapter_uses_none_of_its_words(report) -> None:
    links = report.standard_links.groupby("standard_id")["bearing"].agg(set)
    for row in report.standards.itertuples():
        said = any(term.lower() in report.text.lower() for term in row.terms.split("|"))
        assert said or links[row.record_id] <= {"silent", "not_in_force"}, row.record_id
        assert not (said and "silent" in links[row.record_id]), row.record_id


def test_the_general_remark_names_no_obligation(report) -> None:
    links = report.standard_links[report.standard_links["finding_id"] == "fnd-unscr-2396"]
    assert list(links["bearing"]) == ["unspecified"]


def test_a_negative_link_rests_on_a_deficit(report) -> None:
    levels = report.findings.set_index("record_id")["level"]
    links = report.standard_links
    assert set(levels.loc[links.loc[links["bearing"] == "negative", "finding_id"]]) <= {"deficient", "lacking"}
    positive = links.loc[links["bearing"] == "positive", "finding_id"]
    assert set(levels.loc[positive]) == {"present"}


def test_every_border_deficit_has_a_remedy_and_nothing_else_has(report) -> None:
    border = report.findings[
        (report.findings["area"] == "border") & report.findings["level"].isin(["deficient", "lacking"])
    ]
    assert sorted(report.remedies["finding_id"]) == sorted(border["record_id"])


def test_the_totals_of_the_border_lengths(report) -> None:
    lengths = borders.compare_lengths(report)
    assert len(lengths) == 7
    assert lengths["older_km"].sum() == 7243 and lengths["newer_km"].sum() == 7908
    assert round(lengths["older_miles"].sum()) == 4501 and round(lengths["newer_miles"].sum()) == 4914
