"""A case is over when the rooms are measured warm, and for no other reason."""

from datetime import date, timedelta

from heatward_collector.core.cases import Family
from heatward_collector.core.cases.recovery import CaseDay, Outcome, judge_recovery


def days(*some: tuple[int, int], outdoor: float | None = -15.0, homes: int = 8) -> list[CaseDay]:
    """Return days of (reporting, warm) homes."""
    first = date(2021, 1, 10)
    return [
        CaseDay(first + timedelta(days=number), homes, reporting, warm, outdoor)
        for number, (reporting, warm) in enumerate(some)
    ]


def outcome(*some, family=Family.INSUFFICIENT_HEAT, lasts=False, cold=-15.0, outdoor=-15.0):
    return judge_recovery(family, lasts, days(*some, outdoor=outdoor), cold).outcome


def test_one_warm_day_of_enough_homes_is_recovery() -> None:
    assert outcome((6, 6)) is Outcome.RECOVERED
    assert outcome((8, 6)) is Outcome.RECOVERED
    assert outcome((8, 5)) is Outcome.NOT_YET
    assert outcome() is Outcome.NOT_YET


def test_a_sign_that_lasts_outweighs_warm_rooms() -> None:
    assert outcome((8, 8), lasts=True) is Outcome.STILL_MISSING


def test_after_an_interruption_three_nights_must_be_quiet() -> None:
    warm = (8, 8)
    family = Family.INTERRUPTION
    assert outcome(warm, warm, family=family) is Outcome.NOT_YET
    assert outcome(warm, warm, warm, family=family) is Outcome.RECOVERED
    # A night that nobody watched was not quiet.
    assert outcome(warm, (5, 5), warm, family=family) is Outcome.NOT_YET


def test_silent_sensors_leave_it_open_and_say_so() -> None:
    assert outcome((5, 5)) is Outcome.NOT_YET
    assert outcome((5, 5), (0, 0)) is Outcome.NOT_JUDGEABLE
    assert outcome((0, 0), (0, 0), family=Family.INTERRUPTION) is Outcome.NOT_JUDGEABLE


def test_a_thaw_is_no_recovery() -> None:
    assert outcome((8, 8), cold=-20.0, outdoor=-16.0) is Outcome.RECOVERED
    assert outcome((8, 8), cold=-20.0, outdoor=-14.0) is Outcome.THAW
    assert outcome((8, 8), cold=-20.0, outdoor=None) is Outcome.NOT_JUDGEABLE
    assert outcome((8, 8), cold=None) is Outcome.NOT_JUDGEABLE


def test_what_it_rests_on_comes_with_it() -> None:
    found = judge_recovery(Family.INTERRUPTION, False, days((8, 7), (7, 7), (6, 6)), None)
    assert (found.homes, found.reporting, found.warm, found.quiet_nights) == (8, 6, 6, 3)
    assert found.day == date(2021, 1, 12)
