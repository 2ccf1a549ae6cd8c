import json
import os
import shutil
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from mali_analysis.runs import plans, runner
from mali_analysis.runs.cells import read_cells
from mali_analysis.runs.cli import main
from mali_analysis.runs.pages import headlines_of

pytestmark = pytest.mark.kernel

BROKEN = "x = 1\n\nraise RuntimeError('no such river')"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A real run of one notebook with parameters."""
    output = tmp_path_factory.mktemp("run") / "report"
    given = ["-p", "as_of", "2020-08-01", "-p", "partners", "act-ecowas,act-au"]
    result = CliRunner().invoke(main, ["run", "03_cooperation", *given, "--output", str(output)])
    assert result.exit_code == 0, result.output
    return output


JOB = "03_cooperation--as_of=2020-08-01--partners=act-ecowas+act-au"


def test_a_run_delivers_what_the_design_says(folder: Path) -> None:
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == {
        "index.html",
        "chapter.html",
        "search.html",
        f"{JOB}.html",
        f"notebooks/{JOB}.ipynb",
        "headlines.json",
        "run.json",
    }


def test_the_manifest_tells_the_run(folder: Path) -> None:
    manifest = json.loads((folder / "run.json").read_text())
    assert set(manifest) >= {"jobs", "data_sha256", "versions", "started", "finished"}
    assert manifest["jobs"][0]["job"] == JOB
    assert manifest["jobs"][0]["outcome"] == "ok"
    assert manifest["jobs"][0]["parameters"]["as_of"] == "2020-08-01"


def test_findings_quote_the_chapter(folder: Path, chapter) -> None:
    findings = json.loads((folder / "headlines.json").read_text())
    shown = headlines_of(read_cells(folder / "notebooks" / f"{JOB}.ipynb"), JOB)
    assert [finding["text"] for finding in findings] == [said["text"] for said in shown] and len(findings) > 3
    assert "active" in {finding["value"] for finding in findings}
    for finding in findings:
        assert set(finding) >= {"job", "text", "value", "unit", "record_ids", "spans"}
        assert finding["spans"] or finding["sources"] or not finding["value"]  # words, reports, or that there is none
        for start, end in finding["spans"]:
            assert 0 <= start < end <= len(chapter.text)


def test_references_land_on_passages(folder: Path) -> None:
    import re

    chapter = (folder / "chapter.html").read_text()
    targets = re.findall(r'href="chapter\.html#([^"]+)"', (folder / f"{JOB}.html").read_text())
    assert targets
    for target in targets:
        assert f'id="{target}"' in chapter


def test_a_foreign_folder_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    result = CliRunner().invoke(main, ["run", "00_brief", "--output", str(tmp_path / "mine")])
    assert result.exit_code == 2
    assert "allowed: a new folder or an earlier report" in result.output
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_neither_is_a_foreign_run_json_nor_a_foreign_failed_folder(tmp_path: Path) -> None:
    for name, content in (("a", {"name": "run.json", "text": "{}"}), ("b.failed", {"name": "notes", "text": "mine"})):
        folder = tmp_path / name
        folder.mkdir()
        (folder / content["name"]).write_text(content["text"])
        output = tmp_path / name.removesuffix(".failed")
        result = CliRunner().invoke(main, ["run", "00_brief", "--output", str(output)])
        assert result.exit_code == 2 and "so it stays" in result.output
        assert (folder / content["name"]).read_text() == content["text"]


def test_a_link_of_the_users_own_keeps_what_it_points_at(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "archive")
    (tmp_path / "latest").symlink_to("archive")
    output = tmp_path / "latest"
    assert CliRunner().invoke(main, ["run", "06_sources_and_methods", "--output", str(output)]).exit_code == 0
    assert (tmp_path / "archive" / "run.json").is_file()
    assert json.loads((output / "run.json").read_text())["jobs"][0]["job"] == "06_sources_and_methods"


def test_data_that_change_during_a_run_are_noticed(data: Path, tmp_path: Path, monkeypatch) -> None:
    stamps = iter([[], ["changed"]])
    monkeypatch.setattr("mali_analysis.coding.package.stamp_data", lambda *_: next(stamps))
    command = ["run", "00_brief", "--data", str(data), "--output", str(tmp_path / "o" / "report")]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2 and "changed during the run" in result.output
    assert {path.name for path in (tmp_path / "o").iterdir()} == {".report.lock"}


def test_an_unwritable_output_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(main, ["run", "00_brief", "--output", str(tmp_path / "file" / "report")])
    assert result.exit_code == 2
    assert "allowed: a folder that can be written" in result.output


def test_a_notebook_that_raises_leaves_the_last_report(folder: Path, tmp_path: Path, monkeypatch) -> None:
    source = tmp_path / "notebooks"
    source.mkdir()
    cell = nbformat.v4.new_code_cell(BROKEN)
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Broken"), cell]), source / "09_broken.ipynb"
    )
    monkeypatch.setattr(plans, "list_notebooks", lambda: {"09_broken": source / "09_broken.ipynb"})
    before = os.readlink(folder), (folder / "run.json").read_bytes()
    result = CliRunner().invoke(main, ["run", "09_broken", "--output", str(folder)])
    assert result.exit_code == 1
    assert "09_broken: cell 2: RuntimeError: no such river" in result.output
    assert (os.readlink(folder), (folder / "run.json").read_bytes()) == before
    failed = folder.with_name("report.failed")
    page = (failed / "09_broken.html").read_text()
    assert "no such river" in page
    assert '<pre class="code failing">x = 1' in page
    assert json.loads((failed / "run.json").read_text())["jobs"][0]["outcome"] == "failed"


def test_a_second_run_takes_the_place_of_the_first_and_leaves_no_litter(tmp_path: Path) -> None:
    jobs = plans.plan_jobs(["06_sources_and_methods"], [], None)
    done = [runner.run(jobs, tmp_path / "report", 1, force=True) for _ in range(2)]
    assert [d.outcome for run in done for d in run] == ["ok", "ok"]
    names = {path.name.split(".2")[0] for path in tmp_path.iterdir()}
    assert names == {
        "report",
        ".report",
        ".report.lock",
        ".mali-cache",
    }  # the link, the folder it names, lock and cache
