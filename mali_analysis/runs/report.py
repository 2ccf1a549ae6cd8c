"""A finished run as a folder: pages, headlines, manifest, and PDF where asked for."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mali_analysis.runs import cache, pdf, place
from mali_analysis.runs.cells import Cell, read_authors, read_cells
from mali_analysis.runs.kernels import Done
from mali_analysis.runs.plans import Job

if TYPE_CHECKING:
    from mali_analysis.runs.pages import Page


def write_report(
    folder: Path, own: list[tuple[Job, Done]], root: Path, chapter_id: str, data_sha256: str, started: datetime,
    previous: Path | None,
) -> None:  # fmt: skip
    """Writes pages, ``headlines.json`` and ``run.json`` of jobs on one chapter into the folder of their notebooks.

    ``root`` holds the data; ``previous`` is the folder of the run before, with whose headlines the index compares.
    """
    from mali_analysis import chapter as chapters
    from mali_analysis import citing
    from mali_analysis.runs import abbreviations, exhibits, overview, pages, search

    chapter = chapters.load_chapter(chapter_id, root)
    render, names, versions = pages.template(), abbreviations.names_of(chapter), cache.versions()
    site = chapter.facts.site
    read = {job.own_name: _read_book(folder, job, bool(result.error)) for job, result in own}
    books = {name: cells for name, (cells, _) in read.items()}
    found = {name: _name_page(name, cells) for name, cells in books.items()}
    text_page = pages.Page(place.CHAPTER, "The chapter, with every coded passage", "Chapter")
    index_page, search_page = pages.Page(place.INDEX, site, "Overview"), pages.Page(place.SEARCH, "Search", "Search")
    everything = [index_page, *found.values(), text_page, search_page]
    common: dict[str, Any] = {"pages": everything, "site": site, "source": chapter.source, "up": own[0][0].apart}
    common |= {"data_sha256": data_sha256, "versions": versions}

    def context(page: pages.Page, authors: Sequence[str] = citing.OURS) -> dict[str, Any]:
        cited = citing.cite_page(page.title, chapter.facts, versions.get("mali-analysis", ""), started, authors)
        return common | {"title": page.title, "here": page.href, "citing": cited}

    def write(page: pages.Page, html: str) -> None:
        (folder / place.file_of(page.href)).write_text(html, encoding="utf-8", errors="replace")

    shown = [(page.href, page.short, exhibits.exhibits_of(books[name])) for name, page in found.items()]
    records = exhibits.map_records({href: listed for href, _, listed in shown}, place.link_of(place.CLAIMS))
    headlines: list[dict[str, Any]] = []
    for job, result in own:
        cells = books[job.own_name]
        about = context(found[job.own_name], read[job.own_name][1])
        about |= {"parameters": job.parameters, "records": records, "names": names}
        if result.error:
            html = pages.render_error(cells, result.error, render, **about)
        else:
            html = pages.render_notebook(cells, render, **about)
            headlines += pages.headlines_of(cells, job.own_name)
        write(found[job.own_name], html)
    write(text_page, pages.render_chapter(chapter, headlines, render, shown, **context(text_page)))
    shorts = {name: page.short for name, page in found.items()}
    about = context(search_page) | {"shorts": shorts}
    write(search_page, search.render_search(chapter, headlines, render, **about))
    before = _read(previous / place.HEADLINES) if previous else None
    changes = None if before is None else compare_headlines(before, headlines)
    failed = {found[job.own_name].href: result.error for job, result in own if result.error}
    about = context(index_page) | {"names": names, "failed": failed, "started": started}
    about["since"] = (read_manifest(previous) or {}).get("started") if previous else None
    listed = [*found.values(), text_page]
    write(index_page, overview.render_index(listed, headlines, changes, render, **about))
    manifest = {
        "jobs": [_entry(job, result) for job, result in own],
        "changes": [dict(zip(("job", "before", "now"), change, strict=True)) for change in changes or []],
        "site": site,
        "source": chapter.source,
        "data_sha256": data_sha256,
    }
    _write(folder / place.HEADLINES, headlines)
    _write(folder / place.MANIFEST, manifest | _times(started))


def _read_book(folder: Path, job: Job, failed: bool) -> tuple[list[Cell], list[str]]:
    """Cells and authors of a job's executed notebook, or of what was to be executed where a failed one left none."""
    path = folder / place.notebook_of(job.own_name)
    try:
        return read_cells(path), read_authors(path)
    except (OSError, ValueError, KeyError, TypeError):
        if not failed:
            raise
    return [cell | {"outputs": []} for cell in read_cells(job.notebook)], read_authors(job.notebook)


def _name_page(job: str, cells: list[Cell]) -> Page:
    from mali_analysis.runs import pages

    return pages.Page(place.link_of(job), pages.title_of(cells, job), place.short_name(job))


