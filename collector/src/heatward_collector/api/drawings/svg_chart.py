"""Temperature charts drawn on the server as SVG: no script, sharp in print, readable aloud.

A gap in the readings is a gap in the line; nothing is drawn across it. Every chart comes in a
wide and a narrow drawing, so that its letters keep their size on a phone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
from markupsafe import Markup, escape

from ...explain.local_time import daily_spans, ticks
from ...explain.stretches import runs
from ..city.facts import Celsius, Curve, Times

SMALLEST_SPAN_KELVIN = 4.0
"""A flat line is shown flat: the axis never zooms in further than this."""

LABEL_HEIGHT = 13.0
"""A label nearer to the line than this goes above the chart. [px]"""


@dataclass(frozen=True, slots=True)
class Paper:
    """The size of a drawing and of its margins, in px at natural size."""

    kind: str
    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int

    @property
    def inner_width(self) -> int:
        return self.width - self.left - self.right

    @property
    def inner_height(self) -> int:
        return self.height - self.top - self.bottom


WIDE = Paper("wide", 960, 320, 44, 16, 26, 46)
NARROW = Paper("narrow", 358, 260, 34, 10, 26, 46)


@dataclass(frozen=True, slots=True)
class Labels:
    """The texts of a chart in the language of the page."""

    title: str
    description: str
    limit: str
    no_readings: str
    day: Callable[[date], str]
    """Writes a date below the axis."""


@dataclass(frozen=True, slots=True)
class Chart:
    """What is to be drawn, in [start, end)."""

    curve: Curve
    start_s: int
    end_s: int
    zone: ZoneInfo
    limit_celsius: float | None
    labels: Labels
    excluded_hours: tuple[int, int] | None = None
    name: str = ""
    """Tells the charts of one page apart for those who have it read aloud; letters and digits."""


@dataclass(frozen=True, slots=True)
class _Axes:
    """Where a time and a temperature lie on the paper."""

    paper: Paper
    start_s: int
    end_s: int
    low: float
    high: float

    @property
    def bottom(self) -> int:
        return self.paper.height - self.paper.bottom

    def x(self, time_s: float) -> float:
        share = (time_s - self.start_s) / (self.end_s - self.start_s)
        return round(self.paper.left + share * self.paper.inner_width, 1)

    def y(self, celsius: float) -> float:
        share = (self.high - celsius) / (self.high - self.low)
        return round(self.paper.top + share * self.paper.inner_height, 1)

    def along(self, time_s: Times | Celsius) -> Celsius:
        """Return where times lie: :meth:`x` of many at once. [px]"""
        share = (time_s - self.start_s) / (self.end_s - self.start_s)
        return np.round(self.paper.left + share * self.paper.inner_width, 1)

    def up(self, celsius: Celsius) -> Celsius:
        """Return where temperatures lie: :meth:`y` of many at once. [px]"""
        share = (self.high - celsius) / (self.high - self.low)
        return np.round(self.paper.top + share * self.paper.inner_height, 1)

    def corners(self, time_s: Times, celsius: Celsius) -> list[tuple[float, float]]:
        """Return the corners of a line."""
        return list(zip(self.along(time_s).tolist(), self.up(celsius).tolist(), strict=True))


def draw(chart: Chart) -> Markup:
    """Return the wide and the narrow drawing; the style sheet shows one of them."""
    return Markup("").join(_draw(chart, paper) for paper in (WIDE, NARROW))


def _draw(chart: Chart, paper: Paper) -> Markup:
    axes = _axes(chart, paper)
    parts: list[Markup] = [*_shades(chart, axes), *_grid(chart, axes)]
    if chart.curve.low is not None and chart.curve.high is not None:
        parts += _band(chart, axes, chart.curve.low, chart.curve.high)
    parts += _line(chart, axes)
    parts += _limit(chart, axes)
    if not np.isfinite(chart.curve.celsius).any():
        middle = (paper.left + paper.inner_width / 2, paper.top + paper.inner_height / 2)
        parts.append(_text(*middle, chart.labels.no_readings, "empty", "middle"))
    identity = f"chart-{chart.name}-{paper.kind}" if chart.name else f"chart-{paper.kind}"
    return Markup(
        '<svg class="chart {kind}" viewBox="0 0 {width} {height}" role="img" '
        'aria-labelledby="{id}-title {id}-text" preserveAspectRatio="xMidYMid meet">'
        '<title id="{id}-title">{title}</title><desc id="{id}-text">{text}</desc>{body}</svg>'
    ).format(
        kind=paper.kind,
        width=paper.width,
        height=paper.height,
        id=identity,
        title=chart.labels.title,
        text=chart.labels.description,
        body=Markup("").join(parts),
    )


def _axes(chart: Chart, paper: Paper) -> _Axes:
    curve = chart.curve
    every = [curve.celsius, *(v for v in (curve.low, curve.high) if v is not None)]
    values = np.concatenate(every)
    values = values[np.isfinite(values)]
    if chart.limit_celsius is not None:
        values = np.append(values, chart.limit_celsius)
    if values.size == 0:
        values = np.array([20.0])
    low, high = np.floor(values.min() - 0.5), np.ceil(values.max() + 0.5)
    missing = SMALLEST_SPAN_KELVIN - (high - low)
    if missing > 0:
        low, high = low - np.ceil(missing / 2), high + np.ceil(missing / 2)
    return _Axes(paper, chart.start_s, chart.end_s, float(low), float(high))


def _grid(chart: Chart, axes: _Axes) -> Iterator[Markup]:
    paper = axes.paper
    right = paper.width - paper.right
    step = next(s for s in (1, 2, 5, 10, 20, 50) if (axes.high - axes.low) / s <= 7)
    celsius = np.ceil(axes.low / step) * step
    while celsius <= axes.high:
        y = axes.y(float(celsius))
        yield _stroke(paper.left, y, right, y, "grid")
        yield _text(
            paper.left - 6, y + 4, f"{celsius:.0f}".replace("-", "\N{MINUS SIGN}"), "", "end"
        )
        celsius += step
    yield _text(paper.left - 6, paper.top - 14, "\N{DEGREE SIGN}C", "unit", "end")
    bottom = axes.bottom
    for moment in ticks(chart.start_s, chart.end_s, chart.zone, max(paper.inner_width // 64, 2)):
        x = axes.x(moment.timestamp())
        midnight = moment.hour == 0
        yield _stroke(
            x, paper.top, x, bottom + (6 if midnight else 3), "day" if midnight else "grid"
        )
        if moment.hour or (chart.end_s - chart.start_s) <= 3 * 86400:
            yield _text(x, bottom + 18, f"{moment:%H:%M}", "", "middle")
        if midnight:
            yield _text(x, bottom + 36, chart.labels.day(moment.date()), "date", "middle")


def _shades(chart: Chart, axes: _Axes) -> Iterator[Markup]:
    """Yield the hours of each local day in which no official measurement is taken."""
    if chart.excluded_hours is None:
        return
    for start, end in daily_spans(chart.start_s, chart.end_s, chart.zone, chart.excluded_hours):
        left, width = axes.x(start), round(axes.x(end) - axes.x(start), 1)
        size = f'width="{width}" height="{axes.paper.inner_height}"'
        yield Markup(f'<rect class="excluded" x="{left}" y="{axes.paper.top}" {size}></rect>')


def _band(chart: Chart, axes: _Axes, low: Celsius, high: Celsius) -> Iterator[Markup]:
    times = chart.curve.time_s
    for run in runs(low + high):
        upper, lower = (axes.corners(times[run], edge[run]) for edge in (high, low))
        yield Markup(f'<polygon class="band" points="{_points(upper + lower[::-1])}"></polygon>')


def _line(chart: Chart, axes: _Axes) -> Iterator[Markup]:
    curve = chart.curve
    for run in runs(curve.celsius):
        corners = axes.corners(curve.time_s[run], curve.celsius[run])
        if len(corners) == 1:
            x, y = corners[0]
            yield Markup(f'<circle class="alone" cx="{x}" cy="{y}" r="2.5"></circle>')
        else:
            yield Markup(f'<polyline class="line" points="{_points(corners)}"></polyline>')


def _limit(chart: Chart, axes: _Axes) -> Iterator[Markup]:
    if chart.limit_celsius is None:
        return
    left, right = axes.paper.left, axes.paper.width - axes.paper.right
    y = axes.y(chart.limit_celsius)
    yield _stroke(left, y, right, y, "limit")
    places = [
        (left + 4, y - 7, "start"),
        (left + 4, y + 17, "start"),
        (right - 4, y + 17, "end"),
        (right - 4, y - 7, "end"),
    ]
    fitting = [place for place in places if axes.paper.top < place[1] < axes.bottom]
    clearance = [_clearance(chart.curve, axes, place) for place in fitting]
    best = fitting[clearance.index(max(clearance))]
    if max(clearance) < LABEL_HEIGHT:
        best = (right, axes.paper.top - 10, "end")
    x, text_y, anchor = best
    yield _text(x, text_y, chart.labels.limit, "limit-name", anchor)


def _clearance(curve: Curve, axes: _Axes, place: tuple[float, float, str]) -> float:
    """Return how far the line stays from a label of about a third of the paper's width."""
    x, y, anchor = place
    width = min(110.0, axes.paper.inner_width / 2)
    start = x if anchor == "start" else x - width
    xs = axes.along(curve.time_s)
    under = (xs >= start) & (xs <= start + width) & np.isfinite(curve.celsius)
    if not under.any():
        return float(axes.paper.height)
    return float(np.abs(axes.up(curve.celsius[under]) - (y - 5)).min())


def _points(corners: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in corners)


def _stroke(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return Markup(f'<line class="{kind}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"></line>')


def _text(x: float, y: float, text: str, kind: str, anchor: str) -> Markup:
    at = f'x="{x}" y="{y}" text-anchor="{anchor}"'
    return Markup(f'<text class="{kind}" {at}>{escape(text)}</text>')
