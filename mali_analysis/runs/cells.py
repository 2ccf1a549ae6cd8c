"""Notebooks as they lie on disk, read as JSON: importing nbformat takes longer than all that is done with them here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Cell = dict[str, Any]


def read_cells(path: Path) -> list[Cell]:
    """The cells of a notebook as Jupyter's format has them, each source and each text of an output as one string."""
    cells: list[Cell] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        cell["source"] = _whole(cell["source"])
        for output in cell.get("outputs", []):
            if "text" in output:
                output["text"] = _whole(output["text"])
            data = output.get("data", {}).items()
            output["data"] = {kind: content if kind.endswith("json") else _whole(content) for kind, content in data}
    return cells


def _whole(lines: Any) -> Any:
    is_text = isinstance(lines, list) and all(isinstance(line, str) for line in lines)
    return "".join(lines) if is_text else lines
