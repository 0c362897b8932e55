"""The registry as a folder of CSV files, one a table: import all or nothing, and export.

Headers may be the English or the Chinese names; UTF-8, UTF-8 with BOM (as Excel writes it) and
GB18030 are read. Every faulty row is named with file, line, column and reason.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table

from heatward_collector.errors import ImportRefused, RegistryError
from heatward_collector.problems import Problems
from heatward_collector.registry import Counts, Registry, consistency, tables
from heatward_collector.registry.cells import write_cell
from heatward_collector.registry.table_file import SAVE_AS_CSV, read_table

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods", ".et")
"""Tables that nobody has saved as CSV yet."""


class Content(dict[str, list[dict[str, Any]]]):
    """Rows by table, and the place in the files from which each came."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[tuple[str, tuple[Any, ...]], int] = {}

    def place_of(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> str:
        """Return file and line of the first row that is from a file.

        Where all lie in the registry already, the key of the first is named.
        """
        for row in rows:
            line = self.lines.get((table.name, tables.key(table, row)))
            if line is not None:
                return f"{table.name}.csv:{line}"
        return f"{table.name}.csv: {_label(table, rows[0], LOCAL_ZONE)}"


def read_folder(folder: Path, zone: ZoneInfo = LOCAL_ZONE) -> Content:
    """Read every table of a folder. Raises ImportRefused naming every faulty row."""
    if not folder.is_dir():
        raise ImportRefused([f"{folder} 不是文件夹 / is not a folder"])
    known = {table.name: table for table in tables.IMPORTED}
    problems = Problems()
    content = Content()
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv")
    if not files:
        problems.append(f"{folder}: 没有 CSV 文件 / holds no CSV file")
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in WORKBOOKS and path.stem in known:
            problems.append(f"{path.name}: {SAVE_AS_CSV}")
    for path in files:
        table = known.get(path.stem)
        if table is None:
            problems.append(
                f"{path.name}: 没有这样的表 / no such table; 可用 / allowed: {', '.join(known)}"
            )
        elif not problems.full:
            rows = read_table(path, table, zone, problems)
            content[table.name] = [row for _, row in rows]
            content.lines |= {(table.name, tables.key(table, row)): line for line, row in rows}
    problems.refuse()
    return content


def check(content: Content, registry: Registry, exact: bool = False) -> int:
    """Check rows against each other and the registry; return the version that was compared.

    Raises ImportRefused.
    """
    version, held_tables = registry.content()
    after: dict[str, Sequence[Mapping[str, Any]]] = dict(held_tables)
    for table in tables.IMPORTED:
        if table.name in content:
            held = {} if exact else {tables.key(table, row): row for row in after[table.name]}
            held |= {tables.key(table, row): row for row in content[table.name]}
            after[table.name] = list(held.values())
    problems = Problems()
    for table, rows, reason in consistency.faults(after):
        if problems.full:
            break
        problems.append(f"{content.place_of(table, rows)}: {reason}")
    problems.refuse()
    return version


def import_folder(
    registry: Registry, folder: Path, zone: ZoneInfo = LOCAL_ZONE, exact: bool = False
) -> dict[str, Counts]:
    """Take a folder into the registry, all or nothing; return the counts by table."""
    content = read_folder(folder, zone)
    version = check(content, registry, exact)
    return registry.put(content, exact=exact, based_on=version)


def differences(
    registry: Registry, content: Content, zone: ZoneInfo = LOCAL_ZONE, exact: bool = False
) -> Iterator[str]:
    """Yield what an import would do, a line for each row that it adds, changes or removes."""
    for name, rows in content.items():
        table = tables.METADATA.tables[name]
        held = {tables.key(table, row): row for row in registry.rows(name)}
        for row in rows:
            before = held.pop(tables.key(table, row), None)
            if before is None:
                yield f"+ {name} {_label(table, row, zone)}"
            elif before != row:
                changes = ", ".join(_changes(table, before, row, zone))
                yield f"~ {name} {_label(table, row, zone)}: {changes}"
        if exact:
            for row in held.values():
                yield f"- {name} {_label(table, row, zone)}"


def export_folder(
    registry: Registry,
    folder: Path,
    zone: ZoneInfo = LOCAL_ZONE,
    *,
    in_gbk: bool = False,
    chinese_headers: bool = False,
) -> None:
    """Write every table as CSV with a BOM, so that a double click opens it right.

    ``in_gbk`` is for older programs. Raises RegistryError where a text has no place in GBK.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _, content = registry.content()
    encoding = "gbk" if in_gbk else "utf-8-sig"
    for table in tables.IMPORTED:
        columns, path = list(table.columns), folder / f"{table.name}.csv"
        try:
            with path.open("w", encoding=encoding, newline="") as file:
                writer = csv.writer(file)
                writer.writerow([c.info["zh"] if chinese_headers else c.name for c in columns])
                for row in content[table.name]:
                    writer.writerow([write_cell(c, row[c.name], zone) for c in columns])
        except UnicodeEncodeError as error:
            raise RegistryError(
                f"{path.name}: {error.object[error.start : error.end]!r} 不在 GBK 中，"
                f"请导出 UTF-8 / is not in GBK; export UTF-8 instead"
            ) from error


def _changes(
    table: Table, before: Mapping[str, Any], after: Mapping[str, Any], zone: ZoneInfo
) -> Iterator[str]:
    for column in table.columns:
        if before[column.name] != after[column.name]:
            old, new = (write_cell(column, row[column.name], zone) for row in (before, after))
            yield f"{column.name} ({column.info['zh']}) {old or '-'} → {new or '-'}"


def _label(table: Table, row: Mapping[str, Any], zone: ZoneInfo) -> str:
    return " ".join(write_cell(column, row[column.name], zone) for column in table.primary_key)
