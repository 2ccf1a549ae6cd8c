"""Every chart of every subject: the same each time, told in words from the data, and kept out of the next one."""

from collections.abc import Callable
from importlib import import_module

import pandas as pd
import pytest
from matplotlib.axes import Axes

import mali_analysis as mali
from mali_analysis import borders, charts, editions, findings, incidents, others, partners, places, reading

YEAR = ("2020-01-01", "2020-12-31")


def drawings(chapter) -> dict[str, tuple[Callable[[], Axes], list[str]]]:
    """Each chart with words that its alternative text must hold: one for each row of what it draws."""
    chosen = incidents.select_incidents(chapter, *YEAR)
    phases = incidents.select_phases(chapter, chosen)
    border = borders.select_border(chapter)
    links = findings.select_links(chapter, list(border["record_id"]))
    standards = borders.link_standards(chapter, list(border["record_id"]))
    remedies = borders.group_remedies(chapter, list(border["record_id"]))
    roles, rules = incidents.summarize_roles(chapter, phases), incidents.summarize_datasets(chapter)
    stretches, lengths = partners.trace_year(chapter), borders.compare_lengths(chapter)
    dates, reports = others.compare_dates(chapter), others.compare_claims(chapter)
    counts, records = others.count_verdicts(chapter, reports), reading.count_records(chapter)
    grid, agreement = editions.compare_editions(chapter), reading.compare_codings(chapter)
    known = agreement.dropna(subset=["alpha"])
    days = {"coup": pd.Timestamp("2020-08-18")}
    return {
        "plot_timeline": (lambda: incidents.plot_timeline(phases, *YEAR), list(phases["title"])),
        "plot_roles": (lambda: incidents.plot_roles(chapter, roles), list(roles["doer"])),
        "plot_datasets": (lambda: incidents.plot_datasets(chapter, rules), list(rules["incident"])),
        "plot_map": (lambda: places.plot_map(chapter, chosen), list(chosen["title"])),
        "plot_findings": (lambda: findings.plot_findings(chapter, border, links), list(border["capability"])),
        "plot_links": (lambda: findings.plot_links(links, "Links"), list(links["effect"].str.replace("_", " "))),
        "plot_standards": (lambda: borders.plot_standards(chapter, standards), list(standards["standard"])),
        "plot_remedies": (lambda: borders.plot_remedies(chapter, remedies), list(remedies["capability"])),
        "plot_lengths": (lambda: borders.plot_lengths(chapter, lengths), list(lengths["neighbor"])),
        "plot_status": (lambda: partners.plot_status(chapter, stretches, YEAR[1], days), list(stretches["partner"])),
        "plot_dates": (lambda: others.plot_dates(dates, chapter.closes), list(dates["subject"])),
        "plot_verdicts": (lambda: others.plot_verdicts(counts), [name.replace("_", " ") for name in counts.index]),
        "plot_editions": (lambda: editions.plot_editions(chapter, grid), list(grid.index)),
        "plot_coverage": (lambda: reading.plot_coverage(records), list(records["passage"])),
        "plot_agreement": (lambda: reading.plot_agreement(agreement), list(known["table"].str.replace("_", " "))),
    }


NAMES = sorted(
    name
    for subject in mali.SUBJECTS
    for name, value in vars(import_module(f"mali_analysis.{subject}")).items()
    if name.startswith("plot_") and value.__module__ == f"mali_analysis.{subject}"
)


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_is_the_same_each_time_and_names_every_row(chapter, name: str) -> None:
    plot, words = drawings(chapter)[name]
    first, second = charts.draw(plot()), charts.draw(plot())
    assert first.svg == second.svg
    assert [word for word in words if word not in first.text] == []
    assert not charts.plt.get_fignums()


def test_alternative_text_comes_from_the_data(chapter) -> None:
    told = {name: charts.draw(drawings(chapter)[name][0]()).text for name in ("plot_timeline", "plot_status")}
    assert "Kidnapping of Soumaila Cissé, seizure: 25 March to 25 March" in told["plot_timeline"]
    assert "ECOWAS, membership: not stated (active or suspended)" in told["plot_status"]


def test_a_matrix_shows_its_heads_letters_notes_and_legend() -> None:
    letters = pd.DataFrame({"a": ["x", ""], "b": ["", "y"]}, index=["one", "two"])
    axes = charts.plot_matrix(letters, {"x": ("good", charts.GREEN), "y": ("bad", charts.RED)}, "M", notes=["", "why"])
    drawn = charts.draw(axes)
    for word in ("a", "b", "one", "two", "x  good", "y  bad", "why"):
        assert f">{word}<" in drawn.svg, word
    assert drawn.text == "M. one: a good; two: b bad."


def test_every_tone_of_the_schema_has_a_color(chapter) -> None:
    from mali_analysis.coding.schema import read_schema

    fields = [f for table in read_schema().values() for f in table.fields]
    tones = {code["tone"] for f in fields for code in f.get("codes", {}).values() if "tone" in code}
    assert tones and tones <= set(charts.TONES)


def test_nothing_to_draw_is_a_sentence(chapter) -> None:
    empty = incidents.select_phases(chapter, incidents.select_incidents(chapter, "2020-01-01", "2020-01-31"))
    assert "No described incident" in charts.draw(incidents.plot_timeline(empty, "2020-01-01", "2020-01-31")).svg
