"""What a command line or a plan asks for, as jobs: a notebook with the parameters that it is to be given."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from mali_analysis.coding import schema
from mali_analysis.coding.package import DEFAULT
from mali_analysis.errors import RunError
from mali_analysis.parameters import ParameterError, find_faults
from mali_analysis.runs.declared import Parameter, is_of_type, read_parameters, read_value, read_yaml

LONGEST = 140
"""Bytes of a job's name that make a file name with room for what is added to it."""

_UNFIT = '/\\<>:"|?*'
"""Signs that one system or another does not have in the name of a file."""


@dataclass(frozen=True)
class Job:
    """One notebook with the parameters that it is to be given; ``changed`` are those that differ from its defaults.

    ``apart`` jobs belong to a run over several chapters: the chapter's folder tells them apart, not their name.
    """

    notebook: Path
    parameters: dict[str, Any]
    changed: dict[str, Any] = field(default_factory=dict)
    apart: bool = False

    @property
    def chapter_id(self) -> str:
        """The chapter that it is about."""
        return str(self.parameters.get("chapter_id", DEFAULT))

    @property
    def own_name(self) -> str:
        """The notebook's name and each changed parameter, fit for a file name.

        One that is too long is cut; that, and whatever cannot stand there as it is, has a checksum at the end.
        """
        told = {name: value for name, value in self.changed.items() if not (self.apart and name == "chapter_id")}
        extras = [f"--{name}={_plain(value)}" for name, value in sorted(told.items())]
        fit = "".join(sign if sign.isprintable() and sign not in _UNFIT else "_" for sign in "".join(extras))
        written = f"{self.notebook.stem}{fit}".encode("utf-8", "surrogatepass")
        if len(written) <= LONGEST and all(_is_plain(value) for value in told.values()):
            return self.notebook.stem + fit
        digest = hashlib.sha256(json.dumps([self.notebook.stem, told], sort_keys=True).encode()).hexdigest()
        return f"{written[:LONGEST].decode(errors='ignore')}~{digest[:8]}"

    @property
    def name(self) -> str:
        """What tells it from all other jobs of a run: its own name, in its chapter's folder where it has one."""
        return f"{self.chapter_id}/{self.own_name}" if self.apart else self.own_name


def list_notebooks() -> dict[str, Path]:
    """The notebooks that can be run, by name."""
    return {path.stem: path for path in sorted(schema.default_root("notebooks").glob("*.ipynb"))}


def list_beside() -> dict[str, Path]:
    """The notebooks for JupyterLab alone, by name: they stand in a folder ``lab`` beside the others."""
    folders = dict.fromkeys(path.parent / "lab" for path in list_notebooks().values())
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.ipynb"))}


def choose_notebooks(names: Sequence[str], beside: bool = False) -> dict[str, Path]:
    """The notebooks of these names, all if there are none, ``beside`` with those for JupyterLab alone.

    Raises RunError for one that is not known.
    """
    known = list_notebooks() | (list_beside() if beside else {})
    for name in names:
        if name not in known:
            raise RunError(f"notebook {name!r}: allowed: {', '.join(known)}")
    return {name: known[name] for name in names or known}


def plan_jobs(
    names: list[str], given: list[tuple[str, str]], plan: Path | None, all_chapters: Sequence[str] = ()
) -> list[Job]:
    """The jobs of a command line, checked against what the notebooks declare; ``check_values`` looks at the data.

    ``all_chapters`` are those that every job is to be done for; none: each is about the chapter its parameters name.
    Raises RunError for an unknown notebook or a plan that is none, ParameterError for parameters.
    """
    chosen, known = choose_notebooks(names), list_notebooks()
    entries = _read_plan(plan, known) if plan else [(name, {}) for name in chosen]
    entries = [(name, values) for name, values in entries if name in chosen]
    if not entries:
        raise RunError(f"plan {plan}: allowed: an entry for {' or '.join(chosen)}")
    declared = read_all({name: known[name] for name, _ in entries})
    faults = []
    for name, _ in given:
        if not any(name in parameters for parameters in declared.values()):
            allowed = sorted({p for parameters in declared.values() for p in parameters})
            faults.append(f"parameter {name!r}: allowed for {', '.join(declared)}: {', '.join(allowed)}")
    if all_chapters:
        if "chapter_id" in {name for name, _ in given} | {name for _, values in entries for name in values}:
            faults.append("parameter 'chapter_id': allowed: without --all-chapters only")
        entries = [(name, values | {"chapter_id": own}) for own in all_chapters for name, values in entries]
    jobs = []
    for notebook, planned in entries if not faults else []:
        values = planned | {name: text for name, text in given if name in declared[notebook]}
        try:
            jobs.append(plan_job(known[notebook], declared[notebook], values))
        except ParameterError as error:
            faults.append(str(error))
    if faults:
        raise ParameterError("\n".join(dict.fromkeys(faults)))
    if all_chapters or len({job.chapter_id for job in jobs}) > 1:
        jobs = [replace(job, apart=True) for job in jobs]
    return list({job.name: job for job in jobs}.values())


