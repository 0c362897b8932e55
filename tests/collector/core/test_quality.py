"""Values that cannot be room air: lone spikes, and sensors that stopped moving."""

import numpy as np
import pytest

from heatward_collector.core import MISSING
from heatward_collector.core.quality import in_a_row, standing_still, stuck, without_spikes


def cleaned(*columns):
    grid = np.array(columns, np.int16).T
    return [column.tolist() for column in without_spikes(grid).T]


@pytest.mark.parametrize("spike", [320 + 41, 320 - 41, 1360, -880])
def test_a_lone_spike_is_taken_out(spike):
    assert cleaned([320, 320, spike, 320, 322]) == [[320, 320, MISSING, 320, 322]]


def test_a_small_jump_and_a_lasting_one_stay():
    small, lasting = [320, 320, 360, 320, 320], [320, 320, 420, 421, 420]
    assert cleaned(small, lasting) == [small, lasting]


def test_neighbours_that_disagree_prove_nothing():
    assert cleaned([320, 400, 350]) == [[320, 400, 350]]


def test_neighbours_are_looked_for_across_a_gap_but_not_across_an_hour():
    near = [320, MISSING, MISSING, 500, MISSING, 320]
    assert cleaned(near)[0][3] == MISSING
    far = [320] + [MISSING] * 11 + [500] + [MISSING] * 11 + [320]
    assert cleaned(far)[0][12] == 500


def test_neighbours_belong_to_the_same_point():
    columns = [320, 320, 500], [320, 320, 320], [500, 320, 320]
    assert cleaned(*columns) == list(columns)


def test_an_empty_grid_stays_empty():
    grid = np.full((3, 2), MISSING, np.int16)
    assert without_spikes(grid) is grid
    assert without_spikes(np.empty((0, 0), np.int16)).size == 0


def day_of(neighbours_k):
    """A point that shows 20.0 all day, and two neighbours that move by so many kelvin."""
    means = np.full((24, 3), 20.0)
    means[:, 1:] += np.linspace(0, neighbours_k, 24)[:, None]
    steady = np.full((24, 3), np.nan)
    steady[:, 0] = 320
    return steady, means, np.zeros(3, np.int32)


def test_a_point_that_stands_still_while_its_building_moves_is_stuck():
    steady, means, building = day_of(neighbours_k=4.0)
    assert stuck(steady, means, building, 1)[:, 0].all()
    assert not stuck(steady, means, building, 1)[:, 1:].any()


def test_a_point_in_a_building_that_stands_still_too_is_not_stuck():
    steady, means, building = day_of(neighbours_k=0.5)
    assert not stuck(steady, means, building, 1).any()


def test_five_still_hours_are_not_six():
    steady, means, building = day_of(neighbours_k=4.0)
    steady[5::6] = np.nan
    assert not stuck(steady, means, building, 1).any()


def test_a_point_alone_or_without_a_building_is_never_stuck():
    steady, means, building = day_of(neighbours_k=4.0)
    assert not stuck(steady, means, np.array([0, 1, 1], np.int32), 2).any()
    assert not stuck(steady, means, np.array([-1, 0, 0], np.int32), 1).any()


def test_silent_neighbours_prove_nothing():
    steady, means, building = day_of(neighbours_k=4.0)
    means[:, :] = np.nan
    assert not stuck(steady, means, building, 1).any()


@pytest.mark.parametrize("hours", [1, 2, 3, 5, 6])
def test_hours_in_a_row_are_neighbours(hours):
    mask = np.zeros((24, 3), bool)
    mask[4 : 4 + hours, 0] = True
    mask[4 : 4 + 2 * hours : 2, 1] = True
    assert in_a_row(mask, hours).tolist() == [True, hours == 1, False]
    assert not in_a_row(mask[: hours + 3], hours)[0]


def test_standing_still_is_one_value_for_six_hours():
    steady = np.full((24, 3), np.nan)
    steady[2:8, 0] = 320
    steady[2:8, 1] = [320, 320, 320, 321, 321, 321]
    steady[2:7, 2] = 320
    assert standing_still(steady).tolist() == [True, False, False]
    assert standing_still(steady[:3]).tolist() == [False] * 3
