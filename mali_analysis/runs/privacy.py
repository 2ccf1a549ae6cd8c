"""What says where on a machine a notebook ran, taken out before anybody else reads it."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from mali_analysis.runs import scratch
from mali_analysis.runs.plans import Job


def forget_machine(job: Job, executed: Path, root: Path, message: str) -> str:
    """Puts names in the place of this machine's folders in an executed notebook; gives the message so changed.

    These are the folders of the run and of its data, the user's, Python's, and the working folder.
    """
    named = _name_folders({root: "data", job.notebook.parent: "notebooks", executed.parent: "notebooks"})
    if executed.is_file():
        text = executed.read_text(encoding="utf-8", errors="surrogateescape")
        if (changed := _replace(text, {json.dumps(f, ensure_ascii=False)[1:-1]: n for f, n in named.items()})) != text:
            executed.write_text(changed, encoding="utf-8", errors="surrogateescape")
    return _replace(message, named)


def _name_folders(folders: Mapping[Path, str]) -> dict[str, str]:
    library = Path(__file__).parents[1]
    given = {str(folder): name for folder, name in folders.items()}
    given |= {str(library.parent): ".", sys.prefix: "python", sys.base_prefix: "python", scratch.folder(): "tmp"}
    given |= {os.getcwd(): ".", os.path.expanduser("~"): "~"}
    every = given | {os.path.realpath(folder): name for folder, name in given.items()}
    return {folder: name for folder, name in every.items() if len(folder) > 1}


def _replace(text: str, named: Mapping[str, str]) -> str:
    longest = sorted(named, key=len, reverse=True)
    found = re.compile("|".join(rf"(?<![\w.~-]){re.escape(folder)}(?![\w.-])" for folder in longest))
    return found.sub(lambda match: named[match[0]], text)
