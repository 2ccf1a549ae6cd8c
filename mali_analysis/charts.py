"""Charts: a table in, Axes out. Each writes its own alternative text from the data; ``show`` displays it as SVG."""

from __future__ import annotations

import io
import re
import textwrap
from datetime import date
from typing import Any, cast

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from mali_analysis.cooperation import NOT_STATED
from mali_analysis.findings import NO_AGENCY
from mali_analysis.tables import CONTROL

INK, FAINT, PAPER = "#1f2933", "#9aa5b1", "#ffffff"
BLUE, ORANGE, RED, GREEN, GREY = "#0072b2", "#e69f00", "#c0392b", "#009e73", "#cbd2d9"
ATTRIBUTION = {"named": BLUE, "suspected": "#9a6700", "unidentified": RED, "unnamed": "#7a5195", "": INK}
LEVELS = {
    "present": ("P", GREEN),
    "deficient": ("D", ORANGE),
    "lacking": ("L", RED),
    NOT_STATED: ("–", GREY),
    "unknown": ("?", GREY),
}
STATUS = {"active": GREEN, "limited": ORANGE, "suspended": RED, "restricted": "#7a5195", NOT_STATED: PAPER}

_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "mali_analysis",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "sans-serif"],
    "font.size": 10,
    "text.parse_math": False,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "hatch.linewidth": 0.6,
    "hatch.color": "#52606d",
}


def new_axes(width: float, height: float, layout: Any = "constrained") -> Axes:
    """Empty axes in our style, of a size in inches."""
    sns.set_theme(style="white", rc=_STYLE)
    _, axes = plt.subplots(figsize=(width, height), layout=layout)
    sns.despine(ax=axes, left=True)
    return axes


def describe(axes: Axes, text: str) -> Axes:
    """The axes with their alternative text."""
    axes.figure.set_label(text)
    return axes


def pale(colour: str, share: float) -> str:
    """A colour mixed with white: ``share`` of the colour, the rest white."""
    red, green, blue = (1 - share * (1 - part) for part in to_rgb(colour))
    return to_hex((red, green, blue))


def _day(day: pd.Timestamp) -> str:
    return f"{day.day} {day:%B}"


def say_empty(text: str) -> Axes:
    """A line of text where there is nothing to draw."""
    axes = new_axes(8, 0.8)
    axes.axis("off")
    axes.text(0, 0.5, text, va="center", transform=axes.transAxes)
    return describe(axes, text)


class Picture:
    """A chart as SVG with its alternative text."""

    def __init__(self, svg: str, text: str) -> None:
        self.svg, self.text = svg, text

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        return {"image/svg+xml": self.svg, "text/plain": self.text}, {"image/svg+xml": {"alt": self.text}}


def show(*things: Any) -> None:
    """Displays charts, sentences and tables of a notebook cell, one below the other."""
    from IPython.display import display

    for thing in things:
        display(draw(thing) if isinstance(thing, Axes) else thing)


