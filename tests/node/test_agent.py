"""Rounds, clock records, faults: everything becomes a record."""

from hashlib import sha256

import pytest

from heatward_node.agent import CHECKPOINT_EVERY_MS, Agent
from heatward_node.errors import JournalDamaged, JournalError, SensorError
from heatward_node.events import Checkpoint, ClockStep
from heatward_node.journal import Journal
from heatward_node.reading import Kind, Quality
from heatward_node.sensor import W1Bus
from support.clock import FakeClock
from support.w1_tree import W1Tree, rom_number


@pytest.fixture
def node(tmp_path):
    tree = W1Tree(tmp_path / "devices")
    tree.show(rom_number(1), 320)
    clock = FakeClock()
    journal = Journal.open(tmp_path / "j.sqlite", clock)
    return tree, clock, journal, Agent(W1Bus(tree.path), clock, journal)


def kinds(journal, after=1):
    return [Kind(record.kind) for record in journal.read(journal.live, after, 100)]


def test_a_round_is_one_transaction_with_a_clock_fix_once_an_hour(node):
    _, clock, journal, agent = node
    for _ in range(13):
        assert agent.sample() == 1
        clock.advance(300)
    assert kinds(journal).count(Kind.CLOCK_FIX) == 2
    assert kinds(journal).count(Kind.READING) == 13


def test_without_time_readings_are_kept_and_the_fix_follows_the_first_synchronisation(node):
    _, clock, journal, agent = node
    clock.synchronised = False
    agent.sample()
    clock.advance(300)
    clock.synchronised = True
    agent.sample()
    assert kinds(journal) == [Kind.CHECKPOINT, Kind.READING, Kind.CLOCK_FIX, Kind.READING]
    first = journal.read(journal.live, 2, 1)[0]
    assert first.wall_s is None


@pytest.mark.parametrize("step", [-3600, 3600, -315_360_000, 315_360_000])
def test_a_moved_wall_clock_is_a_record_and_changes_no_other(node, step):
    _, clock, journal, agent = node
    agent.sample()
    clock.advance(300)
    clock.wall += step
    agent.sample()
    steps = [r for r in journal.read(journal.live, 0, 100) if r.kind == Kind.CLOCK_STEP]
    assert [ClockStep.from_record(one).step_ms for one in steps] == [step * 1000]


def test_a_broken_bus_is_a_fault_record_and_no_end(node):
    _, _, journal, agent = node

    class Broken:
        def measure(self):
            raise SensorError(Quality.BUS_STALLED, "short")

    agent._backend = Broken()
    assert agent.sample() == 0
    fault = journal.read(journal.live, 0, 100)[-1]
    assert (fault.kind, fault.quality) == (Kind.FAULT, Quality.BUS_STALLED)


def test_an_unplugged_sensor_is_never_a_repeated_last_value(node):
    tree, clock, journal, agent = node
    agent.sample()
    tree.remove(rom_number(1))
    clock.advance(300)
    assert agent.sample() == 0
    assert journal.read(journal.live, 0, 100)[-1].quality == Quality.SENSOR_GONE


def test_a_checkpoint_is_kept_at_boot_and_daily_and_covers_all_before_it(node):
    _, clock, journal, agent = node
    for _ in range(5):
        agent.sample()
        clock.advance(CHECKPOINT_EVERY_MS / 1000 / 2)
    records = journal.read(journal.live, 0, 100)
    checkpoints = [record for record in records if record.kind == Kind.CHECKPOINT]
    assert len(checkpoints) == 3
    for one in checkpoints:
        before = b"".join(record.to_bytes() for record in records[: one.seq - 1])
        assert Checkpoint.from_record(one) == Checkpoint(one.seq - 1, sha256(before).digest())


def test_rounds_that_a_full_card_refuses_wait_in_memory_under_their_own_time(node):
    _, clock, journal, agent = node
    agent.sample()
    connection = journal._connection
    connection.execute(
        "CREATE TRIGGER full BEFORE INSERT ON record BEGIN SELECT RAISE(FAIL, 'x'); END"
    )
    times = []
    for _ in range(3):
        clock.advance(300)
        times.append(clock.wall)
        with pytest.raises(JournalError):
            agent.sample()
    connection.execute("DROP TRIGGER full")
    clock.advance(300)
    agent.sample()
    read = [r.wall_s for r in journal.read(journal.live, 0, 100) if r.kind == Kind.READING]
    assert read[1:] == [*times, clock.wall]


def test_a_damaged_journal_ends_the_loop_so_that_a_restart_can_save_it(node, monkeypatch):
    _, _, journal, agent = node

    def damaged(drafts):
        raise JournalDamaged("broken")

    monkeypatch.setattr(journal, "append", damaged)
    with pytest.raises(JournalDamaged):
        agent.run(lambda: 300, lambda: None, lambda: False)


def test_the_loop_samples_once_a_slot_and_pumps_in_between(node, monkeypatch):
    _, clock, journal, agent = node
    monkeypatch.setattr("heatward_node.agent.time.sleep", lambda seconds: clock.advance(100))
    pumped = []
    agent.run(lambda: 300, lambda: pumped.append(1), lambda: len(pumped) >= 9)
    assert kinds(journal).count(Kind.READING) in (3, 4)
    assert len(pumped) == 9
