"""What the slow half says of simulated scenarios: weeks of less heat, late starts, early stops."""

from functools import cache

import numpy as np
import pytest

from heatward_collector.core.suppression import Certainty, Finding, Kind, Level
from heatward_collector.core.suppression.by_day.heating_duty import HeatingDuty
from heatward_collector.core.suppression.by_day.heating_duty import Season as Due
from heatward_collector.core.suppression.homes.home_grid import HomeTemperatures
from heatward_collector.core.suppression.slow_fold import SlowFold, slow_day
from heatward_collector.simulate import Event, Season, Shape, measure, town
from heatward_collector.simulate import season as simulate
from heatward_collector.simulate.calendar import legal_season, local_midnight
from heatward_collector.simulate.habits import Doing, Habits, Incident
from heatward_collector.simulate.scenarios import scenario

DAY_S, STEP_S = 86_400, 1800
SLOTS = DAY_S // STEP_S


@cache
def simulated(name: str):
    """Return a scenario's season, its homes (slots, homes), and when heat is due in its winter."""
    return seen(scenario(name, 1, STEP_S))


def seen(season: Season):
    """Return a season, its homes (slots, homes), and when heat is due in its winter."""
    said = measure(season).celsius.T
    said = np.where((said < 5) | (said > 40), np.nan, said).astype(np.float32)
    home = season.tree.room_home
    first = np.searchsorted(home, np.arange(len(season.tree.homes)))
    with np.errstate(invalid="ignore"):
        total = np.add.reduceat(np.nan_to_num(said), first, axis=1)
        homes = total / np.add.reduceat(~np.isnan(said), first, axis=1)
    start = np.datetime64(int(season.time_s[0]), "s").astype("datetime64[M]").astype(int)
    winter = 1970 + int(start) // 12 - (int(start) % 12 < 6)
    return season, homes.astype(np.float32), Due(*legal_season(winter))


def said_of(name: str, days: int | None = None) -> tuple[int, list[Finding]]:
    """Return the midnight that begins a scenario, and what is said after so many days of it."""
    return folded(*simulated(name), days)


