"""What was chosen in the explorer, to be handed on: as Python, as a command, as an entry of a plan, as a job."""

from __future__ import annotations

import json
import os
import shlex
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mali_analysis.chapter import Chapter
from mali_analysis.coding.package import DEFAULT
from mali_analysis.coding.schema import choose_root, default_root
from mali_analysis.errors import MaliError
from mali_analysis.parameters import find_faults
from mali_analysis.runs.declared import read_parameters, write_yaml
from mali_analysis.runs.plans import list_notebooks

LISTS = {
    "kind": "kinds", "section": "sections", "party": "parties", "place": "places", "level": "levels",
    "status": "statuses", "verdict": "verdicts",
}  # fmt: skip
"""Choices of the explorer, and the arguments of ``records.select_records`` that take them."""
DAYS = ["start", "end"]

MARKS = {
    "incidents": "event_types", "phases": "event_types", "trends": "event_types", "judgments": "event_types",
    "status_spells": "partners", "findings": "groups",
}  # fmt: skip
"""The parameter that tells the notebook about a kind of record from all others."""
CARRIES = {
    "section": ["sections"], "party": ["actors", "partners", "agencies"], "place": ["places"],
    "verdict": ["verdicts"], "start": ["start"], "end": ["end", "as_of"],
}  # fmt: skip
"""Choices of the explorer, and the parameters of notebooks that can take them."""


class HandOnError(MaliError):
    """What was chosen cannot be handed on in this way."""


@dataclass(frozen=True)
class Run:
    """A notebook with parameters that come nearest to a choice, and what of the choice they cannot say."""

    notebook: str
    parameters: dict[str, Any]
    left_out: list[str]


def select_arguments(choice: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of ``records.select_records`` for a choice; what is empty asks nothing."""
    lists: dict[str, Any] = {argument: [choice[name]] for name, argument in LISTS.items() if choice.get(name)}
    return lists | {name: choice[name] for name in DAYS if choice.get(name)}


def as_code(chapter: Chapter, choice: Mapping[str, str]) -> str:
    """The line of Python that selects the same records."""
    told = "".join(f", {name}={_quote(value)}" for name, value in select_arguments(choice).items())
    data = "" if chapter.root == default_root("data") else f", data={_quote(str(chapter.root))}"
    return f"mali.records.select_records(mali.load_chapter({_quote(chapter.chapter_id)}{data}){told})"


def _quote(value: Any) -> str:
    """A text, or a list of them, as Python has it, in the quotation marks of code."""
    return json.dumps(value, ensure_ascii=False)


def find_run(chapter: Chapter, choice: Mapping[str, str]) -> Run:
    """The notebook that says most of a choice, with its parameters."""
    best: Run | None = None
    for name, path in list_notebooks().items():
        declared = read_parameters(path)
        if choice.get("kind") in MARKS and MARKS[choice["kind"]] not in declared:
            continue
        run = _carry(chapter, choice, name, set(declared))
        if best is None or len(run.left_out) < len(best.left_out):
            best = run
    if best is None:
        raise HandOnError(f"no notebook takes {choice.get('kind')!r}: allowed: another subject")
    return best


def _carry(chapter: Chapter, choice: Mapping[str, str], notebook: str, declared: set[str]) -> Run:
    given: dict[str, Any] = {} if chapter.chapter_id == DEFAULT else {"chapter_id": chapter.chapter_id}
    left = []
    for name, value in choice.items():
        if not value or name == "kind":
            continue
        takers = [parameter for parameter in CARRIES.get(name, []) if parameter in declared]
        found = {p: value if p in ("start", "end", "as_of") else [value] for p in takers}
        good = {p: v for p, v in found.items() if not find_faults(chapter, {p: v})}
        given |= good
        left += [] if good else [name]
    return Run(notebook, given, left)


def as_command(chapter: Chapter, choice: Mapping[str, str]) -> str:
    """The command that runs the notebook."""
    run = find_run(chapter, choice)
    words = ["mali-analysis", "run", run.notebook]
    for name, value in run.parameters.items():
        words += ["-p", name, ",".join(value) if isinstance(value, list) else value]
    words += [] if chapter.root == default_root("data") else ["--data", str(chapter.root)]
    return shlex.join(words)


def as_plan_entry(chapter: Chapter, choice: Mapping[str, str]) -> str:
    """The same as an entry of a plan, for ``mali-analysis run --plan``."""
    run = find_run(chapter, choice)
    return write_yaml([{"notebook": run.notebook, "parameters": run.parameters}])


def post_job(chapter: Chapter, choice: Mapping[str, str]) -> str:
    """Sends the run to the Notebook Jobs of the JupyterLab that this kernel belongs to; returns the job's id.

    Raises HandOnError where there is no such server, it has no Notebook Jobs, or the notebook is not below its folder.
    """
    run, server = find_run(chapter, choice), _find_server()
    if chapter.root != choose_root():
        raise HandOnError(f"data folder {chapter.root.name!r}: allowed: the one of JupyterLab, {choose_root().name!r}")
    notebook, root = list_notebooks()[run.notebook].resolve(), Path(server["root_dir"]).resolve()
    if not notebook.is_relative_to(root):
        raise HandOnError(f"notebook {run.notebook}: allowed: JupyterLab opened on a folder that holds it")
    environments = _ask(server, "scheduler/runtime_environments")
    body = {
        "name": run.notebook,
        "input_uri": notebook.relative_to(root).as_posix(),
        "runtime_environment_name": environments[0]["name"],
        "output_formats": ["ipynb", "html"],
        "parameters": {n: ",".join(v) if isinstance(v, list) else str(v) for n, v in run.parameters.items()},
    }
    return str(_ask(server, "scheduler/jobs", body)["job_id"])


def _find_server() -> dict[str, Any]:
    """The Jupyter server that started this kernel."""
    from jupyter_server.serverapp import list_running_servers

    running = list(list_running_servers())
    own = [server for server in running if str(server.get("pid")) == os.environ.get("JPY_PARENT_PID")]
    if not own:
        raise HandOnError("no JupyterLab goes with this kernel: allowed: a notebook that is open in JupyterLab")
    return dict(own[0])


def _ask(server: Mapping[str, Any], path: str, body: Mapping[str, Any] | None = None) -> Any:
    request = urllib.request.Request(
        f"{server['url']}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"token {server['token']}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        told = "Notebook Jobs are not installed" if error.code == 404 else f"the server says {error.code}"
        raise HandOnError(f"{told}: allowed: JupyterLab with jupyter-scheduler") from error
    except OSError as error:
        raise HandOnError(f"the server does not answer: allowed: a JupyterLab that runs ({error})") from error
