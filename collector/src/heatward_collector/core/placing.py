"""When a reading was taken: a function of the set of records, never of the order they came in."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Mask, Seconds

UNPLACED = -(2**62)
"""Stands for an unknown time in arrays of seconds."""
FUTURE_S = 120
"""A wall time later than its receipt by more than this is not believed. [s] (two minutes cover
the collector's own clock error and the way)"""
BEHIND_S = 120
"""A wall time that lags behind earlier fixes of its boot by more than this is not believed. [s] (as
for the future)"""
DRIFT = 100e-6
"""How fast a Raspberry Pi's crystal may run wrong: 100 ppm, its data sheet's order of size."""

Number = TypeVar("Number", float, npt.NDArray[np.float64])


class Fixes(NamedTuple):
    """The clock fixes of one boot, by rising monotonic time."""

    mono_ms: npt.NDArray[np.int64]
    wall_s: npt.NDArray[np.int64]
    error_s: npt.NDArray[np.float64]


NO_FIXES = Fixes(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float64))


def place(
    mono_ms: Seconds,
    wall_s: Seconds,
    is_synchronised: Mask,
    received_at_s: float | npt.NDArray[np.float64],
    fixes: Fixes,
    future_s: float = FUTURE_S,
    behind_s: float = BEHIND_S,
    drift: float = DRIFT,
) -> tuple[Seconds, npt.NDArray[np.float64]]:
    """Return when readings of one boot were taken, and how far off that may be.

    A synchronised wall time counts, unless it lies in the future of its receipt, or lags behind
    any fix before it: clocks are set forward when they learn the time, and a way back, at once or
    little by little, is a time service that lies. Otherwise the first fix of the boot at or after
    the reading gives it: the fix's wall time less the monotonic distance. However old a time is,
    it is no reason to doubt it: recordings of years ago arrive today.

    Parameters
    ----------
    mono_ms : int64 (n,)
        Time since boot. [ms]
    wall_s : int64 (n,)
        Wall time of the record; anything where ``is_synchronised`` is false. [s UTC]
    is_synchronised : bool (n,)
        Whether the node vouched for its wall time.
    received_at_s : float or float64 (n,)
        When the collector received the records. [s UTC]
    fixes : Fixes
        The boot's clock fixes, without those that lag behind earlier ones.
    future_s, behind_s : float
        Tolerances against the collector's clock and against earlier fixes. [s]
    drift : float
        Largest rate error of the node's monotonic clock.

    Returns
    -------
    time_s : int64 (n,)
        Seconds UTC, or UNPLACED.
    error_s : float64 (n,)
        Bound of the error, NaN where unplaced. [s]
    """
    believed = is_synchronised & (wall_s <= received_at_s + future_s)
    if len(fixes.mono_ms):
        known = np.searchsorted(fixes.mono_ms, mono_ms, side="right")
        last = np.maximum(known - 1, 0)
        begun = np.maximum.accumulate(_latest_starts(fixes, drift))
        earliest = begun[last] + mono_ms / 1000 * (1 - drift)
        believed &= (known == 0) | (wall_s >= earliest - behind_s)
    time_s = np.where(believed, wall_s, UNPLACED)
    error_s = np.where(believed, 0.5, np.nan)
    if len(fixes.mono_ms) == 0 or believed.all():
        return time_s, error_s
    nearest = np.searchsorted(fixes.mono_ms, mono_ms, side="left")
    usable = ~believed & (nearest < len(fixes.mono_ms))
    index = np.minimum(nearest, len(fixes.mono_ms) - 1)
    distance_s = (fixes.mono_ms[index] - mono_ms) / 1000
    derived = np.rint(fixes.wall_s[index] - distance_s).astype(np.int64)
    usable &= derived <= received_at_s + future_s
    time_s = np.where(usable, derived, time_s)
    error_s = np.where(usable, fixes.error_s[index] + drift * distance_s, error_s)
    return time_s, error_s


def boot_start(mono_ms: Number, wall_s: Number, error_s: Number, drift: float = DRIFT) -> Number:
    """Return the earliest moment at which a boot can have begun by one of its fixes. [s UTC]

    Takes the fix's time since boot [ms], its wall time [s UTC] and how far off that may be [s];
    numbers or float64 (n,).
    """
    return wall_s - mono_ms / 1000 * (1 + drift) - error_s


def begun_since(wall_s: Seconds, mono_ms: Seconds, drift: float = DRIFT) -> npt.NDArray[np.float64]:
    """Return since when a boot must have run by wall times, if its crystal is slow, (n,). [s UTC]

    Takes the time since boot of each as well. [ms]
    """
    return np.asarray(wall_s - mono_ms / 1000 * (1 - drift))


def is_timely(
    sync: npt.NDArray[np.uint8],
    wall_s: Seconds,
    received_at_ms: int | npt.NDArray[np.int64],
    future_s: float = FUTURE_S,
) -> Mask:
    """Say which readings have a wall time that does not lie in the future of their receipt, (n,).

    ``sync`` is 1 where the node's clock was synchronised, ``wall_s`` 0 or less where there is none.
    """
    return np.asarray((sync == 1) & (wall_s > 0) & (wall_s <= received_at_ms / 1000 + future_s))


def _latest_starts(fixes: Fixes, drift: float) -> npt.NDArray[np.float64]:
    """Return since when the boot must have run by each fix, if its crystal is slow. [s UTC]"""
    return np.asarray(fixes.wall_s - fixes.error_s - fixes.mono_ms / 1000 * (1 - drift))


def sorted_fixes(
    fixes: set[tuple[int, int, float]], behind_s: float = BEHIND_S, drift: float = DRIFT
) -> Fixes:
    """Return a set of (mono_ms, wall_s, error_s) as arrays, without those that are not believed.

    Of equal ones the surest counts; one that lags behind any before it by more than ``behind_s``
    [s] does not.
    """
    if not fixes:
        return NO_FIXES
    best: dict[int, tuple[int, float]] = {}
    for mono, wall, error in sorted(fixes, key=lambda fix: (fix[0], fix[2], fix[1])):
        best.setdefault(mono, (wall, error))
    order: list[int] = []
    begun = -np.inf
    for mono in sorted(best):
        wall, error = best[mono]
        since_boot_s = mono / 1000 * (1 - drift)
        if wall + error - since_boot_s < begun - behind_s:
            continue
        begun = max(begun, wall - error - since_boot_s)
        order.append(mono)
    return Fixes(
        np.array(order, np.int64),
        np.array([best[mono][0] for mono in order], np.int64),
        np.array([best[mono][1] for mono in order], np.float64),
    )
