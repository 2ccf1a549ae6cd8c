"""Notebook Jobs on a real Jupyter server, set up by the configuration that comes along."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
import requests
from conftest import ROOT, SOAK, pick

pytest.importorskip("jupyter_scheduler", reason="the extra scheduler is not installed")

from mali_analysis.parameters import ParameterError
from mali_analysis.runs import scratch
from mali_analysis.runs.cells import read_cells
from mali_analysis.runs.declared import read_parameters
from mali_analysis.runs.notebook_jobs import NotebookJobs, find_declared, read_literals, render_alone
from mali_analysis.runs.plans import Job, list_notebooks, plan_job

pytestmark = pytest.mark.server

INCIDENTS = list_notebooks()["01_incidents"]
DECLARED = read_parameters(INCIDENTS)
EVERY_MINUTE = "* * * * *"
GIVEN = {"start": "2020-06-01", "actors": "act-jnim"}
PLAIN = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


class Lab:
    """A JupyterLab as a user would start it, and its REST interface."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.root = folder / "root"
        self.root.mkdir()
        shutil.copy(INCIDENTS, self.root)
        make(self.root / "other.ipynb", "print(word, number + 1)", "open('left.txt', 'w').close()")
        folders = {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
        bin_first = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        self.log = folder / "lab.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                ["jupyter", "lab", f"--config={ROOT}/jupyter_config/jupyter_server_config.json", "--no-browser",
                 f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=secret",
                 f"--ServerApp.root_dir={self.root}", "--TaskRunner.poll_interval=1", "--allow-root"],
                cwd=self.root, env=os.environ | folders | bin_first, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.address, self.definition = f"http://127.0.0.1:{port}/scheduler", ""

    def ask(self, method: str, path: str, body: dict | None = None) -> Any:
        answer = requests.request(
            method, f"{self.address}/{path}", json=body, headers={"Authorization": "token secret"}, timeout=20
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def begin(self) -> None:
        """Waits until the server answers, and defines a regular job."""

        def is_up() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            with contextlib.suppress(requests.ConnectionError):
                return bool(self.ask("GET", "config"))
            return False

        wait(is_up, 40, self.log.read_text)
        regular = describe("01_incidents.ipynb", GIVEN) | {"schedule": EVERY_MINUTE, "timezone": "UTC"}
        self.definition = self.ask("POST", "job_definitions", regular)["job_definition_id"]
        if not SOAK:
            self.pause()

    def submit(self, notebook: str, parameters: dict[str, str]) -> str:
        return self.ask("POST", "jobs", describe(notebook, parameters))["job_id"]

    def result(self, job: str) -> dict[str, Any]:
        """The job's record, once it has ended."""

        def ended() -> dict[str, Any] | None:
            record = self.ask("GET", f"jobs/{job}")
            return record if record["status"] in {"COMPLETED", "FAILED"} else None

        return wait(ended, 60, self.log.read_text)

    def files(self, record: dict[str, Any]) -> dict[str, Path]:
        """The job's files by format, once the server has copied them to where the user finds them."""
        self.ask("GET", f"jobs/{record['job_id']}/download_files")

        def listed() -> list[dict[str, str]] | None:
            now = self.ask("GET", f"jobs/{record['job_id']}")
            return now["job_files"] if now["downloaded"] else None

        return {f["file_format"]: self.root / f["file_path"] for f in wait(listed, 20, self.log.read_text)}

    def processes(self) -> set[int]:
        """The server, and whatever it has started for jobs that still runs."""
        found = set()
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):  # kernels have sessions of their own, so their surroundings tell
                ours = process.environ().get("JUPYTER_DATA_DIR") == str(self.root.parent / "DATA")
                ours = ours and process.status() != psutil.STATUS_ZOMBIE
                if ours and "resource_tracker" not in " ".join(process.cmdline()):  # that one is the server's own
                    found.add(process.pid)
        return found

    def pause(self) -> None:
        self.ask("PATCH", f"job_definitions/{self.definition}", {"active": False, "schedule": EVERY_MINUTE})

    def stop(self) -> None:
        """Ends the server and all that it has started."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        scratch.sweep()  # what a stopped job left in the temporary folder; the next job would do that


def wait(ready: Callable[[], Any], seconds: float, log: Callable[[], str]) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := ready():
            return found
        time.sleep(0.3)
    raise TimeoutError(f"not within {seconds} seconds:\n{log()[-3000:]}")


def describe(notebook: str, parameters: dict[str, str]) -> dict[str, Any]:
    return {
        "name": "test", "input_uri": notebook, "runtime_environment_name": "python",
        "output_formats": ["ipynb", "html"], "parameters": parameters,
    }  # fmt: skip


def make(path: Path, *sources: str) -> Path:
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources], metadata=PLAIN), path
    )
    return path


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[Lab]:
    running = Lab(tmp_path_factory.mktemp("lab"))
    try:
        running.begin()
        yield running
    finally:
        running.stop()


def assert_ran_as_given(files: dict[str, Path]) -> None:
    nb = nbformat.read(files["ipynb"], 4)
    assert nb.metadata.papermill.parameters == {"start": "2020-06-01", "actors": ["act-jnim"]}
    assert all(cell.execution_count for cell in nb.cells if cell.cell_type == "code")
    html = files["html"].read_text()
    assert "<code>start = 2020-06-01</code>" in html
    assert_links_lead_somewhere(html)


def assert_links_lead_somewhere(html: str) -> None:
    ids = Counter(re.findall(r'\bid="([^"]+)"', html))
    inside = re.findall(r'href="#([^"]+)"', html)
    assert [i for i, n in ids.items() if n > 1] == [] == [i for i in inside if i not in ids]
    assert len(inside) > 50
    assert [link for link in re.findall(r'href="([^"]*)"', html) if not re.match("#|https?://", link)] == []


def test_a_job_runs_with_its_parameters(lab: Lab) -> None:
    record = lab.result(lab.submit("01_incidents.ipynb", GIVEN))
    assert (record["status"], record["status_message"]) == ("COMPLETED", None)
    assert_ran_as_given(lab.files(record))


@pytest.mark.parametrize(
    ("given", "message"),
    pick(
        [
            (
                {"start": "2020-13-45"},
                "parameter start: value '2020-13-45': allowed: an ISO day from 2020-01-01 to 2020-12-31",
            ),
            ({"begin": "2020-06-01"}, f"parameter 'begin': allowed: {', '.join(DECLARED)}"),
        ],
        1,
    ),
)
def test_a_refused_parameter_fails_the_job_with_our_line(lab: Lab, given: dict[str, str], message: str) -> None:
    record = lab.result(lab.submit("01_incidents.ipynb", given))
    assert (record["status"], record["status_message"]) == ("FAILED", f"01_incidents: {message}")


def test_any_other_notebook_runs_as_it_is(lab: Lab) -> None:
    record = lab.result(lab.submit("other.ipynb", {"word": "hello", "number": "2"}))
    assert (record["status"], record["packaged_files"]) == ("COMPLETED", ["left.txt"])
    files = lab.files(record)
    assert nbformat.read(files["ipynb"], 4).cells[1].outputs[0].text == "hello 3\n"
    assert "hello 3" in files["html"].read_text()


def test_a_failing_cell_fails_the_job_and_is_shown(lab: Lab) -> None:
    record = lab.result(lab.submit("other.ipynb", {"word": "hello", "number": "two"}))
    assert record["status"] == "FAILED"
    assert re.fullmatch(r"other: cell \d: TypeError: can only concatenate str .*", record["status_message"])
    assert "TypeError" in lab.files(record)["html"].read_text()


@pytest.fixture(scope="module")
def at_once(lab: Lab) -> str:
    """A run of the regular job out of turn."""
    return lab.ask("POST", f"job_definitions/{lab.definition}/jobs", {"parameters": GIVEN})["job_id"]


@pytest.mark.soak
def test_a_regular_job_runs_at_once(lab: Lab, at_once: str) -> None:
    assert lab.result(at_once)["status"] == "COMPLETED"


@pytest.mark.soak
def test_a_regular_job_runs_by_the_clock(lab: Lab, at_once: str) -> None:
    def by_the_clock() -> list[str]:
        jobs = lab.ask("GET", f"jobs?job_definition_id={lab.definition}")["jobs"]
        return [job["job_id"] for job in jobs if job["job_id"] != at_once]

    found = wait(by_the_clock, 70, lab.log.read_text)
    lab.pause()
    record = lab.result(found[0])
    assert record["status"] == "COMPLETED"
    assert_ran_as_given(lab.files(record))


def test_a_stopped_job_leaves_no_process(lab: Lab) -> None:
    lab.pause()
    before = lab.processes()
    job = lab.submit("01_incidents.ipynb", GIVEN)
    wait(lambda: lab.ask("GET", f"jobs/{job}")["status"] == "IN_PROGRESS", 30, lab.log.read_text)
    wait(lambda: len(lab.processes() - before) > 1, 30, lab.log.read_text)
    lab.ask("PATCH", f"jobs/{job}", {"status": "STOPPED"})
    wait(lambda: lab.processes() <= before, 10, lab.log.read_text)
    assert lab.ask("GET", f"jobs/{job}")["status"] == "STOPPED"


def test_text_is_read_by_the_declared_types() -> None:
    job = plan_job(INCIDENTS, DECLARED, {"start": "2020-06-01", "actors": "[act-jnim, act-isgs]", "end": "None"})
    assert job.changed == {"start": "2020-06-01", "actors": ["act-jnim", "act-isgs"]}
    assert job.parameters == {name: p.default for name, p in DECLARED.items()} | job.changed
    assert plan_job(INCIDENTS, DECLARED, {"actors": "act-jnim,act-isgs"}).changed["actors"] == ["act-jnim", "act-isgs"]
    assert plan_job(INCIDENTS, DECLARED, {"actors": ["act-jnim"]}).changed == {"actors": ["act-jnim"]}


def test_every_unknown_name_and_wrong_type_is_named() -> None:
    with pytest.raises(ParameterError) as caught:
        plan_job(INCIDENTS, DECLARED, {"begin": "x", "start": 20200601})
    assert str(caught.value).splitlines() == [
        f"01_incidents: parameter 'begin': allowed: {', '.join(DECLARED)}",
        "01_incidents: parameter start: value 20200601: allowed: a value of type str | None",
    ]


def test_where_no_types_are_declared_text_is_a_literal_or_itself() -> None:
    given = {
        "a": "2",
        "b": "0.5",
        "c": "[1, 'x']",
        "d": "'x'",
        "e": "2020-08-01",
        "f": "two words",
        "g": [1],
        "h": "2-1",
    }
    assert read_literals(given) == given | {"a": 2, "b": 0.5, "c": [1, "x"], "d": "x"}


def test_only_a_notebook_about_a_report_declares(tmp_path: Path) -> None:
    assert all("chapter_id" in find_declared(path) for path in list_notebooks().values())
    for source in ("n: int = 5", "n = 5", "n <- 5", "chapter_id: str = input()"):
        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})])
        nbformat.write(nb, tmp_path / "n.ipynb")
        assert find_declared(tmp_path / "n.ipynb") == {}
    (tmp_path / "old.ipynb").write_text('{"worksheets": [], "nbformat": 3, "nbformat_minor": 0, "metadata": {}}')
    assert find_declared(tmp_path / "old.ipynb") == {}


def test_a_file_that_is_no_notebook_is_invalid(tmp_path: Path) -> None:
    (tmp_path / "no.ipynb").write_text("no")
    found = [NotebookJobs.validate(NotebookJobs, str(path)) for path in (INCIDENTS, tmp_path / "no.ipynb", tmp_path)]
    assert found == [True, False, False]


def test_a_lone_page_holds_all_that_its_links_open(chapter) -> None:
    cells, job = read_cells(INCIDENTS), Job(INCIDENTS, {})
    for html in (render_alone(cells, job, chapter), render_alone(cells, job, chapter, "cell 3: <b>")):
        assert_links_lead_somewhere(html)
        assert html.count("<h1") == 1 and 'href="#chapter"' in html
        assert "How to cite" in html and "JNIM (Jama’at" in re.sub("<[^>]*>", "", html)
    assert "cell 3: &lt;b&gt;" in html
