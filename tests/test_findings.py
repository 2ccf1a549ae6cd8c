from mali_analysis.findings import count_levels, label, select_findings, select_links


def test_two_agencies_with_three_defects_are_three_findings(report) -> None:
    police = select_findings(report, ["border"], agencies=["act-border-police"])
    assert list(police["level"]) == ["present", "deficient", "deficient", "lacking"]
    assert {len(ids) for ids in police["agency_ids"]} == {2}


def test_domains_choose(report) -> None:
    assert set(select_findings(report, domains=["customs"])["domain"]) == {"customs"}


def test_levels_add_up(report) -> None:
    findings = select_findings(report)
    assert count_levels(findings)["findings"].sum() == len(findings) == len(report.findings)


def test_financing_has_four_causes_and_no_more(report) -> None:
    links = select_links(report, ["fnd-cft-effectiveness"])
    assert list(links["relation"]) == ["causes"] * 4


def test_a_link_ends_at_the_suspension_and_not_at_the_overhaul(report) -> None:
    assert label(report, "fnd-overhaul") == "overhaul of the laws against terrorism (suspended)"
