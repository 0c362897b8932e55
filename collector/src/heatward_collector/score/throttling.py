"""Throttling by days: what a season and its twin without the cut differ in, and what was said.

A day of a building counts where heat was held back and the rooms felt it. Days that other actions
spoil count for nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Mask, Seconds
from heatward_collector.core.suppression import Finding, Kind
from heatward_collector.score.rows import said_of
from heatward_collector.score.slow import AFTER_S, BEFORE_S, DAY_S, first_of
from heatward_collector.score.truth import LEAST_HOMES, LongCut, OffPeriod

SHORTFALL_KELVIN = 0.8
"""Least heat held back on a day that counts, as a daily mean. [K]"""
DROP_KELVIN = 0.5
"""Least fall of the building's median against its twin on such a day. [K]"""
CLOCK_KELVIN, LOCAL_CLOCK_KELVIN = 2.0, 3.0
"""The fall from which a cut must be found, and that of a cut of one building. [K]"""
IN_TIME_DAYS = 5
COLD_CELSIUS, COLD_DAYS = 20.0, 2
"""Throttling is said where the median is below this on so many days, else "supply reduced"."""
WATERMARK_S = 3600
"""A day's label is made so long after its end. [s]"""


class DayState(IntEnum):
    """What is true of a building's day."""

    UNCLEAR = -1
    """Other actions spoil it: it counts neither way."""
    CLEAR = 0
    THROTTLED = 1


@dataclass(frozen=True, slots=True)
class Days:
    """Local days of a season: the first second of each, and that of the next, (days,)."""

    start_s: Seconds
    end_s: Seconds


