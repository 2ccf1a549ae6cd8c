"""A warm kernel gives the outputs of an ordinary one, and nothing leaks from run to run or cell to cell."""

import contextlib
import json
import signal
import threading
from pathlib import Path
from types import SimpleNamespace

import nbformat
import psutil
import pytest
from conftest import ROOT, SOAK, cross

from mali_analysis.runs import kernels, processes
from mali_analysis.runs.cache import key_of
from mali_analysis.runs.plans import Job, list_notebooks
from mali_analysis.runs.processes import execute_here

pytestmark = pytest.mark.kernel

if not kernels.is_warm():
    pytest.skip("no forking here, so no warm kernels", allow_module_level=True)


def run(jobs: list[Job], folder: Path, monkeypatch, kind: str = "warm", workers: int = 2, timeout=None) -> dict:
    monkeypatch.setenv("MALI_KERNEL", kind)
    folder.mkdir()
    processes.warm_up(ROOT / "data")
    if kind == "warm":
        assert processes.call(eval, "'mali_analysis.runs.warm' in __import__('sys').modules")
    targets = {job.name: folder / f"{job.name}.ipynb" for job in jobs}
    return {done.job: done for done in execute_here(jobs, targets, ROOT / "data", workers, timeout)}


def outputs(path: Path) -> list:
    cells = nbformat.read(path, 4).cells
    return [(cell.get("execution_count"), cell.get("outputs")) for cell in cells if cell.cell_type == "code"]


def make(path: Path, *sources: str) -> Job:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    return Job(path, {})


@pytest.mark.soak  # else that they are as committed tells it: nbval runs ordinary kernels, a report warm ones
def test_every_notebook_has_the_same_outputs_in_either_kernel(tmp_path, monkeypatch) -> None:
    jobs = [Job(path, {}) for path in list_notebooks().values()]
    warm = run(jobs, tmp_path / "warm", monkeypatch)
    cold = run(jobs, tmp_path / "cold", monkeypatch, "ordinary")
    assert {done.error for done in [*warm.values(), *cold.values()]} == {""}
    for job in jobs:
        name = f"{job.name}.ipynb"
        assert outputs(tmp_path / "warm" / name) == outputs(tmp_path / "cold" / name), name


ODDITIES = [
    "print('a'); import sys; print('b', file=sys.stderr); print('c')",
    "from IPython.display import HTML, clear_output, display\n"
    "print('gone'); clear_output(); display(HTML('<b>x</b>')); 1 + 1",
    "import matplotlib.pyplot as plt\nplt.figure(figsize=(1, 1)).add_subplot().plot([1, 2]);",
    "x = 5; x",
    "x;",
    "_ + 1",
    "print('é ↔ \u202e'); Out",
    "1 / 0",
]


def test_streams_displays_open_figures_and_errors_come_out_alike(tmp_path, monkeypatch) -> None:
    job = make(tmp_path / "odd.ipynb", *ODDITIES)
    found = []
    for kind in ("warm", "ordinary"):
        done = run([job], tmp_path / kind, monkeypatch, kind)["odd"]
        assert done.outcome == "failed" and "ZeroDivisionError" in done.error
        cells = outputs(tmp_path / kind / "odd.ipynb")
        for _, own in cells:
            for output in own:
                output.pop("traceback", None)  # names temporary files
                output.get("data", {}).pop("text/html", None) if "Traceback" in str(output) else None
        found.append(json.dumps(cells, default=str))
    assert found[0] == found[1]


def test_nothing_leaks_from_run_to_run(tmp_path, monkeypatch) -> None:
    both = "import builtins, os, pandas as pd, matplotlib.pyplot as plt\n"
    leave = both + "builtins.left = os.environ['LEFT'] = 'here'\n"
    leave += "pd.options.display.max_rows = 7; plt.rcParams['font.size'] = 3; plt.figure(); secret = 1"
    look = both + "print(hasattr(builtins, 'left'), 'LEFT' in os.environ, "
    look += "pd.options.display.max_rows, plt.rcParams['font.size'], plt.get_fignums(), 'secret' in globals())"
    jobs = [
        make(tmp_path / f"{n}{kind}.ipynb", source) for n in range(3) for kind, source in (("a", leave), ("b", look))
    ]
    done = run(jobs, tmp_path / "out", monkeypatch, workers=1)
    assert {d.error for d in done.values()} == {""}
    for n in range(3):
        text = outputs(tmp_path / "out" / f"{n}b.ipynb")[0][1][0]["text"]
        assert text == "False False 60 10.0 [] False\n"


