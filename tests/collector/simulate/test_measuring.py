"""Simulated sensors count in sixteenths, fail as real ones do, and deliver late and twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.simulate import Cause, Event, Kind, Level, Season, Shape, measure, season
from heatward_collector.simulate.measuring import deliver
from heatward_collector.simulate.sensing import (
    NO_FAULTS,
    Fault,
    FaultKind,
    Placement,
    Rate,
    Sensing,
)

START = int(np.datetime64("2021-01-04T16:00:00", "s").astype(np.int64))
HOUR_S = 3600
ROOM = "h001-01-r1"


def sensed(sensing: Sensing, seed: int = 3, days: float = 2.0, events: tuple = ()) -> Season:
    return season(seed, START, days, shape=Shape(sensing=sensing, events=events))


def asked(kind: FaultKind, first: float, last: float, kelvin: float = 0.0) -> Sensing:
    fault = Fault(kind, ROOM, int(START + first * HOUR_S), int(START + last * HOUR_S), kelvin)
    return replace(NO_FAULTS, faults=(fault,))


def test_what_a_sensor_says_is_a_sixteenth_of_a_degree() -> None:
    values = measure(sensed(Sensing(), days=10)).celsius
    known = values[~np.isnan(values)]
    assert np.array_equal(known * 16, np.round(known * 16))


def test_a_sensor_is_wrong_by_a_constant_that_no_average_removes() -> None:
    true = sensed(NO_FAULTS)
    bias = np.median(measure(true).celsius - true.rooms, axis=1)
    assert 0.08 < float(bias.std()) < 0.25


def test_the_same_seed_says_the_same_and_events_change_no_fault() -> None:
    stop = Event(Kind.OUTAGE, Level.SOURCE, "so1", START + 20 * HOUR_S, START + 30 * HOUR_S)
    first, again = (measure(sensed(Sensing())).celsius for _ in range(2))
    other = measure(sensed(Sensing(), seed=4)).celsius
    stopped = measure(sensed(Sensing(), events=(stop,))).celsius
    assert np.array_equal(first, again, equal_nan=True)
    assert not np.array_equal(first, other, equal_nan=True)
    assert np.array_equal(np.isnan(first), np.isnan(stopped))
    assert np.array_equal(first[:, :240], stopped[:, :240], equal_nan=True)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FaultKind.POWER_ON, 85.0),
        (FaultKind.SHORT, 127.9375),
        (FaultKind.DISCONNECTED, -127.0),
        (FaultKind.MISSING, float("nan")),
    ],
)
def test_a_fault_replaces_the_readings_of_its_time_and_room(kind: FaultKind, value: float) -> None:
    clean = measure(sensed(NO_FAULTS)).celsius
    said = measure(sensed(asked(kind, 3.0, 4.0))).celsius
    assert np.array_equal(said[0, 36:48], np.full(12, value), equal_nan=True)
    said[0, 36:48] = clean[0, 36:48]
    assert np.array_equal(said, clean)


def test_a_stuck_sensor_repeats_its_first_value() -> None:
    said = measure(sensed(asked(FaultKind.STUCK, 6.0, 12.0))).celsius
    assert len(set(said[0, 72:144].tolist())) == 1
    assert len(set(said[0, :72].tolist())) > 1


@pytest.mark.parametrize(
    ("kind", "kelvin", "inside", "after"),
    [
        (FaultKind.HAND_WARMED, 5.0, 5.0, 0.0),
        (FaultKind.SPIKE, -8.0, -8.0, 0.0),
        (FaultKind.DRIFT, 7.0, 0.5, 1.0),
    ],
)
def test_a_moved_sensor_is_off_by_its_kelvin_and_a_drift_by_them_a_week(
    kind: FaultKind, kelvin: float, inside: float, after: float
) -> None:
    error = (
        measure(sensed(asked(kind, 12.0, 36.0, kelvin))).celsius
        - measure(sensed(NO_FAULTS)).celsius
    )
    assert error[0, :144].tolist() == [0.0] * 144
    assert float(error[0, 144:432].mean()) == pytest.approx(inside, abs=0.05)
    assert float(error[0, 440:].mean()) == pytest.approx(after, abs=0.07)
    assert not error[1:].any()


def test_a_fault_of_an_unknown_room_is_refused() -> None:
    sensing = replace(NO_FAULTS, faults=(Fault(FaultKind.STUCK, "r9", START, START + 1),))
    with pytest.raises(ValueError, match="no such room: r9"):
        measure(sensed(sensing))


@pytest.mark.parametrize(
    ("place", "low", "high"),
    [
        (Placement.WINDOW, -9.0, -1.5),
        (Placement.RADIATOR, 1.0, 9.0),
        (Placement.REFRIGERATOR, 0.6, 4.0),
        (Placement.INNER_WALL, -0.6, 0.6),
    ],
)
def test_a_badly_placed_sensor_is_off_on_average(place: Placement, low: float, high: float) -> None:
    true = sensed(replace(NO_FAULTS, bias_kelvin=0.0, placements={ROOM: place}))
    measured = measure(true)
    assert measured.placements[0] is place
    assert low < float((measured.celsius - true.rooms)[0].mean()) < high
    assert abs(float((measured.celsius - true.rooms)[1:].mean())) < 0.02


def test_a_sensor_by_a_lamp_is_warm_in_the_evening_only() -> None:
    true = sensed(replace(NO_FAULTS, placements={ROOM: Placement.LAMP}))
    error = (measure(true).celsius - true.rooms)[0]
    evening, morning = error[19 * 12 : 22 * 12], error[6 * 12 : 10 * 12]
    assert float(evening.mean() - morning.mean()) > 1.5


def test_a_probe_in_an_inner_wall_comes_hours_late() -> None:
    stop = Event(Kind.OUTAGE, Level.SOURCE, "so1", START + 24 * HOUR_S, START + 40 * HOUR_S)
    sensing = replace(NO_FAULTS, placements={ROOM: Placement.INNER_WALL})
    behind = measure(sensed(sensing, events=(stop,))).celsius[0]
    open_ = measure(sensed(NO_FAULTS, events=(stop,))).celsius[0]
    fell = 28 * 12
    assert behind[288] - behind[fell] < 0.7 * (open_[288] - open_[fell])


def test_a_power_cut_takes_the_nodes_with_the_heat() -> None:
    cut = Event(
        *(Kind.OUTAGE, Level.BUILDING, "b001", START + 24 * HOUR_S, START + 30 * HOUR_S),
        cause=Cause.POWER_CUT,
    )
    said = measure(sensed(NO_FAULTS, events=(cut,))).celsius
    assert np.isnan(said[:10, 288:360]).all()
    assert not np.isnan(said[10:]).any()
    assert not np.isnan(said[:10, 360:]).any()


def test_every_reading_is_delivered_once_and_after_it_was_measured() -> None:
    true = sensed(replace(NO_FAULTS, sensor_rates={FaultKind.MISSING: Rate(20.0)}))
    measured = measure(true)
    came = deliver(true, measured)
    seen = np.zeros(measured.celsius.shape, dtype=int)
    np.add.at(seen, (came.room, came.step), 1)
    assert np.array_equal(seen, ~np.isnan(measured.celsius))
    assert (came.arrived_s >= true.time_s[came.step]).all()
    assert (np.diff(came.arrived_s) >= 0).all()


def test_a_link_that_is_down_delivers_everything_when_it_is_up_again() -> None:
    true = sensed(asked(FaultKind.LATE, 10.0, 15.0))
    came = deliver(true, measure(true))
    own = came.room == 0
    waited = own & (came.step >= 120) & (came.step < 180)
    assert (came.arrived_s[waited] == START + 15 * HOUR_S).all()
    assert (came.arrived_s[own & ~waited] - true.time_s[came.step[own & ~waited]] <= 10).all()


def test_single_readings_stray_and_repeat() -> None:
    sensing = replace(
        asked(FaultKind.STRAY, 10.0, 13.0),
        faults=(
            Fault(FaultKind.STRAY, ROOM, START + 10 * HOUR_S, START + 13 * HOUR_S),
            Fault(FaultKind.REPEATED, ROOM, START + 20 * HOUR_S, START + 21 * HOUR_S),
        ),
    )
    true = sensed(sensing)
    came = deliver(true, measure(true))
    own = came.room == 0
    assert came.arrived_s[own & (came.step == 120)].tolist() == [START + 13 * HOUR_S]
    assert came.arrived_s[own & (came.step == 121)][0] < START + 11 * HOUR_S
    assert len(came.arrived_s[own & (came.step == 240)]) == 2


def test_with_the_usual_rates_every_fault_occurs_and_stays_rare() -> None:
    true = sensed(Sensing(), days=40)
    measured = measure(true)
    values = measured.celsius
    for value in (85.0, 127.9375, -127.0):
        assert 0 < np.count_nonzero(values == value) < values.size / 1000
    assert 0.005 < np.isnan(values).mean() < 0.05
    came = deliver(true, measured)
    wait = came.arrived_s - true.time_s[came.step]
    assert 0.001 < np.mean(wait > 3 * HOUR_S) < 0.05
    assert len(came.room) > np.count_nonzero(~np.isnan(values))
