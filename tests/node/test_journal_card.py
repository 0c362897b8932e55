"""The journal on cards that fill up or lose power in the middle of a write."""

import os
import random
import shutil
import subprocess

import pytest

from heatward_node.journal import Journal
from heatward_node.reading import Draft, Kind
from heatward_node.scratchpad import usual_scratchpad
from support.clock import FakeClock
from support.w1_tree import rom_number

SENSORS = 12
UNACKNOWLEDGED = 2_000


def round_of(number: int) -> list[Draft]:
    return [
        Draft(Kind.READING, rom_number(sensor) + usual_scratchpad(300 + number % 50))
        for sensor in range(SENSORS)
    ]


@pytest.fixture
def small_card(tmp_path):
    """A file system of 7 MB: the reserve, and less than SQLite's write-ahead log likes."""
    card = tmp_path / "card"
    card.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small file system")
    mount = ["mount", "-t", "tmpfs", "-o", "size=7m", "tmpfs", str(card)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine allows no mounts")
    yield card
    subprocess.run(["umount", "--lazy", str(card)], check=True)


def test_a_card_that_is_really_full_keeps_every_round_and_every_unacknowledged_record(small_card):
    clock = FakeClock()
    path = small_card / "j.sqlite"
    journal = Journal.open(path, clock)
    for number in range(1_500):
        clock.advance(300)
        journal.append(round_of(number))
        if number % 10 == 0:
            journal.set_cursor(journal.live, max(0, journal.live.last_seq - UNACKNOWLEDGED))
    live = journal.live
    assert live.last_seq == 1 + 1_500 * SENSORS
    assert 1 < journal.oldest_kept(live) <= live.acked + 1
    records = journal.read(live, live.acked, live.last_seq)
    assert [record.seq for record in records] == list(range(live.acked + 1, live.last_seq + 1))
    assert {record.kind for record in records} == {Kind.READING}
    journal.close()
    assert Journal.open(path, clock).logs[0].last_seq == live.last_seq


@pytest.mark.parametrize("seed", range(30))
def test_after_a_power_cut_whole_rounds_are_kept_up_to_the_cut_and_no_half_one(tmp_path, seed):
    clock = FakeClock()
    path = tmp_path / "j.sqlite"
    journal = Journal.open(path, clock)
    written = journal.read(journal.live, 0, 1)
    for number in range(20):
        clock.advance(300)
        written += journal.append(round_of(number))
    epoch = journal.live.epoch
    after = tmp_path / "after"
    after.mkdir()
    (after / path.name).write_bytes(path.read_bytes())
    log = path.with_name("j.sqlite-wal").read_bytes()
    dice = random.Random(seed)
    end = dice.randrange(len(log))
    torn = log[:end] + (dice.randbytes(512) if seed % 2 else b"")  # cut off, or a torn sector
    (after / "j.sqlite-wal").write_bytes(torn)
    found = Journal.open(after / path.name, clock)
    for one in found.logs[:-1]:
        assert one.epoch == epoch
        records = found.read(one, 0, 10_000)
        assert records == written[: len(records)]
        assert len(records) in range(1, 2 + 20 * SENSORS, SENSORS)
    found.append(round_of(0))
    journal.close()
