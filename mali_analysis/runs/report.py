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
    folder: Path, own: list[tuple[Job, Done]], root: Path, chapter_id: str, data_sha256: str, started: datetime,
    previous: Path | None,
) -> None:  # fmt: skip
    """Writes pages, ``headlines.json`` and ``run.json`` of jobs on one chapter into the folder of their notebooks.

    ``root`` holds the data; ``previous`` is the folder of the run before, with whose headlines the index compares.
    """
    from mali_analysis import chapter as chapters
    from mali_analysis.runs import pages

    chapter = chapters.load_chapter(chapter_id, root)
    render = pages.template()
    versions = cache.versions()
    paths = {job.own_name: folder / place.notebook_of(job.own_name) for job, _ in own}
    books = {name: read_cells(path) for name, path in paths.items() if path.exists()}
    found = [
        pages.Page(place.page_of(name), pages.title_of(cells, name), short_name(name)) for name, cells in books.items()
    ]
    text_page = pages.Page(place.CHAPTER, "The chapter, with every coded passage", "Chapter")
    everything = [pages.Page(place.INDEX, pages.SITE, "Overview"), *found, text_page]
    common: dict[str, Any] = {"pages": everything, "source": chapter.source, "data_sha256": data_sha256}
    common |= {"versions": versions, "up": own[0][0].apart}
    headlines: list[dict[str, Any]] = []
    for job, result in own:
        if job.own_name not in books:
            continue
        cells, page = books[job.own_name], next(p for p in found if p.href == place.page_of(job.own_name))
        context = common | {"title": page.title, "here": page.href, "parameters": job.parameters}
        if result.error:
            html = pages.render_error(cells, result.error, render, **context)
        else:
            html = pages.render_notebook(cells, render, **context)
            headlines += pages.headlines_of(cells, job.own_name)
        (folder / page.href).write_text(html, encoding="utf-8")
    context = common | {"title": text_page.title, "here": text_page.href}
    text = pages.render_chapter(chapter, headlines, render, **context)
    (folder / text_page.href).write_text(text, encoding="utf-8")
    before = _read(previous / place.HEADLINES) if previous else None
    changes = None if before is None else compare_headlines(before, headlines)
    context = common | {"title": pages.SITE, "here": place.INDEX}
    index = pages.render_index([*found, text_page], headlines, changes, render, **context)
    (folder / place.INDEX).write_text(index, encoding="utf-8")
    manifest = {
        "jobs": [_entry(job, result) for job, result in own],
        "changes": [dict(zip(("job", "before", "now"), change, strict=True)) for change in changes or []],
        "source": chapter.source,
        "data_sha256": data_sha256,
    }
    _write(folder / place.HEADLINES, headlines)
    _write(folder / place.MANIFEST, manifest | _times(started))


def write_overview(staging: Path, own: list[tuple[Job, Done]], hashes: dict[str, str], started: datetime) -> None:
    """Writes index and manifest over the reports of several chapters, each whole in a folder of its own."""
    from mali_analysis.runs import pages

    parts = {chapter_id: _read(staging / chapter_id / place.MANIFEST) for chapter_id in hashes}
    changes = [{"chapter_id": c} | change for c, part in parts.items() for change in part["changes"]]
    manifest = {
        "jobs": [{"chapter_id": job.chapter_id} | _entry(job, result) for job, result in own],
        "changes": changes,
        "data_sha256": hashes,
    }
    failed = {job.chapter_id: result.error for job, result in reversed(own) if result.error}
    listed = [(chapter_id, part["source"], failed.get(chapter_id, "")) for chapter_id, part in parts.items()]
    context = {"title": pages.SITE, "here": place.INDEX, "pages": [], "versions": cache.versions()}
    html = pages.render_overview(listed, changes, pages.template(), **context)
    (staging / place.INDEX).write_text(html, encoding="utf-8")
    _write(staging / place.MANIFEST, manifest | _times(started))


def _entry(job: Job, result: Done) -> dict[str, Any]:
    return {k: v for k, v in asdict(result).items() if k != "error" or v} | {"job": job.own_name}


def _times(started: datetime) -> dict[str, Any]:
    return {
        "versions": cache.versions(),
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


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
