"""How far two independent codings of a chapter agree: matched records, raw agreement, Krippendorff's alpha."""

from __future__ import annotations

import csv
import itertools
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from mali_analysis import dates
from mali_analysis.coding.schema import Row, read_fields
from mali_analysis.passages import passages_at, split_chapter

ORDER = ["actors", "places", "incidents", "milestones", "trends", "phases", "findings", "status_spells", "affiliations",
         "targets", "judgments", "quantities", "sites", "involvements", "links"]  # fmt: skip
"""Tables in an order in which the records that a table refers to are matched before it."""

LEAST_UNITS = 20
"""Below so many units no alpha is given: a handful of units says next to nothing."""

Rows = dict[str, list[Row]]


class Common(NamedTuple):
    """What codings of one chapter share: its passages, and the fields of each coded table."""

    passages: pd.DataFrame
    fields: dict[str, list[dict[str, Any]]]


def common_of(root: Path, chapter_id: str) -> Common:
    """Passages and fields of a chapter of the data folder ``root``."""
    text = (root / chapter_id / "chapter.txt").read_text(encoding="utf-8")
    return Common(split_chapter(text), {table: read_fields(table, root) for table in ORDER})


def krippendorff(units: Sequence[Sequence[Any]], level: str = "nominal", order: Sequence[Any] = ()) -> float:
    """Krippendorff's alpha of units, each a list of the values that its coders gave (None: not coded).

    ``level`` is nominal, ordinal (``order`` lists the values from low to high) or interval (values are numbers). Units
    with fewer than two values do not count. NaN where no two values can be compared; 1.0 where all are the same.
    Source: K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011).
    """
    coincidences: defaultdict[tuple[Any, Any], float] = defaultdict(float)
    for unit in units:
        values = [value for value in unit if value is not None]
        for pair in itertools.permutations(range(len(values)), 2):
            coincidences[values[pair[0]], values[pair[1]]] += 1 / (len(values) - 1)
    totals: defaultdict[Any, float] = defaultdict(float)
    for (first, _), number in coincidences.items():
        totals[first] += number
    n = sum(totals.values())
    if n < 2:
        return float("nan")
    distance = _distance(level, totals, order)
    observed = sum(number * distance(*pair) for pair, number in coincidences.items())
    expected = sum(totals[a] * totals[b] * distance(a, b) for a in totals for b in totals) / (n - 1)
    return 1.0 if expected == 0 else 1 - observed / expected


def _distance(level: str, totals: dict[Any, float], order: Sequence[Any]) -> Callable[[Any, Any], float]:
    if level == "nominal":
        return lambda a, b: float(a != b)
    if level == "interval":
        return lambda a, b: float(a - b) ** 2
    if level == "ordinal":
        ranks = [value for value in order if value in totals]

        def between(a: Any, b: Any) -> float:
            low, high = sorted((ranks.index(a), ranks.index(b)))
            return (sum(totals[v] for v in ranks[low : high + 1]) - (totals[a] + totals[b]) / 2) ** 2

        return between
    raise ValueError(f"level {level!r}: allowed: nominal, ordinal, interval")


def bootstrap(units: Sequence[Sequence[Any]], level: str, order: Sequence[Any] = (), draws: int = 1000,
              seed: int = 2020) -> tuple[float, float]:  # fmt: skip
    """A 95 percent interval for alpha, from ``draws`` samples of the units with replacement."""
    if all(len(set(unit)) == 1 for unit in units):
        return 1.0, 1.0
    chance = random.Random(seed)
    found = sorted(krippendorff(chance.choices(units, k=len(units)), level, order) for _ in range(draws))
    return found[int(0.025 * draws)], found[int(0.975 * draws) - 1]


def read_coding(folder: Path) -> Rows:
    """A coding as rows of strings, one table per CSV file of the folder."""
    return {
        path.stem: list(csv.DictReader(path.open(encoding="utf-8", newline="")))
        for path in sorted(folder.glob("*.csv"))
        if path.stem in (*ORDER, "evidence")
    }


