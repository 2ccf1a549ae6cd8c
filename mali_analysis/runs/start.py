"""Where the command starts: an interrupt while there is nothing to clear away ends it at once, with one line."""

import os
import signal
from typing import Any

STOPPED = b"stopped; what is finished is kept, and the next run goes on from there\n"


def main() -> None:
    """The command line; see ``mali_analysis.runs.cli``."""
    signal.signal(signal.SIGINT, _stop)
    from mali_analysis.runs import cli

    cli.main()


def _stop(number: int, _: Any) -> None:
    os.write(2, STOPPED)
    os._exit(128 + number)
