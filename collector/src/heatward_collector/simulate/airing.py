"""When windows are open: daily habits, mornings on which many air together, and after leaks."""

from __future__ import annotations

import numpy as np

from heatward_collector.core import Indices, Seconds

from .calendar import DAY_S, HOUR_S
from .habits import Habits
from .presence import JITTER_S, Pattern, Spans, day_count, first_midnight

MORNING_HOURS = (6.5, 8.5)
SHARED_JITTER_S = 900.0
SEASON_DAYS = 180.0


def airing(
    pattern: Pattern,
    building: Indices,
    stairwell: Indices,
    time_s: Seconds,
    habits: Habits,
    random: np.random.Generator,
) -> list[Spans]:
    """Return every airing of a season."""
    return [
        _daily(pattern, time_s, habits, random),
        *_shared(building, time_s, habits, random),
        *_after_leaks(building, stairwell, time_s, habits, random),
    ]


def _daily(pattern: Pattern, time_s: Seconds, habits: Habits, random: np.random.Generator) -> Spans:
    days, homes = day_count(time_s), len(pattern.family)
    shape = (homes, days)
    airs = (random.random(shape) < habits.airing_per_day)[pattern.family]
    hour = pattern.airing_hour[:, None] + random.normal(0.0, 1.0, shape)[pattern.family]
    length = random.uniform(*habits.airing_minutes, shape)[pattern.family] * 60.0
    home, day = np.nonzero(airs)
    begin = first_midnight(time_s) + day * DAY_S + hour[home, day] * HOUR_S
    begin += random.normal(0.0, JITTER_S, len(home))
    return home.astype(np.int32), begin, begin + length[home, day]


def _shared(
    building: Indices, time_s: Seconds, habits: Habits, random: np.random.Generator
) -> list[Spans]:
    """On some mornings the whole town airs, on others one building by itself."""
    count, days, homes = int(building.max()) + 1, day_count(time_s), len(building)
    whole = random.random(days) < habits.town_airing_mornings
    alone = random.random((count, days)) < habits.building_airing_mornings
    town_hour = random.uniform(*MORNING_HOURS, days)
    own_hour = random.uniform(*MORNING_HOURS, (count, days))
    spans = []
    for day in np.flatnonzero(whole | alone.any(axis=0)).tolist():
        hour = np.where(whole[day], town_hour[day], own_hour[:, day])
        airs = (whole[day] | alone[:, day])[building]
        joins = random.uniform(*habits.shared_join, count)[building]
        home = np.flatnonzero(airs & (random.random(homes) < joins)).astype(np.int32)
        begin = first_midnight(time_s) + day * DAY_S + hour[building[home]] * HOUR_S
        begin = begin + random.normal(0.0, SHARED_JITTER_S, len(home))
        length = random.uniform(*habits.shared_minutes, len(home)) * 60.0
        spans.append((home, begin, begin + length))
    return spans


def _after_leaks(
    building: Indices,
    stairwell: Indices,
    time_s: Seconds,
    habits: Habits,
    random: np.random.Generator,
) -> list[Spans]:
    span_s = float(time_s[-1] - time_s[0])
    rate = habits.leaks_per_season * span_s / (SEASON_DAYS * DAY_S)
    spans = []
    for one, leaks in enumerate(random.poisson(rate, int(building.max()) + 1).tolist()):
        for _ in range(leaks):
            where = random.choice(stairwell[building == one])
            home = np.flatnonzero(stairwell == where).astype(np.int32)
            begin = np.full(len(home), time_s[0] + random.random() * span_s)
            begin += random.normal(0.0, JITTER_S, len(home))
            length = random.uniform(*habits.leak_hours, len(home)) * HOUR_S
            spans.append((home, begin, begin + length))
    return spans
