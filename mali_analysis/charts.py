"""What all charts share: axes in our style, alternative text, SVG that is the same everywhere, matrices and arrows."""

from __future__ import annotations

import io
import re
import textwrap
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast
from weakref import WeakKeyDictionary

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib import rc_context, rc_params_from_file, rcParams, rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from mali_analysis import headlines
from mali_analysis.chapter import Chapter
from mali_analysis.disclosure import fold
from mali_analysis.errors import MaliError
from mali_analysis.tables import CHART_MIME, CONTROL, Table

STYLE = Path(__file__).with_name("mali.mplstyle")
INK, SOFT, FAINT, PAPER = "#1f2933", "#52606d", "#9aa5b1", "#ffffff"
BLUE, ORANGE, RED, GREEN, GREY, PURPLE = "#0072b2", "#e69f00", "#c0392b", "#009e73", "#cbd2d9", "#7a5195"


NOT_OURS = {"backend", "backend_fallback", "date.epoch", "interactive", "toolbar"}
"""Settings that have to do with windows, not with what a chart looks like, or that cannot be changed later."""


@cache
def settings() -> Any:
    """All of matplotlib's settings for our charts, so that neither a user's file nor a style sheet changes any."""
    with rc_context():
        rcParams.update({name: value for name, value in rcParamsDefault.items() if name not in NOT_OURS})
        sns.set_theme(style="white", rc=cast(Any, rc_params_from_file(STYLE, use_default_template=False)))
        return {name: value for name, value in rcParams.items() if name not in NOT_OURS}


def new_axes(width: float, height: float, layout: Any = "constrained") -> Axes:
    """Empty axes in our style, of a size in inches."""
    rcParams.update(settings())
    _, axes = plt.subplots(figsize=(width, height), layout=layout)
    sns.despine(ax=axes, left=True)
    return axes


_DATA: WeakKeyDictionary[Any, Table] = WeakKeyDictionary()


def finish(axes: Axes, title: str, data: Table, source: str) -> Axes:
    """The axes with what they find as a title, a line on the source below, and the table of what they draw.

    ``data`` stands for the chart wherever it cannot be seen: one row per mark, the sentence or source with it.
    """
    figure = cast(Figure, axes.figure)
    wide = int(figure.get_figwidth() * 9.8)
    figure.suptitle(textwrap.fill(headlines.finish(title), wide), x=0.012, ha="left", fontsize=11, fontweight="bold")
    figure.supxlabel(textwrap.fill(source, int(wide * 1.45)), x=0.012, ha="left", fontsize=8.5, color=SOFT)
    figure.set_label(headlines.finish(title))
    _DATA[figure] = data
    return axes


def source_of(chapter: Chapter, others: str = "") -> str:
    """The line below a chart: the chapter, and where marks come from that do not."""
    return f"Source: {chapter.facts.name}, as coded here{f'; {others}' if others else ''}."


def lead_to(artist: Any, chapter: Chapter, record_id: str) -> None:
    """In the pages a mark leads to the sentence behind it; one from elsewhere leads to its row."""
    spans = chapter.spans_of([record_id])
    artist.set_url(f"#{chapter.passages_of([spans[0][0]])[0]}" if spans else f"record:{record_id}")


def pale(color: str, share: float) -> str:
    """A color mixed with white: ``share`` of the color, the rest white."""
    red, green, blue = (1 - share * (1 - part) for part in to_rgb(color))
    return to_hex((red, green, blue))


TONES = {
    "good": GREEN, "half_good": pale(GREEN, 0.5), "fault": ORANGE, "half_fault": pale(ORANGE, 0.5), "bad": RED,
    "bound": PURPLE, "doubtful": "#9a6700", "sure": BLUE, "half_sure": pale(BLUE, 0.5), "strong": pale(BLUE, 0.65),
    "middling": pale(BLUE, 0.4), "weak": pale(BLUE, 0.18), "plain": GREY, "blank": PAPER,
}  # fmt: skip
"""Colors by what they stand for; the schema gives each code its tone."""


def say_empty(text: str) -> Axes:
    """A line of text where there is nothing to draw."""
    axes = new_axes(8, 0.8)
    axes.axis("off")
    axes.text(0, 0.5, text, va="center", transform=axes.transAxes)
    axes.figure.set_label(text)
    return axes


class Picture:
    """A chart as SVG with what it finds, and the table of what it draws."""

    def __init__(self, svg: str, title: str, data: Table | None) -> None:
        self.svg, self.title, self.data = svg, title, data

    @property
    def text(self) -> str:
        """What it finds and all that it draws, in words."""
        return self.title if self.data is None else f"{self.title}\n{self.data.frame.to_string(index=False)}"

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle: dict[str, Any] = {"image/svg+xml": self.svg, "text/plain": self.text}
        if self.data is not None:
            table = replace(self.data, caption=self.title)
            bundle |= {CHART_MIME: {"table": table.to_html(), "answers": self.data.answers}}
        return bundle, {"image/svg+xml": {"alt": self.title}}


class _Behind:
    """What a chart draws, as a table below it with the sentences, to be opened in Jupyter; pages have their own."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture

    def __repr__(self) -> str:
        return "What the chart draws stands in the output before."

    def _repr_html_(self) -> str:
        table = replace(cast(Table, self.picture.data), caption=self.picture.title)
        return fold("What the chart draws, and the words behind it", table._repr_html_())


def show(*things: Any) -> None:
    """Displays charts, sentences and tables of a notebook cell, one below the other."""
    from IPython.display import display

    for thing in things:
        shown = draw(thing) if isinstance(thing, Axes) else thing
        display(shown)
        if isinstance(shown, Picture) and shown.data is not None:
            display(_Behind(shown))


def save_chart(axes: Axes, path: str | Path) -> Path:
    """A chart as a file, its finding above and its source below: ``.svg``, or ``.png`` for print; closes the figure.

    Raises ChartError for any other ending.
    """
    target = Path(path)
    if target.suffix not in (".svg", ".png"):
        raise ChartError(f"file {target.name!r}: allowed: a name that ends in .svg or .png")
    if target.suffix == ".svg":
        target.write_text(draw(axes).svg, encoding="utf-8")
        return target
    figure = cast(Figure, axes.figure)
    with rc_context(settings()):
        figure.savefig(target, dpi=200)
    plt.close(figure)
    return target


class ChartError(MaliError):
    """A chart that cannot be written in this form."""


def draw(axes: Axes) -> Picture:
    """A chart ready to display, as SVG that is the same on every machine; closes the figure."""
    buffer, figure = io.StringIO(), cast(Figure, axes.figure)
    with rc_context(settings()):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    data = _DATA.pop(figure, None)
    plt.close(figure)
    svg = buffer.getvalue().translate(CONTROL)
    short = re.sub(r"(\d\.\d\d)\d+", r"\1", svg)  # a hundredth of a point is enough
    return Picture(short, str(figure.get_label()), data)
