"""The same jobs on a real Dask cluster of two workers on this machine."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from conftest import ROOT, pick

from mali_analysis.runs.cli import main
from mali_analysis.runs.cluster import execute_on_cluster
from mali_analysis.runs.plans import plan_jobs

pytestmark = pytest.mark.server

distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")
DAYS = pick(((date(2020, 1, 1) + timedelta(9 * n)).isoformat() for n in range(40)), 4)


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "plan.yaml"
    path.write_text(f"- notebook: 03_cooperation\n  sweep: {{as_of: {json.dumps(DAYS)}}}\n")
    return path


@pytest.fixture(scope="module")
def local(plan: Path, tmp_path_factory) -> Path:
    return run(plan, tmp_path_factory.mktemp("local") / "report")


def run(plan: Path, output: Path, *more: str) -> Path:
    result = CliRunner().invoke(main, ["run", "--plan", str(plan), "--output", str(output), *more])
    assert result.exit_code == 0, result.output
    return output


class Cluster:
    """A scheduler and two workers as a user would start them."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        self.folder, self.started = folder, []
        self.start("scheduler", "--host", "127.0.0.1", "--port", str(port))
        self.workers = [
            self.start("worker", self.address, "--nthreads", "2", "--local-directory", str(folder / f"w{n}"))
            for n in range(2)
        ]

    def start(self, kind: str, *arguments: str) -> subprocess.Popen:
        log = (self.folder / f"{len(self.started)}-{kind}.log").open("w")
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + kind, *arguments, "--no-dashboard"],
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        self.started.append(process)
        return process

    def stop(self) -> None:
        """Ends all of them; one that is still starting does not heed a polite word."""
        for process in self.started:
            process.terminate()
        for process in self.started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
            kill_group(process)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    running = Cluster(tmp_path_factory.mktemp("cluster"))
    yield running
    running.stop()


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster of a test's own, which may lose workers while others go on."""
    running = Cluster(tmp_path)
    yield running
    running.stop()


def assert_same(there: Path, here: Path) -> None:
    names = sorted(path.name for path in (here / "notebooks").iterdir())
    assert sorted(path.name for path in (there / "notebooks").iterdir()) == names
    for name in names:
        cells = [
            [(c.source, c.get("outputs")) for c in nbformat.read(r / "notebooks" / name, 4).cells]
            for r in (there, here)
        ]
        assert cells[0] == cells[1], name
    assert (there / "headlines.json").read_text() == (here / "headlines.json").read_text()


def test_a_plan_has_the_same_outputs_as_here(cluster: Cluster, plan: Path, local: Path, tmp_path: Path) -> None:
    assert_same(run(plan, tmp_path / "far" / "report", "--scheduler", cluster.address), local)


@pytest.mark.soak
def test_a_worker_killed_mid_way_costs_time_only(mortal: Cluster, plan: Path, local: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mali_analysis", "run", "--plan", str(plan), "--scheduler", mortal.address]
    output = tmp_path / "far" / "report"
    process = subprocess.Popen([*command, "--output", str(output)])
    until = time.monotonic() + 90
    while len(list((output.parent / ".mali-cache").glob("*.ipynb"))) < 5 and time.monotonic() < until:
        time.sleep(0.05)
    done = len(list((output.parent / ".mali-cache").glob("*.ipynb")))
    kill_group(mortal.workers[0])
    try:
        assert process.wait(timeout=120) == 0
    finally:
        process.kill()
    assert 5 <= done < len(DAYS)
    jobs = json.loads((output / "run.json").read_text())["jobs"]
    assert len(jobs) == len(DAYS) and {job["outcome"] for job in jobs} == {"ok"}
    assert_same(output, local)


def kill_group(process: subprocess.Popen) -> None:
    """The nanny and the worker below it, at once; so nobody starts the worker again."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_a_worker_with_another_library_is_refused(cluster: Cluster, plan: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("mali_analysis.runs.cluster.hash_library", lambda: "another")
    command = ["run", "--plan", str(plan), "--scheduler", cluster.address, "--output", str(tmp_path / "o" / "report")]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    assert "allowed: the library and package versions of this machine" in result.output
    assert not (tmp_path / "o" / "report").exists()


def test_where_no_cluster_answers_nothing_is_written(plan: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("mali_analysis.runs.cluster.PATIENCE", 1)
    address = "tcp://127.0.0.1:9"
    result = CliRunner().invoke(
        main, ["run", "--plan", str(plan), "--scheduler", address, "--output", str(tmp_path / "o" / "report")]
    )
    assert result.exit_code == 2
    assert re.search(rf"scheduler '{address}': allowed: the address of a running Dask scheduler", result.output)
    assert not (tmp_path / "o" / "report").exists()


@pytest.mark.soak
def test_a_result_lost_with_its_worker_before_it_was_fetched_is_made_again(
    cluster: Cluster, plan: Path, tmp_path: Path
) -> None:
    jobs = plan_jobs([], [], plan)
    with distributed.Client(cluster.address) as client:
        client.wait_for_workers(2, timeout=60)
        work = execute_on_cluster(jobs, {job.name: tmp_path / job.name for job in jobs}, ROOT / "data", cluster.address)
        seen = [next(work)]
        until = time.monotonic() + 60
        while any(client.processing().values()) and time.monotonic() < until:
            time.sleep(0.05)
        kill_group(cluster.workers[0])
        while len(client.scheduler_info()["workers"]) > 1 and time.monotonic() < until:
            time.sleep(0.05)
        seen += work
    assert [done.error for done in seen] == [""] * len(jobs)
