"""What notebooks would show now beside what is committed, and the new outputs accepted after a review."""

from __future__ import annotations

import base64
import difflib
import json
import os
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from html import escape
from itertools import zip_longest
from pathlib import Path
from typing import Any

from mali_analysis.coding import schema
from mali_analysis.coding.package import DEFAULT
from mali_analysis.errors import RunError
from mali_analysis.headlines import HEADLINE_MIME
from mali_analysis.runs import snapshots
from mali_analysis.runs.cells import Cell, read_cells
from mali_analysis.runs.kernels import local_kernel, tell_failure
from mali_analysis.runs.pictures import find_difference

WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
PAGE = Path("build/baseline.html")
"""Where the changes are shown, charts as pictures."""


@dataclass(frozen=True)
class Item:
    """One thing that a cell shows: its kind, its words, all else that Jupyter was given of it, and the drawing."""

    kind: str
    text: str
    data: str
    picture: str = ""


@dataclass(frozen=True)
class Change:
    """One thing that would change: the notebook, its cell's id, and the thing before and after (None: not there)."""

    notebook: str
    cell: str
    before: Item | None
    after: Item | None

    @property
    def kind(self) -> str:
        return (self.after or self.before or Item("output", "", "")).kind

    def __str__(self) -> str:
        head = f"{self.notebook}, {'' if self.kind == 'snapshot' else 'cell '}{self.cell}: {self.kind}"
        old, new = (item.text.splitlines() if item else [] for item in (self.before, self.after))
        lines = [line.rstrip() for line in difflib.unified_diff(old, new, lineterm="", n=0)][2:]
        shown = [
            f"  {textwrap.shorten(line, 400, placeholder=' …')}" for line in dict.fromkeys(lines) if line[:2] != "@@"
        ]
        if self.before and self.after and (drawn := find_difference(self.before.picture, self.after.picture)):
            shown.append(f"  drawn in another way: {drawn}")
        return "\n".join([head, *(shown or ["  the same words, marked up in another way"])])


def find_changes(path: Path, root: Path, chapter_id: str = DEFAULT) -> tuple[list[Change], dict[str, Any]]:
    """What the notebook would show otherwise than it does, and the notebook as executed now.

    Raises RunError, with one line, where it cannot be read or a cell or the kernel fails.
    """
    try:
        before = read_cells(path)
        executed = _execute(path, root, chapter_id)
    except RunError:
        raise
    except Exception as error:  # a notebook may break in any way; the next one is still to be looked at
        first = next(iter(str(error).strip().splitlines()), "no message")
        raise RunError(f"{path.stem}: {type(error).__name__}: {first}") from error
    shown = [_list_items(cell) for cell in json.loads(json.dumps(executed["cells"]))]
    changes = []
    for number, cell in enumerate(before):
        for pair in _pair(_list_items(cell), shown[number]):
            changes.append(Change(path.stem, str(cell.get("id", number)), *pair))
    return changes, executed


def find_other_changes(clone: Path) -> tuple[list[Change], dict[Path, str]]:
    """What the typed tables, the pages and other chapters' headlines would be otherwise; and all of them as now."""
    with tempfile.TemporaryDirectory() as folder:
        now = snapshots.take(clone, Path(folder))
    before = {path: path.read_text(encoding="utf-8") for path in (clone / snapshots.KEPT).rglob("*.txt")}
    changes = [
        Change(path.parent.name, path.stem, *(Item("snapshot", text, "") if text else None for text in pair))
        for path in sorted({*before, *now})
        if len(set(pair := (before.get(path, ""), now.get(path, "")))) > 1
    ]
    return changes, now


def accept_others(clone: Path, now: dict[Path, str]) -> None:
    """Writes the snapshots in the place of those in the clone."""
    for path in (clone / snapshots.KEPT).rglob("*.txt"):
        path.unlink()
    for path, text in now.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def accept(path: Path, executed: dict[str, Any]) -> None:
    """Writes the executed notebook in the place of the one in the clone; as a whole or not at all."""
    import nbformat

    executed["metadata"]["language_info"] = {"name": "python"}
    part = path.with_suffix(".part")
    nbformat.write(nbformat.from_dict(executed), part)
    part.replace(path)


