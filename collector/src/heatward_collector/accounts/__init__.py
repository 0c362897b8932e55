"""Who may do what: people's accounts, roles with their scope, sessions, tokens, the audit log."""

from __future__ import annotations

from collections.abc import Callable

from heatward_collector.accounts.attempts import Attempts
from heatward_collector.accounts.audit import AuditLog, Deed
from heatward_collector.accounts.people import People, Person
from heatward_collector.accounts.reach import Reach
from heatward_collector.accounts.roles import SCOPES, Role, Viewer
from heatward_collector.accounts.sessions import Sessions
from heatward_collector.accounts.tables import prepare
from heatward_collector.registry import Registry

__all__ = [
    "SCOPES",
    "Accounts",
    "Attempts",
    "AuditLog",
    "Deed",
    "People",
    "Person",
    "Reach",
    "Role",
    "Sessions",
    "Viewer",
]


class Accounts:
    """Everything about accounts over the database of one registry."""

    def __init__(self, registry: Registry, now: Callable[[], float]) -> None:
        database = registry.database
        prepare(database)
        self.people = People(database, now)
        self.sessions = Sessions(database, now)
        self.audit = AuditLog(database, now)
