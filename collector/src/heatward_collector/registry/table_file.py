"""One CSV file as rows of one table; every faulty row is named with line, column and reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Table

from heatward_collector.problems import Problems
from heatward_collector.registry import tables
from heatward_collector.registry.cells import CellError, read_cell

MOST_ROWS = 1_000_000
"""Rows of one table: ten times the rooms that one collector is made for."""
MOST_BYTES = 256 * 1024 * 1024
DELIMITERS = (",", ";", "\t")
"""What spreadsheets put between cells, each in its own country."""
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How workbooks of Excel begin, new ones and old ones, whatever their name says."""
SAVE_AS_CSV = "请另存为“CSV UTF-8” / save it as CSV UTF-8"
NEITHER = (
    "编码既不是 UTF-8 也不是 GBK，请另存为“CSV UTF-8” / neither UTF-8 nor GBK; save it as CSV UTF-8"
)
LONGEST_SHOWN = 200
"""So much of a header is shown. [characters]"""
Row = dict[str, Any]


def read_table(
    path: Path, table: Table, zone: ZoneInfo, problems: Problems
) -> list[tuple[int, Row]]:
    """Return the rows of a file with their lines; what is wrong goes to ``problems``."""
    try:
        text = _text_of(path)
    except OSError as error:
        reason = "读不出来，应为 CSV 文件 / cannot be read, must be a CSV file"
        problems.append(f"{path.name}: {reason}: {error.strerror}")
        return []
    except CellError as error:
        problems.append(f"{path.name}: {error}")
        return []
    delimiter = delimiter_of(text.partition("\n")[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, Row]] = []
    line = 1
    try:
        taker = _Taker(path.name, table, zone, problems)
        if not taker.take_header(next(reader, [])):
            return []
        line = reader.line_num + 1
        for cells in reader:
            row = taker.take(line, cells)
            if row is not None:
                rows.append((line, row))
            if len(rows) > MOST_ROWS:
                problems.append(f"{path.name}:{line}: 超过 / more than {MOST_ROWS} 行 / rows")
            if problems.full or len(rows) > MOST_ROWS:
                break
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append(f"{path.name}:{line}: 不是完整的 CSV / is no whole CSV: {error}")
    return rows


def _text_of(path: Path) -> str:
    """Return the text of a file. Raises OSError, and CellError where it is none or too long."""
    if path.stat().st_size > MOST_BYTES:
        raise CellError(f"超过 / larger than {MOST_BYTES // 1024**2} MB")
    text = decode(path.read_bytes())
    if text is None:
        raise CellError(NEITHER)
    return text


def delimiter_of(header: str) -> str:
    """Return what stands between the cells of a file with this first line."""
    return max(DELIMITERS, key=header.count)


def decode(data: bytes) -> str | None:
    """Return the text of a file written by a spreadsheet; None in an unknown encoding."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


class _Taker:
    """Takes the lines of one file one by one."""

    def __init__(self, file: str, table: Table, zone: ZoneInfo, problems: Problems) -> None:
        self._file = file
        self._table = table
        self._zone = zone
        self._problems = problems
        self._columns: list[Column[Any] | None] = []
        self._lines: dict[tuple[Any, ...], int] = {}

    def take_header(self, header: Sequence[str]) -> bool:
        """Learn which column is which; say whether the file can be read by it."""
        names = [name.strip() for name in header]
        if not any(names):
            return self._refuse(1, "没有表头 / there is no header")
        by_name = {column.name: column for column in self._table.columns}
        by_name |= {column.info["zh"]: column for column in self._table.columns}
        self._columns = [by_name.get(name) for name in names]
        allowed = ", ".join(map(_name, self._table.columns))
        if not any(column is not None for column in self._columns):
            shown = ",".join(names)[:LONGEST_SHOWN]
            rule = "第一行应为表头 / the first line must be the header"
            return self._refuse(1, f"{rule}: {allowed}; 现为 / it is: {shown}")
        right = True
        for name, column in zip(names, self._columns, strict=True):
            if column is None and name:
                right = self._refuse(
                    1, f"没有这一列 / no such column: {name!r}; 可用 / allowed: {allowed}"
                )
        for column in self._table.columns:
            # Not list.count: comparing columns makes a query.
            count = sum(one is column for one in self._columns)
            if count > 1:
                right = self._refuse(1, f"同一列出现两次 / twice the same column: {_name(column)}")
            elif count == 0 and not column.nullable and column.info["kind"] != "yes":
                right = self._refuse(1, f"缺少 / missing: {_name(column)}")
        return right

    def take(self, line: int, cells: Sequence[str]) -> Row | None:
        """Return the row of a line; None where it is empty or faulty."""
        if not any(cell.strip() for cell in cells):
            return None
        if any(cell.strip() for cell in cells[len(self._columns) :]):
            self._refuse(line, "单元格多于表头 / more cells than headers")
            return None
        row: Row = {}
        right = True
        given = dict(zip(self._columns, cells, strict=False))
        for column in self._table.columns:
            try:
                row[column.name] = read_cell(column, given.get(column, ""), self._zone)
            except CellError as error:
                right = self._refuse(line, f"{_name(column)}: {error}")
        if not right:
            return None
        key = tables.key(self._table, row)
        if key in self._lines:
            self._refuse(line, f"与第 {self._lines[key]} 行重复 / repeats line {self._lines[key]}")
            return None
        self._lines[key] = line
        return row

    def _refuse(self, line: int, reason: str) -> bool:
        self._problems.append(f"{self._file}:{line}: {reason}")
        return False


def _name(column: Column[Any]) -> str:
    return f"{column.name} ({column.info['zh']})"
