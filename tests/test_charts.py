"""Every chart of every subject: the same each time, told in words from the data, and kept out of the next one."""

import re
from collections.abc import Callable
from importlib import import_module

import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text

import mali_analysis as mali
from mali_analysis import charts, incidents, partners, places, reading
from mali_analysis import records as record_rows

YEAR = ("2020-01-01", "2020-12-31")


def drawings(chapter) -> dict[str, tuple[Callable[[], Axes], list[str]]]:
    """Each chart with words that the table of what it draws must hold: one for each row."""
    chosen = incidents.select_incidents(chapter, *YEAR)
    phases, figures = incidents.select_phases(chapter, chosen), incidents.summarize_figures(chapter)
    status = partners.summarize_status(chapter, YEAR[1])
    records, agreement = reading.count_records(chapter), reading.compare_codings(chapter)
    known = agreement.dropna(subset=["alpha"])
    series = incidents.select_series(figures)
    spells = record_rows.select_records(chapter, ["status_spells"])
    return {
        "plot_records": (lambda: record_rows.plot_records(chapter, spells), list(status["partner"])),
        "plot_timeline": (lambda: incidents.plot_timeline(chapter, phases, *YEAR), list(phases["title"])),
        "plot_figures": (lambda: incidents.plot_figures(chapter, figures), list(series["figure"])),
        "plot_map": (lambda: places.plot_map(chapter, chosen), list(chosen["title"])),
        "plot_status": (lambda: partners.plot_status(chapter, status, YEAR[1]), list(status["partner"])),
        "plot_coverage": (lambda: reading.plot_coverage(chapter, records), list(records["records"].astype(str))),
        "plot_agreement": (
            lambda: reading.plot_agreement(chapter, agreement),
            list(known["table"].str.replace("_", " ")),
        ),
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
    before = charts.plt.get_fignums()
    first, second = charts.draw(plot()), charts.draw(plot())
    assert first.svg == second.svg
    assert [word for word in words if word not in first.text] == []
    assert charts.plt.get_fignums() == before


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_says_what_it_finds_where_from_and_leads_to_the_words(chapter, name: str) -> None:
    drawn = charts.draw(drawings(chapter)[name][0]())
    assert drawn.data is not None and len(drawn.data.frame)
    assert drawn.title.endswith(".") and "Source: " in drawn.svg
    assert {"sentence", "source"} & set(drawn.data.frame.columns) or name == "plot_agreement"
    passages = set(chapter.passages["passage"])
    claims = {i for table in chapter.reference.values() for i in table["record_id"]}
    for target in re.findall(r'<a xlink:href="([^"]+)"', drawn.svg):
        assert target.removeprefix("#") in passages or target.removeprefix("record:") in claims, target


def test_no_label_of_a_chart_is_too_small_for_print(chapter) -> None:
    for name, (plot, _) in drawings(chapter).items():
        axes = plot()
        width = axes.figure.get_figwidth()
        texts = axes.figure.findobj(Text)
        sizes = [text.get_fontsize() for text in texts if text.get_text().strip() and text.get_visible()]
        assert min(sizes) * 7.16 / width >= 7, name  # the width of the text on A4 paper, in inches
        charts.plt.close(axes.figure)


def test_every_tone_of_the_schema_has_a_color(chapter) -> None:
    from mali_analysis.coding.schema import read_schema

    fields = [f for table in read_schema().values() for f in table.fields]
    tones = {code["tone"] for f in fields for code in f.get("codes", {}).values() if "tone" in code}
    assert tones and tones <= set(charts.TONES)


def test_nothing_to_draw_is_a_sentence(chapter) -> None:
    empty = incidents.select_phases(chapter, incidents.select_incidents(chapter, "2020-01-01", "2020-01-31"))
    assert (
        "No described incident" in charts.draw(incidents.plot_timeline(chapter, empty, "2020-01-01", "2020-01-31")).svg
    )
