"""A warm kernel is an ordinary one: over the corpus both give the same outputs, streams, errors, files and endings."""

import itertools
import os
import re
import sys
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT, pick

from mali_analysis.runs import kernels, processes
from mali_analysis.runs.plans import Job

if not kernels.can_fork():
    pytest.skip("no forking here, so no warm kernels", allow_module_level=True)

_WRITTEN = Path(__file__).with_name("corpus.txt").read_text(encoding="utf-8").split("# %% ")[1:]
TOGETHER = {name: source.strip() for name, _, source in (cell.partition("\n") for cell in _WRITTEN)}
"""Cells of one notebook, by a name for each."""

ALONE = {
    "exit": ["1", "exit", "2"],
    "exit with a status": ["exit(3)", "'after'"],
    "quit kept": ["quit(keep_kernel=True)", "'after'"],
    "os._exit": ["print('before', flush=True)", "import os; os._exit(3)", "'never'"],
    "killed": ["import os, signal; os.kill(os.getpid(), signal.SIGKILL)"],
    "terminated": ["import os, signal; os.kill(os.getpid(), signal.SIGTERM)"],
    "aborted": ["import os; os.abort()"],
    "at exit": [
        "import atexit, weakref\nleft = open('left.txt', 'w'); left.write('not closed, ')\n"
        "atexit.register(lambda: open('atexit.txt', 'w').write('handled'))",
        "class D:\n    def __del__(self):\n        open('del.txt', 'w').write('deleted')\nd = D()\n"
        "weakref.finalize(D, lambda: open('final.txt', 'w').write('finalized'))",
        "import threading, time\ndef late():\n    time.sleep(0.3); open('thread.txt', 'w').write('waited for')\n"
        "threading.Thread(target=late).start()",
    ],
    "at exit with words": ["import atexit; atexit.register(print, 'bye'); atexit.register(lambda: 1 / 0)"],
    "raises": ["1", "raise ValueError('stop here')", "2"],
    "stderr and raises": ["import sys; print('e', file=sys.stderr); {}['k']"],
}  # fmt: skip
ALONE = {name: ALONE[name] for name in ["at exit", *pick([name for name in ALONE if name != "at exit"], 2)]}
"""Cells that end or wound their kernel, by a name for each notebook of them."""

DIFFERS = [
    (r"ipykernel_\d+/\d+\.py", "cell.py"),  # a cell's file is named after its process
    (r"0x[0-9a-f]{6,}", "0x"),  # addresses
    (r"\b(CPU times|Wall time): .*", r"\1"),
    (r"(?<![\w/])tmp/[^/'\"]*", "FOLDER OF THE KERNEL"),
    (r"^[0-9a-f]{32}$", "id"),  # of a widget
    (r"\bpid=\d+|\b(?<=Process )\d+", "pid"),
]
"""What differs between two runs of one ordinary kernel too, and what it becomes for the comparison."""


def make(folder: Path, name: str, sources: list[str], tags: list[str]) -> Job:
    cells = [nbformat.v4.new_code_cell(source, metadata={"tags": tags}) for source in sources]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), folder / f"{name}.ipynb")
    return Job(folder / f"{name}.ipynb", {})


def run(jobs: list[Job], folder: Path, data: Path, kind: str, monkeypatch) -> dict[str, tuple]:
    """By name: the error, the outputs of each cell and the files left, all without what always differs."""
    monkeypatch.setenv("MALI_KERNEL", kind)
    monkeypatch.setattr(processes, "_servers", {})  # one that an earlier test started has the environment of that time
    # `%%python` looks for `python` here. Were it not found, IPython's own traceback would differ from run to run of one
    # kernel: its first line tells whether the cell's thread came before the one that failed to start the process.
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    (folder / "work").mkdir(parents=True)
    (folder / "work" / "beside.py").write_text("here = True\n")
    (folder / "work" / "written.py").write_text("print('run', __name__)\n")
    targets = {job.name: folder / f"{job.name}.ipynb" for job in jobs}
    done = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder / "work")
        for job in jobs:
            for each in processes.execute_here([job], targets, data, workers=1):
                done[each.job] = each.error
    found = {}
    for job in jobs:
        cells = nbformat.read(targets[job.name], 4).cells if targets[job.name].exists() else []
        for cell in cells:
            cell.outputs = join(cell.get("outputs", []))
        told = [(cell.execution_count, cell.outputs) for cell in cells if cell.cell_type == "code"]
        found[job.name] = settle([done[job.name], told], folder)
    files = {path.name: path.read_text() for path in (folder / "work").iterdir() if path.is_file()}
    return found | {"files": files}


def join(outputs: list) -> list:
    """Streams cut where the clock flushed them become one again, each by itself between two other outputs."""
    joined: list = []
    for is_stream, own in itertools.groupby(outputs, lambda output: output.output_type == "stream"):
        if not is_stream:
            joined += own
            continue
        for name, pieces in itertools.groupby(sorted(own, key=lambda o: o.name), lambda output: output.name):
            text = "".join(piece.text for piece in pieces)
            joined.append(nbformat.v4.new_output("stream", name=name, text=text))
    return joined


def settle(thing, folder: Path):
    """The same without what always differs, in all texts within."""
    if isinstance(thing, dict):
        return {key: settle(value, folder) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [settle(value, folder) for value in thing]
    if isinstance(thing, str):
        thing = thing.replace(str(folder), "FOLDER")
        for pattern, word in DIFFERS:
            thing = re.sub(pattern, word, thing)
    return thing


@pytest.fixture(scope="module")
def both(tmp_path_factory) -> dict[str, dict]:
    """What each kind of kernel made of the corpus."""
    source, found = tmp_path_factory.mktemp("corpus"), {}
    jobs = [make(source, "together", list(TOGETHER.values()), ["raises-exception"])]
    jobs += [make(source, name.replace(" ", "_"), sources, []) for name, sources in ALONE.items()]
    for kind in ("warm", "ordinary"):
        with pytest.MonkeyPatch.context() as patch:
            found[kind] = run(jobs, tmp_path_factory.mktemp("runs") / kind, ROOT / "data", kind, patch)
    return found


def test_the_corpus_is_large_and_was_run(both) -> None:
    assert len(TOGETHER) + len(ALONE) >= 40
    for kind in both:
        assert len(both[kind]["together"][1]) == len(TOGETHER)
        assert [count for count, _ in both[kind]["together"][1]][-1]


@pytest.mark.parametrize("name", TOGETHER)
def test_a_cell_comes_out_alike(both, name: str) -> None:
    number = list(TOGETHER).index(name)
    assert both["warm"]["together"][1][number] == both["ordinary"]["together"][1][number]


@pytest.mark.parametrize("name", ALONE)
def test_a_notebook_ends_alike(both, name: str) -> None:
    assert both["warm"][name.replace(" ", "_")] == both["ordinary"][name.replace(" ", "_")]


def test_the_same_files_are_left(both) -> None:
    assert both["warm"]["files"] == both["ordinary"]["files"]
    assert {"left.txt", "atexit.txt", "final.txt", "thread.txt"} <= set(both["warm"]["files"])
