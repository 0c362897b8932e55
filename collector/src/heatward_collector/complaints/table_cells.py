"""A table that somebody else's program wrote, CSV or XLSX, as texts."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime
from pathlib import Path

from openpyxl import load_workbook

from heatward_collector.errors import ImportRefused
from heatward_collector.registry.table_file import NEITHER, decode

MOST_BYTES = 32 * 2**20
MOST_ROWS = 200_000
MOST_COLUMNS = 200
MOST_UNPACKED_BYTES = 200 * 2**20
"""What a workbook may hold when it is unpacked. [bytes]"""
HEADER_WITHIN = 10
"""Exports begin with a title or two: the header is the first row with this many cells filled."""
LEAST_CELLS = 3
Row = tuple[str, ...]


def read_rows(path: Path) -> tuple[Row, list[tuple[int, Row]]]:
    """Return the header of a table, and its rows with their lines. Raises ImportRefused."""
    if path.stat().st_size > MOST_BYTES:
        raise ImportRefused([f"{path.name}: 超过 / larger than {MOST_BYTES // 2**20} MB"])
    read = _workbook if path.suffix.lower() in (".xlsx", ".xlsm") else _csv
    rows = read(path)
    for number, (_, row) in enumerate(rows[:HEADER_WITHIN]):
        if sum(bool(cell) for cell in row) >= LEAST_CELLS:
            width = len(row)
            below = [(line, (*one, *[""] * width)[:width]) for line, one in rows[number + 1 :]]
            return row, [(line, one) for line, one in below if any(one)]
    raise ImportRefused([f"{path.name}: 找不到表头 / no header was found"])


def _csv(path: Path) -> list[tuple[int, Row]]:
    text = decode(path.read_bytes())
    if text is None:
        raise ImportRefused([f"{path.name}: {NEITHER}"])
    rows: list[tuple[int, Row]] = []
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for row in reader:
            rows.append((reader.line_num, tuple(cell.strip() for cell in row[:MOST_COLUMNS])))
            _not_too_many(path, len(rows))
    except csv.Error as error:
        raise ImportRefused(
            [f"{path.name}:{reader.line_num}: 不是完整的 CSV / is no whole CSV: {error}"]
        ) from error
    return rows


def _workbook(path: Path) -> list[tuple[int, Row]]:
    try:
        _refuse_bomb(path)
        return _cells(path)
    except ImportRefused:
        raise
    except Exception as error:
        # A broken workbook gives errors of zlib, of XML, of openpyxl itself: no list is whole.
        raise ImportRefused([f"{path.name}: 不是 XLSX / is no XLSX: {error}"]) from error


def _cells(path: Path) -> list[tuple[int, Row]]:
    book = load_workbook(path, read_only=True, data_only=True)
    rows: list[tuple[int, Row]] = []
    page = book.worksheets[0]
    for line, row in enumerate(page.iter_rows(max_col=MOST_COLUMNS, values_only=True), start=1):
        cells = [_text(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        rows.append((line, tuple(cells)))
        _not_too_many(path, len(rows))
    book.close()
    return rows


def _refuse_bomb(path: Path) -> None:
    """Refuse a small file that unpacks into a large one, by the sizes that it names itself."""
    with zipfile.ZipFile(path) as packed:
        if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED_BYTES:
            raise ImportRefused([f"{path.name}: 展开后过大 / is too large when unpacked"])


def _not_too_many(path: Path, rows: int) -> None:
    if rows > MOST_ROWS:
        raise ImportRefused([f"{path.name}: 超过 / more than {MOST_ROWS} 行 / rows"])


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
