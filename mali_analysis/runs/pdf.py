"""Pages as PDF, printed by a Chromium that is on the machine: tagged, with bookmarks, title and page numbers."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from mali_analysis.errors import MaliError
from mali_analysis.runs import scratch

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"]
_MAC = ["Google Chrome", "Chromium", "Microsoft Edge"]


class BrowserError(MaliError):
    """No browser to print with, or one that did not print."""

    status = 1


def find_browser() -> str:
    """The browser to print with: ``MALI_BROWSER`` where set, else the first one found. Raises BrowserError."""
    wanted = os.environ.get("MALI_BROWSER")
    paths = [shutil.which(wanted)] if wanted else [*map(shutil.which, NAMES)]
    paths += [] if wanted else [f"/Applications/{name}.app/Contents/MacOS/{name}" for name in _MAC]
    for path in paths:
        if path and Path(path).exists():
            return path
    raise BrowserError(
        "PDF: no browser found; install Chromium (Debian: apt install chromium) or name one in MALI_BROWSER"
    )


def print_pdf(page: Path, pdf: Path) -> None:
    """Prints an HTML file. Raises BrowserError."""
    with tempfile.TemporaryDirectory(dir=scratch.folder(), ignore_cleanup_errors=True) as profile:
        command = [
            find_browser(), "--headless", "--disable-gpu", "--no-first-run", "--disable-extensions",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={profile}",
            *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
            "--no-pdf-header-footer", "--export-tagged-pdf", "--generate-pdf-document-outline",
            f"--print-to-pdf={pdf}", page.resolve().as_uri(),
        ]  # fmt: skip
        try:
            result = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=120)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BrowserError(f"PDF: the browser did not print {page.name}: {error.__class__.__name__}") from error
    if not pdf.is_file():
        last = (result.stderr.strip().splitlines() or ["no message"])[-1]
        raise BrowserError(f"PDF: the browser did not print {page.name}: {last}")
