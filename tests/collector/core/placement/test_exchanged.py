"""Two probes that changed places are told as such; whatever else moves is not."""

import numpy as np
import pytest

from heatward_collector.core.placement import DoubtKind, doubts
from support.placed_rooms import A_DAY, AN_HOUR, DAYS, building, placed

WARM, COLD = 2, 5
AT = 20 * A_DAY + 14 * AN_HOUR + 5


def town():
    """Return a building with one warm and one cold room."""
    celsius = building()
    celsius[:, WARM] += 1.8
    celsius[:, COLD] -= 1.4
    return celsius


def kinds(celsius):
    return [(one.room, one.kind) for one in doubts(placed(celsius))]


def test_two_probes_that_changed_places_are_both_told():
    celsius = town()
    celsius[AT:, [WARM, COLD]] = celsius[AT:, [COLD, WARM]]
    found = doubts(placed(celsius))
    assert [(one.room, one.kind) for one in found] == [
        (WARM, DoubtKind.EXCHANGED),
        (COLD, DoubtKind.EXCHANGED),
    ]
    warm, cold = found
    assert warm.evidence["lasting_kelvin"] == pytest.approx(-cold.evidence["lasting_kelvin"], abs=1)
    assert warm.evidence["lasting_kelvin"] < -2.5
    assert 0 < warm.strength < 1
    assert abs(warm.start_s - cold.start_s) <= 1_800


def test_nothing_is_told_of_rooms_that_stay():
    assert kinds(town()) == []


def test_one_probe_alone_was_moved():
    celsius = town()
    celsius[AT:, WARM] -= 3.2
    assert kinds(celsius) == [(WARM, DoubtKind.MOVED)]


def test_two_that_move_to_levels_of_neither_were_moved():
    celsius = town()
    celsius[AT:, WARM] -= 3.2
    celsius[AT:, COLD] -= 3.2
    assert kinds(celsius) == [(WARM, DoubtKind.MOVED), (COLD, DoubtKind.MOVED)]


def test_two_that_move_on_different_days_were_moved():
    celsius = town()
    celsius[AT:, WARM] -= 3.2
    celsius[AT + A_DAY :, COLD] += 3.2
    assert kinds(celsius) == [(WARM, DoubtKind.MOVED), (COLD, DoubtKind.MOVED)]


def test_days_without_readings_tell_nothing():
    celsius = town()
    celsius[AT:, [WARM, COLD]] = celsius[AT:, [COLD, WARM]]
    celsius[AT - 4 * A_DAY : AT - A_DAY, [WARM, COLD]] = np.nan
    assert kinds(celsius) == []
    assert DAYS > 30
