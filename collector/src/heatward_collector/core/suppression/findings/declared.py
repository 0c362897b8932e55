"""What suppliers have declared: operating regimes and notices, as periods without duty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Mask, Seconds
from heatward_collector.core.suppression.homes.network import Level, Network

REPAIR_LIMIT_S = 48 * 3600
"""A reported repair explains no more than this. [s] (2020 consultation draft: mended in 48 h)"""

WITHIN_SHARE = 0.8
"""A place is within another one that holds this part of its homes. (project rule)"""


@dataclass(frozen=True, slots=True)
class Declaration:
    """A period for which a supplier has said beforehand that less or no heat comes.

    ``hours`` are the local hours [from, to) of each day in which heat is promised; empty where
    none is promised in the whole period.
    """

    kind: str
    """``regime``, ``reported_stop``, ``reported_repair`` or ``pollution_staggering``."""
    level: Level
    place: str
    from_s: int
    to_s: int
    recorded_s: int
    """What was recorded after it began explains nothing. [s UTC]"""
    hours: tuple[tuple[float, float], ...] = ()

    @property
    def cause(self) -> str:
        """Its word among the causes of a finding."""
        return "declared_regime" if self.kind == "regime" else self.kind

    @property
    def was_recorded_before(self) -> bool:
        """Whether it was declared before it began; a regime is a standing rule."""
        return self.kind == "regime" or self.recorded_s <= self.from_s

    def explains(self, time_s: Seconds, local_hour: npt.NDArray[np.float64]) -> Mask:
        """Say at which times it explains missing heat, (times,).

        Parameters
        ----------
        time_s : int64 (times,)
            [s UTC]
        local_hour : float64 (times,)
            The local hour of each time, 0 to 24. [h]
        """
        end = self.to_s
        if self.kind == "reported_repair":
            end = min(end, self.from_s + REPAIR_LIMIT_S)
        within = (time_s >= self.from_s) & (time_s < end) & self.was_recorded_before
        promised = np.zeros(len(time_s), bool)
        for first, last in self.hours:
            promised |= (local_hour - first) % 24 < (last - first) % 24
        return np.asarray(within & ~promised)


def concerning(
    declarations: Sequence[Declaration], network: Network, level: Level, place: str
) -> list[Declaration]:
    """Return the declarations for a place, or for one in which nearly all of its homes are.

    A notice of a zone explains what one of its buildings lacks.
    """
    if not declarations:
        return []
    members = network.members(level, network.places[level].index(place))
    holding = {(level, place)}
    for other, group in network.of_home.items():
        inside = group[members]
        inside = inside[inside >= 0]
        if len(inside):
            index = int(np.bincount(inside).argmax())
            if (inside == index).sum() >= WITHIN_SHARE * members.sum():
                holding.add((other, network.places[other][index]))
    return [one for one in declarations if (one.level, one.place) in holding]


def declared_off(
    declarations: Sequence[Declaration], network: Network, time_s: Seconds, local_hour: Celsius
) -> Mask:
    """Say when a supplier has declared beforehand that a home gets less or no heat.

    Parameters
    ----------
    declarations : sequence of Declaration
        What was declared.
    network : Network
        Homes and places; a place that is not there is left out.
    time_s : int64 (slots,)
        [s UTC]
    local_hour : float64 (slots,)
        The local hour of each slot, 0 to 24. [h]

    Returns
    -------
    bool (slots, homes)
        Not to be written into.
    """
    shape = len(time_s), len(network.homes)
    result: Mask = np.broadcast_to(np.False_, shape)
    for one in declarations:
        if one.place not in network.places.get(one.level, ()):
            continue
        explained = one.explains(time_s, local_hour)
        if explained.any():
            members = network.members(one.level, network.places[one.level].index(one.place))
            result = result | (explained[:, None] & members)
    return result


def lately(mask: Mask, slots: int) -> Mask:
    """Say where something held in a slot or in so many before it, (slots, homes)."""
    some = np.flatnonzero(mask.any(axis=0))  # of a city, the homes of a few places
    if not len(some):
        return mask
    total = np.cumsum(mask[:, some], axis=0, dtype=np.int32)
    before = np.zeros_like(total)
    before[slots + 1 :] = total[: -slots - 1]
    result = np.zeros(mask.shape, bool)
    result[:, some] = total > before
    return result
