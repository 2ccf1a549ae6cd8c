"""The chapter held against others."""

import pandas as pd
import pytest

from mali_analysis import others
from mali_analysis.dates import bounds


def test_every_claim_names_a_record_and_comes_with_its_words(chapter) -> None:
    table = others.compare_claims(chapter)
    assert len(table) == len(chapter.claims) >= 18
    assert table["question"].nunique() >= 18
    assert set(table["subject_id"]) <= set(chapter.records.index)
    assert table["chapter"].str.len().min() > 0
    quoted = table[table["chapter"].str.startswith("“")]
    assert all(part.strip("“”") in chapter.text for words in quoted["chapter"] for part in words.split(" … "))


def test_filters_keep_only_what_they_name(chapter) -> None:
    some = others.compare_claims(chapter, ["early"], ["incidents"])
    assert set(some["verdict"]) == {"early"} and set(some["section"]) == {"incidents"}


def weigh(chapter, *rows: dict) -> pd.Series:
    """What these reports on one question mean; what a row does not say is plain support."""
    plain = (
        others.compare_claims(chapter)
        .iloc[:1]
        .assign(verdict="agrees", completeness="whole", checked="read", interest="press", period_edtf="2020-08-18")
    )
    made = pd.concat([plain.assign(record_id=f"clm-{n}", **{"origin": f"O{n}"} | row) for n, row in enumerate(rows)])
    return others.advise(chapter, made).squeeze()


@pytest.mark.parametrize(
    ("rows", "advice"),
    [
        ([{}, {}], "well supported"),
        ([{}, {"verdict": "vaguer"}], "well supported"),
        ([{}, {"origin": "O0, a second page"}], "one source"),
        ([{}], "one source"),
        ([{"interest": "own_department"}, {"interest": "own_department"}], "unchecked"),
        ([{"period_edtf": "2016"}, {"period_edtf": "2017"}], "unchecked"),
        ([{"verdict": "open"}, {"verdict": "early"}], "unchecked"),
        ([{}, {}, {"verdict": "open"}, {"verdict": "early"}], "well supported"),
        ([{}, {}, {"verdict": "differs"}], "contested"),
        ([{}, {}, {"verdict": "firmer"}], "contested"),
        ([{}, {}, {"verdict": "differs", "checked": "digest"}], "well supported"),
        ([{}, {}, {"verdict": "differs", "completeness": "early"}], "well supported"),
        ([{"verdict": "omits"}], "unchecked"),
    ],
)
def test_advice_weighs_independence_period_and_strength(chapter, rows: list[dict], advice: str) -> None:
    assert weigh(chapter, *rows)["advice"] == advice


def test_a_dispute_without_a_rider_is_told_by_the_first_report_against(chapter) -> None:
    against = {"verdict": "differs"}
    row = weigh(
        chapter, {"why": "Behind."}, against | {"why": "First."}, against | {"why": "Second."}, {"why": "Last."}
    )
    assert row["why"] == "First." and weigh(chapter, {"why": "Behind."}, {"why": "Last."})["why"] == "Behind."
    for rider, told in (("", "First."), ("A rider.", "A rider.")):
        row["rider"] = rider
        assert others.say_disputed(chapter, row).text.endswith(told)


def test_what_is_weak_early_or_on_a_part_contradicts_nothing(chapter) -> None:
    table = chapter.claims
    assert set(table.loc[table["completeness"] == "early", "verdict"]) == {"early"}
    assert not (table["completeness"] == "whole")[table["verdict"] == "early"].any()
    against = table[table["verdict"].isin(["differs", "firmer"])]
    assert (against["completeness"] == "whole").all() and not (against["checked"] == "digest").any()


def test_every_question_has_its_statement_and_the_day_it_was_searched_until(chapter) -> None:
    advice = others.advise(chapter, others.compare_claims(chapter))
    assert (advice["statement"].str.len() > 10).all() and advice["searched_until"].notna().all()
    assert set(chapter.questions["question"]) == set(advice["question"])


def test_a_verdict_of_vaguer_on_a_date_means_that_the_date_fits(chapter) -> None:
    table = chapter.claims
    dated = table[(table["verdict"] == "vaguer") & table["subject_column"].isin(["start_edtf", "end_edtf"])]
    checked = 0
    for row in dated[dated["when_edtf"] != ""].itertuples():
        subject = chapter.tables[chapter.records[row.subject_id]].set_index("record_id").loc[row.subject_id]
        which = row.subject_column.removesuffix("_edtf")
        first, last = (subject[f"{which}_{side}"] for side in ("earliest", "latest"))
        told = [pd.Timestamp(day) for day in bounds(row.when_edtf)]
        assert told[1] >= first and not told[0] > last, row.record_id
        checked += 1
    assert checked >= 5