def draw(axes: Axes) -> Picture:
    """A chart ready to display, as SVG that is the same on every machine; closes the figure."""
    buffer, figure = io.StringIO(), cast(Figure, axes.figure)
    with plt.rc_context(_STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    svg = buffer.getvalue().translate(CONTROL)
    short = re.sub(r"(\d\.\d\d)\d+", r"\1", svg)  # a hundredth of a point is enough
    return Picture(short, str(figure.get_label()))


def plot_timeline(phases: pd.DataFrame, first: str, last: str) -> Axes:
    """Phases of incidents over a period: solid where it surely went on, hatched where it may have.

    ``phases`` as from ``select_phases``: one row per phase, in the order to draw.
    """
    if phases.empty:
        return say_empty("No described incident matches these parameters.")
    opens, closes = pd.Timestamp(first), pd.Timestamp(last)
    axes = new_axes(8.4, 0.36 * (len(phases) + phases["incident_id"].nunique()) + 1.0)
    y, ticks, names, told = 0.0, [], [], []
    colours = dict(zip(phases["incident_id"].unique(), [BLUE, RED, GREEN, "#7a5195"] * 5, strict=False))
    for incident, rows in phases.groupby("incident_id", sort=False):
        axes.text(opens, y, rows["title"].iloc[0], fontweight="bold", va="center", ha="left")
        for phase in rows.itertuples():
            y += 1
            colour = colours[incident]
            begin = opens if pd.isna(phase.start_earliest) else max(phase.start_earliest, opens)
            finish = closes if pd.isna(phase.end_latest) else min(phase.end_latest, closes)
            if begin == finish:
                axes.plot([begin], [y], marker="D", color=colour, markersize=7)
            else:
                axes.barh(y, finish - begin, left=begin, height=0.55, color=PAPER, edgecolor=colour, hatch="////")
            if pd.notna(phase.start_latest) and phase.start_latest < phase.end_earliest:
                axes.barh(
                    y, phase.end_earliest - phase.start_latest, left=phase.start_latest, height=0.55, color=colour
                )
            if pd.isna(phase.end_latest):
                axes.annotate(
                    "",
                    (closes + pd.Timedelta(days=9), y),
                    (closes, y),
                    arrowprops={"arrowstyle": "->", "color": colour},
                )
            ticks.append(y)
            names.append(phase.kind if phase.modality == "happened" else f"{phase.kind} ({phase.modality})")
            until = "after the year" if pd.isna(phase.end_latest) else _day(finish)
            told.append(f"{phase.title}, {names[-1]}: {_day(begin)} to {until}")
        y += 1
    axes.set_yticks(ticks, names)
    axes.set_ylim(y - 0.4, -0.7)
    axes.set_xlim(opens, closes + pd.Timedelta(days=10))
    axes.xaxis.set_major_locator(mdates.MonthLocator())
    axes.xaxis.set_major_formatter(mdates.DateFormatter("%b"))
    axes.tick_params(length=0)
    axes.grid(axis="x", color="#e4e7eb", zorder=0)
    axes.set_axisbelow(True)
    sure = Patch(facecolor=INK, label="surely went on")
    maybe = Patch(facecolor=PAPER, edgecolor=INK, hatch="////", label="may have gone on")
    axes.legend(handles=[sure, maybe], loc="upper center", bbox_to_anchor=(0.5, -0.06), ncols=2, frameon=False)
    return describe(axes, "Timeline of the described incidents by phase. " + "; ".join(told) + ".")


def plot_links(rows: pd.DataFrame, left: str, middle: str, right: str, kind: str = "", what: str = "Links") -> Axes:
    """One arrow per row, from the ``left`` text over the ``middle`` to the ``right``; ``kind`` colours the left."""
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
        colour = ATTRIBUTION.get(row[kind], INK) if kind else INK
        middle_y = y + heights[number] / 2
        axes.text(3.2, middle_y, sources[number], ha="right", va="center", color=colour, fontsize=10)
        axes.annotate(
            "",
            (6.2, middle_y + 0.2),
            (3.3, middle_y + 0.2),
            arrowprops={"arrowstyle": "->", "color": colour, "lw": 1.3},
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


def plot_roles(roles: pd.DataFrame) -> Axes:
    """Who is said to have done what to whom, one arrow per phase; attribution in words and colour."""
    return plot_links(
        roles.rename(columns={"doer": "who", "done_to": "to whom or what"}),
        "who", "action", "to whom or what", "attribution", "Who is said to have done what to whom",
    )  # fmt: skip


def plot_findings(findings: pd.DataFrame, links: pd.DataFrame) -> Axes:
    """Capabilities by agency: a letter and colour for the level, and in the margin what the chapter ties it to.

    ``findings`` as from ``select_findings``, ``links`` as from ``select_links``.
    """
    if findings.empty:
        return say_empty("The chapter assesses no capability for these parameters.")
    long = findings.explode("agencies")
    long["agency"] = [name.split(" (")[0] for name in long["agencies"]]
    shown = (
        long["level"]
        .astype("object")
        .where(long["level"].notna(), long["level_status"].astype(str).str.replace("_", " "))
    )
    agencies = [a for a in dict.fromkeys(long["agency"]) if a != NO_AGENCY] + [NO_AGENCY] * (
        NO_AGENCY in set(long["agency"])
    )
    order = list(LEVELS)
    codes = pd.DataFrame(float("nan"), index=range(len(findings)), columns=agencies)
    letters = pd.DataFrame("", index=codes.index, columns=agencies)
    place = {record_id: i for i, record_id in enumerate(findings["record_id"])}
    for record_id, agency, level in zip(long["record_id"], long["agency"], shown, strict=True):
        codes.loc[place[record_id], agency] = order.index(level)
        letters.loc[place[record_id], agency] = LEVELS[level][0]
    height = 0.4 * len(findings) + 2.1
    axes = new_axes(8.4, height, layout=None)
    axes.figure.subplots_adjust(
        left=0.36, right=0.36 + 0.043 * len(agencies), top=1 - 1.45 / height, bottom=0.6 / height
    )
    palette = [colour for _, colour in LEVELS.values()]
    sns.heatmap(
        codes, annot=letters, fmt="", cmap=sns.color_palette(palette, as_cmap=False), vmin=0, vmax=len(order) - 1,
        cbar=False, linewidths=1.5, linecolor=PAPER, ax=axes, annot_kws={"color": INK, "fontweight": "bold"},
    )  # fmt: skip
    axes.set_yticks(
        [i + 0.5 for i in range(len(findings))],
        [textwrap.fill(c, 44) for c in findings["capability"]],
        rotation=0,
        fontsize=9,
    )
    axes.set_xticks(
        [i + 0.5 for i in range(len(agencies))], agencies, rotation=40, ha="left", rotation_mode="anchor", fontsize=9
    )
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for y in range(1, len(findings)):
        axes.axhline(y, color="#e4e7eb", lw=0.6)
    causes = links[links["relation"].isin(["causes", "undermines", "enables", "aggravates"])]
    for row in causes.itertuples():
        if row.effect_id in place:
            text = textwrap.fill(f"← {row.relation} – {row.cause}".replace("causes", "because of"), 36)
            axes.text(len(agencies) + 0.15, place[row.effect_id] + 0.5, text, va="center", fontsize=8)
    handles = [
        Patch(facecolor=c, label=f"{letter}  {name}") for name, (letter, c) in LEVELS.items() if name in set(shown)
    ]
    axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.2, 0), ncols=len(handles), frameon=False)
    told = [
        f"{row.capability}: {level} ({', '.join(row.agencies)})"
        for row, level in zip(findings.itertuples(), shown.groupby(long["record_id"], sort=False).first(), strict=True)
    ]
    return describe(axes, "Assessed capabilities by agency. " + "; ".join(told) + ".")


