"""Described incidents: which ones, when and how long, and who is said to have done what to whom."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from mali_analysis import charts, dates
from mali_analysis.chapter import DAY_COLUMNS, Chapter
from mali_analysis.headlines import Headline, count, headline, join, number_word, quantity


def select_incidents(
    chapter: Chapter,
    start: str | date,
    end: str | date,
    actors: Sequence[str] = (),
    places: Sequence[str] = (),
    event_types: Sequence[str] = (),
) -> pd.DataFrame:
    """Incidents that may have touched a period, one row per incident in order of their earliest start.

    ``start`` and ``end`` are ISO days. An incident counts where its dates allow that it went on in the period. An empty
    list selects all; ``actors`` keeps the incidents in which any of them has a part, ``places`` those the chapter puts
    at one of them or at a part of it. Adds ``began`` and ``ended``, the dates in words.
    """
    table = chapter.incidents
    keep = table["start_earliest"].le(pd.Timestamp(end)) & ~table["end_latest"].lt(pd.Timestamp(start))
    if actors:
        phases = chapter.involvements.loc[chapter.involvements["actor_id"].isin(actors), "subject_id"]
        keep &= table["record_id"].isin(chapter.phases.loc[chapter.phases["record_id"].isin(phases), "incident_id"])
    if places:
        keep &= table["record_id"].isin(chapter.placed_in(places))
    if event_types:
        keep &= table["event_type"].isin(event_types)
    chosen = table[keep].sort_values("start_earliest", kind="stable").reset_index(drop=True)
    return chosen.assign(began=_in_words(chosen, "start"), ended=_in_words(chosen, "end"))


def _in_words(table: pd.DataFrame, which: str) -> list[str]:
    pairs = zip(table[f"{which}_earliest"], table[f"{which}_latest"], strict=True)
    return [dates.in_words(*(None if pd.isna(day) else day.date() for day in pair)) for pair in pairs]


def select_phases(chapter: Chapter, incidents: pd.DataFrame) -> pd.DataFrame:
    """Phases of the given incidents, one row per phase, in the incidents' order and their own; ``title`` is added."""
    titles = incidents[["record_id", "title"]].rename(columns={"record_id": "incident_id"})
    phases = titles.assign(order=range(len(titles))).merge(chapter.phases, on="incident_id")
    phases = phases.sort_values(["order", "sequence"])
    columns = ["record_id", "incident_id", "title", "sequence", "kind", "modality", "outcome", "clause", *DAY_COLUMNS]
    return phases[[*columns, "end_edtf", "end_edtf_status"]].reset_index(drop=True)


def summarize_roles(chapter: Chapter, phases: pd.DataFrame) -> pd.DataFrame:
    """Who is said to have done what to whom, one row per phase with a party in it.

    Columns: ``record_id``, ``doer``, ``attribution`` (of the perpetrator; empty for others), ``action``, ``done_to``.
    """
    sides = {name: code.more["side"] for name, code in chapter.codes("involvements", "role").items()}
    rows = []
    for phase in phases.itertuples():
        parts = chapter.involvements[chapter.involvements["subject_id"] == phase.record_id]
        side = parts["role"].map(sides).astype(str)
        doers, done_to = parts[side == "does"], parts[side == "undergoes"]
        targets = list(chapter.targets.loc[chapter.targets["phase_id"] == phase.record_id, "name"])
        if parts.empty:
            continue
        attributions = doers["attribution"].dropna()
        rows.append(
            {
                "record_id": phase.record_id,
                "doer": " and ".join(chapter.names(doers["actor_id"])) or "not said",
                "attribution": attributions.iloc[0] if len(attributions) else "",
                "action": f"{phase.kind} ({phase.modality})" if phase.modality != "happened" else phase.kind,
                "done_to": ", ".join([*targets, *chapter.names(done_to["actor_id"])]) or "not said",
            }
        )
    return pd.DataFrame(rows, columns=["record_id", "doer", "attribution", "action", "done_to"])


