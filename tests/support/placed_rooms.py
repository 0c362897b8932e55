"""A building of rooms whose sensors hang well, to be spoilt by tests."""

from __future__ import annotations

import numpy as np

from heatward_collector.core.placement import Rooms

SLOT_S = 300
A_DAY = 288
AN_HOUR = 12
DAYS = 49
START_S = 1_704_038_400
"""Midnight of 1 January 2024 in Harbin."""
ROOMS = 8


def hours(days: int = DAYS) -> np.ndarray:
    """Return hours since the first midnight."""
    return np.arange(days * A_DAY) / AN_HOUR


def outdoor(days: int = DAYS) -> np.ndarray:
    """Return a cold month and a half with warm and cold days."""
    hour = hours(days)
    return -15 + 5 * np.sin(2 * np.pi * (hour - 9) / 24) + 4 * np.sin(2 * np.pi * hour / 170)


def building(rooms: int = ROOMS, days: int = DAYS) -> np.ndarray:
    """Return rooms that differ in level, with noise and a window opened once a day."""
    draw = np.random.default_rng(1)
    hour = hours(days)
    shared = 21 + 0.4 * np.sin(2 * np.pi * (hour - 15) / 24)
    result = shared[:, None] + np.linspace(-0.7, 0.7, rooms)
    for room in range(rooms):
        for day in range(days):
            begin = (24 * day + 7 + draw.uniform(0, 14)) * AN_HOUR
            dip = slice(int(begin), int(begin) + int(draw.integers(2, 9)))
            result[dip, room] -= np.linspace(0.5, 3.0, len(result[dip]))
    return np.round((result + draw.normal(0, 0.04, result.shape)) * 16) / 16


def placed(celsius: np.ndarray, with_outdoor: bool = True) -> Rooms:
    """Return rooms of one building as they are looked at."""
    days = len(celsius) // A_DAY
    weather = outdoor(days) if with_outdoor else np.full(len(celsius), np.nan)
    group = np.zeros(celsius.shape[1], np.int32)
    return Rooms(START_S, SLOT_S, celsius, weather, hours(days) % 24, group)


def coarse(rooms: Rooms) -> Rooms:
    """Return the same rooms with a reading every 15 min."""
    every = slice(None, None, 3)
    return Rooms(
        rooms.start_s,
        900,
        rooms.celsius[every],
        rooms.outdoor[every],
        rooms.hour[every],
        rooms.group,
    )
