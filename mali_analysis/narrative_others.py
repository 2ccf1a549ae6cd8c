"""Sentences that hold the chapter against geography, obligations, other reports and its own earlier editions."""

from __future__ import annotations

import pandas as pd

from mali_analysis.borders import compare_lengths
from mali_analysis.claims import ADVICE
from mali_analysis.incidents import select_phases, summarise_attributions
from mali_analysis.places import measure_chains, measure_pairs, places_of
from mali_analysis.report import Report
from mali_analysis.sentences import Claim, claim, count, join, number_word, quantity

GOOD = 0.80
"""Alpha from which a variable counts as reliable; below it every disagreement is explained."""
FARABOUGOU = ["plc-bamako", "plc-farabougou"]


def _verdict(report: Report, claim_id: str) -> str:
    """A verdict as the end of a sentence about the chapter."""
    verdict = report.claims.set_index("record_id").loc[claim_id, "verdict"]
    return {
        "agrees": "the chapter agrees",
        "vaguer": "the chapter is vaguer",
        "firmer": "the chapter is firmer",
        "omits": "the chapter leaves it out",
        "differs": "the chapter differs",
        "open": "it depends on how the chapter is read",
    }[verdict]


# Places


def describe_places(report: Report, incidents: pd.DataFrame) -> Claim:
    """For how many incidents the chapter names a place that can be found on a map."""
    if incidents.empty:
        return claim(report, "no described incident matches these parameters.", [], 0, "incidents")
    named = report.places[(report.places["named_by"] == "chapter") & (report.places["incident_id"] != "")]
    found = incidents[incidents["record_id"].isin(named["incident_id"])]
    text = (
        f"the chapter names the town for {number_word(len(found))} of the {count(len(incidents), 'incident')} "
        "and gives coordinates for none; every other mark on the map comes from other reports."
    )
    return claim(report, text, list(incidents["record_id"]), len(found), "incidents")


def describe_spread(report: Report) -> Claim:
    """The three installations: how far apart they are, against the chapter's 400 miles."""
    places = places_of(report, "inc-rockets")
    pairs, chains = measure_pairs(report, places), measure_chains(report, places)
    said, number, _ = quantity(report, "qty-installations-distance")
    each = join([f"{row.pair} {row.miles:.0f}" for row in pairs.itertuples()])
    text = (
        f"in straight lines, {each} miles, and the shortest chain through all three ({chains['way'].iloc[0]}) "
        f"{chains['miles'].iloc[0]:.0f}: no two of the installations lie {number} miles apart, and only a way by road "
        f"through all three could make them “spread over {said} miles”; {_verdict(report, 'clm-rockets-distance')}."
    )
    ids = ["qty-installations-distance", *places, "clm-rockets-distance"]
    return claim(report, text, ids, round(float(pairs["miles"].max())), "miles")


def describe_distance(report: Report) -> Claim:
    """How far Farabougou can be from Bamako in a straight line, against the chapter's figure."""
    row = measure_pairs(report, FARABOUGOU).iloc[0]
    said, number, _ = quantity(report, "qty-farabougou-distance")
    radius = report.places.set_index("record_id").loc[FARABOUGOU[1], "radius_km"]
    text = (
        f"Farabougou lies within {radius:.0f} km of Diabaly, hence {row['least_miles']:.0f} to {row['most_miles']:.0f} "
        "miles from Bamako in a straight line, to the northeast as the chapter says; the chapter’s figure of "
        f"{said} miles can be a way by road, not a straight line: {_verdict(report, 'clm-farabougou-diabaly')}."
    )
    ids = ["qty-farabougou-distance", *FARABOUGOU, "clm-farabougou-diabaly"]
    return claim(report, text, ids, round(float(row["most_miles"])), f"miles at most; {number} said")


def describe_lengths(report: Report) -> Claim:
    """Both totals of the border lengths against the chapter's."""
    lengths = compare_lengths(report)
    said, number, _ = quantity(report, "qty-border-miles")
    older, newer = lengths["older_miles"].sum(), lengths["newer_miles"].sum()
    text = (
        f"the {number_word(len(lengths))} lengths of the older Factbook add up to {older:,.0f} miles, those of the "
        f"newer to {newer:,.0f}; the chapter’s figure of {said} matches the older "
        f"({_verdict(report, 'clm-border-older')}) and is {100 * (newer - number) / newer:.0f} percent short of the "
        f"newer ({_verdict(report, 'clm-border-newer')})."
    )
    ids = ["qty-border-miles", *report.land_borders["record_id"], "clm-border-older", "clm-border-newer"]
    return claim(report, text, ids, f"{older:.0f} and {newer:.0f}", f"miles; {number} said")


# Incidents


