"""Buildings that stay below the standard: whole days in a row make a sign of their own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from heatward_collector.cases.clerk import Clerk
from heatward_collector.cases.measured import first_whole_day, newest_whole_day
from heatward_collector.cases.signs import BACKLOG_DAYS, cold_buildings, of_cold_building, warm_on
from heatward_collector.conclusions.verdicts import VerdictStore
from heatward_collector.core.cases import Case, Event, Family, HeatPlace, Sign, State, What
from heatward_collector.core.suppression import Level
from heatward_collector.local_days import bounds, day_of

BELOW_PREFIX = "below:"
JUDGED_UNTIL = "judged_until"
JUDGING_S = 3600
"""A judgement is written at most so long after the time that it bears. [s]"""
ROW_DAYS = 4
"""A row of cold days begins before the day that was judged anew. [d]"""


def look_at_buildings(clerk: Clerk, verdicts: VerdictStore) -> None:
    """Open cases of buildings that stay below the standard, and note where it is over."""
    last = newest_whole_day(clerk.now_s, clerk.zone)
    for case in clerk.live():
        for sign in case.signs:
            if sign.is_open and sign.id.startswith(BELOW_PREFIX):
                _end(clerk, verdicts, case.number, sign, last)
    days = _days_to_look_at(clerk, verdicts, last)
    for building, below in cold_buildings(verdicts, days, _explained(clerk)).items():
        if any(_is_taken(case, building) for case in clerk.live()):
            continue
        homes = clerk.places.homes(HeatPlace(Level.BUILDING, building))
        cold = of_cold_building(verdicts, building, below, homes, clerk.zone)
        if not clerk.holders([cold.id]):
            clerk.place(cold)
    clerk.change.set_mark(_mark(clerk), str(clerk.now_s))


def _mark(clerk: Clerk) -> str:
    """Return under which key it is noted how far we looked: each district's collector by itself."""
    return JUDGED_UNTIL if clerk.district is None else f"{JUDGED_UNTIL}:{clerk.district}"


def _end(clerk: Clerk, verdicts: VerdictStore, number: int, sign: Sign, last: date) -> None:
    """Note the first day on which a building was not below."""
    _, building, first = sign.id.split(":")
    warm = warm_on(verdicts, building, date.fromisoformat(first) + timedelta(days=1), last)
    if warm is not None:
        event = Event(
            What.SIGN,
            clerk.now_s,
            kind=sign.kind,
            sign=sign.id,
            revision=warm.toordinal(),
            begun_s=sign.begun_s,
            ended_s=bounds(warm, clerk.zone)[0],
        )
        clerk.record(clerk.cases[number], event)


def _days_to_look_at(clerk: Clerk, verdicts: VerdictStore, last: date) -> list[date]:
    """Return whole days in a row until the newest, from before the first that was judged anew."""
    mark = int(clerk.change.mark(_mark(clerk)) or 0)
    oldest = last - timedelta(days=BACKLOG_DAYS - 1)
    judged = [day for day in verdicts.days_judged_since(mark - JUDGING_S) if day >= oldest]
    first = max(min(judged, default=last) - timedelta(days=ROW_DAYS), oldest)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _explained(clerk: Clerk) -> dict[str, set[date]]:
    """Return the days on which a building's cold has a case of another family."""
    found: dict[str, set[date]] = {}
    for case in clerk.cases.values():
        if case.family is Family.INSUFFICIENT_HEAT or case.state is State.MERGED:
            continue
        for sign in case.signs:
            if sign.is_withdrawn:
                continue
            end_s = clerk.now_s if sign.ended_s is None else sign.ended_s
            # The rooms need a day to be warm again.
            days = set(_span(day_of(sign.begun_s, clerk.zone), first_whole_day(end_s, clerk.zone)))
            for building in case.buildings:
                found.setdefault(building, set()).update(days)
    return found


def _is_taken(case: Case, building: str) -> bool:
    """Say whether a case of too little heat lasts that a building belongs to."""
    is_same = case.family is Family.INSUFFICIENT_HEAT and building in case.buildings
    return is_same and (case.lasts or not case.is_judgeable)


def _span(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