def plot_status(stretches: pd.DataFrame, as_of: str, events: dict[str, date]) -> Axes:
    """Arrangements over the year: solid where stated, lighter where presupposed, hatched where it is left open.

    ``stretches`` as from ``trace_year``; ``events`` are marked by a line each, ``as_of`` by another.
    """
    if stretches.empty:
        return say_empty("The chapter names no arrangement with these partners.")
    keys = list(dict.fromkeys(zip(stretches["partner"], stretches["arrangement"].astype(str), strict=True)))
    axes = new_axes(8.4, 0.4 * len(keys) + 1.5)
    used: dict[str, Patch] = {}
    for row in stretches.itertuples():
        y = keys.index((row.partner, row.arrangement))
        unknown = row.answer == NOT_STATED
        faint = row.basis != "stated" and not unknown
        name = NOT_STATED if unknown else f"{row.answer}, {row.basis.replace('_', ' ')}"
        look: dict[str, Any] = {
            "facecolor": STATUS[row.answer],
            "edgecolor": FAINT if unknown else STATUS[row.answer],
            "hatch": "////" if unknown else "",
            "alpha": 0.4 if faint else 1.0,
        }
        axes.barh(y, row.last - row.first + pd.Timedelta(days=1), left=row.first, height=0.62, **look)
        used[name] = Patch(label=name, **look)
        if unknown and (row.last - row.first).days > 20:
            axes.text(row.first + (row.last - row.first) / 2, y, f"{row.later}?", ha="center", va="center", fontsize=8,
                      bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1})  # fmt: skip
    for number, (name, day) in enumerate(events.items()):
        axes.vlines(pd.Timestamp(day), -0.6, len(keys) - 0.4, color=INK, lw=1.2)
        axes.text(pd.Timestamp(day), -0.7, f" {name} ", ha="left" if number else "right", va="bottom", fontsize=9)
    axes.vlines(pd.Timestamp(as_of), -0.6, len(keys) - 0.4, color=BLUE, lw=1.4, ls=(0, (3, 2)))
    late = pd.Timestamp(as_of) > pd.Timestamp(stretches["first"].min()) + pd.Timedelta(days=300)
    axes.text(
        pd.Timestamp(as_of),
        len(keys) - 0.35,
        f"as of {as_of} ",
        ha="right" if late else "left",
        va="top",
        fontsize=9,
        color=BLUE,
    )
    axes.set_yticks(range(len(keys)), [f"{partner}: {arrangement.replace('_', ' ')}" for partner, arrangement in keys])
    axes.set_ylim(len(keys) + 0.1, -0.8)
    axes.set_xlim(stretches["first"].min(), stretches["last"].max() + pd.Timedelta(days=1))
    axes.xaxis.set_major_locator(mdates.MonthLocator())
    axes.xaxis.set_major_formatter(mdates.DateFormatter("%b"))
    axes.tick_params(length=0)
    axes.legend(
        handles=list(used.values()), loc="upper center", bbox_to_anchor=(0.3, -0.07), ncols=3, frameon=False, fontsize=9
    )
    told = [
        f"{row.partner}, {row.arrangement.replace('_', ' ')}: {row.answer} ({row.later or row.basis}) "
        f"{_day(row.first)} to {_day(row.last)}"
        for row in stretches.itertuples()
    ]
    return describe(axes, "Status of each arrangement over the year. " + "; ".join(told) + ".")