def describe_drift(report: Report, incidents: pd.DataFrame) -> Claim:
    """Incidents in which the chapter's wording for the attackers changes on the way."""
    attributions = summarise_attributions(report, select_phases(report, incidents))
    told, ids = [], []
    for incident, rows in attributions.groupby("incident_id", sort=False):
        if rows["actor"].nunique() > 1:
            words = [name.partition(" (")[0] for name in dict.fromkeys(rows["actor"])]
            title = report.names([str(incident)], "incidents", "title")[0]
            told.append(f"{title[0].lower()}{title[1:]} ({' → '.join(words)})")
            ids += list(rows["record_id"])
    if not told:
        return claim(
            report, "the wording for the attackers does not change within these incidents.", [], 0, "incidents"
        )
    text = (
        f"in {count(len(told), 'incident')} the wording for the attackers changes on the way: {join(told)}; the later "
        "wording is the surer, and the chapter does not say how it came to know."
    )
    return claim(report, text, ids, len(told), "incidents")


def describe_durations(report: Report, durations: pd.DataFrame) -> Claim:
    """How long the incidents lasted, as bounds."""
    if durations.empty:
        return claim(report, "no described incident matches these parameters.", [], 0, "incidents")
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
    return claim(report, text, list(durations["record_id"]), int(longest["at_least"]), "days at least")


def describe_qualifications(report: Report, table: pd.DataFrame) -> Claim:
    """How many of the incidents each event dataset would hold, by the chapter's facts."""
    if table.empty:
        return claim(report, "no described incident matches these parameters.", [], 0, "incidents")
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
    ids = [*table["incident_id"].unique(), *table["record_id"], *report.event_datasets["record_id"]]
    return claim(report, text, ids, int((table["verdict"] == "no").sum()), "pairs of incident and dataset ruled out")


# Obligations


def describe_standards(report: Report, links: pd.DataFrame, standings: pd.DataFrame) -> Claim:
    """For how many obligations a deficit is reported, and on how many the chapter is silent."""
    counts = standings["standing"].value_counts()
    bad, silent = int(counts.get("deficit reported", 0)), int(counts.get("chapter silent", 0))
    binding = int(((standings["standing"] == "deficit reported") & (standings["force"] == "binding")).sum())
    text = (
        f"of {count(len(standings), 'standard')} on the matter, the border findings report a deficit under "
        f"{number_word(bad)} ({number_word(binding)} of them binding); on {number_word(silent)} the chapter is silent, "
        "and silence is no gap."
    )
    ids = [*links.loc[links["finding_id"] != "", "finding_id"], *standings["record_id"], *links["record_id"]]
    return claim(report, text, ids, bad, "standards with a deficit reported")


def describe_silence(report: Report) -> Claim:
    """Which duties the chapter never mentions."""
    links = report.standard_links[report.standard_links["bearing"] == "silent"]
    short = report.standards.set_index("record_id").loc[links["standard_id"], "short"]
    matters = list(dict.fromkeys(name.partition(": ")[2] for name in short))
    named = " or ".join([", ".join(matters[:-1]), matters[-1]])
    text = (
        f"the chapter calls progress on resolution 2396 little and does not mention {named}: "
        "it does not say that these are lacking."
    )
    return claim(report, text, ["fnd-unscr-2396", *links["standard_id"], *links["record_id"]], len(matters), "matters")


def describe_remedies(report: Report, remedies: pd.DataFrame) -> Claim:
    """How many deficits rest on means, on procedure and on territory."""
    if remedies.empty:
        return claim(report, "no border deficit matches these parameters.", [], 0, "deficits")
    counts = remedies["rests_on"].value_counts()
    said = {
        "means": "money, people or equipment",
        "procedure": "ways of working",
        "territory": "holding ground",
    }
    told = [f"{number_word(int(counts[k]))} on {words}" for k, words in said.items() if counts.get(k, 0)]
    rest = int(counts.get("result", 0))
    text = f"{count(len(remedies), 'border deficit')} rest, as we read them, on different things: {join(told)}" + (
        f"; {number_word(rest)} {'follows' if rest == 1 else 'follow'} from the others." if rest else "."
    )
    return claim(report, text, list(remedies["finding_id"]), int(counts.get("procedure", 0)), "deficits of procedure")


# Reports and editions


def describe_verdicts(report: Report, comparison: pd.DataFrame) -> Claim:
    """How many outside reports bear the chapter out, and how many do not."""
    if comparison.empty:
        return claim(report, "no outside report matches these parameters.", [], 0, "reports")
    counts = comparison["verdict"].astype(str).value_counts()
    questions = comparison["question"].nunique()
    words = {"agrees": "agree", "vaguer": "are more exact", "omits": "add what it leaves out", "open": "leave it open",
             "firmer": "are less sure than it is", "differs": "differ"}  # fmt: skip
    told = [f"{number_word(int(counts[v]))} {said}" for v, said in words.items() if counts.get(v, 0)]
    origins = count(comparison["origin"].nunique(), "origin")
    text = (
        f"{count(len(comparison), 'outside report')} from {origins} bear on {count(questions, 'question')} of the "
        f"chapter: {join(told)}."
    )
    return claim(report, text, [*comparison["subject_id"], *comparison["record_id"]], questions, "questions")


