"""A finished run as a folder: pages, headlines, manifest, and PDF where asked for."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path
from typing import Any

from mali_analysis.runs import cache, pdf, place
from mali_analysis.runs.cells import read_cells
from mali_analysis.runs.kernels import Done
from mali_analysis.runs.plans import Job


def write_report(
    folder: Path, jobs: list[Job], done: list[Done], root: Path, data_sha256: str, started: datetime,
    previous: Path | None,
) -> None:  # fmt: skip
    """Writes the pages of the notebooks in ``folder``, ``headlines.json`` and ``run.json``; ``root`` holds the data.

    ``previous`` is the folder of the run before, with whose headlines the index compares.
    """
    from mali_analysis.chapter import load_chapter
    from mali_analysis.runs import pages

    chapter = load_chapter(jobs[0].parameters.get("chapter_id", "mali-2020"), root)
    render = pages.template()
    versions = cache.versions()
    paths = {d.job: folder / place.notebook_of(d.job) for d in done}
    books = {name: read_cells(path) for name, path in paths.items() if path.exists()}
    found = [
        pages.Page(place.page_of(name), pages.title_of(cells, name), short_name(name)) for name, cells in books.items()
    ]
    text_page = pages.Page(place.CHAPTER, "The chapter, with every coded passage", "Chapter")
    everything = [pages.Page(place.INDEX, pages.SITE, "Overview"), *found, text_page]
    common = {"pages": everything, "source": chapter.source, "data_sha256": data_sha256, "versions": versions}
    headlines: list[dict[str, Any]] = []
    for job, result in zip(jobs, done, strict=True):
        if result.job not in books:
            continue
        cells, page = books[result.job], next(p for p in found if p.href == place.page_of(result.job))
        context = common | {"title": page.title, "here": page.href, "parameters": job.parameters}
        if result.error:
            html = pages.render_error(cells, result.error, render, **context)
        else:
            html = pages.render_notebook(cells, render, **context)
            headlines += pages.headlines_of(cells, result.job)
        (folder / page.href).write_text(html, encoding="utf-8")
    context = common | {"title": text_page.title, "here": text_page.href}
    (folder / text_page.href).write_text(pages.render_chapter(chapter, headlines, render, **context), encoding="utf-8")
    before = _read(previous / place.HEADLINES) if previous else None
    changes = None if before is None else compare_headlines(before, headlines)
    context = common | {"title": pages.SITE, "here": place.INDEX}
    index = pages.render_index([*found, text_page], headlines, changes, render, **context)
    (folder / place.INDEX).write_text(index, encoding="utf-8")
    manifest = {
        "jobs": [{k: v for k, v in asdict(d).items() if k != "error" or v} for d in done],
        "changes": [dict(zip(("job", "before", "now"), change, strict=True)) for change in changes or []],
        "source": chapter.source,
        "data_sha256": data_sha256,
        "versions": versions,
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    for name, content in ((place.HEADLINES, headlines), (place.MANIFEST, manifest)):
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def compare_headlines(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Headlines that differ between two runs: job, text before, text now (empty: not there).

    The headlines of a job are laid beside each other so that one more or one less does not move all that follow.
    """
    found = []
    for job in dict.fromkeys(headline["job"] for headline in [*now, *before]):
        old, new = ([headline["text"] for headline in side if headline["job"] == job] for side in (before, now))
        for kind, *ends in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if kind != "equal":
                sides = old[ends[0] : ends[1]], new[ends[2] : ends[3]]
                found += [(job, was, becomes) for was, becomes in zip_longest(*sides, fillvalue="")]
    return found


def write_pdf(folder: Path) -> None:
    """Prints the brief, where the run has one, and all pages as one. Raises BrowserError."""
    from mali_analysis.runs import pages

    brief = folder / place.page_of(place.BRIEF)
    if brief.exists():
        pdf.print_pdf(brief, folder / f"{place.BRIEF}.pdf")
    manifest = _read(folder / place.MANIFEST)
    names = [place.page_of(job["job"]) for job in manifest["jobs"]]
    bodies = {name: _main(folder / name) for name in [*names, place.CHAPTER]}
    context = {name: manifest[name] for name in ("source", "data_sha256", "versions")}
    whole = pages.render_whole(bodies, pages.template(), title=pages.SITE, here="", pages=[], **context)
    joined = folder / ".whole.html"
    joined.write_text(whole, encoding="utf-8")
    try:
        pdf.print_pdf(joined, folder / place.WHOLE_PDF)
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
