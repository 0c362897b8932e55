"""The cases behind the registry's database; every change is one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Connection, and_, func, or_, select

from heatward_collector.alerts.tables import METADATA as OUTBOX
from heatward_collector.cases import tables
from heatward_collector.conclusions.frozen_values import decode, encode
from heatward_collector.core.cases import Case, Event, What, after, of_history, opened
from heatward_collector.errors import CaseRefused
from heatward_collector.registry.database import Database

_Key = TypeVar("_Key", int, str)
_AT_ONCE = 500
"""So many cases are named in one query."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How many cases there are."""

    opened: int
    notified: int
    """Those of which somebody was ever told."""
    closed: int
    """Those that are closed now; merged ones are not counted, they go on in another."""
    merged: int
    still_open: int


class CaseChange:
    """One transaction: cases read in it are those that are changed."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def case(self, number: int) -> Case | None:
        """Return a case, None where there is none."""
        found = _cases(self.connection, [number])
        return found[0] if found else None

    def current(self, since_s: int) -> list[Case]:
        """Return the live cases, and all that changed since a time, by number."""
        table = tables.heat_case
        wanted = or_(table.c.is_live, table.c.changed_s >= since_s)
        return _cases(self.connection, _numbers(self.connection, wanted))

    def holders(
        self, signs: Sequence[str], is_own: Callable[[Case], bool] | None = None
    ) -> dict[str, int]:
        """Return the newest case that knows each sign, however long it is closed.

        With ``is_own``, the newest of those of which it is true.
        """
        table, pairs = tables.case_event, set()
        for some in _parts(list(signs)):
            query = select(table.c.sign, table.c.case_number).where(table.c.sign.in_(some))
            rows = self.connection.execute(query.distinct())
            pairs |= {(row.sign, row.case_number) for row in rows}
        if is_own is not None:
            numbers = sorted({number for _, number in pairs})
            own = {case.number for case in _cases(self.connection, numbers) if is_own(case)}
            pairs = {pair for pair in pairs if pair[1] in own}
        return dict(sorted(pairs))

    def open(self, event: Event) -> Case:
        """Open a case under the next number."""
        newest = self.connection.execute(select(func.max(tables.heat_case.c.number))).scalar()
        case = opened((newest or 0) + 1, event)
        self.connection.execute(tables.heat_case.insert(), [_row(case)])
        self._write(case)
        return case

    def record(self, number: int, event: Event) -> Case:
        """Let something happen to a case, at the earliest when the last thing did.

        Raises
        ------
        CaseRefused
            If there is no such case.
        heatward_collector.core.cases.Refused
            If it cannot happen to it.
        """
        before = self.case(number)
        if before is None:
            raise CaseRefused(f"没有案件 / there is no case {number}")
        # A clock that was put back must not make a history run backwards.
        case = after(before, replace(event, at_s=max(event.at_s, before.changed_s)))
        self.connection.execute(
            tables.heat_case.update().where(tables.heat_case.c.number == number).values(_row(case))
        )
        self._write(case)
        return case

    def keep_basis(self, case: Case, content: bytes) -> None:
        """Keep what registry and rules say while a case is opened or reopened."""
        row = {
            "case_number": case.number,
            "position": len(case.history) - 1,
            "at_s": case.changed_s,
            "content": content,
        }
        self.connection.execute(tables.case_basis.insert(), [row])

    def mark(self, key: str) -> str | None:
        """Return what was noted under a key."""
        query = select(tables.mark.c.value).where(tables.mark.c.key == key)
        return self.connection.execute(query).scalar()

    def set_mark(self, key: str, value: str) -> None:
        """Note something under a key."""
        self.connection.execute(tables.mark.delete().where(tables.mark.c.key == key))
        self.connection.execute(tables.mark.insert(), [{"key": key, "value": value}])

    def _write(self, case: Case) -> None:
        event = case.history[-1]
        row = {
            "case_number": case.number,
            "position": len(case.history) - 1,
            "at_s": event.at_s,
            "what": event.what.value,
            "by": event.by,
            "sign": event.sign,
            "event": json.dumps(encode(event, []), ensure_ascii=False, separators=(",", ":")),
        }
        self.connection.execute(tables.case_event.insert(), [row])


class CaseStore:
    """The cases in a database that others use too; any number of readers, one change at a time."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.edit() as connection:
            tables.METADATA.create_all(connection)
            OUTBOX.create_all(connection)  # no change without its messages

    @contextmanager
    def change(self) -> Iterator[CaseChange]:
        """Change cases, and tables of other rooms with them, all or nothing."""
        with self.database.edit() as connection:
            yield CaseChange(connection)

    def case(self, number: int) -> Case | None:
        """Return a case, None where there is none."""
        with self.database.snapshot() as connection:
            return CaseChange(connection).case(number)

    def cases(
        self, first_s: int | None = None, end_s: int | None = None, live_only: bool = False
    ) -> list[Case]:
        """Return the cases that were opened in [first, end), by number; all without bounds."""
        table, wanted = tables.heat_case, []
        if first_s is not None:
            wanted.append(table.c.opened_s >= first_s)
        if end_s is not None:
            wanted.append(table.c.opened_s < end_s)
        if live_only:
            wanted.append(table.c.is_live)
        with self.database.snapshot() as connection:
            return _cases(connection, _numbers(connection, and_(True, *wanted)))

    def current(self, since_s: int) -> list[Case]:
        """Return the live cases, and all that changed since a time, by number."""
        with self.database.snapshot() as connection:
            return CaseChange(connection).current(since_s)

    def basis(self, number: int) -> list[tuple[int, bytes]]:
        """Return what registry and rules said at each opening of a case: (when, content)."""
        table = tables.case_basis
        query = select(table.c.at_s, table.c.content).where(table.c.case_number == number)
        with self.database.snapshot() as connection:
            rows = connection.execute(query.order_by(table.c.position))
            return [(row.at_s, bytes(row.content)) for row in rows]

    def figures(self) -> Figures:
        """Count the cases."""
        table, events = tables.heat_case, tables.case_event
        told = select(func.count(func.distinct(events.c.case_number))).where(
            events.c.what == What.NOTIFIED.value
        )
        with self.database.snapshot() as connection:
            states = connection.execute(select(table.c.state, func.count()).group_by(table.c.state))
            counts: dict[str, int] = {state: count for state, count in states}
            notified = int(connection.execute(told).scalar_one())
        ended = counts.get("closed", 0), counts.get("merged", 0)
        total = sum(counts.values())
        return Figures(total, notified, *ended, total - sum(ended))

    def mark(self, key: str) -> str | None:
        """Return what was noted under a key."""
        with self.database.snapshot() as connection:
            return CaseChange(connection).mark(key)


