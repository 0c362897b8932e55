"""What a common fall must be to be taken for a stop: begun by all at once, over with no earlier
stop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask, Seconds
from heatward_collector.core.suppression.falling.falls import SLOTS_AN_HOUR
from heatward_collector.core.suppression.falling.suspicion import CLEAR_SPARE, CONTROL_SHARE
from heatward_collector.core.suppression.homes.medians import middle
from heatward_collector.core.suppression.stops.doubts import makes_no_habit
from heatward_collector.core.suppression.stops.episode import Episode, steady_onset
from heatward_collector.core.suppression.stops.fall import MOST_CUT_RATE
from heatward_collector.core.suppression.stops.long_look import YOUNGEST

LEAST_OWN_DROP = 0.06
"""By so much, a step of their sensors, they must be colder than at the begin, whatever others do:
who only does not warm up in the sun as others do has heat. [K] (simulated homes: it is not so of 7
in 664 stops when they are noticed, and of 9 in 34 other common falls)"""
BEFORE_SLOTS, BEFORE_PART, BEFORE_SHARE = 6, 0.5, 0.5
"""If more than the last share of homes fell in so many slots before at this part of their rate,
more than other sources did, they did not start together: families that leave one after the other
do so."""
SUNK_KELVIN, SUNK_SHARE = 0.5, 0.75
"""If this share of homes stood so much lower at the begin than at the same hour of the day before,
beyond what other sources did [K], and were not warming up meanwhile, they have been sinking for a
day: of families that turn down their valves one after the other the last make no stop. Where heat
was held back in the days before rooms are lower by that. (simulated homes: of 78 stops that were
missed in 11 towns 9 were refused by it, most of them hours after another that nobody noticed)
"""
OWN_KELVIN, OWN_SLOTS, OWN_PART = 1.0, 12, 0.25
"""A home of a building alone that stood so much lower at the begin than a day before, beyond what
other sources did [K], and fell already in so many slots before it at this part of its rate, goes on
with a story of its own: a closed valve takes more than that in a day. (simulated homes: of 129
first stops one is not said by it, of 14 first false ones 3, one of which had begotten 7 more)"""
APART_SLOTS, NOT_YET_PART, APART_SHARE = 10, 0.25, 0.65
"""Of what was losing for hours before it is noticed: if more than the last share of homes lost
already so many slots before the begin, or not yet at this part of their rate so many after it, they
followed each other. (simulated homes: so of 2 in 17 stops that only the long look finds)"""
BEGINS = 2
"""So many times the begin of what keeps losing is looked for. (simulated homes: an outage of 14 h,
of a zone that lost 5 K, was seen for seven hours and said by nobody for want of its begin)"""
DEEP_APART_SHARE = 0.25
"""And of what is believed for its depth alone: families that turn down their valves one after the
other make a deep fall together."""
WITNESS_SLOTS, WITNESS_PART = 2, 0.5
"""A home that aired has the air of its window back when it does not warm up any more: if it falls
for so many slots, at this part of the pace of those beside it, and has lost this part of what they
lost since the begin, it has no heat either. (simulated homes: of four homes one has often aired in
the hours before, and for 2.5 h three homes accuse nobody)"""
LATE_SLOTS, LATE_SPARE = 8, 3.0
"""What is noticed by day more than 2 h after it began fell slowly, as rooms do when the sun has
gone: it must be so much clearer. [slots, nat] (simulated homes: of first stops by day 4 of 33 are
noticed so late, of what is none 12 of 17)"""
MERGE_S = 1800
"""What begins before a stop has been over for so long is the same stop. [s]"""
ANOTHER_SPARE = 5.0
"""Unless it is clear, and by so much clearer than that was: then what ended was another one, faint,
just before. [nat] (project rule)"""


def are_colder(begin_and_now: Celsius) -> bool:
    """Say whether homes are colder than at the begin, whatever others do.

    Parameters
    ----------
    begin_and_now : float64 (2, homes)
        Their temperatures, NaN where one is silent. [degC]
    """
    return middle(begin_and_now[0] - begin_and_now[1]) >= LEAST_OWN_DROP


def is_too_late(slots: int, spare: float, share: float, is_plain: bool = False) -> bool:
    """Say whether a fall by day is noticed too late, and too faintly, to be a stop.

    Parameters
    ----------
    slots : int
        From its begin until now. [slots]
    spare : float
        By how much its gain is more than was needed. [nat]
    share : float
        Share of homes of other sources that fall; NaN for unknown.
    is_plain : bool
        Whether heat was held back here in the days before, or the fall is fast and deep: then it
        need not be clearer.
    """
    if slots <= LATE_SLOTS or spare >= CLEAR_SPARE:
        return False
    return (spare < LATE_SPARE and not is_plain) or share >= CONTROL_SHARE


def fell_before(rows: Celsius, slots: int, before: int = BEFORE_SLOTS) -> bool:
    """Say whether too many homes fell already: they follow each other, not a supplier.

    Parameters
    ----------
    rows : float64 (3, homes)
        Temperatures ``before`` the common begin, at it, and now, each without what the homes of
        other sources did until now. [degC]
    slots : int
        From the begin until now. [slots]
    before : int
        How long before it. [slots]
    """
    early = (rows[0] - rows[1]) / before
    since = (rows[1] - rows[2]) / max(slots, 1)
    known = ~np.isnan(early) & ~np.isnan(since) & (since > 0)
    count = int((known & (early >= BEFORE_PART * since)).sum())
    return count > BEFORE_SHARE * max(int(known.sum()), 1)


def had_sunk(rows: Celsius) -> bool:
    """Say whether homes have been sinking since the day before: what goes on did not begin now.

    Who is lower than a day before but has been warming up is not sinking: heat came back to him
    after a stop that nobody noticed.

    Parameters
    ----------
    rows : float64 (3, homes)
        Temperatures a day before the common begin, ``OWN_SLOTS`` before it, and at it, each without
        what the homes of other sources did. [degC]
    """
    sunk = rows[0] - rows[2]
    known = ~np.isnan(sunk)
    is_warming = rows[2] > rows[1]  # never of whom that is not known
    count = int((known & (sunk >= SUNK_KELVIN) & ~is_warming).sum())
    return bool(count >= SUNK_SHARE * max(int(known.sum()), 1))


def go_on_sinking(rows: Celsius, slots: int) -> Mask:
    """Say which homes only go on with what began long before: they saw nothing begin, (homes,).

    Parameters
    ----------
    rows : float64 (4, homes)
        Temperatures a day before the common begin, ``OWN_SLOTS`` before it, at it, and now, each
        without what the homes of other sources did. [degC]
    slots : int
        From the begin until now. [slots]
    """
    early = (rows[1] - rows[2]) / OWN_SLOTS
    since = (rows[2] - rows[3]) / max(slots, 1)
    return np.asarray((rows[0] - rows[2] >= OWN_KELVIN) & (early >= OWN_PART * since))


def began_apart(rows: Celsius, slots: int, most: float = APART_SHARE) -> bool:
    """Say whether too many homes lost already, or not yet: they follow each other, no supplier.

    Parameters
    ----------
    rows : float64 (4, homes)
        Temperatures ``APART_SLOTS`` before the common begin, at it, as much later, and now, each
        without what the homes of other sources did until now. [degC]
    slots : int
        From the begin until now. [slots]
    most : float
        That share of homes may.
    """
    early, first = (rows[0] - rows[1]) / APART_SLOTS, (rows[1] - rows[2]) / APART_SLOTS
    since = (rows[1] - rows[3]) / max(slots, 1)
    known = ~np.isnan(since) & (since > 0)
    is_apart = (early >= BEFORE_PART * since) | (first < NOT_YET_PART * since)
    return int((known & is_apart).sum()) > most * max(int(known.sum()), 1)


def begin_of_losing(curve: Celsius, rows_at: Callable[[int], Celsius]) -> int | None:
    """Return at which index of a curve homes that keep losing began to, None if not together.

    Where most of them lost already before it, it is looked for once more, further back: an hour in
    which they lost little looks like the level from which they fell.

    Parameters
    ----------
    curve : float64 (slots,)
        How far the homes lay above now. [K]
    rows_at : callable
        For an index of it, temperatures as for ``began_apart``.
    """
    bend = steady_onset(curve, YOUNGEST)
    for _ in range(BEGINS):
        rows, slots = rows_at(bend), len(curve) - 1 - bend
        if not began_apart(rows, slots):
            return bend
        if bend < APART_SLOTS or not fell_before(rows[[0, 1, 3]], slots, APART_SLOTS):
            return None
        bend = steady_onset(curve[: bend + 1], BEFORE_SLOTS)
    return None


def bears_witness(aired: Celsius, falling: Celsius, delta: float) -> Mask:
    """Say which homes that aired fall with those beside them now that their air is back, (n,).

    Parameters
    ----------
    aired : float64 (3, n)
        Their temperatures at the common begin, ``WITNESS_SLOTS`` ago, and now. [degC]
    falling : float64 (3, homes)
        Those of the homes that fall together. [degC]
    delta : float
        Distance to the outdoors. [K]
    """
    since, pace = (middle(falling[row] - falling[2]) for row in (0, 1))
    own_since, own_pace = aired[0] - aired[2], aired[1] - aired[2]
    most = MOST_CUT_RATE * delta * WITNESS_SLOTS / SLOTS_AN_HOUR  # else its window is open still
    is_with = (own_pace >= WITNESS_PART * pace) & (own_since >= WITNESS_PART * since)
    return np.asarray((pace > 0) & is_with & (own_pace <= most))


def is_rest_of(ended: Iterable[Episode], homes: Indices, begin_s: int, spare: float = 0.0) -> bool:
    """Say whether a fall is only the rest of a stop that has ended.

    Parameters
    ----------
    ended : iterable of Episode
        Those that are over.
    homes : int32 (n,)
        Homes that fall.
    begin_s : int
        When they began to. [s UTC]
    spare : float
        By how much their gain is more than was needed. [nat]
    """
    mine = frozenset(homes.tolist())
    return any(
        one.end_s is not None
        and one.start_s - MERGE_S <= begin_s < one.end_s + MERGE_S
        and one.covers_half_of(mine)
        and not _is_another(one, begin_s, spare)
        for one in ended
    )


def _is_another(ended: Episode, begin_s: int, spare: float) -> bool:
    """Say whether what begins at the end of a faint stop is so clear that it is one of its own."""
    is_clearer = spare >= max(CLEAR_SPARE, ended.spare + ANOTHER_SPARE)
    return is_clearer and ended.end_s is not None and begin_s >= ended.end_s - MERGE_S


def was_said(ended: Iterable[Episode], homes: Indices, begin_s: int) -> bool:
    """Say whether a stop of most of these homes has ended that reaches beyond a begin."""
    mine = frozenset(homes.tolist())
    return any(
        one.end_s is not None and begin_s < one.end_s + MERGE_S and one.covers_half_of(mine)
        for one in ended
    )


def stopped_homes(episodes: Iterable[Episode], time_s: Seconds, homes: int) -> Mask:
    """Say when heat was held back from homes: these hours are no habit, (slots, homes).

    Parameters
    ----------
    episodes : iterable of Episode
        Known ones; of those with another explanation nothing is said.
    time_s : int64 (slots,)
        Begins of the slots. [s UTC]
    homes : int
        How many there are.
    """
    result = np.zeros((len(time_s), homes), bool)
    for one in episodes:
        last_s = int(time_s[-1]) if one.end_s is None else one.end_s
        if last_s >= time_s[0] and makes_no_habit(one):
            inside = (time_s >= one.start_s) & (time_s <= last_s)
            result[np.ix_(inside, np.array(one.homes, np.int64))] = True
    return result
