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
    "gap", "says a gap again", "follows from a gap", "in place, with a but", "in place", "level not stated",
)  # fmt: skip
"""What a finding is in the chapter’s argument; see ``select_findings``."""


def select_findings(
    chapter: Chapter, areas: Sequence[str] = (), groups: Sequence[str] = (), agencies: Sequence[str] = ()
) -> pd.DataFrame:
    """Findings of the given areas, groups and agencies (empty: all), one row per finding in the chapter's order.

    Adds ``agency_ids`` (a list, empty where the chapter names none), ``whose`` (agencies, the government, or nobody, in
    words), ``standing`` (gap, says a gap again, follows from a gap, in place with a but, in place, level not stated),
    ``quote`` (the chapter's words) and ``sentence``. What repeats a gap or follows from one is no gap of its own.
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
    tied = chapter.links.groupby("from_id")["relation"].agg(set)
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
    return "the government" if row.holder == "government" else "nobody named"


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
        **{end: [name_record(chapter, i) for i in chosen[f"{end}_id"]] for end in ("from", "to")},
        tie=[words[relation].word for relation in chosen["relation"]],
        sentence=tables.sentences(chapter, list(chosen["record_id"])),
    )


def name_record(chapter: Chapter, record_id: str) -> str:
    """A record at one end of a link, as part of a sentence: a clause or a noun phrase."""
    row = chapter.rows[record_id]
    if "capability" in row:
        finding = pd.Series(row)
        return _tell_move(chapter, finding) if _is_clause(chapter, record_id) else tell_finding(chapter, finding)
    for column in ("clause", "phrase", "summary"):
        if column in row:
            return str(row[column])
    return f"the {inside(row['name'])}" if "name" in row else chapter.label(record_id)


def _is_clause(chapter: Chapter, record_id: str) -> bool:
    """Whether a record reads as a clause: phases, spells, trends, judgments, and findings without a level."""
    row = chapter.rows[record_id]
    if "capability" in row:
        return bool(pd.isna(row["level"]))
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
        gaps, level = own[own["standing"] == GAP], own[own["level"].notna()]
        whole = len(own) == len(every[key]) and key in phrases.index and len(level) > 0
        told = gaps if len(gaps) else level
        fits = whole and (len(gaps) or len(level) == len(own)) and all(is_consistent(row) for row in level.itertuples())
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
    clauses = [_tell_move(chapter, row) for row in findings[findings["level"].isna()].itertuples()]
    return join(fold(clauses))


def _tell_move(chapter: Chapter, finding: Any) -> str:
    codes = {column: chapter.codes("findings", column) for column in ("modality", "change")}
    said = codes["modality"][finding.modality].more.get("says", "")
    if not said and pd.notna(finding.change):
        said = codes["change"][finding.change].more["says"]
    noun = finding.capability if finding.capability.split()[0].endswith("ing") else f"the {finding.capability}"
    return f"{noun} {_agree(finding.capability, said)}" if said else f"how {noun} stands the chapter does not say"


HEAD = re.compile(r"^(.*?)( (of|against|from|for|on|at|to|in|over|around|by|brought|\(\w+)\b.*)?$")
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
    if pd.notna(finding.level) and is_consistent(finding):
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
    """What the chapter finds wrong, group by group, and what it does not fault."""
    groups = summarize_groups(chapter, findings)
    faulty, sound = groups[groups["faulty"]], groups[groups["sound"]]
    if findings.empty:
        return headline(chapter, "the chapter assesses nothing for this choice", [], 0, "groups with a gap")
    if faulty.empty:
        told = [
            *groups["phrase"][groups["phrase"] != ""],
            *groups["moves"][groups["moves"] != ""].map("that {}".format),
        ]
        text = f"the chapter finds no fault here: it reports {join(told)}"
    else:
        text = f"the chapter finds fault with {join(list(faulty['phrase']))}"
        text += f". In place without a fault it reports {join(list(sound['phrase']))}" if len(sound) else ""
    told = faulty if len(faulty) else groups
    ids = [i for ids in [*told["finding_ids"], *sound["finding_ids"]] for i in ids]
    return headline(chapter, text, list(dict.fromkeys(ids)), len(faulty), "groups with a gap",
                    question="groups with a gap", subject=_subject(findings))  # fmt: skip


def _subject(findings: pd.DataFrame) -> str:
    return ",".join(findings["record_id"])


def say_gaps(chapter: Chapter, findings: pd.DataFrame) -> Headline:
    """How many separate gaps there are, which statements say one again, and which follow from one."""
    gaps, again, after = (findings[findings["standing"] == kind] for kind in (GAP, REPEATS, FOLLOWS))
    asked = {"question": "separate gaps", "subject": _subject(findings)}
    if gaps.empty and again.empty and after.empty:
        text = "the chapter reports no gap for this choice"
        return headline(chapter, text, list(findings["record_id"]), 0, "separate gaps", **asked)
    parts = [f"{count(len(gaps), 'separate gap')} {'is' if len(gaps) == 1 else 'are'} reported"]
    if len(again):
        parts.append(f"{_tell(chapter, again)} {'says' if len(again) == 1 else 'say'} one of them again")
    if len(after):
        verb = (
            "is a consequence and no gap of its own" if len(after) == 1 else "are consequences and no gaps of their own"
        )
        parts.append(f"{_tell(chapter, after)} {verb}")
    ids = [*gaps["record_id"], *again["record_id"], *after["record_id"]]
    return headline(chapter, "; ".join(parts), ids, len(gaps), "separate gaps", **asked)


def _tell(chapter: Chapter, findings: pd.DataFrame) -> str:
    return join([tell_finding(chapter, row) for row in findings.itertuples()])


def say_concessions(chapter: Chapter, findings: pd.DataFrame) -> Headline:
    """What is in place by the chapter, each with what it concedes about it."""
    granted = findings[findings["standing"] == CONCEDED]
    if granted.empty:
        text = "the chapter grants nothing here only to take it back"
        return headline(chapter, text, [], 0, "things in place with a but")
    links = chapter.links[chapter.links["relation"] == "conceded_by"]
    told, ids = [], []
    for row in granted.itertuples():
        own = links[links["from_id"] == row.record_id]
        told.append(f"{tell_finding(chapter, row)}, but {tell_gaps(chapter, list(own['to_id']))}")
        ids += [row.record_id, *own["record_id"]]
    text = f"what the chapter grants it qualifies in the same breath: {'; '.join(told)}"
    return headline(chapter, text, ids, len(granted), "things in place with a but",
                    question="things in place with a but", subject=_subject(findings))  # fmt: skip


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
    text = f"the chapter ties together {join(told)}" if len(told) > 1 else f"the chapter reports {told[0]}"
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
    told = [f"{number_word(n)} {'is' if n == 1 else 'are'} laid to {whose}" for whose, n in counts.items()]
    told += [f"for {number_word(nobody)} nobody is named"] if nobody else []
    text = f"of the {count(len(gaps), 'gap')}, {join(told)}"
    if counts.empty:
        text = f"the chapter names nobody for {lead}"
    elif len(told) == 1:
        text = f"{'the one gap is' if one else 'all gaps are'} laid to {counts.index[0]}"
    return headline(chapter, text, list(gaps["record_id"]), nobody, "gaps with nobody named",
                    question="gaps with nobody named", subject=_subject(findings))  # fmt: skip


def say_groups(chapter: Chapter, findings: pd.DataFrame) -> list[Headline]:
    """Each group of findings in a sentence: what is so, why, and in spite or in face of what."""
    return [_say_group(chapter, row) for row in summarize_groups(chapter, findings).itertuples()]


def _say_group(chapter: Chapter, group: Any) -> Headline:
    links = chapter.links[
        chapter.links["to_id"].isin(group.finding_ids) & ~chapter.links["from_id"].isin(group.finding_ids)
    ]
    words = chapter.codes("links", "relation")
    tails = []
    for relation, own in links.groupby("relation", sort=False, observed=True):
        names = join(fold(list(dict.fromkeys(name_record(chapter, str(i)) for i in own["from_id"]))))
        if relation == "despite":
            clauses = all(_is_clause(chapter, i) for i in own["from_id"])
            tails.append(f"although {names}" if clauses else f"in spite of {names}")
        elif relation == "contrast":
            tails.append(f"while {names}")
        elif words[relation].more.get("causal", True):
            tails.append(f"{words[relation].word} {names}")
    reported = f"the chapter reports {group.phrase}" if group.phrase else ""
    text = ", ".join(["; ".join(filter(None, [reported, group.moves])), *tails])
    states = chapter.findings.set_index("record_id").loc[group.finding_ids]
    value = ", ".join(dict.fromkeys(tell_state(chapter, row) for row in states.itertuples()))
    area, name = (chapter.codes("findings", column)[code].word for column, code in
                  (("area", group.area), ("group", group.group)))  # fmt: skip
    lead = capital(area) if area == name else f"{capital(area)}, {name}"
    return headline(chapter, f"{lead}: {text}", [*group.finding_ids, *links["record_id"]], value, None,
                    question="how it stands", subject=",".join(group.finding_ids))  # fmt: skip


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
        finding=[tell_finding(chapter, row) if pd.notna(row.level) else row.capability for row in chosen.itertuples()],
        state=[tell_state(chapter, row) for row in chosen.itertuples()],
    )
    return tables.table(shown, caption, [*columns, "sentence"])
