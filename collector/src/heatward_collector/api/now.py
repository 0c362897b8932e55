"""How warm it is now: the newest slots of the window that evaluate keeps, read beside it.

Only slots that the window's own state vouches for are believed. A row of the ring that has not
been emptied since evaluate stopped would otherwise pass two-day-old readings off as fresh ones.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..core import MISSING, Celsius, Indices, Raw, Seconds
from ..core.grid import SLOT_S

NOW_S = 3600
"""A reading of the last hour still speaks for now; a value holds no longer than this. [s]"""


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest reading of every point; arrays (points,)."""

    raw: Raw
    """1/16 degC, MISSING where the last hour has none."""
    heard_at: Seconds
    """When its newest reading was measured, -1 where the window has none. [s, UTC]"""


def latest_readings(directory: Path, points: Sequence[str], now_s: float) -> Latest:
    """Return the newest readings of the window, or none where it does not fit these points."""
    nothing = Latest(np.full(len(points), MISSING, np.int16), np.full(len(points), -1, np.int64))
    try:
        state = json.loads((directory / "state.json").read_text(encoding="utf-8"))
        if not points or state["points"] != zlib.crc32("\n".join(points).encode()):
            return nothing
        shape = (len(state["crc"]), len(points))
        raw = np.memmap(directory / "raw.int16", np.int16, "r", shape=shape)
        offset = np.memmap(directory / "offset.uint16", np.uint16, "r", shape=shape)
    except (OSError, ValueError, KeyError, TypeError):
        return nothing
    return _newest(raw, offset, int(state["first_slot"]), now_s, nothing)


def _newest(
    raw: Raw, offset: npt.NDArray[np.uint16], first_slot: int, now_s: float, nothing: Latest
) -> Latest:
    """Walk from the newest slot back until every point has been heard."""
    value, heard = nothing.raw.copy(), nothing.heard_at.copy()
    silent = np.arange(len(heard))
    """Points that no newer slot has heard: most are found in the first few slots."""
    raw, offset = np.asarray(raw), np.asarray(offset)  # a row of a mapped array is dear
    for slot in range(first_slot + len(raw) - 1, first_slot - 1, -1):
        row = slot % len(raw)
        here = raw[row, silent]
        is_heard = here != MISSING
        found = silent[is_heard]
        if not found.size:
            continue
        heard[found] = slot * SLOT_S + offset[row, found].astype(np.int64)
        is_fresh = heard[found] > now_s - NOW_S
        value[found[is_fresh]] = here[is_heard][is_fresh]
        silent = silent[~is_heard]
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
