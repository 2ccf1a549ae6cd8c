"""Notebooks, parameters, names and terminals as they really are: a good run, or one line."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from click.testing import CliRunner, Result
from conftest import ROOT, SOAK, pick

from mali_analysis.errors import RunError
from mali_analysis.runs import place, plans
from mali_analysis.runs.cli import main
from mali_analysis.runs.declared import read_parameters, read_yaml

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def write(path: Path, *sources: str, tagged: bool = True) -> Path:
    """A notebook with a title and these code cells, the first of them tagged as the one with the parameters."""
    cells = [nbformat.v4.new_markdown_cell("# A title"), *map(nbformat.v4.new_code_cell, sources)]
    if tagged:
        cells[1].metadata["tags"] = ["parameters"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=KERNEL), path)
    return path


@pytest.fixture
def run(tmp_path: Path, monkeypatch) -> Callable[..., Result]:
    """Runs the command with the notebooks that lie in the test's folder."""
    own = tmp_path / "notebooks"
    own.mkdir()
    monkeypatch.setattr(plans, "list_notebooks", lambda: {path.stem: path for path in sorted(own.glob("*.ipynb"))})
    output = ["--output", str(tmp_path / "o" / "report")]
    return lambda *arguments: CliRunner().invoke(main, ["run", *output, *arguments])


def assert_one_line(result: Result, *told: str) -> None:
    assert result.exit_code == 2 and len(result.stderr.splitlines()) == 1, result.output
    assert all(part in result.stderr for part in told), result.stderr


GOOD = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{\n<<<<<<< HEAD\n}", "marks of a merge in line 2"),
        ("{\n=======\n}", "marks of a merge in line 2"),
        (">>>>>>> other\n{}", "marks of a merge in line 1"),
        ("\ufeff" + GOOD, "byte order mark"),
        ('{"worksheets": [], "nbformat": 3, "nbformat_minor": 0, "metadata": {}}', "format 3"),
        (GOOD.replace("4,", "5,"), "format 5"),
        ("", "the file is empty"),
        (" \n", "the file is empty"),
        (GOOD[:-9], "no JSON in line 1"),
        ("[" * 100_000, "no JSON"),
        ("[1]", "no list of cells"),
        ('{"cells": {}, "nbformat": 4}', "format 4"),
        ('{"cells": [{}], "nbformat": 4}', "cell 1 has no type"),
        ('{"cells": [1], "nbformat": 4}', "cell 1 has no type"),
        (b"\xff\xfe{", "byte 1 is no UTF-8"),
    ],
)
def test_what_is_no_notebook_is_told_with_its_name(run, tmp_path: Path, content: str | bytes, told: str) -> None:
    path = tmp_path / "notebooks" / "08_broken.ipynb"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert_one_line(run("08_broken"), "08_broken: ", told)


def test_a_broken_notebook_beside_the_one_asked_for_does_not_matter_and_all_broken_ones_are_named(
    run, tmp_path
) -> None:
    for name in ("07_broken", "08_broken"):
        (tmp_path / "notebooks" / f"{name}.ipynb").write_text("")
    good = write(tmp_path / "notebooks" / "09_good.ipynb", "n: int = 3")
    assert plans.plan_jobs(["09_good"], [], None)[0].notebook == good
    result = run()
    assert result.exit_code == 2 and [line[:9] for line in result.stderr.splitlines()] == ["07_broken", "08_broken"]