def plot_coverage(counts: pd.DataFrame) -> Axes:
    """Records anchored in each sentence, one column per sentence, by section; ``counts`` as from ``count_records``."""
    if counts.empty:
        return say_empty("No sentence in these sections.")
    axes = new_axes(8.4, 3.4)
    sns.barplot(counts, x="passage", y="records", hue="section", palette="colorblind", dodge=False, ax=axes)
    axes.set_xticks([])
    axes.set_xlabel("sentences, in reading order")
    axes.set_ylabel("records resting on it")
    sns.move_legend(axes, "upper center", bbox_to_anchor=(0.5, -0.1), ncols=3, frameon=False, title=None)
    told = [f"{row.passage}: {row.records}" for row in counts.itertuples()]
    return describe(axes, "Number of records that rest on each sentence. " + "; ".join(told) + ".")


def plot_matrix(letters: pd.DataFrame, legend: dict[str, tuple[str, str]], what: str, turn: int = 40) -> Axes:
    """A table of letters with a colour behind each: one row and one column per row and column of ``letters``.

    ``legend`` gives for each letter its meaning and colour; an empty cell stays empty. ``what`` begins the alternative
    text; ``turn`` is the angle of the column heads.
    """
    if letters.empty:
        return say_empty("Nothing to show for these parameters.")
    order = list(legend)
    used = [letter for letter in order if (letters == letter).any().any()]
    codes = letters.map(lambda letter: order.index(letter) if letter else float("nan")).astype(float)
    heads = [textwrap.shorten(str(name), 36, placeholder=" …") if turn else str(name) for name in letters.columns]
    top = 0.6 + (0.066 * max(map(len, heads)) if turn else 0)
    bottom = 0.26 * (1 + (len(used) - 1) // 3) + 0.2
    height = 0.31 * len(letters) + top + bottom
    axes = new_axes(8.4, height, layout=None)
    left = min(0.45, 0.02 + 0.0088 * max(len(str(name)) for name in letters.index))
    right = min(0.84, left + 0.042 * len(heads)) if turn else min(0.99, left + 0.11 * len(heads))
    axes.figure.subplots_adjust(left=left, right=right, top=1 - top / height, bottom=bottom / height)
    sns.heatmap(
        codes, annot=letters, fmt="", cmap=sns.color_palette([colour for _, colour in legend.values()], as_cmap=False),
        vmin=0, vmax=max(1, len(order) - 1), cbar=False, linewidths=1.5, linecolor=PAPER, ax=axes,
        annot_kws={"color": INK, "fontweight": "bold", "fontsize": 9},
    )  # fmt: skip
    axes.set_yticks([i + 0.5 for i in range(len(letters))], list(letters.index), rotation=0, fontsize=9)
    axes.set_xticks(
        [i + 0.5 for i in range(len(heads))], heads, rotation=turn, ha="left" if turn else "center",
        rotation_mode="anchor" if turn else "default", fontsize=9,
    )  # fmt: skip
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set(xlabel="", ylabel="")
    for y in range(1, len(letters)):
        axes.axhline(y, color="#e4e7eb", lw=0.6)
    handles = [Patch(facecolor=legend[letter][1], label=f"{letter}  {legend[letter][0]}") for letter in used]
    axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(-left / (right - left), 0), ncols=3, frameon=False,
        fontsize=9,
    )  # fmt: skip
    told = [
        f"{name}: " + ", ".join(f"{head} {legend[letter][0]}" for head, letter in row.items() if letter)
        for name, row in letters.iterrows()
    ]
    return describe(axes, f"{what}. {'; '.join(told)}.")


