"""What a time series store must do, and the points it takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from heatward_collector.core import Celsius, Indices, Seconds

ROOM = "room_temperature"
OUTDOOR = "outdoor_temperature"
CANARY = "line_canary"
"""Test readings: no home's, and in none of what is read of rooms."""
HOUR_S = 3600


class Series(NamedTuple):
    """The tags of one series: opaque ids only. Outdoors, building, home and room are empty."""

    measurement: str
    district: str
    street: str
    building: str
    home: str
    room: str
    sensor: str


@dataclass(frozen=True, slots=True)
class Points:
    """Temperatures to write: ``index`` (n,) points into ``series``; later ones win a second.

    No two of the series are equal.
    """

    series: Sequence[Series]
    index: Indices
    time_s: Seconds
    celsius: Celsius

    def __len__(self) -> int:
        return len(self.time_s)

    def without_replaced(self) -> Points:
        """Return the points that stay: no two of one series and second."""
        if not len(self):
            return self
        first_s = self.time_s.min()
        seconds = int(self.time_s.max() - first_s) + 1
        key = self.index.astype(np.int64) * seconds + (self.time_s - first_s)
        ordered = np.sort(key, kind="stable")  # packs of a node are runs, which it finds
        if (ordered[1:] > ordered[:-1]).all():
            return self
        _, before_last = np.unique(key[::-1], return_index=True)
        stay = np.sort(len(self) - 1 - before_last)
        return Points(self.series, self.index[stay], self.time_s[stay], self.celsius[stay])


class Stored(NamedTuple):
    """Points as a store gives them back, by (sensor, time)."""

    room: list[str]
    sensor: list[str]
    time_s: Seconds
    celsius: Celsius


class TimeSeries(Protocol):
    """A store of room and outdoor temperatures."""

    def write(self, points: Points) -> None:
        """Write points; they are in the store on return.

        Raises StoreAway where it is worth trying again, StoreMisconfigured where somebody must act.
        """

    def delete(self, sensor: str, from_s: int, to_s: int) -> None:
        """Delete a sensor's points in [from_s, to_s)."""

    def drop(self) -> None:
        """Delete every point."""

    def room(self, room: str, from_s: int, to_s: int) -> tuple[Seconds, Celsius]:
        """Return the readings of a room or outdoor place in [from_s, to_s), in order of time."""

    def hourly(self, rooms: Sequence[str], from_s: int, to_s: int) -> Celsius:
        """Return hourly means, (rooms, hours), NaN where an hour has no reading.

        One question for all rooms of a building. ``from_s`` is a whole hour; hours begin in
        [from_s, to_s), and readings from ``to_s`` on count nowhere.
        """

    def stored(self, from_s: int, to_s: int) -> Stored:
        """Return every point in [from_s, to_s), by sensor and time."""

    def canaries(self, from_s: int, to_s: int) -> Seconds:
        """Return when the test readings in [from_s, to_s) were taken, in order."""


EMPTY = Stored([], [], np.empty(0, np.int64), np.empty(0, np.float64))


def hours_of(
    means: Iterable[tuple[str, int, float]], rooms: Sequence[str], from_s: int, to_s: int
) -> Celsius:
    """Return (rooms, hours) of room, beginning of an hour and mean, in any order."""
    place = {room: index for index, room in enumerate(rooms)}
    hourly = np.full((len(rooms), max(-(-(to_s - from_s) // HOUR_S), 0)), np.nan)
    for room, hour_s, celsius in means:
        hourly[place[room], (hour_s - from_s) // HOUR_S] = celsius
    return hourly
