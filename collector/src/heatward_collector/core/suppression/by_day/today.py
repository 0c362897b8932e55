"""One day to be judged by the slow half, and what surrounds it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from heatward_collector.core import Mask
from heatward_collector.core.suppression.by_day.heating_duty import HeatingDuty
from heatward_collector.core.suppression.by_day.history import History
from heatward_collector.core.suppression.by_day.place_days import Hierarchy
from heatward_collector.core.suppression.by_day.presence import Lively, Presence, lively_days
from heatward_collector.core.suppression.homes.medians import down
from heatward_collector.core.suppression.homes.network import Level, Network

SELF_HEATED_DAYS = 7
"""So many days before a fall tell whether a building was too cold for its people. [d]"""


@dataclass(frozen=True, slots=True)
class Today:
    """One day to be judged, and what surrounds it."""

    history: History
    network: Network
    places: Hierarchy
    now_s: int
    """When the day is judged: its end and the watermark. [s UTC]"""
    duty: HeatingDuty
    """What is owed on it."""
    _lively: dict[int, Lively] = field(default_factory=dict, repr=False, compare=False)
    """By their first day: of all homes, so that many places may ask about their own."""

    @property
    def start_s(self) -> int:
        """The local midnight that begins it. [s UTC]"""
        return int(self.history.start_s[-1])

    def presence(self, homes: Mask, since_s: int) -> Presence:
        """Return what the days since a moment [s UTC] tell of people in some homes, (homes,)."""
        stir = self.history.stir
        days = self.history.start_s[len(self.history.start_s) - len(stir) :]
        first = int(np.searchsorted(days, since_s))
        if first not in self._lively:
            self._lively[first] = lively_days(stir, first)
        return self._lively[first].of(homes)

    def keeps_hours(self, level: Level) -> Mask:
        """Say in which places heat is promised only for some hours of the day, (places,)."""
        return self.history.keeps_hours(self.places.place[level], self.places.count(level))

    def self_heated(self, since_s: int) -> Mask:
        """Say whose people may have heated for themselves since a moment [s UTC], (homes,).

        Those of buildings of which the middle home was colder than what is owed before, and is.
        """
        coldest = self.history.series[Level.BUILDING].coldest
        onset = int(np.searchsorted(self.history.start_s, since_s))
        before = down(coldest[max(onset - SELF_HEATED_DAYS, 0) : max(onset, 1)])
        cold = np.maximum(before, coldest[-1]) < self.duty.minimum
        return np.asarray(np.append(cold, False)[self.places.place[Level.BUILDING]])

    def members(self, level: Level, place: str) -> Mask:
        """Say which homes belong to a place by its id, (homes,)."""
        index = self.network.places[level].index(place)
        return np.asarray(self.places.place[level] == index)
