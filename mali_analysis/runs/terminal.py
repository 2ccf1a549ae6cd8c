"""Text for a terminal as a terminal would show it: overwritten lines, moves of the cursor, colors."""

from __future__ import annotations

import re
from html import escape
from itertools import groupby

_TOKEN = re.compile(
    r"\x1b\[(?P<values>[0-9;:?]*)[ -/]*(?P<kind>[@-~])"
    r"|(?P<dropped>\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[PX^_].*?\x1b\\|\x1b[@-_]?)"
    r"|(?P<sign>[\x00-\x1f\x7f])|(?P<text>[^\x00-\x1f\x7f]+)",
    re.S,
)
_WIDEST = 100_000
"""Columns beyond which no cursor is moved, whatever a program asks for."""

Style = frozenset[str]
Row = list[tuple[str, Style]]


def show_terminal(text: str) -> str:
    """What stands on the screen in the end, as preformatted HTML; empty where nothing does."""
    rows = draw(text)
    lines = []
    for row in rows:
        parts = []
        for style, run in groupby(row, key=lambda cell: cell[1]):
            told = escape("".join(sign for sign, _ in run))
            parts.append(f'<span class="{" ".join(sorted(style))}">{told}</span>' if style else told)
        lines.append("".join(parts).rstrip() if not row or not row[-1][1] else "".join(parts))
    whole = "\n".join(lines).rstrip("\n")
    return f"<pre>{whole}</pre>" if whole.strip() else ""


def draw(text: str) -> list[Row]:
    """The rows of a screen without end after a text was sent to it: each sign with its style."""
    if not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
        return [[(line, frozenset())] if line else [] for line in text.split("\n")]
    rows: list[Row] = [[]]
    y, x = 0, 0
    style: Style = frozenset()
    for token in _TOKEN.finditer(text):
        if token["text"]:
            _write(rows[y], x, token["text"], style)
            x += len(token["text"])
        elif token["sign"] == "\n":
            y, x = y + 1, 0
        elif token["sign"] == "\r":
            x = 0
        elif token["sign"] == "\b":
            x = max(0, x - 1)
        elif token["sign"] == "\t":
            _write(rows[y], x, "\t", style)
            x += 1
        elif token["kind"]:
            values = [int(value) if value.isdigit() else 0 for value in re.split("[;:]", token["values"].lstrip("?"))]
            if token["kind"] == "m":
                style = _restyle(style, values)
            else:
                y, x = _move(rows, y, x, token["kind"], values[0])
        while len(rows) <= y:
            rows.append([])
    return rows


def _write(row: Row, x: int, text: str, style: Style) -> None:
    row += [(" ", frozenset())] * (x - len(row))
    row[x : x + len(text)] = [(sign, style) for sign in text]


def _move(rows: list[Row], y: int, x: int, kind: str, number: int) -> tuple[int, int]:
    """Where the cursor stands after a command; those that clear do so."""
    steps = min(max(1, number), _WIDEST)
    if kind == "K":
        start, end = {0: (x, None), 1: (0, x + 1)}.get(number, (0, None))
        rows[y][start:end] = [(" ", frozenset())] * (x + 1) if number == 1 else []
    elif kind == "J":
        if number in (2, 3):
            rows[:] = [[]]
            return 0, 0
        del rows[y + 1 :]
        del rows[y][x:]
    elif kind == "H":
        return 0, 0
    moves = {
        "A": (-steps, x),
        "B": (steps, x),
        "C": (0, x + steps),
        "D": (0, x - steps),
        "E": (steps, 0),
        "F": (-steps, 0),
    }
    if kind == "G":
        return y, steps - 1
    down, column = moves.get(kind, (0, x))
    return min(max(0, y + down), len(rows) - 1 + (down > 0 and 1)), max(0, column)


def _restyle(style: Style, values: list[int]) -> Style:
    """Bold and the eight colors, bright ones as the plain; the rest of what a terminal can do is left out."""
    numbers = iter(values)
    for value in numbers:
        color = value - 30 if 30 <= value <= 37 else value - 90 if 90 <= value <= 97 else None
        if value == 0:
            style = frozenset()
        elif value == 1:
            style |= {"bold"}
        elif value == 22:
            style -= {"bold"}
        elif value in (38, 48):  # a color by number or by its parts, which takes the values that follow
            for _ in range({5: 1, 2: 3}.get(next(numbers, 0), 0)):
                next(numbers, 0)
            style = _uncolored(style) if value == 38 else style
        elif value == 39:
            style = _uncolored(style)
        elif color is not None:
            style = _uncolored(style) | ({f"ansi-{color}"} if color not in (0, 7) else set())
    return style


def _uncolored(style: Style) -> Style:
    return frozenset(name for name in style if not name.startswith("ansi-"))
