"""Readings from a file put into their rooms, on the grid of the whole time that is judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.core import MISSING, Indices, Raw, Seconds
from heatward_collector.core.grid import HOLD_S, SLOT_S, merge
from heatward_collector.errors import ImportRefused
from heatward_collector.evaluation.judging import calibration_of_day
from heatward_collector.from_files.outdoors import Outdoors
from heatward_collector.from_files.reading_file import Readings
from heatward_collector.from_files.sampling import between, margin, usual_distances
from heatward_collector.local_days import bounds, day_of
from heatward_collector.outdoor.temperatures import HIGHEST, LOWEST
from heatward_collector.readings.projection import Fate
from heatward_collector.registry import Directory
from heatward_collector.registry.directory import BENCH, UNASSIGNED
from heatward_node.rom import ROM_BYTES, kernel_name

HISTORY_DAYS = 75
"""Readings of so many days before the first that is judged are looked at: a detector compares."""
MOST_DAYS = 400
"""A longer time is hardly meant: a clock was wrong. [d]"""
MOST_STRANGERS = 3
"""Sensors unknown to the registry that are named where nothing can be judged."""


@dataclass(frozen=True)
class Recording:
    """The readings of all points."""

    directory: Directory
    first: date
    """First local day on the grid; what is judged may begin later."""
    last: date
    start_s: int
    """Begin of the first slot: an hour before the first day, for values that hold on. [s UTC]"""
    grid: Raw
    """(slots of 5 min, points) [1/16 degC]"""
    fates: Counter[str]
    """What became of good readings."""

    def cut(self, start_s: int, slots: int) -> Raw:
        """Return a part of the grid, missing where it reaches beyond it."""
        first = (start_s - self.start_s) // SLOT_S
        part = np.full((slots, self.grid.shape[1]), MISSING, np.int16)
        inside = self.grid[max(first, 0) : max(first + slots, 0)]
        begin = max(-first, 0)
        part[begin : begin + len(inside)] = inside
        return part

    @cached_property
    def distance_s(self) -> Seconds:
        """How far apart the readings of each point usually are, (points,). [s]"""
        return usual_distances(self.grid)

    def cut_between(self, start_s: int, slots: int) -> Raw:
        """Return a part of the grid with what slow sensors had between two readings."""
        beside = margin(self.distance_s)
        wider = self.cut(start_s - beside * SLOT_S, slots + 2 * beside)
        return between(wider, self.distance_s)[beside : beside + slots]

    def days(self) -> list[date]:
        """Return the local days of the grid."""
        return days_between(self.first, self.last)

    def outdoors(self, zone: ZoneInfo) -> Outdoors:
        """Return the median of the registry's shaded outdoor sensors, all districts in one."""
        points, outdoor = self.directory.points, self.directory.tables["outdoor"]
        # Points are made on demand: of a city only the few that are outdoors.
        places = np.flatnonzero(points.is_outdoor).tolist()
        shaded = [place for place in places if outdoor[points[place].id]["shaded"]]
        times, values = [np.zeros(0, np.int64)], [np.zeros(0)]
        for day in self.days() if shaded else ():
            start, end = bounds(day, zone)
            raw = self.cut(start, (end - start) // SLOT_S)[:, shaded]
            offset, _ = calibration_of_day(self.directory, start, end)
            celsius = raw / 16 + np.repeat(offset[:, shaded], 3600 // SLOT_S, axis=0)
            is_weather = (raw != MISSING) & (celsius >= LOWEST) & (celsius <= HIGHEST)
            heard = np.flatnonzero(is_weather.any(axis=1))
            # What was measured in a slot is known when it is over.
            times.append(start + SLOT_S * (heard + 1))
            values.append(np.nanmedian(np.where(is_weather, celsius, np.nan)[heard], axis=1))
        return Outdoors(np.concatenate(times), np.concatenate(values))


def days_between(first: date, last: date) -> list[date]:
    """Return the days from the first to the last, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def gather(
    pieces: Iterable[Readings],
    directory: Directory,
    zone: ZoneInfo,
    first: date | None = None,
    last: date | None = None,
) -> Recording:
    """Put readings into the rooms in which their sensors hung when they measured.

    ``first`` and ``last`` are the days that are to be judged; without them all days are. Raises
    ImportRefused where no reading belongs to a room, or where the days are too many to be meant.
    """
    low, high = _limits(zone, first, last)
    beyond: list[int] = []
    fates: Counter[str] = Counter()
    strangers: set[int] = set()
    kept: list[tuple[Seconds, Indices, Raw]] = []
    for readings in pieces:
        point = directory.assign(readings.sensor, readings.time_s)
        inside = (readings.time_s >= low) & (readings.time_s < high)
        fates[Fate.BENCH.name.lower()] += int((point == BENCH).sum())
        unknown = readings.sensor[point == UNASSIGNED]
        fates[Fate.UNASSIGNED.name.lower()] += len(unknown)
        if len(unknown) and len(strangers) < MOST_STRANGERS:
            strangers.update(np.unique(unknown)[:MOST_STRANGERS].tolist())
        outside = readings.time_s[(point >= 0) & ~inside]
        fates["outside"] += len(outside)
        beyond += [int(outside.min()), int(outside.max())] if len(outside) else []
        chosen = inside & (point >= 0)
        fates[Fate.JUDGED.name.lower()] += int(chosen.sum())
        kept.append((readings.time_s[chosen], point[chosen], readings.raw[chosen]))
    if not fates[Fate.JUDGED.name.lower()]:
        raise ImportRefused([_nothing(fates), *_beyond(beyond, zone), *_unknown(strangers)])
    begin = min(int(times.min()) for times, _, _ in kept if len(times))
    end = max(int(times.max()) for times, _, _ in kept if len(times))
    earliest = day_of(begin, zone)
    first = earliest if first is None else min(first, earliest)
    last = day_of(end, zone) if last is None else last
    if not 0 <= (last - first).days < MOST_DAYS:
        raise ImportRefused(
            [
                f"读数从 {earliest} 到 {day_of(end, zone)}，请用 --from 和 --to 说明判定哪些天 / "
                f"readings reach from {earliest} to {day_of(end, zone)}: say with --from and --to "
                f"which days to judge, at most {MOST_DAYS}"
            ]
        )
    start_s = bounds(first, zone)[0] - HOLD_S
    slots = (bounds(last, zone)[1] - start_s) // SLOT_S
    grid = np.full((slots, len(directory.points)), MISSING, np.int16)
    offset = np.zeros(grid.shape, np.uint16)
    for times, point, raw in kept:
        merge(grid, offset, times, point, raw, start_s)
    return Recording(directory, first, last, start_s, grid, fates)


def _limits(zone: ZoneInfo, first: date | None, last: date | None) -> tuple[int, int]:
    """Return [from, to) of the readings that are looked at at all. [s UTC]"""
    low = 0 if first is None else bounds(first - timedelta(days=HISTORY_DAYS), zone)[0]
    return low, 2**62 if last is None else bounds(last, zone)[1]


def _nothing(fates: Counter[str]) -> str:
    counts = ", ".join(f"{count} {fate}" for fate, count in sorted(fates.items()) if count)
    return (
        "没有一条读数属于登记表中的房间和要判定的日期 / no reading belongs to a room of the "
        "registry on the days to be judged: " + (counts or "0")
    )


def _beyond(times_s: list[int], zone: ZoneInfo) -> list[str]:
    """Say from when readings of rooms are where they are of other days than the judged ones."""
    if not times_s:
        return []
    first, last = day_of(min(times_s), zone), day_of(max(times_s), zone)
    return [
        f"房间的读数从 {first} 到 {last}，请改 --from 和 --to / "
        f"readings of rooms reach from {first} to {last}: set --from and --to by them"
    ]


def _unknown(strangers: set[int]) -> list[str]:
    """Say which sensors the registry does not know, and where they would have to stand."""
    if not strangers:
        return []
    names = [kernel_name(one.to_bytes(ROM_BYTES, "little")) for one in sorted(strangers)]
    return [
        "assignment.csv 未列出这些传感器，或当时尚未安装（from_s） / assignment.csv lacks these "
        f"sensors, or has them from a later time (from_s): {', '.join(names[:MOST_STRANGERS])}"
    ]
