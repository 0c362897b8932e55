"""An edit of one table within a transaction: new, changed and gone rows, and what they touch.

Verdicts and points that depend on what was edited are queued in the edit's own transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, and_, select, tuple_

from heatward_collector.registry import tables
from heatward_collector.registry.dated import FOR_EVER

Row = Mapping[str, Any]
Key = tuple[Any, ...]
MOVES_READINGS = frozenset({"assignment", "calibration"})
CONCERNS_VERDICTS = frozenset({"placement", "suspension"})
"""Tables whose edits move no reading, only verdicts."""
CONCERNS_VERDICTS_LATER = frozenset({"room", "home", "stairwell", "node"})
"""The same, but a new row concerns nobody: nothing was measured there before."""
KEYS_AT_ONCE = 500
"""So many rows are looked up by one question."""


class Counts(NamedTuple):
    """How many rows of a table an edit adds, changes and removes."""

    new: int = 0
    changed: int = 0
    removed: int = 0


def all_rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    """Return a table in the order of its key."""
    names = [column.name for column in table.columns]
    # A city has a third of a million rows: making mappings of them first takes twice as long.
    found = [dict(zip(names, row, strict=True)) for row in connection.execute(select(table))]
    # Not ORDER BY: PostgreSQL would sort texts by the rules of its locale.
    return sorted(found, key=itemgetter(*(column.name for column in table.primary_key)))


def same_rows(connection: Connection, name: str, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the rows of a table that have the keys of others, as the database holds them."""
    table = tables.METADATA.tables[name]
    names = [column.name for column in table.columns]
    wanted = list(set(map(tables.key_of(table), rows)))
    return [
        dict(zip(names, row, strict=True))
        for first in range(0, len(wanted), KEYS_AT_ONCE)
        for row in connection.execute(
            select(table).where(is_among(table, wanted[first : first + KEYS_AT_ONCE]))
        )
    ]


def is_among(table: Table, keys: Sequence[Key]) -> Any:
    """Return the condition of having one of some keys, which an index answers."""
    columns = list(table.primary_key)
    if len(columns) == 1:
        return columns[0].in_([part for (part,) in keys])
    # SQLite looks through the whole table for a row value; the first column leads it to the index.
    return and_(columns[0].in_({key[0] for key in keys}), tuple_(*columns).in_(keys))


def put_rows(connection: Connection, table: Table, rows: Sequence[Row], exact: bool) -> Counts:
    """Insert or replace rows by their keys; with ``exact`` the table loses every other one."""
    known = all_rows(connection, table) if exact else same_rows(connection, table.name, rows)
    names = [column.name for column in table.columns]
    key = tables.key_of(table)
    held = {key(row): row for row in known}
    wanted = {key(row): {name: row.get(name) for name in names} for row in rows}
    new = [row for one, row in wanted.items() if one not in held]
    changed = [one for one, row in wanted.items() if one in held and held[one] != row]
    removed = [one for one in held if exact and one not in wanted]
    if new:
        connection.execute(table.insert(), new)
    for one in changed:
        connection.execute(table.update().where(_is(table, one)).values(wanted[one]))
    for one in removed:
        connection.execute(table.delete().where(_is(table, one)))
    doubts = _doubts(table.name, new, added=True)
    doubts += _doubts(table.name, [row for one in changed for row in (held[one], wanted[one])])
    doubts += _doubts(table.name, [held[one] for one in removed])
    if doubts:
        connection.execute(tables.change.insert(), doubts)
    return Counts(len(new), len(changed), len(removed))


def _is(table: Table, key: Key) -> Any:
    return and_(*(column == part for column, part in zip(table.primary_key, key, strict=True)))


def _doubts(name: str, rows: Sequence[Row], added: bool = False) -> list[dict[str, Any]]:
    """Return what an edit makes doubtful, to be queued in the edit's own transaction."""
    if name in MOVES_READINGS:
        return [
            {
                "sensor": row["sensor"],
                "from_s": row["from_s"],
                "to_s": FOR_EVER if row.get("to_s") is None else row["to_s"],
                "reason": name,
            }
            for row in rows
        ]
    if name not in CONCERNS_VERDICTS and (added or name not in CONCERNS_VERDICTS_LATER):
        return []
    starts = {row.get("from_s") or _midnight(row.get("from_day")) for row in rows}
    return [
        {"sensor": None, "from_s": start, "to_s": FOR_EVER, "reason": name}
        for start in sorted(starts)[:1]
    ]


def _midnight(day: date | None) -> int:
    """Return a time safely before a local day begins anywhere; 0 where no day is known."""
    if day is None:
        return 0
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) - 86_400
