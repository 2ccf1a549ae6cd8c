from mali_analysis.incidents import select_incidents, select_phases, summarise_attributions, summarise_roles

YEAR = ("2020-01-01", "2020-12-31")


def ids(table) -> list[str]:
    return list(table["record_id"])


def test_a_period_keeps_what_may_have_gone_on_in_it(report) -> None:
    assert ids(select_incidents(report, "2020-04-01", "2020-04-30")) == ["inc-bridges", "inc-cisse"]
    assert ids(select_incidents(report, "2020-12-01", "2020-12-31")) == ["inc-bridges", "inc-farabougou"]
    assert ids(select_incidents(report, "2020-01-01", "2020-01-31")) == []


def test_actors_regions_and_types_choose(report) -> None:
    assert ids(select_incidents(report, *YEAR, actors=["act-jnim"])) == ["inc-cisse", "inc-rockets"]
    assert ids(select_incidents(report, *YEAR, regions=["center"])) == ["inc-bridges"]
    assert ids(select_incidents(report, *YEAR, regions=["mopti"])) == []
    assert ids(select_incidents(report, *YEAR, event_types=["siege"])) == ["inc-farabougou"]


def test_phases_keep_the_chapters_modality(report) -> None:
    phases = select_phases(report, select_incidents(report, *YEAR)).set_index("record_id")
    assert phases.loc["ph-cisse-exchange", "modality"] == "agreed"
    assert phases.loc["ph-farabougou-relief", "outcome"] == "failed"
    assert (phases["modality"] == "presupposed").sum() == 1


def test_attribution_drifts_within_the_bridges(report) -> None:
    phases = select_phases(report, select_incidents(report, *YEAR, event_types=["infrastructure_attack"]))
    assert list(summarise_attributions(report, phases)["attribution"]) == ["unidentified", "unnamed"]


def test_roles_say_who_did_what_to_whom(report) -> None:
    roles = summarise_roles(report, select_phases(report, select_incidents(report, *YEAR))).set_index("record_id")
    assert roles.loc["ph-cisse-seizure", "done_to"] == "Soumaila Cisse"
    assert "JNIM" in roles.loc["ph-rockets-impact", "doer"]
