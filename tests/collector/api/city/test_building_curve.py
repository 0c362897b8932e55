"""The hourly curve of a building: homes vote, and fewer than five show nothing."""

import warnings

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from heatward_collector.api.city.building_curve import (
    building_curve,
    hourly_mean,
    hours_between,
    quantiles,
)

START = 1_700_006_400 // 3600 * 3600


def readings(*values: tuple[int, float]) -> tuple[np.ndarray, np.ndarray]:
    times = np.array([START + offset for offset, _ in values], dtype=np.int64)
    return times, np.array([value for _, value in values])


def homes_of(
    homes: list[list[tuple[np.ndarray, np.ndarray]]], start_s: int, end_s: int
) -> list[np.ndarray]:
    """Return the hourly means of each home's rooms, (rooms, hours)."""
    hours = hours_between(start_s, end_s)
    return [np.array([hourly_mean(one, hours) for one in rooms]) for rooms in homes]


def test_homes_vote_and_rooms_do_not() -> None:
    one_room = [[readings((0, celsius))] for celsius in (18.0, 19.0, 20.0, 21.0)]
    three_rooms = [[readings((0, 30.0)), readings((60, 22.0)), readings((0, 10.0))]]
    homes = homes_of(one_room + three_rooms, START, START + 3600)
    curve = building_curve(homes, START, START + 3600)
    assert curve.celsius.tolist() == [20.0]
    assert curve.low is not None and curve.low.tolist() == [19.0]
    assert curve.high is not None and curve.high.tolist() == [21.0]
    assert curve.time_s.tolist() == [START + 1800]


def test_an_hour_with_four_homes_is_missing() -> None:
    homes = [[readings((0, 20.0), (3600, 21.0))] for _ in range(4)] + [[readings((3600, 21.0))]]
    curve = building_curve(homes_of(homes, START, START + 7200), START, START + 7200)
    assert np.isnan(curve.celsius[0]) and curve.celsius[1] == 21.0


def test_no_home_and_no_hour_give_an_empty_curve() -> None:
    assert building_curve([], START, START).time_s.size == 0
    assert np.isnan(building_curve([], START, START + 7200).celsius).all()


def test_missing_readings_and_those_outside_do_not_count() -> None:
    hours = np.array([START, START + 3600], dtype=np.int64)
    mean = hourly_mean(readings((-1, 5.0), (0, 20.0), (10, np.nan), (7200, 5.0)), hours)
    assert mean[0] == 20.0 and np.isnan(mean[1])


@given(st.integers(START, START + 7200), st.integers(0, 100_000))
def test_every_hour_begins_inside_the_range(start_s: int, length_s: int) -> None:
    middles = building_curve([], start_s, start_s + length_s).time_s
    assert (middles <= start_s + length_s).all()
    whole = middles[:-1] - 1800
    assert (whole % 3600 == 0).all()
    assert ((whole >= start_s) & (whole < start_s + length_s)).all()


def test_the_hour_that_still_runs_is_drawn_at_now_and_not_beyond() -> None:
    assert building_curve([], START, START + 3600 + 600).time_s.tolist() == [
        START + 1800,
        START + 3600 + 600,
    ]


@given(st.lists(st.floats(-20, 40), min_size=5, max_size=12))
def test_the_median_lies_in_its_band(celsius: list[float]) -> None:
    homes = homes_of([[readings((0, value))] for value in celsius], START, START + 3600)
    curve = building_curve(homes, START, START + 3600)
    assert curve.low is not None and curve.high is not None
    assert curve.low[0] <= curve.celsius[0] <= curve.high[0]


def test_a_home_without_rooms_has_no_say() -> None:
    homes = [np.full((1, 1), 20.0)] * 5 + [np.empty((0, 1))]
    assert building_curve(homes, START, START + 3600).celsius.tolist() == [20.0]


@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(1, 6), st.integers(1, 5)),
        elements=st.one_of(st.just(np.nan), st.floats(-50, 60)),
    )
)
def test_quantiles_are_those_of_numpy(values: np.ndarray) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a column without a value
        expected = np.nanquantile(values, (0.25, 0.5, 0.75), axis=0)
    np.testing.assert_allclose(quantiles(values, (0.25, 0.5, 0.75)), expected, atol=1e-9)
