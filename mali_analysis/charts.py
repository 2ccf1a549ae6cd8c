"""What all charts share: axes in our style, alternative text, SVG that is the same everywhere, matrices and arrows."""

from __future__ import annotations

import io
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast
from weakref import WeakKeyDictionary

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib import rc_context, rc_params_from_file, rcParams, rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from mali_analysis import headlines
from mali_analysis.chapter import Chapter
from mali_analysis.coding.schema import Code
from mali_analysis.tables import CONTROL, Table

CHART_MIME = "application/vnd.mali-analysis.chart+json"
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


def describe(axes: Axes, text: str) -> Axes:
    """The axes with their alternative text."""
    axes.figure.set_label(text)
    return axes


_DATA: WeakKeyDictionary[Any, Table] = WeakKeyDictionary()


def finish(axes: Axes, title: str, data: Table, source: str) -> Axes:
    """The axes with what they find as a title, a line on the source below, and the table of what they draw.

    ``data`` stands for the chart wherever it cannot be seen: one row per mark, the sentence or source with it.
    """
    figure = cast(Figure, axes.figure)
    wide = int(figure.get_figwidth() * 10.8)
    figure.suptitle(textwrap.fill(headlines.finish(title), wide), x=0.012, ha="left", fontsize=11, fontweight="bold")
    figure.supxlabel(textwrap.fill(source, int(wide * 1.35)), x=0.012, ha="left", fontsize=8.5, color=SOFT)
    figure.set_label(headlines.finish(title))
    _DATA[figure] = data
    return axes


def source_of(chapter: Chapter, others: str = "") -> str:
    """The line below a chart: the chapter, and where marks come from that do not."""
    return f"Source: {chapter.source.rpartition(', ')[2]}, as coded here{f'; {others}' if others else ''}."


def lead_to(artist: Any, chapter: Chapter, record_id: str) -> None:
    """In the pages a mark leads to the sentence behind it; one from elsewhere leads to its row."""
    spans = chapter.spans_of([record_id])
    artist.set_url(f"#{chapter.passages_of([spans[0][0]])[0]}" if spans else f"record:{record_id}")


def pale(color: str, share: float) -> str:
    """A color mixed with white: ``share`` of the color, the rest white."""
    red, green, blue = (1 - share * (1 - part) for part in to_rgb(color))
    return to_hex((red, green, blue))


def day_words(day: pd.Timestamp) -> str:
    """A day of the year in words."""
    return f"{day.day} {day:%B}"


TONES = {
    "good": GREEN, "half_good": pale(GREEN, 0.5), "fault": ORANGE, "half_fault": pale(ORANGE, 0.5), "bad": RED,
    "bound": PURPLE, "doubtful": "#9a6700", "sure": BLUE, "half_sure": pale(BLUE, 0.5), "strong": pale(BLUE, 0.65),
    "middling": pale(BLUE, 0.4), "weak": pale(BLUE, 0.18), "plain": GREY, "blank": PAPER,
}  # fmt: skip
"""Colors by what they stand for; the schema gives each code its tone."""


def legend_of(codes: Mapping[str, Code]) -> dict[str, tuple[str, str]]:
    """Word and color of each code, for ``plot_matrix``; by its letter, or by the code itself where it has none."""
    return {code.letter or name: (code.word, TONES[code.tone]) for name, code in codes.items() if code.tone}


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
            bundle |= {CHART_MIME: {"table": table._repr_html_(), "answers": self.data.answers}}
        return bundle, {"image/svg+xml": {"alt": self.title}}


def show(*things: Any) -> None:
    """Displays charts, sentences and tables of a notebook cell, one below the other."""
    from IPython.display import display

    for thing in things:
        display(draw(thing) if isinstance(thing, Axes) else thing)


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


