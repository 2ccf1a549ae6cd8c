"""How one job is executed: by Papermill, in a process of its own, in a warm kernel where that is possible.

A warm process is forked from a server that has done the imports; in it Papermill runs the notebook through an engine of
ours (the extension point that Papermill documents), which feeds the cells to IPython's own in-process kernel. Where
forking is not possible, or ``MALI_KERNEL=ordinary`` is set, Papermill starts an ordinary kernel instead.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_all_start_methods
from pathlib import Path
from typing import Any

from mali_analysis.runs import scratch
from mali_analysis.runs.plans import Job

SETTINGS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
"""One thread to a job, since the jobs share the cores; and no warning from ipykernel's debugger, unused here."""

INLINE = "module://matplotlib_inline.backend_inline"


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


def is_warm() -> bool:
    """Whether jobs run in processes forked from a warm one."""
    return "forkserver" in get_all_start_methods() and os.environ.get("MALI_KERNEL") != "ordinary"


def execute(job: Job, target: Path, root: Path) -> Done:
    """One job through Papermill on the data in ``root``; the executed notebook goes to ``target``.

    Meant for a process of its own: it sets that process's environment.
    """
    os.environ |= SETTINGS | {"MALI_DATA": str(root)}
    import logging

    import papermill
    from papermill.exceptions import PapermillExecutionError

    logging.getLogger("papermill").setLevel(logging.ERROR)
    begun, error = time.perf_counter(), ""
    try:
        with _settings() as settings:
            papermill.execute_notebook(
                job.notebook,
                target,
                parameters=job.changed,
                kernel_name="python3",
                progress_bar=False,
                log_output=False,
                request_save_on_cell_execute=False,  # whoever reads the target reads it whole, at the end
                autosave_cell_every=0,
                **settings,
            )
    except PapermillExecutionError as failure:
        error = tell_failure(job.name, failure.cell_index + 1, failure)
    except Exception as failure:  # a kernel that dies or does not start fails its job, not the run
        error = f"{job.name}: {failure.__class__.__name__}: {_first_line(failure)}"
    seconds = round(time.perf_counter() - begun, 2)
    return Done(job.name, job.notebook.stem, job.parameters, "failed" if error else "ok", seconds, error=error)


def tell_failure(name: str, cell: int, failure: Any) -> str:
    """One line on a cell that raised: which notebook and cell, and what."""
    return f"{name}: cell {cell}: {failure.ename}: {_first_line(failure.evalue)}"


def _first_line(message: Any) -> str:
    return next(iter(str(message).strip().splitlines()), "no message")


@contextmanager
def _settings() -> Iterator[dict[str, Any]]:
    if is_warm():
        _register()
        yield {"engine_name": "mali-warm"}
        return
    with local_kernel() as config:
        yield {"config": config}


@contextmanager
def local_kernel() -> Iterator[Any]:
    """Settings for an ordinary kernel over local sockets: TCP ports can collide, and others on the machine can listen.

    The sockets need a folder of their own: jupyter_client's default name is the same for all kernels of a folder.
    """
    from traitlets.config import Config

    with tempfile.TemporaryDirectory(dir=scratch.folder()) as folder:
        yield Config({"KernelManager": {"transport": "ipc", "ip": f"{folder}/k"}} if os.name == "posix" else {})


def _register() -> None:
    from nbclient.exceptions import CellExecutionError
    from papermill.engines import Engine, papermill_engines

    class WarmEngine(Engine):
        """Executes cells in this process, with IPython's in-process kernel."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> None:
            client = start_client()
            for index, cell in enumerate(nb_man.nb.cells):
                try:
                    nb_man.cell_start(cell, index)
                    if cell.cell_type == "code" and cell.source.strip():
                        run_cell(client, cell)
                except CellExecutionError as failure:
                    nb_man.cell_exception(cell, cell_index=index, exception=failure)
                    break
                finally:
                    nb_man.cell_complete(cell, cell_index=index)

    papermill_engines.register("mali-warm", WarmEngine)


def start_client() -> Any:
    """A client of a new in-process kernel, set up as an ordinary one is."""
    from ipykernel.inprocess.blocking import BlockingInProcessKernelClient
    from ipykernel.inprocess.manager import InProcessKernelManager
    from IPython.core.pylabtools import activate_matplotlib
    from matplotlib_inline.backend_inline import configure_inline_support

    manager: Any = InProcessKernelManager()
    manager.start_kernel()
    activate_matplotlib(INLINE)
    configure_inline_support(manager.kernel.shell, INLINE)
    sys.stdout, sys.stderr = manager.kernel.stdout, manager.kernel.stderr  # else prints lack the name of their cell
    client = BlockingInProcessKernelClient(kernel=manager.kernel, session=manager.kernel.session)
    client.start_channels()
    return client


def run_cell(client: Any, cell: Any) -> None:
    """Runs a cell and gives it the outputs that an ordinary kernel's messages would make; raises CellExecutionError."""
    from nbclient.exceptions import CellExecutionError
    from nbformat.v4 import output_from_msg

    request = client.execute(cell.source)
    outputs: list[Any] = []
    clear = False
    while True:
        message = client.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") != request:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "status" and content["execution_state"] == "idle":
            break
        if kind == "execute_input":
            cell.execution_count = content["execution_count"]
        elif kind == "clear_output":
            clear, outputs = content["wait"], outputs if content["wait"] else []
        elif kind in ("stream", "display_data", "execute_result", "error"):
            outputs, clear = [] if clear else outputs, False
            output = output_from_msg(message)
            if kind == "stream" and outputs and outputs[-1].get("name") == output.name:
                outputs[-1].text += output.text
            else:
                outputs.append(output)
    cell.outputs = outputs
    failed = [output for output in outputs if output.output_type == "error"]
    if failed:
        reply = {"ename": failed[0].ename, "evalue": failed[0].evalue, "traceback": failed[0].traceback}
        raise CellExecutionError.from_cell_and_msg(cell, reply)
