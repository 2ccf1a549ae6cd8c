"""Where a report stands: a link beside the folder that it names, so that a new report takes its place in one step."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from mali_analysis.errors import RunError
from mali_analysis.runs import scratch
from mali_analysis.runs.plans import Job

INDEX, CHAPTER, SEARCH, HEADLINES, MANIFEST = "index.html", "chapter.html", "search.html", "headlines.json", "run.json"
CHANGES = "changes.html"
BRIEF, CLAIMS, WHOLE_PDF, NOTEBOOKS = "00_brief", "05_claims_check", "report.pdf", "notebooks"

_DATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(-\d+)?")


def page_of(job: str) -> str:
    """The page of a job, as a path within the report."""
    name = f"{job}.html"
    return f"{job}-notebook.html" if name.casefold() in (INDEX, CHAPTER, SEARCH, CHANGES) else name


def short_name(job: str) -> str:
    """A job's name for the navigation."""
    stem, *extras = job.split("--")
    number, _, words = stem.partition("_")
    listed = (words if number.isdigit() else stem).split("_")
    name = (", " if len(listed) > 2 and "and" not in listed else " ").join(listed).capitalize()
    return name + (f" ({', '.join(extras)})" if extras else "")


def link_of(job: str) -> str:
    """The address of a job's page within the report, whatever signs its name has."""
    return urllib.parse.quote(os.fsencode(page_of(job)), safe="=+~,@")


def file_of(link: str) -> str:
    """The file that an address within the report opens."""
    return urllib.parse.unquote(link, errors="surrogateescape")


def notebook_of(job: str) -> str:
    """The executed notebook of a job, as a path within the report."""
    return f"{NOTEBOOKS}/{job}.ipynb"


def folder_of(output: Path, job: Job) -> Path:
    """The report that a job belongs to: the whole output, or its chapter's part of a run over several."""
    return output / job.chapter_id if job.apart else output


def failed_of(output: Path) -> Path:
    """Where a failed run goes that was to go to ``output``."""
    return output.with_name(f"{output.name}.failed")


def kept_of(output: Path) -> Path:
    """Where the dated reports lie that a run is to keep; ``output`` then points at the newest of them."""
    return output.with_name(f"{output.name}.kept")


def list_kept(output: Path) -> list[Path]:
    """The dated reports that are kept, the oldest first."""
    folder = kept_of(output)
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in found if _DATED.fullmatch(path.name) and _is_report(path))


def refuse_foreign(output: Path) -> None:
    """Nothing, if a report may take this place and a failed one that beside it; raises RunError where others stand."""
    for folder in (output, failed_of(output)):
        if os.path.lexists(folder) and folder.exists() and not _is_report(folder):
            allowed = "a new folder or an earlier report; this is neither, so it stays"
            raise RunError(f"output {folder}: allowed: {allowed}")
    if (kept := kept_of(output)).exists() and not kept.is_dir():
        raise RunError(f"output {kept}: allowed: a folder; reports are to be kept there")


