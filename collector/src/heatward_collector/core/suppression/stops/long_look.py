"""The long look: homes that for hours lose more than others do, and than they usually do.

What begins in the morning with open windows and goes on under the sun is no clear fall of the last
hours: windows explain it at first, and by day the rooms of other sources move as much. But windows
are closed again and the sun shines on all, while homes without heat go on losing. So once an hour
the change over four hours is held against what other sources did, and against what these homes
usually do at these hours; it must be so of both halves of them, and twice in a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.groups import medians
from heatward_collector.core.suppression.falling.falls import DAY_SLOTS, SLOTS_AN_HOUR
from heatward_collector.core.suppression.falling.other_sources import of_other_sources
from heatward_collector.core.suppression.falling.scan import MAJORITY, Place, Places
from heatward_collector.core.suppression.findings.finding import LEAST_HOMES
from heatward_collector.core.suppression.homes.medians import across, middle
from heatward_collector.core.suppression.homes.network import Level
from heatward_collector.core.suppression.stops.memory import Block

HALF_HOURS = 2
"""The change is looked at over two halves of so long. [h] (simulated homes: of looks over 3 to 8 h
this one reaches most of what was missed, at the same number of false ones)"""
HALF = HALF_HOURS * SLOTS_AN_HOUR
BACK_SLOTS, YOUNGEST = 9 * SLOTS_AN_HOUR, 13
"""The begin of what keeps losing is looked for so far back, and at least so far. [slots]"""
FALLING_PART, LEAST_SHARE, LEAST_OF_ALL = 0.5, 0.75, 0.6
"""A home falls that lost this part of what the median home lost; so many of the judged homes must
fall, and so many of all that were heard lately, for silence is no fall. (simulated homes)"""
LEAST_LOSS, LEAST_RATE = 0.5, 0.0045
"""What the median home must have lost beyond others and beyond the usual [K], and as a share of the
distance to the outdoors each hour: half of the heat held back cools by 0.005. [1/h]"""
HALF_PART = 0.6
"""In each half this part of its share must be lost: what windows took comes back in the second."""
LEAST_OWN_LOSS = 0.5
"""By so much they must be colder, whatever others do. [K]"""
SUN_HOURS, BELOW_LOWEST = (9, 22), 0.15
"""Between these local hours [h] they must be colder than ever in the day before: rooms from which
the sun has gone are not. [K] (simulated homes: 4 of 8 false findings in 2100 building-months do not
come about by it)"""
PLAIN_TIMES = 1.5
"""Unless every home that has a say falls, and they lost so many times what is needed: the sun warms
the rooms of one side. (simulated homes: of looks at 13 seasons that lack only to be colder than the
day before, 53 are so at stops, and none elsewhere)"""
LEAST_LIFT = 18.0
"""Nearer to the outdoors than this it is not worth while to look. [K]"""
PEER_PART = 0.5
"""A building must have lost this part of what is needed beyond the rest of its source too, if so
many homes of that speak: in great cold all of a weak source lose. (simulated homes)"""
BROAD_SHARE, LEAST_BUILDINGS, LEAST_OUTSIDE = 0.6, 2, 2
"""Of a larger place so many buildings must fall, the majority of each one's homes, and so many
homes outside of the one with most: one building does not accuse its whole source."""
WATCHED = frozenset({Level.BUILDING, Level.ZONE, Level.SUBSTATION, Level.SOURCE})
"""Of a stairwell alone windows are the better explanation."""


@dataclass(frozen=True, slots=True)
class Losing:
    """A place whose homes keep losing."""

    place: Place
    falling: Indices
    judged: int
    silent: int


def is_due(hour: float) -> bool:
    """Say whether it is time to look: the slot that begins at a local hour [h] ends an hour."""
    return hour % 1.0 >= 1.0 - 1.0 / SLOTS_AN_HOUR


def is_by_day(hour: float) -> bool:
    """Say whether the sun may have warmed rooms at a local hour [h], or have just gone."""
    first, last = SUN_HOURS
    return first <= hour < last


def losing(
    places: Places, block: Block, at: int, course: Celsius, heard: Mask, busy: Mask
) -> list[Losing]:
    """Return the places whose homes keep losing, no home in two of them.

    Parameters
    ----------
    places : Places
        All places.
    block : Block
        Slots with their context.
    at : int
        The slot that is now.
    course : float64 (24, homes)
        How fast each home usually falls at each local hour, as a share of the distance to the
        outdoors. [1/h]
    heard : bool (homes,)
        Homes that spoke lately.
    busy : bool (homes,)
        Homes that are in an episode, or had a stop declared: no measure for others.
    """
    if block.delta[at] < LEAST_LIFT:
        return []
    network = places.network
    has_say = ~network.is_floor_heated  # a heated floor follows too late
    halves = np.where(
        has_say, _halves(block, at, course, network.of_home[Level.SOURCE], busy), np.nan
    )
    need = max(LEAST_LOSS, LEAST_RATE * 2 * HALF_HOURS * float(block.delta[at]))
    now = halves[1] + halves[3]
    lost = medians(now[places.members], places.owner, len(places.all))
    look = _Look(places, block, at, halves, heard & has_say, need)
    found = [
        one
        for index in np.flatnonzero(lost >= need).tolist()
        if (one := look.of(places.all[index])) is not None
    ]
    return _apart(found, len(network.homes))


def usual_loss(block: Block, at: int, homes: Indices, course: Celsius) -> Celsius:
    """Return what the median of some homes usually loses until each slot of the hours back. [K]

    Parameters
    ----------
    block : Block
        Slots with their context.
    at : int
        The slot that is now.
    homes : int32 (n,)
        Those homes.
    course : float64 (24, homes)
        How fast each home usually falls at each local hour, as a share of the distance to the
        outdoors. [1/h]

    Returns
    -------
    float64 (BACK_SLOTS + 1,)
    """
    rate = usual_rates(block, at, across(course[:, homes]), BACK_SLOTS)
    return np.asarray(np.cumsum(rate) * float(block.delta[at]))


def usual_rates(block: Block, at: int, course: Celsius, back: int) -> Celsius:
    """Return what is usually lost in each of the slots back until now, as a share. [1/slot]

    ``course`` is as for :func:`usual_loss`, (24, n) or (24,); the result is (back + 1, n) then.
    """
    # A rate of 1.5 h belongs to three quarters of an hour before its end.
    hour = np.floor(block.hour[at - back : at + 1] + 0.75).astype(np.int64) % len(course)
    return np.asarray(course[hour] / SLOTS_AN_HOUR)


def _halves(block: Block, at: int, course: Celsius, source: Indices, busy: Mask) -> Celsius:
    """Return what homes lost in two hours beyond others and the usual, (4, homes). [K]

    Of the halves that end three, two and one hour ago, and now.
    """
    ends = at - SLOTS_AN_HOUR * np.arange(3, -1, -1)
    hour = np.floor(block.hour[ends]).astype(np.int64)
    # A rate of 1.5 h belongs to three quarters of an hour before its end.
    usual = (course[hour] + course[(hour + 1) % len(course)]) / 2
    kelvin = HALF_HOURS * float(block.delta[at])
    rate = (block.homes[ends - HALF] - block.homes[ends]) / kelvin - usual
    others = of_other_sources(np.where(busy, np.nan, rate), source)
    return np.asarray((rate - others) * kelvin)


@dataclass(frozen=True, slots=True)
class _Look:
    """What two looks say of any place."""

    places: Places
    block: Block
    at: int
    halves: Celsius
    heard: Mask
    need: float

    def of(self, place: Place) -> Losing | None:
        """Return what is lost at a place, None where it is not enough."""
        homes = place.homes
        halves = self.halves[:, homes]
        if place.level not in WATCHED:
            return None
        before, now = halves[0] + halves[2], halves[1] + halves[3]
        if not (self._is_lost(before) and self._is_lost(now)):
            return None
        if not (across(halves) >= HALF_PART * self.need / 2).all():
            return None
        is_falling = now >= FALLING_PART * middle(now)
        judged = ~np.isnan(now)
        is_plain = bool((is_falling == judged).all()) and middle(now) >= PLAIN_TIMES * self.need
        if not self._are_colder(homes, is_plain):
            return None
        silent = int((self.heard[homes] & ~judged).sum())
        if is_falling.sum() < LEAST_OF_ALL * (judged.sum() + silent):
            return None
        if not self._is_alone_or_broad(place, is_falling, judged, now):
            return None
        return Losing(place, homes[is_falling], int(judged.sum()), silent)

    def _is_lost(self, loss: Celsius) -> bool:
        """Say whether enough homes of a place have lost enough in one look, (homes,) [K]."""
        judged = int((~np.isnan(loss)).sum())
        usual = middle(loss)
        falling = int((loss >= FALLING_PART * usual).sum())
        return judged >= LEAST_HOMES and usual >= self.need and falling >= LEAST_SHARE * judged

    def _are_colder(self, homes: Indices, is_plain: bool) -> bool:
        """Say whether homes are colder than hours ago, and by day than on the whole day before.

        Of what is plain the latter is not asked.
        """
        begin = self.at - 2 * HALF
        rows = self.block.homes[begin - DAY_SLOTS : self.at + 1, homes]
        if not middle(rows[DAY_SLOTS] - rows[-1]) >= LEAST_OWN_LOSS:
            return False
        if is_plain or not is_by_day(float(self.block.hour[self.at])):
            return True
        lowest = np.fmin.reduce(rows[:DAY_SLOTS], axis=0)
        return middle(lowest - rows[-1]) >= BELOW_LOWEST

    def _is_alone_or_broad(
        self, place: Place, is_falling: Mask, judged: Mask, now: Celsius
    ) -> bool:
        """Say whether a building loses more than its source, or most buildings of a place."""
        network = self.places.network
        building = network.of_home[Level.BUILDING][place.homes]
        named, index = np.unique(building, return_inverse=True)
        fall, asked = (
            np.bincount(index[is_falling], minlength=len(named)),
            np.bincount(index[judged], minlength=len(named)),
        )
        if len(named) == 1:
            return self._is_alone(place, middle(now))
        falls = (fall >= MAJORITY * asked) & (asked > 0)
        is_broad = falls.sum() >= max(BROAD_SHARE * (asked > 0).sum(), LEAST_BUILDINGS)
        return bool(is_broad and fall.sum() - fall.max() >= LEAST_OUTSIDE)

    def _is_alone(self, place: Place, lost: float) -> bool:
        source = self.places.network.of_home[Level.SOURCE]
        rest = source == source[place.homes[0]]
        rest[place.homes] = False
        others = (self.halves[1] + self.halves[3])[rest]
        if int((~np.isnan(others)).sum()) < LEAST_HOMES:
            return True
        return lost - middle(others) >= PEER_PART * self.need


def _apart(found: Sequence[Losing], homes: int) -> list[Losing]:
    """Return those with most falling homes, no home in two of them."""
    taken = np.zeros(homes, bool)
    kept = []
    for one in sorted(found, key=lambda one: -len(one.falling)):
        if not taken[one.place.homes].any():
            taken[one.place.homes] = True
            kept.append(one)
    return kept
