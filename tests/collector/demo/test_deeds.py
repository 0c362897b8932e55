"""What the buttons of /demo do: where, when, and to what."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from heatward_collector.demo.deeds import effects_of, is_unplugged, place_of, planned
from heatward_collector.demo.rooms import STEP_S, WEAK_SOURCE, Effects, Rooms
from heatward_collector.demo_desk import Deed
from heatward_collector.registry import Directory, Registry, spreadsheets
from support.evidence import SAMPLE

ZONE = ZoneInfo("Asia/Shanghai")
NOON = int(datetime(2026, 1, 5, 12, tzinfo=ZONE).timestamp())
HOUR = 3600


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Directory:
    registry = Registry(f"sqlite:///{tmp_path_factory.mktemp('demo') / 'registry.sqlite'}")
    spreadsheets.import_folder(registry, SAMPLE)
    return registry.directory()


def played(
    rooms: Rooms, first_s: int, hours: float, outdoor: float, effects: Effects
) -> np.ndarray:
    """Return what the sensors show at the end of each step, (steps, points)."""
    times = range(first_s, first_s + int(hours * HOUR), STEP_S)
    return np.array([rooms.step(time_s, outdoor, effects) for time_s in times])


def test_a_night_is_the_next_one_and_seen_to_its_end(directory: Directory) -> None:
    done = planned(Deed.STOP_AT_NIGHT, 3, NOON, directory, ZONE)
    assert (done.from_s - NOON, done.to_s - NOON) == (11 * HOUR, 16.5 * HOUR)
    assert done.seen_until_s > done.to_s + 30 * 60, "the watermark is passed"
    later = planned(Deed.STOP_AT_NIGHT, 4, NOON + 12 * HOUR, directory, ZONE)
    assert later.from_s - NOON == 35 * HOUR


def test_what_begins_at_once_begins_with_the_next_step(directory: Directory) -> None:
    assert planned(Deed.UNPLUG_NODE, 1, NOON, directory, ZONE).from_s == NOON + STEP_S


def test_the_weak_source_is_left_alone(directory: Directory) -> None:
    assert place_of(Deed.STOP_AT_NIGHT, directory) == "so-qingsong" != WEAK_SOURCE


def test_the_probe_and_the_node_are_those_of_a_home_with_one_room(directory: Directory) -> None:
    room = directory.points[directory.point_index[place_of(Deed.PROBE_AT_RADIATOR, directory)]]
    assert [point.home for point in directory.points].count(room.home) == 1
    rows = {row["target"]: row["node"] for row in directory.assignments()}
    assert place_of(Deed.UNPLUG_NODE, directory) == rows[room.id]


@pytest.mark.parametrize("deed", [Deed.UNPLUG_NODE, Deed.STOP_SERIES])
def test_rooms_are_as_ever_where_only_a_machine_fails(directory: Directory, deed: Deed) -> None:
    done = planned(deed, 1, NOON, directory, ZONE)
    effects = effects_of(done, Rooms(directory, 1), done.from_s + STEP_S)
    nothing = Effects.nothing(len(directory.points))
    for name in ("stopped", "lack_kelvin", "window_loss", "at_radiator"):
        assert not getattr(effects, name).any() and not getattr(nothing, name).any()


def test_a_node_is_silent_for_its_hours_only(directory: Directory) -> None:
    done = planned(Deed.UNPLUG_NODE, 1, NOON, directory, ZONE)
    assert [is_unplugged(done, done.place, at) for at in (NOON, done.from_s, done.to_s)] == [
        False,
        True,
        True,
    ]
    assert not is_unplugged(done, done.place, done.to_s + STEP_S)
    assert not is_unplugged(done, "another", done.from_s)


def test_rooms_of_a_stopped_source_cool_and_others_do_not(directory: Directory) -> None:
    rooms = Rooms(directory, 1)
    done = planned(Deed.STOP_AT_NIGHT, 1, NOON, directory, ZONE)
    before = played(rooms, NOON, 6, -19, Effects.nothing(len(directory.points)))[-1]
    cut = effects_of(done, rooms, done.from_s + STEP_S)
    after = played(rooms, NOON + 6 * HOUR, 5.5, -19, cut)[-1]
    fed = rooms.fed_by(done.place)
    inside = np.array([not point.is_outdoor for point in directory.points])
    # 5.5 h without heat at -19 degC and time constants of 35 to 80 h: 2.6 to 5.8 K.
    assert ((before - after)[fed & inside] > 2).all()
    assert (abs(before - after)[~fed & inside] < 0.3).all()
    assert effects_of(done, rooms, done.to_s + STEP_S).stopped.sum() == 0


def test_open_windows_cool_the_air_at_once_and_it_comes_back(directory: Directory) -> None:
    rooms = Rooms(directory, 1)
    done = planned(Deed.OPEN_WINDOWS, 1, NOON, directory, ZONE)
    nothing = Effects.nothing(len(directory.points))
    before = played(rooms, NOON, 1, -19, nothing)[-1]
    opened = effects_of(done, rooms, done.from_s + STEP_S)
    open_ = played(rooms, NOON + HOUR, 0.5, -19, opened)[-1]
    closed = played(rooms, NOON + 2 * HOUR, 4, -19, nothing)[-1]
    inside = np.array([not point.is_outdoor for point in directory.points])
    assert ((before - open_)[inside] > 5).all()
    assert (abs(before - closed)[inside] < 0.5).all()


def test_a_probe_at_the_radiator_shows_what_no_air_of_a_room_is(directory: Directory) -> None:
    rooms = Rooms(directory, 1)
    done = planned(Deed.PROBE_AT_RADIATOR, 1, NOON, directory, ZONE)
    shown = played(rooms, NOON, 1, -19, effects_of(done, rooms, done.from_s + STEP_S))[-1]
    at = directory.point_index[done.place]
    assert 33 < shown[at] < 45
    assert (np.delete(shown, at) < 26).all()
