"""What is known at midnight, on disk: whole, of this registry, or not at all."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from heatward_collector.core.suppression import Level
from heatward_collector.core.suppression.by_day.heating_duty import HeatingDuty, Season
from heatward_collector.core.suppression.by_day.place_days import Hierarchy
from heatward_collector.core.suppression.slow_fold import after_slow_day, slow_day
from heatward_collector.core.suppression.stops.memory import Memory
from heatward_collector.evaluation.home_days import Carried
from heatward_collector.evaluation.midnights import KEPT, Midnight, Midnights, Notes
from heatward_collector.simulate import town

DAY, DAY_S = date(2026, 1, 2), 86_400


def same(day: date) -> str:
    return "print"


def midnight(homes: int = 3) -> Midnight:
    nothing = Carried.nothing(4, homes)
    warm = np.array(nothing.homes)
    warm[-1] = 21.5
    carried = replace(nothing, homes=warm)
    return Midnight(Memory.none(homes), (), carried)


@pytest.fixture
def kept(tmp_path: Path) -> Midnights:
    return Midnights(tmp_path)


def test_a_midnight_comes_back_as_it_was(kept: Midnights) -> None:
    kept.keep(DAY, midnight(), "print")
    found = kept.latest(DAY, DAY, same)
    assert found is not None
    day, back = found
    assert day == DAY
    np.testing.assert_array_equal(back.carried.homes, midnight().carried.homes)
    assert back.carried.homes.dtype == np.float32
    np.testing.assert_array_equal(back.memory.past.rates, midnight().memory.past.rates)
    assert back.memory.open == ()


def test_the_slow_half_goes_on_from_a_stored_midnight_as_if_nothing_had_happened(
    kept: Midnights,
) -> None:
    """No heat comes to one of three sources: what is said of it is stored and told on."""
    network = town(sources=3, buildings_per_source=1, rooms_per_home=1).network()
    places, duty = Hierarchy.of(network), HeatingDuty(Season(6 * DAY_S, 180 * DAY_S), 20.0)
    cold = network.of_home[Level.SOURCE] == 1

    def days(memory, numbers):
        for number in numbers:
            celsius = np.full((48, len(network.homes)), 21.0 if number >= 6 else 14.0, np.float32)
            celsius[:, cold] = 14.0
            start_s = number * DAY_S
            day = slow_day(start_s, start_s + DAY_S, celsius, np.full(48, 5.0), ())
            memory = after_slow_day(memory, day, network, places, duty)
        return memory

    before = days(None, range(10))
    kept.keep(DAY, Midnight(midnight().memory, (), midnight().carried, before), "print")
    found = kept.latest(DAY, DAY, same)
    assert found is not None
    again = days(found[1].supply, range(10, 14))
    assert [edge.place for edge in again.edges] == ["so2"]
    assert again.edges == days(before, range(10, 14)).edges
    np.testing.assert_array_equal(again.history.heat, days(before, range(10, 14)).history.heat)


def test_the_newest_of_a_range_is_taken(kept: Midnights) -> None:
    for number in range(5):
        kept.keep(DAY + timedelta(days=number), midnight(), "print")
    found = kept.latest(DAY, DAY + timedelta(days=2), same)
    assert found is not None
    assert found[0] == DAY + timedelta(days=2)
    assert kept.latest(DAY + timedelta(days=5), DAY + timedelta(days=9), same) is None


def test_a_midnight_of_another_registry_does_not_count(kept: Midnights) -> None:
    kept.keep(DAY, midnight(), "another")
    assert kept.latest(DAY, DAY, same) is None


def damaged(kept: Midnights, tmp_path: Path, size: int) -> None:
    kept.keep(DAY, midnight(), "print")
    kept.keep(DAY + timedelta(days=1), midnight(), "print")
    path = tmp_path / f"{DAY + timedelta(days=1)}.columns"
    path.write_bytes(path.read_bytes()[:size])


@pytest.mark.parametrize("size", [0, 100, 2000])
def test_a_broken_file_is_as_none_at_all(kept: Midnights, tmp_path: Path, size: int) -> None:
    damaged(kept, tmp_path, size)
    found = kept.latest(DAY, DAY + timedelta(days=1), same)
    assert found is not None
    assert found[0] == DAY


def test_only_the_newest_are_kept(kept: Midnights, tmp_path: Path) -> None:
    for number in range(KEPT + 5):
        kept.keep(DAY + timedelta(days=number), midnight(1), "print")
    days = sorted(path.stem for path in tmp_path.glob("*.columns"))
    assert len(days) == KEPT
    assert days[0] == (DAY + timedelta(days=5)).isoformat()


def test_of_large_ones_fewer_are_kept(
    kept: Midnights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heatward_collector.evaluation.midnights.MOST_BYTES", 1)
    for number in range(4):
        kept.keep(DAY + timedelta(days=number), midnight(), "print")
    assert len(list(tmp_path.glob("*.columns"))) == 2


def test_notes_come_back_and_unreadable_ones_are_none(kept: Midnights, tmp_path: Path) -> None:
    assert kept.notes() is None
    notes = Notes("incarnation", ("2026-01-02",), (), "print")
    kept.note(notes)
    assert kept.notes() == notes
    (tmp_path / "notes.json").write_text('{"incarnation": ')
    assert kept.notes() is None


def test_everything_can_be_removed(kept: Midnights, tmp_path: Path) -> None:
    kept.keep(DAY, midnight(), "print")
    kept.note(Notes())
    kept.clear()
    assert list(tmp_path.iterdir()) == []
