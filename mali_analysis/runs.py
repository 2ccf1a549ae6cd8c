"""Runs: notebooks with parameters through Papermill, pages from them, put in place as a whole or not at all."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import yaml
from tqdm import tqdm

from mali_analysis import pages, schema
from mali_analysis.parameters import Parameter, ParameterError, find_faults, normalise, read_parameters, read_value
from mali_analysis.report import Report, load_report

VERSIONED = ["mali-analysis", "papermill", "pandas", "matplotlib", "seaborn"]


class RunError(ValueError):
    """A run that cannot begin: an unknown notebook, a plan or an output folder that will not do."""


@dataclass(frozen=True)
class Job:
    """One notebook with the parameters that it is to be given; ``changed`` are those that differ from its defaults."""

    notebook: Path
    parameters: dict[str, Any]
    changed: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The notebook's name and each changed parameter, fit for a file name."""
        extras = [f"--{name}={_plain(value)}" for name, value in sorted(self.changed.items())]
        return self.notebook.stem + "".join(extras).replace("/", "_")


@dataclass(frozen=True)
class Done:
    """What became of a job: its record for ``run.json``, and the error where it failed."""

    job: str
    notebook: str
    parameters: dict[str, Any]
    status: str
    seconds: float
    error: str = ""


def list_notebooks() -> dict[str, Path]:
    """The notebooks that can be run, by name."""
    return {path.stem: path for path in sorted(schema.default_root("notebooks").glob("*.ipynb"))}


def plan_jobs(names: list[str], given: list[tuple[str, str]], plan: Path | None, data: Path | None) -> list[Job]:
    """The jobs of a command line, checked against what the notebooks declare and the data hold.

    Raises RunError for an unknown notebook or a plan that is none, ParameterError for parameters, DataError for data.
    """
    known = list_notebooks()
    for name in names:
        if name not in known:
            raise RunError(f"notebook {name!r}: allowed: {', '.join(known)}")
    entries = _read_plan(plan, known) if plan else [(name, {}) for name in names or known]
    if plan and names:
        entries = [(name, values) for name, values in entries if name in names]
    declared = {name: read_parameters(known[name]) for name, _ in entries}
    faults = []
    for name, _ in given:
        if not any(name in parameters for parameters in declared.values()):
            allowed = sorted({p for parameters in declared.values() for p in parameters})
            faults.append(f"parameter {name!r}: allowed for {', '.join(declared)}: {', '.join(allowed)}")
    jobs = []
    reports: dict[str, Report] = {}
    for notebook, planned in entries if not faults else []:
        parameters = declared[notebook]
        values = dict(planned) | {n: read_value(text, parameters[n]) for n, text in given if n in parameters}
        faults += [f"{notebook}: {fault}" for fault in _unfit(values, parameters)]
        whole = {name: p.default for name, p in parameters.items()} | values
        if faults:
            continue
        report_id = whole.get("report_id", "mali-2020")
        report = reports.setdefault(report_id, load_report(report_id, data))
        faults += [f"{notebook}: {fault}" for fault in find_faults(report, whole)]
        changed = {name: value for name, value in values.items() if value != parameters[name].default}
        jobs.append(Job(known[notebook], whole, changed))
    if faults:
        raise ParameterError("\n".join(dict.fromkeys(faults)))
    return list({job.name: job for job in jobs}.values())


def choose_output(jobs: list[Job], everything: bool) -> Path:
    """Where a run goes by default: ``build/report`` for all notebooks as they are, else a folder of its own."""
    if everything and not any(job.changed for job in jobs):
        return Path("build/report")
    name = (
        jobs[0].name
        if len(jobs) == 1
        else f"{len(jobs)}-jobs-" + schema.hashlib.sha256("|".join(j.name for j in jobs).encode()).hexdigest()[:8]
    )
    return Path("build/runs") / name


def run(jobs: list[Job], output: Path, workers: int, data: Path | None = None) -> list[Done]:
    """Runs the jobs and puts report and manifest in place; returns what became of each.

    A run with a failed job goes to ``<output>.failed`` and leaves the last good one where it is. Raises RunError where
    ``output`` cannot be written or is a folder that is not a report of ours.
    """
    output = Path(os.path.abspath(output))
    _refuse_output(output)
    started = datetime.now(UTC)
    root = (data or schema.default_root("data")).resolve()
    staging = output.with_name(f".{output.name}.{started:%Y%m%dT%H%M%S}.{os.getpid()}")
    (staging / "notebooks").mkdir(parents=True)
    try:
        done = _execute(jobs, staging, workers, root)
        report = load_report(jobs[0].parameters.get("report_id", "mali-2020"), root)
        _write(staging, jobs, done, report, root, started)
        failed = any(d.status == "failed" for d in done)
        _put_in_place(staging, output.with_name(output.name + ".failed") if failed else output)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    return done