BEARINGS = {
    "positive": ("+", "something in place", GREEN),
    "negative": ("−", "deficit", ORANGE),
    "neutral": ("=", "level not stated", GREY),
    "unspecified": ("?", "general remark", GREY),
    "not_in_force": ("0", "not yet in force", GREY),
    "applied": ("A", "applied", BLUE),
    "silent": ("S", "chapter silent", PAPER),
}


def plot_standards(links: pd.DataFrame) -> Axes:
    """Standards against the findings that bear on them, with a column for silence; ``links`` as ``link_standards``."""
    if links.empty:
        return say_empty("No standard bears on these findings.")
    heads = [name for name in dict.fromkeys(links["finding"]) if name]
    letters = pd.DataFrame("", index=list(dict.fromkeys(links["standard"])), columns=["(silent)", *heads])
    for row in links.itertuples():
        letters.loc[row.standard, row.finding or "(silent)"] = BEARINGS[row.bearing][0]
    legend = {letter: (meaning, colour) for letter, meaning, colour in BEARINGS.values()}
    return plot_matrix(letters, legend, "Standards and the findings that bear on them", turn=60)


def plot_remedies(remedies: pd.DataFrame) -> Axes:
    """Deficits by what they rest on; the letter says who could mend them. ``remedies`` as from ``group_remedies``."""
    heads = {
        "means": "money, people,\nequipment", "procedure": "ways of\nworking", "territory": "holding\nground",
        "result": "follows from\nthe others",
    }  # fmt: skip
    legend = {
        "S": ("the state’s own agencies could mend it", GREEN),
        "D": ("the state with donors", BLUE),
        "W": ("only with the conflict", ORANGE),
    }
    letter = {"state": "S", "donors": "D", "war": "W"}
    letters = pd.DataFrame("", index=list(remedies["capability"]), columns=list(heads.values()))
    for row in remedies.itertuples():
        letters.loc[row.capability, heads[row.rests_on]] = letter[row.within_reach_of]
    lighter = {key: (meaning, pale(colour, 0.5)) for key, (meaning, colour) in legend.items()}
    return plot_matrix(letters, lighter, "What each border deficit rests on and who could mend it", turn=0)


def plot_qualifications(table: pd.DataFrame) -> Axes:
    """Incidents against event datasets: would they come in; ``table`` as from ``summarise_qualifications``."""
    legend = {
        "yes": ("would come in", pale(GREEN, 0.5)),
        "doubtful": ("in doubt", pale(ORANGE, 0.5)),
        "no": ("would not", GREY),
    }
    letters = table.pivot(index="incident", columns="dataset", values="verdict").fillna("")
    letters = letters.loc[list(dict.fromkeys(table["incident"])), list(dict.fromkeys(table["dataset"]))]
    plain = letters.rename_axis(None).rename_axis(None, axis=1)
    return plot_matrix(plain, legend, "Described incidents under the rules of event datasets", turn=0)


