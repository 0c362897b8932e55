"""Who is told, when, and who only after silence."""

from dataclasses import replace

from heatward_collector.core.cases import CaseKind, Event, HeatPlace, What, after, opened
from heatward_collector.core.cases.ladder import Rung, rung_due
from heatward_collector.core.cases.telling import Audience, News, Policy, is_urgent, told
from heatward_collector.core.suppression import Level

OPENING = Event(
    What.OPENED,
    1000,
    kind=CaseKind.OUTAGE,
    where=HeatPlace(Level.BUILDING, "b1"),
    sign="s1",
    begun_s=500,
)
FIRST = {Audience.DEPARTMENT, Audience.OFFICER, Audience.SUPPLIER, Audience.STREET}
MINUTE, DAY = 60, 86_400


def opening_of(kind: CaseKind, **facts: float):
    return opened(1, replace(OPENING, kind=kind, facts=facts))


def messages(before, case, event, urgent=False):
    return {(one.audience, one.news, one.policy) for one in told(before, case, event, urgent)}


def test_those_in_charge_hear_of_a_case_at_once_and_nobody_else() -> None:
    case = opening_of(CaseKind.OUTAGE)
    found = messages(None, case, case.history[0], urgent=True)
    assert found == {(one, News.OPENED, Policy.AT_ONCE) for one in FIRST}


def test_enforcement_hears_of_stop_start_and_of_the_calendar() -> None:
    for kind in CaseKind:
        case = opening_of(kind)
        heard = Audience.ENFORCEMENT in {one[0] for one in messages(None, case, case.history[0])}
        assert heard == (kind.value in ("stop_start", "late_start", "early_stop"))


def test_only_an_outage_and_danger_are_urgent() -> None:
    assert is_urgent(opening_of(CaseKind.OUTAGE), 1000)
    assert not is_urgent(opening_of(CaseKind.NIGHT_INTERRUPTION), 1000)
    assert is_urgent(opening_of(CaseKind.BELOW_STANDARD, median_celsius=11.9), 1000)
    assert not is_urgent(opening_of(CaseKind.BELOW_STANDARD, median_celsius=12.0), 1000)


def test_an_outage_that_is_long_over_wakes_nobody() -> None:
    over = Event(What.SIGN, 1500, kind=CaseKind.OUTAGE, sign="s1", begun_s=500, ended_s=1400)
    case = after(opening_of(CaseKind.OUTAGE), over)
    assert is_urgent(case, 1400 + 6 * 3600)
    assert not is_urgent(case, 1401 + 6 * 3600)


def test_a_larger_place_and_a_new_kind_are_news() -> None:
    case = opening_of(CaseKind.OUTAGE)
    larger = Event(What.RAISED, 2000, where=HeatPlace(Level.SOURCE, "s"))
    assert {one[1] for one in messages(case, after(case, larger), larger)} == {News.GREW}
    other = Event(What.SIGN, 2000, kind=CaseKind.STOP_START, sign="s2", begun_s=1900)
    found = messages(case, after(case, other), other)
    assert (Audience.ENFORCEMENT, News.GREW, Policy.DIGEST) in found
    same = replace(other, kind=CaseKind.OUTAGE)
    assert messages(case, after(case, same), same) == set()


def test_nobody_climbs_while_somebody_answers() -> None:
    case = after(opening_of(CaseKind.OUTAGE), Event(What.NOTIFIED, 1100))
    assert rung_due(case, True, 1100 + 15 * MINUTE - 1) is None
    assert rung_due(case, True, 1100 + 15 * MINUTE) is Rung.NEXT_OFFICER
    answered = after(case, Event(What.ACKNOWLEDGED, 1200, "李"))
    assert rung_due(answered, True, 1100 + DAY) is None


def test_the_ladder_is_climbed_rung_by_rung() -> None:
    case = after(opening_of(CaseKind.OUTAGE), Event(What.NOTIFIED, 1100))
    climbed = []
    while (rung := rung_due(case, True, 1100 + DAY)) is not None:
        climbed.append(rung)
        event = Event(What.CLIMBED, 1100 + DAY, reason=rung.value)
        before, case = case, after(case, event)
        assert {one[1] for one in messages(before, case, event, True)} == {News.UNANSWERED}
    assert climbed == [Rung.NEXT_OFFICER, Rung.STREET, Rung.DISTRICT, Rung.CITY]


def test_before_anybody_was_reached_there_is_no_silence() -> None:
    assert rung_due(opening_of(CaseKind.OUTAGE), True, 10**9) is None


def test_what_can_wait_climbs_by_days() -> None:
    case = after(opening_of(CaseKind.BELOW_STANDARD), Event(What.NOTIFIED, 1100))
    assert rung_due(case, False, 1100 + DAY - 1) is None
    assert rung_due(case, False, 1100 + DAY) is Rung.STREET
