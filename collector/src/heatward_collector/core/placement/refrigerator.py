"""A sensor near a refrigerator: its compressor warms it on and off, round the clock.

A boiler or a thermostat switches as regularly, but stops when it is warm enough and is felt by
other rooms too.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius
from heatward_collector.core.placement.doubt import Doubt, DoubtKind, Rooms, strength_of
from heatward_collector.core.placement.quarters import running_mean

SLOT_S = 300
"""A cycle of half an hour does not show in slots of 15 min. [s]"""
PART = 72
"""Where a rhythm is looked for at once: a quarter of a day. [slots]"""
TREND = 25
"""Slower changes are left out: 2 h. [slots]"""
SHORTEST, LONGEST = 3, 15
"""Periods of compressors: 15 to 75 min. [slots]"""
AGAIN = 0.35
"""Autocorrelation after one period."""
TWICE = 0.2
"""And after two."""
HALF = 0.0
"""At half a period it is the other way round."""
AMPLITUDE = 0.2
"""Standard deviation; a sensor's noise is 0.05. [K]"""
PARTS = 28
FEWEST = 20
"""Of the 28 quarters of a week's days, nights included: what is switched by day or by the weather
shows in half of them."""
KNOWN = 0.8
"""Share of the slots of a part that have a reading."""
SHARED = 2
"""As many other rooms of its group with a rhythm in the same part: the heating's own."""


def refrigerators(rooms: Rooms) -> Iterator[Doubt]:
    """Yield sensors with the rhythm of a compressor; none on slots of 15 min."""
    count = len(rooms.celsius) // PART
    if rooms.slot_s != SLOT_S or count < PARTS:
        return
    parts = (count, PART, rooms.celsius.shape[1])
    celsius = rooms.celsius[: count * PART]
    swing = (celsius - running_mean(celsius, TREND)).reshape(parts)
    known = ~np.isnan(swing)
    swing = np.where(known, swing, 0.0)
    swing -= swing.mean(axis=1, keepdims=True)
    again, half, twice, period = rhythm(swing)
    amplitude = swing.std(axis=1)
    hits = (again >= AGAIN) & (half < HALF) & (twice >= TWICE)
    hits &= (amplitude >= AMPLITUDE) & (known.mean(axis=1) >= KNOWN)
    for one in np.unique(rooms.group[rooms.group >= 0]).tolist():
        members = np.flatnonzero(rooms.group == one)
        together = hits[:, members].sum(axis=1) - 1
        hits[:, members] &= (together < max(SHARED, len(members) // 3))[:, None]
    total = np.cumsum(np.vstack([np.zeros((1, parts[2]), np.int64), hits]), axis=0)
    often = total[PARTS:] - total[:-PARTS] >= FEWEST
    for room in np.flatnonzero(often.any(axis=0)).tolist():
        ends = np.flatnonzero(often[:, room])
        inside = np.flatnonzero(hits[:, room])
        inside = inside[(inside >= ends[0]) & (inside < ends[-1] + PARTS)]
        strongest = float(np.median(again[inside, room]))
        yield Doubt(
            room,
            DoubtKind.REFRIGERATOR,
            rooms.start_s + SLOT_S * PART * int(inside[0]),
            rooms.start_s + SLOT_S * PART * int(inside[-1] + 1),
            strength_of(strongest, AGAIN),
            {
                "period_minutes": float(np.median(period[inside, room])) * SLOT_S / 60,
                "autocorrelation": strongest,
                "swing_kelvin": float(np.median(amplitude[inside, room])),
                "quarter_days": float(len(inside)),
            },
        )


def rhythm(swing: Celsius) -> tuple[Celsius, Celsius, Celsius, npt.NDArray[np.int64]]:
    """Return the autocorrelation after one, half and two periods, and the period, (parts, rooms).

    ``swing`` is float64 (parts, slots, rooms) with mean 0. [K]
    """
    slots = swing.shape[1]
    power = np.abs(np.fft.rfft(swing, 2 * slots, axis=1)) ** 2
    lags = np.arange(2 * LONGEST + 1)
    product = np.fft.irfft(power, axis=1)[:, lags]
    fewer = (slots / (slots - lags))[None, :, None]
    correlation = product / np.maximum(product[:, :1], 1e-9) * fewer
    period = correlation[:, SHORTEST : LONGEST + 1].argmax(axis=1) + SHORTEST

    def _at(lag: npt.NDArray[np.int64]) -> Celsius:
        return np.asarray(np.take_along_axis(correlation, lag[:, None], axis=1)[:, 0])

    return _at(period), _at(period // 2), _at(2 * period), period
