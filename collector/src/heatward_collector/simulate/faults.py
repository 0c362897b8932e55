"""When which sensor fails: drawn from rates, and asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.suppression import Level

from .calendar import DAY_S, HOUR_S
from .events import Cause
from .presence import marked
from .season import Season
from .sensing import FaultKind, Rate, Sensing

POWER_ON_CELSIUS, SHORT_CELSIUS, DISCONNECTED_CELSIUS = 85.0, 127.9375, -127.0
REPLACED = {
    FaultKind.POWER_ON: POWER_ON_CELSIUS,
    FaultKind.SHORT: SHORT_CELSIUS,
    FaultKind.DISCONNECTED: DISCONNECTED_CELSIUS,
}
LOWEST_CELSIUS, HIGHEST_CELSIUS = -55.0, 125.0
WEEK_S = 7 * DAY_S
FAULT_STREAM = 6
Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Faults of one kind, (n,)."""

    room: Indices
    start_s: Celsius
    end_s: Celsius
    kelvin: Celsius

    def mark(self, season: Season) -> Mask:
        """Say which readings any of them covers, (rooms, times)."""
        spans = [(self.room, self.start_s, self.end_s)]
        return marked(spans, len(season.tree.rooms), season.time_s)

    def steps(self, season: Season) -> list[tuple[int, slice, float]]:
        """Return room, steps and kelvin of each."""
        first, last = (
            np.searchsorted(season.time_s, at).tolist() for at in (self.start_s, self.end_s)
        )
        return [
            (room, slice(a, b), kelvin)
            for room, a, b, kelvin in zip(
                self.room.tolist(), first, last, self.kelvin.tolist(), strict=True
            )
        ]


def occurrences(season: Season, sensing: Sensing, kind: FaultKind) -> Occurrences:
    """Return all faults of a kind: the same for one seed whatever the others are.

    Raises
    ------
    ValueError
        If an asked fault names a room that is not there.
    """
    draw = np.random.default_rng([season.seed, FAULT_STREAM, list(FaultKind).index(kind)])
    rooms = len(season.tree.rooms)
    home = season.tree.room_home
    building = season.tree.index_of(Level.BUILDING)[1][home]
    owners: tuple[Indices, ...] = (np.arange(rooms, dtype=np.int32), home, building)
    parts = [
        _drawn(season, rates[kind], owner, part)
        for rates, owner, part in zip(
            (sensing.sensor_rates, sensing.home_rates, sensing.building_rates),
            owners,
            draw.spawn(3),
            strict=True,
        )
        if kind in rates
    ]
    parts.append(_asked(season, sensing, kind))
    return Occurrences(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def apply_faults(season: Season, values: Float32, sensing: Sensing) -> None:
    """Turn what sensors feel into what they say, in place, (rooms, times)."""
    _warm(season, values, sensing)
    np.clip(values, LOWEST_CELSIUS, HIGHEST_CELSIUS, out=values)
    values *= np.float32(16.0)
    np.round(values, out=values)
    values /= np.float32(16.0)
    for room, steps, _ in occurrences(season, sensing, FaultKind.STUCK).steps(season):
        values[room, steps] = values[room, steps][:1]
    for kind, value in REPLACED.items():
        values[occurrences(season, sensing, kind).mark(season)] = value
    dark = occurrences(season, sensing, FaultKind.MISSING).mark(season)
    for event in season.events:
        if event.cause is Cause.POWER_CUT:
            homes = season.tree.homes_at(event.level, event.place)
            dark[np.ix_(homes[season.tree.room_home], event.is_acting(season.time_s))] = True
    _reset_after_gaps(season, values, dark, sensing.power_on_after_gap)
    values[dark] = np.nan


def _warm(season: Season, values: Float32, sensing: Sensing) -> None:
    for kind in (FaultKind.SPIKE, FaultKind.HAND_WARMED):
        for room, steps, kelvin in occurrences(season, sensing, kind).steps(season):
            values[room, steps] += np.float32(kelvin)
    drifts = occurrences(season, sensing, FaultKind.DRIFT)
    for room, first, last, kelvin in zip(
        *(drifts.room, drifts.start_s, drifts.end_s, drifts.kelvin), strict=True
    ):
        weeks = np.clip(season.time_s - first, 0.0, last - first) / WEEK_S
        values[room] += (kelvin * weeks).astype(np.float32)


def _reset_after_gaps(season: Season, values: Float32, dark: Mask, share: float) -> None:
    draw = np.random.default_rng([season.seed, FAULT_STREAM, len(FaultKind)])
    # One lost reading is no new start.
    room, step = np.nonzero(dark[:, :-2] & dark[:, 1:-1] & ~dark[:, 2:])
    resets = draw.random(len(room)) < share
    values[room[resets], step[resets] + 2] = POWER_ON_CELSIUS


def _drawn(
    season: Season, rate: Rate, owner: Indices, draw: np.random.Generator
) -> tuple[Indices, Celsius, Celsius, Celsius]:
    """Draw faults of owners, and give each to all rooms of its owner."""
    first, last = float(season.time_s[0]), float(season.time_s[-1])
    owners = int(owner.max()) + 1
    number = int(draw.poisson(rate.per_day * owners * (last - first) / DAY_S))
    whose = draw.integers(0, owners, number)
    start = draw.uniform(first, last, number)
    length = np.full(number, float(season.step_s))
    if rate.hours[1] > 0.0:
        length = np.exp(draw.uniform(np.log(rate.hours[0]), np.log(rate.hours[1]), number)) * HOUR_S
    kelvin = draw.uniform(*rate.kelvin, number)
    if rate.has_both_signs:
        kelvin *= draw.choice([-1.0, 1.0], number)
    by_owner, counts = np.argsort(owner, kind="stable"), np.bincount(owner)
    first_of = np.cumsum(counts) - counts
    each = counts[whose]
    again = np.repeat(np.arange(number), each)
    which = np.arange(len(again)) - np.repeat(np.cumsum(each) - each, each)
    room = by_owner[first_of[whose[again]] + which].astype(np.int32)
    return room, start[again], (start + length)[again], kelvin[again]


def _asked(
    season: Season, sensing: Sensing, kind: FaultKind
) -> tuple[Indices, Celsius, Celsius, Celsius]:
    position = {room: index for index, room in enumerate(season.tree.rooms)}
    faults = [fault for fault in sensing.faults if fault.kind is kind]
    if missing := sorted({fault.room for fault in faults} - set(position)):
        raise ValueError(f"no such room: {', '.join(missing)}")
    return (
        np.array([position[fault.room] for fault in faults], dtype=np.int32),
        np.array([float(fault.start_s) for fault in faults]),
        np.array([float(fault.end_s) for fault in faults]),
        np.array([fault.kelvin for fault in faults]),
    )
