"""Notebook Jobs of JupyterLab, run by our runner; ``jupyter_config/jupyter_server_config.json`` turns it on.

jupyter-scheduler gives every job a process, a folder with a copy of the notebook, and its parameters as text.
"""

from __future__ import annotations

import ast
import contextlib
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from jupyter_scheduler.executors import DefaultExecutionManager

from mali_analysis.chapter import Chapter, load_chapter
from mali_analysis.coding import package, schema
from mali_analysis.errors import RunError
from mali_analysis.runs import processes, scratch
from mali_analysis.runs.cells import Cell, number_cell, read_authors, read_cells
from mali_analysis.runs.declared import Parameter, read_parameters
from mali_analysis.runs.kernels import as_template, local_kernel, tell_failure
from mali_analysis.runs.plans import Job, check_values, plan_job


class NotebookJobs(DefaultExecutionManager):
    """Runs one job: a notebook about a report as the command line would, any other through Papermill as it is."""

    def execute(self) -> None:
        """Runs the notebook in the job's folder and writes what was asked for, of a failed notebook too.

        Raises ParameterError before anything runs, and RunError where a cell fails.
        """
        source, model = Path(self.staging_paths["input"]).resolve(), self.model
        root = schema.choose_root()
        executed = Path(scratch.folder()) / "executed.ipynb"
        declared, formats = find_declared(source), list(model.output_formats or [])
        scratch.sweep()
        with contextlib.chdir(source.parent):
            if declared:
                job = plan_job(source, declared, model.parameters or {})
                processes.warm_up(root)
                check_values([job], root)
                (done,) = processes.execute_here([job], {job.name: executed}, root, workers=1)
                error = done.error
            else:
                error = execute_other(source, read_literals(model.parameters or {}), executed)
            self.add_side_effects_files(str(source.parent))
        if executed.exists():
            nb = nbformat.read(executed, 4)
            if declared and "html" in formats:
                formats.remove("html")
                page = render_alone(read_cells(executed), job, load_chapter(job.chapter_id, root), error)
                Path(self.staging_paths["html"]).write_text(page, encoding="utf-8")
            self.create_output_files(model.copy(update={"output_formats": formats}), nb)
        if error:
            raise RunError(error)

    def on_failure(self, e: Exception) -> None:
        """Marks the job as failed; its message is what the command line would print, on one line."""
        super().on_failure(RunError("; ".join(str(e).splitlines()) or e.__class__.__name__))

    def validate(cls, input_path: str) -> bool:  # called on the class, with the class as its argument
        """Whether the notebook can be read."""
        try:
            nbformat.read(input_path, 4)
        except Exception:  # nbformat raises whatever a file's content leads to
            return False
        return True


def find_declared(notebook: Path) -> dict[str, Parameter]:
    """The parameters of a notebook about a report, by name; none for any other, whatever language it is in."""
    try:
        declared = read_parameters(notebook)
    except (KeyError, SyntaxError, TypeError, ValueError):
        return {}
    return declared if "chapter_id" in declared else {}


def read_literals(given: Mapping[str, Any]) -> dict[str, Any]:
    """The values for a notebook that declares no types: text that is a Python literal as its value, else as text."""
    return {name: _literal(value) if isinstance(value, str) else value for name, value in given.items()}


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (SyntaxError, TypeError, ValueError):
        return text


def execute_other(notebook: Path, values: dict[str, Any], target: Path) -> str:
    """Runs a notebook with the kernel that it names; returns what went wrong, or nothing."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    logging.getLogger("papermill").setLevel(logging.ERROR)
    with local_kernel() as config:
        try:
            papermill.execute_notebook(
                as_template(notebook), as_template(target), values, progress_bar=False, config=config
            )
        except PapermillExecutionError as failure:
            return tell_failure(notebook.stem, number_cell(notebook, target, failure.cell_index), failure)
    return ""


def render_alone(cells: list[Cell], job: Job, chapter: Chapter, error: str = "") -> str:
    """An executed notebook as a page that needs no other: the chapter, which its references open, is its last part."""
    from mali_analysis import citing
    from mali_analysis.runs import abbreviations, cache, pages

    title, versions = pages.title_of(cells, job.notebook.stem), cache.versions()
    text = pages.render_chapter(chapter, pages.headlines_of(cells, job.notebook.stem), lambda body, **_: body)
    text = text.replace("<h1>", '<h2 id="chapter">').replace("</h1>", "</h2>")

    def render(body: str, headings: list[tuple[str, str]], **context: Any) -> str:
        whole = re.sub(r'href="[^":#]*\.html#', 'href="#', body + text)
        return pages.template()(body=whole, headings=[*headings, ("chapter", "The chapter")], **context)

    context: dict[str, Any] = {
        "title": title, "here": "", "pages": [], "source": chapter.source, "parameters": job.parameters,
        "data_sha256": package.hash_data(chapter.root, chapter.chapter_id), "versions": versions,
        "names": abbreviations.names_of(chapter),
        "citing": citing.cite_page(
            title, chapter.facts, versions.get("mali-analysis", ""), datetime.now(UTC), read_authors(job.notebook)
        ),
    }  # fmt: skip
    if error:
        return pages.render_error(cells, error, render, **context)
    return pages.render_notebook(cells, render, **context)
