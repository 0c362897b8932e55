"""A picture of a finding: its homes, what the neighbours did meanwhile, and the weather.

A gap in the readings is a gap in the line. The weather has a panel and an axis of its own below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from heatward_collector.core import Celsius, Mask, Seconds
from heatward_collector.core.suppression import Finding
from heatward_collector.explain.local_time import ticks
from heatward_collector.explain.marks import area, lines_of, path, stroke, text
from heatward_collector.explain.measures import number
from heatward_collector.explain.stretches import runs
from heatward_collector.locale import Texts

STYLE = (
    ".finding{font-family:'Noto Sans CJK SC','Noto Sans SC','Microsoft YaHei',sans-serif;"
    "background:#fff}"
    ".finding text{font-size:13px;fill:#56626a}"
    ".finding .title{font-size:15px;font-weight:700;fill:#1c2529}"
    ".finding .panel{fill:#1c2529;font-weight:600}"
    ".finding polyline{fill:none;stroke-linejoin:round}"
    ".finding .grid{stroke:#e8e4da}.finding .day{stroke:#b9b4a6}"
    ".finding .event{fill:#f6d9b8}.finding .said{stroke:#7a5200;stroke-dasharray:2 3}"
    ".finding .said-name{fill:#7a5200}"
    ".finding .limit{stroke:#a02a1c;stroke-width:1.5;stroke-dasharray:7 5}"
    ".finding .limit-name{fill:#a02a1c;font-weight:600}"
    ".finding .fell{stroke:#6f9bab;stroke-width:1}.finding .stayed{stroke:#b9b4a6;stroke-width:1}"
    ".finding .median{stroke:#1f4e5f;stroke-width:3}"
    ".finding .peers{stroke:#1d6339;stroke-width:2;stroke-dasharray:6 4}"
    ".finding .outdoor{stroke:#5b4a8a;stroke-width:1.75}"
    ".finding .alone{stroke:none;fill:#6f9bab}"
)
"""The colours of the pages, so that a plot looks the same as a file of its own."""
LONGEST_WITH_HOURS_S = 4 * 86_400
"""On a longer plot only days are written. [s]"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The size of a plot, in px at natural size, and how high its two panels are."""

    width: int
    rooms: int
    outdoors: int
    left: int = 40
    right: int = 12


PHONE = Sheet(344, 210, 80)
"""As wide as a page leaves on a phone 390 px wide, so that letters keep their size."""
WIDE = Sheet(880, 280, 90, 46, 18)


@dataclass(frozen=True, slots=True)
class Curves:
    """What is drawn, on one axis of time (times,). Missing values are NaN. [degC]"""

    time_s: Seconds
    homes: Celsius
    """(times, homes) the homes of the place."""
    fell: Mask
    """(homes,) those that the finding counts."""
    peers: Celsius
    """(times,) median of the control group; all NaN where there is none."""
    outdoor: Celsius
    """(times,)"""


@dataclass(frozen=True, slots=True)
class Plot:
    """A finding with its curves and texts."""

    finding: Finding
    curves: Curves
    title: str
    subtitle: str
    description: str
    """The whole sentence, read aloud instead of the picture."""
    minimum_celsius: float | None
    zone: ZoneInfo
    shows_homes: bool = True
    """False where no single home may be recognised: then only medians are drawn."""


@dataclass(frozen=True, slots=True)
class _Panel:
    """A part of the sheet with an axis of temperature."""

    sheet: Sheet
    start_s: float
    end_s: float
    top: float
    height: float
    low: float
    high: float

    def x(self, time_s: float) -> float:
        share = (time_s - self.start_s) / (self.end_s - self.start_s)
        inner = self.sheet.width - self.sheet.left - self.sheet.right
        return round(self.sheet.left + min(max(share, 0.0), 1.0) * inner, 1)

    def y(self, celsius: float) -> float:
        share = (self.high - celsius) / (self.high - self.low)
        return round(self.top + share * self.height, 1)

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def line(
        self, time_s: Seconds, values: npt.NDArray[np.floating], kind: str
    ) -> Iterator[Markup]:
        """Yield a curve, broken where values are missing."""
        for run in runs(np.asarray(values, np.float64)):
            corners = [
                (self.x(t), self.y(v))
                for t, v in zip(time_s[run].tolist(), values[run].tolist(), strict=True)
            ]
            yield path(corners, kind)