def match_records(first: Rows, second: Rows, common: Common) -> dict[str, dict[str, str]]:
    """Which record of the second coding is which of the first: for each table, second id by first id.

    Two records can be one only where they rest on words of one sentence or, for parties, bear one name, and share words
    or half of their values. The pair that shares most is taken first. References count as equal where their targets are
    matched.
    """
    sentences = [_sentences(coding["evidence"], common) for coding in (first, second)]
    spans = [_spans(coding["evidence"]) for coding in (first, second)]
    known: dict[str, str] = {}
    matches: dict[str, dict[str, str]] = {}
    for table in ORDER:
        names = [field["name"] for field in common.fields[table] if field["name"] not in _OWN_WORDS]
        scored = []
        for a, b in itertools.product(first[table], second[table]):
            ids = a["record_id"], b["record_id"]
            same_name = table == "actors" and _plain(a["name"]) == _plain(b["name"])
            if not (same_name or sentences[0].get(ids[0], set()) & sentences[1].get(ids[1], set())):
                continue
            shared = _overlap(spans[0].get(ids[0], set()), spans[1].get(ids[1], set()))
            equal = sum(_same(a[name], b[name], known) for name in names) / len(names)
            if same_name or shared or equal >= 0.5:
                scored.append((shared + same_name + 1.5 * equal, *ids))
        taken: dict[str, str] = {}
        for _, a_id, b_id in sorted(scored, reverse=True):
            if a_id not in taken and b_id not in taken.values():
                taken[a_id] = b_id
        matches[table] = taken
        known |= taken
    return matches


_OWN_WORDS = {"record_id", "name", "title", "summary", "capability", "counted", "clause", "phrase"}
"""Columns that each coder fills in words of their own."""


def _rows_of_records(evidence: list[Row]) -> list[Row]:
    return [row for row in evidence if row["column"] == "*"]


def _sentences(evidence: list[Row], common: Common) -> dict[str, set[str]]:
    rows = _rows_of_records(evidence)
    starts = [int(row["start"]) for row in rows]
    found: dict[str, set[str]] = {}
    for row, passage in zip(rows, passages_at(common.passages, starts), strict=True):
        found.setdefault(row["record_id"], set()).add(passage)
    return found