def plot_editions(editions: pd.DataFrame) -> Axes:
    """Statements of the opening against earlier editions; ``editions`` as from ``compare_editions``."""
    legend = {
        "same": ("s", "says the same", pale(BLUE, 0.65)),
        "other_year": ("y", "says it of its own year", pale(BLUE, 0.4)),
        "in_part": ("p", "in part or weaker", pale(BLUE, 0.18)), "absent": ("–", "does not say it", GREY),
        "unread": ("?", "could not be read", PAPER),
    }  # fmt: skip
    letters = editions.map(lambda relation: legend[relation][0])
    letters.columns = [str(year) for year in letters.columns]
    return plot_matrix(letters, {k: (m, c) for k, m, c in legend.values()}, "Statements in earlier editions", turn=0)


def plot_lengths(lengths: pd.DataFrame, said: float) -> Axes:
    """Border lengths by neighbor as two stacked bars, older and newer, and the chapter's total as a line, in miles."""
    axes = new_axes(8.4, 2.6)
    palette = sns.color_palette("colorblind", len(lengths))
    totals = {}
    for y, edition in enumerate(["older", "newer"]):
        left = 0.0
        for colour, row in zip(palette, lengths.itertuples(), strict=True):
            miles = getattr(row, f"{edition}_miles")
            axes.barh(y, miles, left=left, color=(*colour, 0.45), edgecolor=PAPER, height=0.62)
            name = row.neighbor.replace("Burkina Faso", "Burkina\nFaso").replace("Côte d’Ivoire", "Côte\nd’Ivoire")
            axes.text(left + miles / 2, y, f"{name}\n{miles:,.0f}", ha="center", va="center", fontsize=8)
            left += miles
        totals[edition] = left
        axes.text(left + 40, y, f"{left:,.0f}", va="center", fontweight="bold", fontsize=10)
    axes.axvline(said, color=INK, lw=1.4, ls=(0, (3, 2)), zorder=0)
    axes.text(said, -0.62, f"the chapter: some {said:,.0f} miles ", ha="right", va="bottom", fontsize=9)
    axes.set_yticks([0, 1], ["older\nFactbook", "newer\nFactbook"])
    axes.set_ylim(1.5, -0.75)
    axes.set_xlim(0, max(totals.values()) * 1.1)
    axes.set_xlabel("miles")
    axes.tick_params(length=0)
    told = [f"{row.neighbor} {row.older_miles:,.0f} and {row.newer_miles:,.0f}" for row in lengths.itertuples()]
    return describe(
        axes,
        f"Border lengths by neighbor in the older and the newer Factbook, in miles. {'; '.join(told)}; together "
        f"{totals['older']:,.0f} and {totals['newer']:,.0f}; the chapter says {said:,.0f}.",
    )


def plot_dates(compared: pd.DataFrame, closes: date) -> Axes:
    """The chapter's dates as bars and others' dates as hollow diamonds below them; ``compared`` as ``compare_dates``.

    A bar that runs out to the right has no latest day. The two kinds never share a mark.
    """
    if compared.empty:
        return say_empty("No outside report gives a date for these records.")
    groups = list(compared.groupby(["subject", "which"], sort=False))
    axes = new_axes(8.4, 0.33 * len(groups) + 0.8)
    told, end = [], pd.Timestamp(closes) + pd.Timedelta(days=110)
    for y, ((subject, which), rows) in enumerate(groups):
        first, last = rows["chapter_earliest"].iloc[0], rows["chapter_latest"].iloc[0]
        until = end if pd.isna(last) else last + pd.Timedelta(days=1)
        width = max(until - first, pd.Timedelta(days=2))
        axes.barh(y - 0.14, width, left=first, height=0.34, color=BLUE, alpha=0.55, linewidth=0)
        for row in rows.itertuples():
            middle = row.others_earliest + (row.others_latest - row.others_earliest) / 2
            axes.plot([middle], [y + 0.2], marker="D", markersize=6, markerfacecolor=PAPER, markeredgecolor=RED)
        span = "no latest day" if pd.isna(last) else _day(last)
        others = ", ".join(_day(day) for day in rows["others_earliest"])
        told.append(f"{subject}, {which}: the chapter {_day(first)} to {span}, others {others}")
    axes.set_yticks(
        range(len(groups)),
        [textwrap.shorten(f"{name}, {which}", 58, placeholder=" …") for (name, which), _ in groups],
        fontsize=9,
    )
    axes.set_ylim(len(groups) - 0.4, -0.6)
    axes.set_xlim(pd.Timestamp(closes.year, 3, 1) - pd.Timedelta(days=3), end)
    months = pd.date_range(f"{closes.year}-03-01", end, freq="MS")
    years = [f"{day:%b\n%Y}" if not n or day.month == 1 else f"{day:%b}" for n, day in enumerate(months)]
    axes.set_xticks(months, years)
    axes.tick_params(length=0)
    axes.grid(axis="x", color="#e4e7eb")
    axes.set_axisbelow(True)
    ours = Patch(facecolor=BLUE, alpha=0.55, label="days that the chapter’s words allow")
    theirs = Line2D([], [], marker="D", markerfacecolor=PAPER, markeredgecolor=RED, linestyle="", label="day by others")
    axes.legend(handles=[ours, theirs], loc="upper right", bbox_to_anchor=(1, -0.1), ncols=2, frameon=False, fontsize=9)
    return describe(axes, "The chapter’s dates beside those that others give. " + "; ".join(told) + ".")


