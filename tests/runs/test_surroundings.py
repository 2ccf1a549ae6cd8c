"""Where a run starts, and what a user keeps there, changes neither its report nor what it says."""

import itertools
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


HOMELESS = dict.fromkeys(("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "MPLCONFIGDIR", "IPYTHONDIR"))


def without_fonts(outputs: list) -> list:
    """Without what matplotlib tells in an ordinary kernel, where it is imported: where it keeps its fonts instead."""
    return [[output for output in own if output.get("name") != "stderr"] for own in outputs]


@pytest.mark.parametrize(
    ("kind", "home", "command"),
    [("warm", None, "schedule"), pytest.param("ordinary", "/proc", "module", marks=pytest.mark.soak)],
)
def test_all_of_it_at_once_changes_nothing(
    tmp_path: Path, usual: list, kind: str, home: str | None, command: str
) -> None:
    write_modules(tmp_path / "start", tmp_path / "executed")
    (tmp_path / "start" / "matplotlibrc").write_text(RC)
    write_kernel(tmp_path)
    found = outputs_of(tmp_path / "start", command, HOME=home, MALI_KERNEL=kind, JUPYTER_PATH=str(tmp_path), **HOMELESS)
    assert without_fonts(found) == usual
    assert not (tmp_path / "executed").exists()


@pytest.mark.soak
@pytest.mark.parametrize("home", ["/proc", "/dev/null/home", None])
@pytest.mark.parametrize("kind", ["warm", "ordinary"])
def test_a_home_folder_is_not_needed(tmp_path: Path, usual: list, home: str | None, kind: str) -> None:
    found = outputs_of(tmp_path, HOME=home, MALI_KERNEL=kind, **HOMELESS)
    assert (found if kind == "warm" else without_fonts(found)) == usual


@pytest.mark.soak
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


def write_modules(folder: Path, witness: Path) -> None:
    """Modules with the names of others, each of which leaves a witness when it is executed."""
    folder.mkdir(exist_ok=True)
    for name in ("random", "calendar", "platform", "socket", "logging", "json", "tempfile", "csv", "statistics"):
        (folder / f"{name}.py").write_text(f"open({str(witness)!r}, 'a').write({name!r} + ' ')\n")


@pytest.mark.soak
@pytest.mark.parametrize(("command", "kind"), list(itertools.product(COMMANDS, ["warm", "ordinary"])))
def test_modules_of_the_start_folder_are_not_executed(tmp_path: Path, usual: list, command: str, kind: str) -> None:
    write_modules(tmp_path, tmp_path / "executed")
    assert outputs_of(tmp_path, command, MALI_KERNEL=kind) == usual
    assert not (tmp_path / "executed").exists()


def write_kernel(folder: Path) -> None:
    """A kernel of the same name as ours, which would end at once, in a folder of Jupyter's."""
    own = folder / "kernels" / "python3"
    own.mkdir(parents=True)
    spec = {"argv": [sys.executable, "-c", "raise SystemExit(1)", "{connection_file}"], "display_name": "other"}
    (own / "kernel.json").write_text(json.dumps(spec | {"language": "python"}))


@pytest.mark.soak
@pytest.mark.parametrize("place", ["JUPYTER_PATH", "JUPYTER_DATA_DIR", "HOME"])
@pytest.mark.parametrize("kind", ["warm", "ordinary"])
def test_another_kernel_of_the_same_name_is_not_ours(tmp_path: Path, usual: list, place: str, kind: str) -> None:
    write_kernel(tmp_path / (".local/share/jupyter" if place == "HOME" else ""))
    assert outputs_of(tmp_path, MALI_KERNEL=kind, **{place: str(tmp_path)}) == usual
