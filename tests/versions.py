"""Whether all that is compared means the same on every Python and at either end of the libraries' versions.

``python tests/versions.py [--times N] [PYTHON …]`` (needs uv): for each Python (3.11 to 3.13 if none is named) an
environment with the oldest versions that pyproject.toml allows and that have a wheel there, and one with the newest,
both thrown away; in each the notebooks through nbval and the comparison of tables, pages, charts and other chapters.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
ENDS = {"oldest": "lowest-direct", "newest": "highest"}
COMPARED = [
    "--nbval",
    "--nbval-current-env",
    "-q",
    "-p",
    "no:cacheprovider",
    "notebooks",
    "tests/runs/test_snapshots.py",
]
NEEDED = ["nbval>=0.11", "pytest>=8.3", "hypothesis>=6.100", "jedi>=0.19"]
"""What the comparison needs beside the library."""


def check(python: str, end: str, folder: Path, times: int) -> bool:
    """Whether all is the same in one environment, each time; tells what differs."""
    place = folder / f"{python}-{end}".replace("/", "-")
    here = place / "bin" / "python"
    subprocess.run(["uv", "venv", "--quiet", "--python", python, str(place)], check=True)
    install = ["uv", "pip", "install", "--quiet", "--python", str(here)]
    wanted = ["--resolution", ENDS[end], "--no-build", "--requirement", str(ROOT / "pyproject.toml"), *NEEDED]
    subprocess.run([*install, *wanted], check=True)
    subprocess.run([*install, "--no-deps", "--editable", str(ROOT)], check=True)
    return all([_compare(here, f"{python}, {end} libraries") for _ in range(times)])


def _compare(here: Path, name: str) -> bool:
    done = subprocess.run([str(here), "-m", "pytest", *COMPARED], cwd=ROOT, capture_output=True, text=True)
    last = done.stdout.strip().splitlines()[-1:] or [done.stderr.strip()]
    print(f"{name}: {last[0]}", flush=True)
    if done.returncode:
        print(done.stdout[-5000:])
    return done.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="versions", description=__doc__)
    parser.add_argument("--times", type=int, default=1, help="how often in each environment")
    parser.add_argument("python", nargs="*", default=["3.11", "3.12", "3.13"])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = [check(python, end, Path(folder), asked.times) for python in asked.python for end in ENDS]
    return int(not all(found))


if __name__ == "__main__":
    sys.exit(main())
