"""What the usual payloads of many messages say, in the form in which the ledger takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from heatward_collector.ingest.messages import Flags, Numbers
from heatward_collector.ledger.batch import PACKED_DTYPE
from heatward_collector.ledger.stretch import Packed, bodies_of
from heatward_node.rom import crc8


@dataclass(frozen=True, slots=True)
class UsualPacks:
    """The usual ones of some messages, in their order; arrays of (packs,)."""

    places: Numbers
    """Which of the messages they are."""
    epochs: Numbers
    ask_ack: Flags
    firsts: Numbers
    counts: Numbers
    """The first sequence number of each, and how many records it has."""
    packed: Packed
    """Their records one behind the other, but for source and CRC; PACKED_DTYPE (records,)."""
    bodies: Mapping[int, bytes] = field(default_factory=dict)
    """Of those that are no readings, by their place in ``packed``, which has their headers only."""

    @classmethod
    def none(cls) -> UsualPacks:
        """Return no packs."""
        none = np.zeros(0, np.int64)
        return cls(none, none, none.astype(np.bool_), none, none, np.zeros(0, PACKED_DTYPE))

    def only(self, kept: Flags) -> UsualPacks:
        """Return some of them."""
        if kept.all():
            return self
        mask = np.repeat(kept, self.counts)
        return UsualPacks(
            self.places[kept],
            self.epochs[kept],
            self.ask_ack[kept],
            self.firsts[kept],
            self.counts[kept],
            self.packed.compress(mask),
            bodies_of(self.bodies, mask),
        )

    def merged(self, other: UsualPacks) -> UsualPacks:
        """Return these and those of other messages, by the places of the messages."""
        if not len(other.places):
            return self
        if not len(self.places):
            return other
        order = np.argsort(np.concatenate((self.places, other.places)))
        before = np.concatenate((self.counts, other.counts))
        counts = before[order]
        begins, ends = (np.cumsum(before) - before)[order], np.cumsum(counts)
        rows = np.arange(ends[-1]) + np.repeat(begins + counts - ends, counts)
        bodies = dict(self.bodies)
        bodies.update({len(self.packed) + at: body for at, body in other.bodies.items()})
        place = np.argsort(rows)
        # Joined as bytes: NumPy goes through every field of every record.
        data = b"".join((self.packed.view(np.uint8).data, other.packed.view(np.uint8).data))
        return UsualPacks(
            np.concatenate((self.places, other.places))[order],
            np.concatenate((self.epochs, other.epochs))[order],
            np.concatenate((self.ask_ack, other.ask_ack))[order],
            np.concatenate((self.firsts, other.firsts))[order],
            counts,
            np.frombuffer(data, PACKED_DTYPE).take(rows),
            {int(place[at]): body for at, body in bodies.items()},
        )


@lru_cache(1)
def crc8_table() -> npt.NDArray[np.uint8]:
    """Return the check byte of a name's bytes so far, by that exclusive or the next one."""
    return np.array([crc8(bytes([value])) for value in range(256)], np.uint8)
