"""Simulated sensors count in sixteenths, fail as real ones do, and say the same for one seed."""

from __future__ import annotations

import numpy as np

from heatward_collector.simulate.sensors import POWER_ON_CELSIUS, measured

TIME = 300 * np.arange(60 * 288, dtype=np.int64)
ROOMS = np.full((60, len(TIME)), 21.0, dtype=np.float32)


def said(seed: int = 3) -> np.ndarray:
    return measured(ROOMS, TIME, np.random.default_rng(seed))


def test_what_a_sensor_says_is_a_sixteenth_of_a_degree() -> None:
    values = said()
    known = values[~np.isnan(values)]
    assert np.array_equal(known * 16, np.round(known * 16))


def test_faults_of_every_kind_occur_and_stay_rare() -> None:
    values = said()
    assert 0 < np.count_nonzero(values == POWER_ON_CELSIUS) < values.size / 1000
    assert 0.005 < np.isnan(values).mean() < 0.05
    unmoving = (values[:, 72:] == values[:, :-72]) & (values[:, 72:] != POWER_ON_CELSIUS)
    assert unmoving.any()


def test_a_sensor_is_wrong_by_a_constant_that_no_average_removes() -> None:
    bias = np.nanmedian(said(), axis=1) - 21.0
    assert 0.08 < bias.std() < 0.6


def test_the_same_seed_says_the_same() -> None:
    assert np.array_equal(said(4), said(4), equal_nan=True)
    assert not np.array_equal(said(4), said(5), equal_nan=True)
