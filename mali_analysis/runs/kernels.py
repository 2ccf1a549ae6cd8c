"""How one job is executed: by Papermill, in a process of its own, in a warm kernel where that is possible.

A warm kernel is an ordinary one of ipykernel, forked from a server that has done the imports. Where forking is not
possible, or ``MALI_KERNEL=ordinary`` is set, Papermill starts it in an interpreter of its own.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mali_analysis.runs import scratch
from mali_analysis.runs.cells import find_cell, number_cell
from mali_analysis.runs.plans import Job
from mali_analysis.runs.privacy import forget_machine

SETTINGS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
"""One thread to a job, since the jobs share the cores; and no warning from ipykernel's debugger, unused here."""

MANAGER = "mali_analysis.runs.engine.OwnManager"
"""Whose kernels jobs get: by name, as Jupyter takes it, since the engine stands above what starts processes."""


@dataclass(frozen=True)
class Done:
    """What became of a job: its record for ``run.json``, and the error where it failed."""

    job: str
    notebook: str
    parameters: dict[str, Any]
    outcome: str
    seconds: float
    cache_key: str = ""
    cached: bool = False
    error: str = ""


def can_fork() -> bool:
    """Whether processes can be forked here at all."""
    return hasattr(os, "fork") and hasattr(socket, "send_fds")


def is_warm() -> bool:
    """Whether jobs run in kernels forked from a warm process."""
    return can_fork() and os.environ.get("MALI_KERNEL") != "ordinary"


def execute(job: Job, target: Path, root: Path, watched: bool = False) -> Done:
    """One job through Papermill on the data in ``root``; the executed notebook goes to ``target``.

    Meant for a process of its own: it sets that process's environment. Where somebody may end that process
    (``watched``), the notebook is written after each cell.
    """
    os.environ |= SETTINGS | {"MALI_DATA": str(root)}
    import logging

    import papermill
    from papermill.exceptions import PapermillExecutionError

    logging.getLogger("papermill").setLevel(logging.ERROR)
    begun, error, plain = time.perf_counter(), "", target
    try:
        with local_kernel() as config:
            os.environ["IPYTHONDIR"] = str(Path(config.KernelManager.connection_file).parent)  # not the user's
            papermill.execute_notebook(
                as_template(_in_plain_words(job.notebook, "notebook.ipynb")),
                as_template(plain := _in_plain_words(target, "executed.ipynb")),
                parameters=job.changed,
                kernel_name="python3",
                progress_bar=False,
                log_output=False,
                request_save_on_cell_execute=watched,
                autosave_cell_every=0,
                kernel_manager_class=MANAGER,
                config=config,
            )
    except PapermillExecutionError as failure:
        error = tell_failure(job.name, number_cell(job.notebook, target, failure.cell_index), failure)
    except Exception as failure:  # a kernel that dies or does not start fails its job, not the run
        cell = find_cell(job.notebook, target)
        error = f"{job.name}: {cell}{failure.__class__.__name__}: {_first_line(failure)}"
    if plain != target and plain.exists():
        shutil.copyfile(plain, target)
    error = forget_machine(job, target, root, error)
    seconds = round(time.perf_counter() - begun, 2)
    return Done(job.name, job.notebook.stem, job.parameters, "failed" if error else "ok", seconds, error=error)


def _in_plain_words(path: Path, name: str) -> Path:
    """A path that Papermill can write down: itself, or for one that is no text a stand-in for this process."""
    try:
        str(path).encode()
        return path
    except UnicodeEncodeError:
        stand_in = Path(tempfile.mkdtemp(dir=scratch.folder())) / name
        if path.exists():
            shutil.copyfile(path, stand_in)
        return stand_in


def as_template(path: Path) -> str:
    """A path for Papermill, which would put the values of parameters in place of what stands in braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


def tell_failure(name: str, cell: int, failure: Any) -> str:
    """One line on a cell that raised: which notebook and cell, and what."""
    return f"{name}: cell {cell}: {failure.ename}: {_first_line(failure.evalue)}"


def _first_line(message: Any) -> str:
    return next(iter(str(message).strip().splitlines()), "no message")


@contextmanager
def local_kernel() -> Iterator[Any]:
    """Settings for an ordinary kernel over local sockets: TCP ports can collide, and others on the machine can listen.

    They and the connection file have a folder of their own: jupyter_client's default name is the same for all
    kernels of a folder, and a home folder may be missing.
    """
    from traitlets.config import Config

    with tempfile.TemporaryDirectory(dir=scratch.folder()) as folder:
        sockets = {"transport": "ipc", "ip": f"{folder}/k"} if os.name == "posix" else {}
        yield Config({"KernelManager": {"connection_file": f"{folder}/kernel.json", **sockets}})
