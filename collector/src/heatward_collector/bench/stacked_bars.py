"""A picture of what was measured: a bar a row, with a part for each process, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

COLOURS = ("#1f4e5f", "#c98a1b", "#6b8f71", "#9c3d3d", "#8a7fb0", "#7a7a7a")
"""Apart for those who do not tell red from green: they differ in lightness too."""
WIDTH, LEFT, RIGHT = 720, 170, 70
ROW, BAR, TOP = 30, 18, 62
SIZE = 13
"""Of letters. [px]"""
LETTER = 0.62
"""Width of a letter for each of its size; Chinese ones take two."""


def stacked_bars(title: str, unit: str, rows: Sequence[tuple[str, Mapping[str, float]]]) -> str:
    """Return the drawing of some rows on one scale that begins at nothing.

    Parameters
    ----------
    title : str
        What is shown.
    unit : str
        Of all numbers.
    rows : sequence of (str, mapping)
        The name of each bar and the numbers of its parts, at least 0, from left to right. The same
        part has the same colour in every bar. Without rows ValueError is raised.
    """
    if not rows:
        raise ValueError("nothing was measured")
    names = list(dict.fromkeys(name for _, parts in rows for name in parts))
    most = max(sum(parts.values()) for _, parts in rows) or 1.0
    scale = (WIDTH - LEFT - RIGHT) / most
    height = TOP + ROW * len(rows) + 14
    drawn = [_text(LEFT, 20, f"{title} [{unit}]", "start", bold=True), *_legend(names)]
    for number, (label, parts) in enumerate(rows):
        drawn += _bar(TOP + ROW * number, label, parts, names, scale)
    said = "; ".join(f"{label}: {sum(parts.values()):.3g}" for label, parts in rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="sans-serif" font-size="{SIZE}"><title>{escape(title)}</title>'
        f"<desc>{escape(said)} [{escape(unit)}]</desc>"
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>{"".join(drawn)}</svg>\n'
    )


def _bar(
    top: int, label: str, parts: Mapping[str, float], names: Sequence[str], scale: float
) -> list[str]:
    middle = top + BAR / 2 + SIZE / 3
    drawn, x = [_text(LEFT - 8, middle, label, "end")], float(LEFT)
    for name, value in parts.items():
        width = value * scale
        colour = COLOURS[names.index(name) % len(COLOURS)]
        drawn.append(
            f'<rect x="{x:.1f}" y="{top}" width="{width:.1f}" height="{BAR}" fill="{colour}"/>'
        )
        x += width
    drawn.append(_text(x + 6, middle, f"{sum(parts.values()):.3g}", "start"))
    return drawn


def _legend(names: Sequence[str]) -> list[str]:
    drawn, x = [], float(LEFT)
    for number, name in enumerate(names):
        colour = COLOURS[number % len(COLOURS)]
        drawn.append(f'<rect x="{x:.1f}" y="34" width="11" height="11" fill="{colour}"/>')
        drawn.append(_text(x + 16, 44, name, "start"))
        x += 34 + _width(name)
    return drawn


def _width(text: str) -> float:
    return SIZE * LETTER * sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def _text(x: float, y: float, text: str, anchor: str, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight} fill="#222222">'
        f"{escape(text)}</text>"
    )
