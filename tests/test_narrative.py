from mali_analysis import narrative
from mali_analysis.cooperation import summarise_status
from mali_analysis.findings import select_findings
from mali_analysis.incidents import select_incidents, summarise_trends


def test_numbers_agree_with_their_nouns() -> None:
    assert narrative.count(1, "incident") == "one incident"
    assert narrative.count(0, "incident") == "no incidents"
    assert narrative.join(["a", "b", "c"]) == "a, b and c"


def test_hedges_are_the_chapters(report) -> None:
    assert "more than 200 prisoners" in narrative.describe_exchange(report).text
    assert "agreed to release" in narrative.describe_exchange(report).text
    assert "about 4,500 miles" in narrative.describe_border_numbers(report).text
    assert "hundreds" in narrative.describe_selection(report).text


def test_captivity_is_an_interval(report) -> None:
    cisse = select_incidents(report, "2020-01-01", "2020-12-31", event_types=["kidnapping"])
    assert narrative.describe_longest(report, cisse).value == "190 to 199"


def test_nothing_selected_yields_a_sentence(report) -> None:
    none = select_incidents(report, "2020-01-01", "2020-01-31")
    for describe in (
        narrative.describe_incidents,
        narrative.describe_attribution,
        narrative.describe_longest,
        narrative.describe_judgements,
    ):
        assert describe(report, none).text.endswith(".")
    assert "no trend" in narrative.describe_trends(report, summarise_trends(report, ["north"])).text
    nothing = select_findings(report, ["law"], ["customs"])
    assert "no capabilities" in narrative.describe_levels(report, nothing).text
    assert "no defect" in narrative.describe_agencies(report, nothing).text
    assert (
        "no arrangement"
        in narrative.describe_status(report, summarise_status(report, "2020-01-01", ["act-x"]), "2020-01-01").text
    )


def test_a_claim_carries_the_words_it_rests_on(report) -> None:
    claim = narrative.describe_exchange(report)
    quotes = [report.text[start:end] for start, end in claim.spans]
    assert "more than 200 prisoners" in quotes
    assert claim.passages == ["incidents.b1.s2"]
