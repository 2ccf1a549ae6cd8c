"""Jobs on a Dask cluster: each carries its notebook and the data along, so that workers share no folder with us."""

from __future__ import annotations

import io
import multiprocessing
import tempfile
import zipfile
from collections.abc import Generator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from mali_analysis.coding import package
from mali_analysis.errors import RunError
from mali_analysis.runs import processes, scratch
from mali_analysis.runs.cache import hash_library, versions
from mali_analysis.runs.kernels import Done
from mali_analysis.runs.plans import Job

PATIENCE = 30
"""Seconds to wait for the scheduler and its first worker."""


def execute_on_cluster(
    jobs: list[Job], targets: dict[str, Path], root: Path, address: str, timeout: float | None = None
) -> Generator[Done, None, None]:
    """What became of each job, as they finish; executed notebooks are written here, to ``targets``.

    A worker that dies costs only the time of its jobs: Dask gives them to another. ``timeout`` is in seconds for each
    job. Raises RunError where no cluster answers at ``address`` or its workers have another version of the library.
    """
    client = _connect(address)
    with client:
        _compare_versions(client, address)
        from distributed import as_completed

        futures = {
            client.submit(
                _execute_there, job, job.notebook.read_bytes(), _pack(root, job.chapter_id), timeout, pure=False
            ): job
            for job in jobs
        }
        for future in as_completed(futures):
            job = futures[future]
            try:  # a result that was lost with its worker before we came to it is waited for again
                done, content = future.result()
            except Exception as failure:
                error = f"{job.name}: {type(failure).__name__} on the cluster"
                done, content = Done(job.name, job.notebook.stem, job.parameters, "failed", 0.0, error=error), b""
            if content:
                targets[job.name].write_bytes(content)
            yield done
            future.release()


def _connect(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise RunError("scheduler: allowed: with the extra mali-analysis[dask] installed") from error
    try:
        client = Client(address, timeout=PATIENCE)
    except Exception as error:  # each protocol has its own ways to fail
        raise RunError(f"scheduler {address!r}: allowed: the address of a running Dask scheduler") from error
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        client.close()
        raise RunError(f"scheduler {address!r}: allowed: one with a worker; none came in {PATIENCE} seconds") from error
    return client


def _compare_versions(client: Any, address: str) -> None:
    """Refuses a cluster whose workers would make other outputs than this machine."""
    ours = hash_library(), versions()
    try:
        theirs = client.run(_describe)
    except Exception as error:
        raise RunError(f"scheduler {address!r}: allowed: workers that have mali-analysis installed") from error
    for worker, found in theirs.items():
        if found != ours:
            raise RunError(f"worker {worker!r}: allowed: the library and package versions of this machine")


def _describe() -> tuple[str, dict[str, str]]:
    return hash_library(), versions()


@lru_cache(maxsize=1)
def _pack(root: Path, chapter_id: str) -> bytes:
    """What a job on one chapter reads, and nothing of any other."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in package.files_of(root, chapter_id).items():
            archive.write(path, name)
    return packed.getvalue()


@lru_cache(maxsize=4)
def _unpack(data: bytes) -> Path:
    """The data once for the jobs that follow each other on a worker; the folder goes with the worker."""
    root = Path(tempfile.mkdtemp(dir=scratch.folder()))
    zipfile.ZipFile(io.BytesIO(data)).extractall(root)
    return root


def _execute_there(job: Job, notebook: bytes, data: bytes, timeout: float | None) -> tuple[Done, bytes]:
    """On a worker: the job in a warm process of its own, and the executed notebook as it lies there."""
    multiprocessing.current_process().daemon = False  # a worker below a nanny could not start processes otherwise
    root = _unpack(data)
    processes.warm_up(root)
    with tempfile.TemporaryDirectory(dir=scratch.folder()) as folder:
        here = Path(folder)
        (here / job.notebook.name).write_bytes(notebook)
        local, target = replace(job, notebook=here / job.notebook.name), here / "executed.ipynb"
        done = next(processes.execute_here([local], {local.name: target}, root, 1, timeout))
        return done, target.read_bytes() if target.exists() else b""
