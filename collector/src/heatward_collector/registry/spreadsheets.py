"""The registry as a folder of CSV files, one a table: import all or nothing, and export.

Headers may be the English or the Chinese names; UTF-8, UTF-8 with BOM (as Excel writes it) and
GB18030 are read. Every faulty row is named with file, line, column and reason.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Table

from heatward_collector.errors import ImportRefused
from heatward_collector.registry import Registry, tables
from heatward_collector.registry.cells import CellError, read_cell, write_cell

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")
MOST_ROWS = 5_000_000
MOST_PROBLEMS = 100
Content = dict[str, list[dict[str, Any]]]


def read_folder(folder: Path, zone: ZoneInfo = LOCAL_ZONE) -> Content:
    """Read every table of a folder. Raises ImportRefused naming every faulty row."""
    if not folder.is_dir():
        raise ImportRefused([f"{folder} 不是文件夹 / is not a folder"])
    known = {table.name for table in tables.IMPORTED}
    problems = [
        f"{path.name}: 没有这样的表 / no such table; 可用 / allowed: {', '.join(sorted(known))}"
        for path in sorted(folder.glob("*.csv"))
        if path.stem not in known
    ]
    content: Content = {}
    for table in tables.IMPORTED:
        path = folder / f"{table.name}.csv"
        if path.is_file():
            content[table.name] = _read_table(path, table, zone, problems)
    if problems:
        raise ImportRefused(problems[:MOST_PROBLEMS])
    return content


def check(content: Content, registry: Registry) -> None:
    """Check that what rows refer to exists and that no sensor is in two places at once.

    Raises ImportRefused.
    """
    after = {table.name: _merged(table, content, registry) for table in tables.IMPORTED}
    problems = [*_dangling(content, after), *_misplaced(content, after), *_overlaps(after)]
    if problems:
        raise ImportRefused(problems[:MOST_PROBLEMS])


def import_folder(
    registry: Registry, folder: Path, zone: ZoneInfo = LOCAL_ZONE
) -> dict[str, tuple[int, int]]:
    """Take a folder into the registry, all or nothing; return (new, changed) by table."""
    content = read_folder(folder, zone)
    check(content, registry)
    return registry.put(content)


def preview(registry: Registry, content: Content) -> dict[str, tuple[int, int]]:
    """Return (new, changed) by table as an import would give them, without importing."""
    counts = {}
    for name, rows in content.items():
        table = tables.METADATA.tables[name]
        held = {_key(table, row): row for row in registry.rows(name)}
        new = sum(_key(table, row) not in held for row in rows)
        same = sum(held.get(_key(table, row)) == row for row in rows)
        counts[name] = (new, len(rows) - new - same)
    return counts


def export_folder(registry: Registry, folder: Path, zone: ZoneInfo = LOCAL_ZONE) -> None:
    """Write every table as CSV with a BOM, so that a double click opens it right."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in tables.IMPORTED:
        columns = list(table.columns)
        with (folder / f"{table.name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([column.name for column in columns])
            for row in registry.rows(table.name):
                writer.writerow([write_cell(c, row[c.name], zone) for c in columns])


def _read_table(
    path: Path, table: Table, zone: ZoneInfo, problems: list[str]
) -> list[dict[str, Any]]:
    reader = csv.reader(io.StringIO(decode(path.read_bytes(), path.name), newline=""))
    try:
        header = next(reader)
    except (StopIteration, csv.Error):
        problems.append(f"{path.name}:1: 文件是空的 / the file is empty")
        return []
    columns = _columns(path, table, header, problems)
    rows: list[dict[str, Any]] = []
    seen: dict[tuple[Any, ...], int] = {}
    try:
        for line, cells in enumerate(reader, start=2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(rows) >= MOST_ROWS:
                problems.append(f"{path.name}:{line}: 超过 / more than {MOST_ROWS} 行 / rows")
                break
            row = _row(f"{path.name}:{line}", columns, cells, zone, problems)
            if row is None:
                continue
            key = _key(table, row)
            if key in seen:
                problems.append(f"{path.name}:{line}: 与第 {seen[key]} 行重复 / repeats that line")
            seen[key] = line
            rows.append({column.name: row.get(column.name) for column in table.columns})
    except csv.Error as error:
        problems.append(f"{path.name}:{reader.line_num}: {error}")
    return rows


def decode(data: bytes, name: str) -> str:
    """Return the text of a file written by a spreadsheet. Raises ImportRefused."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ImportRefused([f"{name}: 编码既不是 UTF-8 也不是 GBK / neither UTF-8 nor GBK"])


def _columns(
    path: Path, table: Table, header: Sequence[str], problems: list[str]
) -> list[Column[Any] | None]:
    by_name = {column.name: column for column in table.columns}
    by_name |= {column.info["zh"]: column for column in table.columns}
    found: list[Column[Any] | None] = []
    for name in header:
        column = by_name.get(name.strip())
        if column is None and name.strip():
            problems.append(
                f"{path.name}:1: 没有这一列 / no such column: {name!r}; 可用 / allowed: "
                + ", ".join(f"{c.name} ({c.info['zh']})" for c in table.columns)
            )
        found.append(column)
    for column in table.columns:
        if column not in [one for one in found if one is not None] and not column.nullable:
            if column.info["kind"] == "yes":
                continue
            problems.append(f"{path.name}:1: 缺少 / missing: {column.name} ({column.info['zh']})")
    return found


def _row(
    place: str,
    columns: Sequence[Column[Any] | None],
    cells: Sequence[str],
    zone: ZoneInfo,
    problems: list[str],
) -> dict[str, Any] | None:
    row: dict[str, Any] = {}
    faulty = False
    if len(cells) > len(columns):
        problems.append(f"{place}: 单元格多于表头 / more cells than headers")
        return None
    for column, cell in zip(columns, [*cells, *[""] * (len(columns) - len(cells))], strict=True):
        if column is None:
            continue
        try:
            row[column.name] = read_cell(column, cell, zone)
        except CellError as error:
            problems.append(f"{place}: {column.name} ({column.info['zh']}): {error}")
            faulty = True
    return None if faulty else row


def _key(table: Table, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row.get(column.name) for column in table.primary_key.columns)


def _merged(table: Table, content: Content, registry: Registry) -> list[dict[str, Any]]:
    rows = {_key(table, row): row for row in registry.rows(table.name)}
    rows |= {_key(table, row): row for row in content.get(table.name, [])}
    return list(rows.values())


def _dangling(content: Content, after: Content) -> Iterator[str]:
    ids = {name: {row["id"] for row in rows if "id" in row} for name, rows in after.items()}
    for name, rows in content.items():
        for column in tables.METADATA.tables[name].columns:
            target = column.info.get("refers_to")
            if not target:
                continue
            for row in rows:
                value = row[column.name]
                if value is not None and value not in ids[target]:
                    yield (
                        f"{name}.csv: {_label(row)}: {column.name} ({column.info['zh']}) "
                        f"{value!r} 不存在于 / is not in {target}.csv"
                    )


def _misplaced(content: Content, after: Content) -> Iterator[str]:
    for row in content.get("assignment", []):
        kind, target = row["target_kind"], row["target"]
        if kind == "bench":
            continue
        if target not in {one["id"] for one in after[kind]}:
            yield f"assignment.csv: {_label(row)}: {target!r} 不存在于 / is not in {kind}.csv"


def _overlaps(after: Content) -> Iterator[str]:
    rows = sorted(after["assignment"], key=lambda row: (row["sensor"], row["from_s"]))
    for row in rows:
        if row["to_s"] is not None and row["to_s"] <= row["from_s"]:
            yield f"assignment.csv: {_label(row)}: 结束不晚于开始 / it ends before it begins"
    for earlier, later in zip(rows, rows[1:], strict=False):
        if earlier["sensor"] != later["sensor"]:
            continue
        if earlier["to_s"] is None or earlier["to_s"] > later["from_s"]:
            yield (
                f"assignment.csv: {later['sensor']}: 同一时间装在两处 / in two places at once: "
                f"{earlier['target'] or 'bench'}, {later['target'] or 'bench'}; "
                f"请先填写前一处的“至” / give the earlier one an end"
            )


def _label(row: Mapping[str, Any]) -> str:
    return str(row.get("id") or row.get("sensor") or row.get("room") or row.get("home") or "?")
