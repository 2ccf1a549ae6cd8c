"""A warm kernel is an ordinary one: over the corpus both give the same outputs, streams, errors, files and endings."""

import json
import os
import re
import sys
from pathlib import Path

import nbformat
import pytest
from corpus import ALONE, TOGETHER

from mali_analysis.runs import kernels, processes
from mali_analysis.runs.plans import Job

if not kernels.can_fork():
    pytest.skip("no forking here, so no warm kernels", allow_module_level=True)

DIFFERS = [
    (r"ipykernel_\d+/\d+\.py", "cell.py"),  # a cell's file is named after its process
    (r"0x[0-9a-f]{6,}", "0x"),  # addresses
    (r"\b(CPU times|Wall time): .*", r"\1"),
    (r"/tmp/mali-[^/]*/[^/]*/kernel\.json", "kernel.json"),
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
        told = [(cell.execution_count, cell.outputs) for cell in cells]
        found[job.name] = json.loads(settle(json.dumps([done[job.name], told]), folder))
    files = {path.name: path.read_text() for path in (folder / "work").iterdir() if path.is_file()}
    return found | {"files": files}


def settle(text: str, folder: Path) -> str:
    text = text.replace(str(folder), "FOLDER")
    for pattern, word in DIFFERS:
        text = re.sub(pattern, word, text)
    return text


@pytest.fixture(scope="module")
def both(tmp_path_factory) -> dict[str, dict]:
    """What each kind of kernel made of the corpus."""
    from conftest import ROOT

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
