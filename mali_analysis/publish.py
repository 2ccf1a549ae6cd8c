"""A finished run as a folder: pages, findings, manifest, and PDF where asked for."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path
from typing import Any

from mali_analysis import browser, cache
from mali_analysis.cells import read_cells
from mali_analysis.kernels import Done
from mali_analysis.plans import Job

BRIEF, WHOLE = "00_brief", "report.pdf"


def write_report(
    folder: Path, jobs: list[Job], done: list[Done], root: Path, data_sha256: str, started: datetime,
    previous: Path | None,
) -> None:  # fmt: skip
    """Writes the pages of the notebooks in ``folder``, ``findings.json`` and ``run.json``; ``root`` holds the data.

    ``previous`` is the folder of the run before, with whose claims the index compares.
    """
    from mali_analysis import pages
    from mali_analysis.report import load_report

    report = load_report(jobs[0].parameters.get("report_id", "mali-2020"), root)
    render = pages.template()
    versions = cache.versions()
    paths = {d.job: folder / "notebooks" / f"{d.job}.ipynb" for d in done}
    books = {name: read_cells(path) for name, path in paths.items() if path.exists()}
    found = [pages.Page(f"{name}.html", pages.title_of(cells, name), short_name(name)) for name, cells in books.items()]
    chapter = pages.Page("chapter.html", "The chapter, with every coded passage", "Chapter")
    everything = [pages.Page("index.html", pages.SITE, "Overview"), *found, chapter]
    common = {"pages": everything, "source": report.source, "data_sha256": data_sha256, "versions": versions}
    findings: list[dict[str, Any]] = []
    for job, result in zip(jobs, done, strict=True):
        if result.job not in books:
            continue
        cells, page = books[result.job], next(p for p in found if p.href == f"{result.job}.html")
        context = common | {"title": page.title, "here": page.href, "parameters": job.parameters}
        if result.error:
            html = pages.render_error(cells, result.error, render, **context)
        else:
            html = pages.render_notebook(cells, render, **context)
            findings += pages.findings_of(cells, result.job)
        (folder / page.href).write_text(html, encoding="utf-8")
    context = common | {"title": chapter.title, "here": chapter.href}
    (folder / chapter.href).write_text(pages.render_chapter(report, findings, render, **context), encoding="utf-8")
    before = _read(previous / "findings.json") if previous else None
    changes = None if before is None else compare_findings(before, findings)
    context = common | {"title": pages.SITE, "here": "index.html"}
    index = pages.render_index([*found, chapter], findings, changes, render, **context)
    (folder / "index.html").write_text(index, encoding="utf-8")
    manifest = {
        "jobs": [{k: v for k, v in asdict(d).items() if k != "error" or v} for d in done],
        "changes": [dict(zip(("job", "before", "now"), change, strict=True)) for change in changes or []],
        "source": report.source,
        "data_sha256": data_sha256,
        "versions": versions,
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    for name, content in (("findings.json", findings), ("run.json", manifest)):
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def compare_findings(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Claims that differ between two runs: job, text before, text now (empty: not there).

    The claims of a job are laid beside each other so that one more or one less does not move all that follow.
    """
    found = []
    for job in dict.fromkeys(finding["job"] for finding in [*now, *before]):
        old, new = ([finding["text"] for finding in side if finding["job"] == job] for side in (before, now))
        for kind, *ends in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if kind != "equal":
                sides = old[ends[0] : ends[1]], new[ends[2] : ends[3]]
                found += [(job, was, becomes) for was, becomes in zip_longest(*sides, fillvalue="")]
    return found


def write_pdf(folder: Path) -> None:
    """Prints the brief, where the run has one, and all pages as one. Raises BrowserError."""
    from mali_analysis import pages

    brief = folder / f"{BRIEF}.html"
    if brief.exists():
        browser.print_pdf(brief, folder / f"{BRIEF}.pdf")
    manifest = _read(folder / "run.json")
    names = [f"{job['job']}.html" for job in manifest["jobs"]]
    bodies = {name: _main(folder / name) for name in [*names, "chapter.html"]}
    context = {name: manifest[name] for name in ("source", "data_sha256", "versions")}
    whole = pages.render_whole(bodies, pages.template(), title=pages.SITE, here="", pages=[], **context)
    joined = folder / ".whole.html"
    joined.write_text(whole, encoding="utf-8")
    try:
        browser.print_pdf(joined, folder / WHOLE)
    finally:
        joined.unlink()


def _main(page: Path) -> str:
    html = page.read_text(encoding="utf-8")
    inside = re.search(r"<main[^>]*>(.*)</main>", html, re.S)
    body = inside[1] if inside else ""
    return re.sub(r'<nav class="toc".*?</nav>|<p class="option">.*?</p>', "", body, flags=re.S)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def short_name(job: str) -> str:
    """A job's name for the navigation."""
    stem, *extras = job.split("--")
    number, _, words = stem.partition("_")
    name = (words if number.isdigit() else stem).replace("_", " ").capitalize()
    return name + (f" ({', '.join(extras)})" if extras else "")
