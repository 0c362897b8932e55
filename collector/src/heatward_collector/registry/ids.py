"""The ids of a table in their order, and where each of them stands, for one or for many at once."""

from __future__ import annotations

import bisect
import functools
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Indices
from heatward_collector.registry.packed import AT_ONCE, Choices, Packed, Texts, in_parts, starts_of

NOWHERE = -1
MARK_EVERY = 128
"""Every so many ids one is held ready, so that most of a search passes through few of them."""


class Ids(Sequence[str]):
    """Texts in ascending order, none twice: a sequence that knows where each stands."""

    def __init__(self, column: Packed) -> None:
        self._column = column

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._column)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: int | slice) -> str | tuple[str, ...]:
        """Return the id at a place, or those of some places."""
        if isinstance(place, slice):
            first, end, step = place.indices(len(self))
            if step == 1:
                return tuple(self._column.between(first, end))
            return tuple(self[one] for one in range(first, end, step))
        found: str = self._column[place]
        return found

    def __iter__(self) -> Iterator[str]:
        """Yield all in their order."""
        for _, part in in_parts(self._column):
            yield from part

    def __contains__(self, one: object) -> bool:
        """Say whether an id is among them."""
        return isinstance(one, str) and self.find(one) >= 0

    def __eq__(self, other: object) -> bool:
        """Say whether another sequence holds the same ids."""
        return same(self, other)

    __hash__ = None  # type: ignore[assignment]

    def find(self, one: str) -> int:
        """Return where an id stands, or NOWHERE."""
        if not isinstance(self._column, Texts):
            return self._place.get(one, NOWHERE)
        try:
            wanted = one.encode()
        except UnicodeEncodeError:
            return NOWHERE
        first = max(bisect.bisect_right(self._marks, wanted) - 1, 0) * MARK_EVERY
        end = min(first + MARK_EVERY, len(self))
        at = bisect.bisect_left(range(first, end), wanted, key=self._column.bytes_at) + first
        return at if at < end and self._column.bytes_at(at) == wanted else NOWHERE

    def find_all(self, column: Packed) -> Indices:
        """Return where each value of a column stands, or NOWHERE, (rows,)."""
        if isinstance(column, Choices):
            return np.asarray(column.mapped(self._found, np.int32))
        if column is self._column:
            return np.arange(len(self), dtype=np.int32)
        if not isinstance(column, Texts):
            raise TypeError(f"{type(column).__name__} holds no ids")
        return _found_among(self._texts, column)

    @functools.cached_property
    def places(self) -> Mapping[str, int]:
        """Where each id stands, as a mapping."""
        return Index(self)

    def _found(self, one: Any) -> int:
        return NOWHERE if one is None else self.find(one)

    @property
    def _texts(self) -> Texts:
        """The ids as a column of texts, however few they are."""
        if isinstance(self._column, Texts):
            return self._column
        pieces = [one.encode() for one in self]
        return Texts(b"".join(pieces), starts_of(np.array([*map(len, pieces)], np.int64)))

    @functools.cached_property
    def _place(self) -> dict[str, int]:
        return {one: place for place, one in enumerate(self)}

    @functools.cached_property
    def _marks(self) -> list[bytes]:
        column = self._column
        assert isinstance(column, Texts)
        return [column.bytes_at(place) for place in range(0, len(column), MARK_EVERY)]


class Index(Mapping[str, int]):
    """Where each id of a sequence stands."""

    def __init__(self, ids: Ids | JoinedIds) -> None:
        self._ids = ids

    def __getitem__(self, one: str) -> int:
        """Return where an id stands. Raises KeyError."""
        place = self._ids.find(one) if isinstance(one, str) else NOWHERE
        if place == NOWHERE:
            raise KeyError(one)
        return place

    def get(self, one: Any, default: Any = None) -> Any:
        """Return where an id stands, or a default."""
        place = self._ids.find(one) if isinstance(one, str) else NOWHERE
        return default if place == NOWHERE else place

    def __contains__(self, one: object) -> bool:
        """Say whether an id is known."""
        return one in self._ids

    def __iter__(self) -> Iterator[str]:
        """Yield all ids in their order."""
        return iter(self._ids)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._ids)


