"""Sealed days of a city, written directly: what a season of readings weighs and costs to read.

What nodes do is followed where it costs bytes: all measure in the same seconds, at a moment of
their own within half a second of it; a round arrives within two seconds in an order of its own,
of which each commit keeps who was in it; an hourly clock fix and a daily signed checkpoint come
between; numbers and running times differ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from heatward_collector.ledger.batch import PACKED_DTYPE, Source
from heatward_collector.ledger.seal import records_a_stretch_of
from heatward_collector.ledger.sealed_day import SEALED, SealedDayWriter
from heatward_collector.ledger.stretch import Stretch, usual_scratchpads
from heatward_collector.replay.places import DISTRICT, rom_for
from heatward_node.events import Checkpoint, ClockFix
from heatward_node.reading import LAYOUT_VERSION, Kind, Sync

DAY_S, STEP_S, FIX_SLOTS = 86_400, 300, 12
SPREAD_MS = 2_000
"""A round of all nodes arrives within this time. [ms]"""
COMMIT_MS, COMMIT_RECORDS = 50, 4_000
JITTER_MS = 500
SIGNATURE_BYTES = 71
"""An ECDSA signature on P-256."""
FIX = ClockFix(500).to_body()
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class City:
    """Rooms with one sensor each, their nodes, and the day on which their ledger begins."""

    rooms: int
    start_s: int
    rooms_a_node: int = 2
    seed: int = 15
    cold_share: float = 0.05
    """Share of the rooms that stay below 18 degC."""

    @property
    def nodes(self) -> int:
        """How many nodes that makes."""
        return self.rooms // self.rooms_a_node

    def sensors(self) -> npt.NDArray[np.uint64]:
        """Return the sensor of each room, as the ledger numbers it; (nodes, rooms_a_node)."""
        roms = b"".join(map(rom_for, map(sensor_name, range(self.nodes * self.rooms_a_node))))
        return np.frombuffer(roms, "<u8").reshape(self.nodes, self.rooms_a_node)


def sensor_name(room: int) -> str:
    """Return the name from which a room's sensor gets its ROM code."""
    return f"s{room:07}"


class CityDays:
    """The days of a city, one after another."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._chance = np.random.default_rng(city.seed)
        self._sensor = city.sensors()
        rooms, nodes = self._sensor.shape, city.nodes
        self._through = self._chance.integers(1, 50_000, nodes)
        self._boot_ms = self._chance.integers(10**5, 10**9, nodes)
        is_cold = self._chance.random(rooms) < city.cold_share
        self._usual = np.where(is_cold, 17.0, 21.5) + self._chance.normal(0, 0.7, rooms)
        self._wander = np.zeros(rooms)
        self._number = 1_000_000
        self._head = hashlib.sha256(str(city.seed).encode()).digest()
        self._sources = [
            Source(node, DISTRICT, f"n{node:07}", 0xBE000000 + node % 2**24)
            for node in range(nodes)
        ]

    def write(self, folder: Path, days: int, first_slot: int = 0) -> Iterator[Path]:
        """Write days into a ledger folder, the first from a slot on; yield each as it is done."""
        for day in range(days):
            start_s = self._city.start_s + day * DAY_S
            name = f"{datetime.fromtimestamp(start_s, UTC):%Y-%m-%d}{SEALED}"
            listed = list(zip(self._sources, self._through.tolist(), strict=True))
            writer = SealedDayWriter(folder / name, "be" * 8, self._number + 1, self._head)
            slots = max(1, records_a_stretch_of(self._city.nodes) // self._city.rooms)
            for first in range(0 if day else first_slot, DAY_S // STEP_S, slots):
                last = min(first + slots, DAY_S // STEP_S)
                stretch = self._stretch(start_s, range(first, last))
                self._head, self._number = writer.add(stretch), stretch.last
            writer.finish(listed, len(listed))
            yield folder / name

    def _stretch(self, start_s: int, slots: range) -> Stretch:
        first = self._number + 1
        rounds, counts, received, others = [], [], [], {}
        at = 0
        for slot in slots:
            packed, due_ms = self._round(slot, start_s + slot * STEP_S)
            ends = _commits(due_ms)
            commit = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
            packed = packed[np.lexsort((packed["seq"], packed["source"], commit))]
            places = np.flatnonzero(packed["kind"] != Kind.READING)
            kinds = packed["kind"][places].tolist()
            for place, kind in zip((places + at).tolist(), kinds, strict=True):
                others[place] = FIX if kind == Kind.CLOCK_FIX else self._checkpoint()
            counts.append(np.diff(ends, prepend=0))
            received.append((start_s + slot * STEP_S) * 1000 + 250 + due_ms[ends - 1])
            rounds.append(packed)
            at += len(packed)
        count = np.concatenate(counts)
        return Stretch(
            first,
            np.concatenate(received),
            count,
            np.concatenate(rounds),
            others,
        )

    def _round(self, slot: int, wall_s: int) -> tuple[npt.NDArray[np.void], Numbers]:
        """Return what all nodes say at a moment in the order of arrival, and when it comes. [ms]"""
        nodes, chance, each = self._city.nodes, self._chance, self._city.rooms_a_node
        kinds = [Kind.CLOCK_FIX] if slot % FIX_SLOTS == 0 else []
        kinds += [Kind.CHECKPOINT] if slot == 0 else []
        kinds += [Kind.READING] * each
        arrival = chance.integers(0, SPREAD_MS, nodes)
        order = np.argsort(arrival, kind="stable")
        packed = np.zeros((nodes, len(kinds)), PACKED_DTYPE)
        packed["source"] = order[:, None]
        packed["kind"] = kinds
        packed["sync"], packed["version"] = Sync.SYNCHRONISED, LAYOUT_VERSION
        packed["seq"] = self._through[order][:, None] + np.arange(1, len(kinds) + 1)
        self._through += len(kinds)
        mono_ms = self._boot_ms[order] + (wall_s - self._city.start_s) * 1000
        packed["mono_ms"] = (mono_ms + chance.integers(0, JITTER_MS, nodes))[:, None]
        packed["wall_s"] = wall_s
        readings = packed[:, -each:]
        readings["sensor"] = self._sensor[order]
        pads = usual_scratchpads(self._raw(slot)[order].reshape(-1))
        readings["scratchpad"] = pads.reshape(nodes, each, -1)
        return packed.reshape(-1), np.repeat(arrival[order], len(kinds))

    def _raw(self, slot: int) -> npt.NDArray[np.int16]:
        """Return what all sensors show: a day's rhythm, what wanders, and the noise of counting."""
        rooms = self._sensor.shape
        self._wander = 0.98 * self._wander + self._chance.normal(0, 0.05, rooms)
        rhythm = 0.6 * np.sin(2 * np.pi * slot / (DAY_S // STEP_S))
        noise = self._chance.normal(0, 0.03, rooms)
        shown = 16 * (self._usual + rhythm + self._wander + noise)
        return np.asarray(np.round(shown), np.int16)

    def _checkpoint(self) -> bytes:
        return Checkpoint(1, self._chance.bytes(32), self._chance.bytes(SIGNATURE_BYTES)).to_body()


def _commits(due_ms: Numbers) -> Numbers:
    """Return where each group commit of a round ends, as ingest would gather it."""
    ends = np.flatnonzero(np.diff(due_ms // COMMIT_MS, append=np.iinfo(np.int64).max)) + 1
    more = np.arange(COMMIT_RECORDS, len(due_ms), COMMIT_RECORDS)
    return np.union1d(ends, more).astype(np.int64)
