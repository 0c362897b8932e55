"""A supply held below the due for weeks, told from weather and households, day after day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.heating_duty import ALWAYS, HeatingDuty
from heatward_collector.core.suppression.by_day.place_days import Hierarchy
from heatward_collector.core.suppression.edges.edge import Edge
from heatward_collector.core.suppression.findings.declared import Declaration
from heatward_collector.core.suppression.findings.finding import Certainty, Finding, Kind
from heatward_collector.core.suppression.held_back.cut import ACCUSED_MARGIN, Cut, View
from heatward_collector.core.suppression.homes.days import Day
from heatward_collector.core.suppression.homes.network import Level
from heatward_collector.core.suppression.supply import (
    SupplyMemory,
    after_supply_day,
    supply_findings,
    without_past,
)
from support.cut_town import DAY_S, DAYS, FROM, START, days, simulated


def folded(some: list[Day], memory: SupplyMemory | None = None) -> SupplyMemory:
    network = simulated(False)[0].tree.network()
    places = Hierarchy.of(network)
    memory = memory or SupplyMemory.none(network, places)
    for day in some:
        memory = after_supply_day(memory, day, network, places, HeatingDuty(ALWAYS, 20.0))
    return memory


def found_in(memory: SupplyMemory) -> list[Finding]:
    network = simulated(True)[0].tree.network()
    return supply_findings(memory, (), network, START + DAYS * DAY_S)


def test_a_source_that_sends_less_is_found_and_no_other():
    found = found_in(folded(days(True)))
    during = [one for one in found if one.start_s > START + (FROM - 3) * DAY_S]
    assert {(one.level, one.place) for one in during} == {(Level.SOURCE, "so2")}
    first = during[0]
    assert first.kind is Kind.THROTTLING
    assert abs(first.start_s - (START + FROM * DAY_S)) <= 2 * DAY_S
    assert first.detected_s <= START + (FROM + 8) * DAY_S
    assert set(first.buildings) == {"b003", "b004"}


def test_the_same_winter_without_it_accuses_nobody():
    found = found_in(folded(days(False)))
    assert [one for one in found if one.accuses] == []


def test_without_outdoor_temperature_nothing_is_judged():
    found = found_in(folded(days(True, outdoor_known=False)))
    assert found == []


@pytest.mark.parametrize("stop", [40, 47])
def test_going_on_from_a_stored_memory_gives_the_same(stop):
    whole = folded(days(True))
    first = folded(days(True)[:stop])
    kept = first.cuts
    again = folded(days(True)[stop:], first)
    assert again.cuts == whole.cuts
    assert first.cuts == kept


def test_what_is_said_rests_on_the_past_alone():
    whole = folded(days(True)).cuts
    cut_off = folded(days(True)[: FROM + 10]).cuts
    end_s = START + (FROM + 10) * DAY_S
    early = [one for one in whole if one.said_s <= end_s]
    assert [(one.place, one.start_s, one.said_s) for one in cut_off] == [
        (one.place, one.start_s, one.said_s) for one in early
    ]


def test_a_fall_is_held_against_a_source_once_it_is_clearly_more_than_chance():
    (cut,) = [one for one in folded(days(True)).cuts if one.place == "so2" and one.firm_s]
    assert cut.said_s <= cut.firm_s <= cut.said_s + 8 * DAY_S
    assert cut.statistic >= cut.threshold + ACCUSED_MARGIN
    assert cut.finding((), START + DAYS * DAY_S).detected_s == cut.firm_s


def test_an_undetermined_cut_accuses_nobody():
    for one in found_in(folded(days(True))):
        assert one.accuses == (one.certainty not in (Certainty.UNDETERMINED, Certainty.DECLARED))


@pytest.mark.parametrize(("stay", "is_accused"), [(4, False), (0, True)])
def test_a_source_is_accused_when_nearly_all_of_its_homes_fell(stay, is_accused):
    """Families that turn down their valves before they leave do not take their neighbours along."""
    network = simulated(False)[0].tree.network()
    source = network.places[Level.SOURCE].index("so2")
    falling = np.flatnonzero(network.of_home[Level.SOURCE] == source)[stay:]
    sinking = []
    for number, day in enumerate(days(False)):
        since = max(number + 0.5 - FROM, 0.0)
        celsius = day.celsius.copy()
        celsius[:, falling] -= 4.0 * (1 - np.exp(-since / 2.0))
        sinking.append(replace(day, celsius=celsius))
    found = found_in(folded(sinking))
    assert any(one.accuses and one.place == "so2" for one in found) is is_accused


def stopped(day: Day, homes: np.ndarray) -> Day:
    return replace(day, is_touched=homes, was_stopped=(homes, np.zeros_like(homes)))


def test_homes_are_compared_again_at_once_when_what_touched_them_was_no_stop():
    source = simulated(False)[0].tree.network().of_home[Level.SOURCE]
    some, mine = days(False)[:24], source == 1
    undecided = [*some[:19], replace(some[19], is_touched=mine), *some[20:22]]
    over = [*some[:19], stopped(some[19], mine), *some[20:22]]
    late = [*some[:19], replace(some[19], is_touched=mine), some[20]]
    late[20] = replace(some[20], was_stopped=(np.zeros_like(mine), mine))
    late += some[21:24]
    votes = [
        (folded(one).history.series[Level.SOURCE].homes[19:, 1] > 0).tolist()
        for one in (undecided, over, late)
    ]
    assert votes == [[False, True, True], [False] * 3, [False] * 4 + [True]]


@pytest.mark.parametrize(("touched", "is_whole"), [((0, 2, 3, 5, 6, 7), True), ((0, 3, 5), False)])
def test_a_stop_that_most_homes_of_a_source_show_has_cooled_them_all(touched, is_whole):
    """Floor-heated homes lose as much, but not within hours."""
    source = simulated(False)[0].tree.network().of_home[Level.SOURCE]
    mine = np.flatnonzero(source == 1)
    last = days(False)[19]
    is_touched = np.zeros(len(source), bool)
    is_touched[mine[list(touched)]] = True
    memory = folded([*days(False)[:19], stopped(last, is_touched)])
    is_cooled = memory.unstopped_days == 0
    assert bool(is_cooled[mine].all()) is is_whole
    assert bool((is_cooled == is_touched).all()) is not is_whole
    assert not is_cooled[source != 1].any()


@pytest.mark.parametrize(("beside", "is_source"), [(0.6, False), (3.8, True)])
def test_a_source_is_named_beyond_its_building_when_the_other_homes_fell_as_well(beside, is_source):
    """A building pulls its source down with it."""
    network = simulated(False)[0].tree.network()
    building = network.of_home[Level.BUILDING]
    sinking = []
    for number, day in enumerate(days(False)):
        celsius = day.celsius.copy()
        for name, kelvin, first in (("b003", 4.0, FROM), ("b004", beside, FROM + 3)):
            fall = kelvin * (1 - np.exp(-max(number + 0.5 - first, 0.0) / 2.0))
            celsius[:, building == network.places[Level.BUILDING].index(name)] -= fall
        sinking.append(replace(day, celsius=celsius))
    found = found_in(folded(sinking))
    lasting = {(one.level, one.place) for one in found if one.end_s is None}
    assert lasting == {(Level.SOURCE, "so2") if is_source else (Level.BUILDING, "b003")}


def test_what_a_stop_has_left_fades_by_a_fifth_each_day():
    source = simulated(False)[0].tree.network().of_home[Level.SOURCE]
    some = days(False)[:27]
    some[19] = stopped(some[19], source == 1)
    left = folded(some).history.series[Level.SOURCE].recovering[-3:, 1]
    assert left[1:] / left[:-1] == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize(
    ("level", "place", "is_explained"),
    [
        (Level.SOURCE, "so2", True),
        (Level.SOURCE, "so1", False),
        (Level.BUILDING, "b003", True),
        (Level.BUILDING, "b004", False),
    ],
)
def test_a_cut_of_a_building_is_explained_by_what_is_declared_for_it_or_its_source(
    level: Level, place: str, is_explained: bool
) -> None:
    network = simulated(True)[0].tree.network()
    cut = Cut(
        *(Level.BUILDING, "b003", View.OTHERS, START, START + DAY_S, 5.5, 8.0, 3.0, (), (), 12, 0),
        firm_s=START + DAY_S,
        accused_s=START + DAY_S,
        end_s=START + 5 * DAY_S,
    )
    edge = Edge(
        *(Kind.EARLY_STOP, Level.BUILDING, "b003", START, START + DAY_S, (), (), 12, 0),
        *(20.0, 0.0, 0.1, 1.0, True),
    )
    memory = replace(SupplyMemory.none(network, Hierarchy.of(network)), cuts=(cut,), edges=(edge,))
    notice = Declaration("reported_stop", level, place, START - 1, START + 9 * DAY_S, START - DAY_S)
    found = supply_findings(memory, [notice], network, START + 9 * DAY_S)
    assert [not one.accuses for one in found] == [is_explained] * 2


def test_a_cut_ends_where_the_past_of_its_homes_is_let_go():
    network = simulated(True)[0].tree.network()
    places, now_s = Hierarchy.of(network), START + DAYS * DAY_S
    memory = folded(days(True)[: FROM + 12])
    (cut,) = [one for one in memory.cuts if one.place == "so2" and one.end_s is None]
    mine = network.of_home[Level.SOURCE] == network.places[Level.SOURCE].index("so2")
    for homes, end_s in ((mine, now_s), (~mine, None)):
        left = without_past(memory, np.asarray(homes), network, places, now_s)
        (same,) = [one for one in left.cuts if one.start_s == cut.start_s and one.place == "so2"]
        assert same == replace(cut, end_s=end_s)
