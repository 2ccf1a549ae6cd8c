"""Notebooks as they lie on disk, read as JSON: importing nbformat takes longer than all that is done with them here."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from mali_analysis.errors import RunError

Cell = dict[str, Any]
INJECTED, ERROR_TAG = "injected-parameters", "papermill-error-cell-tag"
"""Tags of the cells that Papermill adds: with the values given, and with a word on what failed."""


def read_cells(path: Path) -> list[Cell]:
    """The cells of a notebook as Jupyter's format has them, each source and each text of an output as one string.

    Raises RunError, with the file's name, for what is no notebook of format 4.
    """
    cells: list[Cell] = _read(path)["cells"]
    for cell in cells:
        cell["source"] = _whole(cell.get("source", ""))
        cell.setdefault("metadata", {})
        for output in cell.get("outputs", []):
            if "text" in output:
                output["text"] = _whole(output["text"])
            data = output.get("data", {}).items()
            output["data"] = {kind: content if kind.endswith("json") else _whole(content) for kind, content in data}
        cell["outputs"] = _join(cell.get("outputs", []))
    return cells


def _join(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Outputs in which a stream that came in pieces, with nothing between them, is one."""
    joined: list[dict[str, Any]] = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output.get("output_type") == last.get("output_type") == "stream" and output.get("name") == last.get("name"):
            last["text"] += output["text"]
        else:
            joined.append(output)
    return joined


def read_authors(path: Path) -> list[str]:
    """The names of those who wrote a notebook, as it gives them in its metadata."""
    metadata = _read(path).get("metadata")
    listed = metadata.get("authors") if isinstance(metadata, dict) else None
    names = [one.get("name") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [name.strip() for name in names if isinstance(name, str) and name.strip()]


def _read(path: Path) -> dict[str, Any]:
    wanted = "a notebook of format 4, as Jupyter writes it"
    try:
        text = path.read_text(encoding="utf-8")
        book = json.loads(text)
    except OSError as error:
        raise RunError(f"{path.stem}: {error.strerror}: allowed: a file that can be read") from error
    except UnicodeDecodeError as error:
        raise RunError(f"{path.stem}: byte {error.start + 1} is no UTF-8: allowed: {wanted}") from error
    except (ValueError, RecursionError) as error:
        raise RunError(f"{path.stem}: {_tell_fault(text, error)}: allowed: {wanted}") from error
    cells = book.get("cells") if isinstance(book, dict) else None
    if not isinstance(cells, list) or book.get("nbformat") not in (None, 4):
        found = f"format {book['nbformat']}" if isinstance(book, dict) and "nbformat" in book else "no list of cells"
        raise RunError(f"{path.stem}: {found}: allowed: {wanted}")
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
            raise RunError(f"{path.stem}: cell {number} has no type: allowed: {wanted}")
    return book


def _tell_fault(text: str, error: Exception) -> str:
    """What keeps a text from being a notebook, in a few words."""
    if not text.strip():
        return "the file is empty"
    if text.startswith("\ufeff"):
        return "it begins with a byte order mark"
    if marks := re.search(r"^(<{7}|={7}|>{7})( |$)", text, re.M):
        return f"marks of a merge in line {text[: marks.start()].count(chr(10)) + 1}"
    line = f" in line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
    return f"no JSON{line}"


def number_cell(notebook: Path, executed: Path, index: int) -> int:
    """A cell's place among the notebook's own, from one: what Papermill put in before it is not counted."""
    before = [
        tag for cell in read_cells(executed) for tag in [cell["metadata"].get("tags", [])] if ERROR_TAG not in tag
    ]
    given = any(INJECTED in cell["metadata"].get("tags", []) for cell in read_cells(notebook))
    return index + 1 - (not given and any(INJECTED in tags for tags in before[: index + 1]))


def find_cell(notebook: Path, executed: Path) -> str:
    """The cell that a notebook was at when its kernel or process ended, to be put before what is told: ``cell 5: ``."""
    try:
        told = [cell["metadata"].get("papermill", {}) for cell in read_cells(executed)]
    except RunError:
        return ""
    running = [index for index, state in enumerate(told) if state.get("status") == "running"]
    begun = [index for index, state in enumerate(told) if state.get("exception") is not None]
    return f"cell {number_cell(notebook, executed, (running or begun)[-1])}: " if running or begun else ""


def _whole(lines: Any) -> Any:
    is_text = isinstance(lines, list) and all(isinstance(line, str) for line in lines)
    return "".join(lines) if is_text else lines
