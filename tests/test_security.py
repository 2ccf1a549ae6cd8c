"""What comes from outside is text: nothing runs it, no name leads out of its folder, and nobody else is listened to."""

import ast
import contextlib
import json
import os
import re
import shlex
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import nbformat
import psutil
import pytest
import requests
import yaml
from click.testing import CliRunner
from conftest import ROOT, pick
from IPython.core.inputtransformer2 import TransformerManager
from papermill.parameterize import parameterize_notebook

from mali_analysis import citing, errors
from mali_analysis.coding import package
from mali_analysis.lab import handing_on
from mali_analysis.runs import declared, displays, kernels, pages, plans, processes, schedules, scratch
from mali_analysis.runs.cli import main

PACKAGE = ROOT / "mali_analysis"

# Nothing is executed that was read

RUNNERS = {"eval", "exec", "compile", "__import__", "import_module", "recv", "extractall", "run_path", "run_module"}
RUNNERS |= {"system", "popen", "read_pickle", "unsafe_load", "full_load", "load_all", "run_cell", "run_line_magic"}
MODULES = {"pickle", "marshal", "shelve", "joblib", "dill", "cloudpickle", "runpy", "code", "imp", "lxml", "sqlite3"}
ALLOWED = {
    ("__init__.py", "import_module"): "names of a table of ours, looked up before",
    ("chapter.py", "import_module"): "one name, written out",
    ("runs/warm.py", "import_module"): "names written out, and those of a list of ours",
    ("runs/server.py", "import_module"): "one name, written out",
    ("runs/declared.py", "yaml.load"): "with a loader that is a SafeLoader",
    ("runs/server.py", "recv"): "from a socket in a folder that nobody else enters",
    ("runs/processes.py", "recv"): "the other end of the same socket",
    ("runs/cluster.py", "extractall"): "on a worker: what _pack packed, from the scheduler that may run anything there",
}
"""Calls that could run what they are given, or unpack it, and why they do not."""


def find_runners(path: Path) -> Iterator[str]:
    """Calls and imports of a module by which data could come to run."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            yield from (name for name in named if name.partition(".")[0] in MODULES)
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called == "yaml.load":
                yield called
            elif called.rpartition(".")[2] in RUNNERS and called != "re.compile":
                yield called.rpartition(".")[2]
            yield from ("shell" for word in node.keywords if word.arg in ("shell", "allow_pickle"))


def test_no_module_runs_or_unpacks_what_it_reads_but_for_a_reason() -> None:
    found = {
        (path.relative_to(PACKAGE).as_posix(), what) for path in PACKAGE.rglob("*.py") for what in find_runners(path)
    }
    assert found == set(ALLOWED)


HOSTILE = [
    "__import__('os').system('touch LEFT')", "'; import os; os.system('touch LEFT') #", '"); open("LEFT", "w") #',
    "{{7*7}}", "{% import os %}", "<script>open('LEFT')</script>", "%%bash\ntouch LEFT", "!touch LEFT",
    "x\n!touch LEFT\n", "$(touch LEFT)", "`touch LEFT`", "; touch LEFT;", "a\\", "\\'", "'''", '"""',
    "\r\n%system touch LEFT", "\u2028!touch LEFT", "%d %s % \\% %%", "}, note = {\\input{LEFT}}", "}}", "{",
    "\\write18{touch LEFT}", "-rf", "--output=LEFT", "*", "~", "x y", "1e3", "&a", "null", "é\u202e😀",
    "!!python/object/apply:os.system ['touch LEFT']",
]  # fmt: skip
"""Texts that would make a file LEFT, or end what they stand in, were they anything but text."""


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch) -> Iterator[list[str]]:
    """The texts; the working folder has no file LEFT, and must have none at the end."""
    monkeypatch.chdir(tmp_path)
    yield HOSTILE
    assert not list(tmp_path.rglob("LEFT"))


