"""When each kind of suppression acts, and how much heat it leaves."""

from __future__ import annotations

import numpy as np
import pytest

from heatward_collector.simulate import Event, Kind, Level

MIDNIGHT = int(np.datetime64("2021-01-04T16:00:00", "s").astype(np.int64))
"""Local midnight of 5 January 2021."""
HOUR_S = 3600
TIME = MIDNIGHT + 300 * np.arange(3 * 288, dtype=np.int64)


def hours(event: Event) -> list[tuple[float, float]]:
    return [((a - MIDNIGHT) / HOUR_S, (b - MIDNIGHT) / HOUR_S) for a, b in event.periods(TIME)]


def test_a_night_interruption_is_off_from_eleven_to_half_past_four_local_time() -> None:
    nights = Event(
        Kind.NIGHT_INTERRUPTION, Level.SOURCE, "so1", MIDNIGHT + 12 * HOUR_S, MIDNIGHT + 60 * HOUR_S
    )
    assert hours(nights) == [(23.0, 28.5), (47.0, 52.5)]


def test_stop_start_heating_counts_its_hours_from_its_first() -> None:
    strips = Event(
        Kind.STOP_START, Level.SOURCE, "so1", MIDNIGHT, MIDNIGHT + 14 * HOUR_S, hours_off=(3.0, 4.0)
    )
    assert hours(strips) == [(0.0, 3.0), (7.0, 10.0)]


def test_a_cap_limits_only_what_lies_above_it() -> None:
    capped = Event(
        Kind.THROTTLING, Level.SOURCE, "so1", MIDNIGHT, MIDNIGHT + HOUR_S, cap_kelvin=34.0
    )
    due = np.where(TIME < MIDNIGHT + 1800, 20.0, 45.0)
    left = capped.held_back(TIME, due)
    assert left[0] == 20.0
    assert left[11] == 34.0
    assert left[12] == 45.0


def test_the_residual_is_a_share_of_what_is_due() -> None:
    weak = Event(Kind.OUTAGE, Level.BUILDING, "b1", MIDNIGHT, MIDNIGHT + HOUR_S, residual=0.3)
    left = weak.held_back(TIME, np.full(len(TIME), 40.0))
    assert np.allclose(left[:12], 12.0)
    assert np.allclose(left[12:], 40.0)


@pytest.mark.parametrize("residual", [-0.1, 1.1])
def test_a_residual_that_is_no_share_is_refused(residual: float) -> None:
    with pytest.raises(ValueError, match="within 0 and 1"):
        Event(Kind.OUTAGE, Level.SOURCE, "so1", 0, 1, residual=residual)


def test_an_event_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it starts"):
        Event(Kind.OUTAGE, Level.SOURCE, "so1", 2, 1)


def test_a_ramp_falls_evenly_to_the_residual_and_stays_there() -> None:
    falling = Event(
        *(Kind.THROTTLING, Level.SOURCE, "so1", MIDNIGHT, MIDNIGHT + 48 * HOUR_S, 0.8),
        ramp_s=24 * HOUR_S,
    )
    left = falling.held_back(TIME, np.full(len(TIME), 40.0))
    assert left[[0, 144, 288, 500]].tolist() == [40.0, 36.0, 32.0, 32.0]
    assert left[2 * 288] == 40.0


def test_a_regime_is_off_between_its_hours_and_makes_up_for_it_in_them() -> None:
    firing = Event(
        *(Kind.STOP_START, Level.SOURCE, "so1", MIDNIGHT, MIDNIGHT + 24 * HOUR_S, 0.2),
        hours_heated=((5.0, 11.0), (16.0, 22.0)),
        boost=1.8,
    )
    assert hours(firing) == [(0.0, 5.0), (11.0, 16.0), (22.0, 24.0)]
    left = firing.held_back(TIME, np.full(len(TIME), 10.0))
    assert left[[0, 60, 132, 300]].tolist() == [2.0, 18.0, 2.0, 10.0]


def test_a_season_of_a_night_series_counts_each_night_once() -> None:
    nights = Event(
        *(Kind.NIGHT_INTERRUPTION, Level.SOURCE, "so1", MIDNIGHT - 12 * HOUR_S),
        MIDNIGHT + 60 * HOUR_S,
    )
    assert hours(nights)[0] == (0.0, 4.5)
    assert len(hours(nights)) == 3
