"""Faults by table and kind, and what notices them: ``python -m mutants [--chapter ID] [--few N] [--told FILE]``."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections import Counter
from multiprocessing import Pool
from pathlib import Path

from mutants.alter import Mutant, list_mutants
from mutants.judge import NOTICED, Judge

ROOT = Path(__file__).parent.parent.parent
WHERE = {"mali-2020": ROOT / "data", "norvelia-2022": ROOT / "tests" / "data"}
EVIDENCE = 400
"""Faults of evidence that are tried, drawn at random: there are ten times as many, and all alike."""
AT_ONCE, FRESH = 8, 30
"""Faults that a worker is given at once, and how often before another takes its place, as its memory grows."""
_JUDGE: list[Judge] = []


def begin(chapter_id: str, folder: str) -> None:
    _JUDGE.append(Judge(WHERE[chapter_id], chapter_id, Path(tempfile.mkdtemp(dir=folder))))


def judge(mutant: Mutant) -> tuple[Mutant, str, str]:
    return (mutant, *_JUDGE[0].judge(mutant))


def tabulate(found: list[tuple[Mutant, str, str]]) -> str:
    """One row per table and kind: how many faults, and how many each of ``NOTICED`` notices first."""
    counts = Counter((mutant.table, mutant.kind, noticed) for mutant, noticed, _ in found)
    pairs = dict.fromkeys((mutant.table, mutant.kind) for mutant, _, _ in found)
    lines = [f"| table | kind | faults | {' | '.join(NOTICED)} |", f"|{'---|' * (3 + len(NOTICED))}"]
    for table, kind in pairs:
        own = [counts[table, kind, noticed] for noticed in NOTICED]
        lines.append(f"| {table} | {kind} | {sum(own)} | {' | '.join(map(str, own))} |")
    whole = [sum(counts[(*pair, noticed)] for pair in pairs) for noticed in NOTICED]
    return "\n".join([*lines, f"| all | | {sum(whole)} | {' | '.join(map(str, whole))} |"])


def main() -> int:
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("--chapter", default="mali-2020", choices=list(WHERE))
    parser.add_argument("--tables", default="", help="only these, with commas between them")
    parser.add_argument("--few", type=int, default=0, help="so many, drawn at random; all if none is given")
    parser.add_argument("--seed", default=None, help="what the draw begins with; another each time if none is given")
    parser.add_argument("--told", type=Path, help="a file for every fault with what noticed it")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        own = Judge(WHERE[asked.chapter], asked.chapter, Path(tempfile.mkdtemp(dir=folder)))
        mutants = list(list_mutants(own.root, asked.chapter, own.text))
        mutants = [m for m in mutants if not asked.tables or m.table in asked.tables.split(",")]
        evidence = [m for m in mutants if m.table == "evidence"]
        spared = set(random.Random(asked.seed).sample(evidence, max(0, len(evidence) - EVIDENCE)))
        mutants = [m for m in mutants if m not in spared]
        if asked.few:
            mutants = random.Random(asked.seed).sample(mutants, min(asked.few, len(mutants)))
        found = []
        with Pool(2, begin, (asked.chapter, folder), FRESH) as pool, (asked.told or Path(os.devnull)).open("w") as told:
            for mutant, noticed, where in pool.imap(judge, mutants, AT_ONCE):
                found.append((mutant, noticed, where))
                print(line := f"{noticed}: {mutant}: {where}", file=told, flush=True)
                if noticed in NOTICED[2:]:
                    print(line, flush=True)
    print(tabulate(found))
    return int(any(noticed == NOTICED[3] for _, noticed, _ in found))


if __name__ == "__main__":
    sys.exit(main())
