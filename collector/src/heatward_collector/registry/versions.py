"""Which edit was the last: of the whole registry, and of every table of it.

Edits are numbered. A number may come again with other rows, where a backup is restored and somebody
goes on from it; so an edit of a large table also gives that a mark, which never comes again.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, Table, Update, select
from sqlalchemy import update as sql_update

from heatward_collector.registry import tables

MARKED = frozenset({"stairwell", "building", "home", "room", "node"}) | frozenset(
    {"assignment", "calibration", "placement"}
)
"""Tables that grow with the rooms; none says anything about people."""
_LAST_EDIT, _MARK = "edited:", "mark:"
"""Begin the keys under which the last edit of every table, and its mark, are noted."""
_MARK_BYTES = 12
_VERSION = select(tables.meta.c.value).where(tables.meta.c.key == "version")
"""Every answer asks it a few times, and to compose it costs more than to run it."""


def version_of(connection: Connection) -> int:
    """Return the number of the last edit."""
    return int(connection.execute(_VERSION).scalar_one())


def raise_version(connection: Connection, version: int, edited: Sequence[str] = ()) -> None:
    """Count an edit, and note of every table that it touched which edit was its last."""
    new = str(version + 1)
    connection.execute(_set("version", new))
    for name in edited:
        _put(connection, _LAST_EDIT + name, new)
    _mark(connection, MARKED.intersection(edited), {name: version + 1 for name in edited})


def edited_since(connection: Connection, version: int) -> list[Table]:
    """Return the tables that were edited after a version."""
    last = _last_edits(_held(connection))
    return [one for one in tables.IMPORTED if last[one.name] > version]


def mark_of(connection: Connection, name: str) -> str | None:
    """Return the mark of a table's rows as they are now, None where it has none."""
    held = _held(connection)
    mark = held.get(_MARK + name)
    return mark if _is_of(mark, _last_edits(held)[name]) else None


def mark_tables(connection: Connection) -> None:
    """Give every large table a mark that has none of its last edit: an older program gives none."""
    held = _held(connection)
    last = _last_edits(held)
    missing = [name for name in MARKED if not _is_of(held.get(_MARK + name), last[name])]
    _mark(connection, missing, last)


def _mark(connection: Connection, names: Collection[str], last: dict[str, int]) -> None:
    for name in names:
        _put(connection, _MARK + name, f"{last[name]}:{secrets.token_hex(_MARK_BYTES)}")


def _is_of(mark: str | None, edit: int) -> bool:
    return mark is not None and mark.startswith(f"{edit}:")


def _held(connection: Connection) -> dict[str, str]:
    return {row.key: row.value for row in connection.execute(select(tables.meta))}


def _last_edits(held: dict[str, str]) -> dict[str, int]:
    return {one.name: int(held.get(_LAST_EDIT + one.name, "0")) for one in tables.IMPORTED}


def _put(connection: Connection, key: str, value: str) -> None:
    if not connection.execute(_set(key, value)).rowcount:
        connection.execute(tables.meta.insert(), [{"key": key, "value": value}])


def _set(key: str, value: str) -> Update:
    return sql_update(tables.meta).where(tables.meta.c.key == key).values(value=value)
