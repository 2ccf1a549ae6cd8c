"""The engine for anyone's notebooks: Papermill's own in what it gives, in any folder, with kernels that are warm."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import papermill
import psutil
import pytest
from conftest import pick

from mali_analysis.runs import kernels, processes

if not kernels.is_warm():
    pytest.skip("no forking here, so no warm kernels", allow_module_level=True)

LOOK = "import os, sys\nwarm = 'seaborn' in sys.modules\nprint(os.getcwd(), 'as_of' in globals() and as_of)"


@pytest.fixture(autouse=True, scope="module")
def own_server() -> Iterator[None]:
    """A server with the environment of these tests: one that runs of ours have started has their settings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "_servers", {})
        yield


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return write(tmp_path / "any.ipynb", "as_of = 1", LOOK, "print(warm)")


def write(path: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    cells[0].metadata["tags"] = ["parameters"]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    return path


def execute(notebook: Path, target: Path, values: dict | None = None) -> None:
    """By Papermill's function; a variable in which pytest names its tests would make each environment another."""
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    papermill.execute_notebook(notebook, target, values, engine_name="mali-warm", progress_bar=False)


def printed(path: Path) -> list[str]:
    """What each cell of an executed notebook printed."""
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    return ["".join(output.get("text", "") for output in cell.outputs).strip() for cell in cells]


def command(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen:
    words = [str(Path(sys.executable).with_name("papermill")), "--no-progress-bar", *arguments]
    return subprocess.Popen(
        words, cwd=folder, env=os.environ | environment, text=True, start_new_session=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip


def test_the_command_takes_it_in_any_folder(notebook: Path, tmp_path: Path) -> None:
    process = command(tmp_path, "--engine", "mali-warm", "any.ipynb", "out.ipynb", "-p", "as_of", "7")
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert printed(tmp_path / "out.ipynb") == ["", "", f"{tmp_path} 7", "True"]


def test_a_loop_takes_it_and_each_run_has_a_kernel_of_its_own(notebook: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    other = write(tmp_path / "pid.ipynb", "import os; print(os.getpid()); left = 1", "print(dir().count('left'))")
    seen = set()
    for _ in range(3):
        execute(other, tmp_path / "o.ipynb")
        seen.add(printed(tmp_path / "o.ipynb")[0])
    assert len(seen) == 3
    execute(notebook, tmp_path / "o.ipynb", {"as_of": 3})
    assert printed(tmp_path / "o.ipynb")[-2:] == [f"{tmp_path} 3", "True"]


@pytest.mark.parametrize("reason", ["environment", "module", "switched off"])
def test_what_cannot_be_forked_alike_is_started_in_the_ordinary_way(
    notebook: Path, tmp_path: Path, monkeypatch, reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    execute(notebook, tmp_path / "o.ipynb")
    assert printed(tmp_path / "o.ipynb")[-1] == "True"
    if reason == "environment":
        monkeypatch.setenv("ANY_LIBRARY_MAY_READ_THIS", "1")
    elif reason == "module":
        (tmp_path / "seaborn.py").write_text("mine = True\n")
    else:
        monkeypatch.setenv("MALI_KERNEL", "ordinary")
    execute(notebook, tmp_path / "o.ipynb")
    assert printed(tmp_path / "o.ipynb")[-1] == "False"


def test_another_kernel_of_the_same_name_is_the_one_that_runs(notebook: Path, tmp_path: Path) -> None:
    folder = tmp_path / "share" / "kernels" / "python3"
    folder.mkdir(parents=True)
    argv = [sys.executable, "-B", "-X", "utf8", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (folder / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "other", "language": "python"}))
    process = command(tmp_path, "--engine", "mali-warm", "any.ipynb", "out.ipynb", JUPYTER_PATH=str(tmp_path / "share"))
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert printed(tmp_path / "out.ipynb")[-1] == "False"


@pytest.mark.soak
def test_a_cell_that_raises_ends_the_command_as_with_its_own_engine(tmp_path: Path) -> None:
    write(tmp_path / "bad.ipynb", "1 / 0", "2")
    found = []
    for engine in ([], ["--engine", "mali-warm"]):
        process = command(tmp_path, *engine, "bad.ipynb", "out.ipynb")
        _, err = process.communicate(timeout=120)
        cells = nbformat.read(tmp_path / "out.ipynb", 4).cells
        found.append((process.returncode, err.strip().splitlines()[-1], len(cells), cells[-1].get("outputs")))
    assert found[0] == found[1]
    assert found[0][0] == 1


@pytest.mark.parametrize("number", pick([signal.SIGINT, signal.SIGTERM, signal.SIGKILL], 1))
def test_a_command_cut_short_leaves_no_process(tmp_path: Path, number: int) -> None:
    begun = tmp_path / "begun"  # an interrupt lets Papermill shut down its kernel, which spares other sessions
    child = f"subprocess.Popen(['sleep', '600'], start_new_session={number != signal.SIGINT})"
    write(tmp_path / "long.ipynb", f"import subprocess, time\n{child}\nopen({str(begun)!r}, 'w')", "time.sleep(600)")
    process = command(tmp_path, "--engine", "mali-warm", "long.ipynb", "out.ipynb", MARK=str(tmp_path))
    until = time.monotonic() + 120
    while not begun.exists() and time.monotonic() < until:
        time.sleep(0.02)
    os.killpg(process.pid, number)
    process.communicate(timeout=60)
    left = []
    for other in psutil.process_iter(["environ"]):
        if (other.info["environ"] or {}).get("MARK") == str(tmp_path):
            left.append(other)
    assert psutil.wait_procs(left, timeout=30)[1] == []
