"""One local day after the other as the detector sees it: homes, weather, hours.

What a day needs of the days before is carried as a value, so that a day evaluated alone gives
exactly what it gives within a whole season. A day is gone through as readings come, and in blocks
of whole buildings: what is needed on the way does not grow with the city, and what is kept of it
lies in files where it is much.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices, Mask, Seconds
from heatward_collector.core.standard import Standard
from heatward_collector.core.suppression.falling.falls import CONTEXT_SLOTS
from heatward_collector.core.suppression.homes import home_grid
from heatward_collector.core.suppression.homes.home_grid import SLOT_S, STUCK_SLOTS, RoomLevels
from heatward_collector.core.suppression.homes.medians import across
from heatward_collector.core.suppression.stops.episode import ONSET_SLOTS
from heatward_collector.evaluation.judging import PartOf
from heatward_collector.evaluation.known_weather import NEVER_S, Heard, OutdoorOf, Weather
from heatward_collector.evaluation.recent_rooms import RecentRooms
from heatward_collector.evaluation.voting import SLOTS_AN_HOUR, SPIKE_REACH_S, RoomVoices
from heatward_collector.local_days import bounds, hours_of
from heatward_collector.registry import Directory
from heatward_collector.registry.laid_aside import blank_aside, let_go

ROOMS_AT_ONCE = 16_384
"""About so many rooms are looked at together: whole buildings of them. A day of theirs takes some
100 MB on the way."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a day needs of the days before it."""

    above_home: Celsius
    """(rooms,) how far each room lies above its home, NaN before it was heard. [K]"""
    rooms: Celsius
    """(STUCK_SLOTS, rooms), in the order of their buildings and homes. [degC]"""
    homes: npt.NDArray[np.float32]
    """(CONTEXT_SLOTS, homes) [degC]"""
    outdoor: Celsius
    """(CONTEXT_SLOTS,) [degC]"""
    hour: Celsius
    """(CONTEXT_SLOTS,) local hours. [h]"""
    is_season: Mask
    """(CONTEXT_SLOTS,)"""
    weather_s: int
    """When our sensors last measured the weather, and how cold it was. [s UTC, degC]"""
    weather: float

    @classmethod
    def nothing(cls, rooms: int, homes: int) -> Carried:
        """Return what there is before the first day."""
        return cls(
            np.full(rooms, np.nan),
            np.broadcast_to(np.nan, (STUCK_SLOTS, rooms)),
            np.broadcast_to(np.float32(np.nan), (CONTEXT_SLOTS, homes)),
            np.full(CONTEXT_SLOTS, np.nan),
            np.zeros(CONTEXT_SLOTS),
            np.zeros(CONTEXT_SLOTS, bool),
            NEVER_S,
            np.nan,
        )


class HomeDays:
    """Makes days under one snapshot of the registry."""

    def __init__(
        self,
        directory: Directory,
        standard: Standard,
        outdoor_of: OutdoorOf,
        folder: Path | None = None,
        rooms_at_once: int = ROOMS_AT_ONCE,
    ) -> None:
        """Lay out the rooms; what is large goes into unnamed files of a folder, if there is one."""
        self.directory, self.standard, self.folder = directory, standard, folder
        self.zone = ZoneInfo(standard.timezone)
        self.weather = Weather.of(directory, outdoor_of)
        points = np.flatnonzero(directory.point_home >= 0)
        building = directory.home_building[directory.point_home[points]]
        order = np.lexsort((directory.point_home[points], building))
        self._points: Indices = points[order].astype(np.int32)
        self._building: Indices = building[order]
        first = np.flatnonzero(np.diff(self._building, prepend=-1))
        # A block ends with the first building that fills it.
        of_block = first // max(rooms_at_once, 1)
        self._edges = first[np.flatnonzero(np.diff(of_block, prepend=-1))].tolist()

    @property
    def rooms(self) -> int:
        """How many rooms there are."""
        return len(self._points)

    def nothing(self) -> Carried:
        """Return what is carried into the first day of all."""
        return Carried.nothing(self.rooms, len(self.directory.homes))

    def begin(self, before: Carried, day: date) -> HomeDay:
        """Return a day of which nothing has been read."""
        return HomeDay(self, before, day)

    def blocks(self) -> Iterator[RoomBlock]:
        """Yield all rooms, whole buildings at a time."""
        for first, last in zip(self._edges, [*self._edges[1:], self.rooms], strict=True):
            some = slice(first, last)
            home = self.directory.point_home[self._points[some]]
            number = np.cumsum(np.diff(home, prepend=-1) != 0, dtype=np.int32) - 1
            columns = home[np.diff(home, prepend=-1) != 0]
            yield RoomBlock(some, self._points[some], number, columns, self._building[some])


@dataclass(frozen=True, slots=True)
class RoomBlock:
    """Rooms of some buildings."""

    rooms: slice
    """Their places in what is carried."""
    points: Indices
    home: Indices
    """(rooms,) as a place in ``columns``."""
    columns: Indices
    """Their homes, as columns of a grid."""
    building: Indices
    """(rooms,)"""


