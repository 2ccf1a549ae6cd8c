"""Two drawings of one chart compared: texts, colors and links exactly, places within a tolerance."""

from __future__ import annotations

import base64
import re
import textwrap
from collections.abc import Iterator
from html import escape
from itertools import zip_longest
from pathlib import Path
from xml.etree import ElementTree

TOLERANCE = 1.5
"""Points by which a place may differ: fonts are measured a little differently from version to version."""
GEOMETRY = {"d", "points", "transform", "x", "y", "width", "height", "viewBox", "cx", "cy", "r", "rx", "ry"}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_NAME = re.compile(r"#[mph][0-9a-f]{10}\b")
"""Names that matplotlib gives to markers, clips and hatches."""
_UNSEEN = {"metadata", "title", "desc", "clipPath", "style"}
Part = tuple[str, list[float]]


def find_difference(expected: str, actual: str, other_version: bool = False) -> str:
    """The first thing in which two drawings differ, in a line; empty where they show the same or are none.

    ``other_version`` is for two versions of matplotlib, which lay out and write drawings differently: their words,
    colors and links are compared then.
    """
    if not (expected and actual):
        return "" if expected == actual else "a drawing came or went"
    if other_version:
        before, after = _list_contents(expected), _list_contents(actual)
        return next(
            (f"{kind}: {before[kind]} became {after[kind]}" for kind in before if before[kind] != after[kind]), ""
        )
    for number, (old, new) in enumerate(zip_longest(_list_parts(expected), _list_parts(actual)), 1):
        if old is None or new is None:
            return f"element {number}: {_short(old)} became {_short(new)}"
        if old[0] != new[0] or len(old[1]) != len(new[1]):
            return f"element {number}: {_short(old)} became {_short(new)}"
        moved = [(a, b) for a, b in zip(old[1], new[1], strict=True) if abs(a - b) > TOLERANCE]
        if moved:
            return f"element {number}: {_short(old)}: {moved[0][0]:g} became {moved[0][1]:g}"
    return ""


def _list_contents(svg: str) -> dict[str, list[str]]:
    """The words, the colors and the links of a drawing, each sorted."""
    elements = list(ElementTree.fromstring(svg).iter())
    texts = " ".join(element.text or "" for element in elements if element.tag.endswith("}text"))
    links = {value for element in elements for name, value in element.attrib.items()
             if element.tag.endswith("}a") and name.endswith("href")}  # fmt: skip
    colors = {found for element in elements for found in re.findall(r"#[0-9a-f]{6}\b", element.get("style", ""))}
    return {"words": sorted(texts.split()), "colors": sorted(colors), "links": sorted(links)}


def _short(part: Part | None) -> str:
    return textwrap.shorten(part[0], 300, placeholder=" …") if part else "nothing"


def _list_parts(svg: str) -> Iterator[Part]:
    """Every element that shows: what it is and how it looks, and the numbers that say where it is."""
    yield from _walk(ElementTree.fromstring(svg))


def _walk(element: ElementTree.Element) -> Iterator[Part]:
    tag = element.tag.rpartition("}")[2]
    if tag in _UNSEEN:
        return
    look, place = [tag], []
    for name, value in sorted(element.attrib.items()):
        name = name.rpartition("}")[2]
        if name in GEOMETRY:
            place += [float(number) for number in _NUMBER.findall(value)]
            look.append(f"{name}={''.join(_NUMBER.sub('', value).split())}")
        elif name not in ("id", "clip-path"):
            look.append(f"{name}={_NAME.sub('#', value)}")
    text = (element.text or "").strip()
    yield " ".join([*look, *([repr(text)] if text else [])]), place
    for child in element:
        yield from _walk(child)


def write_comparison(name: str, expected: str, actual: str, folder: Path) -> Path:
    """Both drawings, and a page with the two beside each other and one laid over the other; returns the page."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = {}
    for kind, svg in (("expected", expected), ("actual", actual)):
        (folder / f"{name}-{kind}.svg").write_text(svg, encoding="utf-8")
        sources[kind] = f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
    shown = "".join(f'<figure><figcaption>{kind}</figcaption><img alt="{kind}" src="{source}"></figure>'
                    for kind, source in sources.items())  # fmt: skip
    shown += (
        f'<figure class="over"><figcaption>difference: black where both are the same</figcaption><div>'
        f'<img alt="" src="{sources["expected"]}"><img alt="difference" src="{sources["actual"]}"></div></figure>'
    )
    style = "body{font:1rem/1.5 system-ui;margin:1rem}img{width:100%;background:#fff}.over div{position:relative}"
    style += ".over img+img{position:absolute;left:0;top:0;mix-blend-mode:difference}"
    page = folder / f"{name}.html"
    told = escape(find_difference(expected, actual))
    page.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(name)}</title><style>{style}</style>'
        f"<h1>{escape(name)}</h1><p>{told}</p>{shown}</html>\n",
        encoding="utf-8",
    )
    return page
