"""Places, heat network, people and sensors: who measures where, since when.

SQLite in the state folder by default, PostgreSQL by URL. Every edit is one transaction with the
changes it causes, so that nothing that depends on it is forgotten after a crash.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, String, Table, func, make_url, select

from heatward_collector.config import Config, read_secret
from heatward_collector.errors import RegistryError
from heatward_collector.registry import tables
from heatward_collector.registry.database import Database
from heatward_collector.registry.dated import FOR_EVER, sensor_number
from heatward_collector.registry.directory import Change, Directory
from heatward_collector.registry.packed import AT_ONCE
from heatward_collector.registry.packed_rows import PackedRows
from heatward_collector.registry.table_copies import TableCopies
from heatward_collector.registry.table_edit import Counts, Row, all_rows, put_rows, same_rows
from heatward_collector.registry.versions import (
    edited_since,
    mark_of,
    raise_version,
    version_of,
)

__all__ = ["Change", "Counts", "Directory", "Registry", "open_registry", "sensor_number"]

Content = tuple[int, dict[str, PackedRows]]
"""A version and every imported table."""
FEW_ROWS = 50
"""An edit of so many is taken over into a snapshot; after a larger one its tables are read."""


class Registry:
    """The registry behind a database URL; creates its tables where they are missing."""

    def __init__(self, url: str, folder: Path | None = None) -> None:
        """Open a registry; what a process holds of a large one is laid aside in ``folder``.

        Copies of large tables lie there too. Where none is given, that is beside the file of an
        SQLite database.
        """
        self._database = Database(url, folder)
        self._copies = TableCopies(self._database.folder)
        self._newest: Directory | None = None
        self._reading = threading.Lock()

    def version(self) -> int:
        """Return a number that grows with every edit."""
        with self._database.snapshot() as connection:
            return version_of(connection)

    def nodes(self) -> frozenset[tuple[str, str]]:
        """Return every (district, node)."""
        query = select(tables.node.c.district, tables.node.c.id)
        with self._database.snapshot() as connection:
            return frozenset((row.district, row.id) for row in connection.execute(query))

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return a table in the order of its key."""
        with self._database.snapshot() as connection:
            return all_rows(connection, tables.METADATA.tables[name])

    def table(self, name: str) -> PackedRows:
        """Return a table in the order of its key; its rows are made when they are asked for."""
        with self._database.snapshot() as connection:
            return self._packed(connection, tables.METADATA.tables[name])

    def content(self, before: Content | None = None) -> Content:
        """Return the version and every imported table, all at the same moment.

        Rows come in the order of their keys and are made when they are asked for. Tables that
        nobody has edited since ``before`` are those of it.
        """
        with self._database.snapshot() as connection:
            version, held = version_of(connection), self._newest
            if held is not None and held.version == version:
                return version, {one.name: held.rows(one.name) for one in tables.IMPORTED}
            if before is None or before[0] > version:
                return version, {one.name: self._packed(connection, one) for one in tables.IMPORTED}
            edited = edited_since(connection, before[0])
            newer = {one.name: self._packed(connection, one) for one in edited}
            return version, {**before[1], **newer}

    def directory(self) -> Directory:
        """Return an immutable snapshot of everything; the same one until somebody edits."""
        with self._reading:
            if self._newest is None or self._newest.version != self.version():
                self._newest = self._read(self._newest)
                # Whoever laid it out read all of it; who looks up readings needs little of that.
                self._newest.let_go()
            return self._newest

    def _read(self, held: Directory | None) -> Directory:
        """Return the newest snapshot; of a city only the tables that were edited are read again."""
        with self._database.snapshot() as connection:
            version = version_of(connection)
            if held is not None and held.version < version:
                edited = edited_since(connection, held.version)
                newer = {one.name: self._packed(connection, one) for one in edited}
                return held.renewed(version, newer)
        return Directory(*self.content())

    def _packed(self, connection: Connection, table: Table) -> PackedRows:
        """Return a table without ever holding all of its rows, from a good copy if there is one."""
        mark = mark_of(connection, table.name)
        copy = self._copies.read(table.name, mark)
        return self._copies.keep(self._read_rows(connection, table), mark) if copy is None else copy

    def _read_rows(self, connection: Connection, table: Table) -> PackedRows:
        # PostgreSQL would sort texts by the rules of its locale, and Python does by their letters.
        is_server = connection.dialect.name == "postgresql"
        order = [
            one.collate("C") if is_server and isinstance(one.type, String) else one
            for one in table.primary_key
        ]
        found = connection.execute(
            select(table).order_by(*order), execution_options={"stream_results": True}
        )
        return PackedRows.packed(table.name, found.partitions(AT_ONCE), self._database.folder)

    def put(
        self,
        content: Mapping[str, Sequence[Row]],
        *,
        exact: bool = False,
        based_on: int | None = None,
    ) -> dict[str, Counts]:
        """Insert or replace rows by their keys, all or none; return the counts by table.

        With ``exact`` the tables in ``content`` lose every other row. ``based_on`` is the version
        against which the rows were checked (:mod:`heatward_collector.registry.spreadsheets`): if
        somebody else has edited since, nothing is taken.
        """
        counts, new_rows = {}, {}
        with self._database.edit() as connection:
            version = version_of(connection)
            if based_on is not None and version != based_on:
                raise RegistryError(
                    "登记表刚被别人修改，请重新导入 / somebody else has just edited the registry; "
                    "import again"
                )
            for table in tables.IMPORTED:
                if table.name in content:
                    counts[table.name] = put_rows(connection, table, content[table.name], exact)
            edited = [name for name, count in counts.items() if any(count)]
            if edited:
                raise_version(connection, version, edited)
            if not exact and all(len(content[name]) <= FEW_ROWS for name in edited):
                new_rows = {name: same_rows(connection, name, content[name]) for name in edited}
        if new_rows:
            self._take_over(version, new_rows)
        return counts

    def _take_over(self, version: int, new_rows: Mapping[str, Sequence[Row]]) -> None:
        """Bring the snapshot up to date by an edit of a few rows; any other one is read."""
        with self._reading:
            if self._newest is not None and self._newest.version == version:
                self._newest = self._newest.with_rows(version + 1, new_rows)

    def changes_after(self, number: int) -> list[Change]:
        """Return the changes with a higher number, oldest first."""
        table = tables.change
        query = select(table).where(table.c.id > number).order_by(table.c.id)
        with self._database.snapshot() as connection:
            return [
                Change(
                    row.id,
                    sensor_number(row.sensor) if row.sensor else None,
                    row.from_s,
                    row.to_s,
                    row.reason,
                )
                for row in connection.execute(query)
            ]

    def last_change(self) -> int:
        """Return the number of the newest change, 0 where there is none."""
        with self._database.snapshot() as connection:
            return connection.execute(select(func.max(tables.change.c.id))).scalar() or 0

    @property
    def database(self) -> Database:
        """The database, for other rooms that keep a table of their own in it."""
        return self._database

    def close(self) -> None:
        """Close every connection."""
        self._database.close()


def open_registry(config: Config) -> Registry:
    """Open the registry that a configuration names."""
    if config.registry.embedded:
        config.state.directory.mkdir(parents=True, exist_ok=True)
        return Registry(f"sqlite:///{config.state.directory / 'registry.sqlite'}")
    url = make_url(config.registry.url)
    secret = read_secret(config.registry.password_file)
    return Registry(
        (url.set(password=secret) if secret else url).render_as_string(hide_password=False),
        config.state.directory,
    )


def note_change(connection: Connection, from_s: int, reason: str) -> None:
    """Let verdicts from a time on be looked at again, within an edit of another room's table."""
    row = {"sensor": None, "from_s": from_s, "to_s": FOR_EVER, "reason": reason}
    connection.execute(tables.change.insert(), [row])
    raise_version(connection, version_of(connection))
