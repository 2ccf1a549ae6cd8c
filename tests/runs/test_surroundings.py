"""Where a run starts, and what a user keeps there, changes neither its report nor what it says."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mali_analysis.runs import schedules

NOTEBOOK = "01_incidents"
BIN = Path(sys.executable).parent
COMMANDS = {
    "console": [str(BIN / "mali-analysis"), "run"],
    "module": [sys.executable, "-m", "mali_analysis", "run"],
    "schedule": schedules._command([]),
}
RC = "savefig.transparent: True\nsavefig.facecolor: red\ntext.usetex: True\nsvg.fonttype: path\nfont.size: 30\n"
RC += "axes.facecolor: black\nfigure.dpi: 30\nlines.linewidth: 9\nxtick.major.size: 20\ntimezone: Asia/Tokyo\n"


def outputs_of(folder: Path, command: str = "console", **environment: str | None) -> list:
    """What the cells of a notebook show in a run that starts in the folder; it must say nothing on standard error."""
    env = {k: v for k, v in (os.environ | environment).items() if v is not None}
    words = [*COMMANDS[command], NOTEBOOK, "--output", str(folder / "out" / "report")]
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert done.stdout == f"{folder / 'out' / 'report' / 'index.html'}\n"
    cells = json.loads((folder / "out" / "report" / "notebooks" / f"{NOTEBOOK}.ipynb").read_text())["cells"]
    return [cell["outputs"] for cell in cells if cell["cell_type"] == "code"]


@pytest.fixture(scope="module")
def usual(tmp_path_factory) -> list:
    found = outputs_of(tmp_path_factory.mktemp("usual"))
    assert "<svg" in json.dumps(found)
    return found


@pytest.mark.parametrize("home", ["/proc", "/dev/null/home", None])
@pytest.mark.parametrize("kind", ["warm", "ordinary"])
def test_a_home_folder_is_not_needed(tmp_path: Path, usual: list, home: str | None, kind: str) -> None:
    unset = dict.fromkeys(("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "MPLCONFIGDIR", "IPYTHONDIR"))
    found = outputs_of(tmp_path, HOME=home, MALI_KERNEL=kind, **unset)
    if kind == "ordinary":  # there matplotlib tells, in the cell that imports it, where it keeps its fonts instead
        found = [[output for output in outputs if output.get("name") != "stderr"] for outputs in found]
    assert found == usual


@pytest.mark.parametrize("place", ["named", "start folder", "configuration"])
def test_matplotlib_settings_of_the_user_change_no_chart(tmp_path: Path, usual: list, place: str) -> None:
    (tmp_path / "matplotlibrc").write_text(RC)
    (tmp_path / "start").mkdir()
    variable = {
        "named": {"MATPLOTLIBRC": str(tmp_path / "matplotlibrc")},
        "configuration": {"MPLCONFIGDIR": str(tmp_path)},
    }
    if place == "start folder":
        (tmp_path / "matplotlibrc").rename(tmp_path / "start" / "matplotlibrc")
    assert outputs_of(tmp_path / "start", **variable.get(place, {})) == usual


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", ["warm", "ordinary"])
def test_modules_of_the_start_folder_are_not_executed(tmp_path: Path, usual: list, command: str, kind: str) -> None:
    for name in ("random", "calendar", "platform", "socket", "logging", "json", "tempfile", "csv", "statistics"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'executed')!r}, 'a').write({name!r} + ' ')\n")
    assert outputs_of(tmp_path, command, MALI_KERNEL=kind) == usual
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("place", ["JUPYTER_PATH", "JUPYTER_DATA_DIR", "HOME"])
@pytest.mark.parametrize("kind", ["warm", "ordinary"])
def test_another_kernel_of_the_same_name_is_not_ours(tmp_path: Path, usual: list, place: str, kind: str) -> None:
    folder = tmp_path / (".local/share/jupyter" if place == "HOME" else "") / "kernels" / "python3"
    folder.mkdir(parents=True)
    spec = {"argv": [sys.executable, "-c", "raise SystemExit(1)", "{connection_file}"], "display_name": "other"}
    (folder / "kernel.json").write_text(json.dumps(spec | {"language": "python"}))
    assert outputs_of(tmp_path, MALI_KERNEL=kind, **{place: str(tmp_path)}) == usual