@dataclass(frozen=True, slots=True)
class CutRow:
    """One throttling action, and what was said of it."""

    level: str
    buildings: int
    deepest_kelvin: float
    """Largest daily fall of its median building."""
    is_cold: bool
    """Whether its median building was below the standard long enough to be accused for."""
    reached_clock: bool
    said: str
    days_to_find: float | None
    """From noon of the day whose mean fall reached the clock; negative where found before."""
    is_shortage: bool = False
    """Whether all sources were cut together."""
    valid_homes: int = LEAST_HOMES
    """Homes of the place that were heard while it lasted: with fewer than that the cause stays
    open, and the right word is "undetermined"."""

    @property
    def has_homes(self) -> bool:
        """Whether enough homes were heard to name a cause."""
        return self.valid_homes >= LEAST_HOMES

    @property
    def is_found(self) -> bool:
        """Whether the right word was said: where rooms stayed warm, "reduced" is right too."""
        return self.said == Kind.THROTTLING.value or (
            self.said == "undetermined" and not self.is_cold
        )

    @property
    def is_in_time(self) -> bool:
        days = self.days_to_find
        return self.is_found and days is not None and days <= IN_TIME_DAYS


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Building-days by what was said and what is true."""

    right: int = 0
    wrong: int = 0
    missed: int = 0


def day_states(
    shortfall: Celsius,
    drop: Celsius,
    days: Days,
    buildings: Sequence[str],
    cuts: Sequence[LongCut],
    periods: Sequence[OffPeriod],
) -> npt.NDArray[np.int8]:
    """Return the truth of every building-day.

    Parameters
    ----------
    shortfall, drop : float64 (days, buildings)
        Daily means of the heat held back, and of the fall of the building's median home, both
        against the twin without the cuts. [K]
    days : Days
        The days.
    buildings : sequence of str
        The columns.
    cuts, periods
        Everything that was done in the season, other long cuts included.

    Returns
    -------
    int8 (days, buildings)
        DayState. Throttled where throttling acted, and shortfall and drop are large enough;
        unclear within a day before and four days after anything else, and where throttling acted
        too weakly to count.
    """
    acting = np.zeros(drop.shape, bool)
    spoilt = np.zeros(drop.shape, bool)
    for cut in cuts:
        columns = np.isin(buildings, list(cut.buildings))
        spoilt |= _within(days, cut.from_s - BEFORE_S, cut.to_s + AFTER_S)[:, None] & columns
        if cut.kind is Kind.THROTTLING and not cut.is_declared:
            acting |= _within(days, cut.from_s, cut.to_s)[:, None] & columns
    others = np.zeros(drop.shape, bool)
    for period in periods:
        columns = np.isin(buildings, list(period.reach))
        others |= _within(days, period.on_s - BEFORE_S, period.off_s + AFTER_S)[:, None] & columns
    counts = acting & (shortfall >= SHORTFALL_KELVIN) & (drop >= DROP_KELVIN)
    states = np.where(spoilt | others, DayState.UNCLEAR, DayState.CLEAR)
    return np.where(counts & ~others, DayState.THROTTLED, states).astype(np.int8)


def said_days(
    findings: Sequence[Finding], days: Days, buildings: Sequence[str], live: bool
) -> Mask:
    """Say on which building-days throttling was said, accusing somebody.

    A final label reaches back to the estimated begin; a live one starts with the day at whose end
    it was first said.
    """
    said = np.zeros((len(days.start_s), len(buildings)), bool)
    last_s = int(days.end_s[-1])
    for finding in findings:
        if finding.kind is Kind.THROTTLING and finding.accuses:
            end_s = last_s if finding.end_s is None else finding.end_s
            inside = _within(days, finding.start_s, end_s)
            if live:
                inside &= days.end_s + WATERMARK_S >= finding.detected_s
            said |= inside[:, None] & np.isin(buildings, list(finding.buildings))
    return said


def count_days(states: npt.NDArray[np.int8], said: Mask) -> DayCounts:
    """Count building-days that were said rightly, wrongly, and missed."""
    throttled, clear = states == DayState.THROTTLED, states == DayState.CLEAR
    return DayCounts(
        int((said & throttled).sum()), int((said & clear).sum()), int((~said & throttled).sum())
    )


def cut_row(
    cut: LongCut,
    findings: Sequence[Finding],
    days: Days,
    drop: Celsius,
    median: Celsius,
    is_shortage: bool = False,
    valid_homes: int = LEAST_HOMES,
) -> CutRow:
    """Return what was said of one throttling action.

    ``drop`` and ``median`` are those of its buildings on every day, (days, its buildings): how
    far they fell [K], and how warm they were [degC].
    """
    inside = _within(days, cut.from_s, cut.to_s)
    fall = _middle(drop)[inside]
    is_local = len(cut.buildings) == 1
    clock = np.flatnonzero(fall >= (LOCAL_CLOCK_KELVIN if is_local else CLOCK_KELVIN))
    found = first_of(
        [one for one in findings if cut.from_s <= one.detected_s <= cut.to_s + DAY_S], cut
    )
    days_to_find = None
    if found is not None and len(clock):
        # A daily mean stands for the middle of its day.
        reached_s = int(days.start_s[inside][clock[0]]) + DAY_S // 2
        days_to_find = (found.detected_s - reached_s) / DAY_S
    return CutRow(
        level=cut.level.value,
        buildings=len(cut.buildings),
        deepest_kelvin=float(fall.max(initial=0.0)),
        is_cold=int((_middle(median)[inside] < COLD_CELSIUS).sum()) >= COLD_DAYS,
        reached_clock=len(clock) > 0,
        said=said_of(found),
        days_to_find=days_to_find,
        is_shortage=is_shortage,
        valid_homes=valid_homes,
    )


def _within(days: Days, from_s: int, to_s: int) -> Mask:
    """Say which days lie in a span for half of them or more."""
    shared = np.minimum(days.end_s, to_s) - np.maximum(days.start_s, from_s)
    return np.asarray(2 * shared >= days.end_s - days.start_s)


def _middle(values: Celsius) -> Celsius:
    """Return the median over buildings that are known, (days,); NaN where none is."""
    result = np.full(len(values), np.nan)
    known = ~np.isnan(values).all(axis=1)
    result[known] = np.nanmedian(values[known], axis=1)
    return result