@pytest.mark.parametrize(
    "top",
    ["%config InlineBackend.figure_format = 'svg'", "# a comment", "!ls", "%%time", "?print", "print?",
     "%matplotlib inline", "  %pylab", "import os", '"""Text."""', "%env X=%d\n%load_ext a.b"],
)  # fmt: skip
def test_whatever_stands_above_the_parameters_they_are_read(tmp_path: Path, top: str) -> None:
    path = write(tmp_path / "n.ipynb", f"{top}\nn: int = 3  # a number\nwords: list[str] = ['a%', '!b']  # words\n")
    found = read_parameters(path)
    assert {name: p.default for name, p in found.items()} == {"n": 3, "words": ["a%", "!b"]}
    assert found["n"].meaning == "a number"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("n: int = ", "line 1"),
        ("x = 1\nn: int = (", "line 2"),
        ("d: str = str(today())", "parameter d: default 'str(today())'"),
        ("n: int = 1 + x", "parameter n: default '1 + x'"),
        ("\x00", "cell tagged parameters"),
    ],
)
def test_a_cell_of_parameters_that_cannot_be_read_is_told(tmp_path: Path, source: str, told: str) -> None:
    path = write(tmp_path / "n.ipynb", source)
    with pytest.raises(RunError) as caught:
        read_parameters(path)
    assert str(caught.value).startswith("n: ") and told in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "value",
    ["2020-W23-1", "2020-1-1", "2020-11-31", "2020-02-30", "2020-01-01T10:00", "2020-01-01 10:00:00+02:00",
     "２０２０-01-01", "2020-001", "2020‑01‑01", "no", "0123", "12:30:00"],
)  # fmt: skip
def test_what_is_no_day_of_the_year_is_refused_by_the_right_name_from_both_sides(tmp_path: Path, value: str) -> None:
    told = ("03_cooperation: parameter as_of: value '", "allowed: an ISO day from 2020-01-01 to 2020-12-31")
    output = ["--output", str(tmp_path / "report")]
    given = CliRunner().invoke(main, ["run", "03_cooperation", "-p", "as_of", value, *output])
    assert_one_line(given, *told)
    plan = tmp_path / "plan.yaml"
    plan.write_text(f"- notebook: 03_cooperation\n  parameters:\n    as_of: {value}\n", encoding="utf-8")
    assert_one_line(CliRunner().invoke(main, ["run", "--plan", str(plan), *output]), *told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- notebook: 03_cooperation\n  notebook: 00_brief", "key 'notebook' in line 1"),
        ("- notebook: 03_cooperation\n  parameters: {as_of: a, as_of: b}", "key 'as_of'"),
        ("- notebook: 03_cooperation\n  parameters: {? [a] : b}", "key ['a']"),
        ("- notebook: 03_cooperation\n\tparameters: x", "line 2, column 1"),
        ("- notebook: 03_cooperation\n  parameters: {as_of: !!timestamp 2020-11-31}", "day is out of range"),
        ("- notebook: !!python/object/apply:os.system [true]", "python/object"),
        ("- &a [*a]", "entry 1"),
        ("[" * 3000, "recursion"),
        ("a: 1", "a list of entries"),
        ("- notebook: 03_cooperation\n  parameters: {1: x}", "parameter 1"),
        ("- notebook: 03_cooperation\n  parameters: {partners: [act-au, no]}", "value 'no'"),
        ("- notebook: 03_cooperation\n  parameters: {as_of: 20200101}", "value 20200101"),
    ],
)
def test_the_traps_of_yaml_are_told(tmp_path: Path, text: str, told: str) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(text)
    assert_one_line(CliRunner().invoke(main, ["run", "--plan", str(plan), "--output", str(tmp_path / "r")]), told)


def test_yaml_reads_as_it_looks() -> None:
    text = "{a: no, b: 0123, c: 1:30, d: 2020-01-01, e: 1_000, f: 7, g: -1.5, h: true, i: null, j: 0x1f, k: 1e3, l: ~}"
    assert read_yaml(text) == {
        "a": "no", "b": "0123", "c": "1:30", "d": "2020-01-01", "e": "1_000", "f": 7, "g": -1.5, "h": True, "i": None,
        "j": "0x1f", "k": 1000.0, "l": None,
    }  # fmt: skip


def test_text_that_looks_the_same_and_is_not_is_told_apart(tmp_path: Path) -> None:
    output = ["--output", str(tmp_path / "report")]
    for value in ("act‑au", "аct-au", "act-au\u200b"):  # another hyphen, a Cyrillic letter, a space of no width
        result = CliRunner().invoke(main, ["run", "03_cooperation", "-p", "partners", value, *output])
        assert_one_line(result, ascii(value)[1:-1])


def command(*words: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "mali_analysis", *words], cwd=ROOT, capture_output=True, **options)


@pytest.mark.parametrize("encoding", pick(["ascii", "latin-1", "cp1252", "utf-16", "koi8-r"], 1))
def test_no_encoding_of_the_terminal_is_a_traceback(encoding: str) -> None:
    environment = os.environ | {"PYTHONIOENCODING": encoding, "LC_ALL": "C"}
    for words in (["cite", "inc-cisse"], ["params", "06_sources_and_methods"], ["cite", "é"], ["--help"]):
        result = command(*words, env=environment)
        assert result.returncode == (2 if "é" in words else 0) and b"Traceback" not in result.stderr, result.stderr


def test_a_reader_that_has_enough_is_no_error() -> None:
    for words in ("params", "cite inc-cisse", "validate"):
        line = f"{sys.executable} -m mali_analysis {words} | true"
        result = subprocess.run(["sh", "-c", line], cwd=ROOT, capture_output=True, text=True)
        assert result.stderr == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "--foo"], "run: No such option '--foo'"),
        (["foo"], "No such command 'foo'. allowed: run, validate"),
        (["--foo"], "allowed: --version, --debug"),
        (["cite"], "cite: Missing argument 'RECORD_ID'"),
        (["cite", "x", "--format", "apa"], "'apa' is not one of"),
        (["run", "--jobs", "0"], "0 is not in the range"),
        (["run", "--timeout", "soon"], "'soon' is not a valid float"),
        (["schedule", "--at", "noon"], "'noon'"),
        (["schedule", "--day", "Funday"], "'Funday' is not one of"),
    ],
)
def test_a_word_on_the_command_line_that_cannot_be_is_one_line(words: list[str], told: str) -> None:
    assert_one_line(CliRunner().invoke(main, words), told)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (NotImplementedError(), "allowed: a file system with locks"),
        (OSError(30, "Read-only file system"), "Read-only file system: allowed: a folder that can be written"),
    ],
)
def test_a_place_without_locks_is_told(tmp_path: Path, monkeypatch, fault: Exception, told: str) -> None:
    def refuse(*_, **__) -> None:
        raise fault

    monkeypatch.setattr(place.FileLock, "acquire", refuse)
    result = CliRunner().invoke(main, ["run", "04_law_finance_prevention", "--output", str(tmp_path / "report")])
    assert_one_line(result, told)
    assert not (tmp_path / "report").exists()


