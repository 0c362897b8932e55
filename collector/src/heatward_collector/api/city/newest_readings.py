"""How warm it is now: the newest slots of the window that evaluate keeps, read beside it.

Only slots that the window's own state vouches for are believed. A row of the ring that has not
been emptied since evaluate stopped would otherwise pass two-day-old readings off as fresh ones.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...core import MISSING, Celsius, Indices, Mask, Raw, Seconds
from ...core.grid import SLOT_S
from ...registry.ids import crc_of

NOW_S = 3600
"""A reading of the last hour still speaks for now; a value holds no longer than this. [s]"""
ASKED_AGAIN = 36
"""Newest slots that are always looked through, as they lie there: the two hours after which nobody
speaks for now, and how far ahead of us the window reaches."""


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest reading of every point; arrays (points,)."""

    raw: Raw
    """1/16 degC, MISSING where the last hour has none."""
    heard_at: Seconds
    """When its newest reading was measured, -1 where the window has none. [s, UTC]"""


@dataclass(frozen=True, slots=True)
class _Walked:
    """What an earlier walk found, by the state of the window that it went through."""

    points: int
    crc: npt.NDArray[np.int64]
    """Of every row of the ring."""
    heard_slot: Seconds
    """Slot of every point's newest reading, -1 where it had none."""


class WindowReader:
    """Reads the newest readings again and again; by one thread at a time.

    A point that was silent makes a walk long, so older slots that have not changed since the last
    walk are not asked again for what they did not hold. A reading that comes late changes its slot.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._walked: _Walked | None = None

    def latest(self, points: Sequence[str], now_s: float) -> Latest:
        """Return the newest readings, or none where the window does not fit these points."""
        unheard = np.full(len(points), -1, np.int64)
        nothing = Latest(np.full(len(points), MISSING, np.int16), unheard)
        try:
            state = json.loads((self._directory / "state.json").read_text(encoding="utf-8"))
            fingerprint = crc_of(points)
            if not points or state["points"] != fingerprint:
                return nothing
            crc, first_slot = np.array(state["crc"], np.int64), int(state["first_slot"])
            shape = (len(crc), len(points))
            raw = np.memmap(self._directory / "raw.int16", np.int16, "r", shape=shape)
            offset = np.memmap(self._directory / "offset.uint16", np.uint16, "r", shape=shape)
        except (OSError, ValueError, KeyError, TypeError):
            return nothing
        known = self._walked
        if known is None or known.points != fingerprint or len(known.crc) != len(crc):
            known = _Walked(fingerprint, np.full(len(crc), -1, np.int64), unheard)
        # A row of a mapped array is dear, so both are taken as plain ones.
        latest = _newest(
            np.asarray(raw), np.asarray(offset), first_slot, now_s, known.crc == crc, known
        )
        heard_slot = np.where(latest.heard_at >= 0, latest.heard_at // SLOT_S, -1)
        self._walked = _Walked(fingerprint, crc, heard_slot)
        return latest


def latest_readings(directory: Path, points: Sequence[str], now_s: float) -> Latest:
    """Return the newest readings of the window, or none where it does not fit these points."""
    return WindowReader(directory).latest(points, now_s)


def _newest(
    raw: Raw,
    offset: npt.NDArray[np.uint16],
    first_slot: int,
    now_s: float,
    unchanged: Mask,
    known: _Walked,
) -> Latest:
    """Walk from the newest slot back until every point has been heard."""
    points = raw.shape[1]
    value, heard = np.full(points, MISSING, np.int16), np.full(points, -1, np.int64)
    silent = np.arange(points)
    """Points that no newer slot has heard: most are found in the first few slots."""
    last = first_slot + len(raw) - 1
    for slot in range(last, first_slot - 1, -1):
        row, asked = slot % len(raw), silent
        if slot <= last - ASKED_AGAIN and unchanged[row]:
            asked = silent[known.heard_slot[silent] >= slot]
        here = raw[row, asked]
        is_heard = here != MISSING
        found = asked[is_heard]
        if not found.size:
            continue
        heard[found] = slot * SLOT_S + offset[row, found].astype(np.int64)
        is_fresh = heard[found] > now_s - NOW_S
        value[found[is_fresh]] = here[is_heard][is_fresh]
        silent = silent[heard[silent] < 0]
        if not silent.size:
            break
    return Latest(value, heard)


def grouped_median(values: Celsius, group: Indices, groups: int) -> Celsius:
    """Return the median of the finite values of each group, NaN where it has none.

    Values with a group outside [0, groups) are left out.
    """
    kept = np.isfinite(values) & (group >= 0) & (group < groups)
    value, place = values[kept], group[kept].astype(np.int64)
    value = value[np.lexsort((value, place))]
    count = np.bincount(place, minlength=groups)
    start = np.concatenate(([0], np.cumsum(count)[:-1])) if groups else count
    median = np.full(groups, np.nan)
    some = count > 0
    low, high = start + (count - 1) // 2, start + count // 2
    median[some] = (value[low[some]] + value[high[some]]) / 2
    return median


def grouped_maximum(values: Seconds, group: Indices, groups: int) -> Seconds:
    """Return the largest value of each group, -1 where it has none."""
    largest = np.full(groups, -1, np.int64)
    kept = (group >= 0) & (group < groups)
    np.maximum.at(largest, group[kept], values[kept])
    return largest