def summarize_attributions(chapter: Chapter, phases: pd.DataFrame) -> pd.DataFrame:
    """Attribution as worded, one row per phase and attacker, with ``title``, ``actor``, ``attribution``."""
    parts = chapter.involvements[chapter.involvements["role"].isin(["perpetrator", "orchestrator"])]
    joined = phases.merge(parts, left_on="record_id", right_on="subject_id", suffixes=("", "_part"))
    joined["actor"] = chapter.names(joined["actor_id"])
    columns = ["record_id_part", "incident_id", "title", "sequence", "kind", "actor", "role", "attribution"]
    return joined[columns].rename(columns={"record_id_part": "record_id"})


def summarize_trends(chapter: Chapter, places: Sequence[str] = ()) -> pd.DataFrame:
    """Trends that the chapter asserts, one row per trend, at the given places or parts of them (empty: all).

    Adds ``where``, the places in words; missing where the chapter names none.
    """
    trends = chapter.trends[["record_id", "measure", "direction", "baseline", "baseline_status", "phrase"]]
    chosen = trends[trends["record_id"].isin(chapter.placed_in(places))] if places else trends
    return chosen.assign(where=chapter.where(chosen["record_id"])).reset_index(drop=True)


def summarize_durations(incidents: pd.DataFrame) -> pd.DataFrame:
    """How long each incident lasted, as bounds in days from its first day to its last, one row per incident.

    Columns: ``record_id``, ``title``, ``began``, ``ended`` (in words), ``at_least``, ``at_most`` (missing where the
    chapter sets no upper bound); zero where it began and ended on one day.
    """
    least = (incidents["end_earliest"] - incidents["start_latest"]).dt.days.clip(lower=0)
    most = (incidents["end_latest"] - incidents["start_earliest"]).dt.days
    bounds = {"at_least": least.astype("Int64"), "at_most": most.astype("Int64")}
    return incidents[["record_id", "title", "began", "ended"]].assign(**bounds).reset_index(drop=True)


def summarize_datasets(chapter: Chapter) -> pd.DataFrame:
    """Which incidents the event datasets would hold by the chapter's facts, one row per incident and dataset.

    Columns: ``record_id``, ``incident``, ``dataset``, ``verdict``, ``reason``.
    """
    incidents = chapter.incidents.set_index("record_id")["title"]
    datasets = chapter.event_datasets.set_index("record_id")["name"]
    table = chapter.qualifications
    return pd.DataFrame(
        {
            "record_id": table["record_id"],
            "incident_id": table["incident_id"],
            "incident": list(incidents.loc[table["incident_id"]]),
            "dataset": list(datasets.loc[table["dataset_id"]]),
            "verdict": table["verdict"].astype(str),
            "reason": table["reason"],
        }
    )


def say_matches(chapter: Chapter, incidents: pd.DataFrame) -> Headline:
    """How many of the described incidents the choice leaves, and which."""
    if incidents.empty:
        text = "no described incident matches these parameters; the chapter may still report trends for them."
        return headline(chapter, text, [], 0, "incidents")
    titles = [title[0].lower() + title[1:] for title in incidents["title"]]
    described = f"the chapter describes {count(len(incidents), 'incident')} within these parameters: {join(titles)}."
    return headline(chapter, described, list(incidents["record_id"]), len(incidents), "incidents")


def say_selection(chapter: Chapter) -> Headline:
    """What the described incidents are out of, in the chapter's own word."""
    said, _, _ = quantity(chapter, "qty-attacks")
    number = len(chapter.incidents)
    text = (
        f"the chapter speaks of {said} of terrorist attacks in the year and describes {number_word(number)}, "
        "which it calls significant without saying why: a selection, never a sample."
    )
    return headline(chapter, text, ["qty-attacks", "tr-hundreds", *chapter.incidents["record_id"]], number, "incidents")


