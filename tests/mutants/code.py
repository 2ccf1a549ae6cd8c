"""Faults that cosmic-ray makes in the code, and what notices each: ``python -m mutants.code [--few N] [--seed S] …``.

Each stands in a copy of the library. First the module's own tests are run, then what the notebooks and pages show of
both chapters is compared with what they show without it. cosmic-ray makes the faults and is no part of the lock: uvx
fetches it when it is asked.
"""

from __future__ import annotations

import argparse
import ast
import compileall
import hashlib
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from os.path import commonprefix
from pathlib import Path

from mutants.regressions import ROOT, clone, looks

MODULES = ("incidents", "findings", "borders", "partners", "places", "others", "editions", "reading", "records",
           "dates", "headlines", "register")  # fmt: skip
NOTICED = ("unit tests", "what notebooks show", "nothing")
SLOW = 120
"""Seconds after which a fault that makes something run on and on counts as noticed."""
HEAVY = ("geopandas", "hypothesis", "ipywidgets", "jedi", "openpyxl", "pytest", "seaborn", "IPython.display")
"""What is imported once, before the many processes that each try one fault."""


@dataclass(frozen=True)
class Fault:
    """One change of a module's source: from one character to another, what stands there instead; and how it is told."""

    module: str
    start: int
    end: int
    new: str
    told: str

    def plant(self, source: str) -> str:
        return source[: self.start] + self.new + source[self.end :]


def draw(module: str, few: int, seed: str) -> Iterator[Fault]:
    """So many faults of a module (0: all) that cosmic-ray makes, none in an annotation, where it does nothing.

    No two stand at one place unless more are asked for than there are places. The draw goes by the lines alone, so
    that a fault stays in the sample when other lines of its module change.
    """
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator, operator_names

    source = (ROOT / "mali_analysis" / f"{module}.py").read_text(encoding="utf-8")
    nodes, lines = list(ast_nodes(get_ast(source))), source.splitlines()
    notes = [note for node in ast.walk(ast.parse(source)) for name in ("annotation", "returns")
             if (note := getattr(node, name, None))]  # fmt: skip
    spans = [((note.lineno, note.col_offset), (note.end_lineno, note.end_col_offset)) for note in notes]
    seen: Counter[tuple] = Counter()
    drawn = []
    for name in operator_names():
        kind = get_operator(name)
        places = [] if kind.arguments() else [p for node in nodes for p, _ in kind().mutation_positions(node)]
        for number, (line, column) in enumerate(places):
            if not any(first <= (line, column) < last for first, last in spans):
                key = (lines[line - 1], column, name)
                digest = hashlib.sha256(f"{seed} {key} {seen[key]}".encode()).hexdigest()
                seen[key] += 1
                drawn.append((digest, line, column, name, number))
    drawn.sort()
    first = {one[1:3]: one for one in reversed(drawn)}.values()
    order = [*sorted(first), *sorted({*drawn} - {*first})]
    made = ((line, mutate_code(source, get_operator(name)(), number)) for _, line, _, name, number in order)
    valid = (_compare(module, line, source, new) for line, new in made if _is_python(new))
    yield from itertools.islice(valid, few or None)


def _is_python(source: str) -> bool:
    try:
        return bool(ast.parse(source))
    except SyntaxError:
        return False


def _compare(module: str, line: int, old: str, new: str) -> Fault:
    start = len(commonprefix([old, new]))
    end = len(old) - len(commonprefix([old[start:][::-1], new[start:][::-1]]))
    was, becomes = (text.splitlines()[line - 1].strip() for text in (old, new))
    return Fault(module, start, end, new[start : len(new) - len(old) + end], f"{was}  ->  {becomes}")


def ask(work: Callable[[], bool]) -> bool:
    """Whether a piece of work in a process of its own says that all is well; where it breaks or runs on, it is not."""
    child = os.fork()
    if not child:
        well = False
        try:
            signal.alarm(SLOW)
            for stream in (1, 2):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
            well = work()
        finally:
            os._exit(not well)
    return os.waitpid(child, 0)[1] == 0


