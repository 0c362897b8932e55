"""How hard an event is: kind, hours and residual supply, drawn so that all degrees occur."""

from __future__ import annotations

import numpy as np

from heatward_collector.core.suppression import Kind, Level

from .calendar import DAY_S, HOUR_S
from .events import Event

Draw = np.random.Generator


def residual(draw: Draw) -> float:
    """Draw a severity: half full stops, the rest spread to a fifth less."""
    return 0.0 if draw.random() < 0.5 else round(float(draw.uniform(0.0, 0.8)), 3)


def edge_residual(draw: Draw) -> float:
    """Draw what flows before a late start or after an early stop; some are lukewarm."""
    part = draw.random()
    if part < 0.65:
        return 0.0
    return round(float(draw.uniform(0.0, 0.2) if part < 0.85 else draw.uniform(0.3, 0.5)), 3)


def drawn(kind: Kind, where: tuple[Level, str], at: int, draw: Draw) -> Event:
    at -= at % 300
    if kind is Kind.OUTAGE:
        hours = float(np.exp(draw.uniform(np.log(2.0), np.log(30.0))))
        return Event(kind, *where, at, at + round(hours * 12) * 300, residual(draw))
    if kind is Kind.THROTTLING:
        return _throttling(where, at, draw)
    end = at + int(draw.integers(3, 9)) * DAY_S
    if kind is Kind.NIGHT_INTERRUPTION:
        first = float(draw.uniform(21.5, 24.5)) % 24
        off = (first, (first + float(draw.uniform(3.0, 8.0))) % 24)
    else:
        off = (float(draw.uniform(2.0, 5.0)), float(draw.uniform(2.5, 6.0)))
    return Event(kind, *where, at, end, residual(draw), off)


def _throttling(where: tuple[Level, str], at: int, draw: Draw) -> Event:
    """A fifth are ramps, a fifth caps at what some cold day asks for, the rest steps."""
    shape = draw.random()
    ramp, cap = 0, None
    length = draw.uniform(6.0, 21.0)
    if shape < 0.2:
        length = draw.uniform(18.0, 40.0)
        ramp = int(min(length, draw.uniform(10.0, 25.0)) * DAY_S)
    elif shape < 0.4:
        cap = round(float(draw.uniform(24.0, 34.0)), 2)
    end = at + int(length * 24) * HOUR_S
    residual = round(float(draw.uniform(0.78, 0.96)), 3)
    return Event(Kind.THROTTLING, *where, at, end, residual, cap_kelvin=cap, ramp_s=ramp)
