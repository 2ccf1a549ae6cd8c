"""Whatever happens to a run, the last report stays whole, and the next run goes on from there."""

import fcntl
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from conftest import SOAK, pick

pytestmark = pytest.mark.kernel

COMMAND = [sys.executable, "-m", "mali_analysis", "run"]
DAYS = pick(["2020-02-01", "2020-08-19", "2020-10-01", "2020-12-30"], 3)


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "plan.yaml"
    path.write_text(f"- notebook: 03_cooperation\n  sweep: {{as_of: {json.dumps(DAYS)}}}\n")
    return path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where reports go."""
    return tmp_path / "out"


@pytest.fixture(scope="module")
def whole(plan: Path, tmp_path_factory) -> tuple[Path, float]:
    """Where a whole run of the plan has left its report, and how many seconds it took."""
    place, begun = tmp_path_factory.mktemp("whole") / "out", time.monotonic()
    assert finish(place, "--plan", str(plan)).returncode == 0
    return place, time.monotonic() - begun


@pytest.fixture(autouse=True)
def temporary(monkeypatch) -> Iterator[Path]:
    """The folder for temporary files of the runs; it must be empty in the end."""
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        yield Path(folder)


def start(place: Path, *arguments: str, mark: str = "") -> subprocess.Popen:
    """A run in a process group of its own; ``mark`` stands in the environment of all its processes."""
    environment = os.environ | {"MALI_MARK": mark}
    return subprocess.Popen(
        [*COMMAND, *arguments, "--output", str(place / "report")], env=environment, start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def finish(place: Path, *arguments: str) -> subprocess.CompletedProcess:
    process = start(place, *arguments)
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def marked(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("MALI_MARK") == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def assert_whole(chapter: Path, findings: str) -> None:
    manifest = json.loads((chapter / "run.json").read_text())
    assert [job["outcome"] for job in manifest["jobs"]] == ["ok"] * len(DAYS)
    for job in manifest["jobs"]:
        json.loads((chapter / "notebooks" / f"{job['job']}.ipynb").read_text())
    for name in [*(job["job"] for job in manifest["jobs"]), "index", "chapter"]:
        assert (chapter / f"{name}.html").read_text().endswith("</html>")
    assert (chapter / "headlines.json").read_text() == findings


def test_a_run_killed_at_any_moment_leaves_report_and_machine_clean(
    place: Path, plan: Path, whole: tuple[Path, float], temporary: Path
) -> None:
    shutil.copytree(whole[0], place, symlinks=True)
    findings = (place / "report" / "headlines.json").read_text()
    moments = random.Random(2020)
    killed, times = 0, 20 if SOAK else 2
    for _ in range(times):
        mark = uuid.uuid4().hex
        process = start(place, "--plan", str(plan), "--force", mark=mark)
        time.sleep(moments.uniform(0.05, 1.05) * whole[1])
        if process.poll() is None:
            killed += 1
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert_whole(place / "report", findings)
        assert psutil.wait_procs(marked(mark), timeout=5)[1] == []
    assert killed >= times // 2
    assert finish(place, "--plan", str(plan), "--force").returncode == 0
    assert_whole(place / "report", findings)
    assert not any(job["cached"] for job in json.loads((place / "report" / "run.json").read_text())["jobs"])
    folder = os.readlink(place / "report")
    assert {path.name for path in place.iterdir()} == {"report", folder, ".report.lock", ".mali-cache"}
    assert len(list((place / ".mali-cache").iterdir())) == len(DAYS)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("number", pick([signal.SIGTERM, signal.SIGINT], 1))
def test_a_run_that_is_stopped_keeps_what_is_finished(place: Path, plan: Path, number: int) -> None:
    mark = uuid.uuid4().hex
    process = start(place, "--plan", str(plan), "--jobs", "1", mark=mark)
    until = time.monotonic() + 60
    while not list((place / ".mali-cache").glob("[0-9a-f]*.ipynb")) and time.monotonic() < until:
        time.sleep(0.02)
    os.killpg(process.pid, number)  # as a terminal does
    _, err = process.communicate(timeout=20)
    assert process.returncode == 128 + number, err
    assert "Traceback" not in err
    assert psutil.wait_procs(marked(mark), timeout=5)[1] == []
    assert not (place / "report").exists()
    assert {path.name for path in place.iterdir()} == {".report.lock", ".mali-cache"}
    kept = {path.name for path in (place / ".mali-cache").iterdir()}
    assert 1 <= len(kept) < len(DAYS)
    assert finish(place, "--plan", str(plan)).returncode == 0
    jobs = json.loads((place / "report" / "run.json").read_text())["jobs"]
    assert sum(job["cached"] for job in jobs) == len(kept)


def test_a_second_run_into_the_same_folder_says_so(place: Path) -> None:
    place.mkdir()
    with (place / ".report.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        second = finish(place, "00_brief")
    assert second.returncode == 2
    assert "another run is writing it" in second.stderr
    assert not (place / "report").exists()


def test_an_interrupt_in_the_first_moments_leaves_no_traceback(place: Path, plan: Path) -> None:
    for seconds in pick((0.5, 1.0, 1.5), 1):
        process = start(place, "--plan", str(plan), "--force")
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=30)
        assert "Traceback" not in err, (seconds, err)
        assert process.returncode in (128 + signal.SIGINT, -signal.SIGINT)


@pytest.mark.parametrize("count", pick([2, 3, 5, 7], 1))
def test_an_interrupt_with_some_processes_at_work_ends_them_all(place: Path, plan: Path, count: int) -> None:
    """Of the run: its server from its first moment, then guards, jobs and kernels."""
    mark = uuid.uuid4().hex
    process = start(place, "--plan", str(plan), mark=mark)
    until = time.monotonic() + 60
    while len(marked(mark)) < count and time.monotonic() < until:
        time.sleep(0.001)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, len(err.splitlines())) == (128 + signal.SIGINT, 1), err
    assert psutil.wait_procs(marked(mark), timeout=5)[1] == []
    assert not (place / "report").exists()


def test_only_what_is_missing_or_damaged_is_done_again(place: Path, plan: Path, whole: tuple[Path, float]) -> None:
    shutil.copytree(whole[0], place, symlinks=True)
    before = os.readlink(place / "report")
    assert finish(place, "--plan", str(plan)).returncode == 0
    assert os.readlink(place / "report") == before  # nothing changed, so nothing was done
    damaged, gone, *_ = sorted((place / ".mali-cache").iterdir())
    damaged.write_bytes(damaged.read_bytes()[:-100])
    gone.unlink()
    (place / "report" / "index.html").unlink()
    assert finish(place, "--plan", str(plan)).returncode == 0
    jobs = json.loads((place / "report" / "run.json").read_text())["jobs"]
    assert sorted(job["cached"] for job in jobs) == [False, False, *[True] * (len(DAYS) - 2)]


def test_a_parent_that_dies_alone_takes_its_jobs_along(place: Path, plan: Path) -> None:
    mark = uuid.uuid4().hex
    process = start(place, "--plan", str(plan), mark=mark)
    until = time.monotonic() + 60
    while len(marked(mark)) < 5 and time.monotonic() < until:  # the run, the server, its tracker, two jobs
        time.sleep(0.02)
    process.kill()
    process.communicate()
    assert psutil.wait_procs(marked(mark), timeout=5)[1] == []