def test(place: Path, module: str) -> bool:
    """Whether the tests of a module pass, the examples in its docstrings among them."""
    own = [path for path in [ROOT / "tests" / f"test_{module}.py"] if path.is_file()]
    examples = ["--doctest-modules", place / "mali_analysis" / f"{module}.py"]
    options = ["-q", "-x", "-p", "no:cacheprovider", "--rootdir", ROOT, "-c", ROOT / "pyproject.toml"]
    return import_module("pytest").main([str(word) for word in [*options, *examples, *own]]) in (0, 5)


def compare(shown: Path) -> bool:
    """Whether all looks as before; what is shown is written down where it never was."""
    if not shown.exists():
        shown.write_text(json.dumps({name: look() for name, look in looks().items()}), encoding="utf-8")
    before = json.loads(shown.read_text(encoding="utf-8"))
    return all(look() == before[name] for name, look in looks().items())


def judge(place: Path, fault: Fault, shown: Path) -> str:
    """What notices a fault first, one of ``NOTICED``."""
    path = place / "mali_analysis" / f"{fault.module}.py"
    source = path.read_text(encoding="utf-8")
    path.write_text(fault.plant(source), encoding="utf-8")
    try:
        if not ask(lambda: test(place, fault.module)):
            return NOTICED[0]
        return NOTICED[2] if ask(lambda: compare(shown)) else NOTICED[1]
    finally:
        path.write_text(source, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="mutants.code", description=__doc__)
    parser.add_argument("--modules", default=",".join(MODULES), help="only these, with commas between them")
    parser.add_argument("--few", type=int, default=25, help="so many of each module; 0 for all")
    parser.add_argument("--seed", default="2020", help="what the draw begins with")
    parser.add_argument("--told", type=Path, help="a file for every fault with what noticed it")
    parser.add_argument("--list", action="store_true", help="only list them; for a Python that has cosmic-ray")
    asked = parser.parse_args()
    if asked.list:
        faults = [f for name in asked.modules.split(",") for f in draw(name, asked.few, asked.seed)]
        print(json.dumps([asdict(fault) for fault in faults]))
        return 0
    again = ["--modules", asked.modules, "--few", str(asked.few), "--seed", asked.seed]
    command = ["uvx", "--from", "cosmic-ray>=8.4", "python", "-m", "mutants.code", "--list", *again]
    listed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    sys.dont_write_bytecode = True
    for name in HEAVY:
        import_module(name)
    counts: Counter[tuple[str, str]] = Counter()
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        place, shown = clone(Path(folder), None), Path(folder) / "shown.json"
        compileall.compile_dir(place / "mali_analysis", quiet=2)
        sys.path.insert(0, str(place))
        os.environ["PYTHONPATH"] = os.pathsep.join([str(place), str(ROOT / "tests")])
        sound = [ask(lambda: compare(shown)), *(ask(lambda m=m: test(place, m)) for m in asked.modules.split(","))]
        if not all(sound):
            raise SystemExit("something fails without any fault, too")
        for fault in (Fault(**each) for each in json.loads(listed)):
            noticed = judge(place, fault, shown)
            counts[fault.module, noticed] += 1
            lines.append(f"{noticed}: {fault.module}: {fault.told}")
            if asked.told:
                asked.told.write_text("\n".join(lines) + "\n", encoding="utf-8")
            if noticed == NOTICED[2]:
                print(lines[-1], flush=True)
    print(f"| module | faults | {' | '.join(NOTICED)} | noticed |\n|{'---|' * 6}")
    for module in asked.modules.split(","):
        own = [counts[module, noticed] for noticed in NOTICED]
        share = f"{100 * sum(own[:2]) / sum(own):.0f} %" if sum(own) else ""
        print(f"| {module} | {sum(own)} | {' | '.join(map(str, own))} | {share} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