def draw(plot: Plot, say: Texts, sheet: Sheet = PHONE) -> Markup:
    """Return a plot as an SVG document."""
    inner = sheet.width - sheet.left - sheet.right
    title = lines_of(plot.title, sheet.width - 16)
    subtitle = lines_of(plot.subtitle, sheet.width - 16, 13.0, 7.2)
    begin = 20 + 19 * len(title)
    top = begin + 17.0 * len(subtitle) + 22
    rooms, outdoors = _panels(plot, sheet, top)
    legend = list(_legend(plot, say, sheet, outdoors.bottom + 48))
    height = outdoors.bottom + 48 + 18 * len(legend)
    parts: list[Markup] = [
        *(text(8, 20 + 19 * index, line, "title") for index, line in enumerate(title)),
        *(text(8, begin + 17 * index, line) for index, line in enumerate(subtitle)),
        *_event(plot, (rooms, outdoors)),
        *_grid(plot, rooms, outdoors, max(inner // 64, 2)),
        *_rooms(plot, rooms, say),
        *outdoors.line(plot.curves.time_s, plot.curves.outdoor, "outdoor"),
        text(sheet.left, rooms.top - 8, say("Room temperature, °C"), "panel"),
        text(sheet.left, outdoors.top - 6, say("Outdoors, °C"), "panel"),
        *(mark for row in legend for mark in row),
    ]
    if not np.isfinite(plot.curves.outdoor).any():
        middle = sheet.left + inner / 2
        parts.append(text(middle, outdoors.top + 44, say("not known"), "", "middle"))
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="finding" viewBox="0 0 {width} {height}" '
        'role="img" lang="{lang}"><title>{title}</title><desc>{text}</desc>'
        "<style>{style}</style>{body}</svg>"
    ).format(
        width=sheet.width,
        height=round(height),
        lang=say.html_language,
        title=plot.title,
        text=plot.description,
        style=Markup(STYLE),
        body=Markup("").join(parts),
    )


def _panels(plot: Plot, sheet: Sheet, top: float) -> tuple[_Panel, _Panel]:
    curves = plot.curves
    span = float(curves.time_s[0]), float(curves.time_s[-1])
    limits = [] if plot.minimum_celsius is None else [plot.minimum_celsius]
    low, high = _range(np.concatenate([curves.homes.ravel(), curves.peers, limits]), 4.0, 20.0)
    rooms = _Panel(sheet, *span, top, sheet.rooms, low, high)
    low, high = _range(curves.outdoor, 4.0, 0.0)
    return rooms, _Panel(sheet, *span, rooms.bottom + 30, sheet.outdoors, low, high)


def _range(values: npt.NDArray[np.floating], least: float, usual: float) -> tuple[float, float]:
    """Return the ends of an axis: whole degrees around the values, at least so many apart."""
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (usual, usual)
    low, high = float(np.floor(low - 0.3)), float(np.ceil(high + 0.3))
    more = max(0.0, least - (high - low)) / 2
    return low - float(np.ceil(more)), high + float(np.ceil(more))


def _grid(plot: Plot, rooms: _Panel, outdoors: _Panel, most: int) -> Iterator[Markup]:
    sheet = rooms.sheet
    right = sheet.width - sheet.right
    panels = [(rooms, 7)]
    if np.isfinite(plot.curves.outdoor).any():
        panels.append((outdoors, 3))
    for panel, lines in panels:
        step = next(s for s in (1, 2, 5, 10, 20, 50) if (panel.high - panel.low) / s <= lines)
        for celsius in np.arange(np.ceil(panel.low / step) * step, panel.high + 0.01, step):
            y = panel.y(float(celsius))
            yield stroke(sheet.left, y, right, y, "grid")
            yield text(sheet.left - 6, y + 4, number(float(celsius), 0), "", "end")
    has_hours = rooms.end_s - rooms.start_s <= LONGEST_WITH_HOURS_S
    for moment in ticks(int(rooms.start_s), int(rooms.end_s), plot.zone, most):
        x, midnight = rooms.x(moment.timestamp()), moment.hour == 0
        for panel in (rooms, outdoors):
            yield stroke(x, panel.top, x, panel.bottom, "day" if midnight else "grid")
        if has_hours:
            yield text(x, outdoors.bottom + 16, f"{moment:%H:%M}", "", "middle")
        if midnight:
            y = outdoors.bottom + (32 if has_hours else 16)
            yield text(x, y, f"{moment.month}/{moment.day}", "", "middle")


def _event(plot: Plot, panels: tuple[_Panel, _Panel]) -> Iterator[Markup]:
    finding = plot.finding
    for panel in panels:
        end_s = panel.end_s if finding.end_s is None else finding.end_s
        begin, end = panel.x(finding.start_s), panel.x(end_s)
        yield area(begin, panel.top, end - begin, panel.height, "event")


def _rooms(plot: Plot, panel: _Panel, say: Texts) -> Iterator[Markup]:
    curves, sheet = plot.curves, panel.sheet
    for home in np.argsort(curves.fell, kind="stable").tolist() if plot.shows_homes else ():
        kind = "fell" if curves.fell[home] else "stayed"
        yield from panel.line(curves.time_s, curves.homes[:, home], kind)
    yield from panel.line(curves.time_s, curves.peers, "peers")
    yield from panel.line(curves.time_s, median_of(curves.homes[:, curves.fell]), "median")
    if plot.minimum_celsius is not None:
        y = panel.y(plot.minimum_celsius)
        yield stroke(sheet.left, y, sheet.width - sheet.right, y, "limit")
    said = plot.finding.detected_s
    if panel.start_s <= said <= panel.end_s:
        x = panel.x(said)
        yield stroke(x, panel.top, x, panel.bottom, "said")
        is_left = x > sheet.width - 80
        yield text(
            x + (-4 if is_left else 4),
            panel.bottom - 6,
            say("detected"),
            "said-name",
            "end" if is_left else "start",
        )


def _legend(plot: Plot, say: Texts, sheet: Sheet, top: float) -> Iterator[list[Markup]]:
    curves = plot.curves
    entries = [("median", say("median of affected homes"))]
    if plot.shows_homes:
        entries.append(("fell", say("affected homes")))
    if plot.shows_homes and np.isfinite(curves.homes[:, ~curves.fell]).any():
        entries.append(("stayed", say("other homes of the place")))
    if np.isfinite(curves.peers).any():
        entries.append(("peers", say("median of homes elsewhere, as control")))
    if plot.minimum_celsius is not None:
        limit = say("minimum required: %(celsius)s °C", celsius=number(plot.minimum_celsius))
        entries.append(("limit", limit))
    for index, (kind, words) in enumerate(entries):
        y = top + 18 * index
        yield [stroke(8, y - 4, 34, y - 4, kind), text(42, y, words)]


def median_of(values: Celsius) -> Celsius:
    """Return the median over columns, (times,), NaN where none is known."""
    result = np.full(len(values), np.nan)
    known = np.isfinite(values).any(axis=1) if values.shape[1] else np.zeros(len(values), bool)
    result[known] = np.nanmedian(values[known], axis=1)
    return result
