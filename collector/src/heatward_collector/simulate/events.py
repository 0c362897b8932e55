"""What suppliers hold back, as labels: the truth that a finding is held against."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from heatward_collector.core import Celsius, Mask, Seconds
from heatward_collector.core.suppression import Kind, Level

from .calendar import HOUR_S, is_within_hours


class Declared(StrEnum):
    """Whether an event was declared, and when."""

    NO = "no"
    BEFORE = "before"
    """It is then expected to be recorded as declared, and accuses nobody."""
    AFTERWARDS = "afterwards"
    """This explains nothing."""


class Cause(StrEnum):
    """Why heat is held back; the rooms do not know."""

    SAVING = "saving"
    SHORTAGE = "shortage"
    """Gas or coal runs short: all sources are cut together, one event each."""
    REPAIR = "repair"
    POLLUTION = "pollution"
    REGIME = "regime"
    POWER_CUT = "power_cut"
    """Takes the nodes of the place with the heat: nothing is measured meanwhile."""


@dataclass(frozen=True, slots=True)
class Event:
    """One action of a supplier at one place.

    ``residual`` is the share of the due heat that still flows. Throttling multiplies by it all the
    time, or with ``cap_kelvin`` the heat input never rises above that level. A night interruption
    is off in the local ``hours_off`` [from, to) of each night; stop-start heating is off and on for
    ``hours_off`` hours each around the clock, or with ``hours_heated`` off outside these local
    hours.
    """

    kind: Kind
    level: Level
    place: str
    start_s: int
    end_s: int
    residual: float = 0.0
    hours_off: tuple[float, float] = (23.0, 4.5)
    cap_kelvin: float | None = None
    ramp_s: int = 0
    """Time over which the supply falls evenly to the residual. [s]"""
    hours_heated: tuple[tuple[float, float], ...] = ()
    boost: float = 1.0
    """Heat in the heated hours of a regime, which make up for the others, relative to the due."""
    cause: Cause = Cause.SAVING
    declared: Declared = Declared.NO

    def __post_init__(self) -> None:
        if self.end_s <= self.start_s:
            raise ValueError(f"the {self.kind} at {self.place} ends before it starts")
        if not 0.0 <= self.residual <= 1.0:
            raise ValueError(f"the residual supply at {self.place} must be within 0 and 1")

    def is_within(self, time_s: Seconds) -> Mask:
        """Say which times lie between its first start and its last end, (times,)."""
        return np.asarray((time_s >= self.start_s) & (time_s < self.end_s))

    def is_acting(self, time_s: Seconds) -> Mask:
        """Say when heat is held back, (times,)."""
        within = self.is_within(time_s)
        first, second = self.hours_off
        if self.hours_heated:
            for begin, end in self.hours_heated:
                within &= ~is_within_hours(time_s, begin, end)
            return within
        if self.kind is Kind.NIGHT_INTERRUPTION:
            return np.asarray(within & is_within_hours(time_s, first, second))
        if self.kind is Kind.STOP_START:
            since = (time_s - self.start_s) / HOUR_S
            return np.asarray(within & (since % (first + second) < first))
        return within

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
        acting = self.is_acting(time_s)
        share = np.where(acting, self.residual, 1.0)
        if self.ramp_s:
            fallen = np.clip((time_s - self.start_s) / self.ramp_s, 0.0, 1.0)
            share = np.where(acting, 1.0 - (1.0 - self.residual) * fallen, 1.0)
        if self.hours_heated:
            share = np.where(self.is_within(time_s) & ~acting, self.boost, share)
        if self.cap_kelvin is not None:
            return np.where(acting, np.minimum(due, self.cap_kelvin), due)
        return np.asarray(due * share)