def say_attribution(chapter: Chapter, incidents: pd.DataFrame) -> Headline:
    """Which incidents carry a group's name, and which do not."""
    attributions = summarize_attributions(chapter, select_phases(chapter, incidents))
    if attributions.empty:
        return headline(chapter, "no attackers are described for these parameters.", [], 0, "incidents")
    named = attributions[attributions["attribution"] == "named"]
    other = attributions[~attributions["incident_id"].isin(named["incident_id"])]
    wording = list(dict.fromkeys(other["actor"]))
    groups = join([name.partition(" (")[0] for name in dict.fromkeys(named["actor"])])
    number = named["incident_id"].nunique()
    text = f"the chapter names a group for {number_word(number)} of the {count(incidents.shape[0], 'incident')}" + (
        f" ({groups})" if number else ""
    )
    text += f"; elsewhere it speaks of {join(wording)}." if wording else "."
    return headline(chapter, text, list(attributions["record_id"]), number, "incidents")


def say_captivity(chapter: Chapter, incidents: pd.DataFrame) -> Headline:
    """How long each captivity lasted, as the bounds that the words allow."""
    phases = select_phases(chapter, incidents)
    held = phases[(phases["kind"] == "captivity") & phases["end_latest"].notna()]
    if held.empty:
        return headline(chapter, "no captivity with an end is described for these parameters.", [], None, "days")
    told, bounds = [], []
    for row in held.itertuples():
        least, most = (row.end_earliest - row.start_latest).days, (row.end_latest - row.start_earliest).days
        first = dates.in_words(row.start_earliest.date(), row.start_latest.date())
        last = dates.in_words(row.end_earliest.date(), row.end_latest.date())
        told.append(f"began on {first} and ended on a day from {last}: {least} to {most} days")
        bounds.append(f"{least} to {most}")
    text = f"the captivity {told[0]}." if len(told) == 1 else f"captivities: {'; '.join(told)}."
    return headline(chapter, text, list(held["record_id"]), "; ".join(bounds), "days")


def say_unsaid(chapter: Chapter, incidents: pd.DataFrame) -> Headline:
    """For how many incidents the chapter says nothing of dead, and for how many it says that none were reported."""
    if incidents.empty:
        return headline(chapter, "no described incident matches these parameters.", [], 0, "incidents")
    silent, none = (incidents["killed_status"] == "not_stated"), (incidents["killed_status"] == "none_reported")
    text = (
        f"for {number_word(int(silent.sum()))} of the {count(len(incidents), 'incident')} the chapter says nothing of "
        f"dead, for {number_word(int(none.sum()))} that none were reported; neither is a zero."
    )
    return headline(chapter, text, list(incidents["record_id"]), int(silent.sum()), "incidents")


def say_exchange(chapter: Chapter) -> Headline:
    """What was agreed for the captives, in the chapter's hedges and modality."""
    prisoners, number, _ = quantity(chapter, "qty-prisoners")
    others, _, _ = quantity(chapter, "qty-europeans")
    text = (
        f"the transition government agreed to release {prisoners} prisoners in exchange for Cisse and "
        f"{number_word(int(others))} European citizens; that they were let go is not said."
    )
    return headline(
        chapter, text, ["ph-cisse-exchange", "qty-prisoners", "qty-europeans"], number, "prisoners, at least one more"
    )


def say_trends(chapter: Chapter, trends: pd.DataFrame) -> Headline:
    """What moved which way, and whether the chapter says compared with what."""
    if trends.empty:
        return headline(chapter, "the chapter asserts no trend for these places.", [], 0, "trends")
    up = trends[trends["direction"].isin(["increased", "extended"])]
    bare = up[up["baseline"].isna()]
    based = number_word(len(up) - len(bare)) if len(up) > len(bare) else "none"
    text = (
        f"the chapter asserts {count(len(up), 'rise or extension', 'rises or extensions')} of terrorist activity "
        f"({join(list(dict.fromkeys(up['measure'])))}) and names a baseline for {based} of them."
    )
    if up.empty:
        text = f"the chapter asserts {count(len(trends), 'trend')} here and no rise."
    return headline(chapter, text, list(up["record_id"]) or list(trends["record_id"]), len(up), "trends")


