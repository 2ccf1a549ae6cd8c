"""Temporary files: one folder for each process and all that it starts; the next run clears what was left behind."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from multiprocessing import util
from pathlib import Path

_made = ""


def use(path: str) -> None:
    """Lets this process use the folder of another, with which it goes."""
    global _made
    _made = path


def folder() -> str:
    """This process's folder; it goes with the process."""
    if not _made:
        use(_make())
    return _made


def _make() -> str:
    made = tempfile.mkdtemp(prefix=f"mali-{os.getpid()}-{_host()}-", dir=_base())
    util.Finalize(None, shutil.rmtree, args=(made, True), exitpriority=-200)  # after multiprocessing's own, inside it
    return made


def sweep() -> None:
    """Throws away the folders of processes of this machine that were killed."""
    for left in Path(_base()).glob(f"mali-*-{_host()}-*"):
        pid = left.name.split("-")[1]
        if pid.isdigit() and not is_alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


def is_alive(pid: int) -> bool:
    """Whether a process of this number is running here; on Windows, where asking could end it, taken for granted."""
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _base() -> str:
    """The system's temporary folder, or a shorter one: the path of a socket has room for some hundred characters."""
    usual = tempfile.gettempdir()
    return usual if len(usual) <= 40 or not os.access("/tmp", os.W_OK) else "/tmp"


def _host() -> str:
    return platform.node().replace("-", "")[:8] or "here"
