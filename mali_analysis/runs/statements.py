"""Headlines in pages: an anchor for each, and all the sources that it draws on within reach."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape
from typing import Any
from urllib.parse import urlsplit

from mali_analysis import headlines

_SHOWN = re.compile(r'<(p|li) class="headline">(.*?)</\1>', re.S)
_MORE = re.compile(r",? ?[\w,]+ more origins?$")


def headlines_in(output: dict[str, Any]) -> list[dict[str, Any]]:
    """The headlines that one output shows, alone or in a box."""
    shown = output.get("data", {}).get(headlines.HEADLINE_MIME, [])
    listed = shown if isinstance(shown, list) else [shown]
    return [told for told in listed if isinstance(told, dict) and set(told) >= set(headlines.TOLD)]


def show_headlines(html: str, shown: list[dict[str, Any]], numbers: Iterator[int] | None = None) -> str:
    """An output's headlines with an anchor each (f1, f2 …, by ``numbers``) and with the sources that it names not."""
    told = iter(shown)

    def complete(match: re.Match[str]) -> str:
        headline = next(told, None)
        if headline is None:
            return match[0]
        anchor = f' id="f{next(numbers)}"' if numbers else ""
        short, rest = _list_sources(match[2], headline.get("sources", []), headline.get("origins", []))
        opening, closing = f'<{match[1]} class="headline"{anchor}>', f"</{match[1]}>"
        return opening + short + (rest + closing if match[1] == "li" else closing + rest)

    return _SHOWN.sub(complete, html)


def _list_sources(html: str, sources: list[str], origins: list[str]) -> tuple[str, str]:
    """A headline in which nothing is left over, and the list of the sources that it does not link."""
    linked = {unescape(url) for url in re.findall(r'<a href="([^"]*)"', html)}
    rest = [url for url in dict.fromkeys(sources) if url not in linked and url.startswith(("https://", "http://"))]
    if not rest:
        return html, ""
    names = dict(zip(sources, origins, strict=False))
    told = ((url, f"{names[url]}: {_name(url)}" if names.get(url, url) != url else _name(url)) for url in rest)
    items = "".join(f'<li><a href="{escape(url)}">{escape(name)}</a></li>' for url, name in told)
    said = headlines.count(len(rest), "more source")
    printed = f'<span class="printed">, {said}</span>'
    head, mark, tail = html.rpartition("]</small>")
    short = _MORE.sub("", head) + (printed if mark else "") + mark + tail
    return short, f'<details class="sources"><summary>{said[:1].upper() + said[1:]}</summary><ul>{items}</ul></details>'


def _name(url: str) -> str:
    """An address as a reader knows it: without what every address has."""
    parts = urlsplit(url)
    return (parts.netloc.removeprefix("www.") + parts.path.rstrip("/") + (f"?{parts.query}" * bool(parts.query)))[:120]
