"""Whether the homes of a case are measured warm again: from their verdicts to a recovery."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from statistics import fmean
from zoneinfo import ZoneInfo

from heatward_collector.conclusions.verdicts import DayVerdict, VerdictStore
from heatward_collector.core.cases import Case, Family
from heatward_collector.core.cases.recovery import (
    JUDGE_DAYS,
    QUIET_NIGHTS,
    CaseDay,
    Recovery,
    judge_recovery,
)
from heatward_collector.evaluation.judging import WATERMARK_S
from heatward_collector.local_days import bounds, day_of

_WARM = frozenset({"met", "marginal_plus"})
LOOK_BACK = max(QUIET_NIGHTS, JUDGE_DAYS)
"""So many whole days decide. [d]"""
MOST_COLD_DAYS = 7
"""The outdoor temperature while rooms were cold is the mean of at most the last so many days. [d]
(a case of months must not be held against its autumn)"""


def newest_whole_day(now_s: float, zone: ZoneInfo) -> date:
    """Return the newest local day whose verdicts are no longer provisional."""
    return day_of(now_s - WATERMARK_S, zone) - timedelta(days=1)


def recovery_of(case: Case, verdicts: VerdictStore, now_s: float, zone: ZoneInfo) -> Recovery:
    """Return what the whole days since the heat came back say of a case."""
    back_s = case.heat_back_s
    last = newest_whole_day(now_s, zone)
    since: list[CaseDay] = []
    if back_s is not None:
        first = max(first_whole_day(back_s, zone), last - timedelta(days=LOOK_BACK - 1))
        count = (last - first).days + 1
        since = case_days(case, verdicts, [first + timedelta(days=i) for i in range(count)])
    cold = None
    if case.family is Family.INSUFFICIENT_HEAT and back_s is not None:
        cold = cold_outdoors(case, verdicts, back_s, zone)
    return judge_recovery(case.family, case.lasts, since, cold)


def first_whole_day(time_s: int, zone: ZoneInfo) -> date:
    """Return the first local day that begins at a time or after it."""
    day = day_of(time_s, zone)
    return day if bounds(day, zone)[0] == time_s else day + timedelta(days=1)


def case_days(case: Case, verdicts: VerdictStore, days: Sequence[date]) -> list[CaseDay]:
    """Return what the affected homes measured on some days."""
    if not days:
        return []
    homes = {
        home: {one.day: one for one in verdicts.of_place("home", home, days[0], days[-1])}
        for home in case.homes
    }
    found = []
    for day in days:
        words = [_word(of_day.get(day)) for of_day in homes.values()]
        reporting = [word for word in words if word]
        warm = sum(word in _WARM for word in reporting)
        outdoor = _outdoor(case, verdicts, day, day)
        found.append(CaseDay(day, len(case.homes), len(reporting), warm, outdoor))
    return found


def cold_outdoors(case: Case, verdicts: VerdictStore, back_s: int, zone: ZoneInfo) -> float | None:
    """Return the outdoor mean of the last days on which a case's rooms were cold. [degC]"""
    last = first_whole_day(back_s, zone) - timedelta(days=1)
    first = max(day_of(case.begun_s, zone), last - timedelta(days=MOST_COLD_DAYS - 1))
    return _outdoor(case, verdicts, min(first, last), last)


def _outdoor(case: Case, verdicts: VerdictStore, first: date, last: date) -> float | None:
    values = [
        one.facts["outdoor"]
        for building in case.buildings[:1]
        for one in verdicts.of_place("building", building, first, last)
        if one.facts.get("outdoor") is not None
    ]
    return fmean(values) if values else None


def _word(verdict: DayVerdict | None) -> str:
    """Return the word of a verdict that counts, else nothing."""
    if verdict is None or verdict.provisional or verdict.verdict == "not_judgeable":
        return ""
    return verdict.verdict
