"""What suppliers do: weather-compensated heat with human errors, and labelled suppression."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from heatward_collector.core import Celsius, Indices, Seconds
from heatward_collector.core.suppression.network import Level

from .calendar import HOUR_S, is_heat_due
from .events import Event
from .tree import Tree
from .weather import wander

SLOPE_ERROR = 0.06
"""Standard deviation of a source's compensation slope, of 1."""
OPERATOR_DRIFT_KELVIN = 0.5
OPERATOR_DRIFT_H = 72.0
SUPPLY_CELSIUS = 22.8
"""Room temperature that the heat is due for; airing and valves take about 1.5 K of it. [degC]"""
REACTION_H = 6.0
"""How long a source follows the weather behind. [h]"""


def heat_due(tree: Tree, time_s: Seconds, outdoor: Celsius, random: np.random.Generator) -> Celsius:
    """Return what each source would deliver without suppression, (sources, times). [K]"""
    followed = delayed(outdoor, time_s, REACTION_H)
    due = np.empty((len(tree.places(Level.SOURCE)), len(time_s)))
    for row in due:
        slope = 1.0 + random.normal(0.0, SLOPE_ERROR)
        drift = OPERATOR_DRIFT_KELVIN * wander(time_s, OPERATOR_DRIFT_H, random)
        # The curve is set right for a mild winter's day and is wrong away from it.
        row[:] = SUPPLY_CELSIUS + 8.0 - slope * (followed + 8.0) + drift
    return np.where(is_heat_due(time_s), np.maximum(due, 0.0), 0.0)


def heat_delivered(
    tree: Tree, time_s: Seconds, due: Celsius, events: Sequence[Event]
) -> tuple[Celsius, Indices]:
    """Return distinct heat inputs (supplies, times) and which of them each home has.

    Homes with the same source and the same events share one row: the second result is the row of
    each home.
    """
    _, source = tree.index_of(Level.SOURCE)
    touched = np.array([tree.homes_at(event.level, event.place) for event in events], dtype=bool)
    touched = touched.reshape(len(events), len(tree.homes))
    signature = np.column_stack([source, touched.T.astype(np.int32)])
    rows, row_of_home = np.unique(signature, axis=0, return_inverse=True)
    delivered = np.empty((len(rows), len(time_s)))
    for index, row in enumerate(rows):
        heat = due[row[0]]
        for event, applies in zip(events, row[1:], strict=True):
            if applies:
                heat = event.held_back(time_s, heat)
        delivered[index] = heat
    return delivered, np.asarray(row_of_home, dtype=np.int32).reshape(-1)


def delayed(value: Celsius, time_s: Seconds, hours: float) -> Celsius:
    """Return a causal exponential filter of a series, (times,)."""
    gain = 1.0 - np.exp(-(time_s[1] - time_s[0]) / (hours * HOUR_S))
    result, state = np.empty(len(value)), float(value[0])
    for index, new in enumerate(value.tolist()):
        state += gain * (new - state)
        result[index] = state
    return result
