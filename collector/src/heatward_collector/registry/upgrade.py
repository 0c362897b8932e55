"""A registry of an earlier program, brought up to date where it stands.

Later programs have only added: tables, columns that may be empty, and columns of a key. So nothing
that an older one wrote is lost or read otherwise.
"""

from __future__ import annotations

from sqlalchemy import Connection, Table, inspect, text

from heatward_collector.registry import tables

OLDEST = 1
"""The first schema that was ever used."""


def bring_up(connection: Connection) -> None:
    """Give every table the columns and the key that it has today, keeping its rows."""
    there = set(inspect(connection).get_table_names())
    for table in tables.METADATA.sorted_tables:
        if table.name not in there:
            continue
        if _key_of(connection, table) == [column.name for column in table.primary_key]:
            _add_columns(connection, table)
        else:
            _build_anew(connection, table)


def _key_of(connection: Connection, table: Table) -> list[str]:
    return list(inspect(connection).get_pk_constraint(table.name)["constrained_columns"])


def _columns_of(connection: Connection, name: str) -> list[str]:
    return [column["name"] for column in inspect(connection).get_columns(name)]


def _add_columns(connection: Connection, table: Table) -> None:
    held = set(_columns_of(connection, table.name))
    quoted = connection.dialect.identifier_preparer.quote
    for column in table.columns:
        if column.name not in held:
            kind = column.type.compile(connection.dialect)
            name = f"{quoted(table.name)} ADD COLUMN {quoted(column.name)}"
            connection.execute(text(f"ALTER TABLE {name} {kind}"))


def _build_anew(connection: Connection, table: Table) -> None:
    """Copy the rows into a table with today's key: a key cannot be altered everywhere."""
    quoted = connection.dialect.identifier_preparer.quote
    name, old = quoted(table.name), quoted(f"{table.name}_before")
    held = set(_columns_of(connection, table.name))
    columns = ", ".join(quoted(column.name) for column in table.columns if column.name in held)
    kept = _key_name(connection, table)
    connection.execute(text(f"ALTER TABLE {name} RENAME TO {old}"))
    if kept is not None and connection.dialect.name == "postgresql":
        # The name of a key stays when its table is renamed, and is wanted again.
        connection.execute(text(f"ALTER TABLE {old} DROP CONSTRAINT {quoted(kept)}"))
    table.create(connection)
    connection.execute(text(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {old}"))
    connection.execute(text(f"DROP TABLE {old}"))


def _key_name(connection: Connection, table: Table) -> str | None:
    return inspect(connection).get_pk_constraint(table.name)["name"]
