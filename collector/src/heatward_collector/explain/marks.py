"""The few marks of which a plot is made, as SVG."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape


def stroke(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    """Return a straight line."""
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, x1, y1, x2, y2)


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> Markup:
    """Return words."""
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        kind, x, y, anchor, escape(words)
    )


def area(x: float, y: float, width: float, height: float, kind: str) -> Markup:
    """Return a filled rectangle."""
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        kind, x, y, round(max(width, 1.0), 1), height
    )


def path(corners: Sequence[tuple[float, float]], kind: str) -> Markup:
    """Return a line through points; a dot where there is only one."""
    if len(corners) == 1:
        return Markup('<circle class="{} alone" cx="{}" cy="{}" r="1.5"/>').format(
            kind, *corners[0]
        )
    points = " ".join(f"{x:g},{y:g}" for x, y in corners)
    return Markup('<polyline class="{}" points="{}"/>').format(kind, points)


def lines_of(words: str, width: float, wide: float = 15.0, narrow: float = 8.2) -> list[str]:
    """Break a text into lines of about a width; Chinese may break anywhere, English at spaces.

    ``wide`` and ``narrow`` are the usual widths of a Chinese and of another character. [px]
    """
    lines, line, taken = [], "", 0.0
    for part in _parts(words):
        size = sum(wide if ord(one) > 0x2E7F else narrow for one in part)
        if line and taken + size > width:
            lines.append(line.rstrip())
            line, taken = "", 0.0
            part = part.lstrip()
        line, taken = line + part, taken + size
    return [*lines, line] if line else lines


def _parts(words: str) -> list[str]:
    parts = [""]
    for one in words:
        is_break = one == " " or ord(one) > 0x2E7F
        if is_break and parts[-1]:
            parts.append(one)
        else:
            parts[-1] += one
        if is_break and one != " ":
            parts.append("")
    return [part for part in parts if part]
