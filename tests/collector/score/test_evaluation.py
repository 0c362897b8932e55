"""From a simulated season to its rows: an all-knowing detector scores full marks, silence none."""

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core import MISSING
from heatward_collector.core.suppression import Certainty, Finding, Kind, Level
from heatward_collector.score.case import Case, known_outdoor, measured_raw
from heatward_collector.score.evaluation import evaluate
from heatward_collector.score.labels import truth_of
from heatward_collector.score.truth import Account
from heatward_collector.simulate import Cause, Declared, Event, Shape, season, town, twin
from heatward_collector.simulate.calendar import DAY_S, local_midnight

FIRST = local_midnight("2023-01-04")
TREE = town(sources=2, buildings_per_source=2, homes_per_building=5, floor_heated=(3,))
"""so1 heats b001 and b002, so2 heats b003 and, with floor heating, b004."""


def at(day: float) -> int:
    return FIRST + round(day * DAY_S)


EVENTS = (
    Event(Kind.NIGHT_INTERRUPTION, Level.SOURCE, "so2", at(1.5), at(3.5)),
    Event(Kind.OUTAGE, Level.ZONE, "z2-floor", at(5), at(5.4)),
    Event(
        *(Kind.OUTAGE, Level.SOURCE, "so2", at(6), at(6.2)),
        cause=Cause.REPAIR,
        declared=Declared.BEFORE,
    ),
    Event(Kind.THROTTLING, Level.SOURCE, "so1", at(3), at(8), 0.6, cause=Cause.SHORTAGE),
)


@pytest.fixture(scope="module")
def case() -> Case:
    whole = season(5, FIRST, 9, shape=Shape(TREE, EVENTS))
    return Case(
        seed=5,
        shape=whole.shape,
        start_s=FIRST,
        raw=measured_raw(whole),
        outdoor=known_outdoor(whole.time_s, whole.outdoor),
        truth=truth_of(whole, twin(whole, EVENTS)),
    )


def oracle(case: Case) -> list[Finding]:
    """Say everything that is true, an hour and a half after it began."""
    said = [
        (one.kind, one.level, one.place, one.on_s, one.off_s, one.reach, one.is_declared)
        for one in case.truth.periods
    ]
    said += [
        (one.kind, one.level, one.place, one.from_s, one.to_s, one.buildings, one.is_declared)
        for one in case.truth.cuts
    ]
    return [
        Finding(
            *(kind, level, place, on_s, off_s, on_s + 5400),
            Certainty.DECLARED if is_declared else Certainty.HIGH,
            tuple(sorted(buildings)),
            *((), 10, 0, "oracle"),
        )
        for kind, level, place, on_s, off_s, buildings, is_declared in said
    ]


def test_labels_know_radiators_floors_and_what_was_declared(case):
    first, second, floor, declared = case.truth.periods
    assert first.buildings == {"b003"}
    assert first.reach == {"b003", "b004"}
    assert [first.series, second.series] == [0, 0]
    assert (first.on_s, first.off_s) == (at(1 + 23 / 24), at(2 + 4.5 / 24))
    assert 3 <= first.valid_homes <= 5
    assert 20 < first.lift_kelvin < 60
    assert (floor.account, floor.buildings) == (Account.FLOOR_HEATING, {"b004"})
    assert declared.account is Account.DECLARED
    (cut,) = case.truth.cuts
    assert cut.buildings == {"b001", "b002"}
    assert case.truth.shortages == (True,)


def test_the_twin_shows_where_heat_was_held_back_and_how_far_rooms_fell(case):
    shortfall, drop = case.truth.shortfall, case.truth.drop
    assert np.abs(shortfall[:3, :2]).max() < 0.2
    assert shortfall[4:8, :2].min() > 5
    assert (np.diff(drop[3:8, 0]) > 0).all()
    assert np.abs(drop[0]).max() < 0.2
    assert drop[7, :2].min() > 1.5


def test_an_all_knowing_detector_scores_full_marks(case):
    rows = evaluate(case, oracle(case))
    assert [row.is_found for row in rows.periods] == [True] * 4
    assert {row.is_level_right for row in rows.periods} == {True}
    assert {round(row.delay_h, 3) for row in rows.periods} == {1.517}
    assert [row.said for row in rows.periods][3] == "declared"
    assert (rows.false, rows.fragments) == ([], 0)
    assert all(row.is_kind_right for row in rows.series)
    (cut,) = rows.cuts
    assert (cut.is_found, cut.is_shortage, cut.buildings) == (True, True, 2)
    assert (rows.live_days.wrong, rows.final_days.wrong, rows.final_days.missed) == (0, 0, 0)
    assert rows.final_days.right >= 6
    assert rows.has_events


def test_silence_misses_everything_and_is_never_wrong(case):
    rows = evaluate(case, [])
    assert {row.said for row in rows.periods} == {"missed"}
    assert rows.false == []
    assert rows.right == 0
    assert rows.final_days.right == 0 < rows.final_days.missed


def test_a_finding_at_a_building_is_at_the_source_that_has_radiators_only_there(case):
    local = replace(oracle(case)[0], level=Level.BUILDING, place="b003", buildings=("b003",))
    assert evaluate(case, [local]).periods[0].is_level_right
    other = replace(local, place="b001", buildings=("b001",), start_s=at(0.2), end_s=at(0.4))
    assert len(evaluate(case, [replace(other, detected_s=at(0.3))]).false) == 1


def test_building_days_need_homes_that_measured(case):
    assert evaluate(case, []).building_days <= 9 * 4
    dark = replace(case, raw=np.full_like(case.raw, MISSING))
    assert evaluate(dark, []).building_days == 0
