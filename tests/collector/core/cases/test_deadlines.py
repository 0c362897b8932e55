"""Deadlines run from the delivery to the supplier, by the rule of that day."""

from dataclasses import replace
from datetime import date

import pytest

from heatward_collector.core.cases import CaseKind, Event, HeatPlace, What, of_history
from heatward_collector.core.cases.deadlines import DeadlineRule, Duty, deadlines_of
from heatward_collector.core.suppression import Level

HOUR = 3600
RULES = (
    DeadlineRule(Duty.ON_SITE, 10, date(2012, 9, 17), "press", "medium"),
    DeadlineRule(Duty.IMPROVED, 24, date(2012, 9, 17), "press", "medium"),
    DeadlineRule(Duty.REPAIRED, 48, date(2020, 1, 1), "draft", "low", outages_only=True),
    DeadlineRule(Duty.ON_SITE, 2, date(2030, 1, 1), "later", "low"),
)
REACHED = Event(What.REACHED_SUPPLIER, 1000 + HOUR)
DAY = date(2021, 1, 10)


def case(*events: Event, kind: CaseKind = CaseKind.BELOW_STANDARD):
    opening = Event(
        What.OPENED,
        1000,
        kind=kind,
        where=HeatPlace(Level.BUILDING, "b1"),
        sign="s1",
        begun_s=0,
    )
    return of_history(1, [opening, *events])


def duties(one, day: date = DAY) -> list[tuple[str, int, int | None]]:
    return [
        (deadline.duty.value, (deadline.due_s - 1000) // HOUR, deadline.done_s)
        for deadline in deadlines_of(one, RULES, day)
    ]


def test_nothing_is_due_before_the_supplier_was_reached() -> None:
    assert deadlines_of(case(), RULES, DAY) == ()
    assert deadlines_of(case(REACHED), RULES, None) == ()


def test_ten_hours_to_measure_and_a_day_to_improve_from_delivery() -> None:
    assert duties(case(REACHED)) == [("on_site", 11, None), ("improved", 25, None)]
    assert duties(case(REACHED), date(2011, 1, 1)) == []
    assert duties(case(REACHED), date(2031, 1, 1))[0] == ("on_site", 3, None)


def test_an_outage_has_two_days_to_be_repaired() -> None:
    one = case(REACHED, kind=CaseKind.OUTAGE)
    assert duties(one) == [("on_site", 11, None), ("repaired", 49, None)]


def test_a_measurement_on_site_fulfils_the_first_duty() -> None:
    measured = Event(What.MEASURED_ON_SITE, 1000 + 3 * HOUR, "测温员")
    assert duties(case(REACHED, measured))[0] == ("on_site", 11, 1000 + 3 * HOUR)


def test_what_is_disputed_is_measured_by_the_department() -> None:
    disputed = Event(What.DISPUTED, 1000 + 4 * HOUR, "调度员", "室温达标")
    one = case(REACHED, disputed)
    assert duties(one)[1] == ("department_measures", 25, None)
    measured = Event(What.MEASURED_ON_SITE, 1000 + 5 * HOUR, "区测温员")
    assert duties(case(REACHED, disputed, measured))[1][2] == 1000 + 5 * HOUR


def test_a_remedy_counts_from_when_heat_was_back_once_that_is_measured() -> None:
    back = Event(
        What.SIGN,
        1000 + 9 * HOUR,
        kind=CaseKind.BELOW_STANDARD,
        sign="s1",
        revision=2,
        ended_s=1000 + 8 * HOUR,
    )
    assert duties(case(REACHED, back))[1][2] is None
    recovered = Event(What.RECOVERED, 1000 + 40 * HOUR)
    one = case(REACHED, back, recovered)
    (_, improved) = deadlines_of(one, RULES, DAY)
    assert improved.done_s == 1000 + 8 * HOUR
    assert not improved.is_missed(1000 + 90 * HOUR)


@pytest.mark.parametrize(
    ("ended_h", "is_missed"), [(5, False), (12, True)], ids=["in time", "too late"]
)
@pytest.mark.parametrize(
    "end",
    [
        Event(What.CLOSED_BY_PERSON, 0, "值班员", "误报"),
        Event(What.MERGED, 0, other=2),
    ],
    ids=["closed", "merged"],
)
def test_of_a_case_that_ended_nothing_becomes_overdue(
    end: Event, ended_h: int, is_missed: bool
) -> None:
    """Who still had time when a case was closed has missed nothing, however long ago that was."""
    one = case(REACHED, replace(end, at_s=1000 + ended_h * HOUR))
    on_site = deadlines_of(one, RULES, DAY)[0]
    assert on_site.is_missed(1000 + 500 * HOUR) is is_missed
    assert not on_site.is_pending()


def test_a_case_that_comes_again_is_asked_for_again() -> None:
    closed = Event(What.CLOSED_BY_PERSON, 1000 + 5 * HOUR, "值班员", "误报")
    again = Event(What.RELAPSED, 1000 + 6 * HOUR, kind=CaseKind.BELOW_STANDARD, sign="s2")
    reached = replace(REACHED, at_s=1000 + 7 * HOUR)
    one = case(REACHED, closed, again, reached)
    on_site = deadlines_of(one, RULES, DAY)[0]
    assert on_site.is_pending() and on_site.is_missed(1000 + 18 * HOUR)
