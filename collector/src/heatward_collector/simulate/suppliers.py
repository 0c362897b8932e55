"""What suppliers deliver: weather-compensated heat with human errors, less what they hold back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask, Seconds
from heatward_collector.core.suppression import Level

from .calendar import DAY_S, HOUR_S, is_heat_due
from .events import Event
from .tree import Tree
from .weather import wander

SLOPE = 1.04
"""Heat input for a kelvin less outdoors: cold also comes with wind and open windows."""
SLOPE_ERROR = 0.06
"""Standard deviation of a source's slope."""
OPERATOR_DRIFT_KELVIN = 0.5
OPERATOR_DRIFT_H = 72.0
SUPPLY_CELSIUS = 17.0
"""Room temperature that the heat alone is due for; people and sun add the rest. [degC]"""
LEAST_KELVIN = 7.5
"""Heat input of water that circulates at 35 degC, as on mild days of spring. [K]"""
RIGHT_AT_CELSIUS = -8.0
"""Outdoors at which a compensation curve is set right; it is wrong away from there. [degC]"""
REACTION_H = 6.0
"""How long a source follows the weather behind. [h]"""
WARM_UP_SHARE, WARM_UP_H = 0.6, 36.0
"""What a source fires beyond the due after the first legal day, to warm cold walls."""
TRANSPORT_H = (0.0, 0.5)
"""How long water takes from the boiler to a building. [h] (1 to 2 km at 1 m/s)"""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A lawful change of supply: a rebalanced network, a lowered curve.

    The heat input of the place changes by some kelvin, brought in and taken back over a day.
    """

    level: Level
    place: str
    start_s: int
    end_s: int
    kelvin: float
    cause: str

    def added(self, time_s: Seconds) -> Celsius:
        """Return the change of heat input, (times,). [K]"""
        came = np.clip((time_s - self.start_s) / DAY_S, 0.0, 1.0)
        left = np.clip((time_s - self.end_s) / DAY_S, 0.0, 1.0)
        return np.asarray(self.kelvin * (came - left))


def heat_due(tree: Tree, time_s: Seconds, outdoor: Celsius, random: np.random.Generator) -> Celsius:
    """Return what each source would deliver without suppression, (sources, times). [K]"""
    followed = delayed(outdoor, time_s, REACTION_H)
    due = np.empty((len(tree.places(Level.SOURCE)), len(time_s)))
    for row in due:
        slope = SLOPE + random.normal(0.0, SLOPE_ERROR)
        drift = OPERATOR_DRIFT_KELVIN * wander(time_s, OPERATOR_DRIFT_H, random)
        row[:] = due_at(followed, slope) + drift
    is_due = is_heat_due(time_s)
    return np.where(is_due, np.maximum(due, LEAST_KELVIN) * _warming_up(time_s, is_due), 0.0)


def due_at(outdoor: Celsius, slope: float = SLOPE) -> Celsius:
    """Return the heat input that a compensation curve asks for. [K]"""
    return SUPPLY_CELSIUS - RIGHT_AT_CELSIUS - slope * (outdoor - RIGHT_AT_CELSIUS)


def heat_delivered(
    tree: Tree,
    time_s: Seconds,
    due: Celsius,
    events: Sequence[Event],
    adjustments: Sequence[Adjustment],
    random: np.random.Generator,
) -> tuple[Celsius, Indices]:
    """Return distinct heat inputs (supplies, times) and which of them each home has.

    Homes of one building with the same events and adjustments share one row: the second result is
    the row of each home. Water takes its time to each building.
    """
    _, source = tree.index_of(Level.SOURCE)
    buildings, building = tree.index_of(Level.BUILDING)
    delays = random.uniform(*TRANSPORT_H, len(buildings)) * HOUR_S
    steps = np.round(delays / (time_s[1] - time_s[0])).astype(np.int64)
    acts: list[Adjustment | Event] = [*adjustments, *events]
    touched = np.array([tree.homes_at(one.level, one.place) for one in acts], dtype=bool)
    touched = touched.reshape(len(acts), len(tree.homes))
    signature = np.column_stack([source, building, touched.T.astype(np.int32)])
    rows, row_of_home = np.unique(signature, axis=0, return_inverse=True)
    delivered = np.empty((len(rows), len(time_s)))
    for heat, row in zip(delivered, rows, strict=True):
        heat[:] = due[row[0]]
        for act, applies in zip(acts, row[2:].tolist(), strict=True):
            if not applies:
                continue
            if isinstance(act, Adjustment):
                heat[:] = np.where(heat > 0.0, np.maximum(heat + act.added(time_s), 0.0), 0.0)
            else:
                heat[:] = act.held_back(time_s, heat)
        late = int(steps[row[1]])
        heat[late:] = heat[: len(heat) - late].copy()
    return delivered, np.asarray(row_of_home, dtype=np.int32).reshape(-1)


def delayed(value: Celsius, time_s: Seconds, hours: float) -> Celsius:
    """Return a causal exponential filter of a series, (times,)."""
    gain = 1.0 - np.exp(-(time_s[1] - time_s[0]) / (hours * HOUR_S))
    result, state = np.empty(len(value)), float(value[0])
    for index, new in enumerate(value.tolist()):
        state += gain * (new - state)
        result[index] = state
    return result


def _warming_up(time_s: Seconds, is_due: Mask) -> Celsius:
    starts = np.flatnonzero(is_due[1:] & ~is_due[:-1]) + 1
    more = np.zeros(len(time_s))
    for start in starts.tolist():
        since_h = (time_s[start:] - time_s[start]) / HOUR_S
        more[start:] += WARM_UP_SHARE * np.exp(-since_h / WARM_UP_H)
    return np.asarray(1.0 + more)
