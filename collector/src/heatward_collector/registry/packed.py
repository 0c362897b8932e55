"""A column of a registry table in few bytes: texts joined, numbers as an array, few words coded.

A value is made when it is asked for, and is the one that was put in. Nothing is ever changed: an
edit gives another column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from heatward_collector.registry.laid_aside import Bytes, array_aside, lay_aside, let_go

MOST_CHOICES = 4096
"""A column of more different values keeps each row's own."""
AT_ONCE = 10_000
"""So many values are turned into Python objects together."""
NO_NUMBER = -(2**63)
"""Stands for None among whole numbers; among others it is NaN."""
NO_TEXT = b"\xff"
"""Stands for None among texts: no UTF-8 holds this byte."""
Make = Callable[[Any], Any]
Places = npt.NDArray[np.int64]


class Edit(NamedTuple):
    """A value at a place of a column: of a row that is there, or of one put in before it."""

    place: int
    is_new: bool
    value: Any


class Packed(Protocol):
    """A column: values by their places, some at once, or one number of each."""

    def __len__(self) -> int:
        """Return how many rows there are."""
        ...

    def __getitem__(self, place: int) -> Any:
        """Return the value of a row."""
        ...

    def between(self, first: int, end: int) -> list[Any]:
        """Return the values of the rows [first, end)."""
        ...

    def mapped(self, make: Make, kind: npt.DTypeLike) -> npt.NDArray[Any]:
        """Return a number that is made of each value, (rows,); of equal ones it is made once."""
        ...

    def edited(self, edits: Sequence[Edit]) -> Packed:
        """Return the column after edits, which are in the order of their places."""
        ...

    def taken(self, places: Places, folder: Path | None) -> Packed:
        """Return the rows at some places; what is large is laid aside in a folder."""
        ...

    def let_go(self) -> None:
        """Hold no memory for what is laid aside until it is read again."""
        ...


class Choices:
    """A column of few different values: each is kept once, and its number for every row."""

    def __init__(self, values: Sequence[Any], codes: npt.NDArray[Any]) -> None:
        self.values = tuple(values)
        self.codes = codes.astype(np.min_scalar_type(max(len(self.values) - 1, 0)), copy=False)
        self._code = self.codes.data

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.codes)

    def __getitem__(self, place: int) -> Any:
        """Return the value of a row."""
        return self.values[self._code[place]]

    def between(self, first: int, end: int) -> list[Any]:
        """Return the values of the rows [first, end)."""
        values = self.values
        return [values[code] for code in self.codes[first:end].tolist()]

    def taken(self, places: Places, folder: Path | None) -> Choices:
        """Return the rows at some places; what is large is laid aside in a folder."""
        return Choices(self.values, array_aside(self.codes[places], folder))

    def let_go(self) -> None:
        """Hold no memory for what is laid aside until it is read again."""
        let_go(self.codes)

    def mapped(self, make: Make, kind: npt.DTypeLike) -> npt.NDArray[Any]:
        """Return a number that is made of each value, (rows,)."""
        made: npt.NDArray[Any] = np.array([make(value) for value in self.values], kind)
        return np.asarray(made[self.codes])

    def edited(self, edits: Sequence[Edit]) -> Choices:
        """Return the column after edits; the same one where they change nothing."""
        if not any(edit.is_new or self[edit.place] != edit.value for edit in edits):
            return self
        values = list(self.values)
        known = {value: code for code, value in enumerate(values)}
        codes = []
        for edit in edits:
            if edit.value not in known:
                known[edit.value] = len(values)
                values.append(edit.value)
            codes.append(known[edit.value])
        return Choices(values, _edited(self.codes.astype(np.int64), edits, codes))


class Numbers:
    """A column of numbers, int64 or float64."""

    def __init__(self, numbers: npt.NDArray[Any]) -> None:
        self.numbers = numbers
        self._number = numbers.data
        self._is_whole = numbers.dtype.kind == "i"

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.numbers)

    def __getitem__(self, place: int) -> Any:
        """Return the value of a row."""
        return self._value(self._number[place])

    def between(self, first: int, end: int) -> list[Any]:
        """Return the values of the rows [first, end)."""
        return [self._value(number) for number in self.numbers[first:end].tolist()]

    def taken(self, places: Places, folder: Path | None) -> Numbers:
        """Return the rows at some places; what is large is laid aside in a folder."""
        return Numbers(array_aside(self.numbers[places], folder))

    def let_go(self) -> None:
        """Hold no memory for what is laid aside until it is read again."""
        let_go(self.numbers)

    def mapped(self, make: Make, kind: npt.DTypeLike) -> npt.NDArray[Any]:
        """Return a number that is made of each value, (rows,)."""
        return _mapped(self, make, kind)

    def edited(self, edits: Sequence[Edit]) -> Numbers:
        """Return the column after edits; the same one where they change nothing."""
        if not any(edit.is_new or self[edit.place] != edit.value for edit in edits):
            return self
        none = NO_NUMBER if self._is_whole else np.nan
        values = [none if edit.value is None else edit.value for edit in edits]
        return Numbers(_edited(self.numbers, edits, values))

    def _value(self, number: Any) -> Any:
        is_none = number == NO_NUMBER if self._is_whole else number != number
        return None if is_none else number