class HomeDay:
    """One local day as readings come: the slots that were read, behind their context.

    All arrays have CONTEXT_SLOTS more than the day; what was not read yet means nothing.
    """

    def __init__(self, days: HomeDays, before: Carried, day: date) -> None:
        self._days, self._before = days, before
        self.start_s, self.end_s = bounds(day, days.zone)
        count = (self.end_s - self.start_s) // SLOT_S
        now, whole, folder = slice(CONTEXT_SLOTS, None), CONTEXT_SLOTS + count, days.folder
        self.slots = 0
        """How many slots of the day were read."""
        self.time_s: Seconds = self.start_s + SLOT_S * np.arange(-CONTEXT_SLOTS, count)
        self.homes: Celsius = blank_aside((whole, before.homes.shape[1]), np.float64, folder)
        """(slots, homes) [degC]"""
        self.middle: Celsius = np.full(whole, np.nan)
        """(slots,) median of all homes, of the context only as far back as is asked for. [degC]"""
        self.outdoor = np.concatenate([before.outdoor, np.full(count, np.nan)])
        self.hour = np.concatenate([before.hour, np.zeros(count)])
        hours = np.repeat(np.array(hours_of(day, days.zone), np.float64), SLOTS_AN_HOUR)
        self.hour[now] = hours + (self.time_s[now] - self.start_s) % 3600 / 3600
        in_season = np.full(count, days.standard.in_season(day))
        self.is_season: Mask = np.concatenate([before.is_season, in_season])
        self._voices: RoomVoices | None = None
        self._day = day
        self._heard: Heard = (np.array([before.weather_s]), np.array([before.weather]))
        self.last_heard: Indices = np.full(self.homes.shape[1], -1, np.int32)
        """(homes,) the last row in which each home spoke."""
        for row in range(CONTEXT_SLOTS):
            self.homes[row] = before.homes[row]
            self._took(row, row >= CONTEXT_SLOTS - ONSET_SLOTS)
        self._above = np.array(before.above_home)
        self._rooms = RecentRooms(before.rooms, folder)
        self.let_go()

    def go_on(self, part_of: PartOf, until_s: int) -> None:
        """Read the slots that end by ``until_s``; those that were read stay as they are.

        ``part_of`` gives the readings of the day and of the hour before it.
        """
        first, last = self.slots, (min(self.end_s, until_s) - self.start_s) // SLOT_S
        if last <= first:
            return
        voices = self._voices_of_day()
        rows = range(CONTEXT_SLOTS + first, CONTEXT_SLOTS + last)
        self.homes[rows.start : rows.stop] = np.nan
        for block in self._days.blocks():
            spoken = voices.quarters(part_of, first, last, block.points)
            new = self._temperatures(block, first, spoken)
            self.homes[rows.start : rows.stop, block.columns] = new
        self._read(part_of, rows)

    def again(self, part_of: PartOf, points: Indices, since_s: int) -> int:
        """Read again what late readings of some points concern; return the first slot of it.

        None of them may be from before ``since_s``. [s UTC]
        """
        first = max((since_s - SPIKE_REACH_S - self.start_s) // SLOT_S, 0)
        if first >= self.slots:
            return self.slots
        voices, is_late = self._voices_of_day(), np.zeros(len(self._days.directory.points), bool)
        is_late[points] = True
        rows = range(CONTEXT_SLOTS + first, CONTEXT_SLOTS + self.slots)
        for block in self._days.blocks():
            if is_late[block.points].any():
                self._above[block.rooms] = self._before.above_home[block.rooms]
                self._rooms.begin_again(block.rooms)
                spoken = voices.quarters(part_of, 0, self.slots, block.points)
                day = self._temperatures(block, 0, spoken)
                self.homes[CONTEXT_SLOTS : rows.stop, block.columns] = day
        self._read(part_of, rows)
        return first

    def carried(self) -> Carried:
        """Return what the next slots need of these and those before."""
        last = slice(self.slots, self.slots + CONTEXT_SLOTS)
        return Carried(
            self._above,
            self._rooms.before(self.slots),
            self.homes[last].astype(np.float32),
            self.outdoor[last],
            self.hour[last],
            self.is_season[last],
            int(self._heard[0][-1]),
            float(self._heard[1][-1]),
        )

    def let_go(self) -> None:
        """Let this process hold no page of what lies in files."""
        let_go(self.homes)
        self._rooms.let_go()

    def _voices_of_day(self) -> RoomVoices:
        if self._voices is None:
            self._voices = RoomVoices(self._days.directory, self._days.standard, self._day)
        return self._voices

    def _read(self, part_of: PartOf, rows: range) -> None:
        """Take note of what was read into some rows, up to the last that is known."""
        for row in rows:
            self._took(row)
        weather, offset = self._days.weather, self._voices_of_day().offset
        before = (np.array([self._before.weather_s]), np.array([self._before.weather]))
        self._heard = weather.heard(before, (self.start_s, self.end_s), part_of, offset)
        known = slice(CONTEXT_SLOTS, rows.stop)
        self.outdoor[known] = weather.at_end_of(self.time_s[known], self._heard)
        self.slots = rows.stop - CONTEXT_SLOTS
        self.let_go()

    def _took(self, row: int, is_asked_for: bool = True) -> None:
        """Take note of what all homes say in a row."""
        self.last_heard[~np.isnan(self.homes[row])] = row
        if is_asked_for:
            self.middle[row] = across(self.homes[row : row + 1])[0]

    def _temperatures(
        self, block: RoomBlock, first: int, spoken: Celsius
    ) -> npt.NDArray[np.float32]:
        """Return the homes of a block from a slot on, and carry its rooms on."""
        clean = self._rooms.heard(block.rooms, first, spoken, block.building)
        homes, levels = home_grid.home_temperatures(
            clean, block.home, len(block.columns), RoomLevels(self._above[block.rooms])
        )
        self._above[block.rooms] = levels.above_home
        return homes
