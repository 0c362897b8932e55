"""Windows that are open."""

import numpy as np
import pytest

from heatward_collector.core.suppression.falling.airing import (
    AIRING_SLOTS,
    aired_lately,
    are_steep,
    coarse_steps,
)

FINE = np.zeros(1)


def curve(*changes):
    """Return a room of 21 degC that changes so from slot to slot, (slots, 1). [K]"""
    return 21.0 + np.cumsum([0.0, 0.0, *changes])[:, None]


@pytest.mark.parametrize(
    ("changes", "delta", "step", "steep"),
    [
        ((-0.37,), 30.0, 0.0, True),
        ((-0.35,), 30.0, 0.0, False),
        ((-0.35,), 20.0, 0.0, True),
        ((-0.31, -0.31), 30.0, 0.0, True),
        ((-0.29, -0.29), 30.0, 0.0, False),
        ((-0.5,), 30.0, 0.5, False),
        ((np.nan,), 30.0, 0.0, False),
    ],
    ids=["at once", "as a stop", "in mild weather", "in two", "slowly", "one step", "silent"],
)
def test_a_room_is_aired_that_falls_faster_than_any_stop(changes, delta, step, steep):
    room = curve(*changes)
    found = are_steep(room, np.full(len(room), delta), np.full(1, step))
    assert found[-1, 0] == steep


def test_an_aired_room_stays_so_until_its_air_is_back():
    slots = 14
    room = curve(*np.zeros(AIRING_SLOTS), -2.0, *np.zeros(slots - 1))
    aired = aired_lately(room, np.full(len(room), 30.0), slots, FINE)
    last = AIRING_SLOTS + 1  # a fall is steep over two slots, too
    assert aired[:, 0].tolist() == [True] * last + [False] * (slots - last)


@pytest.mark.parametrize(
    ("celsius", "step"),
    [
        ([21.0, 21.5, 21.5, 20.5], 0.5),
        ([21.0, 21.0625, 21.5, 20.5], 0.0),
        ([21.0, 21.0, 21.0, 21.0], 0.0),
        ([21.0, np.nan, 21.25, 21.5], 0.25),
        ([21.0, 21.19, 21.0, 21.5], 0.0),
    ],
    ids=["halves", "sixteenths", "still", "with a gap", "almost coarse"],
)
def test_a_coarse_sensor_shows_in_the_smallest_change(celsius, step):
    assert coarse_steps(np.array(celsius)[:, None])[0] == pytest.approx(step)
