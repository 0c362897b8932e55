"""Notices before anything is wrong: a cold wave, a holiday, cold before the season begins.

The notice of 2021 asks suppliers to stand ready then, 1(1) and 1(6). These notices accuse nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from heatward_collector.core.suppression.findings.festival import NEW_YEARS

WAVE_FALL_KELVIN, WAVE_LOWEST_CELSIUS = 8.0, 4.0
"""A cold wave: the lowest temperature of a day falls by so much within a day, to so much or less.
[K, degC] (GB/T 21987, the mildest of its grades)"""
EARLY_DAYS, EARLY_CELSIUS = 5, 5.0
"""Heat is needed before the season once so many days in a row have a mean below so much. [d, degC]
(the usual definition of the heating period in GB 50736)"""
EARLY_WITHIN_DAYS = 30
"""Cold longer before the season is no matter of its beginning. [d]"""
HOLIDAY_AHEAD_DAYS = 1
FESTIVAL_FIRST = timedelta(days=-1)
"""New Year's Eve is a holiday already."""


class Occasion(StrEnum):
    """Why suppliers are asked to stand ready."""

    COLD_WAVE = "cold_wave"
    HOLIDAY = "holiday"
    EARLY_START = "early_start"


@dataclass(frozen=True, slots=True)
class OutdoorDay:
    """One whole local day outdoors. [degC]"""

    lowest: float
    mean: float


def occasions(
    today: date, outdoors: Mapping[date, OutdoorDay], season_first: date, in_season: bool
) -> list[tuple[Occasion, date]]:
    """Return what suppliers are to be told on a day, each with the day by which it is known.

    The same occasion keeps its day, so that it is told once.

    Parameters
    ----------
    today : date
        The local day.
    outdoors : mapping of date to OutdoorDay
        Whole days that are known; yesterday is the newest that counts.
    season_first : date
        First day of the season that is nearest.
    in_season : bool
        Whether heat is owed today.
    """
    found = []
    yesterday, before = today - timedelta(days=1), today - timedelta(days=2)
    if in_season and _is_wave(outdoors.get(before), outdoors.get(yesterday)):
        found.append((Occasion.COLD_WAVE, yesterday))
    holiday = today + timedelta(days=HOLIDAY_AHEAD_DAYS)
    if in_season and holiday in holidays():
        found.append((Occasion.HOLIDAY, holiday))
    days = [outdoors.get(today - timedelta(days=one)) for one in range(1, EARLY_DAYS + 1)]
    is_near = 0 < (season_first - today).days <= EARLY_WITHIN_DAYS
    if is_near and not in_season and _is_cold(days):
        found.append((Occasion.EARLY_START, season_first))
    return found


def holidays() -> frozenset[date]:
    """Return the days on which long holidays of a heating season begin."""
    festivals = {date.fromisoformat(day) + FESTIVAL_FIRST for day in NEW_YEARS.split()}
    return frozenset(festivals | {date(day.year, 1, 1) for day in festivals})


def _is_wave(before: OutdoorDay | None, after: OutdoorDay | None) -> bool:
    if before is None or after is None:
        return False
    return before.lowest - after.lowest >= WAVE_FALL_KELVIN and after.lowest <= WAVE_LOWEST_CELSIUS


def _is_cold(days: Sequence[OutdoorDay | None]) -> bool:
    return all(day is not None and day.mean < EARLY_CELSIUS for day in days)
