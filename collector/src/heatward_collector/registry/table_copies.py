"""Copies of large tables in packed columns, beside the state of a collector: read when it starts.

A copy has the mark of the edit that its rows are of (:mod:`heatward_collector.registry.versions`),
and a CRC of every column. One of another mark, or of another program, or damaged, is as good as
none: the table is read from the database, which alone counts. Processes map the same file, so that
a city's registry is in memory once.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from heatward_collector.registry.column_file import Array, read_columns, write_columns
from heatward_collector.registry.laid_aside import mapping_of
from heatward_collector.registry.packed import Choices, Numbers, Packed, Texts
from heatward_collector.registry.packed_rows import PackedRows
from heatward_collector.registry.tables import METADATA, SCHEMA_VERSION

FOLDER = "registry-columns"
FEWEST_ROWS = 10_000
"""Fewer are read from the database in a moment."""
FORMAT = 1
_UNREADABLE = (OSError, ValueError, KeyError, TypeError)
"""What comes of a file that is missing, torn or of another program."""


class TableCopies:
    """The copies in a folder; none where there is no folder."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = None if folder is None else folder / FOLDER
        self._read: dict[str, tuple[str, PackedRows]] = {}
        """What was read last, by table, and its mark."""

    def read(self, name: str, mark: str | None) -> PackedRows | None:
        """Return a table as it is at a mark, None where there is no good copy of it."""
        if self._folder is None or mark is None:
            return None
        held = self._read.get(name)
        if held is not None and held[0] == mark:
            return held[1]
        try:
            rows = _read(self._folder / name, name, mark, is_proved=True)
        except _UNREADABLE:
            return None
        self._read[name] = mark, rows
        return rows

    def keep(self, rows: PackedRows, mark: str | None) -> PackedRows:
        """Keep a large table for those who read it next; return it as it lies in its copy.

        Where it cannot be kept, or another process is just doing so, the rows are as they were.
        """
        if self._folder is None or mark is None or len(rows) < FEWEST_ROWS:
            return rows
        path = self._folder / rows.name
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            with path.with_suffix(".lock").open("wb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                fresh = path.with_suffix(".new")
                _write(fresh, rows, mark)
                fresh.replace(path)
            kept = _read(path, rows.name, mark, is_proved=False)
        except _UNREADABLE:
            return rows
        self._read[rows.name] = mark, kept
        return kept


def _head(name: str, mark: str) -> dict[str, Any]:
    columns = [[column.name, str(column.type)] for column in METADATA.tables[name].columns]
    return {"format": FORMAT, "schema": SCHEMA_VERSION, "mark": mark, "columns": columns}


def _write(path: Path, rows: PackedRows, mark: str) -> None:
    columns = [rows.column(column.name) for column in METADATA.tables[rows.name].columns]
    parts = [_parts_of(column) for column in columns]
    content = {**_head(rows.name, mark), "packed": [told for told, _ in parts]}
    write_columns(path, content, [array for _, arrays in parts for array in arrays], is_apart=True)


def _read(path: Path, name: str, mark: str, is_proved: bool) -> PackedRows:
    """Return the table that a file holds. Raises what is in ``_UNREADABLE``."""
    content, arrays = read_columns(path, is_proved)
    packed = content.pop("packed")
    if content != _head(name, mark):
        raise ValueError(f"{path} is of other rows")
    left = iter(arrays)
    columns = [_column(one, left) for one in packed]
    names = [column.name for column in METADATA.tables[name].columns]
    return PackedRows(name, dict(zip(names, columns, strict=True)))


def _parts_of(column: Packed) -> tuple[dict[str, Any], list[Array]]:
    """Return what JSON says of a column, and its arrays."""
    if isinstance(column, Choices):
        return {"values": column.values}, [column.codes]
    if isinstance(column, Texts):
        return {"texts": len(column)}, [np.frombuffer(column.data, np.uint8), column.starts]
    if isinstance(column, Numbers):
        return {}, [column.numbers]
    raise TypeError(f"{type(column).__name__} is in no file")


def _column(told: dict[str, Any], arrays: Iterator[Array]) -> Packed:
    """Return the column of which JSON says something, by the arrays that come next."""
    if "values" in told:
        return Choices(told["values"], next(arrays))
    if "texts" not in told:
        return Numbers(next(arrays))
    data, starts = next(arrays), next(arrays)
    return Texts(mapping_of(data) or data.tobytes(), starts)