def execute(job: Job, target: Path, root: Path) -> Done:
    """One job through Papermill in a kernel of its own, on the data in ``root``; the notebook goes to ``target``.

    Meant for a process of its own: it sets that process's environment for the kernel.
    """
    os.environ["MALI_DATA"] = str(root)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import logging

    import papermill
    from papermill.exceptions import PapermillExecutionError

    logging.getLogger("papermill").setLevel(logging.ERROR)
    begun, error = time.perf_counter(), ""
    try:
        with _local_kernel() as config:
            papermill.execute_notebook(
                str(job.notebook), str(target), parameters=job.changed, kernel_name="python3", progress_bar=False,
                log_output=False, config=config,
            )  # fmt: skip
    except PapermillExecutionError as failure:
        error = (
            f"{job.name}: cell {failure.cell_index + 1}: {failure.ename}: {str(failure.evalue).strip().splitlines()[0]}"
        )
    except Exception as failure:  # a kernel that dies or does not start fails its job, not the run
        error = f"{job.name}: {failure.__class__.__name__}: {str(failure).strip().splitlines()[0]}"
    seconds = round(time.perf_counter() - begun, 2)
    return Done(job.name, job.notebook.stem, job.parameters, "failed" if error else "ok", seconds, error)


@contextmanager
def _local_kernel() -> Iterator[Any]:
    """Settings for a kernel over local sockets: TCP ports can collide, and others on the machine can listen.

    The sockets need a folder of their own: jupyter_client's default name is the same for all kernels of a folder.
    """
    from traitlets.config import Config

    with tempfile.TemporaryDirectory(prefix="mali-") as folder:
        yield Config({"KernelManager": {"transport": "ipc", "ip": f"{folder}/k"}} if os.name == "posix" else {})


def accept(names: list[str]) -> list[Path]:
    """Executes notebooks as they are and writes the outputs into them, to be reviewed and committed."""
    import nbformat
    from nbclient import NotebookClient

    known = list_notebooks()
    chosen = [known[name] if name in known else _unknown(name, known) for name in names or known]
    for path in tqdm(chosen, unit="notebook", file=sys.stderr, disable=not sys.stderr.isatty()):
        nb = nbformat.read(path, as_version=4)
        here = {"metadata": {"path": str(path.parent)}}
        with _local_kernel() as config:
            NotebookClient(nb, kernel_name="python3", record_timing=False, resources=here, config=config).execute()
        nb.metadata["language_info"] = {"name": "python"}
        nbformat.write(nb, path)
    return chosen


def _unknown(name: str, known: dict[str, Path]) -> Path:
    raise RunError(f"notebook {name!r}: allowed: {', '.join(known)}")


def _unfit(values: dict[str, Any], parameters: dict[str, Parameter]) -> list[str]:
    faults = [f"parameter {name!r}: allowed: {', '.join(parameters)}" for name in values if name not in parameters]
    for name, value in values.items():
        kind = parameters[name].type.partition("[")[0] if name in parameters else ""
        if kind and type(value).__name__ != kind:
            faults.append(f"parameter {name}: value {value!r}: allowed: a value of type {parameters[name].type}")
    return faults


def _read_plan(path: Path, known: dict[str, Path]) -> list[tuple[str, dict[str, Any]]]:
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RunError(f"plan {path}: {str(error).splitlines()[0]}: allowed: a readable YAML list") from error
    if not isinstance(entries, list) or not entries:
        raise RunError(f"plan {path}: allowed: a list of entries with notebook, parameters and sweep")
    found = []
    for number, entry in enumerate(entries, 1):
        if (
            not isinstance(entry, dict)
            or set(entry) - {"notebook", "parameters", "sweep"}
            or entry.get("notebook") not in known
        ):
            given = entry.get("notebook") if isinstance(entry, dict) else entry
            raise RunError(
                f"plan {path}: entry {number}: {given!r}: allowed: notebook of {', '.join(known)}, parameters, sweep"
            )
        sweep = entry.get("sweep") or {}
        for name, values in sweep.items():
            if not isinstance(values, list):
                raise RunError(f"plan {path}: entry {number}: sweep {name}: {values!r}: allowed: a list")
        fixed = entry.get("parameters") or {}
        for combination in itertools.product(*sweep.values()):
            values = fixed | dict(zip(sweep, combination, strict=True))
            found.append((entry["notebook"], {name: normalise(value) for name, value in values.items()}))
    return found


