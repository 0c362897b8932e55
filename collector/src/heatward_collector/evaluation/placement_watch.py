"""Looks once a local day whether sensors still hang where they measure the air of their room."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.conclusions.placements import PlacementStore, SaidDoubt
from heatward_collector.core import Celsius, Seconds
from heatward_collector.core.grid import SLOT_S as READING_SLOT_S
from heatward_collector.core.standard import Standard
from heatward_collector.core.suppression.homes.home_grid import SLOT_S
from heatward_collector.core.suppression.stops.episode import WATERMARK_S
from heatward_collector.evaluation.judging import GridOf, calibration_of_day, part_of_grid
from heatward_collector.evaluation.known_weather import NOTHING_HEARD, Weather
from heatward_collector.evaluation.older_days import CELLS_AT_ONCE, grid_from_ledger
from heatward_collector.evaluation.placement_days import OutdoorAt, doubts_of_days
from heatward_collector.local_days import bounds, day_of
from heatward_collector.outdoor.temperatures import OutdoorStore
from heatward_collector.readings.follow import Follower

DAYS = 14
"""So far back a look goes: a week on either side of a sensor that was moved. [d]"""
READINGS_A_DAY = 86_400 // READING_SLOT_S


class PlacementWatch:
    """Keeps the doubts equal to what the last two weeks of the ledger say."""

    def __init__(self, follower: Follower, store: PlacementStore, standard: Standard) -> None:
        self._follower, self._store, self._standard = follower, store, standard
        self._zone = ZoneInfo(standard.timezone)
        self._outdoor = OutdoorStore(follower.registry)
        self._looked: date | None = None
        self.left_out = 0
        """Rooms of a network too large to be looked at while it runs."""

    def look(self, now_s: float) -> int | None:
        """Look at the days that are over, once each; return how many doubts there are.

        None where nothing was due: the day was looked at, or there are more rooms than fit into
        the memory set aside; those are for ``heatward judge``.
        """
        today = day_of(now_s - WATERMARK_S, self._zone)
        points = len(self._follower.directory.points)
        self.left_out = points if points * DAYS * READINGS_A_DAY > CELLS_AT_ONCE else 0
        if today == self._looked or self.left_out or self._follower.lag or not points:
            return None
        self._looked = today
        days = [today - timedelta(days=back) for back in range(DAYS, 0, -1)]
        grid_of = grid_from_ledger(self._follower, days, self._zone)
        directory = self._follower.directory
        found = doubts_of_days(
            directory, self._standard, days, grid_of, self._weather(days, grid_of)
        )
        now = int(now_s)
        said = [
            SaidDoubt(
                directory.points[one.room].id,
                one.kind,
                one.start_s,
                one.end_s,
                one.strength,
                dict(one.evidence),
                now,
                now,
            )
            for one in found
        ]
        span = bounds(days[0], self._zone)[0], bounds(days[-1], self._zone)[1]
        self._store.record(said, span, now)
        return len(said)

    def _weather(self, days: list[date], grid_of: GridOf) -> OutdoorAt:
        """Return the outdoor temperature as the detector knows it, day after day."""
        directory = self._follower.directory
        weather = Weather.of(directory, self._outdoor.series)
        heard, known = NOTHING_HEARD, []
        for day in days:
            start_s, end_s = bounds(day, self._zone)
            offset, _ = calibration_of_day(directory, start_s, end_s)
            part_of = part_of_grid(grid_of(start_s, (end_s - start_s) // READING_SLOT_S), start_s)
            heard = weather.heard(heard, (start_s, end_s), part_of, offset)
            known.append(weather.at_end_of(np.arange(start_s, end_s, SLOT_S), heard))
        start_s, celsius = bounds(days[0], self._zone)[0], np.concatenate(known)

        def at(moments_s: Seconds) -> Celsius:
            slot = (moments_s - 1 - start_s) // SLOT_S
            return np.asarray(celsius[slot.clip(0, len(celsius) - 1)])

        return at
