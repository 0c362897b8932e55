"""A follower's place, its queue of doubts and its notes survive anything."""

from datetime import date

import pytest

from heatward_collector.ledger import LedgerReader, LedgerWriter
from heatward_collector.readings.follow import Follower
from heatward_node.wire import Pack
from support.evidence import BEDROOM, DISTRICT, LIVING, T0, PaperNode, World, follower_of


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def pass_by(follower):
    """Let everything pass; return the numbers of the batches."""
    numbers = []
    while batches := follower.next():
        follower.done(batches)
        numbers += [batch.number for batch in batches]
    return numbers


def untimed(epoch=1):
    node = PaperNode(epoch)
    return node, [node.boot(), node.read(LIVING, T0 + 10, 20.0, synchronised=False)]


def assignment(world, sensor):
    return next(row for row in world.registry.rows("assignment") if row["sensor"] == sensor)


def test_the_lag_is_the_age_of_the_oldest_batch_ahead(world):
    follower = follower_of(world)
    assert follower.lag_seconds(world.now) == 0.0
    node = PaperNode(1)
    first = world.now
    world.arrive(node, [node.boot()])
    world.now += 86_400  # another day file
    world.arrive(node, [node.read(LIVING, T0 + 10, 20.0)])
    assert follower.lag_seconds(world.now + 5) == world.now + 5 - first
    follower.done(follower.next()[:1])
    assert follower.lag_seconds(world.now + 5) == 5.0
    pass_by(follower)
    assert follower.lag_seconds(world.now + 5) == 0.0


def test_what_is_not_done_comes_again(world):
    node, records = untimed()
    world.arrive(node, records)
    follower = follower_of(world)
    assert [batch.number for batch in follower.next()] == [1]
    assert [batch.number for batch in follower_of(world).next()] == [1]
    follower.done(follower.next())
    again = follower_of(world)
    assert (again.batch, again.lag, again.next()) == (1, 0, [])


def test_it_follows_a_ledger_that_does_not_exist_yet(world):
    follower = follower_of(world)
    assert (follower.incarnation, follower.next(), follower.lag) == ("", [], 0)
    node, records = untimed()
    world.arrive(node, records)
    assert not follower.restarted()
    assert pass_by(follower) == [1]


def test_another_incarnation_begins_from_the_start_with_nothing_kept(world):
    node, records = untimed()
    world.arrive(node, records)
    follower = follower_of(world)
    pass_by(follower)
    follower.note_days([date(2026, 1, 1)])
    other = LedgerWriter(world.folder / "other", lambda: world.now)
    other.offer(DISTRICT, node.node, Pack(9, False, records))
    other.commit()
    reader = LedgerReader(world.folder / "other")
    moved = Follower(world.folder / "state" / "own.sqlite", reader, world.registry)
    assert moved.restarted()
    assert (moved.batch, moved.days(), moved.doubts()) == (0, [], [])
    assert not moved.restarted()


def test_a_fix_makes_the_waiting_readings_doubtful_once_and_after_a_restart(world):
    node, records = untimed()
    world.arrive(node, records)
    pass_by(follower_of(world))
    world.arrive(node, [node.fix(T0 + 600)])
    pass_by(follower_of(world))
    follower = follower_of(world)
    (doubt,) = follower.doubts()
    assert (doubt.reason, doubt.sensor) == ("clock_fix", None)
    assert doubt.boot == ("sample", "n0001", b"b" * 16)
    follower.settled([doubt])
    world.arrive(node, [node.fix(T0 + 4200)])
    pass_by(follower)
    assert follower_of(world).doubts() == []


def test_a_fix_for_which_nothing_waits_makes_no_doubt(world):
    node = PaperNode(1)
    world.arrive(node, [node.boot(), node.read(LIVING, T0, 20.0), node.fix(T0 + 1)])
    follower = follower_of(world)
    pass_by(follower)
    world.arrive(node, [node.fix(T0 + 3600)])
    pass_by(follower)
    assert follower.doubts() == []


