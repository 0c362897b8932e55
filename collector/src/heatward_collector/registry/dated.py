"""Rows that hold for a sensor from a time to a time, found for many readings at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Seconds
from heatward_collector.core.coded import Coded
from heatward_node.rom import rom_from_kernel_name

FOR_EVER = 2**62
Row = Mapping[str, Any]


def sensor_number(name: str) -> int:
    """Return the number by which arrays know a sensor: its ROM code, little endian."""
    return int.from_bytes(rom_from_kernel_name(name), "little")


def node_number(name: str | None) -> int:
    """Return the number by which arrays know a node, 0 for none: 64 bits of a digest."""
    if not name:
        return 0
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


class Dated:
    """Rows of (sensor, from, to) with columns, found by sensor and time for many at once."""

    def __init__(self, rows: Sequence[Row], columns: Mapping[str, npt.ArrayLike]) -> None:
        self._lay_out(
            np.array([sensor_number(row["sensor"]) for row in rows], np.uint64),
            np.array([row["from_s"] for row in rows], np.int64),
            np.array([FOR_EVER if row.get("to_s") is None else row["to_s"] for row in rows]),
            {name: np.array(values) for name, values in columns.items()},
        )

    @classmethod
    def _joined(
        cls,
        sensor: npt.NDArray[np.uint64],
        from_s: Seconds,
        to_s: Seconds,
        columns: Mapping[str, npt.NDArray[Any]],
    ) -> Dated:
        made = cls.__new__(cls)
        made._lay_out(sensor, from_s, to_s, columns)
        return made

    def _lay_out(
        self,
        sensor: npt.NDArray[np.uint64],
        from_s: Seconds,
        to_s: Seconds,
        columns: Mapping[str, npt.NDArray[Any]],
    ) -> None:
        order = np.lexsort((from_s, sensor))
        self.sensor, self.from_s = sensor[order], from_s[order]
        self.to_s = to_s[order].astype(np.int64)
        self.columns = {name: values[order] for name, values in columns.items()}
        self._with_default: dict[str, npt.NDArray[Any]] = {}
        self._unique, self._first, self._count = np.unique(
            self.sensor, return_index=True, return_counts=True
        )

    def with_rows(self, rows: Sequence[Row], columns: Mapping[str, npt.ArrayLike]) -> Dated:
        """Return these rows and others, which replace those of the same sensor and beginning."""
        added = Dated(rows, columns)
        kept = np.ones(len(self.sensor), bool)
        for sensor, from_s in zip(added.sensor, added.from_s, strict=True):
            kept &= (self.sensor != sensor) | (self.from_s != from_s)
        return Dated._joined(
            np.concatenate([self.sensor[kept], added.sensor]),
            np.concatenate([self.from_s[kept], added.from_s]),
            np.concatenate([self.to_s[kept], added.to_s]),
            {
                name: np.concatenate([values[kept], added.columns[name]])
                for name, values in self.columns.items()
            },
        )

    def with_column(self, name: str, values: npt.NDArray[Any]) -> Dated:
        """Return the same rows with other values in a column, in the order of these rows."""
        columns = {**self.columns, name: values}
        return Dated._joined(self.sensor, self.from_s, self.to_s, columns)

    def column(self, name: str, default: int | float) -> npt.NDArray[Any]:
        """Return a column with a last value for row -1: of those for which there is no row."""
        if name not in self._with_default:
            column = self.columns[name]
            self._with_default[name] = np.append(column, np.array(default, column.dtype))
        return self._with_default[name]

    def row_at(
        self, sensor: npt.NDArray[np.uint64] | Coded, time_s: Seconds
    ) -> npt.NDArray[np.int64]:
        """Return the row in force for each (sensor, time), or -1."""
        if len(self._unique) == 0:
            return np.full(len(sensor), -1, np.int64)
        numbers = sensor.numbers if isinstance(sensor, Coded) else sensor
        group = np.minimum(np.searchsorted(self._unique, numbers), len(self._unique) - 1)
        known, first, count = self._unique[group] == numbers, self._first[group], self._count[group]
        # Most sensors have been at one place only: for them all is known before any time is.
        from_s = np.where(known & (count == 1), self.from_s[first], FOR_EVER)
        to_s, moved = self.to_s[first], known & (count > 1)
        if isinstance(sensor, Coded):
            code = sensor.code
            first, from_s, to_s, moved = first[code], from_s[code], to_s[code], moved[code]
            count = count[code]
        found = np.where((from_s <= time_s) & (time_s < to_s), first, -1)
        some = np.flatnonzero(moved)
        if len(some):
            found[some] = self._row_among(first[some], count[some], time_s[some])
        return found

    def _row_among(
        self, first: npt.NDArray[np.int64], count: npt.NDArray[np.int64], time_s: Seconds
    ) -> npt.NDArray[np.int64]:
        """Return the row in force among those of each sensor, or -1."""
        low, high = first, first + count
        # Bisection within every sensor's rows at once: low becomes the first row after time_s.
        while (low < high).any():
            middle = np.minimum((low + high) // 2, len(self.sensor) - 1)
            begun = (self.from_s[middle] <= time_s) & (low < high)
            low = np.where(begun, middle + 1, low)
            high = np.where(begun, high, np.minimum(middle, high))
        row = low - 1
        held = (row >= first) & (time_s < self.to_s[row])
        return np.where(held, row, -1)
