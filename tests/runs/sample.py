"""A small report with one of everything that pages show, written without running a notebook."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from mali_analysis import charts, headlines, tables
from mali_analysis.chapter import Chapter
from mali_analysis.runs import report
from mali_analysis.runs.kernels import Done
from mali_analysis.runs.plans import Job

SITES = [f"https://site{n}.example/report?id={n}&x" for n in range(6)]
CLAIM = "clm-cisse-party"


def make_chart(chapter: Chapter) -> charts.Picture:
    """Three bars: one leads to a sentence, one to a claim's row, one to a record that no table shows."""
    axes = charts.new_axes(8.4, 2)
    bars = axes.barh(["kidnapping", "freed, by others", "elsewhere"], [3, 2, 1])
    charts.lead_to(bars[0], chapter, "inc-cisse")
    bars[1].set_url(f"record:{CLAIM}")
    bars[2].set_url("record:clm-of-nobody")
    rows = pd.DataFrame({"record_id": ["inc-cisse"], "event": ["kidnapping"], "days": [190]})
    rows["sentence"] = [tables.Reference(13, chapter.passages_of([chapter.spans_of(["inc-cisse"])[0][0]])[0])]
    data = tables.table(rows, "Bars", ["event", "days", "sentence"])
    return charts.draw(charts.finish(axes, "One bar is longest", data, charts.source_of(chapter)))


def make_plain_chart() -> charts.Picture:
    axes = charts.new_axes(4, 1)
    axes.plot([0, 1])
    axes.figure.set_label("A line. From 0 to 1; rising.")
    return charts.draw(axes)


def make_headline(chapter: Chapter) -> headlines.Headline:
    said = headlines.headline(chapter, "FAMa and ECOWAS met “FAMa” at the UN", ["inc-cisse"], 3, "meetings")
    return replace(said, sources=SITES)


def make_table(chapter: Chapter) -> tables.Table:
    columns = ["record_id", "title", "event_type", "killed", "wounded", "target"]
    rows = chapter.incidents.assign(killed=[0, 12, 3, 1], wounded=[1, 1000, 0, 2], target="a" * 60)
    return tables.table(rows[columns], "Incidents <told>", ["title", "event_type", "killed", "wounded", "target"])


def make_claims(chapter: Chapter) -> tables.Table:
    claims = chapter.claims.head(40)
    claims = pd.concat([claims, chapter.claims[chapter.claims["record_id"] == CLAIM]]).drop_duplicates("record_id")
    return tables.table(claims, "Claims", ["publisher", "says"])


def markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def code(*shown: Any) -> dict[str, Any]:
    """A cell that displays things, as it would stand in an executed notebook."""
    outputs = []
    for thing in shown:
        found = thing._repr_mimebundle_()
        data, metadata = found if isinstance(found, tuple) else (found, {})
        outputs.append({"output_type": "display_data", "data": data, "metadata": metadata})
    return {"cell_type": "code", "metadata": {}, "source": "mali.show(…)", "outputs": outputs, "execution_count": 1}


def make_cells(chapter: Chapter) -> list[dict[str, Any]]:
    said = make_headline(chapter)
    return [
        markdown("# What does the sample show?\n\nScope: one of everything, for JNIM."),
        markdown("## First"),
        code(said, headlines.box("In a box", said)),
        markdown("## Second"),
        code(make_chart(chapter), make_table(chapter)),
        markdown("## Third"),
        code(make_plain_chart(), make_plain_chart()),
    ]


def write_sample(folder: Path, chapter: Chapter) -> Path:
    """The report of two notebooks on a chapter, in a folder."""
    books = {
        "01_sample": make_cells(chapter),
        "05_claims_check": [markdown("# What do others say?"), code(make_claims(chapter))],
    }
    (folder / "notebooks").mkdir(parents=True)
    own = []
    for name, cells in books.items():
        text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
        (folder / "notebooks" / f"{name}.ipynb").write_text(text, encoding="utf-8")
        parameters = {"chapter_id": chapter.chapter_id}
        own.append((Job(Path(f"{name}.ipynb"), parameters), Done(name, name, parameters, "ok", 1.0)))
    started = datetime(2026, 11, 25, 12, tzinfo=UTC)
    report.write_report(folder, own, chapter.root, chapter.chapter_id, "0" * 64, started, None)
    return folder
