"""What is measured of a season, and when each reading arrives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Indices, Seconds

from .calendar import HOUR_S
from .faults import Float32, apply_faults, occurrences
from .placements import felt, placements
from .season import Season
from .sensing import FaultKind, Placement

SENSOR_STREAM = 5
"""Keeps the sensors' random numbers apart from those of the season."""
TRAVEL_S = (1.0, 10.0)
"""From measuring to arriving when all is well. [s]"""


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Readings in the order in which they arrive, repeated ones too, each (readings,)."""

    room: Indices
    step: Indices
    """Index into the season's times: when it was measured."""
    arrived_s: Seconds


@dataclass(frozen=True, slots=True)
class Measured:
    """Readings of one sensor a room on the steps of a season."""

    celsius: Float32
    """(rooms, times), NaN where nothing was measured; faults are values as a sensor says them."""
    placements: tuple[Placement, ...]
    """Where each room's sensor hangs."""


def measure(season: Season) -> Measured:
    """Return what the sensors of a season say.

    All of its random numbers depend on the seed alone: a twin is measured by the same sensors.
    """
    sensing = season.shape.sensing
    hanging, spot, steady = np.random.default_rng([season.seed, SENSOR_STREAM]).spawn(3)
    where = placements(season, sensing, hanging)
    values = felt(season, where, spot)
    values += steady.normal(0.0, sensing.bias_kelvin, (len(values), 1)).astype(np.float32)
    hour = (season.time_s - season.time_s[0]) / HOUR_S
    knots = np.arange(int(hour[-1]) + 2)
    for row in values:
        row += np.interp(hour, knots, steady.normal(0.0, sensing.draught_kelvin, len(knots)))
        noise = steady.standard_normal(len(row), dtype=np.float32)
        row += np.float32(sensing.noise_kelvin) * noise
    apply_faults(season, values, sensing)
    return Measured(values, tuple(where))


def deliver(season: Season, measured: Measured) -> Deliveries:
    """Return every reading as it arrives: late ones late, repeated ones twice."""
    draw = np.random.default_rng([season.seed, SENSOR_STREAM, 1])
    arrived = season.time_s + draw.uniform(*TRAVEL_S, (len(measured.celsius), 1))
    late = occurrences(season, season.shape.sensing, FaultKind.LATE)
    for (room, steps, _), end_s in zip(late.steps(season), late.end_s, strict=True):
        arrived[room, steps] = np.maximum(arrived[room, steps], end_s)
    strayed, stray_step, stray_s = _single(season, FaultKind.STRAY)
    arrived[strayed, stray_step] = np.maximum(arrived[strayed, stray_step], stray_s)
    again, again_step, again_s = _single(season, FaultKind.REPEATED)
    came = ~np.isnan(measured.celsius[again, again_step])
    rooms, which = np.nonzero(~np.isnan(measured.celsius))
    when = np.concatenate([arrived[rooms, which], again_s[came]])
    order = np.argsort(when, kind="stable")
    return Deliveries(
        np.concatenate([rooms, again[came]])[order].astype(np.int32),
        np.concatenate([which, again_step[came]])[order].astype(np.int32),
        when[order].astype(np.int64),
    )


def _single(season: Season, kind: FaultKind) -> tuple[Indices, Indices, Celsius]:
    """Return room and step of single readings, and when they arrive."""
    found = occurrences(season, season.shape.sensing, kind)
    step = np.searchsorted(season.time_s, found.start_s).astype(np.int32)
    inside = step < len(season.time_s)
    arrives = np.maximum(found.end_s, season.time_s[np.minimum(step, len(season.time_s) - 1)] + 10)
    return found.room[inside], step[inside], arrives[inside]
