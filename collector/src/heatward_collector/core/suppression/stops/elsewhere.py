"""What homes of other sources did meanwhile: the control group of a fall."""

from __future__ import annotations

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.groups import medians, members_of
from heatward_collector.core.suppression.falling.other_sources import LEAST_CONTROL_HOMES
from heatward_collector.core.suppression.homes.medians import across
from heatward_collector.core.suppression.stops.episode import ONSET_SLOTS


class Elsewhere:
    """Homes of a block of slots, by their sources."""

    def __init__(self, homes: Celsius, source: Indices, sources: int) -> None:
        self._homes, self._source, self._sources = homes, source, sources
        self._members = members_of(source, sources)
        self._at = -1
        self._told: dict[tuple[int, ...], tuple[Mask, Celsius]] = {}
        """By rows: who was busy when they were asked for in this slot, and what was told."""

    def contrast(self, homes: Indices, at: int, busy: Mask, back: int = ONSET_SLOTS) -> Celsius:
        """Return how far homes lay above now, without what others did, (back + 1,). [K]

        Differences are taken home by home, for some of them may be silent for a while.

        Parameters
        ----------
        homes : int32 (n,)
            Homes of one source.
        at : int
            Slot of the block that is now.
        busy : bool (homes,)
            Homes that are in an episode and so no control group.
        back : int
            How far back. [slots]
        """
        rows = self._homes[at - back : at + 1, homes]
        own = across(rows - rows[-1])
        common = self._common(slice(at - back, at + 1), at, busy)
        return own - without(common, int(self._source[homes[0]]))

    def without_others(self, homes: Indices, rows: list[int], at: int, busy: Mask) -> Celsius:
        """Return homes at some slots, without what others did from then until now. [degC]

        Parameters
        ----------
        homes : int32 (n,)
            Homes of one source.
        rows : list of int
            Slots of the block, none after ``at``.
        at : int
            Slot of the block that is now.
        busy : bool (homes,)
            Homes that are in an episode and so no control group.

        Returns
        -------
        float64 (rows, n)
        """
        common = without(self._common(rows, at, busy), int(self._source[homes[0]]))
        return self._homes[rows][:, homes] - common[:, None]

    def medians(self, at: int, busy: Mask) -> Celsius:
        """Return the median home of each source at a slot, (sources,). [degC]"""
        row = self._homes[at]
        return medians(np.where(busy, np.nan, row), self._source, self._sources)

    def _common(self, slots: slice | list[int], at: int, busy: Mask) -> Celsius:
        """Return how far each source's median home lay above now, (slots, sources). [K]

        Each suspicion of a slot asks, and a city has many: of what was told for the one before
        only sources are told anew in which somebody is busy by now, or not any more.
        """
        if at != self._at:
            self._at, self._told = at, {}
        rows, now = self._homes[slots], self._homes[at]
        key = tuple(range(len(self._homes))[slots] if isinstance(slots, slice) else slots)
        changed: Indices = np.arange(self._sources, dtype=np.int32)
        result = np.full((len(key), self._sources), np.nan)
        if key in self._told:
            before, result = self._told[key]
            changed, result = np.unique(self._source[busy != before]), result.copy()
        for index in changed[changed >= 0].tolist():
            everybody = self._members[index]
            members = everybody[~busy[everybody]]
            is_control = len(members) >= LEAST_CONTROL_HOMES
            result[:, index] = across(rows[:, members] - now[members]) if is_control else np.nan
        self._told[key] = busy.copy(), result
        return result


def without(common: Celsius, source: int) -> Celsius:
    """Return the median of all sources but one, (rows,); 0 where there is none. [K]"""
    others = np.delete(common, source, axis=1) if source >= 0 else common
    return np.nan_to_num(across(others))