def test_fixes_of_a_clock_that_was_ahead_make_no_doubt_before_it_is_overtaken(world):
    node = PaperNode(1)
    ahead_s = 3600
    world.arrive(node, [node.boot(), node.fix(T0, ahead_s=ahead_s)])
    world.arrive(node, [node.read(LIVING, T0 + 60, 20.0, synchronised=False)])
    follower = follower_of(world)
    pass_by(follower)
    for later_s in (600, 1200, 1800):
        world.arrive(node, [node.fix(T0 + later_s)])
        pass_by(follower)
        assert follower.doubts() == []
    world.arrive(node, [node.fix(T0 + 2400, ahead_s=ahead_s)])
    pass_by(follower)
    (doubt,) = follower.doubts()
    assert doubt.batch == 2


def test_an_older_log_takes_no_time_away_with_a_fix_that_is_not_believed(world):
    older, newer = PaperNode(1), PaperNode(2)
    world.arrive(older, [older.boot(), older.fix(T0, ahead_s=3600)])
    world.arrive(newer, [newer.boot(), newer.fix(T0 + 7200)])
    follower = follower_of(world)
    pass_by(follower)
    world.arrive(older, [older.fix(T0 + 600)])
    pass_by(follower)
    assert follower.doubts() == []
    world.arrive(older, [older.fix(T0 + 1200, ahead_s=3600)])
    pass_by(follower)
    (doubt,) = follower.doubts()
    assert doubt.is_late


def test_readings_and_their_fix_in_one_go_make_no_doubt(world):
    node, records = untimed()
    world.arrive(node, records)
    world.arrive(node, [node.fix(T0 + 600)])
    follower = follower_of(world)
    pass_by(follower)
    assert follower.doubts() == []


def test_an_edit_makes_its_range_doubtful_though_nobody_followed(world):
    follower = follower_of(world)
    assert follower.doubts() == []
    follower.close()
    row = assignment(world, BEDROOM)
    world.registry.put({"assignment": [{**row, "to_s": T0 + 100}]})
    found = follower_of(world).doubts()
    assert {doubt.reason for doubt in found} == {"assignment"}
    assert len({doubt.sensor for doubt in found}) == 1
    assert min(doubt.from_s for doubt in found) == row["from_s"]
    assert [doubt.id for doubt in follower_of(world).doubts()] == [doubt.id for doubt in found]


def test_the_directory_is_the_newest_when_batches_come(world):
    follower = follower_of(world)
    follower.next()
    held = len(follower.directory.points)
    world.registry.put({"room": [{"id": "r-new", "home": "h0001", "use": "bedroom"}]})
    follower.next()
    assert len(follower.directory.points) == held + 1


def test_days_are_noted_with_the_batches_and_settled_one_by_one(world):
    node, records = untimed()
    world.arrive(node, records)
    follower = follower_of(world)
    follower.done(follower.next(), [date(2026, 1, 2), date(2026, 1, 1)])
    follower.note_days([date(2026, 1, 2)])
    again = follower_of(world)
    assert again.days() == [date(2026, 1, 1), date(2026, 1, 2)]
    again.settled_days([date(2026, 1, 1)])
    assert follower_of(world).days() == [date(2026, 1, 2)]


def test_readings_under_a_wrong_wall_time_are_found_by_any_time(world):
    node = PaperNode(1)
    world.arrive(node, [node.fix(T0)])
    years_ago = node.read(LIVING, T0 + 10, 20.0)._replace(wall_s=T0 - 90_000_000)
    world.arrive(node, [years_ago])
    world.arrive(node, [node.read(LIVING, T0 + 20, 20.0)])
    follower = follower_of(world)
    pass_by(follower)
    assert [batch.number for batch in follower.batches_measured(T0 + 1, T0 + 5)] == [2]
    again = follower_of(world).batches_measured(T0 + 1, T0 + 100)
    assert {batch.number for batch in again} == {2, 3}


def test_measured_batches_beyond_the_cursor_are_not_shown(world):
    node = PaperNode(1)
    world.arrive(node, [node.read(LIVING, T0 + 10, 20.0)])
    follower = follower_of(world)
    assert list(follower.batches_measured(T0, T0 + 100)) == []
    pass_by(follower)
    assert len(list(follower.batches_measured(T0, T0 + 100))) == 1
