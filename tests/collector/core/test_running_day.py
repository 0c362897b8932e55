"""A day judged as readings come: always what the whole of them says, in whatever order."""

import dataclasses
from unittest import mock

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.core import MISSING, running_day
from heatward_collector.core.compliance import RoomDays, Verdict
from heatward_collector.core.running_day import PointRules, RunningDay

POINTS, HOURS, BEFORE = 7, 9, 12
SLOTS = BEFORE + HOURS * 12
COUNTED = np.array([not 3 <= hour < 4 for hour in range(HOURS)])


def rules(varying=False):
    offset = np.broadcast_to(np.array([0.0, 0.1, -0.2, 0.0, 0.0, 0.3, 0.0]), (HOURS, POINTS))
    if varying:
        offset = offset.copy()
        offset[5:, 1] = 0.5
    return PointRules(
        18.0,
        np.full(POINTS, 0.5),
        offset,
        np.array([True] * 6 + [False]),
        np.array([300, 300, 300, 600, 900, 3600, 300], np.int32),
        np.array([0, 0, 0, 0, 1, 1, -1], np.int32),
        2,
    )


class World:
    """A grid, and the day that is kept up with it."""

    def __init__(self, varying=False):
        self.rules = rules(varying)
        self.grid = np.full((SLOTS, POINTS), MISSING, np.int16)
        self.day = RunningDay(BEFORE, self.rules)

    def put(self, slot, point, raw):
        self.grid[slot + BEFORE, point] = raw
        self.day.touch(np.array([slot]), np.array([point], np.int32))

    def put_all(self, slots, raw):
        """Show every point something of its own in each of the slots."""
        slot, point = np.meshgrid(np.array(slots), np.arange(POINTS), indexing="ij")
        self.grid[slot + BEFORE, point] = raw + (slot * (point % 3)) % 5
        self.day.touch(slot.reshape(-1), point.reshape(-1).astype(np.int32))

    def block(self, first, slots, points):
        assert first >= -BEFORE
        assert first + BEFORE + slots <= SLOTS
        return self.grid[first + BEFORE : first + BEFORE + slots, points]

    def catch_up(self, over, day=None):
        counted = COUNTED & (np.arange(HOURS) < over)
        return (day or self.day).catch_up(self.block, over, counted)

    def anew(self, over):
        """Return the same grid judged at once."""
        day = RunningDay(BEFORE, self.rules)
        self.catch_up(over, day)
        return day


def said(day, point):
    """Return everything that a verdict says of a point, bit for bit."""
    names = [field.name for field in dataclasses.fields(RoomDays)]
    numbers = [getattr(day.judged, name)[point].tobytes() for name in names]
    means = day.means(np.array([point], np.int32)).tobytes()
    return numbers, means, day.is_heard[point], day.hours_stuck[point]


def assert_same(one, other):
    for point in range(POINTS):
        assert said(one, point) == said(other, point)


raws = st.one_of(st.integers(270, 300), st.sampled_from([284, 350, 600, 2001, 290]))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("slots"), st.integers(-BEFORE, HOURS * 12 - 1), st.integers(1, 60), raws),
        st.tuples(
            st.just("late"), st.integers(-BEFORE, HOURS * 12 - 1), st.integers(0, POINTS - 1), raws
        ),
        st.tuples(st.just("tick"), st.integers(0, HOURS), st.just(0), st.just(0)),
    ),
    min_size=1,
    max_size=15,
)


@settings(max_examples=60, deadline=None)
@given(steps, st.integers(0, HOURS), st.booleans(), st.sampled_from([3, 64]))
def test_after_any_order_of_readings_and_ticks_a_day_is_what_it_is_at_once(
    steps, over, varying, width
):
    with mock.patch.object(running_day, "POINTS_AT_ONCE", width):
        world = World(varying)
        for kind, first, second, raw in steps:
            if kind == "slots":
                world.put_all(range(first, min(first + second, HOURS * 12)), raw)
            elif kind == "late":
                world.put(first, second, raw)
            else:
                world.catch_up(first)
                assert_same(world.day, world.anew(first))
        world.catch_up(over)
        assert_same(world.day, world.anew(over))


@settings(max_examples=40, deadline=None)
@given(steps, st.integers(4, HOURS))
def test_whoever_says_something_else_is_named(steps, over):
    world = World()
    world.put_all(range(-BEFORE, HOURS * 12), 290)
    world.catch_up(over)
    before = [said(world.day, point) for point in range(POINTS)]
    for kind, first, second, raw in steps:
        if kind == "late":
            world.put(first, second, raw)
    counts = COUNTED & (np.arange(HOURS) < over)
    changed = world.catch_up(over)
    for point in range(POINTS):
        numbers, means, *rest = said(world.day, point)
        old_numbers, old_means, *old_rest = before[point]
        shape = (HOURS,)
        moved = np.frombuffer(means).reshape(shape)[counts].tobytes() != (
            np.frombuffer(old_means).reshape(shape)[counts].tobytes()
        )
        assert changed[point] or not (moved or numbers != old_numbers or rest != old_rest)


def test_nothing_new_is_nothing_changed_and_a_late_reading_only_its_room():
    world = World()
    world.put_all(range(HOURS * 12), 280)
    assert world.catch_up(HOURS).all()
    assert world.day.judged.verdict[0] == Verdict.BELOW
    assert not world.catch_up(HOURS).any()
    world.put(30, 2, 281)
    assert np.flatnonzero(world.catch_up(HOURS)).tolist() == [2]


def test_a_slot_of_the_running_hour_changes_no_verdict():
    world = World()
    for slot in range(5 * 12):
        world.put(slot, 0, 280)
    world.catch_up(5)
    world.put(5 * 12, 0, 280)
    assert not world.catch_up(5).any()
    assert world.catch_up(6).all()


def test_readings_outside_the_day_or_of_no_point_touch_nothing():
    world = World()
    world.catch_up(0)
    slots = np.array([-BEFORE - 1, HOURS * 12, 5, 5])
    world.day.touch(slots, np.array([0, 0, -1, POINTS], np.int32))
    world.day.catch_up(lambda *_: 1 / 0, 0, np.zeros(HOURS, bool))


def test_only_the_hour_of_a_reading_is_read_again_where_no_other_needs_it():
    world, asked = World(), []
    world.put_all(range(-BEFORE, HOURS * 12), 290)
    world.catch_up(HOURS)
    block = world.block
    world.block = lambda *what: asked.append(what) or block(*what)
    world.put(60, 0, 291)
    world.catch_up(HOURS)
    assert len(asked) == 1
    assert_same(world.day, world.anew(HOURS))


def test_a_reading_tells_that_the_hour_before_ends_with_a_spike():
    world = World()
    world.put_all(range(60), 290)
    world.put(59, 0, 700)
    world.catch_up(HOURS)
    assert world.day.sums.count[4, 0] == 12
    world.put(60, 0, 290)
    world.catch_up(HOURS)
    assert world.day.sums.count[4, 0] == 11


def test_a_late_reading_holds_into_an_hour_in_which_nobody_was_heard():
    world = World()
    world.catch_up(HOURS)
    world.put(59, 5, 290)
    world.catch_up(HOURS)
    assert world.day.sums.count[5, 5] == 11
