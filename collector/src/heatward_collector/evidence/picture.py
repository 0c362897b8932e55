"""The curve of a pack: hourly means of the rooms, the standard of each day, peers and weather."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from heatward_collector.core import Celsius, Seconds
from heatward_collector.core.suppression.homes.medians import across
from heatward_collector.evidence.contents import Contents, hourly_means
from heatward_collector.explain.local_time import daily_spans, ticks
from heatward_collector.explain.marks import area, path, stroke, text
from heatward_collector.explain.stretches import runs
from heatward_collector.local_days import bounds
from heatward_collector.locale import Texts

WIDTH, ROOMS, OUTDOORS, LEFT, RIGHT, TOP = 900, 300, 90, 46, 14, 34
GAP = 34
"""Between the two panels. [px]"""
COLOURS = ("#1f4e5f", "#8a5a00", "#5b4a8a", "#1d6339", "#a02a6c", "#56626a")
"""Of the rooms, in their order. More rooms cannot be told apart: they are thin lines of one kind,
and their median in each hour a thick one."""
STYLE = (
    "text{font-family:'Noto Sans CJK SC';font-size:12px;fill:#56626a}"
    ".panel{fill:#1c2529;font-weight:700}"
    "polyline{fill:none;stroke-linejoin:round;stroke-width:1.4}"
    ".grid{stroke:#e8e4da}.day{stroke:#c9c4b6}.excluded{fill:#f1efe8}"
    ".limit{stroke:#a02a1c;stroke-width:1.5;stroke-dasharray:7 5}.limit-name{fill:#a02a1c}"
    ".peers{stroke:#7d8a90;stroke-width:2.2;stroke-dasharray:2 3}"
    ".outdoor{stroke:#5b4a8a}"
    ".each{stroke:#1f4e5f;stroke-width:.8;opacity:.35}.middle{stroke:#1f4e5f;stroke-width:2.6}"
    + "".join(
        f".room{number}{{stroke:{colour}}}.name{number}{{fill:{colour}}}"
        f"circle.room{number}{{fill:{colour}}}"
        for number, colour in enumerate(COLOURS)
    )
)


@dataclass(frozen=True, slots=True)
class _Axes:
    start_s: float
    end_s: float
    top: float
    height: float
    low: float
    high: float

    def x(self, time_s: float) -> float:
        share = (time_s - self.start_s) / (self.end_s - self.start_s)
        return round(LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT), 1)

    def y(self, celsius: float) -> float:
        return round(self.top + (self.high - celsius) / (self.high - self.low) * self.height, 1)

    def line(self, time_s: Seconds, values: Celsius, kind: str) -> Iterator[Markup]:
        for run in runs(values):
            times, heights = time_s[run].tolist(), values[run].tolist()
            yield path([(self.x(t), self.y(v)) for t, v in zip(times, heights, strict=True)], kind)


def draw(contents: Contents, say: Texts) -> str:
    """Return the curves of a pack as an SVG document."""
    start_s, end_s = contents.subject.span
    rooms = {point.id: contents.hourly(point.id) for point in contents.points}
    limits = list(_limits(contents))
    known = [values for _, values in rooms.values()]
    low, high = _range([*known, np.array([limit for *_, limit in limits])], 18.0)
    axes = _Axes(start_s, end_s, TOP, ROOMS, low, high)
    weather_s, weather = hourly_means(
        np.array([one.time_s for one in contents.outdoor], np.int64),
        np.array([one.celsius for one in contents.outdoor], np.float64),
        (start_s, end_s),
    )
    low, high = _range([weather], -10.0)
    below = _Axes(start_s, end_s, TOP + ROOMS + GAP, OUTDOORS, low, high)
    lines, entries = _of_rooms(rooms, axes, say)
    parts = [
        *_shades(contents, axes),
        *_grid(contents, axes, below),
        *lines,
        *_peers(contents, axes),
        *_limit_marks(limits, axes, say),
        *below.line(weather_s + 1800, weather, "outdoor"),
        text(LEFT, TOP - 12, say("Room temperature, hourly means, °C"), "panel"),
        text(LEFT, below.top - 8, say("Outdoors, °C"), "panel"),
        *_legend(entries, say),
    ]
    if not np.isfinite(weather).any():
        parts.append(text(WIDTH / 2, below.top + OUTDOORS / 2, say("not known"), "", "middle"))
    height = TOP + ROOMS + GAP + OUTDOORS + 30 + 18 * (len(entries) // 4 + 1)
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" width="{}" height="{}">'
        "<style>{}</style>{}</svg>"
    ).format(WIDTH, height, WIDTH, height, Markup(STYLE), Markup("").join(parts))


def _of_rooms(
    rooms: Mapping[str, tuple[Seconds, Celsius]], axes: _Axes, say: Texts
) -> tuple[list[Markup], list[tuple[str, str]]]:
    """Return the lines of the rooms, and of the legend the kind of each line and its words."""
    curves = list(rooms.values())
    if len(curves) <= len(COLOURS):
        entries = [(f"room{number}", room) for number, room in enumerate(rooms)]
        drawn = [(kind, *curve) for (kind, _), curve in zip(entries, curves, strict=True)]
    else:
        each = say("each of %(count)d rooms", count=len(rooms))
        entries = [("each", each), ("middle", say("their median"))]
        middle = across(np.column_stack([values for _, values in curves]))
        drawn = [*(("each", *curve) for curve in curves), ("middle", curves[0][0], middle)]
    lines = [
        mark for kind, time_s, values in drawn for mark in axes.line(time_s + 1800, values, kind)
    ]
    return lines, entries


def _limits(contents: Contents) -> Iterator[tuple[int, int, float]]:
    """Yield from when to when which minimum was owed."""
    standard, zone = contents.books.standard, contents.books.zone
    for day in contents.days:
        rule = standard.rule_on(day)
        if rule is not None and standard.in_season(day):
            yield *bounds(day, zone), rule.minimum_celsius


def _limit_marks(
    limits: Sequence[tuple[int, int, float]], axes: _Axes, say: Texts
) -> Iterator[Markup]:
    before = None
    for start, end, minimum in limits:
        y = axes.y(minimum)
        yield stroke(axes.x(start), y, axes.x(end), y, "limit")
        if minimum != before:
            words = say("standard %(minimum)g °C", minimum=minimum)
            yield text(axes.x(start) + 4, y - 5, words, "limit-name")
        before = minimum


def _peers(contents: Contents, axes: _Axes) -> Iterator[Markup]:
    """Yield the median of the other homes of the building, one step a day."""
    for one in contents.peers:
        if one.level == "building" and one.median == one.median:
            start, end = bounds(one.day, contents.books.zone)
            y = axes.y(one.median)
            yield stroke(axes.x(start), y, axes.x(end), y, "peers")


def _shades(contents: Contents, axes: _Axes) -> Iterator[Markup]:
    hours = contents.books.standard.excluded_hours
    if hours is None or axes.end_s - axes.start_s > 40 * 86_400:
        return
    span = contents.subject.span
    for start, end in daily_spans(*span, contents.books.zone, hours):
        left = axes.x(start)
        yield area(left, axes.top, axes.x(end) - left, axes.height, "excluded")


def _grid(contents: Contents, axes: _Axes, below: _Axes) -> Iterator[Markup]:
    right = WIDTH - RIGHT
    for panel, lines in ((axes, 8), (below, 3)):
        step = next(one for one in (1, 2, 5, 10, 20, 50) if (panel.high - panel.low) / one <= lines)
        for celsius in np.arange(np.ceil(panel.low / step) * step, panel.high + 0.01, step):
            y = panel.y(float(celsius))
            yield stroke(LEFT, y, right, y, "grid")
            yield text(LEFT - 6, y + 4, f"{celsius:.0f}".replace("-", "−"), "", "end")
    span = contents.subject.span
    for moment in ticks(*span, contents.books.zone, 14):
        x = axes.x(moment.timestamp())
        for panel in (axes, below):
            kind = "day" if moment.hour == 0 else "grid"
            yield stroke(x, panel.top, x, panel.top + panel.height, kind)
        if moment.hour == 0:
            bottom = below.top + below.height + 16
            yield text(x, bottom, f"{moment.month}/{moment.day}", "", "middle")


def _legend(entries: Sequence[tuple[str, str]], say: Texts) -> Iterator[Markup]:
    top = TOP + ROOMS + GAP + OUTDOORS + 36
    peers = "peers", say("other homes of the building, daily median")
    for number, (kind, words) in enumerate((*entries, peers)):
        x, y = LEFT + 200 * (number % 4), top + 18 * (number // 4)
        yield stroke(x, y - 4, x + 24, y - 4, kind)
        yield text(x + 30, y, words)


def _range(values: Sequence[Celsius], usual: float) -> tuple[float, float]:
    known = np.concatenate([one[np.isfinite(one)] for one in values])
    low, high = (float(known.min()), float(known.max())) if known.size else (usual, usual)
    low, high = float(np.floor(low - 0.3)), float(np.ceil(high + 0.3))
    more = max(0.0, 4.0 - (high - low)) / 2
    return low - float(np.ceil(more)), high + float(np.ceil(more))