def test_numbers_and_dates_of_claims_are_in_order(chapter) -> None:
    table = chapter.claims
    both = table[table["low"].notna() & table["high"].notna()]
    assert (both["low"] <= both["high"]).all()
    assert all(any(bounds(value)) for value in [*table["when_edtf"], *table["period_edtf"]] if value)


def test_the_check_opens_with_its_answer(chapter, invented) -> None:
    advice = others.advise(chapter, others.compare_claims(chapter))
    said = others.say_check(chapter, advice)
    assert said.value == (advice["advice"] == "contested").sum() == len(others.say_corrections(chapter, advice))
    assert "one is contested" in said.text and "All that is well supported stands in “Overview”" in said.text
    for level, words in (
        ("well supported", "two or more independent sources bear out"),
        ("one source", "statements: one source bears out"),
        ("contested", "are contested"),
        ("unchecked", "statements: on "),
    ):
        told = others.say_check(chapter, advice.assign(advice=level)).text
        assert words in told.lower(), told
    none = others.advise(invented, others.compare_claims(invented))
    assert others.say_check(invented, none).value == 0
    assert others.say_corrections(invented, none)[0].value == 0


@pytest.mark.parametrize(
    ("advice", "rider", "how"),
    [
        ("one official source", "", "safe to use"),
        ("one official source", "But.", "use with the caveat"),
        ("well supported", "", "safe to use"),
        ("well supported", "But.", "use with the caveat"),
        ("one source", "", "attribute to the chapter"),
        ("one source", "But.", "attribute, with the caveat"),
        ("unchecked", "But.", "attribute, with the caveat"),
        ("contested", "But.", "mention the dispute"),
        ("contested", "", "mention the dispute"),
        ("unchecked", "", "attribute to the chapter"),
    ],
)
def test_how_to_quote_follows_from_advice_and_rider(advice: str, rider: str, how: str) -> None:
    verdicts = [["agrees", "open"] if rider else ["agrees"]]
    official = "official" in advice
    row = {"advice": [advice.replace("official ", "")], "official": [official], "rider": [rider], "verdicts": verdicts}
    table = others.recommend(pd.DataFrame(row))
    assert list(table["how to quote"]) == [how]


def test_the_quotation_table_takes_some_of_each(chapter) -> None:
    advice = others.advise(chapter, others.compare_claims(chapter))
    shown = others.tabulate_quotations(chapter, advice, "Q", each=2).frame["how to quote"]
    assert shown.value_counts().max() == 2 and shown.nunique() == 4
    only_adds = [verdicts == ["omits"] for verdicts in advice["verdicts"]]
    whole = others.tabulate_quotations(chapter, advice, "Q")
    assert len(whole.frame) == len(advice) - sum(only_adds) and any(only_adds)


def test_what_others_report_of_an_incident_is_about_it(chapter) -> None:
    advice = others.advise(chapter, others.compare_claims(chapter))
    own = others.about(advice, chapter.belonging_to("inc-rockets"))
    assert "Was anybody hurt by the rockets?" in set(own["question"])
    assert "Who seized Cissé?" not in set(own["question"])
    table = others.tabulate_questions(chapter, own, "R")
    assert list(table.frame.columns) == [
        "question",
        "the chapter’s answer",
        "others report",
        "last searched",
        "source",
    ]


def test_the_table_of_reports_leads_to_sentences_and_sources(chapter) -> None:
    parts = others.tabulate_claims(chapter, others.compare_claims(chapter))
    html = "".join(part._repr_html_() for part in parts)
    assert html.count("<tr") == len(chapter.claims) + len(parts)
    assert 'data-passage="incidents.b1.s1"' in html and 'href="https://' in html and 'data-record="clm-coup-un"' in html


def test_what_a_fuller_statement_implies_is_no_worse_supported(chapter) -> None:
    advice = others.advise(chapter, others.compare_claims(chapter)).set_index("record_id")
    implied = chapter.questions[chapter.questions["implied_by"] != ""]
    assert len(implied) >= 3
    for question, fuller in zip(implied["record_id"], implied["implied_by"], strict=True):
        levels = [others.ADVICE.index(advice.loc[i, "advice"]) for i in (question, fuller)]
        assert levels[0] <= levels[1] or advice.loc[question, "advice"] == others.ADVICE[2]
        assert advice.loc[question, "inherited"] == (advice.loc[question, "origins"] < 2 and levels[1] == 0)
    told = others.say_beside(chapter, advice[advice["inherited"].astype(bool)].reset_index())
    assert not any("bear out" in said.text for said in told)