@pytest.mark.kernel
class TestRuns:
    """What takes a kernel."""

    NAMES = ["a b", "a#b", "a?b", "a%41", "a&amp;b", "a\"b'", "a:b", "<b>", "é", "x\ny", "a--n=y", "index", "Chapter",
             "search", "$HOME", "[1]", "a\\b", "x" * 200]  # fmt: skip

    def test_a_notebook_of_any_name_has_a_page_that_its_links_open(self, run, tmp_path: Path) -> None:
        names = pick(self.NAMES, 5)
        for name in names:
            write(tmp_path / "notebooks" / f"{name}.ipynb", f"print({name!r})", tagged=False)
        result = run()
        assert result.exit_code == 0, result.output
        report = tmp_path / "o" / "report"
        assert len(list(report.glob("*.html"))) == len(names) + 3
        for page in report.glob("*.html"):
            links = [unescape(link) for link in re.findall(r'href="([^"]*)"', page.read_text())]
            for link in [link for link in links if not re.match("#|https?://", link)]:
                assert (report / unquote(urlsplit(link).path)).is_file() and not urlsplit(link).scheme, link

    def test_a_path_that_is_no_text_is_a_path_all_the_same(self, run, tmp_path: Path) -> None:
        write(tmp_path / "notebooks" / "good.ipynb", "n: int = 3", "print(n)")
        output = os.fsdecode(bytes(tmp_path) + b"/\xff/report")
        result = run("--output", output, "-p", "n", "4")
        assert result.exit_code == 0 and (Path(output) / "index.html").is_file(), result.output

    def test_no_folder_of_this_machine_is_in_what_is_published(self, run, tmp_path: Path) -> None:
        sources = ["n: int = 3", "import os, sys; print(os.getcwd(), sys.prefix, sys.executable)",
                   "raise OSError(os.path.expanduser('~/secret'), __import__('mali_analysis').__file__)"]  # fmt: skip
        write(tmp_path / "notebooks" / "bad.ipynb", *sources)
        result = run()
        assert result.exit_code == 1
        published = [path for path in (tmp_path / "o" / "report.failed").rglob("*") if path.is_file()]
        private = [str(tmp_path), sys.prefix, os.getcwd(), str(Path.home()) + "/", str(ROOT)]
        for path in published:
            assert not [folder for folder in private if folder in path.read_text(errors="replace")], path.name

    def test_each_failed_job_has_a_page_with_what_is_known(self, run, tmp_path: Path) -> None:
        endings = {
            "dies": "import os; os._exit(9)",
            "lasts": "import time; time.sleep(120)",
            "raises": "1 / 0",
            "ends": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        }
        for name, ending in endings.items():
            write(tmp_path / "notebooks" / f"{name}.ipynb", "n: int = 3", "print('so far')", ending, "print('never')")
        result = run("--timeout", "15" if SOAK else "8", "-p", "n", "4")
        assert result.exit_code == 1
        lines = result.stderr.splitlines()
        assert [line.partition(": ")[0].partition("--")[0] for line in lines[:-1]] == sorted(endings)
        assert all(": cell 4: " in line for line in lines[:-1]), lines
        failed = tmp_path / "o" / "report.failed"
        index = (failed / "index.html").read_text()
        for name in endings:
            page = (failed / f"{name}--n=4.html").read_text()
            assert "<h1>Failed: A title" in page and "so far" in page and "never" in page
            assert "<code>n = 4</code>" in page and f'href="{name}--n=4.html"' in index
        assert index.count("failed:") == len(endings)

    def test_a_good_run_takes_the_failed_one_away(self, run, tmp_path: Path) -> None:
        path = write(tmp_path / "notebooks" / "n.ipynb", "n: int = 3", "assert n > 3")
        assert run().exit_code == 1 and (tmp_path / "o" / "report.failed").exists()
        assert run("-p", "n", "5").exit_code == 0
        assert {each.name.split(".2")[0] for each in path.parents[1].joinpath("o").iterdir()} == {
            "report", ".report", ".report.lock", ".mali-cache",
        }  # fmt: skip

    @pytest.mark.parametrize("closed", pick(["<&-", ">&-", "2>&-", "<&- >&- 2>&-"], 1))
    def test_a_closed_stream_keeps_no_run_from_its_report(self, tmp_path: Path, closed: str) -> None:
        words = f"{sys.executable} -m mali_analysis run 04_law_finance_prevention --output {tmp_path}/report {closed}"
        result = subprocess.run(["sh", "-c", words], cwd=ROOT, capture_output=True, text=True)
        assert (result.returncode, result.stderr) == (0, "")
        assert (tmp_path / "report" / "index.html").is_file()
