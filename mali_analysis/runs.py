"""Runs: jobs through Papermill, each in a process of its own, and the report put in place as a whole or not at all."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tqdm import tqdm

from mali_analysis import processes, publish, schema
from mali_analysis.cache import Cache, key_of
from mali_analysis.kernels import Done, local_kernel
from mali_analysis.plans import Job, RunError, check_values, list_notebooks


def run(
    jobs: list[Job], output: Path, workers: int, data: Path | None = None, force: bool = False, pdf: bool = False,
    timeout: float | None = None, scheduler: str = "",
) -> list[Done]:  # fmt: skip
    """Runs the jobs and puts report and manifest in place; returns what became of each.

    Work whose key is in the cache is not done again unless ``force`` is set, and where nothing at all changed the
    report stays as it is. A run with a failed job goes to ``<output>.failed`` and leaves the last good one where it is.
    ``timeout`` is in seconds for each job; ``scheduler`` the address of a Dask scheduler that is to do the work.

    Raises RunError where ``output`` cannot be written, is no report of ours or is being written by another run,
    ParameterError and DataError before anything runs.
    """
    output = Path(os.path.abspath(output))
    root = (data or schema.default_root("data")).resolve()
    data_sha256 = schema.hash_data(root)
    keys = {job.name: key_of(job, data_sha256) for job in jobs}
    if not force and (done := _find_unchanged(output, jobs, keys, pdf)):
        return done
    _refuse_output(output)
    processes.warm_up(root)
    check_values(jobs, data)
    started = datetime.now(UTC)
    with _lock(output):
        _clear_litter(output)
        staging = output.with_name(f".{output.name}.{started:%Y%m%dT%H%M%S}.{os.getpid()}")
        try:
            (staging / "notebooks").mkdir(parents=True)
            done = _do(jobs, keys, staging, root, force, workers, timeout, scheduler)
            previous = output if (output / "findings.json").is_file() else None
            processes.call(publish.write_report, staging, jobs, done, root, data_sha256, started, previous)
            failed = any(d.status == "failed" for d in done)
            target = output.with_name(f"{output.name}.failed") if failed else output
            try:
                if pdf and not failed:
                    publish.write_pdf(staging)
            finally:
                _put_in_place(staging, target)
        except BaseException:
            if not _is_current(staging, output):
                shutil.rmtree(staging, ignore_errors=True)
            raise
    return done


def accept(names: list[str]) -> list[Path]:
    """Executes notebooks as they are and writes the outputs into them, to be reviewed and committed."""
    import nbformat
    from nbclient import NotebookClient

    known = list_notebooks()
    for name in names:
        if name not in known:
            raise RunError(f"notebook {name!r}: allowed: {', '.join(known)}")
    chosen = [known[name] for name in names or known]
    for path in tqdm(chosen, unit="notebook", file=sys.stderr, disable=None):
        nb = nbformat.read(path, as_version=4)
        here = {"metadata": {"path": str(path.parent)}}
        with local_kernel() as config:
            NotebookClient(nb, kernel_name="python3", record_timing=False, resources=here, config=config).execute()
        nb.metadata["language_info"] = {"name": "python"}
        nbformat.write(nb, path)
    return chosen


def _do(
    jobs: list[Job], keys: dict[str, str], staging: Path, root: Path, force: bool, workers: int,
    timeout: float | None, scheduler: str,
) -> list[Done]:  # fmt: skip
    """What became of each job, in their order: from the cache, or done now and kept."""
    targets = {job.name: staging / "notebooks" / f"{job.name}.ipynb" for job in jobs}
    kept = Cache(staging.parent / ".cache")
    kept.sweep()
    done: dict[str, Done] = {}
    due = []
    for job in jobs:
        if not force and kept.fetch(keys[job.name], targets[job.name]):
            done[job.name] = Done(job.name, job.notebook.stem, job.parameters, "ok", 0.0, keys[job.name], True)
        else:
            due.append(job)
    if scheduler:
        from mali_analysis.cluster import execute_on_cluster

        results = execute_on_cluster(due, targets, root, scheduler, timeout)
    else:
        results = processes.execute_here(due, targets, root, workers, timeout)
    with tqdm(total=len(jobs), initial=len(done), unit="notebook", file=sys.stderr, disable=None) as bar:
        for result in results:
            done[result.job] = replace(result, cache_key=keys[result.job])
            if not result.error:
                kept.keep(keys[result.job], targets[result.job])
            failed = sum(d.status == "failed" for d in done.values())
            running = min(workers, len(jobs) - len(done))
            bar.set_postfix_str(f"{running} running, {failed} failed", refresh=False)
            bar.update()
    return [done[job.name] for job in jobs]


def _find_unchanged(output: Path, jobs: list[Job], keys: dict[str, str], pdf: bool) -> list[Done]:
    """The jobs of the report in place, where it is whole and made from just what this run would be made from."""
    try:
        listed = json.loads((output / "run.json").read_text(encoding="utf-8"))["jobs"]
    except (OSError, ValueError, KeyError):
        return []
    if [(j["job"], j.get("cache_key"), j["status"]) for j in listed] != [(j.name, keys[j.name], "ok") for j in jobs]:
        return []
    files = ["index.html", "chapter.html", "findings.json"] + [f"{j.name}.html" for j in jobs]
    files += [f"notebooks/{j.name}.ipynb" for j in jobs] + (["report.pdf"] if pdf else [])
    if not all((output / name).is_file() for name in files):
        return []
    return [Done(**{k: v for k, v in j.items() if k != "cached"}, cached=True) for j in listed]


def _refuse_output(output: Path) -> None:
    if output.exists() and not (output / "run.json").is_file():
        raise RunError(f"output {output}: allowed: a new folder or an earlier report; this is neither, so it stays")


@contextmanager
def _lock(output: Path) -> Iterator[None]:
    """Keeps a second run out of the same folder; the system frees the lock when a process ends, however it ends."""
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        file = (output.parent / f".{output.name}.lock").open("w")
    except OSError as error:
        raise RunError(f"output {output}: {error.strerror}: allowed: a folder that can be written") from error
    with file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:
            pass  # no such locks on Windows
        except OSError as error:
            raise RunError(f"output {output}: another run is writing it: allowed: once that has ended") from error
        yield


def _clear_litter(output: Path) -> None:
    """Throws away what killed runs left: unfinished folders and links beside the output, temporary folders elsewhere.

    Whoever holds the lock knows that nobody is at work on them.
    """
    processes.sweep()
    names = re.compile(rf"\.{re.escape(output.name)}\.(\d{{8}}T\d{{6}}\.\d+|before|link)")
    for path in [path for path in output.parent.iterdir() if names.fullmatch(path.name)]:
        if path.name.endswith(".before") and not output.exists():
            path.rename(output)
        elif path.is_symlink():
            path.unlink()
        elif not _is_current(path, output):
            shutil.rmtree(path, ignore_errors=True)


def _is_current(folder: Path, output: Path) -> bool:
    links = [output, output.with_name(output.name + ".failed")]
    return any(link.is_symlink() and link.resolve() == folder.resolve() for link in links)


def _put_in_place(staging: Path, output: Path) -> None:
    """Points the link ``output`` at the new folder in one step, then clears away the old one."""
    before = output.resolve() if output.is_symlink() else None
    if output.is_dir() and not output.is_symlink():
        before = output.with_name(f".{output.name}.before")
        output.rename(before)
    link = output.with_name(f".{output.name}.link")
    link.symlink_to(staging.name)
    link.replace(output)
    if before:
        shutil.rmtree(before, ignore_errors=True)
