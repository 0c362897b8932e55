"""Rows that hold for a sensor from a time to a time, found for many readings at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Mask, Seconds
from heatward_collector.core.coded import Coded
from heatward_collector.registry.packed import AT_ONCE, Packed, Texts
from heatward_collector.registry.packed_rows import PackedRows
from heatward_collector.registry.tables import METADATA
from heatward_node.rom import ROM_BYTES, crc8, rom_from_kernel_name

FOR_EVER = 2**62
NAME_BYTES, DASH = 15, 2
"""A kernel's name such as 28-000006b67845, and where its dash is."""
Row = Mapping[str, Any]
_CRC = np.array([crc8(bytes([value])) for value in range(256)], np.uint8)
_DIGIT = np.full(256, 255, np.uint8)
_DIGIT[np.frombuffer(b"0123456789abcdef", np.uint8)] = np.arange(16)


def sensor_number(name: str) -> int:
    """Return the number by which arrays know a sensor: its ROM code, little endian."""
    return int.from_bytes(rom_from_kernel_name(name), "little")


def node_number(name: str | None) -> int:
    """Return the number by which arrays know a node, 0 for none: 64 bits of a digest."""
    if not name:
        return 0
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def sensor_numbers(column: Packed) -> npt.NDArray[np.uint64]:
    """Return the number of every sensor of a column of names, (rows,). Raises RecordError."""
    if not isinstance(column, Texts):
        return column.mapped(sensor_number, np.uint64)
    found = np.empty(len(column), np.uint64)
    for first in range(0, len(column), AT_ONCE):
        end = min(first + AT_ONCE, len(column))
        begin = int(column.starts[first])
        data = np.frombuffer(column.data[begin : int(column.starts[end])], np.uint8)
        if len(data) != (end - first) * NAME_BYTES:
            return column.mapped(sensor_number, np.uint64)
        names = data.reshape(-1, NAME_BYTES)
        digits = _DIGIT[np.delete(names, DASH, axis=1)]
        if (digits > 15).any() or (names[:, DASH] != ord("-")).any():
            return column.mapped(sensor_number, np.uint64)
        found[first:end] = _numbers(digits[:, 0::2] * np.uint8(16) + digits[:, 1::2])
    return found


def _numbers(named: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Return ROM codes of the bytes that names show: family, then serial, highest byte first."""
    rom = np.empty((len(named), ROM_BYTES), np.uint8)
    rom[:, 0], rom[:, 1:-1] = named[:, 0], named[:, :0:-1]
    check = np.zeros(len(named), np.uint8)
    for byte in range(ROM_BYTES - 1):
        check = _CRC[check ^ rom[:, byte]]
    rom[:, -1] = check
    return rom.view("<u8").reshape(-1).astype(np.uint64)


def _end(to_s: int | None) -> int:
    return FOR_EVER if to_s is None else to_s


class Dated:
    """Rows of (sensor, from, to) with columns, found by sensor and time for many at once."""

    def __init__(self, rows: Sequence[Row], columns: Mapping[str, npt.ArrayLike]) -> None:
        self._lay_out(
            np.array([sensor_number(row["sensor"]) for row in rows], np.uint64),
            np.array([row["from_s"] for row in rows], np.int64),
            np.array([_end(row.get("to_s")) for row in rows], np.int64),
            {name: np.array(values) for name, values in columns.items()},
        )

    @classmethod
    def of(cls, rows: PackedRows, columns: Mapping[str, npt.NDArray[Any]]) -> Dated:
        """Return the rows of a table, with columns in their order; it may have no end of times."""
        if "to_s" in METADATA.tables[rows.name].columns:
            to_s = rows.column("to_s").mapped(_end, np.int64)
        else:
            to_s = np.full(len(rows), FOR_EVER, np.int64)
        from_s = rows.column("from_s").mapped(int, np.int64)
        return cls._joined(sensor_numbers(rows.column("sensor")), from_s, to_s, columns)

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
        self.sensor, self.from_s, self.to_s = sensor[order], from_s[order], to_s[order]
        # One place more than there are rows, for the default of which row -1 is.
        self._columns = {
            name: np.append(values[order], np.zeros(1, values.dtype))
            for name, values in columns.items()
        }
        begins = np.append(True, self.sensor[1:] != self.sensor[:-1])[: len(self.sensor)]
        self._is_one_each = bool(begins.all())
        # Most sensors hang where they hung first: then there is nothing to remember but them.
        self._unique = self.sensor if self._is_one_each else self.sensor[begins]
        self._begin = (
            np.zeros(0, np.int64)
            if self._is_one_each
            else np.append(np.flatnonzero(begins), len(self.sensor))
        )

    @property
    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """The columns by their names, each (rows,), in the order of sensors and times."""
        return {name: values[:-1] for name, values in self._columns.items()}

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
        column = self._columns[name]
        column[-1] = default
        return column

    def row_at(
        self, sensor: npt.NDArray[np.uint64] | Coded, time_s: Seconds
    ) -> npt.NDArray[np.int64]:
        """Return the row in force for each (sensor, time), or -1."""
        if len(self._unique) == 0:
            return np.full(len(sensor), -1, np.int64)
        numbers = sensor.numbers if isinstance(sensor, Coded) else sensor
        known, group = self._groups(numbers)
        first, count = self._rows_of(group)
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

    def values_at(
        self, sensor: npt.NDArray[np.uint64] | Coded, time_s: Seconds, defaults: Mapping[str, int]
    ) -> tuple[npt.NDArray[Any], ...]:
        """Return columns by the row in force for each (sensor, time), a default where none is."""
        if not isinstance(sensor, Coded) or not len(sensor):
            row = self.row_at(sensor, time_s)
            return tuple(self.column(name, default)[row] for name, default in defaults.items())
        row, is_steady = self._rows_throughout(sensor.numbers, time_s.min(), time_s.max())
        columns = [self.column(name, default) for name, default in defaults.items()]
        values = tuple(column[row][sensor.code] for column in columns)
        if not is_steady.all():
            some = np.flatnonzero(~is_steady[sensor.code])
            row = self.row_at(Coded(sensor.numbers, sensor.code[some]), time_s[some])
            for of_column, column in zip(values, columns, strict=True):
                of_column[some] = column[row]
        return values

    def _rows_throughout(
        self, numbers: npt.NDArray[np.uint64], first_s: int, last_s: int
    ) -> tuple[npt.NDArray[np.int64], Mask]:
        """Return the row of each sensor, or -1, and whether it is in force from first to last."""
        if len(self._unique) == 0:
            return np.full(len(numbers), -1, np.int64), np.ones(len(numbers), bool)
        known, group = self._groups(numbers)
        first, count = self._rows_of(group)
        is_in_force = (self.from_s[first] <= first_s) & (last_s < self.to_s[first])
        return np.where(known, first, -1), ~known | (is_in_force & (count == 1))

    def _groups(self, numbers: npt.NDArray[np.uint64]) -> tuple[Mask, npt.NDArray[np.int64]]:
        """Return which sensors are known, and the place of each among them all."""
        # One after the other by size: the places of neighbours lie near each other in memory.
        order = np.argsort(numbers)
        group = np.empty(len(numbers), np.int64)
        group[order] = np.searchsorted(self._unique, numbers[order])
        np.minimum(group, len(self._unique) - 1, out=group)
        return self._unique[group] == numbers, group

    def _rows_of(
        self, group: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the first row of each sensor, and how many it has."""
        if self._is_one_each:
            return group, np.ones(len(group), np.int64)
        first = self._begin[group]
        return first, self._begin[group + 1] - first

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
