"""When households are up, out and away, and the heat of their living."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices, Mask, Seconds

from .calendar import DAY_S, HOUR_S, LOCAL_ZONE_S, SPRING_FESTIVALS, local_hour, local_midnight
from .habits import Habits

ALWAYS_KELVIN = 1.2
"""Refrigerator and what else runs in an empty home. [K] (100 W over a loss of 80 W/K)"""
ACTIVE_KELVIN = 2.5
"""People, lamps, and screens of a home that is up. [K] (200 W)"""
ASLEEP_SHARE, OUT_SHARE = 0.3, 0.1
COOKING_KELVIN = 6.0
COOKING_HOURS = (6.5, 11.5, 17.8)
COOKING_MINUTES = (25.0, 55.0)
COOKING_SHARE = 0.8
FESTIVAL_DAYS = 8.0
FESTIVAL_SPREAD_DAYS = 2.0
JITTER_S = 600.0
"""Standard deviation by which homes of one pattern differ. [s]"""
Spans = tuple[Indices, Celsius, Celsius]
"""Homes, and [from, to) of each in seconds UTC; a home may stand often."""


def marked(spans: Iterable[Spans], homes: int, time_s: Seconds) -> Mask:
    """Say at which steps any span covers a home, (homes, times)."""
    step = time_s[1] - time_s[0]
    edges = np.zeros((homes, len(time_s) + 1), dtype=np.int16)
    for home, begin, end in spans:
        first, last = (
            np.clip(np.ceil((at - time_s[0]) / step), 0, len(time_s)).astype(np.int64)
            for at in (begin, end)
        )
        np.add.at(edges, (home, first), 1)
        np.add.at(edges, (home, last), -1)
    return np.asarray(np.cumsum(edges[:, :-1], axis=1, dtype=np.int16) > 0)


@dataclass(frozen=True, slots=True)
class Pattern:
    """How each home's days go, (homes,): homes of one family share a row of numbers."""

    family: Indices
    up: Celsius
    """Local hour of getting up. [h]"""
    down: Celsius
    """Local hour of going to bed, beyond 24 after midnight. [h]"""
    is_home_by_day: Mask
    airing_hour: Celsius


def first_midnight(time_s: Seconds) -> int:
    """Return the local midnight at or before the first step. [s UTC]"""
    return int((time_s[0] + LOCAL_ZONE_S) // DAY_S * DAY_S - LOCAL_ZONE_S)


def day_count(time_s: Seconds) -> int:
    """Return how many local days a season touches."""
    return int((time_s[-1] - first_midnight(time_s)) // DAY_S) + 1


def patterns(building: Indices, habits: Habits, random: np.random.Generator) -> Pattern:
    """Draw how days go; in some buildings two or three homes are one family."""
    homes = len(building)
    family = np.arange(homes, dtype=np.int32)
    for one in range(int(building.max()) + 1):
        inside = np.flatnonzero(building == one)
        size = int(random.integers(2, 4))
        together = random.permutation(inside)[:size]
        if random.random() < habits.family_buildings:
            family[together] = together.min()
    return Pattern(
        family,
        random.uniform(5.5, 7.5, homes)[family],
        random.uniform(21.5, 24.5, homes)[family],
        (random.random(homes) < habits.retired)[family],
        random.uniform(6.0, 22.5, homes)[family],
    )


def away(
    pattern: Pattern, time_s: Seconds, habits: Habits, random: np.random.Generator
) -> list[Spans]:
    """Return trips, and the Spring Festival for which many homes leave together."""
    homes = len(pattern.family)
    span_s = float(time_s[-1] - time_s[0])
    trips = random.poisson(habits.trips_per_season * span_s / (180 * DAY_S), homes)[pattern.family]
    result = []
    for number in range(1, int(trips.max(initial=0)) + 1):
        begin = (time_s[0] + random.random(homes) * span_s)[pattern.family]
        length = random.uniform(*habits.trip_days, homes)[pattern.family] * DAY_S
        goes = np.flatnonzero(trips >= number).astype(np.int32)
        result.append((goes, begin[goes], (begin + length)[goes]))
    for day in SPRING_FESTIVALS:
        begin = (
            local_midnight(day)
            - DAY_S
            + DAY_S * random.normal(0.0, FESTIVAL_SPREAD_DAYS / 2, homes)
        )
        length = random.uniform(0.5, 1.0, homes) * FESTIVAL_DAYS * DAY_S
        goes = np.flatnonzero(random.random(homes) < habits.festival_away).astype(np.int32)
        result.append((goes, begin[goes], (begin + length)[goes]))
    return result


def is_out(pattern: Pattern, time_s: Seconds) -> Mask:
    """Say when the people of a home are at work, (homes, times)."""
    local_day = (time_s + LOCAL_ZONE_S) // DAY_S
    # The first of January 1970 was a Thursday.
    is_workday = (local_day + 3) % 7 < 5
    hour = local_hour(time_s)
    leaves = (pattern.up + 1.5)[:, None]
    out = (hour >= leaves) & (hour < leaves + 9.5) & is_workday
    return np.asarray(out & ~pattern.is_home_by_day[:, None])


def is_asleep(pattern: Pattern, time_s: Seconds) -> Mask:
    """Say when a home sleeps, (homes, times)."""
    since = (local_hour(time_s) - (pattern.down % 24)[:, None]) % 24
    return np.asarray(since < ((pattern.up - pattern.down) % 24)[:, None])


def living(
    pattern: Pattern, time_s: Seconds, gone: Mask, random: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Return the heat of people, lamps and stoves, float32 (homes, times). [K]"""
    homes = len(pattern.family)
    days = day_count(time_s)
    hour = ((time_s - first_midnight(time_s)) // HOUR_S).astype(np.int64)
    hourly = random.uniform(0.3, 1.7, (homes, int(hour[-1]) + 1)).astype(np.float32)
    activity = hourly[:, hour]
    activity[is_asleep(pattern, time_s)] *= ASLEEP_SHARE
    activity[is_out(pattern, time_s)] *= OUT_SHARE
    heat = np.float32(ACTIVE_KELVIN) * activity
    del activity
    heat[_cooking(homes, time_s, days, random)] += COOKING_KELVIN
    heat[gone] = 0.0
    heat += np.float32(ALWAYS_KELVIN)
    return heat


def _cooking(homes: int, time_s: Seconds, days: int, random: np.random.Generator) -> Mask:
    midnight = first_midnight(time_s)
    spans = []
    for meal in COOKING_HOURS:
        cooks = random.random((homes, days)) < COOKING_SHARE
        home, day = np.nonzero(cooks)
        begin = midnight + day * DAY_S + (meal + random.normal(0.0, 0.5, len(home))) * HOUR_S
        length = random.uniform(*COOKING_MINUTES, len(home)) * 60.0
        spans.append((home.astype(np.int32), begin, begin + length))
    return marked(spans, homes, time_s)
