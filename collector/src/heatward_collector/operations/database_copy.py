"""The database of registry, accounts, cases and messages as one file, and back again.

The file knows neither SQLite nor PostgreSQL: what was copied from one can be put into the other.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import zstandard
from sqlalchemy import Connection, Date, LargeBinary, MetaData, Table, func, inspect, select, text

from heatward_collector.accounts import tables as account_tables
from heatward_collector.alerts import tables as message_tables
from heatward_collector.cases import tables as case_tables
from heatward_collector.complaints import remembered as complaint_tables
from heatward_collector.errors import HeatwardError
from heatward_collector.registry import tables as registry_tables
from heatward_collector.registry.database import Database

ROOMS = (registry_tables, account_tables, case_tables, message_tables, complaint_tables)
"""Every module that keeps tables in the database, those that others refer to first."""
ROWS_AT_ONCE = 1_000


def copy_out(database: Database, place: Path) -> int:
    """Write every row to a file, all as they stood at one moment; return how many.

    Raises RegistryError where the database cannot be read, OSError where the file cannot be.
    """
    rows = 0
    compressor = zstandard.ZstdCompressor(level=6, write_checksum=True)
    with (
        database.snapshot() as connection,
        place.open("wb") as file,
        compressor.stream_writer(file) as packed,
    ):
        for table in _tables_in(connection):
            columns = [column.name for column in table.columns]
            packed.write(_line({"table": table.name, "columns": columns}))
            for row in connection.execute(select(table)):
                packed.write(_line([_plain(value) for value in row]))
                rows += 1
    return rows


def copy_in(database: Database, place: Path) -> int:
    """Put the rows of a file into a database that holds none; return how many.

    Raises HeatwardError where there are rows already, or where the file is of a newer program.
    """
    refuse_filled(database)
    rows = 0
    with database.edit() as connection:
        for room in ROOMS:
            room.METADATA.create_all(connection)
        tables = {table.name: table for table in _tables_in(connection)}
        connection.execute(registry_tables.meta.delete())
        for name, columns, lines in _sections(place):
            table = _known(tables, name, columns)
            rows += _insert(connection, table, columns, lines)
        _go_on_counting(connection, tables)
    return rows


def refuse_filled(database: Database) -> None:
    """Raise HeatwardError where a database holds anything of ours."""
    with database.snapshot() as connection:
        for table in _tables_in(connection):
            if table.name == registry_tables.meta.name:
                continue
            if connection.execute(select(func.count()).select_from(table)).scalar():
                raise HeatwardError(
                    f"数据库里已有数据（{table.name}），不能覆盖；请换一个空的 / the database "
                    f"holds rows already ({table.name}) and stays as it is; name an empty one"
                )


def _tables_in(connection: Connection) -> list[Table]:
    """Return the tables of our rooms that are there, parents first, as the database has them."""
    ours = {name: room for room in ROOMS for name in room.METADATA.tables}
    there = set(inspect(connection).get_table_names())
    found = MetaData()
    found.reflect(connection, only=[name for name in ours if name in there])
    return [table for table in found.sorted_tables if table.name in ours]


def _known(tables: dict[str, Table], name: str, columns: list[str]) -> Table:
    table = tables.get(name)
    unknown = [] if table is None else [one for one in columns if one not in table.columns]
    if table is None or unknown:
        raise HeatwardError(
            f"备份来自更新的程序：{name} {' '.join(unknown)} / the backup is of a newer program, "
            f"which knows {name} {' '.join(unknown)}: install that one"
        )
    return table


def _insert(
    connection: Connection, table: Table, columns: list[str], lines: Iterator[list[Any]]
) -> int:
    readers = [_reader_of(table, name) for name in columns]
    count, waiting = 0, []
    for line in lines:
        values = [read(value) for read, value in zip(readers, line, strict=True)]
        waiting.append(dict(zip(columns, values, strict=True)))
        if len(waiting) == ROWS_AT_ONCE:
            connection.execute(table.insert(), waiting)
            count, waiting = count + len(waiting), []
    if waiting:
        connection.execute(table.insert(), waiting)
    return count + len(waiting)


def _go_on_counting(connection: Connection, tables: dict[str, Table]) -> None:
    """Let PostgreSQL number new rows after those that came with their numbers."""
    if connection.dialect.name != "postgresql":
        return
    for room in ROOMS:
        for table in room.METADATA.tables.values():
            column = table.autoincrement_column
            if column is None or table.name not in tables:
                continue
            named = {"table": f'"{table.name}"', "column": column.name}
            newest = connection.execute(select(func.max(column))).scalar()
            counted = connection.execute(
                text("SELECT pg_get_serial_sequence(:table, :column)"), named
            ).scalar()
            if newest is not None and counted is not None:
                connection.execute(text("SELECT setval(:name, :n)"), {"name": counted, "n": newest})


def _sections(place: Path) -> Iterator[tuple[str, list[str], Iterator[list[Any]]]]:
    """Yield name, columns and rows of each table of a file."""
    lines = iter(_lines(place))
    ahead: list[Any] = [next(lines, None)]

    def rows() -> Iterator[list[Any]]:
        for line in lines:
            if isinstance(line, dict):
                ahead[0] = line
                return
            yield line
        ahead[0] = None

    while ahead[0] is not None:
        head = ahead[0]
        yield str(head["table"]), list(head["columns"]), rows()


def _lines(place: Path) -> Iterator[Any]:
    with place.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as packed:
        for line in io.TextIOWrapper(packed, encoding="utf-8"):
            yield json.loads(line)


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode("ascii")
    return value.isoformat() if isinstance(value, date) else value


def _reader_of(table: Table, column: str) -> Any:
    kind = table.columns[column].type
    if isinstance(kind, Date):
        return lambda value: None if value is None else date.fromisoformat(value)
    if isinstance(kind, LargeBinary):
        return lambda value: None if value is None else base64.b64decode(value)
    return lambda value: value
