"""Where the command starts: an interrupt while it still loads ends it as one that comes later does."""

import os
import signal
from typing import Any

STOPPED = b"stopped; what is finished is kept, and the next run goes on from there\n"


def main() -> None:
    """The command line; see ``mali_analysis.runs.cli``."""
    before = signal.signal(signal.SIGINT, _stop)
    from mali_analysis.runs import cli

    signal.signal(signal.SIGINT, before)
    cli.main()


def _stop(number: int, _: Any) -> None:
    os.write(2, STOPPED)
    os._exit(128 + number)
