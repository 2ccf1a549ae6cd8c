"""Executed notebooks kept by what they were made from, so that unchanged work is not done again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shutil
import time
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from mali_analysis.runs.cells import read_cells
from mali_analysis.runs.kernels import is_warm
from mali_analysis.runs.plans import Job
from mali_analysis.runs.scratch import is_alive

VERSIONED = ["mali-analysis", "papermill", "pandas", "numpy", "matplotlib", "seaborn", "geopandas", "pyproj", "ipython",
             "ipykernel", "nbclient", "nbformat"]  # fmt: skip
"""Packages whose version can show in an executed notebook."""

KEPT_SECONDS = 30 * 24 * 3600
"""How long an executed notebook is kept after its last use."""


def key_of(job: Job, data_sha256: str) -> str:
    """One SHA-256 over all that an executed notebook depends on: code, parameters, data, library, versions, kernel."""
    cells = [(c["cell_type"], c["source"], c["metadata"].get("tags", [])) for c in read_cells(job.notebook)]
    whole = [job.name, cells, job.parameters, data_sha256, hash_library(), versions(), is_warm()]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


@cache
def hash_library() -> str:
    """One SHA-256 over the library's own code, page templates included."""
    digest, here = hashlib.sha256(), Path(__file__).parents[1]
    for path in sorted(path for suffix in ("py", "j2", "css", "js", "mplstyle") for path in here.rglob(f"*.{suffix}")):
        digest.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the packages that matter, by name."""
    found = {"python": platform.python_version()}
    for name in VERSIONED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


class Cache:
    """A folder of executed notebooks; each file bears its key and the checksum of its content in its name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fetch(self, key: str, target: Path) -> bool:
        """Whether there is a whole notebook of that key, now copied to ``target``; a damaged one is thrown away."""
        for path in self.folder.glob(f"{key[:32]}-*.ipynb"):
            with contextlib.suppress(FileNotFoundError):  # another run may clear it away
                content = path.read_bytes()
                if _checksum(content) == path.stem.partition("-")[2]:
                    target.write_bytes(content)
                    os.utime(path)
                    return True
                path.unlink()
        return False

    def keep(self, key: str, notebook: Path) -> None:
        """Keeps an executed notebook; in place as a whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        checksum = _checksum(notebook.read_bytes())
        part = self.folder / f".{key[:32]}.{os.getpid()}.part"
        shutil.copyfile(notebook, part)
        part.replace(self.folder / f"{key[:32]}-{checksum}.ipynb")
        for other in self.folder.glob(f"{key[:32]}-*.ipynb"):
            if checksum not in other.name:
                other.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Clears away what has not been used for a month, and what a killed run left half written."""
        for path in self.folder.glob("*-*.ipynb"):
            with contextlib.suppress(FileNotFoundError):  # another run may clear it away
                if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                    path.unlink()
        for part in self.folder.glob(".*.part"):
            pid = part.name.split(".")[-2]
            if pid.isdigit() and not is_alive(int(pid)):
                part.unlink(missing_ok=True)
