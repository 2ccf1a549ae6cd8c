"""The chapter held against others."""

from mali_analysis import claims
from mali_analysis.dates import bounds


def test_every_claim_names_a_record_and_comes_with_its_words(report) -> None:
    table = claims.compare_claims(report)
    assert len(table) == len(report.claims) >= 18
    assert table["question"].nunique() >= 18
    assert set(table["subject_id"]) <= set(report.records.index)
    assert table["chapter"].str.len().min() > 0
    quoted = table[table["chapter"].str.startswith("“")]
    assert all(part.strip("“”") in report.text for words in quoted["chapter"] for part in words.split(" … "))


def test_filters_keep_only_what_they_name(report) -> None:
    some = claims.compare_claims(report, ["differs"], ["incidents"])
    assert set(some["verdict"]) == {"differs"} and set(some["section"]) == {"incidents"}


def test_advice_follows_the_hardest_verdict(report) -> None:
    advice = claims.advise(claims.compare_claims(report)).set_index("question")
    assert advice.loc["When was the coup?", "advice"] == "quote"
    assert advice.loc["Where was Cissé seized?", "advice"] == "quote with what is missing"
    assert advice.loc["Did the relief fail?", "advice"] == "do not quote without the other reports"
    assert set(advice.loc["Did the relief fail?", "verdicts"]) == {"differs", "open", "agrees"}


def test_dates_of_others_stand_apart_from_the_chapters(report) -> None:
    table = claims.compare_dates(report)
    freed = table[table["claim_id"] == "clm-cisse-freed-presidency"].iloc[0]
    assert freed["within"] and str(freed["others_earliest"].date()) == "2020-10-08"
    cabinet = table[table["claim_id"] == "clm-inauguration-un"].iloc[0]
    assert not cabinet["within"]


def test_a_verdict_of_vaguer_on_a_date_means_that_the_date_fits(report) -> None:
    fits = claims.compare_dates(report).set_index("claim_id")["within"]
    vaguer = report.claims[(report.claims["verdict"] == "vaguer") & report.claims["record_id"].isin(fits.index)]
    assert fits.loc[vaguer["record_id"]].all()


def test_numbers_and_dates_of_claims_are_in_order(report) -> None:
    table = report.claims
    both = table[table["low"].notna() & table["high"].notna()]
    assert (both["low"] <= both["high"]).all()
    assert all(bounds(value)[0] for value in table["when_edtf"] if value)


def test_news_comes_from_the_last_edition(report) -> None:
    news = claims.classify_news(report).set_index("statement")["news"]
    assert news["the coup"] == "new"
    assert news["a rise in number and lethality"] == "repeated"
    assert news["hundreds of attacks"] == "not known"


def test_ucdp_is_ruled_out_by_what_is_coded(report) -> None:
    told = report.incidents.set_index("record_id")["killed"].notna()
    table = claims.summarise_qualifications(report).query("dataset == 'UCDP GED'").set_index("incident_id")
    assert {i: ("yes" if known else "no") for i, known in told.items()} == table["verdict"].to_dict()
