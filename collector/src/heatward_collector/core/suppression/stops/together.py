"""All sources of a town without heat at once: every home falls, and none is left to compare with.

What speaks for a stop then is that homes of all sources, which share nothing but the weather, begin
to fall within the same hour, far faster than they themselves do at such hours of their other days,
and than the move of the outdoor temperature explains.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.suppression.falling.falls import (
    CONTEXT_SLOTS,
    SLOTS_AN_HOUR,
    Falls,
    Usual,
)
from heatward_collector.core.suppression.falling.scan import Places, Suspect
from heatward_collector.core.suppression.falling.usual import Past, class_of
from heatward_collector.core.suppression.findings.finding import LEAST_HOMES, SURE_HOMES
from heatward_collector.core.suppression.homes.medians import across
from heatward_collector.core.suppression.homes.network import Level
from heatward_collector.core.suppression.stops.begin import is_rest_of
from heatward_collector.core.suppression.stops.doubts import LEAST_LIFT, is_sure
from heatward_collector.core.suppression.stops.episode import (
    ONSET_SLOTS,
    TOGETHER_RULE,
    Episode,
    onset,
    steady_onset,
)
from heatward_collector.core.suppression.stops.fall import likely_begin
from heatward_collector.core.suppression.stops.long_look import BELOW_LOWEST, is_by_day, is_due
from heatward_collector.core.suppression.stops.memory import Block
from heatward_collector.core.suppression.stops.now import Now
from heatward_collector.core.suppression.stops.opening import Opening
from heatward_collector.core.suppression.stops.own_past import (
    above_now,
    below_lowest,
    fell_often,
    least_rate,
    wander_of,
)

LEAST_GROUPS = 2
"""So many sources must be heard, or buildings in a town of one source: what only one of them does
may be its own."""
LEAST_DAYS = 7
"""For so many days homes must have been watched, by the median. [d] (project rule)"""
WORTH_RATE, WORTH_SHARE = 0.003, 0.6
"""It is worth a look where this share of homes falls so fast. [1/h] (project rule)"""
LEAST_SLOTS, LEAST_DROP = 6, 0.25
"""Since the begin so many slots must have passed, and the median home must have lost so much beyond
the usual. [slots, K]"""
LONG_SLOTS = 40
"""What begins under the sun is colder than ever in the day before only hours later: once an hour
it is looked for so far back. [slots]"""
WANDER_TIMES = 4.0
"""And so many times as fast as all homes of the town usually wander together. [1]"""
HALF_PART = 0.5
"""In each half of the time since the begin this part of that pace: windows are closed again."""
BEFORE_SLOTS, BEFORE_PART = 4, 0.4
"""In the hour before the begin homes of no source fell at more than this part of their pace since:
fronts, dusk and families come by and by. [slots, 1] (project rule)"""
FALLING_PART, SHARE, SOURCE_PART = 0.5, 0.7, 0.6
"""A home falls that lost this part of what the median home lost; this share of the homes of each
source must fall, and its median home must have lost the last part. (project rule)"""

MOST_HOMES = 100
"""So many homes of a source, spread over it, say what it does: more say no more, and a city has
many. (project rule)"""


@dataclass(frozen=True, slots=True)
class CommonFall:
    """A fall of all sources that is theirs alone."""

    begin: int
    """Slot of the block."""
    parts: tuple[tuple[Suspect, Celsius], ...]
    """For each source its homes, and how far their median lay above now. [K]"""


class Together:
    """Looks for falls of all sources at once in a block of slots."""

    def __init__(
        self, block: Block, scored: Falls, places: Places, past: Past, usual: Usual, told: Mask
    ) -> None:
        self._block, self._falls, self._past, self._usual = block, scored, past, usual
        self._told = told
        network = places.network
        self._source = network.of_home[Level.SOURCE]
        self._has_say = ~network.is_floor_heated & (self._source >= 0)
        self._largest = places.largest
        is_one = len(self._largest) == 1
        self._group = network.of_home[Level.BUILDING] if is_one else self._source
        self._some = self._spread()
        self.is_worth = self._are_worth()

    def _spread(self) -> Indices:
        """Return some homes of each source that have a say, spread over it."""
        homes = [place.homes[self._has_say[place.homes]] for place in self._largest.values()]
        some = [one[:: max(-(-len(one) // MOST_HOMES), 1)] for one in homes]
        return np.sort(np.concatenate([*some, np.empty(0, np.int32)]))

    def _are_worth(self) -> Mask:
        """Say in which slots most homes fall fast by themselves, (slots,)."""
        block, rate = self._block, self._falls.rate[:, self._some]
        now = slice(CONTEXT_SLOTS, None)
        known = (~np.isnan(rate)).sum(axis=1)
        fast = (rate >= WORTH_RATE).sum(axis=1)
        cold = block.has_outdoor[now] & (block.delta[now] >= LEAST_LIFT) & block.is_season[now]
        return np.asarray(cold & (known >= SURE_HOMES) & (fast >= WORTH_SHARE * known))

    def beside(self, now: Now, opening: Opening) -> list[Episode]:
        """Return the open episodes with those of a fall of all sources, if one is seen.

        What accuses already stays as it is; what is open but accuses nobody is said anew.
        """
        still = list(now.open)
        said = np.zeros(len(self._source), bool)
        for one in still:
            said[list(one.homes)] |= is_sure(one)
        fall = None if said[self._some].all() else self.of(now)
        if fall is None:
            return still
        start_s = int(self._block.time_s[fall.begin])
        for suspect, curve in fall.parts:
            homes = suspect.place.homes
            if not said[homes].any() and not is_rest_of(now.ended, suspect.falling, start_s):
                mine = frozenset(homes.tolist())
                still = [one for one in still if mine.isdisjoint(one.homes)]
                still.append(self._episode(now, opening, fall.begin, suspect, curve))
        return still

    def _episode(
        self, now: Now, opening: Opening, begin: int, suspect: Suspect, curve: Celsius
    ) -> Episode:
        """Return what is said of a source: no homes are its control group, as long as it lasts."""
        episode = opening.episode(now, begin, suspect, TOGETHER_RULE)
        silent = (float("nan"),) * len(episode.elsewhere)
        episode = replace(episode, control_share=float("nan"), control_homes=0, elsewhere=silent)
        bend = len(curve) - 1 - (now.at - begin)
        return episode.fallen(self._block.homes[now.at], curve, bend, 0)

    def of(self, now: Now) -> CommonFall | None:
        """Return the fall of all sources that has begun before a slot; None where it is no stop."""
        homes = self._judged(now.at, self._some)
        asked = _with_enough(self._group[homes])
        if len(asked) < LEAST_GROUPS or len(homes) < SURE_HOMES:
            return None
        if np.median(self._past.days(homes)) < LEAST_DAYS:
            return None
        fall = self._seen(now, homes, asked, ONSET_SLOTS)
        if fall is None and is_due(float(self._block.hour[now.at])):
            fall = self._seen(now, homes, asked, LONG_SLOTS)
        return fall

    def _seen(self, now: Now, homes: Indices, asked: list[int], back: int) -> CommonFall | None:
        """Return the fall that has begun within some slots."""
        above = above_now(self._block, now.at, homes, self._usual.course, back)
        curve = across(above)
        if back == ONSET_SLOTS:
            bend = likely_begin(curve, onset(curve))
        else:
            bend = steady_onset(curve, ONSET_SLOTS - BEFORE_SLOTS)
        begin, drop = now.at - back + bend, float(curve[bend])
        rate = self._pace(curve, bend, now.at)
        if not self._is_stop(curve, bend, now.at, rate):
            return None
        if self._is_by_sun(now.at, begin, homes):
            return None
        group, source = self._group[homes], self._source[homes]
        if not all(_falls_with_others(above[:, group == one], bend, drop) for one in asked):
            return None
        if not self._is_unusual(now.at, begin, rate):
            return None
        return CommonFall(
            begin,
            tuple(
                (self._suspect(one, now.at, begin, drop), across(above[:, source == one]))
                for one in _with_enough(source)
            ),
        )

    def _judged(self, at: int, homes: Indices) -> Indices:
        """Return which of some homes have a say in a slot."""
        steep = self._falls.steep[at - CONTEXT_SLOTS, homes]
        known = ~np.isnan(self._block.homes[at, homes])
        has_say = self._has_say[homes] & known & ~steep & ~self._told[at, homes]
        return np.asarray(homes[has_say])

    def _suspect(self, source: int, at: int, begin: int, drop: float) -> Suspect:
        """Return what falls of a source, of all its homes."""
        place = self._largest[source]
        homes = self._judged(at, place.homes)
        lost = above_now(self._block, at, homes, self._usual.course, at - begin)[0]
        judged = int((~np.isnan(lost)).sum())
        return Suspect(place, 0.0, homes[lost >= FALLING_PART * drop], judged)

    def _pace(self, curve: Celsius, bend: int, at: int) -> float:
        """Return how fast homes have fallen since a bend. [1/h]"""
        hours = max(len(curve) - 1 - bend, 1) / SLOTS_AN_HOUR
        return float(curve[bend] - curve[-1]) / hours / float(self._block.delta[at])

    def _is_stop(self, curve: Celsius, bend: int, at: int, rate: float) -> bool:
        """Say whether the median home fell as by a stop: sharply, steadily, and enough."""
        slots = len(curve) - 1 - bend
        if slots < LEAST_SLOTS or bend < BEFORE_SLOTS or not curve[bend] >= LEAST_DROP:
            return False
        if not rate >= least_rate(self._block, at, at - slots):
            return False
        half = bend + slots // 2
        least = HALF_PART * float(curve[bend]) / 2
        return bool(curve[bend] - curve[half] >= least and curve[half] >= least)

    def _is_by_sun(self, at: int, begin: int, homes: Indices) -> bool:
        """Say whether by day homes have been as cold in the day before: the sun may be gone."""
        is_late = begin >= at - ONSET_SLOTS and not is_by_day(float(self._block.hour[at]))
        return not is_late and below_lowest(self._block, at, begin, homes) < BELOW_LOWEST

    def _is_unusual(self, at: int, begin: int, rate: float) -> bool:
        """Say whether homes neither wander so together, nor do so on many days."""
        wander = wander_of(self._past, self._usual.course, self._some)
        is_night = class_of(self._block.hour[at : at + 1])[0] == 0
        if rate < WANDER_TIMES * float(wander[0 if is_night else 1]):
            return False
        hour = float(self._block.hour[begin])
        return not fell_often(self._past, hour, rate, self._some)


def _falls_with_others(above: Celsius, bend: int, drop: float) -> bool:
    """Say whether homes of a source (slots, homes) [K] began with a fall of all, and as sharply."""
    own = across(above)
    lost = float(own[bend])
    before = float(own[bend - BEFORE_SLOTS]) - lost
    most = BEFORE_PART * lost * BEFORE_SLOTS / (len(own) - 1 - bend)
    judged = int((~np.isnan(above[bend])).sum())
    falling = int((above[bend] >= FALLING_PART * drop).sum())
    is_shared = judged >= LEAST_HOMES and falling >= SHARE * judged
    return bool(is_shared and lost >= SOURCE_PART * drop and before <= most)


def _with_enough(groups: Indices) -> list[int]:
    """Return the groups to which enough homes belong."""
    named, count = np.unique(groups, return_counts=True)
    return [int(one) for one in named[(named >= 0) & (count >= LEAST_HOMES)]]