class JoinedIds(Sequence[str]):
    """The ids of two tables, those of one behind those of the other."""

    def __init__(self, first: Ids, second: Ids) -> None:
        self._first, self._second = first, second

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._first) + len(self._second)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: int | slice) -> str | tuple[str, ...]:
        """Return the id at a place, or those of some places."""
        ours = len(self._first)
        if isinstance(place, slice):
            first, end, step = place.indices(len(self))
            if step == 1:
                behind = slice(max(first - ours, 0), max(end - ours, 0))
                return self._first[first:end] + self._second[behind]
            return tuple(self[one] for one in range(first, end, step))
        if place < 0:
            place += len(self)
        return self._first[place] if place < ours else self._second[place - ours]

    def __iter__(self) -> Iterator[str]:
        """Yield all in their order."""
        yield from self._first
        yield from self._second

    def __contains__(self, one: object) -> bool:
        """Say whether an id is among them."""
        return one in self._first or one in self._second

    def __eq__(self, other: object) -> bool:
        """Say whether another sequence holds the same ids."""
        if isinstance(other, JoinedIds) and len(other._first) == len(self._first):
            return self._first == other._first and self._second == other._second
        return same(self, other)

    __hash__ = None  # type: ignore[assignment]

    def find(self, one: str) -> int:
        """Return where an id stands; of one that is in both tables, in the later one."""
        behind = self._second.find(one)
        return self._first.find(one) if behind == NOWHERE else len(self._first) + behind

    def find_all(self, column: Packed) -> Indices:
        """Return where each value of a column stands, or NOWHERE, (rows,)."""
        behind = self._second.find_all(column)
        found = self._first.find_all(column)
        return np.where(behind == NOWHERE, found, behind + np.int32(len(self._first)))

    def moved_to(self, later: JoinedIds) -> Indices:
        """Return where each of these ids stands among others, or NOWHERE."""
        return np.concatenate(
            [later.find_all(self._first._column), later.find_all(self._second._column)]
        )

    @functools.cached_property
    def places(self) -> Mapping[str, int]:
        """Where each id stands, as a mapping."""
        return Index(self)

    @functools.cached_property
    def crc(self) -> int:
        """The CRC-32 of all ids, each on a line of its own."""
        return _crc_of(self)


def crc_of(names: Sequence[str]) -> int:
    """Return the CRC-32 of names, each on a line of its own."""
    return names.crc if isinstance(names, JoinedIds) else _crc_of(names)


def _crc_of(names: Sequence[str]) -> int:
    crc = 0
    for first in range(0, len(names), AT_ONCE):
        lines = "\n".join(names[first : first + AT_ONCE])
        crc = zlib.crc32((f"\n{lines}" if first else lines).encode(), crc)
    return crc


def same(ours: Sequence[Any], other: object) -> bool:
    """Say whether two sequences hold equal values, whatever they are kept in."""
    if ours is other:
        return True
    if not isinstance(other, Sequence) or isinstance(other, str | bytes):
        return False
    return len(ours) == len(other) and all(a == b for a, b in zip(ours, other, strict=True))


def _found_among(held: Texts, wanted: Texts) -> Indices:
    """Return where texts stand among others that are in ascending order, or NOWHERE."""
    if not len(held):
        return np.full(len(wanted), NOWHERE, np.int32)
    width = int(np.diff(held.starts).max(initial=0)) + 1
    # One byte more than any has, so that what is longer is not taken for its beginning.
    names = np.concatenate([part for _, part in _padded(held, width)])
    found = np.empty(len(wanted), np.int32)
    for first, part in _padded(wanted, width):
        at = np.minimum(np.searchsorted(names, part), len(names) - 1)
        found[first : first + len(part)] = np.where(names[at] == part, at, NOWHERE)
    return found


def _padded(texts: Texts, width: int) -> Iterator[tuple[int, npt.NDArray[np.bytes_]]]:
    """Yield texts in pieces as arrays of one width; what is longer is cut."""
    starts = texts.starts
    for first in range(0, len(texts), AT_ONCE):
        end = min(first + AT_ONCE, len(texts))
        begin = int(starts[first])
        data = np.frombuffer(texts.data[begin : int(starts[end])] + b"\0", np.uint8)
        low = starts[first : end + 1].astype(np.int64) - begin
        column = np.arange(width)
        at = np.minimum(low[:-1, None] + column, len(data) - 1)
        padded = np.where(column < np.diff(low)[:, None], data[at], 0).astype(np.uint8)
        yield first, padded.view(f"S{width}").reshape(-1)
