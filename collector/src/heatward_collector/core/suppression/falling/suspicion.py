"""Which places are suspected in each slot: falls together that nothing else explains."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.suppression.falling.falls import (
    VOID,
    Evidence,
    Falls,
    Votes,
)
from heatward_collector.core.suppression.falling.scan import (
    HOME_COST,
    Places,
    Suspect,
    Tally,
    explain,
)
from heatward_collector.core.suppression.falling.usual import class_of
from heatward_collector.core.suppression.homes.network import Level, Network

LEAST_SHARE = 0.6
"""Share of the judged homes that must fall, and of the judged buildings of a larger place."""
NEEDED_GAIN = (7.3, 10.1, 9.1)
"""A place of four homes is suspected from this likelihood ratio on, by night, in the morning and by
day: e to the ninth is about 8000. [nat]"""
LONE_GAIN = 0.7
"""By night a building alone needs so much more. [nat]"""
FEW_HOMES = 4
NIGHT, DAY = 0, 2
"""The classes of the hours from 22 to 6, and from 10 to 22."""
USUAL_CONTROL, CONTROL_GAIN = (0.15, 0.12, 0.16), (20.0, 30.0, 30.0)
"""So many homes of other sources fall by chance, by night, in the morning and by day; each further
one counts against a place, above all by day: windows and the sun move all of them. [1, nat]"""
FIRST_GAIN, FIRST_SHARE = (1.2, 1.0, 1.5), 0.7
"""A larger place from which no heat was held back in the last days needs so much more, by night, in
the morning and by day [nat], and this share of its homes."""
REPEATED_GAIN = 3.5
"""A place from which heat was held back in the last days needs so much less: who does so once does
so again. [nat] (project rule)"""
MOST_AGAIN_GAIN = 2.0
"""And by the logarithm of their number less, at most this, where there were several: the rate of
what may come again is known from how often it came. Not of a building alone by night, whose
thermostats may keep to a program. [nat] (simulated homes: of 603 stops in 11 towns 8 more are said
within 1.75 h, three more are found; four more false ones in two of them, none in quiet towns)"""
DUE_GAIN = 1.5
"""Where a stop is due by the clock so much less is needed: who switches by it keeps to it, and in
one of twenty hours it is due. [nat] (half of the factor of 20; simulated homes: of 1051 stops in 16
towns 8 more are found and none fewer, 68 are said sooner and 4 later, at as many false ones)"""
LEAD_GAIN = 3.0
"""A fall of a place with several buildings that is short of so little becomes known if it comes
again at the same hour of one of the next days: chance does not keep to the clock. [nat] (simulated
homes: in 750 building-months without events two falls did, of 30 missed stops 8)"""
REST_GAIN, REST_AGAIN = 2.5, 1.0
"""A larger place needs this without its clearest building, for the first time and where heat was
held back in the last days: one building does not accuse its whole source, but of a source that
stopped the next stop is its own again. [nat] (simulated homes: of 195 such stops 27 had between the
two when they could first be noticed, and 3 less)"""
CONTROL_SHARE, AGAIN_SHARE = 0.3, 0.45
"""If as many homes of other sources fall too, weather, windows or a holiday do it; where heat was
held back in the last days it takes so many by day, for in the afternoon rooms to the south fall
everywhere."""
CLEAR_SPARE = 6.0
"""A gain that is so much more than is needed is clear. [nat] (project rule)"""
MOST_SHARE = 0.5
"""What is clear, with all that others do taken off, is believed until most of them fall."""
SILENT_SCORE = -1.0
"""A home that spoke lately and is silent now says half as much as one that stays warm. [nat]"""


@dataclass(frozen=True, slots=True)
class _Kind:
    """Homes of one kind of emitter, and what their places say in every slot."""

    evidence: Evidence
    tally: Tally
    more: Celsius
    """(slots, places) gain above what is needed, -inf where it cannot be a cut. [nat]"""
    is_narrow: Mask
    """(slots, places) whether of a larger place one building alone is clear."""


class Suspicions:
    """The suspicions of a block of slots."""

    def __init__(
        self, places: Places, falls: Falls, heard: Mask, hour: Celsius, blocked: Mask
    ) -> None:
        """Add up what all homes say.

        Parameters
        ----------
        places : Places
            All places.
        falls : Falls
            What homes say in each slot.
        heard : bool (homes,)
            Homes that spoke lately.
        hour : float64 (slots,)
            Local hour. [h]
        blocked : bool (slots,)
            Slots in which nothing is watched.
        """
        self._places = places
        floor = places.network.is_floor_heated
        is_void = blocked[:, None] | _are_doubtful(places.network, falls)
        vote = np.where(is_void, np.int8(VOID), falls.vote)
        self.silent = heard & (falls.vote == VOID) & ~falls.aired & ~blocked[:, None]
        self._hour = class_of(hour)
        # A heated floor stays warm for hours after the heat has gone: such a home says nothing
        # against a stop. Where all homes of a place have one, they are held against each other.
        self._kinds = [self._kind(falls, np.where(floor, np.int8(VOID), vote), self.silent)]
        self._floor = floor
        if floor.any():
            none = np.zeros_like(self.silent)
            self._kinds.append(self._kind(falls, np.where(floor, vote, np.int8(VOID)), none))

    def _kind(self, falls: Falls, vote: Votes, silent: Mask) -> _Kind:
        evidence = np.where(vote == VOID, np.float32(0.0), falls.evidence)
        evidence[:, silent] = SILENT_SCORE
        return self._weighed(evidence, self._places.tally(evidence, vote))

    def _weighed(self, evidence: Evidence, tally: Tally) -> _Kind:
        several = tally.judged_buildings > 1
        needed = np.array(NEEDED_GAIN)[self._hour, None] + HOME_COST * np.maximum(
            tally.judged - FEW_HOMES, 0
        )
        needed += LONE_GAIN * (~several & (self._hour == NIGHT)[:, None])
        possible = is_shared(tally) & (~several | _is_broad(tally))
        more = np.where(possible, tally.gain - needed, -np.inf)
        return _Kind(evidence, tally, more, several & (tally.rest < REST_GAIN))

    def any(self, slot: int) -> bool:
        """Say whether some place may be suspected in a slot, before others are asked."""
        return any(
            bool((kind.more[slot] >= -REPEATED_GAIN - MOST_AGAIN_GAIN - LEAD_GAIN).any())
            for kind in self._kinds
        )

    def of(
        self,
        slot: int,
        control: Celsius,
        stops: Indices,
        short: float = 0.0,
        due: Mask | None = None,
    ) -> list[Suspect]:
        """Return the suspected places of a slot.

        Parameters
        ----------
        slot : int
            The slot.
        control : float64 (sources,)
            For each source, the share of homes that fall at a usual other source; NaN for unknown.
        stops : int32 (places,)
            How often heat was held back from each place lately.
        short : float
            How much short of what is needed the gain may be. [nat]
        due : bool (places,), optional
            Places of which a stop is due by the clock.
        """
        is_due = np.zeros(len(stops), bool) if due is None else due
        repeated = stops > 0
        source = self._places.source
        share = np.where(source >= 0, control[np.maximum(source, 0)], np.nan)
        hour = int(self._hour[slot])
        most = np.where(repeated & (hour == DAY), AGAIN_SHARE, CONTROL_SHARE)
        more = np.maximum(np.nan_to_num(share) - USUAL_CONTROL[hour], 0.0)
        against = CONTROL_GAIN[hour] * more
        found: list[Suspect] = []
        taken = np.zeros(len(self._floor), bool)
        for kind in self._kinds:
            spare = self._spare(kind, slot, stops) + DUE_GAIN * is_due - against
            elsewhere = share >= np.where(spare >= CLEAR_SPARE, MOST_SHARE, most)
            plausible = np.flatnonzero((spare >= -short) & ~elsewhere).tolist()
            plausible = [one for one in plausible if not taken[self._places.all[one].homes].any()]
            if not plausible:
                continue
            # Of places that fit alike the one that was without heat lately is without it again.
            prior = self._again(kind, slot, stops)
            suspects = explain(self._places, kind.tally, slot, kind.evidence, plausible, prior)
            for one in suspects:
                taken[one.place.homes] = True
                index = self._places.index[one.place.level, one.place.id]
                extra = float(spare[index])
                is_again = bool(repeated[index])
                found.append(
                    replace(one, spare=extra, is_repeated=is_again, is_due=bool(is_due[index]))
                )
        return found

    def _spare(self, kind: _Kind, slot: int, stops: Indices) -> Celsius:
        """Return the gain of each place above what it needs, here for the first time or again."""
        tally, repeated = kind.tally, stops > 0
        several = tally.judged_buildings[slot] > 1
        is_shared = tally.falling[slot] >= FIRST_SHARE * tally.judged[slot]
        first = np.where(several, FIRST_GAIN[int(self._hour[slot])], 0.0)
        spare = kind.more[slot] + np.where(repeated, self._again(kind, slot, stops), -first)
        may_be_first = ~several | (is_shared & ~kind.is_narrow[slot])
        return np.where(repeated | may_be_first, spare, -np.inf)

    def _again(self, kind: _Kind, slot: int, stops: Indices) -> Celsius:
        """Return what speaks for each place as it stopped so often lately, (places,). [nat]"""
        often = np.minimum(np.log(np.maximum(stops, 1)), MOST_AGAIN_GAIN)
        is_lone = kind.tally.judged_buildings[slot] <= 1
        may_be_program = is_lone & (self._hour[slot] == NIGHT)
        again = REPEATED_GAIN + np.where(may_be_program, 0.0, often)
        return np.asarray(np.where(stops > 0, again, 0.0))


def _are_doubtful(network: Network, falls: Falls) -> Mask:
    """Say where most homes of a building fall out of habit, (slots, homes).

    The rest of them have the same thermostats, and no say.
    """
    building = network.of_home[Level.BUILDING]
    order = np.argsort(building, kind="stable")
    first = np.flatnonzero(np.diff(building[order], prepend=-2))
    habit = falls.aired & ~falls.steep
    spare = np.where(habit, np.int8(1), np.where(falls.vote == VOID, np.int8(0), np.int8(-1)))
    more = np.add.reduceat(spare[:, order], first, axis=1, dtype=np.int32) > 0
    index = np.cumsum(np.bincount(first, minlength=len(order))) - 1
    result = np.empty(falls.vote.shape, bool)
    result[:, order] = more[:, index] & (building[order] >= 0)
    return result


def is_shared(tally: Tally) -> Mask:
    """Say where enough of the homes that have a say fall, (slots, places)."""
    return np.asarray((tally.falling >= LEAST_SHARE * tally.judged) & (tally.falling > 0))


def _is_broad(tally: Tally) -> Mask:
    """Say where most buildings fall, and not one of them alone."""
    most = tally.falling_buildings >= np.maximum(LEAST_SHARE * tally.judged_buildings, 2)
    return np.asarray(most & (tally.rest >= REST_AGAIN))
