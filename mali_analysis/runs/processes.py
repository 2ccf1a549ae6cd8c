"""Work in processes of its own: forked from a server where that is possible, fresh ones elsewhere."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from multiprocessing import connection, get_context, util
from pathlib import Path
from typing import Any

from mali_analysis.runs import scratch, server
from mali_analysis.runs.cells import find_cell
from mali_analysis.runs.kernels import SETTINGS, Done, can_fork, execute, is_warm
from mali_analysis.runs.plans import Job
from mali_analysis.runs.privacy import forget_machine

START = (
    # Not the folder it starts in, whose modules may bear the names of others.
    "import sys; sys.flags.safe_path or sys.path.pop(0)\n"
    "import signal; signal.pthread_sigmask(signal.SIG_SETMASK, {mask})\n"
    "from mali_analysis.runs.server import main; main({listener}, {alive}, {folder!r}, {warm})"
)


def open_standard_streams() -> None:
    """Opens those of the three standard streams that are closed, so that no file of ours takes their numbers."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115, as long as the process
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115


class Server:
    """A server of this process's own, which ends with it."""

    def __init__(self, warm: bool, settings: dict[str, str]) -> None:
        open_standard_streams()
        self.address = tempfile.mktemp(prefix="server-", dir=scratch.folder())
        alive, self._alive = os.pipe()
        with socket.socket(socket.AF_UNIX) as listener, open(f"{self.address}.log", "wb") as log:
            listener.bind(self.address)
            listener.listen(128)
            with _interrupts_deferred() as mask:
                code = START.format(
                    mask=mask, listener=listener.fileno(), alive=alive, folder=scratch.folder(), warm=warm
                )
                self._process = subprocess.Popen(
                    [sys.executable, "-c", code], env=os.environ | settings, pass_fds=[listener.fileno(), alive],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip
                util.Finalize(None, self._stop, exitpriority=-100)
        os.close(alive)

    def is_running(self) -> bool:
        """Whether it still serves."""
        return self._process.poll() is None

    def _stop(self) -> None:
        os.close(self._alive)
        self._process.kill()
        self._process.wait()


_servers: dict[bool, Server] = {}
_starting = threading.Lock()


def start_server(settings: dict[str, str]) -> str:
    """Where the server of this process listens; where there is none, one is started with these in its environment.

    In a process that a server has forked it is that server.
    """
    if server.ADDRESS:
        return server.ADDRESS
    warm = is_warm()
    with _starting:  # threads of a Dask worker may come at once
        if warm not in _servers or not _servers[warm].is_running():
            _servers[warm] = Server(warm, settings)
        return _servers[warm].address


def warm_up(root: Path) -> None:
    """Starts the server, so that it does its imports and loads the data in ``root`` while this process goes on."""
    if can_fork():
        start_server(SETTINGS | {"MALI_DATA": str(root)})


@contextlib.contextmanager
def _interrupts_deferred() -> Generator[list[int], None, None]:
    """An interrupt or a stop that comes here takes effect at the end; gives the signals that were held back before."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield [int(number) for number in before]
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Refused(Exception):
    """The server cannot make the kernel that was asked for."""


class Forked:
    """A process forked from the server, with what jupyter_client asks of a ``subprocess.Popen``.

    It ends when this object is closed, with all that came from it. Raises OSError where the server cannot be reached,
    Refused where it cannot make such a process.
    """

    stdin = stdout = stderr = None

    def __init__(self, address: str, *request: Any, files: tuple[int, int, int] | None = None) -> None:
        self.returncode: int | None = None
        with socket.socket(socket.AF_UNIX) as line, open(os.devnull, "r+b") as null:
            line.connect(address)
            socket.send_fds(line, [b" "], files or [null.fileno()] * 3)
            self._line = connection.Connection(line.detach())
        try:
            self._line.send(request)
            kind, told = self._line.recv()
        except (EOFError, OSError):
            self._line.close()
            raise OSError(f"the server for jobs died: {_last_line(Path(f'{address}.log'))}") from None
        if kind == "refused":
            self._line.close()
            raise Refused(told)
        self.pid: int = told

    def fileno(self) -> int:
        """Of the line to the process, for ``multiprocessing.connection.wait``."""
        return self._line.fileno()

    def receive(self) -> Any:
        """What a called function returned, or raises what it raised; EOFError where the process died before."""
        kind, *told = self._line.recv()
        if kind == "ended":
            self.returncode = told[0]
            raise EOFError
        result, error = told
        self.wait()
        if error:
            raise error
        return result

    def poll(self) -> int | None:
        """The exit status, or None while the process runs."""
        if self.returncode is None and self._line.poll():
            self.wait()
        return self.returncode

    def wait(self) -> int:
        """The exit status, once the process has ended."""
        if self.returncode is None:
            try:
                _, self.returncode = self._line.recv()
            except (EOFError, OSError):
                self.returncode = -signal.SIGKILL  # its guard is gone too
            self._line.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Sends a signal to the process, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Ends the process and all that came from it."""
        self._line.close()

    def terminate(self) -> None:
        """Asks the process to end."""
        self.send_signal(signal.SIGTERM)


class Spawned:
    """A process started afresh, where none can be forked; answers like ``Forked``."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        context = get_context("spawn")
        self._line, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_send, args=(theirs, function, arguments), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def fileno(self) -> int:
        return self._line.fileno()

    def receive(self) -> Any:
        try:
            return self._line.recv()
        finally:
            self._process.join(5)

    def kill(self) -> None:
        self._process.kill()
        self._process.join()


def _send(line: Any, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    line.send(function(*arguments))


def _last_line(log: Path) -> str:
    try:
        return log.read_text(errors="replace").strip().splitlines()[-1]
    except (OSError, IndexError):
        return "no message"


def _start(function: Callable[..., Any], *arguments: Any) -> Forked | Spawned:
    if can_fork():
        return Forked(start_server(SETTINGS), "call", os.getcwd(), function, arguments)
    return Spawned(function, *arguments)


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """What ``function`` returns or raises in a warm process; where there is none, it is called right here.

    Raises OSError where the process dies.
    """
    if not is_warm():
        return function(*arguments)
    process = _start(function, *arguments)
    try:
        return process.receive()
    except EOFError:
        raise OSError(f"the process for {function.__name__} died") from None
    finally:
        process.kill()


def execute_here(
    jobs: list[Job], targets: dict[str, Path], root: Path, workers: int, timeout: float | None = None
) -> Generator[Done, None, None]:
    """What became of each job, as they finish; each runs in a process of its own, ``workers`` of them at once.

    A job that takes longer than ``timeout`` seconds, or whose process dies, has failed; the others go on.
    """
    waiting = list(reversed(jobs))
    running: dict[Any, tuple[Job, float]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                job = waiting.pop()
                process = _start(execute, job, targets[job.name], root, timeout is not None)
                running[process] = (job, time.monotonic() + (timeout or float("inf")))
            soonest = min(deadline for _, deadline in running.values())
            wait = None if soonest == float("inf") else max(0.0, soonest - time.monotonic())
            ready = connection.wait(list(running), timeout=wait)
            now = time.monotonic()
            late = [each for each, (_, deadline) in running.items() if each not in ready and deadline <= now]
            for process in [*ready, *late]:
                job, _ = running.pop(process)
                yield _collect(process, job, targets[job.name], root, timeout if process in late else None)
    finally:
        for process in running:
            process.kill()


def _collect(process: Any, job: Job, target: Path, root: Path, late: float | None) -> Done:
    try:
        if late is None:
            return process.receive()
        error = f"{job.name}: {find_cell(job.notebook, target)}not done after {late:g} seconds"
    except EOFError:
        error = f"{job.name}: {find_cell(job.notebook, target)}its process died (exit status {process.returncode})"
    finally:
        process.kill()
    error = forget_machine(job, target, root, error)
    return Done(job.name, job.notebook.stem, job.parameters, "failed", late or 0.0, error=error)
