"""Late starts and early stops, told day after day: five homes at each of three sources."""

from collections.abc import Iterable

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.heating_duty import HeatingDuty, Season
from heatward_collector.core.suppression.findings.finding import Finding, Kind
from heatward_collector.core.suppression.homes.network import Level, Network
from heatward_collector.core.suppression.slow_fold import SlowFold, slow_day
from heatward_collector.simulate import town

DAY_S = 86_400
FIRST, LAST = 6, 60
WARM, UNHEATED = 21.0, 14.0


def network(homes: int = 5) -> Network:
    return town(
        sources=3, buildings_per_source=1, homes_per_building=homes, rooms_per_home=1
    ).network()


def said(
    warm_days: Iterable[int],
    days: int = LAST,
    outdoor: float = 5.0,
    homes: int = 5,
    all_of_them: bool = False,
    warmer: float = 0.0,
) -> list[Finding]:
    """Return what is said after some days; so2 (or every source) has heat on ``warm_days`` only.

    Elsewhere heat comes and goes on the legal days. From day 49 on it is warmer outdoors.
    """
    net, warm_days = network(homes), set(warm_days)
    here = net.of_home[Level.SOURCE] == 1
    duty = HeatingDuty(Season(FIRST * DAY_S, LAST * DAY_S), 20.0)
    fold = SlowFold(net, lambda _: duty)
    for number in range(days):
        others = WARM if FIRST <= number < LAST else UNHEATED
        mine = WARM if number in warm_days else UNHEATED
        celsius = np.full((48, len(net.homes)), mine if all_of_them else others, np.float32)
        celsius[:, here] = mine
        start_s = number * DAY_S
        weather = np.full(48, outdoor + (warmer if number >= 49 else 0.0))
        fold.take(slow_day(start_s, start_s + DAY_S, celsius, weather, ()))
    return fold.findings(())


def edges(findings: list[Finding]) -> list[tuple[Kind, str, int, int | None]]:
    return [
        (
            one.kind,
            one.place,
            one.start_s // DAY_S,
            None if one.end_s is None else one.end_s // DAY_S,
        )
        for one in findings
        if one.kind in (Kind.LATE_START, Kind.EARLY_STOP) and one.accuses
    ]


def test_heat_that_comes_on_the_legal_day_is_no_late_start_and_to_the_last_day_no_early_stop():
    assert edges(said(range(FIRST, LAST), LAST + 2)) == []


def test_heat_that_comes_four_days_late():
    assert edges(said(range(10, LAST), 20)) == [(Kind.LATE_START, "so2", FIRST, 10)]


def test_a_late_start_lasts_until_heat_has_come():
    assert edges(said((), 12)) == [(Kind.LATE_START, "so2", FIRST, None)]


def test_heat_that_is_gone_again_had_not_come():
    days = (10, 11, *range(16, LAST))
    assert edges(said(days, 30)) == [(Kind.LATE_START, "so2", FIRST, 16)]


@pytest.mark.parametrize("gone", [45, 50, 57])
def test_heat_that_goes_early_is_named_by_the_day_on_which_it_went(gone):
    assert edges(said(range(FIRST, gone), LAST)) == [(Kind.EARLY_STOP, "so2", gone, LAST)]


def test_heat_that_comes_back_had_not_ended():
    back = (*range(FIRST, 45), *range(49, LAST))
    assert edges(said(back, 48)) == [(Kind.EARLY_STOP, "so2", 45, None)]
    assert edges(said(back)) == []


def test_in_warm_weather_sun_ends_no_stop():
    """What warms the rooms on days of 11 degC may be heat, or the sun."""
    back = (*range(FIRST, 45), *range(49, LAST))
    assert edges(said(back, warmer=6.0)) == [(Kind.EARLY_STOP, "so2", 45, LAST)]


@pytest.mark.parametrize(("gone", "is_accused"), [(48, True), (52, False)])
def test_only_heat_that_goes_on_a_warm_day_may_have_gone_for_the_warmth(gone, is_accused):
    """It is 5 degC until day 49, then 13; no source is heated beside."""
    found = said(range(FIRST, gone), all_of_them=True, warmer=8.0)
    assert {one.kind for one in found} == {Kind.EARLY_STOP}
    assert [one.accuses for one in found] == [is_accused] * 3


def test_a_stop_of_which_most_days_before_are_known_no_more_keeps_its_place():
    """One of its buildings cools a little further on the sixth day without heat."""
    net = town(sources=3, buildings_per_source=3, homes_per_building=5, rooms_per_home=1).network()
    here, building = net.of_home[Level.SOURCE] == 1, net.of_home[Level.BUILDING]
    fold = SlowFold(net, lambda _: HeatingDuty(Season(FIRST * DAY_S, LAST * DAY_S), 20.0))
    for number in range(53):
        celsius = np.full((48, len(net.homes)), WARM if number >= FIRST else UNHEATED, np.float32)
        celsius[:, here] -= 4.3 * (1 - np.exp(-max(number + 0.5 - 45, 0.0) / 1.5))
        celsius[:, building == 3] -= 1.2 if number >= 50 else 0.0
        start_s = number * DAY_S
        fold.take(slow_day(start_s, start_s + DAY_S, celsius, np.full(48, 5.0), ()))
    assert [place for _, place, _, _ in edges(fold.findings(()))] == ["so2"]