class Texts:
    """A column of texts: their UTF-8 joined, and where each begins."""

    def __init__(self, data: Bytes, starts: npt.NDArray[Any]) -> None:
        """Take joined texts, and ``starts`` (rows + 1,): where each begins, and where all end."""
        self.data, self.starts = data, starts
        self._start = starts.data

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.starts) - 1

    def __getitem__(self, place: int) -> Any:
        """Return the value of a row."""
        if place < 0:
            place += len(self)
        data = self.data[self._start[place] : self._start[place + 1]]
        return None if data == NO_TEXT else data.decode()

    def bytes_at(self, place: int) -> bytes:
        """Return the UTF-8 of a row's text, counted from the first."""
        return self.data[self._start[place] : self._start[place + 1]]

    def between(self, first: int, end: int) -> list[Any]:
        """Return the values of the rows [first, end)."""
        if end <= first:
            return []
        begin = self._start[first]
        joined = self.data[begin : self._start[end]]
        starts = (self.starts[first : end + 1].astype(np.int64) - begin).tolist()
        spans = zip(starts, starts[1:], strict=False)
        if joined.isascii():
            text = joined.decode()
            return [text[low:high] for low, high in spans]
        return [_text(joined[low:high]) for low, high in spans]

    def taken(self, places: Places, folder: Path | None) -> Texts:
        """Return the rows at some places; what is large is laid aside in a folder."""
        starts = self.starts.astype(np.int64)
        # What stands side by side is taken together.
        first = np.flatnonzero(np.diff(places, prepend=-2) != 1)
        last = np.append(first[1:], len(places))[: len(first)] - 1
        spans = zip(starts[places[first]].tolist(), starts[places[last] + 1].tolist(), strict=True)
        data = b"".join([bytes(self.data[low:high]) for low, high in spans])
        lengths = (starts[1:] - starts[:-1])[places]
        return Texts(lay_aside(data, folder), array_aside(starts_of(lengths), folder))

    def let_go(self) -> None:
        """Hold no memory for what is laid aside until it is read again."""
        let_go(self.data)
        let_go(self.starts)

    def mapped(self, make: Make, kind: npt.DTypeLike) -> npt.NDArray[Any]:
        """Return a number that is made of each value, (rows,)."""
        return _mapped(self, make, kind)

    def edited(self, edits: Sequence[Edit]) -> Texts:
        """Return the column after edits; the same one where they change nothing."""
        if not any(edit.is_new or self[edit.place] != edit.value for edit in edits):
            return self
        pieces, done = [], 0
        values = [bytes_of(edit.value) for edit in edits]
        for edit, value in zip(edits, values, strict=True):
            pieces += [self.data[self._start[done] : self._start[edit.place]], value]
            done = edit.place if edit.is_new else edit.place + 1
        pieces.append(self.data[self._start[done] : self._start[len(self)]])
        lengths = np.diff(self.starts.astype(np.int64))
        return Texts(b"".join(pieces), starts_of(_edited(lengths, edits, list(map(len, values)))))


def bytes_of(value: str | None) -> bytes:
    return NO_TEXT if value is None else value.encode()


def _text(data: bytes) -> str | None:
    return None if data == NO_TEXT else data.decode()


def starts_of(lengths: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts.astype(np.uint32) if starts[-1] < 2**32 else starts


def _edited(
    held: npt.NDArray[Any], edits: Sequence[Edit], values: Sequence[Any]
) -> npt.NDArray[Any]:
    """Return an array after edits, whose values are given beside them."""
    given = np.array(values, held.dtype)
    is_new = np.array([edit.is_new for edit in edits], bool)
    places = np.array([edit.place for edit in edits], np.int64)
    after = held.copy()
    after[places[~is_new]] = given[~is_new]
    return np.insert(after, places[is_new], given[is_new])


def _mapped(column: Packed, make: Make, kind: npt.DTypeLike) -> npt.NDArray[Any]:
    found = np.empty(len(column), kind)
    for first, values in in_parts(column):
        found[first : first + len(values)] = [make(value) for value in values]
    return found


def in_parts(column: Packed, at_once: int = AT_ONCE) -> Iterator[tuple[int, list[Any]]]:
    """Yield the values of a column in pieces, each with the place of its first."""
    for first in range(0, len(column), at_once):
        yield first, column.between(first, min(first + at_once, len(column)))