def test_a_plan_is_read_with_a_safe_loader(hostile) -> None:
    assert issubclass(declared._Reader, yaml.SafeLoader)
    for tag in ("object/apply:os.system ['touch LEFT']", "name:os.system", "object/new:os.system ['touch LEFT']"):
        with pytest.raises(yaml.YAMLError, match="could not determine a constructor"):
            declared.read_yaml(f"!!python/{tag}")


def test_a_plan_that_repeats_itself_without_end_is_refused_at_once(tmp_path: Path) -> None:
    lines = ["a: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (tmp_path / "plan.yaml").write_text("- notebook: 00_brief\n  parameters:\n    " + "\n    ".join(lines))
    begun = time.perf_counter()
    result = CliRunner().invoke(main, ["run", "--plan", str(tmp_path / "plan.yaml"), "--output", str(tmp_path / "r")])
    assert result.exit_code == 2 and time.perf_counter() - begun < 5
    assert len(result.output) < 1000 and "more than 100,000 values" in result.output


SPEC = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def inject(values: dict[str, object]) -> str:
    """The cell with the values that Papermill puts into a notebook."""
    cell = nbformat.v4.new_code_cell("text: str = ''", metadata={"tags": ["parameters"]})
    nb = nbformat.v4.new_notebook(cells=[cell], metadata=SPEC | {"papermill": {}})
    nb = parameterize_notebook(nb, values)
    (injected,) = [cell for cell in nb.cells if "injected-parameters" in cell.metadata.get("tags", [])]
    return injected.source


def test_parameters_reach_a_notebook_as_text(hostile: list[str]) -> None:
    kinds = {"text": "str", "texts": "list[str]"}
    types = {name: declared.Parameter(name, kind, None, "") for name, kind in kinds.items()}
    for text in hostile:
        job = plans.plan_job(plans.list_notebooks()["00_brief"], types, {"text": text, "texts": [text, "x"]})
        source = inject(job.changed)
        assert TransformerManager().transform_cell(source).strip() == source.strip()  # no magic of IPython's in it
        values = {ast.unparse(node.targets[0]): ast.literal_eval(node.value) for node in ast.parse(source).body}
        assert values == {"text": text, "texts": [text, "x"]}


@pytest.mark.kernel
def test_a_run_with_hostile_parameters_shows_them_and_does_nothing_else(hostile, tmp_path: Path, monkeypatch) -> None:
    own = tmp_path / "notebooks" / "n.ipynb"
    own.parent.mkdir()
    cell = nbformat.v4.new_code_cell("texts: list[str] = []", metadata={"tags": ["parameters"]})
    cells = [nbformat.v4.new_markdown_cell("# T"), cell]
    cells += [nbformat.v4.new_code_cell("import json; print(json.dumps(texts))")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=SPEC), own)
    monkeypatch.setattr(plans, "list_notebooks", lambda: {"n": own})
    Path("plan.yaml").write_text(declared.write_yaml([{"notebook": "n", "parameters": {"texts": hostile}}]))
    result = CliRunner().invoke(main, ["run", "--plan", "plan.yaml", "--output", "o{x}/report"])
    assert result.exit_code == 0, result.output
    (executed,) = (tmp_path / "o{x}/report/notebooks").glob("n--*.ipynb")
    printed = "".join(o.text for cell in nbformat.read(executed, 4).cells[1:] for o in cell.outputs)
    assert json.loads(printed) == hostile
    html = (tmp_path / "o{x}/report" / f"{executed.stem}.html").read_text(encoding="utf-8")
    assert "<script" not in html and "<script>" in unescape(html) and "{{7*7}}" in html


