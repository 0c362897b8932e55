"""Who is to be told what of a case, and by which of the two policies.

An outage or a dangerous temperature is told at once; everything else goes into two digests a day.
Volunteers are told of no case.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from heatward_collector.core.cases.case import Case
from heatward_collector.core.cases.event import Event, What
from heatward_collector.core.cases.kinds import ENFORCED, CaseKind
from heatward_collector.core.cases.ladder import Rung

DANGEROUS_CELSIUS = 12.0
"""Homes whose median is below this are in danger. [degC] (blood pressure rises markedly in rooms
below 12 degC; public cold-weather guidance of several countries)"""
FRESH_S = 6 * 3600
"""An interruption that ended longer ago than this wakes nobody up. [s] (project rule)"""


class Audience(StrEnum):
    """Who is told."""

    OFFICER = "officer"
    NEXT_OFFICER = "next_officer"
    SUPPLIER = "supplier"
    STREET = "street"
    DEPARTMENT = "department"
    ENFORCEMENT = "enforcement"
    CITY = "city"


class Policy(StrEnum):
    """When it is told; there are no more than these two."""

    AT_ONCE = "at_once"
    DIGEST = "digest"


class News(StrEnum):
    """What is told."""

    OPENED = "opened"
    GREW = "grew"
    """A larger place, or another kind."""
    RELAPSED = "relapsed"
    RECOVERED = "recovered"
    CLOSED = "closed"
    """By a person, or because the season is over."""
    NOT_JUDGEABLE = "not_judgeable"
    UNANSWERED = "unanswered"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Telling:
    """One message that is due."""

    audience: Audience
    news: News
    policy: Policy


_AT_FIRST = (Audience.DEPARTMENT, Audience.OFFICER, Audience.SUPPLIER, Audience.STREET)
_NEWS = {
    What.OPENED: News.OPENED,
    What.RELAPSED: News.RELAPSED,
    What.RAISED: News.GREW,
    What.RECOVERED: News.RECOVERED,
    What.CLOSED_BY_PERSON: News.CLOSED,
    What.SEASON_OVER: News.CLOSED,
    What.NOT_JUDGEABLE: News.NOT_JUDGEABLE,
}
_WITHOUT_SUPPLIER = (News.NOT_JUDGEABLE,)
_RUNGS = {
    Rung.NEXT_OFFICER: Audience.NEXT_OFFICER,
    Rung.STREET: Audience.STREET,
    Rung.DISTRICT: Audience.DEPARTMENT,
    Rung.CITY: Audience.CITY,
}


def is_urgent(case: Case, now_s: float, dangerous_celsius: float = DANGEROUS_CELSIUS) -> bool:
    """Say whether a case is one that is told at once: an outage, or homes in danger.

    What is over for hours is none, however bad it was: it is found late, and waits for a digest.
    """
    back_s = case.heat_back_s
    if back_s is not None and now_s - back_s > FRESH_S:
        return False
    if case.kind is CaseKind.OUTAGE:
        return True
    coldest = [one.facts["median_celsius"] for one in case.round if "median_celsius" in one.facts]
    return any(isinstance(one, int | float) and one < dangerous_celsius for one in coldest)


def told(before: Case | None, case: Case, event: Event, urgent: bool) -> tuple[Telling, ...]:
    """Return the messages that an event makes due.

    Parameters
    ----------
    before, case : Case
        The case before the event, None where it opened it, and after it.
    event : Event
        What happened.
    urgent : bool
        Whether the case is told at once, as :func:`is_urgent` says.
    """
    policy = Policy.AT_ONCE if urgent else Policy.DIGEST
    if event.what is What.CLIMBED:
        return (Telling(_RUNGS[Rung(event.reason)], News.UNANSWERED, policy),)
    if event.what is What.OVERDUE:
        return _to((Audience.DEPARTMENT, Audience.STREET), News.OVERDUE, Policy.DIGEST)
    news = _NEWS.get(event.what)
    if event.what is What.SIGN and before is not None and before.kind is not case.kind:
        news = News.GREW
    if news is None:
        return ()
    audiences = [*_AT_FIRST, *((Audience.ENFORCEMENT,) if _concerns_enforcement(case) else ())]
    if news in _WITHOUT_SUPPLIER:
        audiences.remove(Audience.SUPPLIER)
    if news in (News.CLOSED, News.NOT_JUDGEABLE):
        policy = Policy.DIGEST
    return _to(audiences, news, policy)


def _concerns_enforcement(case: Case) -> bool:
    """Say whether a case was ever of a kind that the notice wants punished."""
    return any(kind in ENFORCED for _, kind in case.kinds)


def _to(audiences: Iterable[Audience], news: News, policy: Policy) -> tuple[Telling, ...]:
    return tuple(Telling(audience, news, policy) for audience in audiences)
