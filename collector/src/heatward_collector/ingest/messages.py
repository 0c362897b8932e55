"""Messages that came together: the bytes they lie in, and where. One object for many of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Message(NamedTuple):
    """A message from the broker, at QoS 0 or 1; ``retained`` ones are never evidence.

    ``generation`` is the connection that brought it: its id means something there only.
    """

    topic: str
    payload: bytes
    retained: bool
    generation: int
    mid: int
    qos: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What of messages is told to the broker; (messages,) both."""

    generation: Numbers
    mid: Numbers
    """0 of a message at QoS 0, of which the broker wants to hear nothing."""

    @classmethod
    def of(cls, parts: Sequence[Messages | Settled]) -> Settled:
        """Return that of many, in their order."""
        if not parts:
            return cls(np.zeros(0, np.int64), np.zeros(0, np.int64))
        return cls(
            np.concatenate([part.generation for part in parts]),
            np.concatenate([part.mid for part in parts]),
        )

    def __len__(self) -> int:
        return len(self.mid)


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages in their order; from where to where topic and payload lie in ``data``, and more.

    All but ``data`` are arrays, (messages,). As a sequence it makes each message when it is asked
    for.
    """

    data: bytes
    topic_at: Numbers
    topic_end: Numbers
    payload_at: Numbers
    payload_end: Numbers
    generation: Numbers
    mid: Numbers
    """0 at QoS 0: the standard has no such id."""
    is_retained: Flags

    @classmethod
    def of(cls, messages: Sequence[Message]) -> Messages:
        """Return messages that came one by one."""
        parts = [part for one in messages for part in (one.topic.encode(), one.payload)]
        edges = np.zeros(len(parts) + 1, np.int64)
        np.cumsum([len(part) for part in parts], out=edges[1:])
        return cls(
            b"".join(parts),
            edges[:-1:2],
            edges[1::2],
            edges[1::2],
            edges[2::2],
            np.array([one.generation for one in messages], np.int64),
            np.array([one.mid for one in messages], np.int64),
            np.array([one.retained for one in messages], np.bool_),
        )

    @classmethod
    def join(cls, blocks: Sequence[Messages]) -> Messages:
        """Return those of several blocks, one behind the other."""
        if len(blocks) == 1:
            return blocks[0]
        if not blocks:
            return cls.of([])
        sizes = [len(block.data) for block in blocks]
        begins = np.repeat(np.cumsum(sizes) - sizes, [len(block) for block in blocks])

        def placed(name: str) -> Numbers:
            return np.asarray(begins + np.concatenate([getattr(block, name) for block in blocks]))

        return cls(
            b"".join([block.data for block in blocks]),
            placed("topic_at"),
            placed("topic_end"),
            placed("payload_at"),
            placed("payload_end"),
            np.concatenate([block.generation for block in blocks]),
            np.concatenate([block.mid for block in blocks]),
            np.concatenate([block.is_retained for block in blocks]),
        )

    def part(self, chosen: slice | Flags) -> Messages:
        """Return some of them."""
        return Messages(
            self.data,
            self.topic_at[chosen],
            self.topic_end[chosen],
            self.payload_at[chosen],
            self.payload_end[chosen],
            self.generation[chosen],
            self.mid[chosen],
            self.is_retained[chosen],
        )

    def topics(self) -> list[bytes]:
        """Return the topic of each."""
        data, begins, ends = self.data, self.topic_at.tolist(), self.topic_end.tolist()
        return [data[begin:end] for begin, end in zip(begins, ends, strict=True)]

    def payload(self, place: int) -> bytes:
        """Return the payload of one."""
        return self.data[self.payload_at[place] : self.payload_end[place]]

    def __len__(self) -> int:
        return len(self.mid)

    def __getitem__(self, place: int) -> Message:
        topic = self.data[self.topic_at[place] : self.topic_end[place]]
        mid = int(self.mid[place])
        return Message(
            topic.decode("utf-8", "replace"),
            self.payload(place),
            bool(self.is_retained[place]),
            int(self.generation[place]),
            mid,
            int(mid > 0),
        )

    def __iter__(self) -> Iterator[Message]:
        return (self[place] for place in range(len(self)))