def plot_verdicts(counts: pd.DataFrame) -> Axes:
    """Outside reports by section and verdict; ``counts`` as from ``count_verdicts``. A number in each cell."""
    if counts.empty:
        return say_empty("No outside report matches these parameters.")
    axes = new_axes(8.4, 0.42 * len(counts) + 0.9)
    shown = counts.rename(index=lambda name: name.replace("_", " "))
    numbers = shown.map(lambda n: str(n) if n else "")
    sns.heatmap(
        shown, annot=numbers, fmt="", cmap="Blues", vmin=0, vmax=shown.to_numpy().max() * 1.8, cbar=False,
        linewidths=1.5, linecolor=PAPER, ax=axes, annot_kws={"color": INK, "fontweight": "bold"},
    )  # fmt: skip
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_yticks(axes.get_yticks(), list(shown.index), rotation=0)
    told = [
        f"{name}: " + ", ".join(f"{number} {verdict}" for verdict, number in row.items() if number)
        for name, row in shown.iterrows()
    ]
    return describe(axes, "Outside reports by section of the chapter and verdict. " + "; ".join(told) + ".")


def plot_agreement(agreement: pd.DataFrame, good: float = 0.8) -> Axes:
    """Krippendorff's alpha of each variable with enough units, before and after the rules were sharpened.

    ``agreement`` as from ``compare_codings``; lines are 95 percent bootstrap intervals, ``good`` is marked.
    """
    shown = agreement[agreement["alpha_before"].notna() & agreement["alpha_after"].notna()]
    shown = shown.sort_values("alpha_before", kind="stable")
    axes = new_axes(8.4, 0.34 * len(shown) + 1.1)
    looks = {"before": (-0.14, PAPER, RED), "after": (0.14, BLUE, BLUE)}
    for y, row in enumerate(shown.to_dict("records")):
        for stage, (lift, face, edge) in looks.items():
            axes.plot([row[f"low_{stage}"], row[f"high_{stage}"]], [y + lift] * 2, color=edge, lw=1.2)
            axes.plot([row[f"alpha_{stage}"]], [y + lift], marker="o", markersize=6, markerfacecolor=face,
                      markeredgecolor=edge)  # fmt: skip
    names = [f"{row['table']}: {row['variable']}".replace("_", " ") for row in shown.to_dict("records")]
    axes.axvline(good, color=INK, lw=1, ls=(0, (3, 2)), zorder=0)
    axes.set_yticks(range(len(shown)), names, fontsize=9)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlim(-0.12, 1.03)
    axes.set_xlabel("Krippendorff’s alpha")
    axes.tick_params(length=0)
    handles = [
        Line2D([], [], marker="o", color=edge, markerfacecolor=face, label=f"{stage} the rules were sharpened")
        for stage, (_, face, edge) in looks.items()
    ]
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, -0.12), ncols=2, frameon=False, fontsize=9)
    told = [
        f"{name}: {row.alpha_before:.2f}, then {row.alpha_after:.2f}"
        for name, row in zip(names, shown.itertuples(), strict=True)
    ]
    return describe(axes, "Agreement of two blind codings with the first, by variable. " + "; ".join(told) + ".")
