"""The server that work is forked from: one process that has done the imports, and nothing else.

Its owner makes the socket and starts it; whoever connects gets a process of its own. Between server and process stands
a guard: it tells how the process ended, and when its client hangs up it ends the process and all that came from it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.machinery import PathFinder
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from mali_analysis.runs import scratch

ADDRESS = ""
"""Where the server of this process listens; empty in a process that none has forked."""

OF_EACH = {"IPYTHONDIR", "JPY_PARENT_PID", "JPY_SESSION_NAME", "MALI_DATA"}
"""Variables that may differ from the server's: no library reads them when it is imported."""

PR_SET_CHILD_SUBREAPER = 36


def main(listener: int, alive: int, folder: str, warm: bool) -> None:
    """Serves until the pipe ``alive`` is closed; returns in processes forked from it, when they have done their work.

    Returning, rather than ending the process, lets Python end a kernel as it ends any program: with atexit handlers,
    threads waited for and files written out.
    """
    global ADDRESS
    environment, server = dict(os.environ), socket.socket(fileno=listener)
    ADDRESS = server.getsockname()
    if warm:
        import_module("mali_analysis.runs.warm").load(folder)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # guards need nobody to wait for them
    work = _serve(server, alive, environment)
    scratch.use(folder)
    work()


def _serve(server: socket.socket, alive: int, environment: dict[str, str]) -> Callable[[], None]:
    while True:
        ready, _, _ = select.select([server.fileno(), alive], [], [])
        if alive in ready:
            os._exit(0)
        client, _ = server.accept()
        with contextlib.suppress(OSError):  # no more processes: the client finds the line dead
            if os.fork() == 0:
                server.close()
                os.close(alive)
                try:
                    return _guard(client, environment)
                except EOFError:
                    os._exit(1)
        client.close()


def _guard(client: socket.socket, environment: dict[str, str]) -> Callable[[], None]:
    """Forks the process and watches over it; returns in that process only, with what it is to do."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _adopt_orphans()
    _, files, _, _ = socket.recv_fds(client, 1, 3)
    connection = Connection(client.detach())
    kind, *request = connection.recv()
    os.environ.clear()
    os.environ.update(environment)
    if kind == "kernel" and (reason := _find_difference(environment, *request)):
        connection.send(("refused", reason))
        os._exit(0)
    gate, opened = os.pipe()  # what is forked waits until its client knows of it, so that no answer comes first
    if (pid := os.fork()) == 0:
        os.close(opened)
        os.read(gate, 1)
        os.close(gate)
        os.setsid()
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        if kind == "call":
            return partial(_answer, connection, *request)
        connection.close()
        if kind == "command":
            return partial(_execute, *request)
        from mali_analysis.runs.warm import become_kernel

        return partial(become_kernel, *request)
    for file in files:
        os.close(file)
    os.close(gate)
    with contextlib.suppress(OSError):  # the client may be gone already
        connection.send(("started", pid))
    os.close(opened)
    status = _watch(connection, pid)
    if status:
        _end_all(pid)
    with contextlib.suppress(OSError):
        connection.send(("ended", status))
    os._exit(0)


def _find_difference(environment: dict[str, str], command: list[str], wanted: dict[str, str], folder: str) -> str:
    """Why a kernel forked from here would not be the one that ``command`` starts; empty where it would."""
    for name in sorted({*environment, *wanted} - OF_EACH):
        if environment.get(name) != wanted.get(name):
            return f"environment variable {name}"
    for name in {entry.partition(".")[0] for entry in os.listdir(folder)} & set(sys.modules) - sys.stdlib_module_names:
        own = PathFinder.find_spec(name, [folder])
        if own and own.origin and own.origin != getattr(sys.modules[name], "__file__", None):
            return f"module {name} in the working folder"
    return ""


def _adopt_orphans() -> None:
    """Processes whose parent ends become children of this one, so that none gets out of sight; on Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _watch(connection: Connection, pid: int) -> int:
    """The exit status of the process; one whose client hangs up is killed."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        ready, _, _ = select.select([connection.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
        if connection.fileno() in ready:  # a client says nothing once it has asked, so this is the end of the line
            return -signal.SIGKILL


def _end_all(pid: int) -> None:
    """Kills the process, its group, and whatever else came from it, until there is nothing left to wait for."""
    with contextlib.suppress(OSError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            for child in _find_descendants(os.getpid()):
                with contextlib.suppress(OSError):
                    os.kill(child, signal.SIGKILL)
            os.waitpid(-1, 0)


def _find_descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # ended meanwhile
            parent = int(stat.read_text(errors="replace").rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found = list(children.get(pid, []))
    for child in found:
        found += children.get(child, [])
    return found


def _execute(command: list[str], environment: dict[str, str], folder: str) -> None:
    os.chdir(folder)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them
        signal.signal(number, signal.SIG_DFL)
    os.execvpe(command[0], command, environment | {"JPY_PARENT_PID": str(os.getppid())})


def _answer(connection: Connection, folder: str, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    answer: tuple[str, Any, Exception | None]
    try:
        os.chdir(folder)
        answer = ("answer", function(*arguments), None)
    except Exception as error:
        answer = ("answer", None, error)
    connection.send(answer)
    os._exit(0)  # nothing of ours waits for the end of the interpreter
