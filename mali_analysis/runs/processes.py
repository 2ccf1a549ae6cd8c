"""Work in processes of its own: forked from a warm server where that is possible, fresh ones elsewhere."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from typing import Any

from mali_analysis.runs import scratch
from mali_analysis.runs.kernels import INLINE, SETTINGS, Done, execute, is_warm
from mali_analysis.runs.plans import Job


def warm_up(root: Path) -> None:
    """Starts the server, so that it does its imports and loads the data in ``root`` while this process goes on."""
    if not is_warm():
        return
    from multiprocessing import forkserver

    with _WARMING:  # threads of a Dask worker may come at once
        settings = SETTINGS | {"MPLBACKEND": INLINE, "MALI_DATA": str(root), "TMPDIR": scratch.folder()}
        before, usual = dict(os.environ), tempfile.tempdir
        os.environ |= settings
        tempfile.tempdir = settings["TMPDIR"]
        try:
            _context().set_forkserver_preload(["mali_analysis.runs.warm"])
            with _deaf_to_interrupts():
                forkserver.ensure_running()  # it takes the environment along
        finally:
            os.environ.clear()
            os.environ.update(before)
            tempfile.tempdir = usual


_WARMING = threading.Lock()


@contextlib.contextmanager
def _deaf_to_interrupts() -> Generator[None, None, None]:
    """What is started here ignores an interrupt from its first moment on: whoever asked for the work decides."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """What ``function`` returns or raises in a warm process; where there is none, it is called right here.

    Raises OSError where the process dies.
    """
    if not is_warm():
        return function(*arguments)
    pipe, process = _start(_answer, function, *arguments)
    try:
        result, error = pipe.recv()
    except EOFError:
        raise OSError(f"the process for {function.__name__} died") from None
    finally:
        process.kill()
        process.join()
        pipe.close()
    if error:
        raise error
    return result


def execute_here(
    jobs: list[Job], targets: dict[str, Path], root: Path, workers: int, timeout: float | None = None
) -> Generator[Done, None, None]:
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


def _context() -> Any:
    return get_context("forkserver" if is_warm() else "spawn")


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
    try:
        if late is None:
            return pipe.recv()
        error = f"{job.name}: not done after {late:g} seconds"
    except EOFError:
        process.join()
        error = f"{job.name}: its process died (exit status {process.exitcode})"
    finally:
        process.kill() if late is not None else process.join()
        process.join()
        pipe.close()
    return Done(job.name, job.notebook.stem, job.parameters, "failed", late or 0.0, error=error)
