"""The door through which pages look at cases and messages, and act on them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from ...alerts.message import Kept
from ...alerts.outbox import Outbox
from ...cases import CaseStore
from ...cases.desk import Desk
from ...cases.process import secretary_of
from ...config import Config
from ...core.cases import Case, What
from ...core.cases.deadlines import Deadline, deadlines_of
from ...explain.names import Names
from ...local_days import day_of
from ...locale import Texts
from ...registry import Registry
from ...supervision.addresses import Address, addresses_of
from ..rights.door import Place, Places

SHOWN_S = 14 * 86_400
"""Cases that were closed longer ago are not listed. [s]"""


class CaseRoom:
    """Answers pages from the database of a configuration; one thread at a time."""

    def __init__(self, config: Config, registry: Registry, now: Callable[[], float]) -> None:
        self._now, self._lock = now, threading.RLock()
        self._store, self._outbox = CaseStore(registry.database), Outbox(registry.database)
        self._secretary = secretary_of(config, registry)
        self._desk = Desk(self._store, self._secretary, now)

    def board(self) -> list[Case]:
        """Return the live cases, and those that were closed lately."""
        with self._lock:
            return self._store.current(int(self._now()) - SHOWN_S)

    def case(self, number: int) -> Case | None:
        """Return a case, None where there is none."""
        with self._lock:
            return self._store.case(number)

    def messages(self) -> list[Kept]:
        """Return the newest messages."""
        with self._lock:
            return self._outbox.latest()

    def messages_of(self, number: int) -> list[Kept]:
        """Return the messages about a case, the oldest first."""
        with self._lock:
            return self._outbox.of_case(number)

    def cases_of(self, kept: Kept) -> list[int]:
        """Return the cases that a message is about; a digest is about several."""
        if kept.message.case:
            return [kept.message.case]
        with self._lock:
            return [one.message.case for one in self._outbox.parts_of(kept.message.id)]

    def deadlines(self, case: Case) -> Sequence[Deadline]:
        """Return the deadlines of a case by the rules of the day on which it was delivered."""
        reached = case.first(What.REACHED_SUPPLIER)
        if reached is None:
            return ()
        day = day_of(reached.at_s, self._secretary.zone)
        return deadlines_of(case, self._secretary.deadlines(day), day)

    def names(self) -> Names:
        """Return what places are called."""
        with self._lock:
            return self._secretary.office().names

    def phones(self, case: Case) -> list[tuple[str, str]]:
        """Return the suppliers of a case by id, with their duty phones."""
        with self._lock:
            return self._secretary.suppliers(case.where, self._now())

    def do(self, number: int, deed: str, by: str, reason: str, homes: tuple[str, ...] = ()) -> Case:
        """Let a person act on a case. Raises CaseRefused."""
        with self._lock:
            return self._desk.do(number, deed, by, reason, homes)

    def addresses(self, case: Case, say: Texts) -> list[Address]:
        """Return the addresses that residents let the supplier of a case know."""
        with self._lock:
            return addresses_of(case, self._secretary.office().directory, say)

    def places(self) -> Places:
        """Return how the door learns where a case lies."""

        def look(key: str) -> Sequence[Place] | None:
            case = self.case(int(key)) if key.isdecimal() and len(key) < 10 else None
            return None if case is None else places_of(case)

        return look


def places_of(case: Case) -> list[Place]:
    """Return the places of a case: its own, and the buildings that it touches."""
    touched = [("building", building) for building in case.buildings]
    return [(case.where.level.value, case.where.id), *touched]
