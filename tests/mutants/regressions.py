"""Thirty deliberate faults in the code, and the check that catches each first: ``python -m mutants.regressions``.

Each is one change of a line in a copy of the library; what the notebooks, charts and pages then show is compared with
what they show without it, and where that is the same the unit tests of the module are run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Regression:
    """One fault: what it does, the module, a piece of its source that stands there once, and what it becomes."""

    what: str
    module: str
    old: str
    new: str


def read_regressions() -> list[Regression]:
    """All faults, as they stand in ``regressions.toml``."""
    listed = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return [Regression(**each) for each in listed["fault"]]


def looks() -> dict[str, Callable[[], list[str]]]:
    """All that is compared, in the order of the checks, without a kernel; each is made when it is called."""
    from mali_analysis import charts
    from mali_analysis.chapter import load_chapter
    from mali_analysis.runs.snapshots import write_tables
    from mutants import judge

    ours, invented = load_chapter("mali-2020", ROOT / "data"), load_chapter("norvelia-2022", ROOT / "tests/data")
    found: dict[str, Callable[[], list[str]]] = {}
    for name in judge.names():
        found[f"nbval {name}"] = lambda name=name: list(judge.show(name, ours, charts.draw))
    found["the page of the chapter"] = lambda: [judge.show_page(ours)]
    found["the snapshot of tables"] = lambda: [write_tables(ours)]
    for name in judge.names():
        found[f"{name} of the invented chapter"] = lambda name=name: list(judge.show(name, invented))
    return found


def clone(folder: Path, regression: Regression | None) -> Path:
    """A copy of the library with the fault in it; all else is ours. Raises ValueError for a fault that fits no more."""
    place = Path(tempfile.mkdtemp(dir=folder))
    shutil.copytree(ROOT / "mali_analysis", place / "mali_analysis", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("data", "notebooks", "tests", "docs", "pyproject.toml"):
        (place / name).symlink_to(ROOT / name)
    if regression:
        path = place / "mali_analysis" / f"{regression.module}.py"
        source = path.read_text(encoding="utf-8")
        if source.count(regression.old) != 1:
            raise ValueError(f"{regression.what}: {regression.old!r} stands {source.count(regression.old)} times")
        path.write_text(source.replace(regression.old, regression.new), encoding="utf-8")
    return place


def run(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(place), str(ROOT / "tests")])
    return subprocess.run([sys.executable, *words], cwd=place, env=os.environ | {"PYTHONPATH": paths},
                          capture_output=True, text=True)  # fmt: skip


def find_first(regression: Regression, before: dict[str, list[str]], folder: Path) -> str:
    """The check that catches a fault first; empty where none does."""
    place = clone(folder, regression)
    done = run(place, "-m", "mutants.regressions", "--look")
    if done.returncode:
        return f"an error: {done.stderr.strip().splitlines()[-1][:120]}"
    after = json.loads(done.stdout.splitlines()[-1])
    for check, expected in before.items():
        pairs = list(zip_longest(expected, after[check]))
        if any(old != new for old, new in pairs):
            return f"{check} ({_name(*next(pair for pair in pairs if pair[0] != pair[1]))})"
    own = ROOT / "tests" / f"test_{regression.module}.py"
    done = run(place, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", str(own))
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    return failed[0].partition(" - ")[0].rpartition("/")[2] if failed else ""


def _name(old: str | None, new: str | None) -> str:
    """What kind of thing differs first."""
    if old is None or new is None:
        return "one more or less"
    if "image/svg+xml" in old:
        left, right = (json.loads(text) for text in (old, new))
        return (
            "chart" if left.pop("image/svg+xml", "") == right.pop("image/svg+xml", "") or left != right else "drawing"
        )
    return "headline" if "headline+json" in old else "table" if "<table" in old else "text"


def main() -> int:
    if sys.argv[1:] == ["--look"]:
        print(json.dumps({name: look() for name, look in looks().items()}))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        before = json.loads(
            run(clone(Path(folder), None), "-m", "mutants.regressions", "--look").stdout.splitlines()[-1]
        )
        found = {each.what: find_first(each, before, Path(folder)) for each in read_regressions()}
    print("| fault | caught first by |\n|---|---|")
    print("\n".join(f"| {what} | {check or '**nothing**'} |" for what, check in found.items()))
    return int(not all(found.values()))


if __name__ == "__main__":
    sys.exit(main())
