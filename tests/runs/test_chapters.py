"""Runs over several chapters: each a whole report of its own, one index over all, put in place as one."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from conftest import ROOT

from mali_analysis.runs import plans
from mali_analysis.runs.cli import main

pytestmark = pytest.mark.kernel

CHAPTERS = ["mali-2020", "sahel-a", "sahel-b"]
ARGUMENTS = ["03_cooperation", "--all-chapters", "-p", "partners", "act-ecowas"]


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """A data folder with three chapters and nothing else."""
    folder = tmp_path_factory.mktemp("chapters")
    for chapter_id in CHAPTERS:
        shutil.copytree(ROOT / "data/mali-2020", folder / chapter_id)
    return folder


def run(data: Path, output: Path, *arguments: str):
    return CliRunner().invoke(main, ["run", *arguments, "--data", str(data), "--output", str(output)])


@pytest.fixture(scope="module")
def output(data: Path, tmp_path_factory) -> Path:
    output = tmp_path_factory.mktemp("out") / "report"
    result = run(data, output, *ARGUMENTS)
    assert result.exit_code == 0, result.output
    return output


JOBS = ["03_cooperation--partners=act-ecowas"]


def test_each_chapter_has_a_whole_report_of_its_own(output: Path) -> None:
    for chapter_id in CHAPTERS:
        names = {path.relative_to(output / chapter_id).as_posix() for path in (output / chapter_id).rglob("*.*")}
        jobs = {f"{job}.html" for job in JOBS} | {f"notebooks/{job}.ipynb" for job in JOBS}
        assert names == {"index.html", "chapter.html", "search.html", "headlines.json", "run.json"} | jobs
        manifest = json.loads((output / chapter_id / "run.json").read_text())
        assert [job["job"] for job in manifest["jobs"]] == JOBS
        assert {job["parameters"]["chapter_id"] for job in manifest["jobs"]} == {chapter_id}
        assert '<a href="../index.html">' in (output / chapter_id / f"{JOBS[0]}.html").read_text()


def test_the_index_over_all_leads_to_each_and_the_manifest_names_them(output: Path) -> None:
    assert {path.name for path in output.iterdir()} == {"index.html", "run.json", *CHAPTERS}
    index = (output / "index.html").read_text()
    manifest = json.loads((output / "run.json").read_text())
    for chapter_id in CHAPTERS:
        assert f'href="{chapter_id}/index.html"' in index
    assert [(job["chapter_id"], job["job"]) for job in manifest["jobs"]] == [(c, j) for c in CHAPTERS for j in JOBS]
    assert set(manifest["data_sha256"]) == set(CHAPTERS)
    assert set(manifest) >= {"versions", "started", "finished", "changes"}


def test_where_nothing_changed_nothing_is_done_and_one_change_is_done_alone(
    data: Path, output: Path, tmp_path: Path
) -> None:
    own = tmp_path / "data"
    shutil.copytree(data, own)
    there = shutil.copytree(output.parent, tmp_path / "out", symlinks=True) / output.name
    before = os.readlink(there)
    assert run(own, there, *ARGUMENTS).exit_code == 0
    assert os.readlink(there) == before
    path = own / "sahel-a" / "actors.csv"
    path.write_text(path.read_text().replace("ECOWAS", "the bloc"))
    result = run(own, there, *ARGUMENTS)
    assert result.exit_code == 0 and "  now: " in result.output
    manifest = json.loads((there / "run.json").read_text())
    assert all(job["cached"] == (job["chapter_id"] != "sahel-a") for job in manifest["jobs"])
    assert {change["chapter_id"] for change in manifest["changes"]} == {"sahel-a"}


def test_one_failed_chapter_does_not_keep_the_others_from_being_seen(data: Path, tmp_path: Path, monkeypatch) -> None:
    parameters = nbformat.v4.new_code_cell('chapter_id: str = "mali-2020"  # id of a chapter')
    parameters.metadata["tags"] = ["parameters"]
    cells = [nbformat.v4.new_markdown_cell("# A question"), parameters, nbformat.v4.new_code_cell("print(chapter_id)")]
    cells.append(nbformat.v4.new_code_cell("assert chapter_id != 'sahel-b', 'no such river'"))
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = tmp_path / "09_question.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    monkeypatch.setattr(plans, "list_notebooks", lambda: {"09_question": path})
    output = tmp_path / "o" / "report"
    result = run(data, output, "--all-chapters")
    assert result.exit_code == 1, result.output
    assert result.stderr.splitlines()[0] == "sahel-b/09_question: cell 4: AssertionError: no such river"
    failed = tmp_path / "o" / "report.failed"
    assert not output.exists()
    index = (failed / "index.html").read_text()
    assert index.count("failed:") == 1 and "sahel-b/09_question: cell 4" in index
    for chapter_id in CHAPTERS:
        page = (failed / chapter_id / "09_question.html").read_text()
        assert ("<h1>Failed" in page) == (chapter_id == "sahel-b") and chapter_id in page


@pytest.mark.soak
def test_a_plan_over_chapters_killed_half_way_goes_on(data: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(f"- notebook: 04_law_finance_prevention\n  sweep: {{chapter_id: {json.dumps(CHAPTERS)}}}\n")
    command = [sys.executable, "-m", "mali_analysis", "run", "--plan", str(plan), "--data", str(data), "--jobs", "1",
               "--output", str(tmp_path / "o" / "report")]  # fmt: skip
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not list((tmp_path / "o" / ".mali-cache").glob("[0-9a-f]*.ipynb")) and process.poll() is None:
        pass
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept = len(list((tmp_path / "o" / ".mali-cache").glob("[0-9a-f]*.ipynb")))
    assert not (tmp_path / "o" / "report").exists()
    assert subprocess.run(command, capture_output=True).returncode == 0
    manifest = json.loads((tmp_path / "o" / "report" / "run.json").read_text())
    assert sum(job["cached"] for job in manifest["jobs"]) == kept >= 1
    assert {job["chapter_id"] for job in manifest["jobs"]} == set(CHAPTERS)


def test_parameters_are_checked_against_each_chapter(data: Path, tmp_path: Path) -> None:
    result = run(data, tmp_path / "o", "03_cooperation", "--all-chapters", "-p", "partners", "act-martians")
    assert result.exit_code == 2
    for chapter_id in CHAPTERS:
        assert f"03_cooperation ({chapter_id}): parameter partners: value 'act-martians'" in result.output
    result = run(data, tmp_path / "o", "03_cooperation", "--all-chapters", "-p", "chapter_id", "sahel-a")
    assert result.exit_code == 2 and "'chapter_id': allowed: without --all-chapters only" in result.output
    assert not list(tmp_path.iterdir())


@pytest.mark.soak
def test_a_run_from_inside_the_data_folder_keeps_its_output_out_of_the_data(data: Path, tmp_path: Path) -> None:
    own = tmp_path / "data"
    shutil.copytree(data, own)
    command = [
        sys.executable,
        "-m",
        "mali_analysis",
        "run",
        "04_law_finance_prevention",
        "--all-chapters",
        "--data",
        ".",
    ]
    for _ in range(2):
        done = subprocess.run(command, cwd=own, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert {path.name for path in own.iterdir()} == {*CHAPTERS, "build"}
