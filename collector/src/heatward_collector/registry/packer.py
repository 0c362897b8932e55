"""Packing the values of a registry column, as they come: few different ones, numbers or texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import BigInteger, Column, Float, Integer, String

from heatward_collector.registry.laid_aside import array_aside, lay_aside
from heatward_collector.registry.packed import (
    MOST_CHOICES,
    NO_NUMBER,
    Choices,
    Numbers,
    Packed,
    Texts,
    bytes_of,
    starts_of,
)


class Packer:
    """Takes the values of a column in their order, and packs them."""

    def __init__(self, column: Column[Any], folder: Path | None = None) -> None:
        """Pack values of a registry column; what is large is laid aside in ``folder``."""
        self._folder = folder
        self._plain = _plain(column)
        self._known: dict[Any, int] = {}
        self._codes: list[npt.NDArray[Any]] = []
        self._parts: list[Any] = []
        self._are_few = True

    def add(self, values: Sequence[Any]) -> None:
        """Add values behind those there are."""
        if self._are_few:
            self._code(values)
        elif self._plain is not None:
            self._parts.append(self._plain(values))

    def done(self) -> Packed:
        """Return the column."""
        if self._are_few:
            codes = np.concatenate([np.zeros(0, np.uint8), *self._codes])
            packed = Choices(list(self._known), codes)
            return Choices(packed.values, array_aside(packed.codes, self._folder))
        if self._plain is _joined:
            data = b"".join(part[0] for part in self._parts)
            starts = starts_of(np.concatenate([part[1] for part in self._parts]))
            return Texts(lay_aside(data, self._folder), array_aside(starts, self._folder))
        return Numbers(array_aside(np.concatenate(self._parts), self._folder))

    def _code(self, values: Sequence[Any]) -> None:
        known = self._known
        for value in set(values) - known.keys():
            known[value] = len(known)
        codes = np.fromiter(map(known.__getitem__, values), np.uint32, len(values))
        self._codes.append(codes.astype(np.min_scalar_type(max(len(known) - 1, 0))))
        if len(known) > MOST_CHOICES and self._plain is not None:
            held, self._are_few = list(known), False
            self._parts = [
                self._plain([held[code] for code in codes.tolist()]) for codes in self._codes
            ]
            self._known, self._codes = {}, []


def _plain(column: Column[Any]) -> Callable[[Sequence[Any]], Any] | None:
    """Return how many different values of a column are kept; None where they are never many."""
    if isinstance(column.type, Integer | BigInteger):
        return _whole
    if isinstance(column.type, Float):
        return _real
    return _joined if isinstance(column.type, String) else None


def _whole(values: Sequence[Any]) -> npt.NDArray[np.int64]:
    return np.array([NO_NUMBER if value is None else value for value in values], np.int64)


def _real(values: Sequence[Any]) -> npt.NDArray[np.float64]:
    return np.array(values, np.float64)


def _joined(values: Sequence[Any]) -> tuple[bytes, npt.NDArray[np.int64]]:
    """Return texts as one piece of UTF-8, and how many bytes each has."""
    if None not in values:
        text = "".join(values)
        if text.isascii():
            return text.encode(), np.fromiter(map(len, values), np.int64, len(values))
    pieces = [bytes_of(value) for value in values]
    return b"".join(pieces), np.fromiter(map(len, pieces), np.int64, len(pieces))