def say_judgments(chapter: Chapter, incidents: pd.DataFrame) -> Headline:
    """What the chapter infers about the incidents rather than reports."""
    phases = select_phases(chapter, incidents)["record_id"]
    about = chapter.judgments["about_id"].isin([*incidents["record_id"], *phases])
    chosen = chapter.judgments[about]
    if chosen.empty:
        return headline(chapter, "the chapter adds no judgment of its own on these incidents.", [], 0, "judgments")
    kinds = join([f"{number_word(n)} on {k}" for k, n in chosen["kind"].astype(str).value_counts(sort=False).items()])
    number = count(len(chosen), "judgment")
    text = f"the chapter adds {number} of its own ({kinds}): its reading, not reported facts."
    return headline(chapter, text, list(chosen["record_id"]), len(chosen), "judgments")


def say_drift(chapter: Chapter, incidents: pd.DataFrame) -> Headline:
    """Incidents in which the chapter's wording for the attackers changes on the way."""
    attributions = summarize_attributions(chapter, select_phases(chapter, incidents))
    told, ids = [], []
    for incident, rows in attributions.groupby("incident_id", sort=False):
        if rows["actor"].nunique() > 1:
            words = [name.partition(" (")[0] for name in dict.fromkeys(rows["actor"])]
            title = chapter.names([str(incident)], "incidents", "title")[0]
            told.append(f"{title[0].lower()}{title[1:]} ({' → '.join(words)})")
            ids += list(rows["record_id"])
    if not told:
        return headline(
            chapter, "the wording for the attackers does not change within these incidents.", [], 0, "incidents"
        )
    text = (
        f"in {count(len(told), 'incident')} the wording for the attackers changes on the way: {join(told)}; the later "
        "wording is the surer, and the chapter does not say how it came to know."
    )
    return headline(chapter, text, ids, len(told), "incidents")


def say_durations(chapter: Chapter, durations: pd.DataFrame) -> Headline:
    """How long the incidents lasted, as bounds."""
    if durations.empty:
        return headline(chapter, "no described incident matches these parameters.", [], 0, "incidents")
    longest = durations.loc[durations["at_least"].idxmax()]
    told = []
    for row in durations.itertuples():
        title = f"{row.title[0].lower()}{row.title[1:]}"
        if pd.isna(row.at_most):
            told.append(f"{title} {row.at_least} days or more")
        elif row.at_most == 0:
            told.append(f"{title} within one day")
        else:
            told.append(f"{title} {f'{row.at_least} to' if row.at_least else 'up to'} {row.at_most} days")
    text = f"by the chapter’s words: {join(told)}; an episode with breaks counts as one."
    return headline(chapter, text, list(durations["record_id"]), int(longest["at_least"]), "days at least")


def say_datasets(chapter: Chapter, table: pd.DataFrame) -> Headline:
    """How many of the incidents each event dataset would hold, by the chapter's facts."""
    if table.empty:
        return headline(chapter, "no described incident matches these parameters.", [], 0, "incidents")
    told = []
    for dataset, own in table.groupby("dataset", sort=False):
        sure, doubtful = (int((own["verdict"] == verdict).sum()) for verdict in ("yes", "doubtful"))
        told.append(
            f"{number_word(sure) if sure else 'none'} into {dataset}"
            + (f" ({number_word(doubtful)} more in doubt)" if doubtful else "")
        )
    number = count(table["incident_id"].nunique(), "incident")
    text = (
        f"by the chapter’s own facts and the datasets’ own rules, of the {number} would come {join(told)}; "
        "UCDP asks for a death and the chapter reports none."
    )
    ids = [*table["incident_id"].unique(), *table["record_id"], *chapter.event_datasets["record_id"]]
    ruled_out = int((table["verdict"] == "no").sum())
    return headline(chapter, text, ids, ruled_out, "pairs of incident and dataset ruled out")


