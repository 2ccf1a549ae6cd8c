"""Which incidents, when, how long, and who did what to whom."""

from dataclasses import replace

import pandas as pd

from mali_analysis import charts, incidents
from mali_analysis.incidents import select_incidents, select_phases, summarize_attributions, summarize_roles

YEAR = ("2020-01-01", "2020-12-31")


def ids(table) -> list[str]:
    return list(table["record_id"])


def test_a_period_keeps_what_may_have_gone_on_in_it(chapter) -> None:
    assert ids(select_incidents(chapter, "2020-04-01", "2020-04-30")) == ["inc-cisse", "inc-bridges"]
    assert ids(select_incidents(chapter, "2020-12-01", "2020-12-31")) == ["inc-farabougou", "inc-bridges"]
    assert ids(select_incidents(chapter, "2020-01-01", "2020-01-31")) == []


def test_the_first_and_the_last_day_of_a_period_count(chapter) -> None:
    held, rockets = "inc-cisse", "inc-rockets"
    for first, last, there in (("2020-01-01", "2020-03-24", False), ("2020-01-01", "2020-03-25", True),
                               ("2020-10-10", "2020-12-31", True), ("2020-10-11", "2020-12-31", False)):  # fmt: skip
        assert (held in ids(select_incidents(chapter, first, last))) is there
    assert rockets in ids(select_incidents(chapter, "2020-11-30", "2020-11-30"))
    assert rockets not in ids(select_incidents(chapter, "2020-11-29", "2020-11-29"))
    assert rockets not in ids(select_incidents(chapter, "2020-12-01", "2020-12-01"))


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
    assert roles.loc["ph-cisse-seizure", "to whom or what"] == "Soumaila Cissé"
    assert "JNIM" in roles.loc["ph-rockets-impact", "who"]
    assert roles.loc["ph-farabougou-relief", "phase"] == "relief (attempted, failed)"


def test_the_chapters_hedges_and_modality_are_kept(chapter) -> None:
    text = incidents.say_unfulfilled(chapter, select_incidents(chapter, *YEAR)).text
    assert "more than 200 prisoners" in text and "agreed to release" in text and "does not say" in text
    assert "hundreds of attacks" in incidents.say_selection(chapter).text


def test_lengths_follow_from_the_bounds(chapter, invented) -> None:
    lasted = select_incidents(chapter, *YEAR).set_index("record_id")["lasted"]
    assert lasted.to_dict() == {
        "inc-bridges": "91 or 92 days, then again later",
        "inc-cisse": "190 to 199 days",  # 25 March to 1 or 10 October
        "inc-farabougou": "52 days or more",
        "inc-rockets": "one day",
    }
    told = incidents.say_incidents(invented, select_incidents(invented, invented.opens, invented.closes)).text
    assert "(between 24 and 30 June)" in told and "(42 to 60 days)" in told


def test_an_account_tells_the_phases_in_order_and_each_day_once(chapter, invented) -> None:
    chosen = select_incidents(chapter, *YEAR)
    text = incidents.say_course(chapter, chosen, "inc-rockets").text
    assert text.count("30 November") == 1 and text.index("launched") < text.index("landed")
    assert "Cissé and held" in incidents.say_course(chapter, chosen, "inc-cisse").text  # the subject is said once
    ours = select_incidents(invented, invented.opens, invented.closes)
    assert (
        "; ISIS claimed the attack on the market of Ostra the next day"
        in incidents.say_course(invented, ours, "inc-market").text
    )


def test_the_dead_are_counted_reported_or_not_spoken_of(chapter, invented) -> None:
    harm = incidents.summarize_harm(chapter, select_incidents(chapter, *YEAR))
    assert harm.set_index("record_id").loc["inc-rockets", "killed"] == "none_reported"
    said = incidents.say_harm(chapter, harm)
    assert said.value == 0 and "no number of dead" in said.text and said.sources
    theirs = incidents.summarize_harm(invented, select_incidents(invented, invented.opens, invented.closes))
    assert theirs.set_index("record_id").loc["inc-market", ["killed", "injured"]].to_list() == ["14", "more than 30"]
    assert incidents.say_harm(invented, theirs).value == 1


def test_groups_are_named_blamed_or_never_tied(chapter, invented) -> None:
    text = incidents.say_perpetrators(chapter, select_incidents(chapter, *YEAR)).text
    assert "JNIM is held responsible for" in text and "ISIS in the Greater Sahara as active and ties it to none" in text
    theirs = incidents.say_perpetrators(invented, select_incidents(invented, invented.opens, invented.closes)).text
    assert "was blamed for" in theirs and "denied" in theirs and "claimed" in theirs


