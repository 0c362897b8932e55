"""What suppliers do: weather-compensated heat with human errors, and labelled suppression."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask, Seconds

from .tree import Level, Tree
from .weather import DAY_S, HOUR_S, wander

SLOPE_ERROR = 0.06
"""Standard deviation of a source's compensation slope, of 1."""
OPERATOR_DRIFT_KELVIN = 0.5
OPERATOR_DRIFT_H = 72.0
SUPPLY_CELSIUS = 22.8
"""Room temperature that the heat is due for; airing and valves take about 1.5 K of it. [degC]"""
REACTION_H = 6.0
"""How long a source follows the weather behind. [h]"""
LOCAL_ZONE_S = 8 * HOUR_S


class Kind(enum.StrEnum):
    """How heat is held back."""

    NIGHT_INTERRUPTION = "night_interruption"
    OUTAGE = "outage"
    STOP_START = "stop_start"
    THROTTLING = "throttling"
    LATE_START = "late_start"
    EARLY_STOP = "early_stop"


@dataclass(frozen=True, slots=True)
class Event:
    """One action of a supplier: the truth that a finding is held against.

    ``residual`` is the share of the due heat that still flows. Throttling multiplies it all the
    time, or with ``cap_kelvin`` the heat input never rises above that level. Repeating kinds flow
    in full between ``hours_off``: local hours each night, or hours off and on around the clock.
    """

    kind: Kind
    level: Level
    place: str
    start_s: int
    end_s: int
    residual: float = 0.0
    hours_off: tuple[float, float] = (23.0, 4.5)
    cap_kelvin: float | None = None

    def __post_init__(self) -> None:
        if self.end_s <= self.start_s:
            raise ValueError(f"the {self.kind} at {self.place} ends before it starts")
        if not 0.0 <= self.residual <= 1.0:
            raise ValueError(f"the residual supply at {self.place} must be within 0 and 1")

    def is_acting(self, time_s: Seconds) -> Mask:
        """Say when heat is held back, (times,)."""
        within = (time_s >= self.start_s) & (time_s < self.end_s)
        first, second = self.hours_off
        if self.kind is Kind.NIGHT_INTERRUPTION:
            hour = (time_s + LOCAL_ZONE_S) % DAY_S / HOUR_S
            return np.asarray(within & ((hour - first) % 24 < (second - first) % 24))
        if self.kind is Kind.STOP_START:
            since = (time_s - self.start_s) / HOUR_S
            return np.asarray(within & (since % (first + second) < first))
        return np.asarray(within)

    def periods(self, time_s: Seconds) -> tuple[tuple[int, int], ...]:
        """Return every single off-period on the steps of a season, as [from, to) in seconds."""
        acting = np.concatenate(([False], self.is_acting(time_s), [False]))
        edges = np.flatnonzero(acting[1:] != acting[:-1])
        step = int(time_s[1] - time_s[0])
        return tuple(
            (int(time_s[0]) + step * int(begin), int(time_s[0]) + step * int(end))
            for begin, end in zip(edges[::2], edges[1::2], strict=True)
        )

    def held_back(self, time_s: Seconds, due: Celsius) -> Celsius:
        """Return the heat input that still flows where this much is due, (times,). [K]"""
        limited = due * self.residual
        if self.kind is Kind.THROTTLING and self.cap_kelvin is not None:
            limited = np.minimum(due, self.cap_kelvin)
        return np.where(self.is_acting(time_s), limited, due)


def heat_due(tree: Tree, time_s: Seconds, outdoor: Celsius, random: np.random.Generator) -> Celsius:
    """Return what each source would deliver without suppression, (sources, times). [K]"""
    followed = delayed(outdoor, time_s, REACTION_H)
    due = np.empty((len(tree.places(Level.SOURCE)), len(time_s)))
    for row in due:
        slope = 1.0 + random.normal(0.0, SLOPE_ERROR)
        drift = OPERATOR_DRIFT_KELVIN * wander(time_s, OPERATOR_DRIFT_H, random)
        # The curve is set right for a mild winter's day and is wrong away from it.
        row[:] = SUPPLY_CELSIUS + 8.0 - slope * (followed + 8.0) + drift
    return np.maximum(due, 0.0)


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
