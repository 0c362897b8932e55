"""Guarded verdicts of rooms, homes and buildings, on numbers written out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.core.compliance import (
    Verdict,
    guard_band,
    hours_under,
    judge_buildings,
    judge_rooms,
    worst_of_group,
)

LIMIT, GUARD = 20.0, 1.0
COUNTS = np.array([not 10 <= hour < 14 for hour in range(24)])
BELOW, MET = Verdict.BELOW, Verdict.MET
MINUS, PLUS = Verdict.MARGINAL_MINUS, Verdict.MARGINAL_PLUS
NONE = Verdict.NOT_JUDGEABLE


def day(warm=22.0, **hours):
    """A day at ``warm`` degC but for given hours: h3=18.5, or h3_7=18.5 for 3:00 to 7:00."""
    means = np.full(24, warm)
    for name, value in hours.items():
        first, _, last = name[1:].partition("_")
        means[int(first) : int(last or int(first) + 1)] = value
    return means


def judged(means, is_judged=True, counts=COUNTS):
    return judge_rooms(means[:, None], counts, LIMIT, np.array([GUARD]), np.array([is_judged]))


def verdict_of(means, **facts):
    return Verdict(int(judged(means, **facts).verdict[0]))


@pytest.mark.parametrize(
    ("calibration", "placement", "expected"),
    [(0.5 / 3**0.5, 0.3, 0.705), (0.5 / 3**0.5, 0.5, 0.964), (0.1, 0.3, 0.546)],
)
def test_the_guard_band_is_1645_standard_uncertainties(calibration, placement, expected):
    band = guard_band(np.array([calibration]), np.array([placement]))
    np.testing.assert_allclose(band, expected, atol=0.001)


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        (day(22.0), MET),
        (day(21.0), MET),
        (day(20.9), PLUS),
        (day(19.9), MINUS),
        (day(19.1), MINUS),
        (day(19.0), BELOW),
        (day(h0_3=15.0), MET),
        (day(h0_4=19.0), BELOW),
        (day(h0_4=19.5), MINUS),
        (day(h0_4=20.5), PLUS),
        (day(h0_2=15.0, h20_22=15.0), BELOW),
        (day(h10_14=10.0), MET),
        (day(h9_14=10.0), MET),
    ],
)
def test_a_day_is_called_only_where_the_guard_band_allows(means, expected):
    assert verdict_of(means) is expected


def test_three_quarters_of_the_counted_hours_are_needed_for_any_verdict():
    fifteen = day(15.0, h0_5=np.nan)
    assert verdict_of(fifteen) is BELOW
    assert verdict_of(day(15.0, h0_6=np.nan)) is NONE
    assert verdict_of(day(25.0, h0_6=np.nan)) is NONE
    assert verdict_of(day(np.nan)) is NONE


@pytest.mark.parametrize(("hours", "expected"), [(3, NONE), (4, BELOW)])
def test_fewer_hours_than_make_a_day_below_decide_nothing(hours, expected):
    assert verdict_of(day(15.0), counts=np.arange(24) < hours) is expected
    assert verdict_of(day(25.0), counts=np.arange(24) < hours) in (NONE, MET)


def test_missing_hours_at_noon_cost_no_coverage():
    assert judged(day(22.0, h10_14=np.nan)).coverage[0] == 1.0


def test_a_room_that_is_not_judged_has_no_verdict_but_keeps_its_numbers():
    result = judged(day(15.0), is_judged=False)
    assert result.verdict[0] == NONE
    assert result.mean[0] == 15.0


def test_degree_hours_add_up_what_counted_hours_lack():
    result = judged(day(22.0, h0_2=18.5, h10_12=0.0, h5=np.nan))
    assert result.degree_hours[0] == 3.0
    assert result.hours_below[0] == 2
    assert result.minimum[0] == 18.5
    assert judged(day(np.nan)).degree_hours[0] == 0


@pytest.mark.parametrize("hours", [23, 25])
def test_a_day_of_23_or_25_hours_is_judged_whole(hours):
    means = np.full((hours, 1), 18.0)
    result = judge_rooms(means, np.ones(hours, bool), LIMIT, np.array([GUARD]), np.array([True]))
    assert result.hours_below[0] == hours
    assert result.coverage[0] == 1.0


def test_no_counted_hour_and_no_room_are_no_error():
    before_any_hour = judged(day(15.0), counts=np.zeros(24, bool))
    assert before_any_hour.verdict[0] == NONE
    assert np.isnan(before_any_hour.mean[0])
    empty = judge_rooms(np.empty((24, 0)), COUNTS, LIMIT, np.empty(0), np.empty(0, bool))
    assert len(empty.verdict) == 0


temperatures = st.lists(
    st.none() | st.floats(10, 30).map(lambda value: round(value, 2)), min_size=24, max_size=24
).map(lambda hours: np.array([np.nan if hour is None else hour for hour in hours]))


@given(temperatures, st.integers(0, 23))
def test_missing_data_never_accuses(means, hour):
    """Taking any hour away never makes a room below, and never more so."""
    fewer = means.copy()
    fewer[hour] = np.nan
    assert not (verdict_of(fewer) is BELOW and verdict_of(means) is not BELOW)


@given(st.lists(temperatures, min_size=2, max_size=5), st.floats(0, 2), st.integers(0, 2**24 - 1))
def test_many_rooms_are_judged_as_each_by_itself_to_the_last_bit(rooms, guard, hours):
    counts = np.array([bool(hours >> hour & 1) for hour in range(24)])
    guards, is_judged = np.full(len(rooms), guard), np.ones(len(rooms), bool)
    result = judge_rooms(np.column_stack(rooms), counts, LIMIT, guards, is_judged)
    for room, means in enumerate(rooms):
        known = [mean for mean in means[counts].tolist() if not np.isnan(mean)]
        total = lacking = 0.0
        for mean in known:
            total, lacking = total + mean, lacking + max(LIMIT - mean, 0.0)
        plain = (
            len(known) / max(1, int(counts.sum())),
            total / len(known) if known else np.nan,
            min(known, default=np.nan),
            sum(mean <= LIMIT - guard for mean in known),
            sum(mean < LIMIT + guard for mean in known),
            lacking,
        )
        told = (
            result.coverage,
            result.mean,
            result.minimum,
            result.hours_below,
            result.hours_possibly_below,
            result.degree_hours,
        )
        assert [one[room].tobytes() for one in told] == [np.float64(one).tobytes() for one in plain]


@given(temperatures, st.floats(0, 3))
def test_a_colder_room_is_never_judged_better(means, by):
    warm, cold = judged(means), judged(means - by)
    if warm.verdict[0] != NONE:
        assert cold.verdict[0] >= warm.verdict[0]
    assert cold.degree_hours[0] >= warm.degree_hours[0]


def test_hours_under_a_tier_are_certain_or_possible():
    means = np.array([[14.9], [15.1], [16.9], [17.1], [np.nan]])
    certain, possible = hours_under(means, 16.0, np.array([1.0]))
    assert (certain[0], possible[0]) == (1, 3)


def test_a_home_is_the_worst_of_its_judged_rooms():
    rooms = np.array([MET, BELOW, NONE, PLUS, MINUS, NONE, BELOW], np.uint8)
    homes = np.array([0, 0, 0, 1, 1, 2, -1], np.int32)
    assert worst_of_group(rooms, homes, 4).tolist() == [BELOW, MINUS, NONE, NONE]


def building_of(*homes):
    verdicts = np.array(homes, np.int32)
    return judge_buildings(verdicts, np.zeros(len(homes), np.int32), 1)


@pytest.mark.parametrize(
    ("homes", "expected"),
    [
        ([BELOW] * 3 + [MET] * 2, BELOW),
        ([BELOW] * 3 + [MET] * 3, PLUS),
        ([BELOW] * 2 + [MET], MINUS),
        ([BELOW] * 3 + [NONE] * 20, BELOW),
        ([BELOW, BELOW], MINUS),
        ([MET] * 3 + [BELOW] * 2, MET),
        ([MET] * 2 + [PLUS] * 2, PLUS),
        ([MINUS] * 3 + [MET] * 2, MINUS),
        ([NONE, NONE], NONE),
    ],
)
def test_a_building_is_below_with_most_of_its_judged_homes_and_three(homes, expected):
    result = building_of(*homes)
    assert Verdict(int(result.verdict[0])) is expected
    assert result.judged[0] == sum(home != NONE for home in homes)


def test_homes_without_a_building_have_no_say():
    result = judge_buildings(
        np.array([BELOW] * 4, np.int32), np.array([-1, -1, -1, 0], np.int32), 2
    )
    assert result.below.tolist() == [1, 0]
    assert result.verdict.tolist() == [MINUS, NONE]