def _spans(evidence: list[Row]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for row in _rows_of_records(evidence):
        found.setdefault(row["record_id"], set()).update(range(int(row["start"]), int(row["end"])))
    return found


def _overlap(first: set[int], second: set[int]) -> float:
    return len(first & second) / len(first | second) if first | second else 0.0


def _plain(name: str) -> str:
    return "".join(letter for letter in name.partition("(")[0].lower() if letter.isalnum()).removeprefix("the")


def _same(first: str, second: str, known: dict[str, str]) -> bool:
    return first == second or known.get(first, first) == second


def list_pairs(first: Rows, second: Rows, common: Common) -> pd.DataFrame:
    """Every coded value of every matched record, one row per value.

    Columns: ``table``, ``variable``, ``first_id``, ``second_id``, ``first``, ``second``, ``agree``. A missing value is
    its status, a date its first and last day. Free text counts only as given or not. A reference agrees where its
    targets are matched.
    """
    matches = match_records(first, second, common)
    known = {a: b for pairs in matches.values() for a, b in pairs.items()}
    rows = []
    for table, pairs in matches.items():
        sides = [{row["record_id"]: row for row in coding[table]} for coding in (first, second)]
        for field in [f for f in common.fields[table] if f.get("coded")]:
            for ids in pairs.items():
                a, b = (_value(side[i], field, table) for side, i in zip(sides, ids, strict=True))
                rows.append((table, field["name"], *ids, a, b, _same(a, b, known)))
    return pd.DataFrame(rows, columns=["table", "variable", "first_id", "second_id", "first", "second", "agree"])


def _value(row: Row, field: dict[str, Any], table: str) -> str:
    value = row[field["name"]]
    if not value:
        return row.get(f"{field['name']}_status", "")
    if field.get("edtf"):
        return "/".join(str(day or "..") for day in dates.bounds(value))
    free = field["type"] == "string" and not (field.get("codes") or field.get("edtf") or field["name"].endswith("_id"))
    return "given" if free else value


def summarize_agreement(pairs: pd.DataFrame, common: Common) -> pd.DataFrame:
    """Agreement of each variable, one row per table and variable; ``pairs`` as from ``list_pairs``.

    Columns: ``table``, ``variable``, ``level`` (of measurement), ``units``, ``agree``, ``raw`` (share of the units),
    ``alpha``, ``low``, ``high`` (bootstrap interval); the last three are missing below ``LEAST_UNITS`` units. Ordered
    variables are taken as such where so many units have values; all others, values and statuses, as nominal.
    """
    rows = []
    for (table, variable), own in pairs.groupby(["table", "variable"], sort=False):
        field = next(f for f in common.fields[str(table)] if f["name"] == variable)
        level, order = "nominal", list(field.get("codes", {}))
        units = [[row.first, row.first if row.agree else row.second] for row in own.itertuples()]
        if field.get("ordered"):
            ranked = [unit for unit in units if set(unit) <= set(order)]
            level, units = ("ordinal", ranked) if len(ranked) >= LEAST_UNITS else (level, units)
        row: dict[str, Any] = {"table": table, "variable": variable, "level": level, "units": len(own)}
        row |= {"agree": int(own["agree"].sum()), "raw": own["agree"].mean()}
        rows.append(row | _alpha(units, level, order))
    return pd.DataFrame(rows)


def _alpha(units: Sequence[Sequence[Any]], level: str, order: Sequence[Any] = ()) -> dict[str, float]:
    if len(units) < LEAST_UNITS:
        return dict.fromkeys(["alpha", "low", "high"], float("nan"))
    low, high = bootstrap(units, level, order)
    return {"alpha": krippendorff(units, level, order), "low": low, "high": high}


def summarize_matching(first: Rows, second: Rows, common: Common) -> pd.DataFrame:
    """How many records each coding made and how many are the same, one row per table.

    Columns: ``table``, ``first``, ``second``, ``matched``, ``share`` (matched records out of all that either made).
    """
    rows = []
    for table, pairs in match_records(first, second, common).items():
        made, other = len(first[table]), len(second[table])
        rows.append((table, made, other, len(pairs), len(pairs) / (made + other - len(pairs))))
    return pd.DataFrame(rows, columns=["table", "first", "second", "matched", "share"])


def folder_of(root: Path, chapter_id: str) -> Path:
    """Where the second coding of a chapter lies, with the comparison below it."""
    return root / chapter_id / "second_coding"


def write_comparison(root: Path, chapter_id: str) -> None:
    """Works out the comparison of both codings and writes ``agreement.csv``, ``matching.csv`` and ``pairs.csv``.

    ``pairs.csv`` holds every value of every matched record as compared; ``settled.csv`` beside them is written by hand.
    """
    folder, common = folder_of(root, chapter_id), common_of(root, chapter_id)
    first, second = read_coding(root / chapter_id), read_coding(folder)
    target = folder / "comparison"
    target.mkdir(exist_ok=True)
    pairs = list_pairs(first, second, common)
    pairs.to_csv(target / "pairs.csv", index=False)
    summarize_agreement(pairs, common).drop(columns="agree").round(3).to_csv(target / "agreement.csv", index=False)
    summarize_matching(first, second, common).round(3).to_csv(target / "matching.csv", index=False)


REFERENCE = {"verdicts": ("claims", ["verdict", "interest"]), "bearings": ("standard_links", ["bearing"]),
             "remedies": ("remedies", ["rests_on", "within_reach_of"])}  # fmt: skip
"""The judgments on other sources that are coded twice: for each file of the second coding its table and variables."""


def list_reference_pairs(folder: Path) -> pd.DataFrame:
    """Every judgment on other sources as both coders gave it before any was settled; ``folder`` as of ``folder_of``.

    Where the two differed, ``settled_reference.csv`` has both values; elsewhere the first was that of the second.
    Columns: ``table``, ``variable``, ``record_id``, ``first``, ``second``.
    """
    with (folder / "comparison" / "settled_reference.csv").open(encoding="utf-8", newline="") as file:
        differing = {(row["table"], row["variable"], row["record_id"]): row["first"] for row in csv.DictReader(file)}
    rows = []
    for name, (table, variables) in REFERENCE.items():
        with (folder / "reference" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            coded = list(csv.DictReader(file))
        for variable, row in itertools.product(variables, coded):
            key = table, variable, row["record_id"]
            rows.append((*key, differing.get(key, row[variable]), row[variable]))
    return pd.DataFrame(rows, columns=["table", "variable", "record_id", "first", "second"])


def summarize_reference(pairs: pd.DataFrame) -> pd.DataFrame:
    """Agreement on other sources, one row per variable, all nominal; ``pairs`` as from ``list_reference_pairs``.

    Columns: ``table``, ``variable``, ``level``, ``units``, ``raw``, ``alpha``, ``low``, ``high``.
    """
    rows = []
    for (table, variable), own in pairs.groupby(["table", "variable"], sort=False):
        row: dict[str, Any] = {"table": table, "variable": variable, "level": "nominal", "units": len(own)}
        row |= {"raw": (own["first"] == own["second"]).mean()}
        rows.append(row | _alpha(own[["first", "second"]].to_numpy().tolist(), "nominal"))
    return pd.DataFrame(rows)


def write_reference(root: Path, chapter_id: str) -> None:
    """Works out ``agreement_reference.csv`` from the second coding and ``settled_reference.csv``, written by hand."""
    folder = folder_of(root, chapter_id)
    made = summarize_reference(list_reference_pairs(folder)).round(3)
    made.to_csv(folder / "comparison" / "agreement_reference.csv", index=False)


if __name__ == "__main__":
    write_comparison(Path(sys.argv[1]).resolve(), sys.argv[2])
    if (folder_of(Path(sys.argv[1]).resolve(), sys.argv[2]) / "comparison" / "settled_reference.csv").is_file():
        write_reference(Path(sys.argv[1]).resolve(), sys.argv[2])