def _is_report(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and {"jobs", "data_sha256", "versions", "started"} <= set(manifest)


@contextmanager
def hold(output: Path) -> Iterator[None]:
    """Keeps a second run out of the same place; the system frees the lock when a process ends, however it ends.

    Raises RunError where another run holds it, or where nothing can be written.
    """
    lock = FileLock(output.parent / f".{output.name}.lock", timeout=0)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        if not os.path.exists(lock.lock_file):
            raise RunError(f"output {output}: allowed: a folder that can be written") from error
        raise RunError(f"output {output}: another run is writing it: allowed: once that has ended") from error
    except NotImplementedError as error:
        raise RunError(f"output {output}: no locks here: allowed: a file system with locks") from error
    except OSError as error:
        raise RunError(f"output {output}: {error.strerror}: allowed: a folder that can be written") from error
    try:
        yield
    finally:
        lock.release()


def clear_litter(output: Path, keep: int = 0) -> None:
    """Throws away what killed runs left: unfinished folders and links beside the output, temporary folders elsewhere.

    Whoever holds the lock knows that nobody is at work on those beside the output. Where reports are kept, so is a
    whole one that a killed run had not come to put among them.
    """
    scratch.sweep()
    names = re.compile(rf"\.{re.escape(output.name)}\.(\d{{8}}T\d{{6}}\.\d+|(failed\.)?(before|link))")
    for path in [path for path in output.parent.iterdir() if names.fullmatch(path.name)]:
        if path.name == f".{output.name}.before" and not output.exists():
            path.rename(output)
        elif path.is_symlink():
            path.unlink()
        elif not is_current(path, output) and not (keep and _keep(path, output)):
            shutil.rmtree(path, ignore_errors=True)
    for path in kept_of(output).glob(".*Z*"):
        if _DATED.fullmatch(path.name[1:]):
            shutil.rmtree(path, ignore_errors=True)


def is_current(folder: Path, output: Path) -> bool:
    """Whether a folder is the report in place, or the failed one beside it."""
    links = [output, failed_of(output)]
    return any(link.is_symlink() and link.resolve() == folder.resolve() for link in links)


def put_in_place(staging: Path, output: Path, keep: int = 0) -> None:
    """Points the link ``output`` at the new folder in one step, then clears away the old one.

    Where the file system has no links, the folder itself takes the place of the old one. With ``keep`` the new folder
    stands among the dated ones, the old one too, and of these as many stay.
    """
    before, link = _own_folder(output), output.with_name(f".{output.name}.link")
    if keep:
        staging = _keep(staging, output) or staging
    try:
        link.symlink_to(os.path.relpath(staging, output.parent), target_is_directory=True)
    except OSError:
        link = staging
    if output.is_dir() and (link == staging or not output.is_symlink()):
        before = output.with_name(f".{output.name}.before")
        output.rename(before)
    elif os.name == "nt" and output.is_symlink():
        output.unlink()  # Windows puts no link in the place of another
    link.replace(output)
    if before and not (keep and _keep(before, output)):
        shutil.rmtree(before, ignore_errors=True)
    dated = [path for path in list_kept(output) if not is_current(path, output)]
    for path in dated[: max(0, len(dated) - keep)] if keep else []:
        shutil.rmtree(path.rename(path.with_name(f".{path.name}")), ignore_errors=True)


def _keep(report: Path, output: Path) -> Path | None:
    """Puts a good report among the dated ones; returns its new place, None where it is none."""
    try:
        manifest = json.loads((report / MANIFEST).read_text(encoding="utf-8"))
        if any(job["outcome"] != "ok" for job in manifest["jobs"]) or not _is_report(report):
            return None
        name = f"{datetime.fromisoformat(manifest['started']).astimezone(UTC):%Y-%m-%dT%H-%M-%SZ}"
    except (OSError, ValueError, KeyError, TypeError):
        return None
    folder = kept_of(output)
    folder.mkdir(exist_ok=True)
    names = (name if number == 1 else f"{name}-{number}" for number in itertools.count(1))
    target = next(folder / free for free in names if not (folder / free).exists())
    return report.rename(target)


def discard_failed(output: Path) -> None:
    """Throws away the failed run beside a report, once a good one has followed it."""
    failed = failed_of(output)
    folder = _own_folder(failed)
    if failed.is_symlink():
        failed.unlink()
    if (left := folder or failed).is_dir():
        shutil.rmtree(left, ignore_errors=True)


def _own_folder(output: Path) -> Path | None:
    """The folder that ``output`` points at, if a run into this very place made it; None for a link of the user's."""
    if not output.is_symlink():
        return None
    target = output.parent / os.readlink(output)
    name = re.escape(output.name.removesuffix(".failed"))
    own = re.fullmatch(rf"\.{name}\.\d{{8}}T\d{{6}}\.\d+", target.name)
    return target if own and target.parent == output.parent else None