def plot_arrows(
    rows: pd.DataFrame, left: str, middle: str, right: str, what: str, kind: str = "",
    colors: Mapping[str, str] = MappingProxyType({}),
) -> Axes:  # fmt: skip
    """One arrow per row, from the ``left`` text over the ``middle`` to the ``right``.

    ``kind`` names a column that stands in brackets below the left text and gives it a color of ``colors``; ``what``
    begins the alternative text.
    """
    if rows.empty:
        return say_empty("Nothing to draw for these parameters.")
    wrapped = {c: [textwrap.fill(str(v).replace("_", " "), w) for v in rows[c]] for c, w in ((left, 34), (right, 38))}
    sources = [
        f"{text}\n[{row[kind]}]" if kind and row[kind] else text
        for text, row in zip(wrapped[left], rows.to_dict("records"), strict=True)
    ]
    lines = [
        1 + max(source.count("\n"), text.count("\n")) for source, text in zip(sources, wrapped[right], strict=True)
    ]
    heights = [0.5 + 0.55 * max(count, 1.6) for count in lines]
    axes = new_axes(8.4, 0.33 * sum(heights) + 0.5)
    axes.axis("off")
    axes.set_xlim(0, 10)
    axes.set_ylim(sum(heights), -0.9)
    for x, name, side in ((3.2, left, "right"), (4.75, middle, "center"), (6.3, right, "left")):
        axes.text(x, -0.6, name.replace("_", " "), ha=side, va="center", fontsize=9, color="#52606d")
    y = 0.0
    for number, row in enumerate(rows.to_dict("records")):
        color = colors.get(row[kind], INK) if kind else INK
        middle_y = y + heights[number] / 2
        axes.text(3.2, middle_y, sources[number], ha="right", va="center", color=color, fontsize=10)
        axes.annotate(
            "",
            (6.2, middle_y + 0.2),
            (3.3, middle_y + 0.2),
            arrowprops={"arrowstyle": "->", "color": color, "lw": 1.3},
        )
        axes.text(4.75, middle_y + 0.05, str(row[middle]).replace("_", " "), ha="center", va="bottom", fontsize=10)
        axes.text(6.3, middle_y, wrapped[right][number], ha="left", va="center", fontsize=10)
        y += heights[number]
        axes.axhline(y, color="#e4e7eb", lw=0.6)
    told = [
        f"{row[left]}{f' [{row[kind]}]' if kind and row[kind] else ''} – {row[middle]} – {row[right]}"
        for row in rows.to_dict("records")
    ]
    return describe(axes, f"{what}. {'; '.join(told)}.".replace("_", " "))


def plot_matrix(
    letters: pd.DataFrame, legend: Mapping[str, tuple[str, str]], what: str, turn: int = 40, notes: Sequence[str] = (),
    explain: bool = True,
) -> Axes:  # fmt: skip
    """A table of letters with a color behind each: one row and one column per row and column of ``letters``.

    ``legend`` gives for each letter its meaning and color, told below where ``explain`` is set; an empty cell stays
    empty. ``what`` begins the alternative text; ``turn`` is the angle of the column heads; ``notes`` stand right of
    the rows.
    """
    if letters.empty:
        return say_empty("Nothing to show for these parameters.")
    order = list(legend)
    used = [letter for letter in order if (letters == letter).any().any()]
    codes = letters.map(lambda letter: order.index(letter) if letter else float("nan")).astype(float)
    heads = [textwrap.shorten(str(name), 36, placeholder=" …") if turn else str(name) for name in letters.columns]
    top = 0.4 + 0.075 * math.sin(math.radians(turn)) * max(map(len, heads)) if turn else 0.6
    bottom = 0.26 * (1 + (len(used) - 1) // 3) + 0.2 if explain else 0.1
    names = [str(name) for name in letters.index]
    height = (0.4 if any("\n" in name for name in names) else 0.31) * len(letters) + top + bottom
    axes = new_axes(8.4, height, layout=None)
    left = min(0.45, 0.02 + 0.0088 * max(len(line) for name in names for line in name.splitlines()))
    left = min(left, 0.36) if any(notes) else left
    right = min(0.84, left + 0.042 * len(heads)) if turn else min(0.99, left + 0.11 * len(heads))
    axes.figure.subplots_adjust(left=left, right=right, top=1 - top / height, bottom=bottom / height)
    sns.heatmap(
        codes, annot=letters, fmt="", cmap=sns.color_palette([color for _, color in legend.values()], as_cmap=False),
        vmin=0, vmax=max(1, len(order) - 1), cbar=False, linewidths=1.5, linecolor=PAPER, ax=axes,
        annot_kws={"color": INK, "fontweight": "bold", "fontsize": 9},
    )  # fmt: skip
    axes.set_yticks([i + 0.5 for i in range(len(letters))], names, rotation=0, fontsize=9)
    axes.set_xticks(
        [i + 0.5 for i in range(len(heads))], heads, rotation=turn, ha="left" if turn else "center",
        rotation_mode="anchor" if turn else "default", fontsize=9,
    )  # fmt: skip
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set(xlabel="", ylabel="")
    for y in range(1, len(letters)):
        axes.axhline(y, color="#e4e7eb", lw=0.6)
    for y, note in enumerate(notes):
        axes.text(len(heads) + 0.15, y + 0.5, textwrap.fill(note, 36), va="center", fontsize=8)
    handles = [Patch(facecolor=legend[letter][1], label=f"{letter}  {legend[letter][0]}") for letter in used * explain]
    axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(-left / (right - left), 0), ncols=3, frameon=False,
        fontsize=9,
    )  # fmt: skip
    told = [
        f"{name}: " + ", ".join(f"{head} {legend[letter][0]}" for head, letter in row.items() if letter)
        for name, row in letters.iterrows()
    ]
    return describe(axes, f"{what}. {'; '.join(told)}.")
