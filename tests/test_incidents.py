"""Which incidents, when, how long, and who did what to whom."""

from dataclasses import replace

import pandas as pd

from mali_analysis import charts, incidents
from mali_analysis.incidents import select_incidents, select_phases, summarize_attributions, summarize_roles

YEAR = ("2020-01-01", "2020-12-31")


def ids(table) -> list[str]:
    return list(table["record_id"])


def test_a_period_keeps_what_may_have_gone_on_in_it(chapter) -> None:
    assert ids(select_incidents(chapter, "2020-04-01", "2020-04-30")) == ["inc-bridges", "inc-cisse"]
    assert ids(select_incidents(chapter, "2020-12-01", "2020-12-31")) == ["inc-bridges", "inc-farabougou"]
    assert ids(select_incidents(chapter, "2020-01-01", "2020-01-31")) == []


def test_actors_places_and_types_choose(chapter) -> None:
    assert ids(select_incidents(chapter, *YEAR, actors=["act-jnim"])) == ["inc-cisse", "inc-rockets"]
    assert ids(select_incidents(chapter, *YEAR, places=["plc-center"])) == ["inc-bridges"]
    assert ids(select_incidents(chapter, *YEAR, places=["plc-mopti"])) == []
    assert ids(select_incidents(chapter, *YEAR, event_types=["siege"])) == ["inc-farabougou"]


def test_phases_keep_the_chapters_modality(chapter) -> None:
    phases = select_phases(chapter, select_incidents(chapter, *YEAR)).set_index("record_id")
    assert phases.loc["ph-cisse-exchange", "modality"] == "agreed"
    assert phases.loc["ph-farabougou-relief", "outcome"] == "failed"
    assert (phases["modality"] == "presupposed").sum() == 1


def test_attribution_drifts_within_the_bridges(chapter) -> None:
    phases = select_phases(chapter, select_incidents(chapter, *YEAR, event_types=["infrastructure_attack"]))
    assert list(summarize_attributions(chapter, phases)["attribution"]) == ["unidentified", "unnamed"]


def test_roles_say_who_did_what_to_whom(chapter) -> None:
    roles = summarize_roles(chapter, select_phases(chapter, select_incidents(chapter, *YEAR))).set_index("record_id")
    assert roles.loc["ph-cisse-seizure", "done_to"] == "Soumaila Cissé"
    assert "JNIM" in roles.loc["ph-rockets-impact", "doer"]


def test_the_chapters_hedges_and_modality_are_kept(chapter) -> None:
    text = incidents.say_exchange(chapter).text
    assert "more than 200 prisoners" in text and "agreed to release" in text
    assert "hundreds" in incidents.say_selection(chapter).text


def test_a_captivity_is_an_interval_and_each_is_told(chapter) -> None:
    cisse = select_incidents(chapter, *YEAR, event_types=["kidnapping"])
    assert incidents.say_captivity(chapter, cisse).value == "190 to 199"
    phases = chapter.phases
    twice = pd.concat([phases, phases[phases["kind"] == "captivity"].assign(record_id="ph-second")])
    doubled = replace(chapter, tables=chapter.tables | {"phases": twice})
    assert incidents.say_captivity(doubled, cisse).value == "190 to 199; 190 to 199"


def test_lengths_follow_from_the_bounds(chapter) -> None:
    table = incidents.summarize_durations(select_incidents(chapter, *YEAR)).set_index("record_id")
    assert (table.loc["inc-rockets", ["at_least", "at_most"]] == 0).all()
    assert tuple(table.loc["inc-cisse", ["at_least", "at_most"]]) == (190, 199)  # 25 March to 1 or 10 October
    assert table["at_most"].isna().to_dict()["inc-farabougou"]
    assert "inc-farabougou" in incidents.say_durations(chapter, table.reset_index()).record_ids


def test_nothing_selected_is_told_in_words(chapter) -> None:
    none = select_incidents(chapter, "2020-01-01", "2020-01-31")
    says = [incidents.say_matches, incidents.say_attribution, incidents.say_captivity, incidents.say_judgments]
    says += [incidents.say_unsaid, incidents.say_drift]
    for say in says:
        assert say(chapter, none).record_ids == [], say.__name__
    assert incidents.say_durations(chapter, incidents.summarize_durations(none)).record_ids == []
    assert "no trend" in incidents.say_trends(chapter, incidents.summarize_trends(chapter, ["plc-north"])).text


def test_a_headline_carries_the_words_it_rests_on(chapter) -> None:
    said = incidents.say_exchange(chapter)
    assert "more than 200 prisoners" in [chapter.text[start:end] for start, end in said.spans]
    assert said.passages == ["incidents.b1.s2"]


def test_a_role_of_any_kind_has_a_side(chapter) -> None:
    phases = select_phases(chapter, select_incidents(chapter, *YEAR))
    parts = chapter.involvements
    sides = {role: code.more["side"] for role, code in chapter.codes("involvements", "role").items()}
    for role, side in sides.items():
        one = parts[parts["subject_id"] == "ph-cisse-seizure"].head(1).assign(role=role)
        altered = replace(chapter, tables=chapter.tables | {"involvements": one})
        row = summarize_roles(altered, phases).iloc[0]
        assert row["doer" if side == "does" else "done_to"] != "not said", role


def test_any_number_of_incidents_can_be_drawn(chapter) -> None:
    phases = select_phases(chapter, select_incidents(chapter, *YEAR)).head(1)
    many = pd.concat([phases.assign(incident_id=f"inc-{n}", title=f"Incident {n}") for n in range(21)])
    assert "Incident 20" in charts.draw(incidents.plot_timeline(many, *YEAR)).text


def test_ucdp_is_ruled_out_by_what_is_coded(chapter) -> None:
    told = chapter.incidents.set_index("record_id")["killed"].notna()
    table = incidents.summarize_datasets(chapter).query("dataset == 'UCDP GED'").set_index("incident_id")
    assert {i: ("yes" if known else "no") for i, known in told.items()} == table["verdict"].to_dict()
