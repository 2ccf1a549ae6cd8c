"""Sentences on what the chapter says; they hedge as the coded certainty does, and carry the words they rest on."""

from __future__ import annotations

from datetime import date

import pandas as pd

from mali_analysis import dates
from mali_analysis.cooperation import NOT_STATED, summarise_status
from mali_analysis.findings import NO_AGENCY
from mali_analysis.incidents import select_phases, summarise_attributions
from mali_analysis.report import Report
from mali_analysis.sentences import Claim, be, claim, count, join, number_word, quantity

# Incidents


def describe_incidents(report: Report, incidents: pd.DataFrame) -> Claim:
    """How many of the described incidents the choice leaves, and which."""
    if incidents.empty:
        text = "no described incident matches these parameters; the chapter may still report trends for them."
        return claim(report, text, [], 0, "incidents")
    titles = [title[0].lower() + title[1:] for title in incidents["title"]]
    described = f"the chapter describes {count(len(incidents), 'incident')} within these parameters: {join(titles)}."
    return claim(report, described, list(incidents["record_id"]), len(incidents), "incidents")


def describe_selection(report: Report) -> Claim:
    """What the described incidents are out of, in the chapter's own word."""
    said, _, _ = quantity(report, "qty-attacks")
    number = len(report.incidents)
    text = (
        f"the chapter speaks of {said} of terrorist attacks in the year and describes {number_word(number)}, "
        "which it calls significant without saying why: a selection, never a sample."
    )
    return claim(report, text, ["qty-attacks", "tr-hundreds", *report.incidents["record_id"]], number, "incidents")


def describe_attribution(report: Report, incidents: pd.DataFrame) -> Claim:
    """Which incidents carry a group's name, and which do not."""
    attributions = summarise_attributions(report, select_phases(report, incidents))
    if attributions.empty:
        return claim(report, "no attackers are described for these parameters.", [], 0, "incidents")
    named = attributions[attributions["attribution"] == "named"]
    other = attributions[~attributions["incident_id"].isin(named["incident_id"])]
    wording = list(dict.fromkeys(other["actor"]))
    groups = join([name.partition(" (")[0] for name in dict.fromkeys(named["actor"])])
    number = named["incident_id"].nunique()
    text = f"the chapter names a group for {number_word(number)} of the {count(incidents.shape[0], 'incident')}" + (
        f" ({groups})" if number else ""
    )
    text += f"; elsewhere it speaks of {join(wording)}." if wording else "."
    return claim(report, text, list(attributions["record_id"]), number, "incidents")


def describe_longest(report: Report, incidents: pd.DataFrame) -> Claim:
    """How long each captivity lasted, as the bounds that the words allow."""
    phases = select_phases(report, incidents)
    held = phases[(phases["kind"] == "captivity") & phases["end_latest"].notna()]
    if held.empty:
        return claim(report, "no captivity with an end is described for these parameters.", [], None, "days")
    row = held.iloc[0]
    least = (row["end_earliest"] - row["start_latest"]).days
    most = (row["end_latest"] - row["start_earliest"]).days
    start, ends = (row[c].date() for c in ("start_earliest", "end_earliest"))
    last = dates.in_words(ends, row["end_latest"].date())
    text = (
        f"the captivity began on {dates.in_words(start, start)} and ended on a day from {last}: {least} to {most} days."
    )
    return claim(report, text, [row["record_id"]], f"{least} to {most}", "days")


def describe_unsaid(report: Report, incidents: pd.DataFrame) -> Claim:
    """For how many incidents the chapter says nothing of dead, and for how many it says that none were reported."""
    if incidents.empty:
        return claim(report, "no described incident matches these parameters.", [], 0, "incidents")
    silent, none = (incidents["killed_status"] == "not_stated"), (incidents["killed_status"] == "none_reported")
    text = (
        f"for {number_word(int(silent.sum()))} of the {count(len(incidents), 'incident')} the chapter says nothing of "
        f"dead, for {number_word(int(none.sum()))} that none were reported; neither is a zero."
    )
    return claim(report, text, list(incidents["record_id"]), int(silent.sum()), "incidents")


def describe_exchange(report: Report) -> Claim:
    """What was agreed for the captives, in the chapter's hedges and modality."""
    prisoners, number, _ = quantity(report, "qty-prisoners")
    others, _, _ = quantity(report, "qty-europeans")
    text = (
        f"the transition government agreed to release {prisoners} prisoners in exchange for Cisse and "
        f"{number_word(int(others))} European citizens; that they were let go is not said."
    )
    return claim(
        report, text, ["ph-cisse-exchange", "qty-prisoners", "qty-europeans"], number, "prisoners, at least one more"
    )


