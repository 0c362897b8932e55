"""Plans spread kinds, levels and severities, keep events of a source apart, and repeat by seed."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from heatward_collector.simulate import Cause, Declared, Event, Kind, Level, planned_shape
from heatward_collector.simulate.calendar import DAY_S, legal_season
from heatward_collector.simulate.plans import winter_of

SHAPES = [planned_shape(seed) for seed in range(100)]
EVENTS = [event for shape in SHAPES for event in shape.events]


def periods(event: Event) -> int:
    return len(event.periods(np.arange(event.start_s, event.end_s, 300)))


def test_a_seed_plans_the_same_season_again_and_the_same_town_without_events() -> None:
    calm = planned_shape(4, events=False)
    assert planned_shape(4) == SHAPES[4]
    assert calm.events == calm.declarations == ()
    assert (calm.tree, calm.adjustments, calm.limits) == (
        SHAPES[4].tree,
        SHAPES[4].adjustments,
        SHAPES[4].limits,
    )


def test_a_town_has_six_sources_of_three_buildings_of_five_homes() -> None:
    for shape in SHAPES[:10]:
        assert len(shape.tree.places(Level.SOURCE)) == 6
        assert Counter(home.building for home in shape.tree.homes) == dict.fromkeys(
            shape.tree.places(Level.BUILDING), 5
        )
        assert {len(home.rooms) for home in shape.tree.homes} == {1, 2}


def test_three_tenths_of_the_buildings_have_warm_floors_and_some_towns_two_substations() -> None:
    floor = [home.has_floor_heating for shape in SHAPES for home in shape.tree.homes]
    assert 0.25 < float(np.mean(floor)) < 0.35
    stations = Counter(len(shape.tree.places(Level.SUBSTATION)) for shape in SHAPES)
    assert set(stations) == {6, 12}
    assert 15 < stations[12] < 45


def test_all_events_are_in_the_legal_season_and_those_of_a_source_four_days_apart() -> None:
    for seed, shape in enumerate(SHAPES):
        begin, end = legal_season(winter_of(seed))
        spans: dict[str, list[tuple[int, int]]] = {}
        for event in shape.events:
            assert begin <= event.start_s < event.end_s <= end
            homes = shape.tree.homes_at(event.level, event.place)
            source = shape.tree.place_of(shape.tree.homes[int(np.argmax(homes))], Level.SOURCE)
            spans.setdefault(source, []).append((event.start_s, event.end_s))
        for one in spans.values():
            one.sort()
            assert all(b[0] - a[1] >= 4 * DAY_S for a, b in zip(one, one[1:], strict=False))


@pytest.mark.parametrize("kind", list(Kind))
def test_a_hundred_seeds_hold_three_hundred_events_of_every_kind(kind: Kind) -> None:
    ordinary = [
        event
        for event in EVENTS
        if event.kind is kind
        and event.declared is not Declared.BEFORE
        and event.cause is not Cause.POWER_CUT
    ]
    assert len(ordinary) >= 300
    strong = [event for event in ordinary if event.residual <= 0.3]
    if kind in (Kind.OUTAGE, Kind.NIGHT_INTERRUPTION, Kind.STOP_START):
        assert sum(periods(event) for event in strong) >= 600


def test_a_third_of_the_events_act_on_one_building_or_zone() -> None:
    levels = Counter(event.level for event in EVENTS)
    share = (levels[Level.BUILDING] + levels[Level.ZONE]) / len(EVENTS)
    assert 0.28 < share < 0.40
    assert levels[Level.SUBSTATION] > 100


def test_severities_reach_from_full_stops_to_a_fifth_less() -> None:
    outages = [event.residual for event in EVENTS if event.kind is Kind.OUTAGE]
    assert 0.4 < float(np.mean(np.array(outages) == 0.0)) < 0.65
    assert max(outages) > 0.75
    cuts = [event for event in EVENTS if event.kind is Kind.THROTTLING]
    assert any(event.ramp_s for event in cuts)
    assert any(event.cap_kelvin for event in cuts)
    lukewarm = [event for event in EVENTS if event.kind is Kind.LATE_START and event.residual > 0.3]
    assert len(lukewarm) > 30


def test_a_minority_of_towns_has_regimes_notices_shortages_and_power_cuts() -> None:
    for cause in (Cause.REGIME, Cause.REPAIR, Cause.SHORTAGE, Cause.POLLUTION, Cause.POWER_CUT):
        towns = sum(any(event.cause is cause for event in shape.events) for shape in SHAPES)
        assert 5 <= towns < 50
    assert any(event.declared is Declared.AFTERWARDS for event in EVENTS)


def test_what_was_declared_before_is_labelled_so() -> None:
    for shape in SHAPES:
        said = {one.place for one in shape.declarations}
        labelled = {event.place for event in shape.events if event.declared is not Declared.NO}
        assert labelled == said


def test_lawful_changes_come_with_and_without_events() -> None:
    assert sum(bool(shape.adjustments) for shape in SHAPES) > 20
    limited = [limit.home for shape in SHAPES for limit in shape.limits]
    assert 0.03 < len(limited) / (100 * 90) < 0.07


def test_a_shortage_cuts_every_source_at_the_same_time() -> None:
    for shape in SHAPES:
        cuts = [event for event in shape.events if event.cause is Cause.SHORTAGE]
        assert {event.place for event in cuts} in (set(), set(shape.tree.places(Level.SOURCE)))
        assert len({(event.start_s, event.end_s) for event in cuts}) <= 1
