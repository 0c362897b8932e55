"""Stops that come again at even intervals: when the next one is due, and whether it came.

Who switches a boiler or a pump off and on by the clock does so at even intervals, and neither
families nor the weather keep to them. Where a place is known to be without heat so, the time of the
next stop is known before it begins: what its homes have lost since then, beyond what others lost,
needs no search for a begin and no evidence against all other hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.suppression.falling.falls import (
    CONTEXT_SLOTS,
    SLOTS_AN_HOUR,
    Falls,
)
from heatward_collector.core.suppression.falling.leads import may_lead
from heatward_collector.core.suppression.falling.scan import Place, Places, Suspect
from heatward_collector.core.suppression.findings.finding import LEAST_HOMES
from heatward_collector.core.suppression.homes.medians import middle
from heatward_collector.core.suppression.homes.network import Level
from heatward_collector.core.suppression.stops.begin import are_colder, is_rest_of
from heatward_collector.core.suppression.stops.doubts import REPEATED_S, WIDE, is_stop, is_sure
from heatward_collector.core.suppression.stops.elsewhere import Elsewhere
from heatward_collector.core.suppression.stops.episode import (
    ONSET_SLOTS,
    SERIES_RULE,
    SLOT_S,
    Episode,
)
from heatward_collector.core.suppression.stops.fall import MOST_CUT_RATE
from heatward_collector.core.suppression.stops.memory import Block
from heatward_collector.core.suppression.stops.now import Now
from heatward_collector.core.suppression.stops.opening import Opening

SPACING_S = (4 * 3600, 22 * 3600)
"""Stops of a series begin so far apart: at the same hour of every day people do things too. [s]"""
NEAR_S = 2700
"""So near to where it is due a stop of a series begins. [s]"""
JUST_S = (1800, 6300)
"""So long after it was due a stop begins to show itself: sooner there is no evidence, and later any
other fall may begin. [s]"""
DAY_S = 86_400
LEAST_FITS, FITS_PART, MOST_STEPS = 2, 0.6, 8
"""So many earlier begins, and this part of them, must lie whole spacings before the last one, at
most so many. [1]"""
LOOKED_FOR_S = (6 * SLOT_S, 16 * SLOT_S)
"""So long after it is due a stop is looked for. [s]"""
BEFORE_SLOTS, BEFORE_PART = 6, 0.5
"""In so many slots before homes must not have fallen at this part of the pace. [slots, 1]"""
FALLING_PART, LEAST_SHARE = 0.5, 0.6
"""A home falls that lost this part of what the median home lost; so many must. [1]"""
LEAST_CLOSED = 3
"""So many of them must have had their windows closed lately. [homes] (project rule)"""
LEAST_DROP, LEAST_RATE = 0.3, 0.0045
"""What the median home must have lost since it was due, beyond what others did [K], and as a share
of the distance to the outdoors each hour. [1/h]"""


@dataclass(frozen=True, slots=True)
class Due:
    """A place whose next stop has been due for a while."""

    place: Place
    begin: int
    """Slot of the block."""


class Series:
    """Looks for stops that are due in a block of slots."""

    def __init__(self, block: Block, scored: Falls, places: Places, elsewhere: Elsewhere) -> None:
        self._block, self._falls, self._places = block, scored, places
        self._elsewhere = elsewhere
        self._source = places.network.of_home[Level.SOURCE]
        self._has_say = ~places.network.is_floor_heated

    def beside(self, now: Now, dues: Sequence[Due], opening: Opening) -> list[Episode]:
        """Return the open episodes with those that were due and have come."""
        still = list(now.open)
        taken = {home for one in still for home in one.homes}
        for due in dues:
            if taken.isdisjoint(due.place.homes.tolist()):
                episode = self._of(now, due, opening)
                if episode is not None and is_sure(episode):
                    still.append(episode)
                    taken.update(episode.homes)
        return still

    def due(self, at: int, ended: Iterable[Episode]) -> list[Due]:
        """Return the places of which a stop has been due for a while, the largest first."""
        now_s = int(self._block.time_s[at])
        found = []
        for key, episodes in _of_places(ended, now_s).items():
            if len(episodes) <= LEAST_FITS:
                continue
            due_s = due_begin([one.start_s for one in episodes if is_stop(one)], now_s)
            if due_s is not None:
                place = self._places.all[self._places.index[key]]
                found.append(Due(place, at - (now_s - due_s) // SLOT_S))
        return sorted(found, key=lambda one: (-len(one.place.homes), one.place.id))

    def are_due(self, at: int, ended: Iterable[Episode]) -> Mask:
        """Say of which places a stop has just been due by the clock, (places,)."""
        now_s = int(self._block.time_s[at]) + SLOT_S
        result = np.zeros(len(self._places.all), bool)
        for key, episodes in _of_places(ended, now_s).items():
            hour = float(self._block.hour[at]) if key[0] in WIDE else None
            begins = [one.start_s for one in episodes if is_stop(one)]
            result[self._places.index[key]] = is_due_now(begins, now_s, hour)
        return result

    def _of(self, now: Now, due: Due, opening: Opening) -> Episode | None:
        """Return the episode of a stop that was due, None where it did not come."""
        block, at, begin = self._block, now.at, due.begin
        homes, source = self._judged(due, at), int(self._source[due.place.homes[0]])
        if len(homes) < LEAST_HOMES or source < 0 or not now.asked[source]:
            return None  # without other sources nobody knows the weather
        slots = [begin - BEFORE_SLOTS, begin, at]
        rows = self._elsewhere.without_others(homes, slots, at, now.busy)
        fell = self._fallen(rows, at - begin, float(block.delta[at]), at, homes)
        if not len(fell) or not are_colder(block.homes[[begin, at]][:, fell]):
            return None
        if is_rest_of(now.ended, fell, int(block.time_s[begin])):
            return None
        curve = self._elsewhere.contrast(fell, at, now.busy)
        bend = ONSET_SLOTS - (at - begin)
        suspect = Suspect(due.place, 0.0, fell, len(homes), is_repeated=True)
        episode = opening.episode(now, begin, suspect, SERIES_RULE)
        return episode.fallen(block.homes[at], curve, bend, 0)

    def _judged(self, due: Due, at: int) -> Indices:
        homes = due.place.homes[self._has_say[due.place.homes]]
        known = ~np.isnan(self._block.homes[[due.begin, at]][:, homes]).any(axis=0)
        return np.asarray(homes[known & ~self._block.told[at, homes]])

    def _fallen(self, rows: Celsius, slots: int, delta: float, at: int, homes: Indices) -> Indices:
        """Return the homes that fell together since the due begin, none where it is no stop."""
        lost = rows[1] - rows[2]
        drop = middle(lost)
        rate = drop * SLOTS_AN_HOUR / (slots * delta)
        fell: Indices = homes[lost >= FALLING_PART * drop]
        with_windows_closed = int((~self._falls.steep[at - CONTEXT_SLOTS, fell]).sum())
        is_stop_like = (
            drop >= LEAST_DROP
            and LEAST_RATE <= rate <= MOST_CUT_RATE
            and middle(rows[0] - rows[1]) / BEFORE_SLOTS <= BEFORE_PART * drop / slots
            and len(fell) >= LEAST_SHARE * len(homes)
            and with_windows_closed >= LEAST_CLOSED
        )
        return fell if is_stop_like else fell[:0]


def _of_places(ended: Iterable[Episode], now_s: int) -> dict[tuple[Level, str], list[Episode]]:
    """Return the episodes of the last days by level and id of their places."""
    found: dict[tuple[Level, str], list[Episode]] = {}
    for one in ended:
        if now_s - one.start_s < REPEATED_S:
            found.setdefault((one.level, one.place), []).append(one)
    return found


def due_begin(
    begins: Iterable[int], now_s: int, ago_s: tuple[int, int] = LOOKED_FOR_S
) -> int | None:
    """Return when a stop of a series was due lately, None where none was. [s UTC]

    Parameters
    ----------
    begins : iterable of int
        When stops of the last days began at a place. [s UTC]
    now_s : int
        Now. [s UTC]
    ago_s : int, int
        How long ago, at least and at most. [s]
    """
    known = sorted(begins)
    spacing = spacing_of(known)
    if spacing is None:
        return None
    first, last = ago_s
    steps = int((now_s - first - known[-1]) // spacing)
    due = known[-1] + round(steps * spacing)
    return due if steps >= 1 and now_s - due <= last else None


def is_due_now(begins: Iterable[int], now_s: int, hour: float | None) -> bool:
    """Say whether a stop has just been due: of a series, or by night at the hour of one before.

    By day people do things at the same hour too, as does the sun; and by night the thermostats of a
    building.

    Parameters
    ----------
    begins : iterable of int
        When stops of the last days began at a place. [s UTC]
    now_s : int
        Now. [s UTC]
    hour : float or None
        The local hour that it is; None where only a series counts. [h]
    """
    known = sorted(begins)
    if due_begin(known, now_s, JUST_S) is not None:
        return True
    first, last = JUST_S
    if hour is None or not may_lead(hour - first / 3600):
        return False
    since = [now_s - one - days * DAY_S for one in known for days in (1, 2, 3)]
    return any(first <= one <= last for one in since)


def spacing_of(begins: Sequence[int]) -> float | None:
    """Return how far apart the stops of a series begin, None where they are none. [s]"""
    if len(begins) <= LEAST_FITS:
        return None
    before = begins[-1] - np.array(begins[:-1], np.float64)
    best, most = None, 0
    for spacing in np.diff(begins).tolist():
        if not SPACING_S[0] <= spacing <= SPACING_S[1]:
            continue
        steps = np.round(before / spacing)
        fits = (np.abs(before - steps * spacing) <= NEAR_S) & (steps >= 1) & (steps <= MOST_STEPS)
        count = int(fits.sum())
        if count > most and count >= max(LEAST_FITS, FITS_PART * len(before)):
            most, best = count, float(np.median(before[fits] / steps[fits]))
    return best