def describe_trends(report: Report, trends: pd.DataFrame) -> Claim:
    """What moved which way, and whether the chapter says compared with what."""
    if trends.empty:
        return claim(report, "the chapter asserts no trend for these regions.", [], 0, "trends")
    up = trends[trends["direction"].isin(["increased", "extended"])]
    bare = up[up["baseline"].isna()]
    based = number_word(len(up) - len(bare)) if len(up) > len(bare) else "none"
    text = (
        f"the chapter asserts {count(len(up), 'rise or extension', 'rises or extensions')} of terrorist activity "
        f"({join(list(dict.fromkeys(up['measure'])))}) and names a baseline for {based} of them."
    )
    if up.empty:
        text = f"the chapter asserts {count(len(trends), 'trend')} here and no rise."
    return claim(report, text, list(up["record_id"]) or list(trends["record_id"]), len(up), "trends")


def describe_judgements(report: Report, incidents: pd.DataFrame) -> Claim:
    """What the chapter infers about the incidents rather than reports."""
    phases = select_phases(report, incidents)["record_id"]
    about = report.judgements["about_id"].isin([*incidents["record_id"], *phases])
    chosen = report.judgements[about & (report.judgements["kind"] != "significance")]
    if chosen.empty:
        return claim(report, "the chapter adds no judgement of its own on these incidents.", [], 0, "judgements")
    kinds = join([f"{number_word(n)} on {k}" for k, n in chosen["kind"].astype(str).value_counts(sort=False).items()])
    number = count(len(chosen), "judgement")
    text = f"the chapter adds {number} of its own ({kinds}): its reading, not reported facts."
    return claim(report, text, list(chosen["record_id"]), len(chosen), "judgements")


# Findings


def describe_levels(report: Report, findings: pd.DataFrame, what: str = "capabilities") -> Claim:
    """How many capabilities the chapter calls deficient or lacking, and how many present."""
    if findings.empty:
        return claim(report, f"the chapter assesses no {what} for these parameters.", [], 0, what)
    levels = findings["level"]
    bad, lacking, good = (levels == "deficient").sum(), (levels == "lacking").sum(), (levels == "present").sum()
    open_ = levels.isna().sum()
    text = (
        f"of {number_word(len(findings))} {what} that the chapter assesses, it calls {number_word(bad)} deficient and "
        f"{number_word(lacking)} lacking; {number_word(good)} {be(good)} present without a defect of "
        f"{'its' if good == 1 else 'their'} own"
    )
    text += f", and of {number_word(open_)} it does not state the level." if open_ else "."
    return claim(report, text, list(findings["record_id"]), int(bad + lacking), what)


def describe_agencies(report: Report, findings: pd.DataFrame) -> Claim:
    """For which agencies the chapter names most defects, and how many defects have no agency."""
    faulty = findings[findings["level"].isin(["deficient", "lacking"])]
    if faulty.empty:
        return claim(report, "the chapter names no defect for these parameters.", [], 0, "defects")
    counts = faulty.explode("agency_ids")["agency_ids"].dropna().value_counts()
    orphan = faulty[[names == [NO_AGENCY] for names in faulty["agencies"]]]
    top = counts[counts == counts.max()].index if len(counts) else []
    agencies = join(sorted(report.names(top)))
    share = (
        f"the most defects ({number_word(int(counts.max()))}{' each' if len(top) > 1 else ''}) fall to {agencies}; "
        if len(top)
        else ""
    )
    text = f"{share}{count(len(orphan), 'defect')} {'has' if len(orphan) == 1 else 'have'} no agency named."
    return claim(report, text, list(faulty["record_id"]), len(orphan), "defects without an agency")


def describe_progress(report: Report) -> Claim:
    """The general remark on resolution 2396, and what it leaves unspecified."""
    row = report.findings.set_index("record_id").loc["fnd-unscr-2396"]
    text = (
        f"on {row['capability'].removeprefix('implementation of ')} the chapter sees {row['change'].replace('_', ' ')} "
        "and names none of the resolution’s obligations in that sentence."
    )
    return claim(report, text, ["fnd-unscr-2396"], str(row["change"]), None)


def describe_border_numbers(report: Report) -> Claim:
    """Length and neighbours of the borders, as the chapter gives them."""
    miles, number, _ = quantity(report, "qty-border-miles")
    neighbours, _, _ = quantity(report, "qty-neighbours")
    text = f"the chapter puts the borders at {miles} miles and {number_word(int(neighbours))} neighboring countries."
    return claim(report, text, ["qty-border-miles", "qty-neighbours"], number, "miles")


def describe_law(report: Report) -> Claim:
    """What became of the overhaul of the laws, and why, in the chapter's own links."""
    reasons = {"causes": "due to", "aggravates": "made worse by"}
    links = report.causes[
        (report.causes["effect_id"] == "fnd-overhaul") & report.causes["relation"].isin(list(reasons))
    ]
    names = report.milestones.set_index("record_id")["name"]
    why = join(
        [
            f"{reasons[row.relation]} the {names[row.cause_id][0].lower()}{names[row.cause_id][1:]}"
            for row in links.itertuples()
        ]
    )
    cases, number, _ = quantity(report, "qty-cases")
    text = (
        f"the overhaul of the terrorism laws was suspended indefinitely, {why}; "
        f"even so, {cases} terrorism cases went to trial."
    )
    return claim(report, text, ["fnd-overhaul", *links["record_id"], "qty-cases"], number, "court cases, about")


