"""One local day after the other as the detector sees it: homes, weather, hours.

What a day needs of the days before is carried as a value, so that a day evaluated alone gives
exactly what it gives within a whole season.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from heatward_collector.core import MISSING, Celsius, Indices, Mask, Seconds
from heatward_collector.core.grid import SLOT_S as READING_SLOT_S
from heatward_collector.core.standard import Standard
from heatward_collector.core.suppression.falling.falls import CONTEXT_SLOTS
from heatward_collector.core.suppression.homes import home_grid
from heatward_collector.core.suppression.homes.home_grid import SLOT_S, STUCK_SLOTS, RoomLevels
from heatward_collector.core.suppression.season import Grid
from heatward_collector.evaluation.judging import GridOf, calibration_of_day
from heatward_collector.evaluation.voting import SLOTS_AN_HOUR, room_day
from heatward_collector.local_days import bounds, hours_of
from heatward_collector.outdoor.temperatures import HIGHEST, LOWEST, NEAR_S, OutdoorSeries
from heatward_collector.registry import Directory

NEVER_S = -(2**62)
"""Stands for the time of a value that was never measured."""
OutdoorOf = Callable[[str, int, int], OutdoorSeries]
"""From a district and [from, to) in seconds UTC to what was imported for it."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a day needs of the days before it."""

    above_home: Celsius
    """(rooms,) how far each room lies above its home, NaN before it was heard. [K]"""
    rooms: Celsius
    """(STUCK_SLOTS, rooms), in the order of their homes. [degC]"""
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
            np.full((STUCK_SLOTS, rooms), np.nan),
            np.full((CONTEXT_SLOTS, homes), np.nan, np.float32),
            np.full(CONTEXT_SLOTS, np.nan),
            np.zeros(CONTEXT_SLOTS),
            np.zeros(CONTEXT_SLOTS, bool),
            NEVER_S,
            np.nan,
        )


class HomeDays:
    """Makes days under one snapshot of the registry."""

    def __init__(self, directory: Directory, standard: Standard, outdoor_of: OutdoorOf) -> None:
        self._directory, self._standard, self._outdoor_of = directory, standard, outdoor_of
        self._zone = ZoneInfo(standard.timezone)
        order = np.argsort(directory.point_home, kind="stable")
        self._order = order[directory.point_home[order] >= 0]
        self._home: Indices = directory.point_home[self._order]
        outdoors = np.flatnonzero(directory.points.is_outdoor)
        self._shaded = outdoors[directory.rows("outdoor").column("shaded").mapped(bool, bool)]

    def nothing(self) -> Carried:
        """Return what is carried into the first day of all."""
        return Carried.nothing(len(self._order), len(self._directory.homes))

    def day(
        self, before: Carried, day: date, grid_of: GridOf, until_s: int
    ) -> tuple[Grid, Carried]:
        """Return a day's slots that end by ``until_s`` behind their context, and what is carried.

        ``grid_of`` gives the readings of the day and of the hour before it.
        """
        start, end = bounds(day, self._zone)
        slots = (min(end, until_s) - start) // SLOT_S
        time_s = start + SLOT_S * np.arange(slots, dtype=np.int64)
        spoken = room_day(self._directory, self._standard, day, grid_of)[:slots, self._order]
        rooms = np.concatenate([before.rooms, spoken])
        building = self._directory.home_building[self._home]
        clean = home_grid.without_stuck(rooms, building)[len(before.rooms) :]
        homes, levels = home_grid.home_temperatures(
            clean, self._home, len(self._directory.homes), RoomLevels(before.above_home)
        )
        weather_s, weather = self._sensors(before, (start, end), grid_of)
        hours = np.repeat(np.array(hours_of(day, self._zone), np.float64), SLOTS_AN_HOUR)
        joined = Grid(
            start_s=start - SLOT_S * CONTEXT_SLOTS,
            slot_s=SLOT_S,
            homes=np.concatenate([before.homes, homes]),
            outdoor=np.concatenate([before.outdoor, self._weather(time_s, weather_s, weather)]),
            hour=np.concatenate([before.hour, hours[:slots] + (time_s - start) % 3600 / 3600]),
            is_season=np.concatenate(
                [before.is_season, np.full(slots, self._standard.in_season(day))]
            ),
        )
        carried = Carried(
            levels.above_home,
            rooms[-STUCK_SLOTS:],
            joined.homes[-CONTEXT_SLOTS:],
            joined.outdoor[-CONTEXT_SLOTS:],
            joined.hour[-CONTEXT_SLOTS:],
            joined.is_season[-CONTEXT_SLOTS:],
            int(weather_s[-1]),
            float(weather[-1]),
        )
        return joined, carried

    def _sensors(
        self, before: Carried, span: tuple[int, int], grid_of: GridOf
    ) -> tuple[Seconds, Celsius]:
        """Return what the shaded sensors of all districts said, each value when it was known."""
        start, end = span
        raw = grid_of(start, (end - start) // READING_SLOT_S)[:, self._shaded]
        offset, _ = calibration_of_day(self._directory, start, end)
        celsius = raw / 16 + np.repeat(offset[:, self._shaded], 3600 // READING_SLOT_S, axis=0)
        is_weather = (raw != MISSING) & (celsius >= LOWEST) & (celsius <= HIGHEST)
        heard = np.flatnonzero(is_weather.any(axis=1))
        middle = (
            np.nanmedian(np.where(is_weather, celsius, np.nan)[heard], axis=1)
            if len(heard)
            else np.zeros(0)
        )
        # What was measured in a slot is known when it is over.
        return (
            np.concatenate([[before.weather_s], start + READING_SLOT_S * (heard + 1)]),
            np.concatenate([[before.weather], middle]),
        )

    def _weather(self, time_s: Seconds, weather_s: Seconds, weather: Celsius) -> Celsius:
        """Return the outdoor temperature known at the end of each slot: sensors, else imported."""
        moments = time_s + SLOT_S
        known = latest_before(moments, weather_s, weather)
        missing = np.flatnonzero(np.isnan(known))
        if len(missing):
            known[missing] = self._imported(moments[missing])
        return known

    def _imported(self, moments_s: Seconds) -> Celsius:
        """Return the median over the districts of what was imported."""
        of_district = []
        for district in self._directory.tables["district"]:
            series = self._outdoor_of(district, int(moments_s[0]), int(moments_s[-1]))
            if len(series.time_s):
                of_district.append(latest_before(moments_s, series.time_s, series.celsius))
        known = np.full(len(moments_s), np.nan)
        if of_district:
            values = np.array(of_district)
            some = np.isfinite(values).any(axis=0)
            known[some] = np.nanmedian(values[:, some], axis=0)
        return known


def latest_before(
    moments_s: Seconds, time_s: Seconds, celsius: Celsius, fresh_s: int = NEAR_S
) -> Celsius:
    """Return the latest of some values before each moment, NaN where it is older than ``fresh_s``.

    The values are in order of time.
    """
    latest = np.searchsorted(time_s, moments_s) - 1
    age = moments_s - time_s[latest.clip(0)]
    return np.where((latest >= 0) & (age <= fresh_s), celsius[latest.clip(0)], np.nan)
