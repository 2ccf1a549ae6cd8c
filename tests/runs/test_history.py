"""Scheduled runs that one can leave alone: news and not noise, kept reports, every chapter, whatever happens."""

import json
import os
import re
import shutil
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result
from conftest import ROOT

from mali_analysis.runs import overview, place, plans, report, runner
from mali_analysis.runs.cli import main

pytestmark = pytest.mark.kernel
FIRST = datetime(2026, 11, 23, 6, tzinfo=UTC)
SOURCES = ["import mali_analysis as mali\nchapter = mali.load_chapter(chapter_id)\nchapter",
           "rows = mali.incidents.select_incidents(chapter, chapter.opens, chapter.closes)\n"
           "mali.incidents.say_harm(chapter, mali.incidents.summarize_harm(chapter, rows))"]  # fmt: skip


class Clock(datetime):
    """The clock of the runs, set by the tests."""

    moment = FIRST

    @classmethod
    def now(cls, tz=None):
        """What the clock shows."""
        return cls.moment.astimezone(tz)


@pytest.fixture
def data(tmp_path: Path, monkeypatch) -> Path:
    """A data folder with one chapter, and one short notebook that says something of it."""
    Clock.moment = FIRST
    for module in (runner, report, overview):
        monkeypatch.setattr(module, "datetime", Clock)
    folder = tmp_path / "data"
    shutil.copytree(ROOT / "data" / "mali-2020", folder / "sahel-a", ignore=shutil.ignore_patterns("second_coding"))
    cells = [nbformat.v4.new_markdown_cell("# Harm"), nbformat.v4.new_code_cell('chapter_id: str = "mali-2020"  # id')]
    cells[1].metadata["tags"] = ["parameters"]
    cells += map(nbformat.v4.new_code_cell, SOURCES)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = tmp_path / "09_harm.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    monkeypatch.setattr(plans, "list_notebooks", lambda: {"09_harm": path})
    return folder


@pytest.fixture
def morning(data: Path, tmp_path: Path) -> Callable[..., Result]:
    """The daily run of a day, counted from the first."""

    def run(day: int, *more: str) -> Result:
        Clock.moment = FIRST + timedelta(days=day)
        words = ["run", "--news", "--all-chapters", "--data", str(data), "--output", str(tmp_path / "o" / "report")]
        return CliRunner().invoke(main, [*words, *more])

    return run


def change_harm(data: Path) -> None:
    """One code of the first incident for another, to and fro."""
    path = data / "sahel-a" / "incidents.csv"
    head, first, *rest = path.read_text().splitlines(keepends=True)
    cells, column = first.split(","), head.split(",").index("killed_status")
    cells[column] = "not_applicable" if cells[column] == "not_stated" else "not_stated"
    path.write_text(head + ",".join(cells) + "".join(rest))


def kept(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "o" / "report.kept").iterdir())


