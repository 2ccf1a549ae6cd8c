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


def weigh(chapter, *rows: dict) -> str:
    """The advice on one question that these reports give; what a row does not say is plain support."""
    plain = chapter.claims.iloc[:1].assign(
        verdict="agrees", completeness="whole", checked="read", interest="press", period_edtf="2020-08-18"
    )
    made = pd.concat([plain.assign(record_id=f"clm-{n}", **{"origin": f"O{n}"} | row) for n, row in enumerate(rows)])
    (found,) = others.advise(chapter, made)["advice"]
    return found


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
    assert weigh(chapter, *rows) == advice


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


def test_dates_of_others_stand_apart_from_the_chapters(chapter) -> None:
    table = others.compare_dates(chapter)
    freed = table[table["claim_id"] == "clm-cisse-freed-presidency"].iloc[0]
    assert freed["within"] and str(freed["others_earliest"].date()) == "2020-10-08"
    cabinet = table[table["claim_id"] == "clm-inauguration-un"].iloc[0]
    assert not cabinet["within"]


def test_a_verdict_of_vaguer_on_a_date_means_that_the_date_fits(chapter) -> None:
    fits = others.compare_dates(chapter).set_index("claim_id")["within"]
    vaguer = chapter.claims[(chapter.claims["verdict"] == "vaguer") & chapter.claims["record_id"].isin(fits.index)]
    assert fits.loc[vaguer["record_id"]].all()


def test_numbers_and_dates_of_claims_are_in_order(chapter) -> None:
    table = chapter.claims
    both = table[table["low"].notna() & table["high"].notna()]
    assert (both["low"] <= both["high"]).all()
    assert all(any(bounds(value)) for value in [*table["when_edtf"], *table["period_edtf"]] if value)


def test_reports_and_advice_are_told(chapter) -> None:
    reports = others.compare_claims(chapter)
    assert others.say_verdicts(chapter, reports).value == reports["question"].nunique()
    assert others.say_verdicts(chapter, others.compare_claims(chapter, ["firmer"], ["financing"])).value == 0
    for name, code in chapter.codes("claims", "verdict").items():
        one = reports.head(1).assign(verdict=name)
        text = others.say_verdicts(chapter, one).text
        assert (
            text
            == f"One outside report from one origin bears on one question of the chapter: one {code.more['of_one']}."
        )
    advice = others.advise(chapter, reports)
    told = [others.say_advice(chapter, advice, level) for level in others.ADVICE]
    assert sum(said.value for said in told) == len(advice)
    assert others.say_question(chapter, advice, "Did the relief fail?").sources
    dates = others.compare_dates(chapter)
    assert others.say_dates(chapter, dates).value == dates["within"].sum()


def test_the_table_of_reports_leads_to_sentences_and_sources(chapter) -> None:
    html = others.tabulate_claims(others.compare_claims(chapter))._repr_html_()
    assert html.count("<tr>") == len(chapter.claims) + 1
    assert 'data-passage="incidents.b1.s1"' in html and 'href="https://' in html
