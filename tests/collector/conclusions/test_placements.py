"""Doubts are kept with the times at which they were said; what is taken back stays to be seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from heatward_collector.conclusions.placements import PlacementStore, SaidDoubt
from heatward_collector.core.placement import DoubtKind

DAY = 86_400
LAMP = SaidDoubt("r1", DoubtKind.LAMP, 2 * DAY, 6 * DAY, 0.4, {"rise_kelvin": 2.5}, 7, 7)


@pytest.fixture
def store(tmp_path: Path) -> PlacementStore:
    return PlacementStore(tmp_path / "placements.sqlite")


def test_what_is_said_again_is_one_doubt_that_grows(store: PlacementStore) -> None:
    store.record([LAMP], (0, 7 * DAY), 7)
    later = replace(LAMP, start_s=3 * DAY, end_s=8 * DAY, strength=0.6, first_said_s=9)
    store.record([later], (2 * DAY, 9 * DAY), 9)
    grown = replace(LAMP, end_s=8 * DAY, strength=0.6, last_said_s=9)
    assert store.since(0) == store.of_point("r1") == [grown]


def test_another_kind_or_room_or_time_is_another_doubt(store: PlacementStore) -> None:
    others = [
        LAMP,
        replace(LAMP, kind=DoubtKind.SILL),
        replace(LAMP, point="r2"),
        replace(LAMP, start_s=6 * DAY, end_s=7 * DAY),
    ]
    store.record(others, (0, 8 * DAY), 7)
    assert sorted(store.since(0), key=str) == sorted(others, key=str)


def test_what_is_no_longer_said_is_withdrawn_and_stays_to_be_seen(store: PlacementStore) -> None:
    store.record([LAMP], (0, 7 * DAY), 7)
    store.record([], (DAY, 8 * DAY), 8)
    assert store.since(0) == []
    assert store.of_point("r1") == [replace(LAMP, withdrawn_s=8)]
    store.record([LAMP], (DAY, 8 * DAY), 9)
    assert store.since(0) == [replace(LAMP, last_said_s=9)]


def test_what_began_before_the_days_looked_at_is_not_withdrawn_by_them(
    store: PlacementStore,
) -> None:
    store.record([LAMP], (0, 7 * DAY), 7)
    store.record([], (3 * DAY, 9 * DAY), 9)
    assert store.since(0) == [LAMP]
    assert store.since(7 * DAY) == []


def test_a_store_is_read_again(store: PlacementStore, tmp_path: Path) -> None:
    store.record([LAMP], (0, 7 * DAY), 7)
    store.close()
    assert PlacementStore(tmp_path / "placements.sqlite").since(0) == [LAMP]