def test_a_trend_says_what_it_is_compared_with(chapter, invented) -> None:
    text = incidents.say_trends(chapter, incidents.summarize_trends(chapter)).text
    assert "in number and lethality throughout the country" in text and "no earlier figure to compare with" in text
    assert "27 in 2021" in incidents.say_trends(invented, incidents.summarize_trends(invented)).text


def test_figures_of_others_become_a_change(chapter, invented) -> None:
    figures = incidents.summarize_figures(chapter)
    series = incidents.select_series(figures)
    assert (series.groupby("series")["year"].nunique() >= 2).all()
    pair = series[series["origin"] == "UCDP"].set_index("year")["best"]
    change = round(100 * (float(pair[2020]) / float(pair[2019]) - 1))
    assert f"{abs(change)} percent fewer" in incidents.say_figures(chapter, figures).text
    assert incidents.say_figures(invented, incidents.summarize_figures(invented)).value == 0


def test_a_series_is_of_numbers_and_a_growth_of_the_year_itself(chapter) -> None:
    figures = incidents.summarize_figures(chapter)
    open_ended = figures.assign(low=figures["best"], best=pd.NA)
    assert incidents.select_series(open_ended).empty
    growth = figures["unit"].str.startswith("percent more")
    assert growth.any() and not incidents.select_series(figures)["unit"].str.startswith("percent").any()
    twice = pd.concat([figures, figures[growth].assign(year=figures["year"] - 1)])
    assert not incidents.select_series(twice)["unit"].str.startswith("percent").any()
    assert incidents.say_figures(chapter, twice).text == incidents.say_figures(chapter, figures).text
    assert "38 percent more" in incidents.say_figures(chapter, figures).text


def test_nothing_selected_is_told_in_words(chapter) -> None:
    none = select_incidents(chapter, "2020-01-01", "2020-01-31")
    says = [incidents.say_incidents, incidents.say_perpetrators, incidents.say_judgments, incidents.say_drift]
    says += [incidents.say_unfulfilled]
    for say in says:
        assert say(chapter, none).record_ids == [], say.__name__
    assert incidents.say_harm(chapter, incidents.summarize_harm(chapter, none)).record_ids == []
    assert incidents.tell(chapter, none) == []
    assert "no trend" in incidents.say_trends(chapter, incidents.summarize_trends(chapter, ["plc-north"])).text


def test_a_headline_carries_the_words_it_rests_on(chapter) -> None:
    said = incidents.say_selection(chapter)
    assert "hundreds" in " ".join(chapter.text[start:end] for start, end in said.spans)
    assert said.passages[0].startswith("incidents.p1")


def test_a_role_of_any_kind_has_a_side(chapter) -> None:
    phases = select_phases(chapter, select_incidents(chapter, *YEAR))
    parts = chapter.involvements
    sides = {role: code.more["side"] for role, code in chapter.codes("involvements", "role").items()}
    for role, side in sides.items():
        one = parts[parts["subject_id"] == "ph-cisse-seizure"].head(1).assign(role=role)
        altered = replace(chapter, tables=chapter.tables | {"involvements": one})
        row = summarize_roles(altered, phases).iloc[0]
        assert row["who" if side == "does" else "to whom or what"] != "not said", role


def test_any_number_of_incidents_can_be_drawn(chapter) -> None:
    phases = select_phases(chapter, select_incidents(chapter, *YEAR)).head(1)
    many = pd.concat([phases.assign(title=f"Incident {n}") for n in range(21)])
    assert "Incident 20" in charts.draw(incidents.plot_timeline(chapter, many, *YEAR)).text


def test_phases_that_would_be_drawn_alike_are_one_row_of_the_time_line(chapter) -> None:
    phases = incidents.select_phases(chapter, incidents.select_incidents(chapter, chapter.opens, chapter.closes))
    folded = incidents._fold_alike(phases)
    alike = ["incident_id", "what", "began", "ended"]
    assert not folded[alike].duplicated().any() and len(folded) == len(phases[alike].drop_duplicates()) < len(phases)
    assert {r for own in folded["sentence"] for r in own} == {r for own in phases["sentence"] for r in own}
    assert incidents._fold_alike(phases.iloc[:1])["record_id"].tolist() == phases["record_id"].tolist()[:1]