def test_a_figure_left_open_in_one_cell_is_not_shown_by_the_next(tmp_path, monkeypatch) -> None:
    job = make(tmp_path / "f.ipynb", "import matplotlib.pyplot as plt\n_ = plt.figure(figsize=(1, 1))", "None")
    run([job], tmp_path / "out", monkeypatch)
    assert outputs(tmp_path / "out" / "f.ipynb")[1][1] == []


@pytest.mark.soak  # else the pages of failed jobs tell it, in test_odd_notebooks.py
def test_a_job_that_dies_or_takes_too_long_fails_alone(tmp_path, monkeypatch) -> None:
    jobs = [
        make(tmp_path / "dies.ipynb", "import os; os.kill(os.getpid(), 9)"),
        make(tmp_path / "slow.ipynb", "import time; time.sleep(60)"),
        make(tmp_path / "good.ipynb", "6 * 7"),
    ]
    wait = 20 if SOAK else 8
    done = run(jobs, tmp_path / "out", monkeypatch, workers=3, timeout=wait)
    assert {name: d.outcome for name, d in done.items()} == {"dies": "failed", "slow": "failed", "good": "ok"}
    assert "Kernel died" in done["dies"].error
    assert f"not done after {wait} seconds" in done["slow"].error


CHILDREN = {
    "plain": "subprocess.Popen(['sleep', '600'])",
    "session of its own": "subprocess.Popen(['sleep', '600'], start_new_session=True)",
    "orphan in a session of its own": "subprocess.run(['sh', '-c', 'setsid sleep 600 & exit'], start_new_session=True)",
    "deaf to requests": "subprocess.Popen(['sh', '-c', 'trap \"\" TERM INT HUP; sleep 600; sleep 600'])",
}


def alive(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("MARK") == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


@pytest.mark.parametrize(("child", "kind", "end"), cross(CHILDREN, ["warm", "ordinary"], ["given up", "killed"]))
def test_a_job_cut_short_leaves_no_process(tmp_path, monkeypatch, child: str, kind: str, end: str) -> None:
    begin = f"import os, subprocess, time\nos.environ['MARK'] = {str(tmp_path)!r}\n{CHILDREN[child]}\n"
    begin += f"open({str(tmp_path / 'begun')!r}, 'w')\n"
    begin += "time.sleep(600)" if end == "given up" else "os.kill(os.getpid(), 9)"
    monkeypatch.setenv("MALI_KERNEL", kind)
    processes.warm_up(ROOT / "data")
    seen = []

    def look(*_: object) -> float:  # the clock of the run: the job is late once it has begun
        if (tmp_path / "begun").exists() and not seen:
            seen.extend(alive(str(tmp_path)))
        return 1e9 if seen else 0.0

    if end == "given up":
        monkeypatch.setattr(processes, "time", SimpleNamespace(monotonic=look))
    job = make(tmp_path / "job.ipynb", begin)
    work = execute_here([job], {"job": tmp_path / "out.ipynb"}, ROOT / "data", 1, 0.5 if end == "given up" else None)
    for done in work:
        assert done.outcome == "failed"
    assert psutil.wait_procs(alive(str(tmp_path)), timeout=10)[1] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_server_starts_takes_effect_afterwards(number: int) -> None:
    seen: list[str] = []
    before = signal.signal(number, lambda *_: seen.append("signal"))
    try:
        with processes._interrupts_deferred():
            signal.pthread_kill(threading.get_ident(), number)
            seen.append("server started")
    finally:
        signal.signal(number, before)
    assert seen == ["server started", "signal"]


def test_the_server_itself_holds_no_signals_back(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("MALI_KERNEL", "ordinary")
    server = processes.Server(warm=False, settings={})
    held = processes.Forked(server.address, "call", str(tmp_path), signal.pthread_sigmask, (signal.SIG_BLOCK, ()))
    assert held.receive() == set()
    server._process.terminate()
    assert server._process.wait(timeout=30) == -signal.SIGTERM


def test_the_kind_of_kernel_is_part_of_the_key(monkeypatch) -> None:
    job = Job(list_notebooks()["00_brief"], {})
    keys = set()
    for kind in ("warm", "ordinary", "warm"):
        monkeypatch.setenv("MALI_KERNEL", kind)
        keys.add(key_of(job, "0" * 64))
    assert len(keys) == 2
