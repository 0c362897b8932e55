"""Which places are suspected in each slot: falls together that nothing else explains.

Two ways lead to a suspicion: homes that fall so clearly that one slot is enough, and homes that go
on falling, whose evidence is gathered from slot to slot. Households that fall by chance do not do
so for hours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.suppression.falls import (
    FALLING,
    LEAST_CONTROL_HOMES,
    VOID,
    Falls,
    Votes,
)
from heatward_collector.core.suppression.network import Level
from heatward_collector.core.suppression.scan import Places, Suspect, Tally, explain

LEAST_GAIN = 8.5
"""A place is suspected from this likelihood ratio on: e to the ninth, about 8000. [nat]"""
LEAST_SHARE = 0.6
"""Share of the judged homes that must fall, and of the judged buildings of a larger place."""
SEVERAL_GAIN, LONE_GAIN = 9.5, 9.0
"""A larger place and a building alone whose homes do not all fall need these. [nat]"""
REST_GAIN = 4.0
"""A larger place needs this without its clearest building: one building does not accuse its whole
source. [nat]"""
GATHERED_GAIN, GATHERED_LONE_GAIN = 11.0, 12.0
"""What must be gathered by a larger place, and by a building alone. [nat]"""
MOST_GATHERED = 20.0
"""More is not remembered, so that it is gone soon after the heat is back. [nat]"""
GATHERED_SHARE = 0.6
"""And so many of the judged homes of a building alone must fall then."""
GATHERING_GAIN = 6.0
"""Meanwhile the slot itself still says this. [nat]"""
GATHERED_SLOTS = 6
"""Rates over 1.5 h are new after so long: a slot adds this part of what it says. [slots]"""
CONTROL_SHARE = 0.34
"""If as many homes of other sources fall too, weather or a holiday does it."""
SILENT_SCORE = -1.0
"""A home that spoke lately and is silent now says half as much as one that stays warm. [nat]"""


@dataclass(frozen=True, slots=True)
class _Kind:
    """Homes of one kind of emitter, and what their places say in every slot."""

    vote: Votes
    """(slots, homes)"""
    gain: Celsius
    """(slots, places) [nat]"""
    judged: Indices
    plausible: Mask
    """(slots, places)"""


class Suspicions:
    """The suspicions of a block of slots."""

    def __init__(
        self,
        places: Places,
        falls: Falls,
        heard: Mask,
        gathered: Celsius,
        quiet: Mask,
        blocked: Mask,
    ) -> None:
        """Add up what all homes say.

        Parameters
        ----------
        places : Places
            All places.
        falls : Falls
            What homes say, (slots, homes).
        heard : bool (homes,)
            Homes that spoke lately.
        gathered : float64 (places,)
            What had been gathered before the first slot. [nat]
        quiet : bool (slots, places)
            Slots in which neither sun nor people move rooms: only then evidence is gathered.
        blocked : bool (slots,)
            Slots in which nothing is watched.
        """
        self._places, self._quiet = places, quiet & ~blocked[:, None]
        floor = places.network.is_floor_heated
        vote = np.where(blocked[:, None], np.int8(VOID), falls.vote)
        self.silent = heard & (vote == VOID) & ~falls.aired & ~blocked[:, None]
        # A heated floor stays warm for hours after the heat has gone: such a home says nothing
        # against a stop. Where all homes of a place have one, they are held against each other.
        quick = _void(vote, floor)
        self.gathered = np.empty((len(vote), len(places.all)))
        radiators = self._kind(falls, quick, gathered)
        self._kinds = [radiators]
        self._floor = floor
        if floor.any():
            self._kinds.append(self._kind(falls, _void(vote, ~floor), None))

    def _kind(self, falls: Falls, vote: Votes, gathered: Celsius | None) -> _Kind:
        every = self._tally(falls, vote)
        # In hours of sunshine a building alone is held to what cannot be the end of it.
        lone = self._tally(falls, _void(vote, (vote == FALLING) & ~falls.counts))
        several = every.judged_buildings > 1
        plausible = np.where(several, _are_several(every), _is_lone(lone))
        if gathered is not None:
            gain = np.where(several, every.gain, lone.gain)
            self._gather(gain, gathered)
            needed = np.where(several, GATHERED_GAIN, GATHERED_LONE_GAIN)
            nearly_all = lone.falling >= GATHERED_SHARE * lone.judged
            share = np.where(several, _is_shared(every) & _is_broad(every), nearly_all)
            plausible |= share & (gain >= GATHERING_GAIN) & (self.gathered >= needed)
        return _Kind(vote, every.gain, every.judged.astype(np.int32), plausible)

    def _tally(self, falls: Falls, vote: Votes) -> Tally:
        score = np.where(self.silent, SILENT_SCORE, np.where(vote == VOID, 0.0, falls.score))
        return self._places.tally(score, vote)

    def _gather(self, gain: Celsius, before: Celsius) -> None:
        """Add up what slots say, as long as it speaks for a stop."""
        for slot, now in enumerate(gain):
            more = np.clip(before + now / GATHERED_SLOTS, 0.0, MOST_GATHERED)
            before = np.where(self._quiet[slot], more, before)
            self.gathered[slot] = before

    def any(self, slot: int) -> bool:
        """Say whether some place is suspected in a slot, before others are asked."""
        return any(bool(kind.plausible[slot].any()) for kind in self._kinds)

    def of(self, slot: int, control: Celsius) -> list[Suspect]:
        """Return the suspected places of a slot.

        Parameters
        ----------
        slot : int
            The slot.
        control : float64 (sources,)
            For each source, the share of homes that fall at a usual other source; NaN for unknown.
        """
        source = self._places.source
        elsewhere = (source >= 0) & (control[np.maximum(source, 0)] >= CONTROL_SHARE)
        found: list[Suspect] = []
        taken = np.zeros(len(self._floor), bool)
        for kind in self._kinds:
            plausible = np.flatnonzero(kind.plausible[slot] & ~elsewhere).tolist()
            plausible = [one for one in plausible if not taken[self._places.all[one].homes].any()]
            if not plausible:
                continue
            suspects = explain(
                self._places, kind.gain[slot], kind.judged[slot], kind.vote[slot], plausible
            )
            for suspect in suspects:
                taken[suspect.place.homes] = True
            found += suspects
        return found


def all_together(places: Places, vote: Votes, score: Celsius) -> list[Suspect]:
    """Return the sources that fall, whatever others do; votes and scores are (homes,)."""
    tally = places.tally(np.where(vote == VOID, 0.0, score)[None], vote[None])
    is_source = np.array([place.level is Level.SOURCE for place in places.all], bool)
    sure = is_source & (_is_shared(tally) & (tally.gain >= SEVERAL_GAIN))[0]
    return explain(places, tally.gain[0], tally.judged[0], vote, np.flatnonzero(sure).tolist())


def control_shares(
    vote: Votes, source: Indices, sources: int, busy: Mask
) -> tuple[Celsius, Indices]:
    """Return for each source the share of homes that fall at a usual other source.

    Each source counts once, by the lower median: two suppliers may hold back heat in the same
    night, and weather is what most of them see.

    Parameters
    ----------
    vote : int8 (homes,)
        Votes of the slot.
    source : int32 (homes,)
        Source of each home, -1 for none.
    sources : int
        How many there are.
    busy : bool (homes,)
        Homes that stand under suspicion themselves, which are not asked.

    Returns
    -------
    float64 (sources,), int32 (sources,)
        NaN without another source; and how many homes were asked.
    """
    asked = (vote != VOID) & ~busy & (source >= 0)
    judged = np.bincount(source[asked], minlength=sources)
    falling = np.bincount(source[asked & (vote == FALLING)], minlength=sources)
    speaking = judged >= LEAST_CONTROL_HOMES
    share = np.where(speaking, falling / np.maximum(judged, 1), np.inf)
    order = np.argsort(share, kind="stable")
    rank = np.empty(sources, np.int64)
    rank[order] = np.arange(sources)
    others = int(speaking.sum()) - speaking.astype(np.int64)
    middle = np.maximum(others - 1, 0) // 2
    middle += rank <= middle  # a source does not count among the others of its own
    known = others > 0
    result = np.full(sources, np.nan)
    result[known] = share[order[middle[known]]]
    homes = np.where(speaking, judged, 0)
    return result, (homes.sum() - homes).astype(np.int32)


def _is_shared(tally: Tally) -> Mask:
    return np.asarray((tally.falling >= LEAST_SHARE * tally.judged) & (tally.falling > 0))


def _is_lone(tally: Tally) -> Mask:
    """Say where a building alone may be named: nobody in it stays warm, or it is very clear."""
    clear = (tally.falling == tally.judged) | (tally.gain >= LONE_GAIN)
    return np.asarray(_is_shared(tally) & (tally.gain >= LEAST_GAIN) & clear)


def _are_several(tally: Tally) -> Mask:
    """Say where a place with several buildings may be named: most of them fall."""
    clear = (tally.falling == tally.judged) | (tally.gain >= SEVERAL_GAIN)
    return np.asarray(_is_shared(tally) & clear & _is_broad(tally) & (tally.gain >= LEAST_GAIN))


def _is_broad(tally: Tally) -> Mask:
    """Say where most buildings fall, and not one of them alone."""
    most = tally.falling_buildings >= np.maximum(LEAST_SHARE * tally.judged_buildings, 2)
    return np.asarray(most & (tally.rest >= REST_GAIN))


def _void(vote: Votes, mask: Mask) -> Votes:
    return np.where(mask, np.int8(VOID), vote)