def describe_advice(report: Report, advice: pd.DataFrame, level: str, first: int = 99) -> Claim:
    """The questions on which a user may quote the chapter, or had better not; ``level`` is one of ``ADVICE``."""
    own = advice[advice["advice"] == level]
    lead = {
        ADVICE[0]: "no report found speaks against the chapter, and often only one was found, on",
        ADVICE[1]: "others add what the chapter leaves out or blurs on",
        ADVICE[2]: "reports differ, or the wording can mislead, on",
    }[level]
    names = [question.rstrip("?") for question in own["question"][:first]]
    listed = join([f"“{name[0].lower()}{name[1:]}”" for name in names]) or "nothing"
    more = f", and {number_word(len(own) - first)} more" if len(own) > first else ""
    ids = [*own["subject_ids"].explode(), *own["claim_ids"].explode()] if len(own) else []
    return claim(report, f"{lead} {count(len(own), 'question')}: {listed}{more}.", ids, len(own), "questions")


def describe_question(report: Report, advice: pd.DataFrame, question: str) -> Claim:
    """One question that the reports leave open, with the reason that weighs most."""
    row = advice.set_index("question").loc[question]
    verdicts = join([verdict for verdict in row["verdicts"]])
    text = f"{question} {row['why']} ({count(row['reports'], 'report')}: {verdicts})"
    return claim(report, text, [*row["subject_ids"], *row["claim_ids"]], row["advice"], "advice")


def describe_dates(report: Report, compared: pd.DataFrame) -> Claim:
    """How many of the dates that others give fit the chapter's."""
    good, days = compared["within"], (compared["chapter_latest"] - compared["chapter_earliest"]).dt.days
    loose = int((good & (days.isna() | (days > 0))).sum())
    outside = compared[~good]
    told = [f"{row.subject[0].lower()}{row.subject[1:]}" for row in outside.itertuples()]
    text = (
        f"others give {count(len(compared), 'date')} for what the chapter dates: {number_word(int(good.sum()))} fall "
        f"within its words, {number_word(loose)} of these where it names no single day; "
        f"{number_word(len(outside))} {'does' if len(outside) == 1 else 'do'} not"
        + (f" ({join(told)})." if told else ".")
    )
    return claim(report, text, [*compared["subject_id"], *compared["claim_id"]], int(good.sum()), "dates within")


def describe_news(report: Report, news: pd.DataFrame, kind: str) -> Claim:
    """Which statements are new since the last edition, or repeated from it; ``kind`` as in ``classify_news``."""
    own = news[news["news"] == kind]
    lead = {
        "new": "since the last edition, new in the opening",
        "repeated": "repeated from the last edition, and so weak evidence about the year",
        "in other words": "said before in other words or of another area",
        "not known": "not to be told, because that part of the last edition could not be read",
    }[kind]
    listed = join(list(own["statement"])) or "nothing"
    ids = [record_id for ids in own["edition_ids"] for record_id in ids]
    passages = list(dict.fromkeys(own["passage"]))
    return claim(report, f"{lead}: {listed}.", ids, len(own), "statements", passages)


def describe_repetition(report: Report, news: pd.DataFrame) -> Claim:
    """The statement that stood in most earlier editions."""
    row = news.sort_values("earlier", ascending=False, kind="stable").iloc[0]
    read = report.earlier_editions[report.earlier_editions["record_id"].isin(row["edition_ids"])]
    editions = read[read["relation"].isin(["same", "other_year"])]
    years = join([str(year) for year in sorted(editions["edition"])])
    text = f"{row['statement']} stood in the editions on {years} too."
    return claim(report, text, list(editions["record_id"]), int(row["earlier"]), "earlier editions", [row["passage"]])


# Agreement


def describe_agreement(report: Report, agreement: pd.DataFrame, settled: pd.DataFrame) -> Claim:
    """How far two blind codings agreed, and how far once the rules were sharpened."""
    shown = agreement[agreement["alpha_before"].notna() & agreement["alpha_after"].notna()]
    weak = shown[shown["alpha_before"] < GOOD]
    names = join([f"{row.variable} of {row.table} {row.alpha_before:.2f}" for row in weak.itertuples()])
    text = (
        f"of {count(len(shown), 'variable')} with twenty units or more, {number_word(len(shown) - len(weak))} reached "
        f"an alpha of {GOOD:.2f} at the first attempt ({names} did not); with the rules sharpened, a fresh blind "
        f"coding reached {shown['alpha_after'].min():.2f} to {shown['alpha_after'].max():.2f}."
    )
    ids = list(dict.fromkeys(settled["first_id"]))
    return claim(report, text, ids, round(float(shown["alpha_after"].min()), 2), "least alpha after")


def describe_stability(report: Report, headlines: pd.DataFrame) -> Claim:
    """Which headlines would change with another coder."""
    moved = headlines[~headlines["same"]]
    told = join([f"{row.headline} ({row.first}, {row.second}, {row.after})" for row in moved.itertuples()])
    text = (
        f"with the codings of the other two, {number_word(len(headlines) - len(moved))} of "
        f"{count(len(headlines), 'headline figure')} stay as they are" + (f"; {told} would not." if told else ".")
    )
    ids = list(report.findings.loc[report.findings["area"] == "border", "record_id"])
    return claim(report, text, ids, len(moved), "headline figures that would change")
