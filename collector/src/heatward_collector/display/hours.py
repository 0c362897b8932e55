"""The hourly curve of a building: median and quartiles of its homes, never fewer than five.

A building with fewer homes gets the curve of its zone, estate or source, the first that has five.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from ..api.city.building_curve import HOUR_S
from ..core import Celsius, Seconds
from ..core.groups import medians
from ..timeseries.protocol import Stored
from .areas import HOMES_FOR_FIGURES, Areas
from .lines import line
from .snapshot import Snapshot

HOMES_FOR_WIDE_BAND = 10
"""From so many homes on the band of p10 to p90 shows no single home."""
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
Band = npt.NDArray[np.float64]
"""(quantiles, hours) degC, NaN where too few homes report."""
OutdoorAt = Callable[[str, Seconds], Celsius]
"""From a district and times to the outdoor temperature, NaN where nobody knows it."""
MinimumAt = Callable[[int], float | None]


def hour_lines(
    snapshot: Snapshot,
    stored: Stored,
    span: tuple[int, int],
    outdoor_at: OutdoorAt,
    minimum_at: MinimumAt,
) -> Iterator[str]:
    """Yield the hours that begin in [span) of every building that may show a curve.

    ``stored`` are the readings of the span. A point stands in the middle of its hour.
    """
    hours = np.arange(-(-span[0] // HOUR_S) * HOUR_S, span[1], HOUR_S, dtype=np.int64)
    areas, homes = snapshot.areas, home_hours(snapshot, stored, hours)
    outdoor = {
        district: outdoor_at(district, hours + HOUR_S // 2)
        for district in areas.directory.tables["district"]
    }
    bands: dict[tuple[str, str], tuple[Band, Seconds]] = {}
    for index, building in enumerate(areas.directory.buildings):
        curve = areas.curve_of(index)
        if not len(curve.homes):
            continue
        key = curve.level, curve.area
        if key not in bands:
            bands[key] = band_of(homes[:, curve.homes])
        yield from _building(areas, building, hours, bands[key], outdoor, minimum_at)


def home_hours(snapshot: Snapshot, stored: Stored, hours: Seconds) -> Celsius:
    """Return the hourly mean of every measured home, (hours, homes) [degC]; NaN where none."""
    directory, names = snapshot.directory, sorted(set(stored.room))
    means = np.full((len(hours), len(directory.homes)), np.nan)
    if not names or not len(hours):
        return means
    home = np.array([snapshot.home_of_room.get(name, -1) for name in names], np.int32)
    home[(home >= 0) & ~snapshot.areas.measured[home]] = -1
    number = {name: index for index, name in enumerate(names)}
    room = np.array([number[name] for name in stored.room], np.int64)
    hour = (stored.time_s - hours[0]) // HOUR_S
    inside = (hour >= 0) & (hour < len(hours)) & np.isfinite(stored.celsius)
    cell = hour[inside] * len(names) + room[inside]
    size = len(hours) * len(names)
    count = np.bincount(cell, minlength=size)
    total = np.bincount(cell, stored.celsius[inside], minlength=size)
    rooms = np.where(count > 0, total / np.maximum(count, 1), np.nan).reshape(len(hours), -1)
    for row, values in enumerate(rooms):
        means[row] = medians(values, home, len(directory.homes))
    return means


def band_of(homes: Celsius) -> tuple[Band, Seconds]:
    """Return quantiles over the homes of each hour, and how many homes reported.

    ``homes`` is (hours, homes). An hour with fewer than five homes is missing: it would show one.
    """
    count = np.isfinite(homes).sum(axis=1)
    band = np.full((len(QUANTILES), len(homes)), np.nan)
    enough = count >= HOMES_FOR_FIGURES
    if enough.any():
        band[:, enough] = np.nanquantile(homes[enough], QUANTILES, axis=1)
    band[np.ix_((0, -1), count < HOMES_FOR_WIDE_BAND)] = np.nan
    return band, count.astype(np.int64)


def _building(
    areas: Areas,
    building: str,
    hours: Seconds,
    curve: tuple[Band, Seconds],
    outdoor: dict[str, Celsius],
    minimum_at: MinimumAt,
) -> Iterator[str]:
    tags = areas.above(building)
    (p10, p25, median, p75, p90), count = curve
    for index in np.flatnonzero(np.isfinite(median)).tolist():
        hour = int(hours[index])
        fields = {
            "p10": float(p10[index]),
            "p25": float(p25[index]),
            "median": float(median[index]),
            "p75": float(p75[index]),
            "p90": float(p90[index]),
            "homes": float(count[index]),
            "outdoor": float(outdoor[tags["district"]][index]),
            "minimum": minimum_at(hour),
        }
        yield from line("building_hour", tags, fields, hour + HOUR_S // 2)
