"""What notices a fault: validation, what the notebooks and the chapter's page show, or the snapshot of tables alone.

All in one process and without a kernel; charts are taken by what they draw, as pictures are compared elsewhere.
"""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import matplotlib.pyplot as plt
import nbformat

import mali_analysis as mali
from mali_analysis import charts
from mali_analysis.chapter import Chapter, load_chapter
from mali_analysis.coding.checks import read_package
from mali_analysis.coding.schema import DataError, read_schema
from mali_analysis.runs.chapter_page import render_chapter
from mali_analysis.runs.plans import list_beside, list_notebooks
from mali_analysis.runs.snapshots import write_tables
from mutants.alter import Mutant, apply, read_rows, write_rows

NOTICED = ("validation", "a headline, table, chart or page", "the snapshot alone", "nothing")


class Judge:
    """A copy of a data folder into which one fault after the other is put; ``folder`` is for the copy."""

    def __init__(self, data: Path, chapter_id: str, folder: Path) -> None:
        self.chapter_id = chapter_id
        self.root = Path(shutil.copytree(data, folder / "data"))
        self.rows = read_rows(self.root, chapter_id)
        whole = load_chapter(chapter_id, self.root)
        self.text = whole.text
        self.shown = {name: list(show(name, whole)) for name in names()}
        self.page = show_page(whole)
        self.snapshot = write_tables(whole)
        self.coded = {name for name, described in read_schema(self.root).items() if described.kind == "chapter"}
        self.last: dict[str, dict[str, int]] = {}

    def judge(self, mutant: Mutant) -> tuple[str, str]:
        """What notices it first, one of ``NOTICED``; and where, in few words."""
        rows = self.rows[mutant.table]
        write_rows(self.root, self.chapter_id, mutant.table, apply(mutant, rows))
        try:
            return self._judge(mutant)
        finally:
            plt.close("all")
            write_rows(self.root, self.chapter_id, mutant.table, rows)

    def _judge(self, mutant: Mutant) -> tuple[str, str]:
        try:
            read_package(self.root, self.chapter_id, whole=True)
        except DataError as error:
            return NOTICED[0], str(error.violations[0])
        chapter = load_chapter(self.chapter_id, self.root)
        seen = self.last.setdefault(mutant.table, dict.fromkeys(names(), 0))
        for name in sorted(
            reversed(names()), key=lambda name: -seen[name]
        ):  # what noticed the table's last faults goes first, else what lists all
            try:
                same = all(a == b for a, b in _pairs(self.shown[name], show(name, chapter)))
            except Exception as error:  # however a notebook breaks, its reader notices
                seen[name] += 1
                return NOTICED[1], f"{name}: {type(error).__name__}"
            if not same:
                seen[name] += 1
                return NOTICED[1], name
        if show_page(chapter) != self.page:
            return NOTICED[1], "chapter.html"
        return (NOTICED[2], "") if write_tables(chapter) != self.snapshot else (NOTICED[3], "")


def _pairs(before: list[str], after: Iterator[str]) -> Iterator[tuple[str | None, str | None]]:
    left = iter(before)
    for text in after:
        yield next(left, None), text
    yield next(left, None), None


@cache
def names() -> list[str]:
    return [*list_notebooks(), "reports"]


@cache
def _cells(name: str) -> list[tuple[Any, Any]]:
    """The code cells of a notebook, compiled: statements, and the last expression apart."""
    cells = []
    for cell in nbformat.read((list_notebooks() | list_beside())[name], 4).cells:
        if cell.cell_type == "code":
            tree = ast.parse(cell.source)
            last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
            value = compile(ast.Expression(last.value), name, "eval") if isinstance(last, ast.Expr) else None
            cells.append((compile(tree, name, "exec"), value))
    return cells


def show(name: str, chapter: Chapter, draw: Callable[[Any], charts.Picture] | None = None) -> Iterator[str]:
    """What a notebook shows of a chapter with no parameter set, one text after the other; ``draw`` (none: as a sketch)
    makes a picture of a chart.
    """
    space: dict[str, Any] = {"__name__": "__main__"}
    shown: list[Any] = []
    with (
        patch.object(mali, "load_chapter", lambda _: chapter),
        patch("IPython.display.display", lambda *things: shown.extend(things)),
        patch.object(charts, "draw", draw or _sketch),
    ):
        for statements, value in _cells(name):
            exec(statements, space)
            shown += [eval(value, space)] if value is not None else []
            yield from (_text(thing) for thing in shown if thing is not None)
            shown.clear()


def _text(thing: Any) -> str:
    """All that Jupyter is given of a thing, as nbval compares it."""
    if isinstance(thing, Chapter | charts._Behind):
        return thing._repr_html_()
    bundle = thing._repr_mimebundle_()
    return json.dumps(bundle[0] if isinstance(bundle, tuple) else bundle, sort_keys=True, default=str)


def _sketch(axes: Any) -> charts.Picture:
    """A chart by its finding and what it draws, without the picture."""
    data = charts._DATA.pop(axes.figure, None)
    plt.close(axes.figure)
    return charts.Picture("", str(axes.figure.get_label()), data)


def show_page(chapter: Chapter) -> str:
    return render_chapter(chapter, [], lambda body, **_: body)
