"""Runs: jobs through Papermill, each in a process of its own, and the report put in place as a whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mali_analysis.coding import package, schema
from mali_analysis.errors import RunError
from mali_analysis.runs import place, processes, report
from mali_analysis.runs.cache import Cache, key_of
from mali_analysis.runs.kernels import Done
from mali_analysis.runs.pdf import BrowserError
from mali_analysis.runs.plans import Job, check_values


def run(
    jobs: list[Job], output: Path, workers: int, data: Path | None = None, force: bool = False, pdf: bool = False,
    timeout: float | None = None, scheduler: str = "", keep: int = 0,
) -> list[Done]:  # fmt: skip
    """Runs the jobs and puts report and manifest in place; returns what became of each.

    Work whose key is in the cache is not done again unless ``force`` is set, and where nothing at all changed the
    report stays as it is. A run with a failed job goes to ``<output>.failed`` and leaves the last good one where it is.
    ``timeout`` is in seconds for each job; ``scheduler`` the address of a Dask scheduler that is to do the work;
    ``keep`` how many earlier reports are to stay, each in a folder named by its day and time.

    Raises RunError where ``output`` cannot be written, is no report of ours or is being written by another run,
    ParameterError and DataError before anything runs.
    """
    output = Path(os.path.abspath(output))
    if not output.name:
        raise RunError(f"output {output}: allowed: a folder within another")
    root = schema.choose_root(data)
    chapters = list(dict.fromkeys(job.chapter_id for job in jobs))
    stamps = {chapter_id: package.stamp_data(root, chapter_id) for chapter_id in chapters}
    hashes = {chapter_id: package.hash_data(root, chapter_id) for chapter_id in chapters}
    keys = {job.name: key_of(job, hashes[job.chapter_id]) for job in jobs}
    place.refuse_foreign(output)
    if not force and (done := _find_unchanged(output, jobs, keys, pdf)):
        with place.hold(output):
            report.note_check(output, datetime.now(UTC))
            place.discard_failed(output)
        return done
    processes.warm_up(root)
    check_values(jobs, root)
    started = datetime.now(UTC)
    with place.hold(output):
        place.clear_litter(output, keep)
        staging = output.with_name(f".{output.name}.{started:%Y%m%dT%H%M%S}.{os.getpid()}")
        try:
            for folder in {place.folder_of(staging, job) for job in jobs}:
                (folder / place.NOTEBOOKS).mkdir(parents=True)
            done = _do(jobs, keys, staging, root, stamps, force, workers, timeout, scheduler)
            failed = any(d.outcome == "failed" for d in done)
            unprinted = None
            known = report.read_manifest(output)
            for chapter_id in chapters:
                own = [pair for pair in zip(jobs, done, strict=True) if pair[0].chapter_id == chapter_id]
                folder, before = (place.folder_of(where, own[0][0]) for where in (staging, output))
                previous = before if (before / place.HEADLINES).is_file() else None
                sha256 = hashes[chapter_id]
                processes.call(report.write_report, folder, own, root, chapter_id, sha256, started, previous)
                if not failed:
                    unprinted = _print(folder, pdf) or unprinted
                    if not pdf:
                        report.take_over_pdf(before, folder)
            if jobs[0].apart:
                report.write_overview(staging, list(zip(jobs, done, strict=True)), hashes, started, known)
            if failed:
                place.put_in_place(staging, place.failed_of(output))
            else:
                if keep:
                    report.write_history(staging, [*reversed(place.list_kept(output))])
                place.put_in_place(staging, output, keep)
                place.discard_failed(output)
        except BaseException as error:
            if isinstance(error, OSError) and error.strerror and not error.filename:
                error.filename = str(output)  # a disk that is full while something is written names no file
            if not place.is_current(staging, output):
                shutil.rmtree(staging, ignore_errors=True)
            raise
    if unprinted:
        raise unprinted
    return done


def _print(staging: Path, whole: bool) -> BrowserError | None:
    """What kept the pages that were asked for from being printed: they are delivered all the same."""
    try:
        report.write_pdf(staging, whole)
    except BrowserError as error:
        return error if whole else None
    return None


def _do(
    jobs: list[Job], keys: dict[str, str], staging: Path, root: Path, stamps: dict[str, Any], force: bool, workers: int,
    timeout: float | None, scheduler: str,
) -> list[Done]:  # fmt: skip
    """What became of each job, in their order: from the cache, or done now and kept.

    Raises RunError where the data are no longer those of ``stamps``: what was done then belongs to neither.
    """
    targets = {job.name: place.folder_of(staging, job) / place.notebook_of(job.own_name) for job in jobs}
    about = {job.name: job.chapter_id for job in jobs}
    kept = Cache(staging.parent / ".mali-cache")
    kept.sweep()
    done: dict[str, Done] = {}
    due = []
    for job in jobs:
        if not force and kept.fetch(keys[job.name], targets[job.name]):
            done[job.name] = Done(job.name, job.notebook.stem, job.parameters, "ok", 0.0, keys[job.name], True)
        else:
            due.append(job)
    if scheduler and due:
        from mali_analysis.runs.cluster import execute_on_cluster

        results = execute_on_cluster(due, targets, root, scheduler, timeout)
    else:
        results = processes.execute_here(due, targets, root, workers, timeout)
    bar = tqdm(total=len(jobs), initial=len(done), unit="notebook", file=sys.stderr, disable=None)
    with bar, contextlib.closing(results):
        for result in results:
            if package.stamp_data(root, about[result.job]) != stamps[about[result.job]]:
                raise RunError(f"data {root}: changed during the run: allowed: once more, with data that stay")
            done[result.job] = replace(result, cache_key=keys[result.job])
            if not result.error:
                kept.keep(keys[result.job], targets[result.job])
            failed = sum(d.outcome == "failed" for d in done.values())
            running = min(workers, len(jobs) - len(done))
            bar.set_postfix_str(f"{running} running, {failed} failed", refresh=False)
            bar.update()
    return [done[job.name] for job in jobs]


def _find_unchanged(output: Path, jobs: list[Job], keys: dict[str, str], pdf: bool) -> list[Done]:
    """The jobs of the report in place, where it is whole and made from just what this run would be made from."""
    wanted = [(job.chapter_id if job.apart else None, job.own_name, keys[job.name], "ok") for job in jobs]
    try:
        listed = json.loads((output / place.MANIFEST).read_text(encoding="utf-8"))["jobs"]
        if [(j.get("chapter_id"), j["job"], j["cache_key"], j["outcome"]) for j in listed] != wanted:
            return []
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
    files = [output / place.INDEX]
    for job in jobs:
        folder = place.folder_of(output, job)
        names = [place.INDEX, place.CHAPTER, place.SEARCH, place.HEADLINES, place.MANIFEST]
        names += [place.WHOLE_PDF] if pdf else []
        files += [folder / name for name in [*names, place.page_of(job.own_name), place.notebook_of(job.own_name)]]
    if not all(path.is_file() for path in files):
        return []
    known = {job.name: entry for job, entry in zip(jobs, listed, strict=True)}
    dropped = {"cached", "chapter_id", "job"}
    return [Done(name, **{k: v for k, v in j.items() if k not in dropped}, cached=True) for name, j in known.items()]
