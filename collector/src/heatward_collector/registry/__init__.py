"""Places, heat network, people and sensors: who measures where, since when.

SQLite in the state folder by default, PostgreSQL by URL. Every edit is one transaction with the
changes it causes, so that nothing that depends on it is forgotten after a crash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy import update as sql_update
from sqlalchemy.exc import SQLAlchemyError

from heatward_collector.config import Config, read_secret
from heatward_collector.errors import RegistryError
from heatward_collector.registry import tables
from heatward_collector.registry.directory import FOR_EVER, Change, Directory, sensor_number

__all__ = ["Change", "Directory", "Registry", "open_registry", "sensor_number"]

Row = Mapping[str, Any]
KEEPS_PROJECTION = frozenset({"placement", "suspension", "room", "home"})
"""Tables whose edits move no reading, only verdicts."""


class Registry:
    """The registry behind a database URL; creates its tables where they are missing."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        try:
            tables.METADATA.create_all(self.engine)
            with self.engine.begin() as connection:
                _check_schema(connection)
        except SQLAlchemyError as error:
            raise RegistryError(
                f"the registry {make_url(url).render_as_string()} cannot be opened: {error}"
            ) from error

    def version(self) -> int:
        """Return a number that grows with every edit."""
        with self.engine.connect() as connection:
            return _version(connection)

    def nodes(self) -> frozenset[tuple[str, str]]:
        """Return every (district, node)."""
        query = select(tables.node.c.district, tables.node.c.id)
        with self.engine.connect() as connection:
            return frozenset((row.district, row.id) for row in connection.execute(query))

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return a table in the order of its key."""
        table = tables.METADATA.tables[name]
        query = select(table).order_by(*table.primary_key.columns)
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def directory(self) -> Directory:
        """Return an immutable snapshot of everything."""
        with self.engine.connect() as connection:
            version = _version(connection)
            content = {
                table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
                for table in tables.IMPORTED
            }
        return Directory(version, content)

    def put(self, content: Mapping[str, Sequence[Row]]) -> dict[str, tuple[int, int]]:
        """Insert or replace rows by their keys, all or none; return (new, changed) by table.

        The rows must have been checked (:mod:`heatward_collector.registry.importing`).
        """
        counts = {}
        with self.engine.begin() as connection:
            for table in tables.IMPORTED:
                if table.name in content:
                    counts[table.name] = _put(connection, table.name, content[table.name])
            if any(new or changed for new, changed in counts.values()):
                connection.execute(
                    sql_update(tables.meta)
                    .where(tables.meta.c.key == "version")
                    .values(value=str(_version(connection) + 1))
                )
        return counts

    def changes_after(self, number: int) -> list[Change]:
        """Return the changes with a higher number, oldest first."""
        table = tables.change
        query = select(table).where(table.c.id > number).order_by(table.c.id)
        with self.engine.connect() as connection:
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
        with self.engine.connect() as connection:
            return connection.execute(select(func.max(tables.change.c.id))).scalar() or 0


def open_registry(config: Config) -> Registry:
    """Open the registry that a configuration names."""
    if config.registry.embedded:
        config.state.directory.mkdir(parents=True, exist_ok=True)
        return Registry(f"sqlite:///{config.state.directory / 'registry.sqlite'}")
    url = make_url(config.registry.url)
    secret = read_secret(config.registry.password_file)
    return Registry(
        (url.set(password=secret) if secret else url).render_as_string(hide_password=False)
    )


def _engine(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _prepare(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA busy_timeout = 10000")

    return engine


def _check_schema(connection: Connection) -> None:
    known = dict(connection.execute(select(tables.meta.c.key, tables.meta.c.value)).all())
    if not known:
        rows = {"schema": str(tables.SCHEMA_VERSION), "version": "1"}
        connection.execute(
            tables.meta.insert(), [{"key": key, "value": value} for key, value in rows.items()]
        )
    elif known.get("schema") != str(tables.SCHEMA_VERSION):
        raise RegistryError(
            f"the registry has schema {known.get('schema')}, this program knows "
            f"{tables.SCHEMA_VERSION}; use the version of heatward that made it, or export there "
            f"and import here"
        )


def _version(connection: Connection) -> int:
    query = select(tables.meta.c.value).where(tables.meta.c.key == "version")
    return int(connection.execute(query).scalar_one())


def _put(connection: Connection, name: str, rows: Sequence[Row]) -> tuple[int, int]:
    table = tables.METADATA.tables[name]
    keys = [column.name for column in table.primary_key.columns]
    held = {
        tuple(row[key] for key in keys): dict(row)
        for row in connection.execute(select(table)).mappings()
    }
    new = changed = 0
    for row in rows:
        full = {column.name: row.get(column.name) for column in table.columns}
        before = held.get(tuple(full[key] for key in keys))
        if before == full:
            continue
        if before is None:
            connection.execute(table.insert().values(full))
            new += 1
        else:
            match = [table.c[key] == full[key] for key in keys]
            connection.execute(table.update().where(*match).values(full))
            changed += 1
        for old_or_new in (before, full):
            if old_or_new is not None:
                _note_change(connection, name, old_or_new)
    return new, changed


def _note_change(connection: Connection, name: str, row: Row) -> None:
    """Queue what an edit makes doubtful, in the edit's own transaction."""
    if name in ("assignment", "calibration"):
        start, end = row["from_s"], row.get("to_s") or FOR_EVER
        values = {"sensor": row["sensor"], "from_s": start, "to_s": end, "reason": name}
    elif name in KEEPS_PROJECTION:
        start = row.get("from_s") or _midnight(row.get("from_day"))
        values = {"sensor": None, "from_s": start, "to_s": FOR_EVER, "reason": name}
    else:
        return
    connection.execute(tables.change.insert().values(values))


def _midnight(day: date | None) -> int:
    """Return a time safely before a local day begins anywhere; 0 where no day is known."""
    if day is None:
        return 0
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) - 86_400
