"""Readings with their place in the ledger: what a pack shows can be found there, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from heatward_collector.ledger import Batch, LedgerReader
from heatward_collector.readings.clocks import Clocks
from heatward_collector.readings.known_clocks import known_clocks
from heatward_collector.readings.projection import Fate, Projected, batches_measured, project
from heatward_collector.registry import Directory


@dataclass(frozen=True, slots=True)
class KeptReading:
    """One reading of a point, and where the ledger keeps it."""

    point: str
    sensor: int
    time_s: int
    celsius: float
    """With the calibration in force when it was taken. [degC]"""
    raw: int
    """[1/16 degC]"""
    is_good: bool
    node: str
    epoch: int
    seq: int
    batch: int
    position: int
    record: str
    """The canonical record, in hexadecimal."""


@dataclass(frozen=True, slots=True)
class KeptBatch:
    """A batch of the ledger from which readings are."""

    number: int
    received_at_ms: int
    count: int
    digest: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Readings in the order of their time, and the batches that hold them."""

    readings: tuple[KeptReading, ...]
    batches: tuple[KeptBatch, ...]
    incarnation: str
    head: tuple[int, str]
    """Number and hash of the ledger's newest batch when it was read."""


def kept_readings(
    ledger: Path, follower: Path, directory: Directory, points: Sequence[int], span: tuple[int, int]
) -> Kept:
    """Return what the ledger holds of some points in [from, to) seconds UTC.

    ``follower`` is the state of a process that follows the ledger: what it knows of clocks serves
    here too. Where there is none, the whole ledger is read for it.
    """
    reader = LedgerReader(ledger)
    number, digest = reader.head()
    known = known_clocks(follower)
    clocks, strays = (_learnt(reader), ()) if known is None else known
    start_s, end_s = span
    readings: list[KeptReading] = []
    held: dict[int, Batch] = {}
    candidates = reader.batches() if known is None else batches_measured(reader, *span, strays)
    for batch in candidates:
        some = project(batch, clocks, directory)
        inside = (some.time_s >= start_s) & (some.time_s < end_s) & np.isin(some.point, points)
        chosen = np.flatnonzero(inside)
        if len(chosen):
            held[batch.number] = batch
            readings += _readings(batch, some, chosen.tolist(), directory, reader)
    hashes = reader.hashes(held)
    kept = Kept(
        tuple(sorted(readings, key=lambda one: (one.point, one.time_s, one.batch, one.position))),
        tuple(
            KeptBatch(batch.number, batch.received_at_ms, batch.count, hashes[batch.number].hex())
            for batch in held.values()
        ),
        reader.incarnation,
        (number, digest.hex()),
    )
    reader.close()
    return kept


def _readings(
    batch: Batch, some: Projected, chosen: Sequence[int], directory: Directory, reader: LedgerReader
) -> Iterator[KeptReading]:
    for index in chosen:
        row = batch.readings[index]
        position = int(row["position"])
        source = reader.source(int(row["source"]))
        yield KeptReading(
            directory.points[int(some.point[index])].id,
            int(row["sensor"]),
            int(some.time_s[index]),
            float(some.celsius[index]),
            int(row["raw"]),
            int(some.fate[index]) == Fate.JUDGED,
            source.node,
            source.epoch,
            int(row["seq"]),
            batch.number,
            position,
            batch.entry_bytes(position)[4:-4].hex(),
        )


def _learnt(reader: LedgerReader) -> Clocks:
    clocks = Clocks()
    for batch in reader.batches():
        clocks.learn(batch, reader.source)
    return clocks
