"""Abbreviations spelled out where a page first uses them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from mali_analysis.chapter import Chapter

_NAMED = re.compile(r"(?P<long>.+) \((?P<short>[A-Za-z-]*[A-Z][A-Za-z-]*[A-Z][A-Za-z-]*)\)")
_SILENT = {"code", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "caption", "thead", "blockquote", "q", "cite", "abbr",
           "svg", "small", "summary", "figure", "time"}  # fmt: skip
"""Elements in which nothing is added: code, headings, words of others, charts and references."""


def names_of(chapter: Chapter) -> dict[str, str]:
    """What each abbreviation stands for: those of the chapter's own parties first, then the field's."""
    names: dict[str, str] = {}
    for name in chapter.actors["name"]:
        if found := _NAMED.fullmatch(str(name)):
            names.setdefault(found["short"], found["long"])
    if "abbreviations" in chapter.reference:  # a data folder with a schema of its own may have none
        for row in chapter.abbreviations.itertuples():
            names.setdefault(str(row.abbreviation), str(row.name))
    return names


def spell_out(html: str, names: Mapping[str, str]) -> str:
    """A page's body in which each abbreviation says at its first use what it stands for; quotes stay as they are."""
    if not names:
        return html
    shorts = "|".join(re.escape(short) for short in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"“[^”]*”|(?<![\w-])(?P<short>{shorts})(?![\w-])(?P<tail>’s|'s|&#x27;s)?(?P<number> \d+)?")
    due, silent = dict(names), 0

    def spell(match: re.Match[str]) -> str:
        long = due.pop(match["short"] or "", None)
        if long is None or _is_told(match, long):
            return match[0]
        told, before = escape(long), match.string[: match.start()]
        told = f"[{told}]" if before.count("(") > before.count(")") else f"({told})"
        short = f'<abbr title="{escape(long)}">{match["short"]}</abbr>'
        return f"{short}{match['tail'] or ''}{match['number'] or ''} {told}"

    parts = re.split(r"(<[^>]*>)", html)
    for place, part in enumerate(parts):
        if tag := re.match(r"<(/?)([a-z0-9]+)", part):
            if tag[2] in _SILENT:
                silent += -1 if tag[1] else 1
        elif not silent and part.strip():
            parts[place] = pattern.sub(spell, part)
    return "".join(parts)


def _is_told(match: re.Match[str], long: str) -> bool:
    """Whether the text says itself what an abbreviation stands for, before or behind it."""
    told = escape(long).lower()
    before, behind = match.string[: match.start()].lower(), match.string[match.end() :].lower()
    return before.endswith(f"{told} (") or behind.startswith(f" ({told}")
