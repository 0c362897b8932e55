"""Sixty days of a small town of which one source sends less for a while, as the slow half sees."""

from __future__ import annotations

from functools import cache

import numpy as np

from heatward_collector.core.suppression import Kind, Level
from heatward_collector.core.suppression.homes.days import Day
from heatward_collector.simulate import Event, Shape, measure, season, town

START = int(np.datetime64("2022-11-20", "s").astype(int)) - 8 * 3600
DAYS, DAY_S, STEP_S = 60, 86_400, 1800
FROM, TO = 35, 55
"""Days in which so2 sends three quarters of the heat."""


@cache
def simulated(is_cut: bool):
    tree = town(sources=5, buildings_per_source=2, homes_per_building=5, rooms_per_home=1)
    cut = Event(
        Kind.THROTTLING, Level.SOURCE, "so2", START + FROM * DAY_S, START + TO * DAY_S, 0.75
    )
    made = season(11, START, DAYS, STEP_S, Shape(tree, (cut,) if is_cut else ()))
    said = measure(made).celsius.T.astype(np.float32)
    said[(said < 5) | (said > 40)] = np.nan
    return made, said


def days(is_cut: bool, outdoor_known: bool = True) -> list[Day]:
    made, said = simulated(is_cut)
    slots = DAY_S // STEP_S
    nobody = np.zeros(said.shape[1], bool)
    outdoor = made.outdoor if outdoor_known else np.full(len(made.outdoor), np.nan)
    return [
        Day(
            START + day * DAY_S,
            START + (day + 1) * DAY_S,
            said[day * slots : (day + 1) * slots],
            outdoor[day * slots : (day + 1) * slots],
            nobody,
            nobody,
            nobody,
            nobody,
            (nobody, nobody),
        )
        for day in range(DAYS)
    ]
