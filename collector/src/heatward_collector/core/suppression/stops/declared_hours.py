"""Hours that suppliers have declared: which stops they explain, and when rooms begin anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Mask, Seconds
from heatward_collector.core.suppression.findings.declared import Declaration
from heatward_collector.core.suppression.homes.network import Network
from heatward_collector.core.suppression.stops.episode import Episode
from heatward_collector.core.suppression.stops.kinds import declared_parts


@dataclass(frozen=True, slots=True)
class DeclaredHours:
    """The operating regimes of a network: the hours of each day in which heat is promised."""

    network: Network
    regimes: tuple[Declaration, ...]
    hour_of: Callable[[Seconds], Celsius]
    """Gives the local hours of times. [s UTC] to [h]"""

    @classmethod
    def among(
        cls,
        declarations: Iterable[Declaration],
        network: Network,
        hour_of: Callable[[Seconds], Celsius],
    ) -> DeclaredHours:
        """Return those of some declarations that promise heat at some hours of each day."""
        return cls(network, tuple(one for one in declarations if one.hours), hour_of)

    def explain(self, episode: Episode) -> bool:
        """Say whether the homes of an episode fell in hours in which no heat was promised."""
        if not self.regimes:
            return False
        parts = declared_parts(episode, self.network, self.regimes, self.hour_of)
        return all(one.declared for one in parts)

    def hold(self, at_s: int) -> Mask:
        """Say whose heat is promised only for some hours at a moment, (homes,). [s UTC]"""
        return self._homes_of(lambda mine: bool(_promised(mine, at_s)))

    def changed(self, from_s: int, to_s: int) -> Mask:
        """Say whose promised hours became others within [from, to), (homes,). [s UTC]"""
        return self._homes_of(lambda mine: _changes(mine, from_s, to_s))

    def _homes_of(self, is_so: Callable[[Sequence[Declaration]], bool]) -> Mask:
        """Say which homes are of places of whose regimes something is so, (homes,)."""
        result = np.zeros(len(self.network.homes), bool)
        for level, place in sorted({(one.level, one.place) for one in self.regimes}):
            places = self.network.places.get(level, ())
            mine = [one for one in self.regimes if (one.level, one.place) == (level, place)]
            if place in places and is_so(mine):
                result |= self.network.members(level, places.index(place))
        return result


def _changes(regimes: Sequence[Declaration], from_s: int, to_s: int) -> bool:
    """Say whether promised hours become others within [from, to). [s UTC]"""
    moments = {moment for one in regimes for moment in (one.from_s, one.to_s)}
    return any(
        _promised(regimes, moment - 1) != _promised(regimes, moment)
        for moment in moments
        if from_s <= moment < to_s
    )


def _promised(regimes: Iterable[Declaration], at_s: int) -> frozenset[tuple[float, float]]:
    """Return the hours that are promised at a moment, none where all of them are. [s UTC]"""
    now = [one for one in regimes if one.from_s <= at_s < one.to_s]
    return frozenset(span for one in now for span in one.hours)