def read_all(notebooks: Mapping[str, Path]) -> dict[str, dict[str, Parameter]]:
    """The parameters of each notebook by its name. Raises RunError with a line for each that cannot be read."""
    found, faults = {}, []
    for name, path in notebooks.items():
        try:
            found[name] = read_parameters(path)
        except RunError as error:
            faults.append(str(error))
    if faults:
        raise RunError("\n".join(faults))
    return found


def plan_job(notebook: Path, declared: Mapping[str, Parameter], given: Mapping[str, Any]) -> Job:
    """One notebook with the values given, text read by the declared types; raises ParameterError with all faults."""
    faults = [f"parameter {name!r}: allowed: {', '.join(declared)}" for name in given if name not in declared]
    values = {}
    for name, parameter in declared.items():
        if name in given:
            value = given[name]
            values[name] = read_value(value, parameter) if isinstance(value, str) else value
            if not is_of_type(values[name], parameter):
                faults.append(f"parameter {name}: value {value!r}: allowed: a value of type {parameter.type}")
    if faults:
        raise ParameterError("\n".join(f"{notebook.stem}: {fault}" for fault in faults))
    changed = {name: value for name, value in values.items() if value != declared[name].default}
    return Job(notebook, {name: parameter.default for name, parameter in declared.items()} | values, changed)


def check_values(jobs: list[Job], root: Path) -> None:
    """Nothing, if each job's chapter is there and its values are such as the chapter allows.

    Raises ParameterError with a line for each value that is not, and DataError.
    """
    from mali_analysis.chapter import load_chapter

    faults = []
    for chapter_id in dict.fromkeys(job.chapter_id for job in jobs):
        chapter = load_chapter(chapter_id, root)
        for job in [job for job in jobs if job.chapter_id == chapter_id]:
            about = f"{job.notebook.stem} ({chapter_id})" if job.apart else job.notebook.stem
            faults += [f"{about}: {fault}" for fault in find_faults(chapter, job.parameters)]
    if faults:
        raise ParameterError("\n".join(dict.fromkeys(faults)))


def choose_output(jobs: list[Job], everything: bool) -> Path:
    """Where a run goes by default: ``build/report`` for all notebooks as they are, else a folder of its own."""
    changed = [name for job in jobs for name in job.changed if not (job.apart and name == "chapter_id")]
    if everything and not changed:
        return Path("build/runs/all-chapters" if jobs[0].apart else "build/report")
    if len(jobs) == 1 and not jobs[0].apart:
        return Path("build/runs") / jobs[0].name
    digest = hashlib.sha256("|".join(job.name for job in jobs).encode()).hexdigest()[:8]
    return Path("build/runs") / f"{len(jobs)}-jobs-{digest}"


def _read_plan(path: Path, known: dict[str, Path]) -> list[tuple[str, dict[str, Any]]]:
    try:
        entries = read_yaml(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise RunError(f"plan {path}: {error.strerror}: allowed: a file that can be read") from error
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        told = " ".join(str(error).split()) or error.__class__.__name__
        raise RunError(f"plan {path}: {told}: allowed: a readable YAML list") from error
    if not isinstance(entries, list) or not entries:
        raise RunError(f"plan {path}: allowed: a list of entries with notebook, parameters and sweep")
    found = []
    for number, entry in enumerate(entries, 1):
        keys = {"notebook", "parameters", "sweep"}
        if not isinstance(entry, dict) or set(entry) - keys or str(entry.get("notebook")) not in known:
            given = entry.get("notebook") if isinstance(entry, dict) else entry
            allowed = f"notebook of {', '.join(known)}, parameters, sweep"
            raise RunError(f"plan {path}: entry {number}: {given!r}: allowed: {allowed}")
        fixed, sweep = entry.get("parameters") or {}, entry.get("sweep") or {}
        for key, mapping in (("parameters", fixed), ("sweep", sweep)):
            if not isinstance(mapping, dict):
                raise RunError(f"plan {path}: entry {number}: {key}: {mapping!r}: allowed: names and their values")
        for name, values in sweep.items():
            if not isinstance(values, list) or not values:
                raise RunError(f"plan {path}: entry {number}: sweep {name}: {values!r}: allowed: a list of values")
        for combination in itertools.product(*sweep.values()):
            values = fixed | dict(zip(sweep, combination, strict=True))
            found.append((entry["notebook"], values))
    return found


def _plain(value: Any) -> str:
    return "+".join(map(str, value)) or "all" if isinstance(value, list) else str(value)


def _is_plain(value: Any) -> bool:
    """Whether a value stands in a job's name just as it is, and no other value is written like that."""
    if isinstance(value, list):
        return value != ["all"] and all(isinstance(item, (str, int)) and _is_plain(item) for item in value)
    text = str(value)
    return not isinstance(value, str) or bool(re.fullmatch(r"[a-z0-9_.-]+", text)) and "--" not in text
