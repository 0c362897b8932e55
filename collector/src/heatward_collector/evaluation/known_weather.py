"""The outdoor temperature as it was known: from our own shaded sensors, else imported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from heatward_collector.core import MISSING, Celsius, Indices, Seconds
from heatward_collector.core.grid import SLOT_S as READING_SLOT_S
from heatward_collector.core.suppression.homes.home_grid import SLOT_S
from heatward_collector.evaluation.judging import PartOf
from heatward_collector.outdoor.temperatures import HIGHEST, LOWEST, NEAR_S, OutdoorSeries
from heatward_collector.registry import Directory

OutdoorOf = Callable[[str, int, int], OutdoorSeries]
"""From a district and [from, to) in seconds UTC to what was imported for it."""
Heard = tuple[Seconds, Celsius]
"""When sensors measured the weather, and how cold it was, in order of time. [s UTC, degC]"""
NEVER_S = -(2**62)
"""Stands for the time of a value that was never measured."""
NOTHING_HEARD: Heard = (np.array([NEVER_S]), np.array([np.nan]))


@dataclass(frozen=True, slots=True)
class Weather:
    """Whom to ask for the weather under one snapshot of the registry."""

    shaded: Indices
    """Points of the shaded sensors of all districts."""
    districts: tuple[str, ...]
    outdoor_of: OutdoorOf

    @classmethod
    def of(cls, directory: Directory, outdoor_of: OutdoorOf) -> Weather:
        """Return whom a registry names."""
        outdoors = np.flatnonzero(directory.points.is_outdoor)
        is_shaded = directory.rows("outdoor").column("shaded").mapped(bool, bool)
        districts = tuple(directory.tables["district"])
        return cls(outdoors[is_shaded].astype(np.int32), districts, outdoor_of)

    def heard(
        self, before: Heard, span: tuple[int, int], part_of: PartOf, offset: Celsius
    ) -> Heard:
        """Return what sensors said in a span, with the last of before; each value when known.

        ``offset`` is their calibration, (hours, points). [K]
        """
        start, end = span
        raw = part_of(start, (end - start) // READING_SLOT_S, self.shaded)
        known = np.repeat(offset[:, self.shaded], 3600 // READING_SLOT_S, axis=0)
        celsius = raw / 16 + known
        is_weather = (raw != MISSING) & (celsius >= LOWEST) & (celsius <= HIGHEST)
        heard = np.flatnonzero(is_weather.any(axis=1))
        middle = (
            np.nanmedian(np.where(is_weather, celsius, np.nan)[heard], axis=1)
            if len(heard)
            else np.zeros(0)
        )
        # What was measured in a slot is known when it is over.
        return (
            np.concatenate([before[0][-1:], start + READING_SLOT_S * (heard + 1)]),
            np.concatenate([before[1][-1:], middle]),
        )

    def at_end_of(self, time_s: Seconds, heard: Heard) -> Celsius:
        """Return the outdoor temperature known at the end of slots: sensors, else imported."""
        moments = time_s + SLOT_S
        known = latest_before(moments, *heard)
        missing = np.flatnonzero(np.isnan(known))
        if len(missing):
            known[missing] = self._imported(moments[missing])
        return known

    def _imported(self, moments_s: Seconds) -> Celsius:
        """Return the median over the districts of what was imported."""
        of_district = []
        for district in self.districts:
            series = self.outdoor_of(district, int(moments_s[0]), int(moments_s[-1]))
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
