"""A table of the registry in packed columns, in the order of its key; a row is made when asked for.

It is a sequence of rows as a list of mappings is, and never changes: an edit gives another one,
which shares the columns in which nothing is new.
"""

from __future__ import annotations

import bisect
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, overload

import numpy as np

from heatward_collector.core import Mask
from heatward_collector.registry.ids import NOWHERE, Ids, same
from heatward_collector.registry.packed import AT_ONCE, Edit, Packed
from heatward_collector.registry.packer import Packer
from heatward_collector.registry.tables import METADATA

Row = Mapping[str, Any]
Key = tuple[Any, ...]


class PackedRow(Mapping[str, Any]):
    """One row: its values are looked up when they are asked for."""

    __slots__ = ("_columns", "_place")

    def __init__(self, columns: Mapping[str, Packed], place: int) -> None:
        self._columns, self._place = columns, place

    def __getitem__(self, name: str) -> Any:
        """Return a value. Raises KeyError where the table has no such column."""
        return self._columns[name][self._place]

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value, or a default where the table has no such column."""
        column = self._columns.get(name)
        return default if column is None else column[self._place]

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the columns."""
        return iter(self._columns)

    def __len__(self) -> int:
        """Return how many columns there are."""
        return len(self._columns)

    def __repr__(self) -> str:
        """Return the row as a mapping is shown."""
        return repr(dict(self))


class PackedRows(Sequence[Row]):
    """The rows of one table, none with the key of another."""

    def __init__(self, name: str, columns: Mapping[str, Packed]) -> None:
        """Take the columns of a table, (rows,) each, in the order of its key."""
        self.name = name
        self._columns = columns
        self._key = tuple(column.name for column in METADATA.tables[name].primary_key)

    @classmethod
    def of(cls, name: str, rows: Iterable[Row], folder: Path | None = None) -> PackedRows:
        """Pack rows that are given in any order; of equal keys the last one counts."""
        if isinstance(rows, PackedRows):
            return rows
        key = itemgetter(*(column.name for column in METADATA.tables[name].primary_key))
        ordered = {key(row): row for row in rows}
        names = [column.name for column in METADATA.tables[name].columns]
        found = [[ordered[one].get(column) for column in names] for one in sorted(ordered)]
        parts = (found[first : first + AT_ONCE] for first in range(0, len(found), AT_ONCE))
        return cls.packed(name, parts, folder)

    @classmethod
    def packed(
        cls, name: str, parts: Iterable[Sequence[Sequence[Any]]], folder: Path | None = None
    ) -> PackedRows:
        """Pack rows in the order of the key, as they come from a database: some at a time.

        What is large is laid aside in ``folder``.
        """
        table = METADATA.tables[name]
        packers = [Packer(column, folder) for column in table.columns]
        for part in parts:
            for packer, values in zip(packers, zip(*part, strict=True), strict=False):
                packer.add(values)
        names = (column.name for column in table.columns)
        return cls(name, dict(zip(names, (one.done() for one in packers), strict=True)))

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._columns[self._key[0]])

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, place: int | slice) -> Row | tuple[Row, ...]:
        """Return the row at a place, or those of some places."""
        if isinstance(place, slice):
            return tuple(self[one] for one in range(*place.indices(len(self))))
        if not -len(self) <= place < len(self):
            raise IndexError(f"{self.name} has {len(self)} rows")
        return PackedRow(self._columns, place % len(self))

    def __iter__(self) -> Iterator[Row]:
        """Yield all rows in the order of their keys."""
        return (PackedRow(self._columns, place) for place in range(len(self)))

    def __eq__(self, other: object) -> bool:
        """Say whether another sequence holds the same rows."""
        return same(self, other)

    __hash__ = None  # type: ignore[assignment]

    def column(self, name: str) -> Packed:
        """Return one column of all rows."""
        return self._columns[name]

    @functools.cached_property
    def ids(self) -> Ids:
        """The ids of a table whose rows have one."""
        return Ids(self._columns["id"])

    @functools.cached_property
    def by_id(self) -> Mapping[str, Row]:
        """The rows by their ids; none of a table whose rows have no id."""
        return RowsById(self) if self._key == ("id",) else {}

    def let_go(self) -> None:
        """Hold no memory for what is laid aside until it is read again."""
        for column in self._columns.values():
            column.let_go()

    def only(self, mask: Mask, folder: Path | None = None) -> PackedRows:
        """Return some rows; the table itself where it is all of them."""
        if mask.all():
            return self
        places = np.flatnonzero(mask)
        columns = {name: one.taken(places, folder) for name, one in self._columns.items()}
        return PackedRows(self.name, columns)

    def with_rows(self, rows: Sequence[Row]) -> PackedRows:
        """Return the table after an edit: with rows that are others, or new."""
        wanted = {self._key_of(row): row for row in rows}
        found = []
        for key in sorted(wanted):
            place, is_new = self._place(key)
            found.append((place, is_new, wanted[key]))
        if not found:
            return self
        columns = {
            name: column.edited([Edit(place, new, row.get(name)) for place, new, row in found])
            for name, column in self._columns.items()
        }
        return PackedRows(self.name, columns)

    def _key_of(self, row: Row) -> Key:
        return tuple(row[name] for name in self._key)

    def _key_at(self, place: int) -> Key:
        return tuple(self._columns[name][place] for name in self._key)

    def _place(self, key: Key) -> tuple[int, bool]:
        """Return where a key stands, or before which row it would, and whether it is new."""
        place = bisect.bisect_left(range(len(self)), key, key=self._key_at)
        return place, place == len(self) or self._key_at(place) != key


class RowsById(Mapping[str, Row]):
    """The rows of a table by their ids, in their order."""

    def __init__(self, rows: PackedRows) -> None:
        self._rows, self._ids = rows, rows.ids

    def __getitem__(self, key: str) -> Row:
        """Return a row. Raises KeyError."""
        row = self.get(key)
        if row is None:
            raise KeyError(key)
        return row  # type: ignore[no-any-return]

    def get(self, key: Any, default: Any = None) -> Any:
        """Return a row, or a default."""
        place = self._ids.find(key) if isinstance(key, str) else NOWHERE
        return default if place == NOWHERE else PackedRow(self._rows._columns, place)

    def __contains__(self, key: object) -> bool:
        """Say whether there is a row of an id."""
        return key in self._ids

    def __iter__(self) -> Iterator[str]:
        """Yield all ids."""
        return iter(self._ids)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._rows)