def plot_timeline(phases: pd.DataFrame, first: str, last: str) -> Axes:
    """Phases of incidents over a period: solid where it surely went on, hatched where it may have.

    ``phases`` as from ``select_phases``: one row per phase, in the order to draw.
    """
    if phases.empty:
        return charts.say_empty("No described incident matches these parameters.")
    opens, closes = pd.Timestamp(first), pd.Timestamp(last)
    axes = charts.new_axes(8.4, 0.36 * (len(phases) + phases["incident_id"].nunique()) + 1.0)
    y, ticks, names, told = 0.0, [], [], []
    own = [charts.BLUE, charts.RED, charts.GREEN, charts.PURPLE]
    colors = dict(zip(phases["incident_id"].unique(), itertools.cycle(own), strict=False))
    for incident, rows in phases.groupby("incident_id", sort=False):
        axes.text(opens, y, rows["title"].iloc[0], fontweight="bold", va="center", ha="left")
        for phase in rows.itertuples():
            y += 1
            color = colors[incident]
            begin = opens if pd.isna(phase.start_earliest) else max(phase.start_earliest, opens)
            finish = closes if pd.isna(phase.end_latest) else min(phase.end_latest, closes)
            if begin == finish:
                axes.plot([begin], [y], marker="D", color=color, markersize=7)
            else:
                axes.barh(y, finish - begin, left=begin, height=0.55, color=charts.PAPER, edgecolor=color, hatch="////")
            if pd.notna(phase.start_latest) and phase.start_latest < phase.end_earliest:
                axes.barh(y, phase.end_earliest - phase.start_latest, left=phase.start_latest, height=0.55, color=color)
            if pd.isna(phase.end_latest):
                axes.annotate(
                    "",
                    (closes + pd.Timedelta(days=9), y),
                    (closes, y),
                    arrowprops={"arrowstyle": "->", "color": color},
                )
            ticks.append(y)
            names.append(phase.kind if phase.modality == "happened" else f"{phase.kind} ({phase.modality})")
            until = "after the year" if pd.isna(phase.end_latest) else charts.day_words(finish)
            told.append(f"{phase.title}, {names[-1]}: {charts.day_words(begin)} to {until}")
        y += 1
    axes.set_yticks(ticks, names)
    axes.set_ylim(y - 0.4, -0.7)
    axes.set_xlim(opens, closes + pd.Timedelta(days=10))
    axes.xaxis.set_major_locator(mdates.MonthLocator())
    axes.xaxis.set_major_formatter(mdates.DateFormatter("%b"))
    axes.tick_params(length=0)
    axes.grid(axis="x", color="#e4e7eb", zorder=0)
    axes.set_axisbelow(True)
    sure = Patch(facecolor=charts.INK, label="surely went on")
    maybe = Patch(facecolor=charts.PAPER, edgecolor=charts.INK, hatch="////", label="may have gone on")
    axes.legend(handles=[sure, maybe], loc="upper center", bbox_to_anchor=(0.5, -0.06), ncols=2, frameon=False)
    return charts.describe(axes, "Timeline of the described incidents by phase. " + "; ".join(told) + ".")


def plot_roles(chapter: Chapter, roles: pd.DataFrame) -> Axes:
    """Who is said to have done what to whom, one arrow per phase; attribution in words and color.

    ``roles`` as from ``summarize_roles``.
    """
    colors = {name: charts.TONES[code.tone] for name, code in chapter.codes("involvements", "attribution").items()}
    return charts.plot_arrows(
        roles.rename(columns={"doer": "who", "done_to": "to whom or what"}),
        "who", "action", "to whom or what", "Who is said to have done what to whom", "attribution", colors,
    )  # fmt: skip


def plot_datasets(chapter: Chapter, table: pd.DataFrame) -> Axes:
    """Incidents against event datasets: would they come in; ``table`` as from ``summarize_datasets``."""
    letters = table.pivot(index="incident", columns="dataset", values="verdict").fillna("")
    letters = letters.loc[list(dict.fromkeys(table["incident"])), list(dict.fromkeys(table["dataset"]))]
    plain = letters.rename_axis(None).rename_axis(None, axis=1)
    legend = charts.legend_of(chapter.codes("qualifications", "verdict"))
    return charts.plot_matrix(plain, legend, "Described incidents under the rules of event datasets", turn=0)
