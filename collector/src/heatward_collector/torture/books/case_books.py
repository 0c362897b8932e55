"""Whether cases, what they rest on and what was told of them belong together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import select

from heatward_collector.alerts.tables import outbox
from heatward_collector.cases.secretary import Secretary
from heatward_collector.cases.signs import BACKLOG_DAYS
from heatward_collector.cases.store import CaseStore
from heatward_collector.conclusions.findings import SaidFinding
from heatward_collector.core.cases import Case, State
from heatward_collector.core.cases.case import of_history
from heatward_collector.registry.database import Database

DAY_S = 86_400
LOOK_DAYS = 10
"""So long a watch that dies now and then may need for its next look. [d] (a look a day)"""


def case_problems(
    database: Database, secretary: Secretary, findings: Iterable[SaidFinding]
) -> list[str]:
    """Return what is wrong: findings without a case or in two, events without their messages.

    What is due is asked of the real secretary for each event of each history again. What accuses
    only long after its end, when late readings came in, needs no case: that is the watch's rule.
    """
    cases = CaseStore(database).cases()
    due = {key for case in cases for key in _due(case, secretary)}
    put = messages_of_cases(database)
    live = Counter(
        sign.id for case in cases if case.state is not State.MERGED for sign in case.signs
    )
    wanted = [one.id for one in findings if _needs_a_case(one)]
    return [
        *(f"an event without its message: {one}" for one in sorted(due - put)),
        *(f"a message without its event: {one}" for one in sorted(put - due)),
        *(f"a finding without a case: {one}" for one in wanted if not live[one]),
        *(f"a finding in {times} cases: {one}" for one, times in live.items() if times > 1),
    ]


def _needs_a_case(said: SaidFinding) -> bool:
    if said.is_withdrawn or not said.finding.accuses:
        return False
    return said.lasted_until_s >= said.judged_at - (BACKLOG_DAYS - LOOK_DAYS) * DAY_S


def messages_of_cases(database: Database) -> set[str]:
    """Return the ids of all messages that are about a case."""
    query = select(outbox.c.id).where(outbox.c.case_number > 0)
    with database.snapshot() as connection:
        return {row.id for row in connection.execute(query)}


def _due(case: Case, secretary: Secretary) -> Iterable[str]:
    before = None
    for end, event in enumerate(case.history, 1):
        now = of_history(case.number, case.history[:end])
        yield from (one.id for one in secretary.due(before, now, event, event.at_s))
        before = now
