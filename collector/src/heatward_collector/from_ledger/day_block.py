"""Local days from the ledger: what a worker is given, and what comes back from it.

A worker opens ledger and registry itself, once, so what travels is a date there and the rooms of a
day back. Where workers run on other machines, both folders must lie at the same place there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.core import MISSING, Celsius
from heatward_collector.core.grid import HOLD_S, SLOT_S, merge
from heatward_collector.core.standard import Standard
from heatward_collector.evaluation.voting import room_day
from heatward_collector.from_files.district import read_directory
from heatward_collector.from_files.outdoors import Outdoors
from heatward_collector.from_files.recording import Recording
from heatward_collector.from_ledger.clocks_of_ledger import clocks_of_ledger
from heatward_collector.ledger import LedgerReader
from heatward_collector.local_days import bounds
from heatward_collector.readings.clocks import Clocks
from heatward_collector.readings.known_clocks import known_clocks
from heatward_collector.readings.projection import Fate, placed_all, readings_measured
from heatward_collector.registry import Directory
from heatward_collector.rules import load_standard

CELLS_AT_ONCE = 50_000_000
"""So much of the grid is held at once, days times points: 200 MB."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything lies, and whose rule applies."""

    ledger: Path
    registry: Path
    city: str
    rules: Path | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """What is known of the clocks of all nodes."""

    clocks: Clocks
    strays: frozenset[int]
    """Batches with a wall time that is not believed."""


@dataclass(frozen=True, slots=True)
class DayBlock:
    """A day of all points."""

    day: date
    rooms: Celsius
    """(quarters of an hour, points) [degC]"""
    outdoors: Outdoors
    """By the registry's own shaded sensors."""
    readings: int
    """Of points, hour before included."""


def day_blocks(days: Sequence[date], places: Places, times: Times) -> Iterator[DayBlock]:
    """Yield consecutive local days as the ledger has them; the same whoever asks, and when.

    A local day lies in two sealed ones, so days are read some at a time: each sealed day once.
    """
    directory, _ = _opened(places)
    slots_a_day = 24 * 3600 // SLOT_S
    at_once = max(1, CELLS_AT_ONCE // (slots_a_day * max(1, len(directory.points))))
    for first in range(0, len(days), at_once):
        yield from _read_together(days[first : first + at_once], places, times)


def _read_together(days: Sequence[date], places: Places, times: Times) -> Iterator[DayBlock]:
    directory, standard = _opened(places)
    zone = ZoneInfo(standard.timezone)
    edges = [bounds(day, zone) for day in days]
    start_s, end_s = edges[0][0] - HOLD_S, edges[-1][1]
    shape = ((end_s - start_s) // SLOT_S, len(directory.points))
    grid, offset = np.full(shape, MISSING, np.int16), np.zeros(shape, np.uint16)
    in_slot = np.zeros(shape[0], np.int64)
    with closing(LedgerReader(places.ledger)) as reader:
        found = readings_measured(reader, start_s, end_s, times.strays)
        for judged in placed_all(found, times.clocks, directory):
            inside = judged.only((judged.time_s >= start_s) & (judged.time_s < end_s))
            merge(grid, offset, inside.time_s, inside.point, inside.raw, start_s)
            in_slot += np.bincount((inside.time_s - start_s) // SLOT_S, minlength=len(in_slot))
    for day, (begin_s, over_s) in zip(days, edges, strict=True):
        own = slice((begin_s - HOLD_S - start_s) // SLOT_S, (over_s - start_s) // SLOT_S)
        readings = int(in_slot[own].sum())
        fates = Counter({Fate.JUDGED.name.lower(): readings})
        recording = Recording(directory, day, day, start_s, grid, fates)
        rooms = room_day(directory, standard, day, recording.cut)
        yield DayBlock(day, rooms, recording.outdoors(zone), readings)


def times_known(ledger: Path, follower: Path | None) -> Times:
    """Return what a follower of the ledger knows of clocks, or read the ledger for it."""
    known = None if follower is None else known_clocks(follower)
    if known is not None:
        return Times(*known)
    with closing(LedgerReader(ledger)) as reader:
        return Times(*clocks_of_ledger(reader))


@lru_cache(1)
def _opened(places: Places) -> tuple[Directory, Standard]:
    standard = load_standard(places.city, places.rules)
    return read_directory(places.registry, ZoneInfo(standard.timezone)), standard
