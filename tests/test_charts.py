import pandas as pd
import pytest

from mali_analysis import charts
from mali_analysis.cooperation import trace_year
from mali_analysis.coverage import count_records
from mali_analysis.findings import select_findings, select_links
from mali_analysis.incidents import select_incidents, select_phases, summarise_roles


@pytest.fixture(scope="module")
def drawn(report):
    phases = select_phases(report, select_incidents(report, "2020-01-01", "2020-12-31"))
    border = select_findings(report, ["border"])
    links = select_links(report, list(border["record_id"]))
    return {
        "timeline": lambda: charts.plot_timeline(phases, "2020-01-01", "2020-12-31"),
        "roles": lambda: charts.plot_roles(summarise_roles(report, phases)),
        "findings": lambda: charts.plot_findings(border, links),
        "links": lambda: charts.plot_links(links, "cause", "relation", "effect"),
        "status": lambda: charts.plot_status(trace_year(report), "2020-12-31", {"coup": pd.Timestamp("2020-08-18")}),
        "coverage": lambda: charts.plot_coverage(count_records(report)),
    }


NAMES = ["timeline", "roles", "findings", "links", "status", "coverage"]


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_is_the_same_each_time_and_says_what_it_shows(drawn, name: str) -> None:
    first, second = charts.draw(drawn[name]()), charts.draw(drawn[name]())
    assert first.svg == second.svg
    assert len(first.text) > 100
    assert not charts.plt.get_fignums()


def test_alternative_text_comes_from_the_data(drawn) -> None:
    assert "Kidnapping of Soumaila Cisse, seizure: 25 March to 25 March" in charts.draw(drawn["timeline"]()).text
    assert "ECOWAS, membership: not stated (active or suspended)" in charts.draw(drawn["status"]()).text


def test_the_matrix_names_every_agency(drawn) -> None:
    svg = charts.draw(drawn["findings"]()).svg
    for agency in ("Gendarmerie", "National Border Police", "Customs officials", "no agency named"):
        assert agency in svg


def test_nothing_to_draw_is_a_sentence(report) -> None:
    empty = select_phases(report, select_incidents(report, "2020-01-01", "2020-01-31"))
    assert "No described incident" in charts.draw(charts.plot_timeline(empty, "2020-01-01", "2020-01-31")).svg
