"""Work in processes of its own: forked from a warm server where that is possible, fresh ones elsewhere."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from multiprocessing import connection, get_context, parent_process, util
from pathlib import Path
from typing import Any

from mali_analysis.kernels import INLINE, SETTINGS, Done, execute, is_warm
from mali_analysis.plans import Job


def warm_up(root: Path) -> None:
    """Starts the server, so that it does its imports and loads the data in ``root`` while this process goes on."""
    from multiprocessing import forkserver

    context = _context()
    if not is_warm():
        return
    settings = SETTINGS | {"MPLBACKEND": INLINE, "MALI_DATA": str(root), "TMPDIR": scratch()}
    before, folder = dict(os.environ), tempfile.tempdir
    os.environ |= settings
    tempfile.tempdir = settings["TMPDIR"]
    try:
        context.set_forkserver_preload(["mali_analysis.warm"])
        forkserver.ensure_running()  # it takes the environment along
    finally:
        os.environ.clear()
        os.environ.update(before)
        tempfile.tempdir = folder


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """What ``function`` returns or raises in a warm process; where there is none, it is called right here."""
    if not is_warm():
        return function(*arguments)
    pipe, process = _start(_answer, function, *arguments)
    try:
        result, error = pipe.recv()
    finally:
        process.join()
    if error:
        raise error
    return result


def execute_here(
    jobs: list[Job], targets: dict[str, Path], root: Path, workers: int, timeout: float | None = None
) -> Iterator[Done]:
    """What became of each job, as they finish; each runs in a process of its own, ``workers`` of them at once.

    A job that takes longer than ``timeout`` seconds, or whose process dies, has failed; the others go on.
    """
    waiting = list(reversed(jobs))
    running: dict[Any, tuple[Job, Any, float]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                job = waiting.pop()
                pipe, process = _start(execute, job, targets[job.name], root)
                running[pipe] = (job, process, time.monotonic() + (timeout or float("inf")))
            soonest = min(deadline for *_, deadline in running.values())
            wait = None if soonest == float("inf") else max(0.0, soonest - time.monotonic())
            ready = connection.wait(list(running), timeout=wait)
            now = time.monotonic()
            late = [pipe for pipe, (*_, deadline) in running.items() if pipe not in ready and deadline <= now]
            for pipe in [*ready, *late]:
                job, process, _ = running.pop(pipe)
                yield _collect(pipe, job, process, timeout if pipe in late else None)
    finally:
        for _, process, _ in running.values():
            process.kill()
            process.join()


def sweep() -> None:
    """Throws away the temporary folders of processes that were killed."""
    for folder in Path(_base()).glob("mali-*-*"):
        pid = folder.name.split("-")[1]
        if pid.isdigit() and not is_alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def is_alive(pid: int) -> bool:
    """Whether a process of this number is running."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _context() -> Any:
    return get_context("forkserver" if is_warm() else "spawn")


def _base() -> str:
    """The system's temporary folder, or a shorter one: the path of a socket has room for some hundred characters."""
    usual = tempfile.gettempdir()
    return usual if len(usual) <= 40 or not os.access("/tmp", os.W_OK) else "/tmp"


@cache
def scratch() -> str:
    """A folder for all temporary files of this process and those it starts; it goes with the process."""
    folder = tempfile.mkdtemp(prefix=f"mali-{os.getpid()}-", dir=_base())
    util.Finalize(None, shutil.rmtree, args=(folder, True), exitpriority=-200)  # after multiprocessing's own, inside it
    return folder


def _start(function: Callable[..., Any], *arguments: Any) -> tuple[Any, Any]:
    context = _context()
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, function, arguments), daemon=True)
    process.start()
    theirs.close()
    return ours, process


def _work(pipe: Any, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt ends
    threading.Thread(target=_end_with_parent, daemon=True).start()
    pipe.send(function(*arguments))
    pipe.close()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent:
        connection.wait([parent.sentinel])
        os._exit(1)


def _answer(function: Callable[..., Any], *arguments: Any) -> tuple[Any, BaseException | None]:
    try:
        return function(*arguments), None
    except Exception as error:
        return None, error


def _collect(pipe: Any, job: Job, process: Any, late: float | None) -> Done:
    error = ""
    if late is not None:
        process.kill()
        error = f"{job.name}: not done after {late:g} seconds"
    else:
        try:
            return pipe.recv()
        except EOFError:
            process.join()
            error = f"{job.name}: its process died (exit status {process.exitcode})"
        finally:
            process.join()
            pipe.close()
    return Done(job.name, job.notebook.stem, job.parameters, "failed", late or 0.0, error=error)