def write_overview(
    staging: Path, own: list[tuple[Job, Done]], hashes: dict[str, str], started: datetime, known: dict[str, Any] | None
) -> None:  # fmt: skip
    """Writes index and manifest over the reports of several chapters, each whole in a folder of its own.

    ``known`` is the manifest of the run before: chapters that are new since then, or gone, are changes too.
    """
    from mali_analysis.runs import overview, pages

    parts = {chapter_id: _read(staging / chapter_id / place.MANIFEST) for chapter_id in hashes}
    changes = [{"chapter_id": c} | change for c, part in parts.items() for change in part["changes"]]
    if earlier := list(dict.fromkeys(job.get("chapter_id") for job in (known or {}).get("jobs", []))):
        told = {"job": "", "before": "", "now": ""}
        changes += [{"chapter_id": c} | told | {"now": "a new chapter"} for c in hashes if c not in earlier]
        changes += [
            {"chapter_id": str(c)} | told | {"before": "a chapter that is gone"} for c in earlier if c not in hashes
        ]
    manifest = {
        "jobs": [{"chapter_id": job.chapter_id} | _entry(job, result) for job, result in own],
        "changes": changes,
        "data_sha256": hashes,
    }
    failed = {job.chapter_id: result.error for job, result in reversed(own) if result.error}
    listed = [(chapter_id, part["source"], failed.get(chapter_id, "")) for chapter_id, part in parts.items()]
    since = (known or {}).get("started")
    context: dict[str, Any] = {
        "since": since,
        "started": started,
        "title": "All chapters",
        "here": place.INDEX,
        "pages": [],
        "versions": cache.versions(),
    }
    html = overview.render_overview(listed, changes, pages.template(), **context)
    (staging / place.INDEX).write_text(html, encoding="utf-8")
    _write(staging / place.MANIFEST, manifest | _times(started))


def write_history(staging: Path, kept: list[Path]) -> None:
    """Writes the page of what changed from report to report: this one's changes, then those of the ones kept."""
    from mali_analysis.runs import overview, pages

    manifests = [manifest for folder in [staging, *kept] if (manifest := read_manifest(folder))]
    context = {"title": "What changed from report to report", "here": place.CHANGES, "pages": [], "versions": {}}
    html = overview.render_history(manifests, pages.template(), **context)
    (staging / place.CHANGES).write_text(html, encoding="utf-8")
    index = staging / place.INDEX
    told = f'<p><a href="{place.CHANGES}">What changed from report to report</a></p></main>'
    index.write_text(told.join(index.read_text(encoding="utf-8").rsplit("</main>", 1)), encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """What a report says of how it was made; None where there is no such report."""
    manifest = _read(folder / place.MANIFEST)
    return manifest if isinstance(manifest, dict) and "started" in manifest else None


def note_check(output: Path, when: datetime) -> None:
    """Writes into a report that it was looked at and nothing had changed: for readers, and for whoever watches runs."""
    from mali_analysis.runs import overview

    folders = [output, *(path for path in output.iterdir() if (path / place.MANIFEST).is_file())]
    for folder in folders:
        page = folder / place.INDEX
        html = overview.put_check(page.read_text(encoding="utf-8"), when)
        manifest = (read_manifest(folder) or {}) | {"checked": when.isoformat(timespec="seconds")}
        for path, text in ((page, html), (folder / place.MANIFEST, _dump(manifest))):
            part = path.with_name(f".{path.name}.part")
            part.write_text(text, encoding="utf-8", errors="replace")
            part.replace(path)


def take_over_pdf(before: Path, folder: Path) -> None:
    """Takes the PDF of the whole report over from a report before that was made from the same notebooks."""
    old, new = (read_manifest(report) or {} for report in (before, folder))
    keys = [[(job["job"], job["cache_key"]) for job in part.get("jobs", [])] for part in (old, new)]
    if keys[0] == keys[1] and (before / place.WHOLE_PDF).is_file():
        shutil.copyfile(before / place.WHOLE_PDF, folder / place.WHOLE_PDF)


def _entry(job: Job, result: Done) -> dict[str, Any]:
    return {k: v for k, v in asdict(result).items() if k != "error" or v} | {"job": job.own_name}


def _times(started: datetime) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {
        "versions": cache.versions(),
        "started": started.isoformat(timespec="seconds"),
        "finished": now,
        "checked": now,
    }


def _write(path: Path, content: Any) -> None:
    path.write_text(_dump(content), encoding="utf-8", errors="replace")


def _dump(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


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


def write_pdf(folder: Path, whole: bool) -> None:
    """Prints the brief, where the run has one, and all pages as one if ``whole``. Raises BrowserError."""
    from mali_analysis.runs import figures, pages

    brief = folder / place.page_of(place.BRIEF)
    if brief.exists():
        html = figures.tell_in_print(brief.read_text(encoding="utf-8"))
        _print(html, folder, folder / f"{place.BRIEF}.pdf")
    if not whole:
        return
    manifest = _read(folder / place.MANIFEST)
    links = [place.link_of(job["job"]) for job in manifest["jobs"]]
    bodies = {link: _main(folder / place.file_of(link)) for link in [*links, place.CHAPTER]}
    context = {name: manifest[name] for name in ("source", "data_sha256", "versions")}
    context |= {"title": manifest["site"], "here": "", "pages": []}
    _print(pages.render_whole(bodies, pages.template(), **context), folder, folder / place.WHOLE_PDF)


def _print(html: str, folder: Path, target: Path) -> None:
    page = folder / ".printed.html"
    page.write_text(html, encoding="utf-8")
    try:
        pdf.print_pdf(page, target)
    finally:
        page.unlink()


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