def test_a_stop_in_the_middle_of_winter_is_no_end_of_heating():
    assert edges(said((*range(FIRST, 20), *range(26, LAST)), 29)) == []


def test_when_all_stop_early_each_is_named():
    found = edges(said(range(FIRST, 50), all_of_them=True))
    assert [(kind, place) for kind, place, _, _ in found] == [
        (Kind.EARLY_STOP, "so1"),
        (Kind.EARLY_STOP, "so2"),
        (Kind.EARLY_STOP, "so3"),
    ]
    assert all(abs(start - 50) <= 1 for _, _, start, _ in found)


def test_three_homes_accuse_nobody():
    found = said(range(10, LAST), 20, homes=3)
    assert [one.kind for one in found] == [Kind.LATE_START]
    assert edges(found) == []


def test_near_the_outdoors_and_in_unknown_weather_nobody_is_accused():
    assert edges(said(range(10, LAST), 20, outdoor=11.0)) == []
    assert said(range(10, LAST), 20, outdoor=float("nan")) == []


@pytest.mark.parametrize(("kelvin", "place"), [(1.5, "b003"), (2.2, "b003"), (5.0, "so2")])
def test_a_source_is_named_beyond_its_building_when_the_other_homes_lost_heat_as_well(
    kelvin, place
):
    """One building of so2 loses all heat on day 45; what its neighbour loses follows on day 48."""
    net = town(sources=3, buildings_per_source=2, homes_per_building=5, rooms_per_home=1).network()
    building = net.of_home[Level.BUILDING]
    fold = SlowFold(net, lambda _: HeatingDuty(Season(FIRST * DAY_S, LAST * DAY_S), 20.0))
    for number in range(51):
        warmth = WARM if number >= FIRST else UNHEATED
        celsius = np.full((48, len(net.homes)), warmth, np.float32)
        for name, fall, first in (("b003", 7.0, 45), ("b004", kelvin, 48)):
            here = building == net.places[Level.BUILDING].index(name)
            celsius[:, here] -= fall * (1 - np.exp(-max(number + 0.5 - first, 0.0) / 2.5))
        start_s = number * DAY_S
        fold.take(slow_day(start_s, start_s + DAY_S, celsius, np.full(48, 5.0), ()))
    assert [(kind, one) for kind, one, _, _ in edges(fold.findings(()))] == [
        (Kind.EARLY_STOP, place)
    ]


def told(celsius_of, outdoor_of, days: int, silent=()) -> list[Finding]:
    """Return what is said after some days; so2 is as warm as ``celsius_of`` a day says.

    Two homes of so2 are silent on some days.
    """
    net = network()
    here = np.flatnonzero(net.of_home[Level.SOURCE] == 1)
    fold = SlowFold(net, lambda _: HeatingDuty(Season(FIRST * DAY_S, LAST * DAY_S), 20.0))
    for number in range(days):
        others = WARM if number >= FIRST else celsius_of(number)
        celsius = np.full((48, len(net.homes)), others, np.float32)
        celsius[:, here] = celsius_of(number)
        if number in silent:
            celsius[:, here[:2]] = np.nan
        start_s = number * DAY_S
        fold.take(slow_day(start_s, start_s + DAY_S, celsius, np.full(48, outdoor_of(number)), ()))
    return fold.findings(())


def test_a_late_start_that_was_seen_in_mild_weather_is_said_once_it_is_cool():
    """It is 12 degC until day 9, then 4: heat comes on day 13."""

    def rooms(number: int) -> float:
        return 18.0 - 1.5 * max(number - 8, 0) if number < 13 else WARM

    def weather(number: int) -> float:
        return 12.0 if number < 9 else 4.0

    assert not any(one.accuses for one in told(rooms, weather, 9))
    found = told(rooms, weather, 16)
    assert edges(found) == [(Kind.LATE_START, "so2", FIRST, 13)]
    assert 9 < found[0].detected_s // DAY_S <= 13
    assert found[0].evidence["lift_kelvin"] >= 10.0


@pytest.mark.parametrize(("warmth", "day"), [(20.2, FIRST + 3), (19.8, FIRST + 2)])
def test_rooms_that_were_as_warm_as_is_owed_until_three_days_ago_accuse_nobody(warmth, day):
    """They cool from the first day of the season on, on which it gets cold."""

    def rooms(number: int) -> float:
        return warmth - 2.0 * max(number - FIRST + 1, 0)

    found = told(rooms, lambda number: 12.0 if number < FIRST else -2.0, FIRST + 4)
    assert [one.accuses for one in found] == [True]
    assert found[0].detected_s // DAY_S == day


def test_a_stop_is_said_once_enough_homes_are_heard_by_the_day_on_which_it_was_seen():
    """Two of five homes are silent on days 46 and 47."""

    def rooms(number: int) -> float:
        return WARM if FIRST <= number < 45 else UNHEATED

    few = told(rooms, lambda _: 5.0, 48, silent=(46, 47))
    assert [(one.kind, one.accuses) for one in few] == [(Kind.EARLY_STOP, False)]
    assert edges(told(rooms, lambda _: 5.0, 49, silent=(46, 47))) == [
        (Kind.EARLY_STOP, "so2", 45, None)
    ]
