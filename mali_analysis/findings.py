"""Assessed capabilities: what is wrong, what is in place and with which but, whose it is, what is tied to what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd

from mali_analysis import tables
from mali_analysis.chapter import Chapter
from mali_analysis.headlines import Headline, capital, count, fold, headline, inside, join, number_word, short

FAULTY = ["deficient", "lacking"]
GAP, REPEATS, FOLLOWS, CONCEDED, IN_PLACE, OPEN = (
    "gap", "repeats a gap", "follows from a gap", "in place, qualified", "in place", "level not stated",
)  # fmt: skip
"""What a finding is in the chapter’s argument; see ``select_findings``."""


def select_findings(
    chapter: Chapter, areas: Sequence[str] = (), groups: Sequence[str] = (), agencies: Sequence[str] = ()
) -> pd.DataFrame:
    """Findings of the given areas, groups and agencies (empty: all), one row per finding in the chapter's order.

    Adds ``agency_ids`` (a list, empty where the chapter names none), ``whose`` (agencies, the state, or nobody, in
    words), ``standing`` (gap, repeats a gap, follows from a gap, in place qualified, in place, level not stated),
    ``quote`` (the chapter's words) and ``sentence``. What repeats a gap or follows from one is no gap of its own.

    >>> import mali_analysis as mali
    >>> found = select_findings(mali.load_chapter(), areas=["border"])
    >>> set(found["area"])
    {'border'}
    """
    table = chapter.findings
    keep = pd.Series(True, index=table.index)
    for column, wanted in (("area", areas), ("group", groups)):
        if wanted:
            keep &= table[column].isin(wanted)
    parts = chapter.involvements[chapter.involvements["role"] == "responsible"]
    ids = parts.groupby("subject_id")["actor_id"].agg(list)
    chosen = table[keep].assign(agency_ids=[list(ids.get(i, [])) for i in table.loc[keep, "record_id"]])
    if agencies:
        touched = [bool(set(agencies) & set(found)) for found in chosen["agency_ids"]]
        chosen = chosen[pd.Series(touched, index=chosen.index, dtype=bool)]
    tied = chapter.links.astype({"relation": "object"}).groupby("from_id")["relation"].agg(set)
    return chosen.assign(
        whose=[_whose(chapter, row) for row in chosen.itertuples()],
        standing=[_standing(row, tied.get(row.record_id, set())) for row in chosen.itertuples()],
        quote=[_words(chapter, i) for i in chosen["record_id"]],
        sentence=tables.sentences(chapter, list(chosen["record_id"])),
    ).reset_index(drop=True)


def _whose(chapter: Chapter, row: Any) -> str:
    if row.holder == "agency":
        names = join([short(name) for name in chapter.names(row.agency_ids)]) or "an agency"
        return f"the {names}" if names[0].isupper() else names
    if row.holder == "government":
        return "the state"
    again = chapter.links[(chapter.links["relation"] == "repeats") & (chapter.links["to_id"] == row.record_id)]
    return "the state" if any(chapter.rows[i]["holder"] == "government" for i in again["from_id"]) else "nobody named"


def _standing(row: Any, tied: set[str]) -> str:
    """What a finding is by its level and the relations in which it stands to others."""
    if row.level in FAULTY:
        return REPEATS if "repeats" in tied else FOLLOWS if "follows_from" in tied else GAP
    if row.level == "present":
        return CONCEDED if "conceded_by" in tied else IN_PLACE
    return OPEN


def _words(chapter: Chapter, record_id: str) -> str:
    return " … ".join(f"“{quote}”" for _, _, quote in chapter.quotes.get((record_id, "*"), []))


def select_links(chapter: Chapter, record_ids: Sequence[str]) -> pd.DataFrame:
    """Links that begin or end at one of the records, one row per link.

    Adds ``from`` and ``to``, both ends in words, ``tie`` (the link in words, read from ``to`` to ``from``) and
    ``sentence``.
    """
    links = chapter.links
    chosen = links[links["from_id"].isin(record_ids) | links["to_id"].isin(record_ids)].reset_index(drop=True)
    words = chapter.codes("links", "relation")
    return chosen.assign(
        **{
            end: [_name_end(chapter, i, end, r) for i, r in zip(chosen[f"{end}_id"], chosen["relation"], strict=True)]
            for end in ("from", "to")
        },
        tie=[words[relation].word for relation in chosen["relation"]],
        sentence=tables.sentences(chapter, list(chosen["record_id"])),
    )


def _name_end(chapter: Chapter, record_id: str, end: str, relation: str) -> str:
    """A record at one end of a link; a plan in spite of whose suspension something was done is told as suspended."""
    return (end == "from" and relation == "despite" and _tell_put_off(chapter, record_id)) or name_record(
        chapter, record_id
    )


def name_record(chapter: Chapter, record_id: str) -> str:
    """A record at one end of a link, as part of a sentence: a clause or a noun phrase."""
    row = chapter.rows[record_id]
    if "capability" in row:
        finding = pd.Series(row)
        return tell_finding(chapter, finding) if _is_noun(finding) else _tell_move(chapter, finding)
    for column in ("clause", "phrase", "summary"):
        if column in row:
            return str(row[column])
    return f"the {inside(row['name'])}" if "name" in row else chapter.label(record_id)


def _is_clause(chapter: Chapter, record_id: str) -> bool:
    """Whether a record reads as a clause: phases, spells, trends, judgments, and findings without a level."""
    row = chapter.rows[record_id]
    if "capability" in row:
        return not _is_noun(pd.Series(row))
    return bool({"clause", "phrase", "summary"} & set(row))


def summarize_groups(chapter: Chapter, findings: pd.DataFrame) -> pd.DataFrame:
    """The findings by group, one row per area and group in the chapter's order.

    Columns: ``record_id``, ``area``, ``group``, ``phrase`` (of the whole group, or of those of its findings that are
    chosen; empty where none has a level), ``moves`` (how those without a level moved, in clauses), ``faulty`` (whether
    any is a gap), ``sound`` (whether all are in place without a but), ``finding_ids``.
    """
    phrases = chapter.groups.set_index(["area", "group"])
    every = chapter.findings.groupby(["area", "group"], observed=True)["record_id"].agg(list)
    rows = []
    for key, own in findings.groupby(["area", "group"], sort=False, observed=True):
        gaps, level = own[own["standing"] == GAP], own[[_is_noun(row) for row in own.itertuples()]]
        whole = len(own) == len(every[key]) and key in phrases.index and len(level) > 0
        told = gaps if len(gaps) else level
        fits = (
            whole
            and (len(gaps) or len(level) == len(own))
            and all(is_consistent(row) for row in level[level["level"].notna()].itertuples())
        )
        rows.append(
            {
                "record_id": phrases.loc[key, "record_id"] if key in phrases.index else "",
                "area": key[0],
                "group": key[1],
                "phrase": str(phrases.loc[key, "phrase"])
                if fits
                else join(fold([tell_finding(chapter, row) for row in told.itertuples()])),
                "moves": _tell_moves(chapter, own),
                "faulty": len(gaps) > 0,
                "sound": bool((own["standing"] == IN_PLACE).all()),
                "finding_ids": list(own["record_id"]),
            }
        )
    columns = ["record_id", "area", "group", "phrase", "moves", "faulty", "sound", "finding_ids"]
    return pd.DataFrame(rows, columns=columns)


def _tell_moves(chapter: Chapter, findings: pd.DataFrame) -> str:
    """How the findings without a level moved, in clauses; empty where all have one."""
    moved = [row for row in findings.itertuples() if not _is_noun(row)]
    return join(fold([_tell_move(chapter, row) for row in moved]))


def _is_noun(finding: Any) -> bool:
    """Whether a finding is told by its phrase: it has a level, or was put off, planned or left unclear."""
    return bool(pd.notna(finding.level) or finding.modality != "happened")


def _tell_move(chapter: Chapter, finding: Any) -> str:
    said = ""
    if pd.notna(finding.change):
        said = chapter.codes("findings", "change")[finding.change].more["says"]
        since = str(finding.change_edtf or "").partition("/")[0] if pd.notna(finding.change_edtf) else ""
        if since and since[:4] < str(chapter.closes.year):
            said = f"{chapter.codes('findings', 'change')[finding.change].more.get('since', said)} since {since[:4]}"
    noun = finding.capability if finding.capability.split()[0].endswith("ing") else f"the {finding.capability}"
    return f"{noun} {_agree(finding.capability, said)}" if said else f"how {noun} stands the chapter does not say"


HEAD = re.compile(
    r"^(.*?)( (of|against|from|for|on|at|to|in|over|around|by|with|without|within|between|among|through|under|into|"
    r"across|along|about|after|before|near|toward|towards|that|which|who|brought|\(\w+)\b.*)?$"
)
"""The head of a noun phrase: what stands before its first preposition."""


def _agree(noun: str, predicate: str) -> str:
    """A predicate in the number of a noun phrase."""
    head = HEAD.match(noun)
    plural = head is not None and re.search(r"[^sui]s$", head[1])
    verbs = {"was": "were", "is": "are", "has": "have"}
    verb, _, rest = predicate.partition(" ")
    return f"{verbs.get(verb, verb) if plural else verb} {rest}".strip()


def is_consistent(finding: Any) -> bool:
    """Whether the phrase of a finding can be told: it has a defect just where the level is one."""
    return bool((finding.level in FAULTY) == pd.notna(finding.deficit))


def tell_finding(chapter: Chapter, finding: Any) -> str:
    """A finding as a noun phrase; where its codes and its phrase part ways, the codes are told."""
    if _is_noun(finding) and (pd.isna(finding.level) or is_consistent(finding)):
        return str(finding.phrase)
    return f"{finding.capability} ({tell_state(chapter, finding)})"


def tell_gaps(chapter: Chapter, finding_ids: Sequence[str]) -> str:
    """Findings in words: by the phrase of their group where they are all its gaps, else each by its own."""
    every = select_findings(chapter)
    gaps = every[every["standing"] == GAP].groupby(["area", "group"], observed=True, sort=False)["record_id"].agg(list)
    rows = {row.record_id: row for row in every.itertuples()}
    phrases = chapter.groups.set_index(["area", "group"])["phrase"]
    left, told = list(dict.fromkeys(finding_ids)), []
    for key, ids in gaps.items():
        if set(ids) <= set(left) and len(ids) > 1 and key in phrases.index and all(is_consistent(rows[i]) for i in ids):
            told.append(str(phrases[key]))
            left = [i for i in left if i not in ids]
    return join([*told, *fold([tell_finding(chapter, rows[i]) for i in left])])


def say_faults(chapter: Chapter, findings: pd.DataFrame) -> Headline:
    """What the chapter finds wrong, group by group."""
    groups = summarize_groups(chapter, findings)
    faulty = groups[groups["faulty"]]
    if findings.empty:
        return headline(chapter, "the chapter assesses nothing for this choice", [], 0, "groups with a gap")
    if faulty.empty:
        told = [
            *groups["phrase"][groups["phrase"] != ""],
            *groups["moves"][groups["moves"] != ""].map("that {}".format),
        ]
        text = f"the chapter finds no fault here: it reports {join(told)}"
    else:
        told = list(faulty["phrase"])
        text = f"as we sort them, the gaps that the chapter reports are of {count(len(told), 'kind')}: {join(told)}"
    shown = findings[findings["standing"].isin([GAP, REPEATS] if len(faulty) else [IN_PLACE, CONCEDED, OPEN])]
    ids = shown["record_id"]
    return headline(chapter, text, list(dict.fromkeys(ids)), len(faulty), "groups with a gap",
                    question="groups with a gap", subject=_subject(findings))  # fmt: skip


def say_rest(chapter: Chapter, findings: pd.DataFrame) -> Headline:
    """What is in place by the chapter without a but, and what moved or did not."""
    groups = summarize_groups(chapter, findings)
    sound, moves = list(groups.loc[groups["sound"], "phrase"]), list(groups["moves"][groups["moves"] != ""])
    told = [f"reports as in place, without criticism, {join(sound)}"] if sound else []
    told += [f"adds that {join(moves)}"] if moves else []
    text = (
        f"the chapter {'; it '.join(told)}" if told else "the chapter names nothing here that is in place without a but"
    )
    shown = findings[findings["record_id"].isin(groups.loc[groups["sound"], "finding_ids"].explode())]
    ids = [*shown["record_id"], *findings.loc[findings["standing"] == OPEN, "record_id"]]
    return headline(chapter, text, ids, len(sound), "groups without a fault",
                    question="groups without a fault", subject=_subject(findings))  # fmt: skip


def _subject(findings: pd.DataFrame) -> str:
    return ",".join(findings["record_id"])


def say_gaps(chapter: Chapter, findings: pd.DataFrame) -> Headline:
    """How many separate gaps there are, which statements say one again, and which follow from one."""
    gaps, again, after = (findings[findings["standing"] == kind] for kind in (GAP, REPEATS, FOLLOWS))
    asked = {"question": "separate gaps", "subject": _subject(findings)}
    if gaps.empty and again.empty and after.empty:
        text = "the chapter reports no gap for this choice"
        return headline(chapter, text, list(findings["record_id"]), 0, "separate gaps", **asked)
    text = f"the chapter reports {count(len(gaps), 'separate gap')}"
    if len(again):
        text += f". It repeats {'one' if len(again) == 1 else 'some'} of them ({_tell(chapter, again)})"
    if len(after):
        kind = "one more is a consequence, not a gap of its own" if len(after) == 1 else (
            f"{number_word(len(after))} more are consequences, not gaps of their own")  # fmt: skip
        text += f". {capital(kind)} ({_tell(chapter, after)})"
    ids = [*gaps["record_id"], *again["record_id"], *after["record_id"]]
    return headline(chapter, text, ids, len(gaps), "separate gaps", **asked)


def _tell(chapter: Chapter, findings: pd.DataFrame) -> str:
    return join([tell_finding(chapter, row) for row in findings.itertuples()])


def say_concessions(chapter: Chapter, findings: pd.DataFrame) -> Headline:
    """What is in place by the chapter, each with what it concedes about it."""
    granted = findings[findings["standing"] == CONCEDED]
    if granted.empty:
        text = "the chapter qualifies nothing that is in place here"
        return headline(chapter, text, [], 0, "strengths with a qualification")
    links = chapter.links[chapter.links["relation"] == "conceded_by"]
    told, ids = [], []
    for row in granted.itertuples():
        own = links[links["from_id"] == row.record_id]
        told.append(f"{tell_finding(chapter, row)}, but {tell_gaps(chapter, list(own['to_id']))}")
        ids += [row.record_id, *own["record_id"]]
    sound = (
        "one thing that is in place comes" if len(granted) == 1 else f"{number_word(len(granted))} things in place come"
    )
    text = f"{sound} with a qualification: {'; '.join(told)}"
    return headline(chapter, text, ids, len(granted), "strengths with a qualification",
                    question="strengths with a qualification", subject=_subject(findings))  # fmt: skip


def say_consequences(chapter: Chapter, findings: pd.DataFrame) -> Headline:
    """What follows from which gap, in the chapter's own links."""
    causal = [name for name, code in chapter.codes("links", "relation").items() if code.more.get("causal", True)]
    ids = list(findings["record_id"])
    links = chapter.links[chapter.links["relation"].isin(causal) & chapter.links["to_id"].isin(ids)]
    if links.empty:
        return headline(chapter, "the chapter names no cause here", [], 0, "causes named")
    told = []
    for effect, own in links.groupby("to_id", sort=False):
        causes = join(fold([name_record(chapter, i) for i in own["from_id"]]))
        told.append(f"{name_record(chapter, str(effect))}, because of {causes}")
    text = f"{count(len(told), 'problem follows', 'problems follow')} from others: {'; '.join(told)}"
    return headline(chapter, text, [*links["record_id"], *links["to_id"]], len(links), "causes named",
                    question="causes named", subject=_subject(findings))  # fmt: skip


def say_holders(chapter: Chapter, findings: pd.DataFrame) -> Headline:
    """Whose the gaps are: agencies, the government, or nobody that the chapter names."""
    gaps = findings[findings["standing"] == GAP]
    if gaps.empty:
        return headline(chapter, "the chapter reports no gap for this choice", [], 0, "gaps with nobody named")
    counts = gaps["whose"].value_counts(sort=False).sort_values(ascending=False, kind="stable")
    nobody = int(counts.pop("nobody named")) if "nobody named" in counts else 0
    one, lead = len(gaps) == 1, "the one gap" if len(gaps) == 1 else "any of the gaps"
    told = [f"{number_word(n)} to {whose}" for whose, n in counts.items()]
    text = f"of the {count(len(gaps), 'gap')}, the chapter attributes {join(told)}"
    text += f"; for {number_word(nobody)} it names nobody" if nobody else ""
    if counts.empty:
        text = f"the chapter names nobody for {lead}"
    elif len(told) == 1 and not nobody:
        text = f"the chapter attributes {'the one gap' if one else 'all gaps'} to {counts.index[0]}"
    return headline(chapter, text, list(gaps["record_id"]), nobody, "gaps with nobody named",
                    question="gaps with nobody named", subject=_subject(findings))  # fmt: skip


def say_groups(chapter: Chapter, findings: pd.DataFrame) -> list[Headline]:
    """Each group of findings in a sentence: what is so, why, and in spite or in face of what."""
    return [_say_group(chapter, row) for row in summarize_groups(chapter, findings).itertuples()]


def say_areas(chapter: Chapter, findings: pd.DataFrame) -> Headline:
    """All groups of findings in one paragraph, without what they are tied to."""
    groups = summarize_groups(chapter, findings)
    phrases, moves = (list(groups[name][groups[name] != ""]) for name in ("phrase", "moves"))
    told = [f"the chapter reports {join(phrases)}" if phrases else "", join(moves)]
    text = ". ".join(capital(part) for part in told if part) or "the chapter assesses nothing for this choice"
    return headline(chapter, text, list(findings["record_id"]), len(groups), "groups of findings")


def _say_group(chapter: Chapter, group: Any) -> Headline:
    links = chapter.links[
        chapter.links["to_id"].isin(group.finding_ids) & ~chapter.links["from_id"].isin(group.finding_ids)
    ]
    nouns = {i for i in group.finding_ids if not _is_clause(chapter, i)}
    told, moved = links[links["to_id"].isin(nouns)], links[~links["to_id"].isin(nouns)]
    reported = f"the chapter reports {group.phrase}{_tell_ties(chapter, told)}" if group.phrase else ""
    text = "; ".join(filter(None, [reported, group.moves + _tell_ties(chapter, moved) if group.moves else ""]))
    states = chapter.findings.set_index("record_id").loc[group.finding_ids]
    value = ", ".join(dict.fromkeys(tell_state(chapter, row) for row in states.itertuples()))
    area, name = (chapter.codes("findings", column)[code].word for column, code in
                  (("area", group.area), ("group", group.group)))  # fmt: skip
    alone = (chapter.groups["area"] == group.area).sum() == 1
    lead = capital(area) if area == name or alone else f"{capital(area)} ({name})"
    return headline(chapter, f"{lead}: {text}", [*group.finding_ids, *links["record_id"]], value, None,
                    question="how it stands", subject=",".join(group.finding_ids))  # fmt: skip


def _tell_ties(chapter: Chapter, links: pd.DataFrame) -> str:
    """What findings are tied to, to be added to a sentence: ``, due to X and worsened by Y, in spite of Z``."""
    words, worse = chapter.codes("links", "relation"), ""
    why: list[str] = []
    tails: list[str] = []
    for relation, own in links.groupby("relation", sort=False, observed=True):
        names = join(fold(list(dict.fromkeys(name_record(chapter, str(i)) for i in own["from_id"]))))
        if relation == "despite":
            put_off = [clause for i in own["from_id"] if (clause := _tell_put_off(chapter, str(i)))]
            clauses = put_off or all(_is_clause(chapter, i) for i in own["from_id"])
            tails.append(f"although {join(put_off) or names}" if clauses else f"in spite of {names}")
        elif relation == "contrast":
            tails.append(f"while {names}")
        elif words[relation].more.get("causal", True):
            if relation == "aggravates" and why:
                worse = f"; {names} made this worse"
            else:
                why.append(f"{words[relation].word} {names}")
    return "".join(f", {tail}" for tail in [*([join(why)] if why else []), *tails]) + worse


def _tell_put_off(chapter: Chapter, record_id: str) -> str:
    """A finding that was put off or planned, as a clause; empty for any other record."""
    row = chapter.rows[record_id]
    said = chapter.codes("findings", "modality")[row["modality"]].more.get("says") if "capability" in row else None
    return f"the {row['capability']} {_agree(row['capability'], said)}" if said else ""


def tell_state(chapter: Chapter, finding: Any) -> str:
    """Level or change of a finding in words; what the chapter leaves unclear differs from what it does not state."""
    if pd.notna(finding.level):
        return chapter.codes("findings", "level")[finding.level].word
    if finding.modality == "suspended":
        return chapter.codes("findings", "modality")[finding.modality].word
    if pd.notna(finding.change):
        return chapter.codes("findings", "change")[finding.change].word
    return "unclear" if finding.level_status == "unknown" else "not stated"


def tabulate_findings(chapter: Chapter, findings: pd.DataFrame, caption: str, columns: Sequence[str]) -> tables.Table:
    """Findings for a reader, one row each; ``columns``: group, finding, whose, standing, state, quote."""
    groups = chapter.codes("findings", "group")
    order = list(dict.fromkeys(findings["group"]))
    chosen = findings.sort_values("group", key=lambda codes: codes.astype(str).map(order.index), kind="stable")
    shown = chosen.assign(
        group=[groups[code].word for code in chosen["group"]],
        finding=[tell_finding(chapter, row) if _is_noun(row) else row.capability for row in chosen.itertuples()],
        state=[tell_state(chapter, row) for row in chosen.itertuples()],
    )
    return tables.table(shown, caption, [*columns, "sentence"])
