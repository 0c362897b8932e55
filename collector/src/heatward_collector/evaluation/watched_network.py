"""The registry as the watch for suppressed heating needs it, made once for every edit."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from heatward_collector import __version__
from heatward_collector.conclusions.frozen_values import Array, encode
from heatward_collector.core.standard import Standard
from heatward_collector.core.suppression import Declaration, Network
from heatward_collector.core.suppression.by_day.place_days import Hierarchy
from heatward_collector.core.suppression.falling.scan import Places
from heatward_collector.core.suppression.stops.memory import Memory
from heatward_collector.evaluation.heat_network import declarations_of, network_of
from heatward_collector.evaluation.home_days import HomeDays
from heatward_collector.evaluation.known_weather import OutdoorOf
from heatward_collector.evaluation.midnights import Midnight
from heatward_collector.evaluation.past_of_homes import no_past
from heatward_collector.registry import Directory
from heatward_collector.registry.packed import AT_ONCE

MIDNIGHT_FORMAT = 57
"""Midnights that were kept in another form, or by a detector of other thresholds, are not read: to
be raised with every change of ``core/suppression`` that may find something else."""


@dataclass(frozen=True, slots=True, eq=False)
class WatchedNetwork:
    """What the registry says to a watch, prepared for many days."""

    version: int
    network: Network
    places: Places
    declarations: tuple[Declaration, ...]
    hierarchy: Hierarchy
    """The same places, as the slow half needs them."""
    days: HomeDays
    network_print: str
    """Differs where the columns of arrays mean something else."""
    whole_print: str
    """Differs also where other things are declared."""

    def nothing(self) -> Midnight:
        """Return what is known before the first day of all."""
        homes = len(self.network.homes)
        memory = Memory(no_past(homes, self.days.folder), np.zeros(homes, np.int32))
        return Midnight(memory, (), self.days.nothing())

    def print_until(self, time_s: int) -> str:
        """Return a print that differs where something else holds before a time. [s UTC]

        What was declared beforehand decides what is learned of homes from its begin on.
        """
        known = [one for one in self.declarations if one.was_recorded_before]
        return _print(self.network_print, tuple(one for one in known if one.from_s < time_s))


def watched_network(
    directory: Directory, standard: Standard, outdoor_of: OutdoorOf, folder: Path | None = None
) -> WatchedNetwork:
    """Return what one snapshot of the registry says; what is large may lie in a folder."""
    network, declarations = network_of(directory), declarations_of(directory)
    network_print = _print(
        __version__, MIDNIGHT_FORMAT, standard, network, *_print_of_points(directory)
    )
    return WatchedNetwork(
        directory.version,
        network,
        Places(network),
        declarations,
        Hierarchy.of(network),
        HomeDays(directory, standard, outdoor_of, folder),
        network_print,
        _print(network_print, declarations),
    )


def _print_of_points(directory: Directory) -> tuple[str, Array]:
    """Return a hash of all ids in their order, and each point's home."""
    ids, hashed = directory.points.ids, hashlib.sha256()
    for first in range(0, len(ids), AT_ONCE):
        hashed.update("".join(f"{one}\n" for one in ids[first : first + AT_ONCE]).encode())
    return hashed.hexdigest(), directory.point_home


def _print(*values: object) -> str:
    arrays: list[Array] = []
    text = json.dumps([encode(value, arrays) for value in values], default=str)
    return hashlib.sha256(b"".join([text.encode(), *(one.tobytes() for one in arrays)])).hexdigest()