def folded(
    season: Season, homes: HomeTemperatures, legal: Due, days: int | None = None
) -> tuple[int, list[Finding]]:
    start_s = int(season.time_s[0])
    fold = SlowFold(season.tree.network(), lambda _: HeatingDuty(legal, 20.0))
    for day in range(days or len(homes) // SLOTS):
        part = slice(day * SLOTS, (day + 1) * SLOTS)
        begin = start_s + day * DAY_S
        fold.take(slow_day(begin, begin + DAY_S, homes[part], season.outdoor[part], ()))
    return start_s, fold.findings(season.declarations)


def only(findings: list[Finding], kind: Kind) -> Finding:
    (found,) = [one for one in findings if one.accuses]
    assert found.kind is kind
    assert (found.level, found.place) == (Level.SOURCE, "so1")
    return found


def day_of(start_s: int, moment_s: int) -> int:
    return (moment_s - start_s) // DAY_S


def test_a_supply_that_stays_as_it_was_while_it_gets_colder_is_found_within_five_days():
    start_s, findings = said_of("capped_in_a_cold_spell")
    (found,) = [one for one in findings if one.kind is Kind.THROTTLING]
    assert (found.level, found.place) == (Level.SOURCE, "so1")
    assert 14 <= day_of(start_s, found.detected_s) <= 19
    assert abs(day_of(start_s, found.start_s) - 14) <= 2


def of_one_house(seed: int, *events: Event, incidents: tuple[Incident, ...] = ()) -> list[Finding]:
    """Return what is said of a town in which something happens to b004 for ten days."""
    shape = Shape(town(), events, incidents=incidents, habits=Habits(turned_down_when_away=1.0))
    return folded(*seen(simulate(seed, local_midnight("2023-12-01"), 44, STEP_S, shape)))[1]


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_families_of_one_house_who_leave_and_turn_down_the_heat_accuse_nobody(seed):
    begin_s = local_midnight("2023-12-31")
    families = tuple(home.id for home in town().homes if home.building == "b004")
    gone = Incident(Doing.AWAY, families, begin_s + 9 * 3600, begin_s + 10 * DAY_S)
    (found,) = of_one_house(seed, incidents=(gone,))
    assert (found.place, found.rule) == ("b004", "throttling_or_empty_homes")
    assert found.certainty is Certainty.UNDETERMINED
    (empty,) = [one for one in found.excluded if one.cause == "empty_homes"]
    assert not empty.is_excluded
    assert empty.facts["lively_days_share"] < 0.45 * empty.facts["lively_elsewhere_share"]


def test_families_who_stay_in_a_cold_house_are_seen_to_live_there():
    begin_s = local_midnight("2023-12-31")
    less = Event(Kind.THROTTLING, Level.BUILDING, "b004", begin_s, begin_s + 10 * DAY_S, 0.4)
    (found,) = of_one_house(3, less)
    assert found.accuses
    (empty,) = [one for one in found.excluded if one.cause == "empty_homes"]
    assert empty.is_excluded
    assert empty.facts["lively_days_share"] > 0.7


def test_heat_that_comes_four_days_late_is_a_late_start_of_four_days():
    start_s, findings = said_of("late_start")
    found = only(findings, Kind.LATE_START)
    assert (found.rule, day_of(start_s, found.start_s)) == ("heat_late", 12)
    assert found.end_s is not None
    assert abs(day_of(start_s, found.end_s) - 16) <= 1
    assert found.evidence["standard_reached_s"] >= found.end_s


def test_a_zone_that_is_late_while_others_warm_its_homes_through_walls_is_named_and_no_other():
    due_s = local_midnight("2023-10-20")
    late = Event(Kind.LATE_START, Level.ZONE, "z1-high", due_s, due_s + 8 * DAY_S)
    places = town(sources=3, buildings_per_source=3, homes_per_building=6)
    made = simulate(2, local_midnight("2023-10-08"), 30, STEP_S, Shape(places, (late,)))
    start_s, findings = folded(*seen(made))
    (found,) = [one for one in findings if one.accuses]
    assert (found.kind, found.level, found.place) == (Kind.LATE_START, Level.ZONE, "z1-high")
    assert found.end_s is not None
    assert abs(day_of(start_s, found.end_s) - 20) <= 1


def test_a_lukewarm_start_has_two_dates():
    """40 % of the heat for eight days: some of it flows days before there is enough."""
    start_s, findings = said_of("lukewarm_start")
    found = only(findings, Kind.LATE_START)
    assert found.rule == "heat_lukewarm"
    assert found.end_s is not None
    assert abs(day_of(start_s, found.end_s) - 20) <= 1
    assert 12 <= day_of(start_s, found.evidence["heat_on_s"]) <= 17


def test_heat_that_goes_six_days_early_is_an_early_stop_on_that_day():
    start_s, findings = said_of("early_stop")
    found = only(findings, Kind.EARLY_STOP)
    assert abs(day_of(start_s, found.start_s) - 20) <= 1
    assert found.evidence["standard_met"] in (0, 1)


def test_when_all_sources_send_less_each_is_told_by_its_own_history():
    start_s, findings = said_of("all_sources_cut")
    told = {one.place: one for one in findings if one.kind is Kind.THROTTLING}
    assert set(told) == {"so1", "so2", "so3"}
    for one in told.values():
        assert one.evidence["against"] == "own_history"
        assert one.certainty in (Certainty.LOW, Certainty.UNDETERMINED)
        assert day_of(start_s, one.detected_s) <= 23


@pytest.mark.parametrize(
    "name", ["cold_front", "lowered_curve", "spring_festival", "warm_april", "legal_start"]
)
def test_what_is_lawful_or_of_the_households_accuses_nobody(name):
    assert [one for one in said_of(name)[1] if one.accuses] == []


def test_what_is_said_of_a_day_does_not_change_with_the_days_after_it():
    start_s, whole = said_of("late_start")
    _, early = said_of("late_start", 15)
    known = [(one.kind, one.place, one.start_s, one.detected_s) for one in early]
    until_s = start_s + 15 * DAY_S + 1800
    assert known == [
        (one.kind, one.place, one.start_s, one.detected_s)
        for one in whole
        if one.detected_s <= until_s
    ]
