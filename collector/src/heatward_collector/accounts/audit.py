"""The audit log: who changed or exported what, when; rows are added, never altered or removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from heatward_collector.accounts.roles import Role, Viewer
from heatward_collector.accounts.tables import audit
from heatward_collector.registry.database import Database

LONGEST = {"action": 100, "target": 200, "address": 64, "name": 100}
"""Longer texts are cut: a log row is no place to store things in. [characters]"""


@dataclass(frozen=True, slots=True)
class Deed:
    """One row of the log."""

    id: int
    time_s: int
    account: str
    role: Role
    name: str
    action: str
    target: str
    address: str


class AuditLog:
    """Notes and lists what people did."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    def note(self, viewer: Viewer, action: str, target: str = "", address: str = "") -> None:
        """Write down what somebody did, before they are told that it is done."""
        row = {
            "time_s": int(self._now()),
            "account": viewer.account,
            "role": viewer.role.value,
            "name": viewer.name[: LONGEST["name"]],
            "action": action[: LONGEST["action"]],
            "target": target[: LONGEST["target"]],
            "address": address[: LONGEST["address"]],
        }
        with self._database.edit() as connection:
            connection.execute(audit.insert(), [row])

    def newest(self, most: int, before: int | None = None, account: str = "") -> list[Deed]:
        """Return the newest rows, newest first; ``before`` is the id to go on from."""
        query = select(audit).order_by(audit.c.id.desc()).limit(most)
        if before is not None:
            query = query.where(audit.c.id < before)
        if account:
            query = query.where(audit.c.account == account)
        with self._database.snapshot() as connection:
            return [
                Deed(
                    row.id,
                    row.time_s,
                    row.account,
                    Role(row.role),
                    row.name,
                    row.action,
                    row.target,
                    row.address,
                )
                for row in connection.execute(query)
            ]
