"""For how long a false alarm could have been raised."""

import numpy as np

from heatward_collector.score.judgeable import building_months, judgeable_days

DAYS = [(0, 4), (4, 8)]
BUILDING = np.array([0, 0, 0, 0, 1, 1, 1, -1], np.int32)


def test_a_building_needs_four_homes_with_half_of_the_day():
    has_value = np.ones((8, 8), bool)
    has_value[0:2, 0] = False  # half of the first day is enough
    has_value[4:7, 1] = False  # a quarter of the second is not
    days = judgeable_days(has_value, BUILDING, 2, DAYS)
    assert days.tolist() == [[True, False], [False, False]]
    assert building_months(days) == 1 / 30


def test_an_empty_day_and_no_home_are_not_judgeable():
    assert not judgeable_days(np.ones((8, 8), bool), BUILDING, 2, [(4, 4)]).any()
    assert judgeable_days(np.ones((8, 0), bool), np.array([], np.int32), 0, DAYS).shape == (2, 0)