def test_a_week_of_daily_runs(data: Path, morning, tmp_path: Path) -> None:
    output = tmp_path / "o" / "report"
    first = morning(0, "--keep", "2")
    assert first.exit_code == 0 and first.output == f"{output}/index.html\n"

    quiet = morning(1, "--keep", "2")
    assert (quiet.exit_code, quiet.output) == (0, "")
    index = (output / "index.html").read_text()
    assert "Made <time" in index and "23 November 2026, 06:00 UTC" in index
    assert re.search(r'<time class="checked"[^>]*>24 November 2026, 06:00 UTC</time>', index)
    assert json.loads((output / "run.json").read_text())["checked"].startswith("2026-11-24T06:00")
    assert kept(tmp_path) == ["2026-11-23T06-00-00Z"]

    change_harm(data)
    news = morning(2, "--keep", "2")
    assert news.exit_code == 0
    lines = news.output.splitlines()
    assert lines[0] == "sahel-a, 09_harm" and lines[1].startswith("  before: ") and lines[2].startswith("  now: ")
    assert lines[-1] == f"{output}/index.html"
    assert kept(tmp_path) == ["2026-11-23T06-00-00Z", "2026-11-25T06-00-00Z"]
    assert "Since the report of" in (output / "index.html").read_text()

    notebook = plans.list_notebooks()["09_harm"]
    whole = notebook.read_text()
    notebook.write_text("<<<<<<< HEAD\n" + whole)
    broken = morning(3, "--keep", "2")
    assert broken.exit_code == 2 and broken.output == broken.stderr and "marks of a merge" in broken.stderr
    notebook.write_text(whole.replace("summarize_harm", "summarise_harm"))
    broken = morning(3, "--keep", "2")
    assert broken.exit_code == 1 and "sahel-a/09_harm: cell 4: AttributeError" in broken.stderr
    assert (tmp_path / "o" / "report.failed").exists()
    notebook.write_text(whole)

    shutil.copytree(data / "sahel-a", data / "sahel-b")
    new = morning(4, "--keep", "2")
    assert new.exit_code == 0 and new.output.splitlines()[:2] == ["sahel-b", "  now: a new chapter"]
    assert not (tmp_path / "o" / "report.failed").exists()
    assert (output / "sahel-b" / "index.html").is_file()

    before = sorted(path.name for path in (tmp_path / "o").iterdir()), kept(tmp_path)
    change_harm(data)
    Clock.moment = FIRST + timedelta(days=5)
    pid = os.fork()
    if pid == 0:  # the run of the sixth day, killed just before it would have pointed at its report
        place.Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        runner.run(plans.plan_jobs([], [], None, ["sahel-a", "sahel-b"]), output, 1, data, keep=2)
    assert os.waitpid(pid, 0)[1] == signal.SIGKILL
    assert set(before[1]) <= set(kept(tmp_path)) and (output / "index.html").is_file()

    last = morning(6, "--keep", "2")
    assert last.exit_code == 0 and "sahel-a, 09_harm" in last.output
    assert len(kept(tmp_path)) == 3 and kept(tmp_path)[-1] == "2026-11-29T06-00-00Z"
    assert (output.resolve()).name == "2026-11-29T06-00-00Z"
    changes = (output / "changes.html").read_text()
    assert changes.index("29 November 2026") < changes.index("27 November 2026")
    assert '<a href="changes.html">' in (output / "index.html").read_text()
    assert (morning(7, "--keep", "2").output, len(kept(tmp_path))) == ("", 3)


def test_a_chapter_that_is_gone_is_news(data: Path, morning) -> None:
    shutil.copytree(data / "sahel-a", data / "sahel-b")
    assert morning(0).exit_code == 0
    shutil.rmtree(data / "sahel-b")
    assert morning(1).output.splitlines()[:2] == ["sahel-b", "  before: a chapter that is gone"]


@pytest.mark.soak
def test_a_plain_run_keeps_what_was_kept_and_a_copy_opens(data: Path, morning, tmp_path: Path) -> None:
    for day in range(3):
        change_harm(data)
        assert morning(day, "--keep", "5").exit_code == 0
    assert len(kept(tmp_path)) == 3
    change_harm(data)
    assert morning(3).exit_code == 0
    assert len(kept(tmp_path)) == 3 and not (tmp_path / "o" / "report").resolve().name.endswith("Z")
    change_harm(data)
    assert morning(4, "--keep", "5").exit_code == 0
    assert len(kept(tmp_path)) == 5  # the one of the plain run too
    shutil.copytree(tmp_path / "o" / "report", tmp_path / "copy")
    assert (tmp_path / "copy" / "sahel-a" / "09_harm.html").is_file()


@pytest.mark.soak
def test_keeping_works_where_the_file_system_has_no_links(data: Path, morning, tmp_path: Path, monkeypatch) -> None:
    def refuse(*_, **__):
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    for day in range(4):
        change_harm(data)
        assert morning(day, "--keep", "2").exit_code == 0
    assert not (tmp_path / "o" / "report").is_symlink() and (tmp_path / "o" / "report" / "index.html").is_file()
    assert kept(tmp_path) == ["2026-11-24T06-00-00Z", "2026-11-25T06-00-00Z"]


def test_a_file_in_the_place_of_the_kept_reports_is_refused(data: Path, morning, tmp_path: Path) -> None:
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "report.kept").write_text("mine")
    result = morning(0, "--keep", "1")
    assert result.exit_code == 2 and "report.kept: allowed: a folder" in result.stderr
    assert (tmp_path / "o" / "report.kept").read_text() == "mine"
