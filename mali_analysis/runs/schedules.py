"""A regular run in the words of cron and of systemd; both are printed, and neither is installed."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

from mali_analysis.errors import RunError

DAYS = {"Mon": 1, "Tue": 2, "Wed": 3, "Thu": 4, "Fri": 5, "Sat": 6, "Sun": 0}
"""Days of the week as systemd writes them, and their numbers in a crontab."""


def check(arguments: list[str], folder: Path, at: str) -> None:
    """Nothing, if cron and systemd can be told this; raises RunError for a time that is none and for odd characters."""
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", at):
        raise RunError(f"schedule: value {at!r}: allowed: a time of day from 00:00 to 23:59")
    for text in [*arguments, str(folder)]:
        if not text.isprintable():
            raise RunError(f"schedule: value {text!r}: allowed: printable characters")


def crontab_line(arguments: list[str], folder: Path, at: str, day: str | None) -> str:
    """One line for ``crontab -e``: cron mails what the run prints, headlines that changed and what goes wrong.

    ``arguments`` are those of ``mali-analysis run``, ``folder`` is where it runs, ``at`` is a time such as ``06:00``,
    and ``day`` a day of the week, or None for every day.
    """
    hour, minute = at.split(":")
    command = f"cd {shlex.quote(str(folder))} && {shlex.join(_command(arguments))}"
    return f"{int(minute)} {int(hour)} * * {'*' if day is None else DAYS[day]} {command.replace('%', chr(92) + '%')}"


def systemd_units(arguments: list[str], folder: Path, at: str, day: str | None) -> dict[str, str]:
    """A service and a timer by file name; ``systemctl --user`` shows whether the last run failed."""
    command = " ".join(_quote(part) for part in _command(arguments))
    service = [
        "[Unit]", "Description=Notebooks of mali_analysis", "",
        "[Service]", "Type=oneshot", f"WorkingDirectory={_escape(str(folder))}", f"ExecStart={command}",
    ]  # fmt: skip
    timer = [
        "[Unit]", "Description=Regular run of mali_analysis", "",
        "[Timer]", f"OnCalendar={day + ' ' if day else ''}*-*-* {at}:00", "Persistent=true", "",
        "[Install]", "WantedBy=timers.target",
    ]  # fmt: skip
    return {name: "\n".join(lines) + "\n" for name, lines in (
        ("mali-analysis.service", service), ("mali-analysis.timer", timer),
    )}  # fmt: skip


def _command(arguments: list[str]) -> list[str]:
    return [sys.executable, "-P", "-m", "mali_analysis", "run", "--news", *arguments]


def _escape(text: str) -> str:
    return text.replace("%", "%%")


def _quote(text: str) -> str:
    """A word for ``ExecStart``, which reads %, $ and backslashes in its own way."""
    escaped = _escape(text).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return escaped if escaped and not set(escaped) & set(" ;'\"") else f'"{escaped}"'
