"""A write-ahead log that rots on the card: what is behind the broken frame is not forgotten."""

from __future__ import annotations

import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from heatward_node.journal import Draft, Journal
from heatward_node.journal_log import FRAME_HEADER_BYTES, HEADER_BYTES, frames_of, read_log
from heatward_node.reading import Kind, Record
from heatward_node.scratchpad import usual_scratchpad
from support.clock import FakeClock
from support.w1_tree import rom_number

ROUNDS, SENSORS = 40, 3
FRAME_BYTES = FRAME_HEADER_BYTES + 4_096


def killed(tmp_path: Path, rounds: int = ROUNDS) -> tuple[Path, list[Record]]:
    """Return a card as a kill leaves it, with all that was kept on it."""
    clock, path = FakeClock(), tmp_path / "alive" / "j.sqlite"
    journal = Journal.open(path, clock, durable=False)
    for number in range(rounds):
        clock.advance(300)
        journal.append(
            Draft(Kind.READING, rom_number(sensor) + usual_scratchpad(300 + number))
            for sensor in range(SENSORS)
        )
    written = journal.read(journal.live, 0, 10_000)
    card = tmp_path / "card"
    shutil.copytree(path.parent, card)
    journal.close()
    return card / "j.sqlite", written


def opened(path: Path) -> list[Record]:
    journal = Journal.open(path, FakeClock(), durable=False)
    records = [
        record for log in journal.logs[:-1] for record in journal.read(log, 0, log.last_seq or 1)
    ]
    journal.close()
    return records


def rot(path: Path, at: int) -> None:
    log = path.with_name("j.sqlite-wal")
    data = bytearray(log.read_bytes())
    data[at] ^= 0x10
    log.write_bytes(data)


def covered(records: list[Record]) -> set[int]:
    from heatward_node.events import first_covered

    return {seq for one in records for seq in range(first_covered(one), one.seq + 1)}


@pytest.mark.parametrize("seed", range(12))
def test_one_flipped_bit_costs_no_round_behind_it_and_no_number_goes_unnamed(tmp_path, seed):
    path, written = killed(tmp_path)
    size = path.with_name("j.sqlite-wal").stat().st_size
    rot(path, random.Random(seed).randrange(HEADER_BYTES, size - 8 * FRAME_BYTES))
    found = opened(path)
    whole = {one.seq: one for one in found if one.kind != Kind.LOST}
    kept = {one.seq: one for one in written}
    assert whole.items() <= kept.items()
    assert covered(found) == set(kept)
    assert len(kept) - len(whole) <= 2 * SENSORS


def test_a_naive_start_forgets_everything_behind_the_bit(tmp_path):
    path, written = killed(tmp_path)
    rot(path, HEADER_BYTES + 10 * FRAME_BYTES + 100)
    connection = sqlite3.connect(path)
    (held,) = connection.execute("SELECT count(*) FROM record").fetchone()
    connection.close()
    assert held < len(written) / 2


def test_a_rotten_beginning_of_the_log_hides_nothing_but_its_frame(tmp_path):
    path, written = killed(tmp_path)
    rot(path, 17)
    found = opened(path)
    assert covered(found) == {one.seq for one in written}


@pytest.mark.parametrize("torn", [1, 100, FRAME_BYTES, FRAME_BYTES + 30])
def test_a_torn_end_is_no_rot(tmp_path, torn):
    path, written = killed(tmp_path)
    log = path.with_name("j.sqlite-wal")
    log.write_bytes(log.read_bytes()[:-torn])
    found = opened(path)
    assert not list(path.parent.glob("*.bad*"))
    assert [one.seq for one in found] == list(range(1, len(written) + 1 - SENSORS))


def test_a_log_that_was_begun_again_over_an_older_one_is_no_rot(tmp_path):
    path, written = killed(tmp_path)
    for _ in range(2):  # each opening moves the log into the file, and writes over its beginning
        journal = Journal.open(path, FakeClock(), durable=False)
        journal.append([Draft(Kind.READING, rom_number(1) + usual_scratchpad(300))])
        journal._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        journal.append([Draft(Kind.READING, rom_number(1) + usual_scratchpad(301))])
        copy = tmp_path / f"copy{journal.live.number}"
        shutil.copytree(path.parent, copy)
        assert [one.seq for one in opened(copy / "j.sqlite")][: len(written)] == [
            one.seq for one in written
        ]
        assert not list(copy.glob("*.bad*"))
        journal.close()


def test_every_frame_of_a_sound_log_is_whole(tmp_path):
    path, _ = killed(tmp_path, 5)
    frames = list(frames_of(read_log(path)))
    assert len(frames) > 5
    assert all(one.is_whole for one in frames)
    assert sum(one.ends for one in frames) >= 5


def test_a_file_without_a_log_has_nothing_to_read(tmp_path):
    assert read_log(tmp_path / "none") == b""
    assert list(frames_of(b"")) == []
