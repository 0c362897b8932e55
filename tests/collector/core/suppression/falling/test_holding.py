"""For how long a suspicion must stand before it is believed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core.suppression.falling.holding import held_after, slots_to_hold
from heatward_collector.core.suppression.falling.scan import Place, Suspect
from heatward_collector.core.suppression.homes.network import Level


def suspect(judged: int, spare: float = 0.0, falling: tuple[int, ...] = (0, 1)) -> Suspect:
    homes = np.array(falling, np.int32)
    return Suspect(Place(Level.SOURCE, 0, "so1", homes), 12.0, homes, judged, spare)


@pytest.mark.parametrize(
    ("judged", "spare", "slots"), [(9, 4.9, 2), (9, 5.0, 1), (10, 0.0, 1), (4, 0.0, 2)]
)
def test_what_few_homes_say_faintly_must_be_said_twice(judged: int, spare: float, slots: int):
    assert slots_to_hold(suspect(judged, spare), False) == slots


def test_heated_floors_are_waited_for_however_clear_they_are():
    assert slots_to_hold(suspect(30, 20.0), True) == 8


def test_a_home_is_counted_while_it_is_suspected_once_a_slot_and_forgotten_slot_by_slot():
    held = np.array([0, 3, 2], np.int32)
    found = suspect(9, falling=(0, 1))
    assert held_after(held, (found, found)).tolist() == [1, 4, 1]
    assert held_after(held, ()).tolist() == [0, 2, 1]
    assert held.tolist() == [0, 3, 2]


def test_where_it_comes_again_it_may_be_fainter():
    again = [replace(suspect(5, spare), is_repeated=True) for spare in (1.9, 2.0)]
    assert [slots_to_hold(one, False) for one in again] == [2, 1]


def test_what_is_due_is_not_waited_for_however_faint():
    assert slots_to_hold(replace(suspect(4, 0.0), is_due=True), False) == 1
    assert slots_to_hold(replace(suspect(4, 0.0), is_due=True), True) == 8
