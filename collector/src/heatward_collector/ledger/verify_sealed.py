"""A sealed day checked: its bodies are made again, and the chain over them must end as it did.

A stretch is proved by the head at its end, which the manifest, the next day and every witness of a
later batch hold. An altered row group is named; which record it was, only a backup can tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from heatward_collector.ledger.batch import Batch, Source
from heatward_collector.ledger.continuity import Altered, Continuity, first_of
from heatward_collector.ledger.manifest import Fork, Manifest
from heatward_collector.ledger.sealed_day import SealedDay, filing
from heatward_collector.ledger.stretch import Stretch
from heatward_node.reading import Kind, Record


class Walk(Protocol):
    """What is known on the way through the days."""

    batch: Batch | None
    continuity: Continuity

    def begin(
        self, first: int, previous: bytes, listed: Sequence[tuple[Source, int]], before: int
    ) -> None:
        """Begin a day."""

    def lives(self, incarnation: str) -> None:
        """Note which life of the ledger this is."""

    def expect(self, forks: Sequence[Fork]) -> None:
        """Expect the heads at which the ledger went on as another one."""

    def prove(self, number: int, head: bytes, records: int) -> None:
        """Take a batch as proved."""


def check_sealed(walk: Walk, day: SealedDay) -> None:
    """Check a sealed day. Raises Altered or LedgerError at the first thing that is wrong."""
    walk.batch = None
    manifest = day.manifest
    listed = day.sources()
    walk.begin(
        manifest.first_number,
        bytes.fromhex(manifest.first_previous),
        listed,
        manifest.sources_before,
    )
    walk.lives(manifest.incarnation)
    walk.expect(manifest.forks)
    for source, through in listed:
        known = walk.continuity.known(source.id)
        if known is not None and walk.continuity.through[source.id] != through:
            raise Altered(f"the cursor of source {source.id} does not fit the days before")
    for index in range(len(manifest.parts)):
        _part(walk, manifest, index, day.stretch(index))
        day.release()
    for source, _ in listed:
        if walk.continuity.known(source.id) != source:
            raise Altered(f"source {source.id} is altered: it is now {source}")
    if (name := manifest.altered_file(day.folder)) is not None:
        raise Altered(f"{name} is not byte for byte as it was written")
    for fork in manifest.forks:
        walk.lives(fork.incarnation)


def _part(walk: Walk, manifest: Manifest, index: int, stretch: Stretch) -> None:
    part = manifest.parts[index]
    name = f"row group {index}, batches {part.first} to {part.last}"
    heads = list(stretch.heads(manifest.previous(index)))
    if heads[-1].hex() != part.head:
        raise Altered(f"{name}: altered, the chain ends with another hash than it did")
    if stretch.unlike_their_bodies():
        raise Altered(f"{name}: a reading's sensor or temperature is not that of its bytes")
    if filing(stretch) != (part.measured_from, part.measured_to, part.is_timed):
        raise Altered(f"{name}: the range of times hides a record")
    for table in stretch.tables.values():
        for line in table.decode().splitlines():
            source, district, node, epoch = line.split(" ")
            walk.continuity.introduce(Source(int(source), district, node, int(epoch, 16)))
    _go_on(walk, stretch)
    for number, head, count in zip(
        range(part.first, part.last + 1), heads, stretch.count.tolist(), strict=True
    ):
        walk.prove(number, head, count)


def _go_on(walk: Walk, stretch: Stretch) -> None:
    packed = stretch.packed
    high = packed["seq"].astype(np.int64)
    low = high.copy()
    try:
        for place in np.flatnonzero(packed["kind"] == Kind.LOST).tolist():
            head = packed[place : place + 1].tobytes()[4:28]
            low[place] = first_of(Record.from_bytes(head + stretch.others[place]), place)
        walk.continuity.go_on(packed["source"].astype(np.int64), low, high)
    except Altered as error:
        assert error.position is not None  # whatever is found here names its record
        ends = np.cumsum(stretch.count)
        place = int(np.searchsorted(ends, error.position, "right"))
        chosen = np.arange(len(ends)) == place
        walk.batch = next(stretch.batches(chosen))
        error.position -= int(ends[place] - stretch.count[place])
        raise