def refuse_outside_clone() -> None:
    """Nothing in a clone; raises RunError elsewhere: outputs are reviewed and committed."""
    if not (schema.default_root("notebooks").parent / "pyproject.toml").exists():
        raise RunError("baseline: allowed: in a clone only, where the outputs can be committed")


def refuse_other_data(root: Path, chapter_id: str, check: bool) -> None:
    """Nothing for the clone's own chapter and data, or where nothing is to be accepted; raises RunError for others."""
    if not check and (chapter_id != DEFAULT or root != schema.choose_root(schema.default_root("data"))):
        raise RunError(
            f"baseline: {chapter_id!r} in {root.name}: allowed: with --check only; outputs are of our own data"
        )


def _execute(path: Path, root: Path, chapter_id: str) -> dict[str, Any]:
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    nb = nbformat.read(path, as_version=4)
    own = [cell.source for cell in nb.cells]
    for cell in nb.cells if chapter_id != DEFAULT else []:
        cell.source = cell.source.replace(f'chapter_id: str = "{DEFAULT}"', f"chapter_id: str = {chapter_id!r}")
    here = {"metadata": {"path": str(path.parent)}}
    with local_kernel() as config, _environment(MALI_DATA=str(root)):
        client = NotebookClient(
            nb, kernel_name="python3", record_timing=False, store_widget_state=False, resources=here, config=config
        )
        try:
            client.execute()
        except CellExecutionError as failure:
            ran = len([cell for cell in nb.cells if cell.get("execution_count")])
            raise RunError(tell_failure(path.stem, ran, failure)) from failure
    for cell, source in zip(nb.cells, own, strict=True):
        cell.source = source
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_MIME, None)  # controls live as long as their kernel; their text stays
    return nb


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ |= values
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _list_items(cell: Cell) -> list[Item]:
    items = []
    for output in cell.get("outputs", []):
        data = dict(output.get("data", {}))
        text = output.get("text") or data.get("text/plain") or output.get("evalue") or ""
        picture = _whole(data.pop("image/svg+xml", ""))
        kind = "headline" if HEADLINE_MIME in data else "chart" if picture else "output"
        kind = "table" if kind == "output" and "<table" in data.get("text/html", "") else kind
        items.append(Item(kind, _whole(text), json.dumps(data, sort_keys=True), picture))
    return items


def _whole(text: Any) -> str:
    return "".join(text) if isinstance(text, list) else str(text)


def _pair(before: list[Item], after: list[Item]) -> Iterator[tuple[Item | None, Item | None]]:
    for kind, *ends in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            pairs = zip_longest(before[ends[0] : ends[1]], after[ends[2] : ends[3]])
            yield from (pair for pair in pairs if not _look_alike(*pair))


def _look_alike(before: Item | None, after: Item | None) -> bool:
    """Whether two things differ in nothing but where a hair's breadth of a drawing lies."""
    if before is None or after is None or replace(before, picture="") != replace(after, picture=""):
        return False
    return bool(before.picture) and not find_difference(before.picture, after.picture)


def write_page(changes: list[Change], page: Path) -> None:
    """All changes on a page, before on the left and after on the right; charts as pictures."""
    rows = "".join(
        f"<h2>{escape(c.notebook)}, cell {escape(c.cell)}: {c.kind}</h2>"
        f'<div class="pair"><div>{_show(c.before)}</div><div>{_show(c.after)}</div></div>'
        for c in changes
    )
    style = "body{font:1rem/1.5 system-ui;margin:1rem}.pair{display:grid;grid-template-columns:1fr 1fr;gap:1rem}"
    style += "pre{white-space:pre-wrap}img{width:100%;border:1px solid #999}"
    title = "What the notebooks would show: before and after"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{style}</style>'
        f"<h1>{title}</h1>{rows or '<p>Nothing would change.</p>'}</html>\n",
        encoding="utf-8",
    )


def _show(item: Item | None) -> str:
    if item is None:
        return "<p>nothing</p>"
    if item.picture:
        source = base64.b64encode(item.picture.encode()).decode()
        return f'<img alt="{escape(item.text)}" src="data:image/svg+xml;base64,{source}">'
    return f"<pre>{escape(item.text)}</pre>"