def _numbers(connection: Connection, wanted: Any) -> list[int]:
    query = select(tables.heat_case.c.number).where(wanted).order_by(tables.heat_case.c.number)
    return [row.number for row in connection.execute(query)]


def _cases(connection: Connection, numbers: Sequence[int]) -> list[Case]:
    histories: dict[int, list[Event]] = {}
    table = tables.case_event
    for some in _parts(numbers):
        query = select(table.c.case_number, table.c.event).where(table.c.case_number.in_(some))
        for row in connection.execute(query.order_by(table.c.case_number, table.c.position)):
            event: Event = decode(Event, json.loads(row.event))
            histories.setdefault(row.case_number, []).append(event)
    return [of_history(number, history) for number, history in histories.items()]


def _parts(numbers: Sequence[_Key]) -> Iterable[Sequence[_Key]]:
    return (numbers[first : first + _AT_ONCE] for first in range(0, len(numbers), _AT_ONCE))


def _row(case: Case) -> dict[str, Any]:
    return {
        "number": case.number,
        "family": case.family.value,
        "kind": case.kind.value,
        "level": case.where.level.value,
        "place": case.where.id,
        "state": case.state.value,
        "is_live": case.is_live,
        "opened_s": case.opened_s,
        "changed_s": case.changed_s,
    }
