"""One period without heat at one place, while it is being watched."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from heatward_collector.core import Celsius
from heatward_collector.core.suppression.homes.network import Level

SLOT_S = 900
WATERMARK_S = 1800
"""Readings are waited for this long before a slot is judged. [s]"""
LONG_RULE = "homes_keep_losing"
"""The rule of the long look."""
TOGETHER_RULE = "all_homes_fall_at_once"
"""The rule of all sources at once, by what their homes do on other days."""
SERIES_RULE = "homes_fall_when_due"
"""The rule of stops that come again at even intervals."""
ONSET_SLOTS = 20
"""How far back the begin of a fall is looked for: 5 h. [slots]"""
RISE_KELVIN, RISE_SHARE = 0.12, 0.12
"""Heat is back when the homes rise by this [K] and by this share of what they lost."""
RISE_SLOTS = 2
"""For so long, lest one open door ends it. [slots]"""
WARMER_KELVIN, SLOWEST_RATE, WARMER_S = 0.15, 0.0035, 6 * 3600
"""It is back too when homes have become so much warmer by themselves [K], or by ``RISE_SHARE`` of
what they lost, and meanwhile lost less against others than this share of the distance to the
outdoors each hour: in the sun heated rooms warm up faster than those to which heat comes anew, and
without it they would lose more. [1/h] But only so long after the begin: later rooms lose less, and
the sun on them is no heat. [s] (simulated homes: of stops that were not found in 14 towns two had
begun before the one before was taken for over)"""
STILL_SLOTS = 6
"""And when they have not fallen any further for 1.5 h, for without heat they do: where the supply
stays short between two stops, they never rise. [slots]"""
FAINT_RATE, FAINT_S = 0.003, 3 * 3600
"""Homes that have fallen for so long [s], and lose less of the distance to the outdoors each hour
than this, have more than half of their heat. [1/h] (simulated homes and two-node rooms: of 1164
stops that were found none is taken back, at 0.0035 one; of 21 accusations of two-node towns in
which a quarter of the supply was away at times, 14)"""
SILENT_SLOTS = 48
"""An episode whose homes say nothing for 12 h ends with the last that they said. [slots]"""


@dataclass(frozen=True, slots=True)
class Episode:
    """What is known of a period without heat; a value, replaced as time goes on."""

    level: Level
    place: str
    homes: tuple[int, ...]
    """All homes of the place."""
    affected: tuple[int, ...]
    """Those that fell."""
    judged: int
    silent: int
    start_s: int
    detected_s: int
    rule: str
    gain: float
    """Logarithm of the likelihood ratio when it was detected. [nat]"""
    delta: float
    """Distance of rooms to the outdoors at its start, NaN where unknown. [K]"""
    hour: float
    """Local hour of its start. [h]"""
    drop: float
    """How far the affected homes have fallen below their start, by the median. [K]"""
    reference: tuple[float, ...]
    """What each of the affected homes had at the start. [degC]"""
    elsewhere: tuple[float, ...]
    """What the median home of each source had at the start. [degC]"""
    lowest: float
    """The lowest median of their distances from it since then, the control group's move taken off.
    [K]"""
    lowest_s: int
    heard_s: int
    rising: int = 0
    """Slots in which it has been rising."""
    end_s: int | None = None
    control_share: float = float("nan")
    """Share of homes of other sources that fell at the same time."""
    control_homes: int = 0
    past_days: int = 0
    """For how many days the affected homes had been watched before, by the median. [d]"""
    spare: float = 0.0
    """By how much the gain was more than was needed. [nat]"""
    is_repeated: bool = False
    """Whether heat was held back here in the days before."""
    aired: int = 0
    """How many other homes of the place had their windows open lately, and so no say."""
    coldest: float = float("nan")
    """The lowest median of their distances from the start, whatever others do; NaN at first. [K]"""
    coldest_s: int = 0
    coldest_value: float = float("nan")
    """What it was then, the control group's move taken off. [K]"""
    warming: int = 0
    """Slots in which they have been warming up by themselves."""
    came_before: bool = False
    """Whether the same homes fell at the same hour of a day before, and warmed up again."""
    own_doubt: str = ""
    """What cannot be ruled out of a place without another source, by its own past; else empty."""
    is_faint: bool = False
    """Whether homes turned out to lose too little to be without half of their heat; stays so."""

    @property
    def is_warm_again(self) -> bool:
        """Whether it is over, and its homes were seen to warm up."""
        return not self.is_open and max(self.rising, self.warming) >= RISE_SLOTS

    def covers_half_of(self, homes: frozenset[int]) -> bool:
        """Say whether half of some homes or more lie in its place."""
        return 2 * len(homes.intersection(self.homes)) >= len(homes)

    @property
    def is_open(self) -> bool:
        """Whether it lasts."""
        return self.end_s is None

    def fallen(self, celsius: Celsius, curve: Celsius, bend: int, silent: int) -> Episode:
        """Return the episode with what its homes lost until it was noticed.

        Parameters
        ----------
        celsius : float64 (homes,)
            What all homes have now. [degC]
        curve : float64 (slots,)
            How far the affected homes lay above now. [K]
        bend : int
            Index into it at which they began to fall.
        silent : int
            How many homes of the place fell silent.
        """
        drop = float(curve[bend] - curve[-1])
        reference = celsius[list(self.affected)] + float(curve[bend])
        return replace(
            self, drop=drop, lowest=-drop, reference=tuple(reference.tolist()), silent=silent
        )

    def followed(self, above: float, shift: float, now_s: int) -> Episode:
        """Return the episode one slot later.

        Parameters
        ----------
        above : float
            Median of the affected homes' distances from their reference, NaN where none speaks. [K]
        shift : float
            How far the control group has moved since the start. [K]
        now_s : int
            End of the slot. [s UTC]
        """
        value = above - shift
        if value != value:
            is_gone = now_s - self.heard_s >= SILENT_SLOTS * SLOT_S
            return replace(self, end_s=self.heard_s if is_gone else None)
        own = self._followed_alone(above, value, now_s)
        if own.warming >= RISE_SLOTS:
            return replace(own, heard_s=now_s, end_s=own.coldest_s)
        if value <= self.lowest:
            return replace(
                own,
                lowest=value,
                lowest_s=now_s,
                heard_s=now_s,
                drop=max(self.drop, -value),
                rising=0,
                is_faint=self.is_faint or self._falls_faintly(value, now_s),
            )
        needed = max(RISE_KELVIN, RISE_SHARE * self.drop)
        rising = self.rising + 1 if value - self.lowest >= needed else 0
        is_still = now_s - self.lowest_s >= STILL_SLOTS * SLOT_S
        end_s = self.lowest_s if rising >= RISE_SLOTS or is_still else None
        return replace(own, heard_s=now_s, rising=rising, end_s=end_s)

    def _falls_faintly(self, value: float, now_s: int) -> bool:
        """Say whether what fell long enough fell little; after a stop less heat would be one."""
        fallen_s = now_s - self.start_s
        least = FAINT_RATE * self.delta * fallen_s / 3600
        return not self.is_repeated and fallen_s >= FAINT_S and -value < least

    def _followed_alone(self, above: float, value: float, now_s: int) -> Episode:
        """Return the episode one slot later, as far as homes become colder or warmer themselves."""
        if not above > self.coldest:
            return replace(self, coldest=above, coldest_s=now_s, coldest_value=value, warming=0)
        needed = max(WARMER_KELVIN, RISE_SHARE * self.drop)
        most = SLOWEST_RATE * self.delta * (now_s - self.coldest_s) / 3600
        is_early = self.coldest_s - self.start_s <= WARMER_S
        is_warmer = above - self.coldest >= needed and self.coldest_value - value <= most
        return replace(self, warming=self.warming + 1 if is_early and is_warmer else 0)


