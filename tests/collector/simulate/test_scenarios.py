"""Every scenario can be simulated, says what is expected of it, and does what its name says."""

from __future__ import annotations

import numpy as np
import pytest

from heatward_collector.simulate import Declared, Event, twin
from heatward_collector.simulate.scenarios import SCENARIOS, scenario
from heatward_collector.simulate.situation import Said, Scenario

WITH_EVENTS = [one for one in SCENARIOS.values() if one.build().events]


def test_there_are_the_twelve_scenarios_and_the_added_ones() -> None:
    assert len(SCENARIOS) >= 12 + 16
    assert len(WITH_EVENTS) >= 20


@pytest.mark.parametrize("one", SCENARIOS.values(), ids=SCENARIOS)
def test_what_is_expected_names_an_event_and_a_place_that_are_there(one: Scenario) -> None:
    shape = one.build()
    acting = {(event.kind, event.level, event.place): event for event in shape.events}
    assert one.expected
    for expected in one.expected:
        if expected.said is Said.NOTHING:
            assert not shape.events
            continue
        event = acting.pop((expected.kind, expected.level, expected.place))  # type: ignore[index]
        assert shape.tree.homes_at(event.level, event.place).any()
        assert (expected.said is Said.DECLARED) == (event.declared is Declared.BEFORE)
    assert not acting


@pytest.mark.parametrize("one", WITH_EVENTS, ids=lambda one: one.name)
def test_the_event_of_a_scenario_lies_in_its_days_and_cools_its_rooms(one: Scenario) -> None:
    suppressed = scenario(one.name, 1, 3600)
    fall = twin(suppressed, suppressed.events).rooms - suppressed.rooms
    for event in suppressed.events:
        assert suppressed.time_s[0] <= event.start_s < suppressed.time_s[-1]
        rooms = suppressed.tree.homes_at(event.level, event.place)[suppressed.tree.room_home]
        assert float(np.median(fall[rooms], axis=0).max()) > 0.8
    assert not fall[:, suppressed.time_s < min(event.start_s for event in suppressed.events)].any()


@pytest.mark.parametrize("name", [name for name in SCENARIOS if not SCENARIOS[name].build().events])
def test_a_nuisance_runs_without_any_event(name: str) -> None:
    still = scenario(name, 2, 3600)
    assert still.events == ()
    assert np.isfinite(still.rooms).all()


def test_two_homes_without_heat_for_days_fall_below_nineteen_and_a_half() -> None:
    cold = scenario("two_homes_in_mild_weather", 1)
    last_day = cold.rooms[:, cold.time_s < cold.events[0].end_s][:, -288:]
    assert float(last_day.max(axis=1).max()) < 19.5


def test_an_unknown_scenario_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="there are airing, "):
        scenario("earthquake", 1)


def test_nights_off_are_five_nights() -> None:
    (nights,) = SCENARIOS["nights_off"].build().events
    assert isinstance(nights, Event)
    time_s = np.arange(nights.start_s, nights.end_s, 300)
    assert len(nights.periods(time_s)) == 5
