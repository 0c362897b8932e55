"""The registry's database: how it is opened, locked for an edit, and checked for its schema."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from heatward_collector.errors import RegistryError
from heatward_collector.registry import tables
from heatward_collector.registry.seat import Seat
from heatward_collector.registry.upgrade import OLDEST, bring_up
from heatward_collector.registry.versions import mark_tables

BUSY_TIMEOUT_MS = 10_000
"""How long an edit waits for the one before it. [ms]"""
WAL_RETRY_S = 0.01
_EDIT_LOCK = 0x4845_4154
"""One number for the whole registry: PostgreSQL lets one transaction hold it."""


class Database:
    """Snapshots to read, and one edit at a time, on SQLite and PostgreSQL alike."""

    def __init__(self, url: str, folder: Path | None = None) -> None:
        """Open a database; what is read of it and large is laid aside in ``folder``.

        Where none is given, that is beside the file of an SQLite database.
        """
        self._engine = _engine(url)
        path = self._engine.url.database
        is_file = self._engine.dialect.name == "sqlite" and path not in (None, "", ":memory:")
        self.folder = Path(str(path)).parent if folder is None and is_file else folder
        with self.edit() as connection:
            tables.METADATA.create_all(connection)
            _check_schema(connection)
            mark_tables(connection)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Read everything as it stood at one moment."""
        with self._expecting_refusal(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def edit(self) -> Iterator[Connection]:
        """Change the registry in one transaction, alone: edits and their numbers come in order."""
        options: dict[str, Any] = {"edits": True}
        is_server = self._engine.dialect.name == "postgresql"
        if is_server:
            # A repeatable read would go on from what it saw before it waited for the lock.
            options["isolation_level"] = "READ COMMITTED"
        with self._expecting_refusal(), self._engine.connect() as plain:
            connection = plain.execution_options(**options)
            with connection.begin():
                if is_server:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _EDIT_LOCK})
                yield connection

    def seat(self, number: int) -> Seat:
        """Return a place that one process of all that share this database may hold."""
        return Seat(self._engine, number)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def _expecting_refusal(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise RegistryError(
                f"登记表的数据库没有照办 / the database of the registry, {self._engine.url!r}, did "
                f"not do what it was asked to: {str(error.orig).strip()}"
            ) from error


def _engine(url: str) -> Engine:
    try:
        address = make_url(url)
        if address.drivername == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        if address.get_backend_name() == "sqlite":
            engine = create_engine(address)
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        return create_engine(address, isolation_level="REPEATABLE READ", pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise RegistryError(
            f"PostgreSQL 需要另装一个包 / needs one more package ({error.name}): "
            f"pip install 'heatward-collector[postgresql]'"
        ) from error
    except ArgumentError as error:
        raise RegistryError(f"[registry] url: {error}") from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own idea of transactions would read each table at another moment.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            # Two that turn a new file into WAL at once do not wait for each other.
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(WAL_RETRY_S)


def _begin_sqlite(connection: Connection) -> None:
    edits = connection.get_execution_options().get("edits")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if edits else "BEGIN")


def _check_schema(connection: Connection) -> None:
    known = {row.key: row.value for row in connection.execute(select(tables.meta))}
    if not known:
        rows = {"schema": str(tables.SCHEMA_VERSION), "version": "1"}
        connection.execute(
            tables.meta.insert(), [{"key": key, "value": value} for key, value in rows.items()]
        )
        return
    held = known.get("schema", "")
    if held == str(tables.SCHEMA_VERSION):
        return
    if not held.isdigit() or not OLDEST <= int(held) < tables.SCHEMA_VERSION:
        raise RegistryError(
            f"登记表的版本是 {held}，来自更新的程序，本程序只认识 {tables.SCHEMA_VERSION}；"
            f"请装新的 / the registry has schema {held}, of a newer program; this one knows "
            f"{tables.SCHEMA_VERSION}: install the newer one"
        )
    bring_up(connection)
    connection.execute(
        tables.meta.update()
        .where(tables.meta.c.key == "schema")
        .values(value=str(tables.SCHEMA_VERSION))
    )
