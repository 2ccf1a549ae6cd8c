"""What is compared beside the outputs of notebooks, as lines of text: typed tables, headlines and pages."""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd

from mali_analysis.chapter import Chapter, load_chapter
from mali_analysis.coding.package import DEFAULT, list_chapters
from mali_analysis.errors import RunError
from mali_analysis.runs import plans, runner

BLOCKS = {
    "h1", "h2", "h3", "h4", "p", "li", "table", "tr", "caption", "summary", "dt", "dd", "figcaption", "title", "label",
    "section", "details", "nav", "main", "div", "svg", "footer", "header", "article", "figure",
}  # fmt: skip
"""Elements that begin a line; those that have no text of their own leave none."""
UNSEEN = {"style", "script", "template"}
VOID = {"img", "br", "hr", "meta", "link", "input", "wbr", "col", "source"}
TOLD = ("id", "href", "role", "scope", "alt", "lang", "for", "type", "open", "hidden")
"""Attributes that are compared; ``aria-…`` besides. What things look like is compared as pictures."""
RUN = re.compile(
    r"(?<=^p: Made ).*|(?<=^p: Data ).*|(?<=\. )[A-Z][a-z]+ \d+, \d{4}\.$"
    r"|year = \{\d+\}, month = \{\d+\}(?=.*run of)|(?<=run of )\d{4}-\d\d-\d\d"
)
"""What a page says of when and with what it was made."""


KEPT = Path("tests/snapshots")
"""Where they lie in a clone, a folder for each chapter."""
LONGEST = 160
"""Letters of a page's line that are told; of what is longer a checksum goes with them."""


def take(clone: Path, folder: Path) -> dict[Path, str]:
    """Everything that a clone keeps, as it would be now, by its path there.

    Our chapter's tables and pages, and the headlines of each chapter of the tests; their reports are left in the
    folder, each under its chapter's id.
    """
    kept, tests = clone / KEPT, clone / "tests" / "data"
    now = {kept / DEFAULT / "tables.txt": write_tables(load_chapter(DEFAULT, clone / "data"))}
    report = _run(DEFAULT, clone / "data", folder)
    now |= {kept / DEFAULT / f"{name}.txt": text for name, text in write_pages(report).items()}
    for chapter_id in list_chapters(tests):
        now[kept / chapter_id / "headlines.txt"] = write_headlines(_run(chapter_id, tests, folder))
    return now


def _run(chapter_id: str, data: Path, folder: Path) -> Path:
    given = [] if chapter_id == DEFAULT else [("chapter_id", chapter_id)]
    done = runner.run(plans.plan_jobs([], given, None), folder / chapter_id, os.cpu_count() or 1, data)
    if failed := [result.error for result in done if result.error]:
        raise RunError("\n".join(failed))
    return folder / chapter_id


def _shorten(text: str, longest: int) -> str:
    """A text, or its beginning and a checksum of the whole where it is longer."""
    return text if len(text) <= longest else f"{text[: longest - 10]}… {zlib.crc32(text.encode()):08x}"


def write_tables(chapter: Chapter) -> str:
    """Every typed table, one line per record; evidence below, as the spans of each record's columns."""
    lines = []
    for name, table in (chapter.tables | chapter.reference).items():
        lines += ["", f"## {name}: {', '.join(table)}", ""]
        told = _tell_evidence(table) if name == "evidence" else table.itertuples(index=False)
        lines += [" | ".join(_tell(value) for value in row) for row in told]
    return "\n".join(lines[1:]) + "\n"


def _tell_evidence(evidence: pd.DataFrame) -> Iterator[list[str]]:
    """Record by record: each column with its span, marked where it is inferred; a quote is what stands at its span."""
    for record_id, rows in evidence.groupby("record_id", sort=False):
        spans = [
            f"{row.column} {row.start}-{row.end}{'' if row.basis == 'stated' else f' {row.basis}'}"
            f"{f' ({zlib.crc32(row.note.encode()):08x})' if row.note else ''}"
            for row in rows.itertuples()
        ]
        yield [str(record_id), *spans]


def _tell(value: Any) -> str:
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if pd.isna(value):
        return ""
    return _shorten(f"{value:g}" if isinstance(value, float) else str(value), 48)


def write_headlines(report: Path) -> str:
    """Every headline of a report: job, sentence, value and unit, one below the other."""
    told = json.loads((report / "headlines.json").read_text(encoding="utf-8"))
    return "".join(f"{h['job']} · {h['text']} · {h['value']} · {h['unit']}\n" for h in told)


def write_pages(report: Path) -> dict[str, str]:
    """The pages of a report as text, by name: a line for each block, with its links and what a reader is told."""
    return {path.stem: write_page(path.read_text(encoding="utf-8")) for path in sorted(report.glob("*.html"))}


def write_page(html: str) -> str:
    """A page as text; its style, its scripts and when it was made are left out."""
    outline = _Outline()
    outline.feed(html)
    outline.close()
    return "\n".join(outline.lines) + "\n"


class _Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line = ""
        self.unseen = self.drawing = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSEEN:
            self.unseen += 1
        if self.unseen:
            return
        self.drawing += tag == "svg"
        seen = [] if self.drawing and tag not in ("svg", "a") else attrs  # drawings are compared as such
        told = "".join(f" {name}={value}" if value else f" {name}" for name, value in seen
                       if name in TOLD or name.startswith("aria-"))  # fmt: skip
        if tag in BLOCKS:
            self._end()
            self.line = f"{tag}{told}: "
        elif tag in ("td", "th"):
            kind = dict(attrs)
            self.line += f"|{' ' + (kind.get('scope') or '?') if tag == 'th' else ''} "
        elif tag == "mark":
            self.line += "«"
        elif told or tag in ("text", "code", "select", "input", "button", "img"):
            self.line += f"<{tag}{told}>"

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self.unseen -= 1
        elif tag in BLOCKS:
            self._end()
            self.drawing -= tag == "svg"
        elif tag == "mark":
            self.line += "»"

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.line += re.sub(r"\s+", " ", data)

    def _end(self) -> None:
        if not re.fullmatch(r"\w*:?\s*", self.line):
            self.lines.append(_shorten(RUN.sub("…", self.line.strip()), LONGEST))
        self.line = ""

    def close(self) -> None:
        super().close()
        self._end()
