"""Days that the window does not hold, read from the ledger: one pass for all that wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.core import MISSING, Mask, Raw, Seconds
from heatward_collector.core.grid import HOLD_S, SLOT_S, merge
from heatward_collector.evaluation.judging import GridOf, PartOf, part_of_grid
from heatward_collector.evaluation.window import READINGS_RESIDENT
from heatward_collector.local_days import bounds, days_of
from heatward_collector.readings.doubts import Doubt
from heatward_collector.readings.fixed_boots import readings_of_fixed
from heatward_collector.readings.follow import Follower
from heatward_collector.readings.projection import (
    Projected,
    project,
    project_all,
)
from heatward_collector.registry.laid_aside import blank_aside, let_go

CELLS_AT_ONCE = 20_000_000
"""How many grid cells an older judgement may hold: 80 MB."""

MOST_HOURS = 1_000_000
"""Hours are counted, which is faster than sorting readings, where they span no more than so many:
8 MB."""


def groups(days: Sequence[date], points: int, cells: int = CELLS_AT_ONCE) -> list[list[date]]:
    """Split sorted days into runs of near neighbours whose grid fits the memory set aside."""
    most = max(1, cells // (86_400 // SLOT_S * max(1, points)))
    runs: list[list[date]] = []
    for day in days:
        if runs and (day - runs[-1][0]).days < most:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def grid_from_ledger(
    follower: Follower, days: Sequence[date], zone: ZoneInfo, folder: Path | None = None
) -> GridOf:
    """Return the grid of a run of days, and of the hour before, as far as the cursor.

    A large one lies in a file of a folder, if there is one.
    """
    grid, first = _read(follower, days, zone, folder)

    def grid_of(start_s: int, wanted: int) -> Raw:
        begin = (start_s - first) // SLOT_S
        return grid[begin : begin + wanted]

    return grid_of


def part_from_ledger(
    follower: Follower, days: Sequence[date], zone: ZoneInfo, folder: Path | None = None
) -> PartOf:
    """Return parts of the same grid."""
    return part_of_grid(*_read(follower, days, zone, folder))


def _read(
    follower: Follower, days: Sequence[date], zone: ZoneInfo, folder: Path | None
) -> tuple[Raw, int]:
    first = bounds(days[0], zone)[0] - HOLD_S
    end = bounds(days[-1], zone)[1]
    shape = ((end - first) // SLOT_S, len(follower.directory.points))
    grid: Raw = blank_aside(shape, np.int16, folder)
    offset = blank_aside(shape, np.uint16, folder)
    for row in grid:
        row[:] = MISSING
    resident = grid.size
    for readings in _projected(follower, first, end):
        judged = readings.judged()
        merge(grid, offset, judged.time_s, judged.point, judged.raw, first)
        resident += len(judged)
        if resident > READINGS_RESIDENT:
            let_go(grid)
            let_go(offset)
            resident = 0
    return grid, first


def days_touched(time_s: Seconds, zone: ZoneInfo) -> set[date]:
    """Return the local days on which readings count, with those that their values reach into."""
    hours = np.unique(_hours(time_s)) * 3600
    return days_of(np.unique(np.append(hours, hours + HOLD_S)).tolist(), zone)


def _hours(time_s: Seconds) -> Seconds:
    """Return the hours in which there is anything, since the epoch; each of them once."""
    hours = time_s // 3600
    if len(hours) == 0:
        return hours
    first = int(hours.min())
    if int(hours.max()) - first > MOST_HOURS:
        return np.unique(hours)
    return first + np.flatnonzero(np.bincount(hours - first))


def doubtful_days(
    follower: Follower,
    doubts: Sequence[Doubt],
    zone: ZoneInfo,
    placed: Callable[[Projected], None],
) -> set[date]:
    """Return the days that doubts may change; ``placed`` gets readings that a fix may have placed.

    Where an edit takes a reading away from a room, the reading itself still tells the day. A fix
    changes no reading beside those of its boot; a late one may take a time away. One pass serves
    all edits, one all clock fixes, one the late ones.
    """
    days: set[date] = set()
    edits = [doubt for doubt in doubts if doubt.boot is None]
    if edits:
        start, end = min(edit.from_s for edit in edits), max(edit.to_s for edit in edits)
        for readings in _projected(follower, start, end):
            inside = _concerned(readings, edits) & (readings.time_s > 0)
            days |= days_touched(readings.time_s[inside], zone)
    for some, is_late in readings_of_fixed(follower, doubts):
        readings = project(some, follower.clocks, follower.directory)
        placed(readings)
        times = np.append(readings.time_s, some.readings["wall_s"] if is_late else ())
        days |= days_touched(times[times > 0].astype(np.int64), zone)
    return days


def _concerned(readings: Projected, doubts: Sequence[Doubt]) -> Mask:
    everybody = [doubt.from_s for doubt in doubts if doubt.sensor is None]
    inside: Mask = readings.time_s >= min(everybody, default=2**62)
    sensors: dict[int, tuple[int, int]] = {}
    for doubt in doubts:
        if doubt.sensor is not None:
            low, high = sensors.get(doubt.sensor, (doubt.from_s, doubt.to_s))
            sensors[doubt.sensor] = min(low, doubt.from_s), max(high, doubt.to_s)
    if not sensors:
        return inside
    numbers = sorted(sensors)
    known = np.array(numbers, np.uint64)
    ranges = np.array([sensors[number] for number in numbers], np.int64)
    place = np.minimum(np.searchsorted(known, readings.sensor), len(known) - 1)
    low, high = ranges[place].T
    inside |= (
        (known[place] == readings.sensor) & (readings.time_s >= low) & (readings.time_s < high)
    )
    return inside


def _projected(follower: Follower, start_s: int, end_s: int) -> Iterator[Projected]:
    batches = follower.readings_measured(start_s, end_s)
    yield from project_all(batches, follower.clocks, follower.directory)
