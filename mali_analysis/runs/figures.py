"""Charts in pages: drawn for the eye, with marks that lead to their sentences, and told as a table to all others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from xml.etree import ElementTree

from mali_analysis.runs.place import CHAPTER

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_HREF = f"{{{_XLINK}}}href"
NARROW = 360
"""Width in points below which a chart stands beside the text in print."""


def show_figure(svg: str, table: str, caption: str, name: str, records: Mapping[str, str]) -> str:
    """A chart and the table of what it draws, of which a reader meets one: the chart by eye, the table otherwise.

    ``records`` gives the address of each record's row; a mark whose record has none leads nowhere.
    """
    drawn = draw_chart(svg, caption, name, records, hidden=True)
    width = re.search(r"--wide:(\d+)pt", drawn)
    kind = ' class="narrow"' if width and int(width[1]) < NARROW else ""
    return f'<figure{kind} id="{name}"><div class="chart">{drawn}</div><div class="data">{table}</div></figure>'


def show_plain(svg: str, alt: str, name: str, records: Mapping[str, str]) -> str:
    """A chart that comes without its data: the alternative text as its name, and in words below."""
    short, _, rest = alt.partition(". ")
    told = escape(short)
    if rest:
        items = "".join(f"<li>{escape(item)}</li>" for item in rest.rstrip(".").split("; "))
        told = f"<details><summary>{told}<span class=screen> – in words</span></summary><ul>{items}</ul></details>"
    drawn = draw_chart(svg, short, name, records)
    return f'<figure class="plain" id="{name}"><div class="chart">{drawn}</div><figcaption>{told}</figcaption></figure>'


def draw_chart(svg: str, label: str, name: str, records: Mapping[str, str], hidden: bool = False) -> str:
    """A drawing for the page: its ids unique, its links leading within the report; ``hidden`` from screen readers."""
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    root = ElementTree.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", svg))
    _slim(root)
    _lead(root, records, hidden)
    ids = {element.get("id") for element in root.iter()}
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, f"{name}-{value}")
            elif key.endswith("href") and value.startswith("#") and value[1:] in ids:
                element.set(key, f"#{name}-{value[1:]}")
            elif "url(#" in value:
                element.set(key, value.replace("url(#", f"url(#{name}-"))
    led = any(element.get(_HREF) for element in root.iter(f"{{{_SVG}}}a"))
    root.set("role", "group" if led and not hidden else "img")
    root.set("aria-label", label)
    if hidden:
        root.set("aria-hidden", "true")
    root.attrib.pop("height", None)
    if width := re.fullmatch(r"([\d.]+)pt", root.attrib.pop("width", "")):
        root.set("style", f"--wide:{float(width[1]):.0f}pt")
    return ElementTree.tostring(root, encoding="unicode")


def tell_in_print(html: str) -> str:
    """A page for print, where nobody can open the table of a chart: the chart tells what it finds instead."""
    return re.sub(r'(<svg [^>]*?) aria-hidden="true"', r"\1", html)


def _lead(root: ElementTree.Element, records: Mapping[str, str], hidden: bool) -> None:
    """Points the links of marks at the chapter or at a row; one that would lead nowhere is none, its mark stays."""
    for link in list(root.iter(f"{{{_SVG}}}a")):
        link.attrib.pop("target", None)
        href = link.attrib.pop(_HREF, "")
        if href.startswith("record:"):
            href = records.get(href.removeprefix("record:"), "")
        elif href.startswith("#"):
            href = CHAPTER + href
        if not href:
            link.tag = f"{{{_SVG}}}g"
            continue
        link.set(_HREF, href)
        if hidden:
            link.set("tabindex", "-1")


def _slim(root: ElementTree.Element) -> None:
    """Takes out of a chart of Matplotlib's what nobody sees: half of it."""
    values = " ".join(value for element in root.iter() for value in element.attrib.values())
    used = set(re.findall(r"#([\w-]+)", values))
    for element in root.iter():
        element.text, element.tail = (text if (text or "").strip() else None for text in (element.text, element.tail))
        if element.get("id") not in used:
            element.attrib.pop("id", None)
        if style := element.get("style"):
            style = re.sub(r"font-family: [^;]*; ?", "", style)
            element.set("style", style.replace(": ", ":").replace("; ", ";"))
        if path := element.get("d"):
            element.set("d", re.sub(r"\s+", " ", path).strip())
    for parent in reversed(list(root.iter())):
        for child in list(parent):
            kind, style = child.tag.rpartition("}")[2], child.get("style", "")
            bare = kind in ("g", "a") and not len(child) or kind == "metadata"
            if bare or (kind == "path" and "fill:none" in style and "stroke:#ffffff" in style):
                parent.remove(child)