def test_what_is_handed_on_is_one_call_one_command_and_one_entry(chapter, hostile: list[str], tmp_path: Path) -> None:
    program = tmp_path / "bin" / "mali-analysis"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\n")
    program.chmod(0o755)
    path = {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    for text in pick([one for one in hostile if one.isprintable()], 8):  # as the name of a chapter has to be
        own, choice = replace(chapter, chapter_id=text), {"section": text, "start": text}
        call = ast.parse(handing_on.as_code(own, choice), mode="eval").body
        calls = [ast.unparse(node.func) for node in ast.walk(call) if isinstance(node, ast.Call)]
        assert calls == ["mali.records.select_records", "mali.load_chapter"]
        assert sorted(n.value for n in ast.walk(call) if isinstance(n, ast.Constant)) == [text] * 3
        (entry,) = declared.read_yaml(handing_on.as_plan_entry(own, choice))
        assert entry["parameters"]["chapter_id"] == text
        line = handing_on.as_command(own, choice)
        done = subprocess.run(["sh", "-c", line], env=path, capture_output=True, text=True)
        assert json.loads(done.stdout)[2:5] == ["-p", "chapter_id", text]


def read_systemd(line: str) -> list[str]:
    """The words of a line as systemd reads them: quotation marks, backslashes, ``%%`` and ``$$``."""
    assert not re.search(r"[$%]", line.replace("$$", "").replace("%%", ""))  # each would be filled in
    words = shlex.split(line, posix=True)
    return [word.replace("$$", "$").replace("%%", "%") for word in words]


def test_a_schedule_has_its_words_as_they_were_given(hostile: list[str], tmp_path: Path, monkeypatch) -> None:
    program = [sys.executable, "-c", "import json, sys; print(json.dumps([sys.argv[1:], __import__('os').getcwd()]))"]
    monkeypatch.setattr(schedules, "_command", lambda arguments: [*program, *arguments])
    words = [text for text in hostile if text.isprintable()]
    for text in set(hostile) - set(words):
        with pytest.raises(errors.RunError, match="allowed: printable"):
            schedules.check([text], tmp_path, "06:00")
    schedules.check(words, folder := tmp_path / "a b; $(touch LEFT) 100%", "06:00")
    folder.mkdir()
    line = schedules.crontab_line(words, folder, "06:00", None)
    assert len(line.splitlines()) == 1 and not re.search(r"(?<!\\)%", line)
    command = line.split(" ", 5)[5].replace("\\%", "%")  # as cron does
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert json.loads(done.stdout) == [words, str(folder)]
    service = schedules.systemd_units(words, folder, "06:00", None)["mali-analysis.service"]
    (start,) = re.findall(r"^ExecStart=(.*)$", service, re.M)
    assert len(service.splitlines()) == 7 and read_systemd(start)[3:] == words


def read_bibtex(text: str) -> list[dict[str, str]]:
    """Entries as BibTeX reads them: it counts braces, those behind a backslash too."""
    entries, depth, name, field = [], 0, "", ""
    for sign in text:
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0, text
        if depth == 1 and sign == "{":
            entries.append({"": ""})
            name = ""
        elif depth == 1 and sign == "}":
            entries[-1][name.strip(" \n,=").rpartition(",")[2].strip()] = field
            name, field = "", ""
        elif depth == 1:
            name += sign
        elif depth > 1:
            field += sign
    assert depth == 0
    return entries


def test_an_entry_for_bibtex_stays_one_entry(chapter, hostile: list[str]) -> None:
    for text in hostile:
        facts = replace(chapter.facts, author=text, country=text, url=f"https://x.org/{text}", series=text, title=text)
        told = citing.cite_page(text, facts, text, datetime(2026, 11, 25, tzinfo=UTC)).bibtex
        entries = read_bibtex(told)
        assert len(entries) == 2, told
        for entry in entries:
            assert set(entry) <= {"", "author", "title", "year", "month", "howpublished", "note", "booktitle", "url",
                                  "urldate"}, told  # fmt: skip
            assert not re.search(r"\\(input|write)", "".join(entry.values())), told


# No name leads anywhere else

NOWHERE = ["../x", "/etc/passwd", "a/../../b", "..", ".", "CON", "a\0b", "x" * 5000, "world", "a\nb", "~", "mali-2020/",
           "../data/mali-2020"]  # fmt: skip
COMMANDS = {
    "run of a notebook": ["run", "{}"],
    "run about a chapter": ["run", "00_brief", "-p", "chapter_id", "{}"],
    "run with data": ["run", "00_brief", "--data", "no-such/{}"],
    "run of a plan": ["run", "--plan", "no-such/{}"],
    "params": ["params", "{}"],
    "params of a chapter": ["params", "--chapter", "{}"],
    "cite": ["cite", "{}"],
    "cite from a chapter": ["cite", "inc-cisse", "--chapter", "{}"],
    "package": ["package", "{}"],
    "schedule": ["schedule", "{}"],
    "baseline": ["baseline", "--check", "{}"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_name_that_is_none_is_refused_in_a_line(command: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("MALI_DATA", str(ROOT / "data"))
    monkeypatch.chdir(tmp_path)
    for name in NOWHERE:
        if (command, name) == ("package", "world"):  # which is a package too
            continue
        if "no-such/{}" in COMMANDS[command] and name in ("x" * 5000, "a\nb"):  # a path may be like that
            continue
        result = CliRunner().invoke(main, [word.replace("{}", name) for word in COMMANDS[command]])
        assert result.exit_code == 2 and len(result.output.splitlines()) == 1, (name, result.exception)
        assert "allowed" in result.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("output", ["/", "/etc", ".", "..", "a\0b"])
def test_an_output_that_holds_something_else_is_refused(output: str, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path / "a")
    result = CliRunner().invoke(main, ["run", "04_law_finance_prevention", "--output", output])
    assert result.exit_code == 2 and len(result.output.splitlines()) == 1 and "allowed" in result.output
    assert [path.name for path in tmp_path.rglob("*")] == ["a"]


@pytest.mark.parametrize("code", ["../../x", "/etc/x", "ml", "M", "MLI", "M\0", "..", "É1"])
def test_a_country_names_no_file_elsewhere(data: Path, code: str) -> None:
    path = data / "mali-2020" / "datapackage.json"
    descriptor = json.loads(path.read_text(encoding="utf-8"))
    descriptor["chapter"]["country_code"] = code
    path.write_text(json.dumps(descriptor), encoding="utf-8")
    result = CliRunner().invoke(main, ["validate", str(data)])
    assert result.exit_code == 2 and "chapter.country_code" in result.output and "two capital letters" in result.output
    with pytest.raises(package.DataError):
        package.files_of(data, "mali-2020")


# No definition is unfolded

ENTITIES = '<!DOCTYPE svg [<!ENTITY a "{}">]><svg xmlns="http://www.w3.org/2000/svg"><text>&a;</text></svg>'


def test_only_drawings_are_read_as_xml_and_none_that_defines_anything() -> None:
    readers = {path.stem for path in PACKAGE.rglob("*.py") if re.search(r"\bxml\b.*import|minidom", path.read_text())}
    assert readers == {"displays", "figures", "pictures"}  # the last, of a clone's own notebooks
    for svg in (ENTITIES.format("UNFOLDED"), ENTITIES.format('x"> <!ENTITY b SYSTEM "file:///etc/hostname')):
        assert not displays.is_still(svg)
        output = {"output_type": "display_data", "data": {"image/svg+xml": svg}, "metadata": {}}
        cells = [{"cell_type": "code", "metadata": {}, "source": "x", "outputs": [output], "execution_count": 1}]
        html = pages.render_notebook(cells, lambda body, **_: body)
        assert "UNFOLDED" not in html and "<svg" not in html and "data:image/svg+xml;base64," in html
    assert displays.is_still("<!DOCTYPE svg><svg xmlns='http://www.w3.org/2000/svg'/>")


# Nobody else is listened to


def open_ports(process: psutil.Process) -> set[str]:
    """Addresses at which a process and its children listen."""
    found = set()
    for one in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            found |= {c.laddr.ip for c in one.net_connections("inet") if c.status == psutil.CONN_LISTEN}
    return found


@pytest.mark.kernel
@pytest.mark.skipif(os.name != "posix", reason="sockets in files are of Unix")
def test_the_server_that_work_is_forked_from_can_be_reached_by_its_user_alone() -> None:
    processes.call(os.getpid)
    address = Path(processes.start_server({}))
    assert stat.S_ISSOCK(address.stat().st_mode) and address.parent == Path(scratch.folder())
    with kernels.local_kernel() as config:
        manager = config.KernelManager
        folders = [Path(scratch.folder()), Path(manager.connection_file).parent]
        assert manager.transport == "ipc" and Path(manager.ip).parent == folders[1]
        for folder in folders:
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700 and folder.stat().st_uid == os.getuid()
    assert open_ports(psutil.Process()) == set()


CONFIGURATION = json.loads((ROOT / "jupyter_config" / "jupyter_server_config.json").read_text())


def test_jupyterlab_is_not_opened_to_others() -> None:
    assert set(CONFIGURATION) == {"Scheduler", "ServerApp"} and set(CONFIGURATION["ServerApp"]) == {"allow_root"}
    makefile = (ROOT / "Makefile").read_text()
    (line,) = [line for line in makefile.splitlines() if "jupyter lab" in line]
    assert line.rpartition("jupyter lab")[2].split() == ["lab/start.ipynb"]
    opened = r"0\.0\.0\.0|token|password|allow_origin|disable_check_xsrf|allow_remote|--ip|\"ip\""
    assert not re.search(opened, makefile + json.dumps(CONFIGURATION))


@pytest.mark.server
def test_jupyterlab_listens_to_this_machine_and_asks_for_its_token(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    own |= {"JUPYTER_CONFIG_PATH": str(ROOT / "jupyter_config")}
    unset = {"JUPYTER_TOKEN", "JUPYTER_TOKEN_FILE"}
    command = [str(Path(sys.executable).parent / "jupyter"), "lab", "--no-browser", f"--port={port}"]
    with (tmp_path / "log").open("w") as log:
        lab = subprocess.Popen(
            [*command, "--ServerApp.port_retries=0"], cwd=tmp_path, stdout=log, stderr=log, start_new_session=True,
            env={name: value for name, value in (os.environ | own).items() if name not in unset},
        )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while not (told := list((tmp_path / "RUNTIME").glob("jpserver-*.json"))) or "url" not in told[0].read_text():
            assert lab.poll() is None and time.monotonic() < until, (tmp_path / "log").read_text()
            time.sleep(0.2)
        server = json.loads(told[0].read_text())
        assert len(server["token"]) >= 40 and stat.S_IMODE(told[0].stat().st_mode) == 0o600
        address = f"http://127.0.0.1:{port}"
        for path in ("api/contents", "api/kernels", "scheduler/jobs"):
            assert requests.get(f"{address}/{path}", timeout=20).status_code == 403, path
            wrong = requests.get(f"{address}/{path}", headers={"Authorization": "token x"}, timeout=20)
            assert wrong.status_code == 403
        assert requests.post(f"{address}/api/kernels", json={}, timeout=20).status_code == 403
        right = {"Authorization": f"token {server['token']}"}
        assert requests.get(f"{address}/api/contents", headers=right, timeout=20).status_code == 200
        assert requests.post(f"{address}/api/kernels", json={}, headers=right, timeout=20).status_code == 201
        strange = requests.get(f"{address}/api/contents", headers=right | {"Host": "elsewhere.example"}, timeout=20)
        assert strange.status_code == 403  # what a page of another site would send after rebinding its name
        assert open_ports(psutil.Process(lab.pid)) <= {"127.0.0.1", "::1"} != set()
    finally:
        lab.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            lab.wait(timeout=10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(lab.pid, 9)
        lab.wait()