def onset(curve: Celsius) -> int:
    """Return at which slot a curve that falls in the end began to fall.

    A line with one bend is fitted; the bend is the answer.

    Parameters
    ----------
    curve : float64 (slots,)
        The last hours, the last slot being now. NaN is left out. [degC]

    Returns
    -------
    int
        Index into ``curve``; the last one where there is too little to fit.
    """
    at = np.flatnonzero(~np.isnan(curve))
    if len(at) < 4:
        return len(curve) - 1
    left_over, turn = _bends(tuple(at.tolist()))
    error = ((left_over @ curve[at]) ** 2).sum(axis=1)
    error[turn @ curve[at] >= 0] = np.inf
    best = int(error.argmin())
    return int(at[1]) + best if np.isfinite(error[best]) else int(at[-1])


@lru_cache(maxsize=256)
def _bends(at: tuple[int, ...]) -> tuple[Celsius, Celsius]:
    """Return what lines with one bend leave over, and how they turn there, for known slots.

    Returns
    -------
    float64 (bends, n, n), float64 (bends, n)
        For each slot from the second to the last but one: what is multiplied with values to get
        the errors of the best line, and the change of its slope. [1, 1/slot]
    """
    slots = np.array(at, np.float64)
    left_over, turn = [], []
    for bend in range(at[1], at[-1]):
        base = np.column_stack([np.ones(len(at)), slots, np.maximum(slots - bend, 0)])
        solved = np.linalg.pinv(base)
        left_over.append(np.eye(len(at)) - base @ solved)
        turn.append(solved[2])
    return np.stack(left_over), np.stack(turn)


def steady_onset(curve: Celsius, youngest: int) -> int:
    """Return at which slot a curve that was level began to fall steadily.

    A level with a line down behind it is fitted. Unlike :func:`onset` it is not led away by what
    windows and the sun do to single slots, if the fall has gone on for long.

    Parameters
    ----------
    curve : float64 (slots,)
        The last hours, the last slot being now. NaN is left out. [K]
    youngest : int
        So many slots ago it began at least.

    Returns
    -------
    int
        Index into ``curve``; that of ``youngest`` slots ago where nothing fits.
    """
    known = ~np.isnan(curve)
    slots = np.arange(len(curve))[known]
    latest = len(curve) - 1 - youngest
    best, least = latest, np.inf
    for bend in range(2, latest + 1):
        base = np.column_stack([np.ones(len(slots)), np.maximum(slots - bend, 0)])
        solved = np.linalg.lstsq(base, curve[known], rcond=None)[0]
        error = float(((curve[known] - base @ solved) ** 2).sum())
        if solved[1] < 0 and error < least:
            best, least = bend, error
    return best
