"""Whatever Jupyter can display, as HTML in which nothing runs: pictures, text, a word on what is left out."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from typing import Any
from xml.etree import ElementTree

import nh3

from mali_analysis.runs.terminal import show_terminal

PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/apng", "image/avif")
SVG = "image/svg+xml"
MORE_TAGS = {"figure", "figcaption", "details", "summary", "mark", "section"}
KEPT = {
    "*": {"title", "lang", "dir", "class"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "col": {"span"},
    "colgroup": {"span"},
    "details": {"open"},
    "time": {"datetime"},
}
"""Attributes of a fragment that are kept; everything else that a fragment may hold is dropped."""
_ACTIVE = re.compile(r"<(script|iframe|object|embed|applet|video|audio|canvas|form|input|button|select)\b", re.I)
_TAME = re.compile(
    r'</[a-z][a-z0-9]*>|<time style="white-space:nowrap">'
    r"|<(?:p|li|ul|ol|section|h[2-4]|small|cite|em|strong|span|abbr|a|table|caption|thead|tbody"
    r"|tr|th|td|blockquote|mark|footer|code|br|details|summary|div|pre|dl|dt|dd)"
    r'(?: (?:class|scope|lang|title|data-[a-z]+)="[^"<>]*"| href="(?:https?://|#)[^"<>]*")*>'
)
_INERT = re.compile(r"vnd\.(mali|dataresource|code)")
"""Forms of an output that are data and draw nothing."""
_OBJECT = re.compile(r"<[^<>]* at 0x[0-9a-fA-F]+>|<[\w.]+ object>|<Figure size [^>]*>")


def show_output(output: Mapping[str, Any]) -> str:
    """An output that is no exhibit of ours: the richest of its forms that a page can show without running anything."""
    data, metadata = output.get("data", {}), output.get("metadata", {})
    forms = [kind for kind in data if data[kind] not in ("", None, {})]
    html = str(data.get("text/html", ""))
    left_out = bool(_ACTIVE.search(html)) or any(_runs(kind) for kind in forms)
    fragment = clean(html)
    pictures = [kind for kind in (SVG, *PICTURES) if kind in forms]
    if pictures and (left_out or not fragment):
        shown = next(
            (found for kind in pictures if (found := show_picture(kind, data[kind], metadata.get(kind, {})))), ""
        )
        if shown:
            return shown
    if fragment:
        return f'<div class="shown">{fragment}</div>' + (leave_out("") if left_out else "")
    if markdown := str(data.get("text/markdown", "")):
        return f'<div class="shown">{show_markdown(markdown)}</div>'
    if latex := str(data.get("text/latex", "")):
        return f'<pre class="latex">{escape(latex)}</pre>'
    plain = data.get("text/plain")
    told = "" if plain is None or _OBJECT.fullmatch(str(plain).strip()) else str(plain)
    if left_out:
        return leave_out(told)
    described = next((kind for kind in forms if kind.endswith("json")), None)
    if described:
        return f"<pre>{escape(json.dumps(data[described], ensure_ascii=False, indent=2))}</pre>"
    if told:
        return show_terminal(told)
    others = [kind for kind in forms if kind not in ("text/plain", "text/html")]
    if others or (html and not fragment):
        return leave_out("")
    return show_terminal(str(plain)) if plain is not None else ""


def _runs(kind: str) -> bool:
    """Whether a form of an output is a program, or the data of one that draws it in the browser."""
    return kind == "application/javascript" or (kind.startswith("application/vnd.") and not _INERT.search(kind))


def leave_out(told: str) -> str:
    """A line in place of what would have to run."""
    about = f": <code>{escape(told)}</code>" if told and len(told) <= 300 else ""
    return f'<p class="left-out">Something interactive is left out here; the notebook shows it{about}.</p>'


def show_picture(kind: str, content: Any, metadata: Mapping[str, Any]) -> str:
    """A picture within the page; empty where the content is none."""
    text = str(content)
    if kind == SVG:
        encoded = base64.b64encode(text.encode()).decode()
    else:
        encoded = re.sub(r"\s+", "", text)
        if not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", encoded):
            return ""
    told = metadata if isinstance(metadata, Mapping) else {}
    alt = str(told.get("alt") or "Picture without a description")
    size = f' width="{told["width"]:.0f}"' if isinstance(told.get("width"), (int, float)) else ""
    return f'<p class="picture"><img src="data:{kind};base64,{encoded}" alt="{escape(alt)}"{size}></p>'


def is_tame(html: str) -> bool:
    """Whether all tags of a fragment are of the kind that our own tables and sentences are made of."""
    return len(_TAME.findall(html)) == html.count("<")


def is_still(svg: str) -> bool:
    """Whether a drawing can stand within the page: it can be read, and nothing in it runs, loads or is defined."""
    if "<!ENTITY" in svg:
        return False
    try:
        root = ElementTree.fromstring(re.sub(r"<!DOCTYPE[^>\[]*>", "", svg))
    except ElementTree.ParseError:
        return False
    for element in root.iter():
        name = element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""
        if name in ("script", "foreignobject", "iframe", "handler"):
            return False
        for key, value in element.attrib.items():
            if key.lower().startswith("on") or re.match(r"\s*javascript:", value, re.I):
                return False
    return True


def clean(html: str) -> str:
    """A fragment without what would run, load or restyle anything; empty where nothing is left that can be seen."""
    cleaned = nh3.clean(
        html,
        tags=set(nh3.ALLOWED_TAGS) | MORE_TAGS,
        attributes=KEPT,
        attribute_filter=_keep_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel=None,
    )
    cleaned = re.sub(r'<img(?![^>]*\ssrc=)(?:[^>]*\salt="([^"]*)")?[^>]*>', r"\1", cleaned)
    seen = re.search(r"<(img|hr|table)\b", cleaned) or re.sub(r"<[^>]*>", "", cleaned).strip()
    return cleaned if seen else ""


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    """An attribute's value, None where it would load something, lead nowhere or take on a style of ours."""
    if name == "src":
        return value if value.startswith("data:image/") else None
    if name == "href":
        return value if re.match(r"(https?://|mailto:)", value, re.I) else None
    if name == "class":
        return None
    return value


def show_markdown(source: str, attachments: Mapping[str, Mapping[str, Any]] | None = None) -> str:
    """Text in Markdown with its tables and pasted pictures; HTML in it is cleaned, formulas stay as written."""

    def paste(match: re.Match[str]) -> str:
        for kind, content in (attachments or {}).get(match[1], {}).items():
            return f"data:{kind};base64,{content}"
        return match[0]

    html = str(_markdown()(re.sub(r"attachment:([^)\s\"'>]+)", paste, source)))
    return clean(re.sub(r'<span class="math">\\\((.*?)\\\)</span>', r"<code>$\1$</code>", html, flags=re.S))


@cache
def _markdown() -> Any:
    import mistune

    return mistune.create_markdown(escape=False, plugins=["table", "strikethrough", "math", "task_lists", "footnotes"])
