"""What suppliers declare about what they do: events together with their declarations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from heatward_collector.core.suppression import Declaration, Kind, Level

from .calendar import DAY_S
from .events import Cause, Declared, Event

IDLE_RESIDUAL = 0.15
"""Share of heat that still flows between the firing hours of a declared regime."""
LEAD_S = 30 * DAY_S
"""A regime is declared well before its season. [s]"""
NOTICE_KINDS = {Cause.REPAIR: "reported_repair", Cause.POLLUTION: "pollution_staggering"}


def regime(
    source: str, from_s: int, to_s: int, hours: tuple[tuple[float, float], ...]
) -> tuple[Event, Declaration]:
    """Return intermittent firing that keeps the daily heat, and its declaration."""
    heated = sum((last - first) % 24 for first, last in hours)
    event = Event(
        *(Kind.STOP_START, Level.SOURCE, source, from_s, to_s),
        residual=IDLE_RESIDUAL,
        hours_heated=hours,
        boost=(24.0 - IDLE_RESIDUAL * (24.0 - heated)) / heated,
        cause=Cause.REGIME,
        declared=Declared.BEFORE,
    )
    said = Declaration("regime", Level.SOURCE, source, from_s, to_s, from_s - LEAD_S, hours)
    return event, said


def announced(event: Event, recorded_s: int) -> tuple[Event, tuple[Declaration, ...]]:
    """Return an event with what was recorded about it, before or afterwards: a notice a period."""
    kind = NOTICE_KINDS.get(event.cause, "reported_stop")
    said = tuple(
        Declaration(kind, event.level, event.place, begin, end, recorded_s)
        for begin, end in event.periods(np.arange(event.start_s, event.end_s, 300, dtype=np.int64))
    )
    when = Declared.BEFORE if recorded_s <= event.start_s else Declared.AFTERWARDS
    return replace(event, declared=when), said
