"""What a season's history keeps of homes whose past is no measure any more."""

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.history import History, Series
from heatward_collector.core.suppression.by_day.place_days import LEVELS, Hierarchy
from heatward_collector.core.suppression.homes.network import Level
from heatward_collector.simulate import town

NETWORK = town(sources=2, buildings_per_source=2, homes_per_building=4, rooms_per_home=1).network()
PLACES = Hierarchy.of(NETWORK)
OF = NETWORK.of_home


def history(days: int = 5) -> History:
    """Return days on which all homes and places were at 21 degC."""
    empty, homes = History.none(PLACES), len(NETWORK.homes)
    series = {level: Series(*(np.full((days, PLACES.count(level)), 21.0),) * 8) for level in LEVELS}
    warm = np.full((days, homes), 21.0)
    stir = warm.astype(np.float32)
    return History(
        np.arange(days, dtype=np.int64),
        np.zeros((days, empty.weather.shape[1])),
        np.zeros(days),
        series,
        warm,
        warm,
        stir,
        warm[-1],
        np.asarray(OF[Level.SOURCE] == 1),
    )


def test_nobody_is_compared_with_a_past_that_was_let_go():
    mine = np.asarray(OF[Level.SOURCE] == 1)
    left = history().without_past(mine, PLACES)
    assert np.isnan(left.homes[:, mine]).all() and not np.isnan(left.homes[:, ~mine]).any()
    for level in LEVELS:
        gone = np.isnan(left.series[level].value).all(axis=0)
        assert gone.tolist() == (PLACES.source[level] == 1).tolist()
        assert (left.series[level].homes[:, gone] == 0).all()
        assert (left.series[level].rest[:, ~gone] == 21.0).all()


def test_how_warm_and_how_heated_they_were_is_kept():
    left = history().without_past(np.ones(len(NETWORK.homes), bool), PLACES)
    assert (left.heat == 21.0).all()
    assert all((left.series[level].coldest == 21.0).all() for level in LEVELS)
    assert all((left.series[level].heat == 21.0).all() for level in LEVELS)


@pytest.mark.parametrize(("homes", "is_theirs"), [(1, False), (2, True), (4, True)])
def test_a_place_is_theirs_where_they_are_half_of_it(homes, is_theirs):
    some = np.zeros(len(NETWORK.homes), bool)
    some[np.flatnonzero(OF[Level.BUILDING] == 0)[:homes]] = True
    left = history().without_past(some, PLACES)
    assert bool(np.isnan(left.series[Level.BUILDING].value[:, 0]).all()) is is_theirs
    assert not np.isnan(left.series[Level.BUILDING].value[:, 1:]).any()


def test_places_keep_hours_where_half_of_their_homes_do():
    for level in LEVELS:
        keeps = history().keeps_hours(PLACES.place[level], PLACES.count(level))
        assert keeps.tolist() == (PLACES.source[level] == 1).tolist()