def describe_causes(report: Report) -> Claim:
    """What the chapter says makes the work against terrorist financing ineffective."""
    links = report.causes[
        (report.causes["effect_id"] == "fnd-cft-effectiveness") & (report.causes["relation"] == "causes")
    ]
    lacks = report.findings.set_index("record_id").loc[links["cause_id"], "capability"]
    short = join([name.removesuffix(" against terrorist financing") for name in lacks])
    text = (
        "the chapter calls the efforts against terrorist financing ineffective "
        f"and gives {count(len(links), 'cause')}: lack of {short}."
    )
    return claim(report, text, ["fnd-cft-effectiveness", *links["record_id"]], len(links), "causes")


def describe_prevention(report: Report) -> Claim:
    """What the transition government has not said about violent extremism."""
    rows = report.findings[report.findings["area"] == "prevention"]
    unclear = rows[rows["level_status"] == "unknown"]
    lacking = rows[rows["level"] == "lacking"]
    text = (
        f"against violent extremism the chapter finds {count(len(lacking), 'thing')} lacking "
        f"({join(list(lacking['capability']))}) and {number_word(len(unclear))} unclear "
        f"({join(list(unclear['capability']))})."
    )
    return claim(report, text, [*lacking["record_id"], *unclear["record_id"]], len(lacking) + len(unclear), "findings")


# Cooperation


def describe_status(report: Report, status: pd.DataFrame, as_of: str) -> Claim:
    """How many arrangements are known to stand on a day, and how many the chapter leaves open."""
    day = date.fromisoformat(as_of)
    open_ = status[status["answer"] == NOT_STATED]
    presupposed = status[status["basis"] == "presupposed"]
    on = dates.in_words(day, day)
    if status.empty:
        return claim(report, "the chapter names no arrangement with these partners.", [], 0, "arrangements")
    told, everything = number_word(len(status) - len(open_)), count(len(status), "arrangement")
    text = f"on {on} the chapter lets us tell how {told} of {everything} stood"
    text += f" ({number_word(len(presupposed))} only presupposed)" if len(presupposed) else ""
    left = [f"{row.partner} ({row.arrangement.replace('_', ' ')})" for row in open_.itertuples()]
    text += f"; it leaves open {join(left)}." if left else "."
    return claim(report, text, [i for ids in status["spells"] for i in ids], len(open_), "arrangements left open")


def describe_partner(report: Report, as_of: str, partner_id: str) -> Claim:
    """How the arrangements with one partner stood on a day, in a sentence."""
    status = summarise_status(report, as_of, [partner_id])
    on = dates.in_words(date.fromisoformat(as_of), date.fromisoformat(as_of))
    parts = [f"{row.arrangement.replace('_', ' ')} {row.answer} ({row.why})" for row in status.itertuples()]
    name = report.names([partner_id])[0]
    answers = ", ".join(dict.fromkeys(status["answer"]))
    return claim(
        report, f"{name} on {on}: {join(parts)}.", [i for ids in status["spells"] for i in ids], answers, "status"
    )


def describe_coup(report: Report) -> Claim:
    """What the chapter says the coup brought about, and what went on in spite of it."""
    tied = report.causes[report.causes["cause_id"].isin(["mil-coup", "mil-overthrow"])]
    spells = report.status_spells.set_index("record_id")
    partners = {
        relation: list(
            dict.fromkeys(report.names(spells.loc[[i for i in rows["effect_id"] if i in spells.index], "partner_id"]))
        )
        for relation, rows in tied.groupby("relation", observed=True)
    }
    changed, lasted = partners.get("causes", []), partners.get("despite", [])
    text = (
        f"as a result of the coup the chapter reports changes with {count(len(changed), 'partner')} ({join(changed)}); "
        f"in spite of it, the partnerships with {join(lasted)} continued."
    )
    ids = tied[tied["effect_id"].isin(spells.index)]
    return claim(report, text, [*ids["record_id"], *ids["effect_id"]], len(changed), "partners")


# Reading


def describe_coverage(report: Report, counts: pd.DataFrame) -> Claim:
    """How many sentences were read, and how many yield records."""
    coded = counts[counts["records"] > 0]
    text = (
        f"{len(coded)} of the {len(counts)} sentences shown yield records; the whole chapter yields "
        f"{len(report.records)}."
    )
    shown = report.evidence["record_id"][
        [p in set(coded["passage"]) for p in report.passages_of(report.evidence["start"])]
    ]
    return claim(report, text, list(shown), len(coded), "sentences")


def describe_basis(report: Report) -> Claim:
    """How many coded values the words state and how many are a reading."""
    values = report.evidence[report.evidence["column"] != "*"]
    read = values[values["basis"] == "inferred"]
    text = (
        f"of {len(values):,} coded values, {len(values) - len(read):,} are stated in words "
        f"and {len(read):,} inferred by a reading given in a note."
    )
    return claim(report, text, list(read["record_id"]), len(read), "values")
