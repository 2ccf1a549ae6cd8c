"""Ratios of other tools' time, size and memory to ours, taken in turn: ``python -m benchmarks [NAME …]``."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import psutil

from benchmarks import contestants as c

ROUNDS = 9
Contestant = Callable[[Path], float]


def compare(title: str, ours: Contestant, others: list[tuple[Contestant, str]], folder: Path) -> None:
    """A table: how many times ours each other takes, as the median of the rounds, with the least and the most."""
    ratios: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        mine = ours(folder)
        for other, _ in others:
            ratios.setdefault(other.__name__, []).append(other(folder) / mine)
    print(f"\n## {title}\n\nOurs: {first_line(ours)}.\n")
    print("| against | ratio | least | most | wanted |\n|---|---|---|---|---|")
    for other, wanted in others:
        found = ratios[other.__name__]
        print(
            f"| {first_line(other)} | {statistics.median(found):.2f} | {min(found):.2f} | {max(found):.2f} | {wanted} |"
        )


def first_line(contestant: Contestant) -> str:
    return (contestant.__doc__ or "").splitlines()[0].rstrip(".")


def sweep(folder: Path) -> None:
    others = [(c.sweep_papermill, "10 or more"), (c.sweep_execute_notebook, "5 or more"), (c.sweep_nbconvert, "over 1"),
              (c.sweep_nbmake, "over 1"), (c.sweep_limit, "0.5 or more")]  # fmt: skip
    if "MALI_BEFORE" in os.environ:
        others.append((c.sweep_before, ""))
    compare("Sixty parameterized runs of one notebook, per run", c.sweep_ours, others, folder)


def chapter(folder: Path) -> None:
    compare("The whole report", c.report_ours, [(c.report_papermill_nbconvert, "5 or more"), (c.imports, "")], folder)
    compare("With nothing changed", c.report_unchanged, [(c.report_papermill_nbconvert, "40 or more")], folder)


def pages(folder: Path) -> None:
    c.report_ours(folder)
    compare("Pages from executed notebooks", c.pages_ours, [(c.pages_nbconvert, "2 or more")], folder)
    ratio = c.size_of(folder / "html") / c.size_of(folder / "pages")
    print(f"\nTheir pages are {ratio:.1f} times as large as ours, ours with chapter and index (wanted: 3 or more).")


def explore(folder: Path) -> None:
    compare("The explorer in JupyterLab, until it is shown", c.table_of_records, [(c.explorer_shown, "")], folder)


def memory(folder: Path) -> None:
    """Proportional set size, so that what processes share counts once."""
    plans = {}
    for runs in (20, c.RUNS):
        plans[runs] = folder / f"plan-{runs}.yaml"
        plans[runs].write_text(f"- notebook: {c.SWEPT.stem}\n  sweep: {{as_of: [{', '.join(c.DAYS[:runs])}]}}\n")
    words = [c.BIN / "mali-analysis", "run", "--force", "--output", folder / "memory" / "report", "--plan"]
    peaks = {runs: peak([[*words, plan]]) for runs, plan in plans.items()}
    kernels = peak([[c.BIN / "papermill", c.SWEPT, folder / f"kernel-{n}.ipynb"] for n in range(2)])
    print("\n## Memory, all processes, proportional set size at its peak\n")
    print(f"Sixty runs against twenty: {peaks[c.RUNS] / peaks[20]:.2f} times (wanted: about 1).")
    spare = (kernels + 200 * 2**20 - peaks[c.RUNS]) / 2**20
    print(f"Sixty runs against two papermill commands at once: {peaks[c.RUNS] / kernels:.2f} times; "
          f"{spare:.0f} MB below two kernels and 200 MB (wanted: above 0).")  # fmt: skip


def peak(commands: list[list[object]]) -> int:
    """Highest sum of proportional set sizes over the commands' processes and their children."""
    quiet = subprocess.DEVNULL
    started = [subprocess.Popen([str(w) for w in words], cwd=c.ROOT, stdout=quiet, stderr=quiet) for words in commands]
    highest, over = 0, threading.Event()

    def watch() -> None:
        nonlocal highest
        while not over.wait(0.2):
            total = 0
            for process in [p for root in started for p in family(root.pid)]:
                try:
                    found = process.memory_full_info()
                    total += getattr(found, "pss", found.uss)  # only Linux shares out what is shared
                except psutil.Error:
                    continue
            highest = max(highest, total)

    watcher = threading.Thread(target=watch)
    watcher.start()
    codes = [process.wait() for process in started]
    over.set()
    watcher.join()
    if any(codes):
        raise RuntimeError(f"a command failed: {commands}")
    return highest


def family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


SECTIONS = {"sweep": sweep, "report": chapter, "pages": pages, "explore": explore, "memory": memory}

if __name__ == "__main__":
    names = sys.argv[1:] or list(SECTIONS)
    if unknown := [name for name in names if name not in SECTIONS]:
        sys.exit(f"benchmark {unknown[0]!r}: allowed: {', '.join(SECTIONS)}")
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        c.prepare(Path(place))
        for name in names:
            SECTIONS[name](Path(place))