def _refuse_output(output: Path) -> None:
    if output.exists() and not (output / "run.json").is_file():
        raise RunError(f"output {output}: allowed: a new folder or an earlier report; this is neither, so it stays")
    parent = output.parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        probe = parent / f".{output.name}.{os.getpid()}.probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise RunError(f"output {output}: {error.strerror}: allowed: a folder that can be written") from error


def _execute(jobs: list[Job], staging: Path, workers: int, root: Path) -> list[Done]:
    done: dict[str, Done] = {}
    targets = {job.name: staging / "notebooks" / f"{job.name}.ipynb" for job in jobs}
    with (
        ProcessPoolExecutor(min(workers, len(jobs)), mp_context=get_context("spawn")) as pool,
        tqdm(total=len(jobs), unit="notebook", file=sys.stderr) as bar,
    ):
        futures = {pool.submit(execute, job, targets[job.name], root): job for job in jobs}
        for future in as_completed(futures):
            result = future.result()
            done[result.job] = result
            failed = sum(d.status == "failed" for d in done.values())
            bar.set_postfix_str(f"{failed} failed" if failed else result.job)
            bar.update()
    return [done[job.name] for job in jobs]


def _write(staging: Path, jobs: list[Job], done: list[Done], report: Report, root: Path, started: datetime) -> None:
    import nbformat

    render = pages.template()
    versions = {name: version(name) for name in VERSIONED}
    data_sha256 = schema.hash_data(root)
    books = {d.job: nbformat.read(path, 4) for d in done if (path := staging / "notebooks" / f"{d.job}.ipynb").exists()}
    found = [pages.Page(f"{name}.html", pages.title_of(nb, name), _short(name)) for name, nb in books.items()]
    chapter = pages.Page("chapter.html", "The chapter, with every coded passage", "Chapter")
    everything = [pages.Page("index.html", pages.SITE, "Overview"), *found, chapter]
    common = {"pages": everything, "source": report.source, "data_sha256": data_sha256, "versions": versions}
    findings = []
    for job, result in zip(jobs, done, strict=True):
        if result.job not in books:
            continue
        nb, page = books[result.job], next(p for p in found if p.href == f"{result.job}.html")
        context = common | {"title": page.title, "here": page.href, "parameters": job.parameters}
        if result.error:
            html = pages.render_error(nb, result.error, render, **context)
        else:
            html = pages.render_notebook(nb, render, **context)
            findings += pages.findings_of(nb, result.job)
        (staging / page.href).write_text(html, encoding="utf-8")
    context = common | {"title": chapter.title, "here": chapter.href}
    (staging / chapter.href).write_text(pages.render_chapter(report, render, **context), encoding="utf-8")
    index = pages.render_index(
        [*found, chapter], findings, render, **common | {"title": pages.SITE, "here": "index.html"}
    )
    (staging / "index.html").write_text(index, encoding="utf-8")
    manifest = {
        "jobs": [{k: v for k, v in asdict(d).items() if k != "error" or v} for d in done],
        "data_sha256": data_sha256,
        "versions": versions,
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    for name, content in (("findings.json", findings), ("run.json", manifest)):
        (staging / name).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _short(job: str) -> str:
    stem, *extras = job.split("--")
    number, _, words = stem.partition("_")
    name = (words if number.isdigit() else stem).replace("_", " ").capitalize()
    return name + (f" ({', '.join(extras)})" if extras else "")


def _put_in_place(staging: Path, output: Path) -> None:
    """Points the link ``output`` at the new folder in one step, then clears away the old one."""
    before = output.resolve() if output.is_symlink() else None
    if output.is_dir() and not output.is_symlink():
        before = output.with_name(f".{output.name}.before.{os.getpid()}")
        output.rename(before)
    link = output.with_name(f".{output.name}.{os.getpid()}.link")
    link.symlink_to(staging.name)
    link.replace(output)
    if before:
        shutil.rmtree(before, ignore_errors=True)


def _plain(value: Any) -> str:
    return "+".join(map(str, value)) or "all" if isinstance(value, list) else str(value)
