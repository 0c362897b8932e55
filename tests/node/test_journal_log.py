"""A write-ahead log that rots on the card: what is behind the broken frame is not forgotten."""

from __future__ import annotations

import random
import shutil
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import pytest

from heatward_node.journal import Journal
from heatward_node.journal_log import (
    FRAME_HEADER_BYTES,
    HEADER_BYTES,
    frames_of,
    has_rotted,
    put_back,
    read_log,
)
from heatward_node.reading import Draft, Kind, Record
from heatward_node.scratchpad import usual_scratchpad
from support.clock import FakeClock
from support.w1_tree import rom_number
from support.write_ahead_logs import begun_again, in_big_endian, summed

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


def log_of_pages(tmp_path: Path, size: int, commits: int) -> bytes:
    """Return the log of a database with pages of a size, in which every commit is one page."""
    path = tmp_path / f"{size}.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {size}")
        connection.execute("PRAGMA journal_mode = WAL")
        for number in range(commits):
            connection.execute(f"PRAGMA user_version = {number + 1}")
        return read_log(path)


@pytest.mark.parametrize("size", [512, 4_096, 65_536])
def test_frames_of_every_page_size_are_read_as_sqlite_wrote_them(tmp_path: Path, size: int):
    log = log_of_pages(tmp_path, size, 4)
    frames = list(frames_of(log))
    assert [(one.page, one.ends, one.is_whole, len(one.data)) for one in frames] == [
        (1, True, True, size)
    ] * 4
    versions = [int.from_bytes(one.data[60:64], "big") for one in frames]
    assert versions == [1, 2, 3, 4]
    assert list(frames_of(log[: 32 + 24 + size - 1])) == []
    assert len(list(frames_of(log[: 32 + 24 + size]))) == 1
    assert len(list(frames_of(log[:-1]))) == 3


@pytest.mark.parametrize("at", range(24))
def test_a_frame_with_any_byte_of_its_header_changed_is_not_whole(tmp_path: Path, at: int):
    log = bytearray(log_of_pages(tmp_path, 512, 3))
    log[32 + 536 + at] ^= 1
    whole = [one.is_whole for one in frames_of(bytes(log))]
    assert whole[0] and not whole[1]
    assert whole[2] == (at < 16)  # the check sum of the next goes on from the one that is noted


def test_a_page_without_a_number_is_none(tmp_path: Path):
    """Though its check sum is right: page 0 there is not, and a write to it would be lost."""
    log = bytearray(log_of_pages(tmp_path, 512, 1))
    log[32:36] = bytes(4)
    before = struct.unpack(">2I", log[24:32])
    order = ">" if log[3] & 1 else "<"
    log[48:56] = struct.pack(">2I", *summed(bytes(log[32:40] + log[56:]), before, order))
    (frame,) = frames_of(bytes(log))
    assert not frame.is_whole


@pytest.mark.parametrize("commits", [0, 1, 2, 3])
def test_one_whole_commit_behind_a_break_may_be_torn_and_two_are_rot(tmp_path: Path, commits: int):
    log = bytearray(log_of_pages(tmp_path, 512, 2 + commits))
    log[32 + 536 + 30] ^= 1  # the second frame
    assert has_rotted(bytes(log), 1) == (commits > 1)
    assert not has_rotted(bytes(log), 2 + commits)  # SQLite takes all of them
    assert not has_rotted(b"", 0)


def test_whole_pages_are_put_back_up_to_the_last_whole_commit(tmp_path: Path):
    log = log_of_pages(tmp_path, 512, 3)
    file = tmp_path / "bad"
    file.write_bytes(b"\7" * 1_024)
    broken = bytearray(log)
    broken[32 + 536 + 40] ^= 1
    assert put_back(bytes(broken), file) == 2  # all but the broken one
    page = file.read_bytes()
    assert page[60:64] == (3).to_bytes(4, "big")
    assert page[512:] == b"\7" * 512
    unfinished = bytearray(log)
    unfinished[32 + 2 * 536 + 4 : 32 + 2 * 536 + 8] = bytes(4)  # the last one ends nothing
    file.write_bytes(bytes(1_024))
    assert put_back(bytes(unfinished), file) == 2
    assert file.read_bytes()[60:64] == (2).to_bytes(4, "big")
    assert put_back(b"", file) == 0


def test_pages_are_put_back_where_they_belong(tmp_path: Path):
    path = tmp_path / "j.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA page_size = 512")
        connection.execute("PRAGMA journal_mode = WAL")
        for number in range(6):
            connection.execute(f"CREATE TABLE t{number} (x)")
            connection.execute(f"INSERT INTO t{number} VALUES (?)", (number,))
        log, empty = read_log(path), path.read_bytes()
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(empty[:512].ljust(512, b"\0"))
    assert put_back(log, copy) == len(list(frames_of(log)))
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        values = [connection.execute(f"SELECT x FROM t{n}").fetchone()[0] for n in range(6)]
    assert values == list(range(6))


@pytest.mark.parametrize("at", [4, 16, 17, 23, 24, 31])
def test_a_rotten_header_is_made_good_by_the_frames(tmp_path: Path, at: int):
    """Its salts by those of the first two frames; only the first frame hangs on its check sum."""
    log = bytearray(log_of_pages(tmp_path, 512, 4))
    log[at] ^= 1
    whole = [one.is_whole for one in frames_of(bytes(log))]
    assert whole[1:] == [True] * 3
    assert whole[0] == (at < 24)


def test_a_page_size_that_rotted_away_is_taken_for_the_usual_one(tmp_path: Path):
    log = bytearray(log_of_pages(tmp_path, 4_096, 3))
    log[8:12] = (4_097).to_bytes(4, "big")
    frames = list(frames_of(bytes(log)))
    assert [one.is_whole for one in frames] == [True] * 3
    assert not has_rotted(bytes(log), 3)
    assert has_rotted(bytes(log), 0)


def test_a_log_of_a_machine_of_the_other_byte_order_is_read_too(tmp_path: Path):
    log = log_of_pages(tmp_path, 512, 3)
    assert list(frames_of(in_big_endian(log))) == list(frames_of(log))
    assert in_big_endian(log) != log


def test_frames_of_an_earlier_log_are_none_of_this_one(tmp_path: Path):
    """A log that was begun again when the power went: the header is new, nothing else is."""
    log = begun_again(log_of_pages(tmp_path, 512, 4))
    assert [one.is_whole for one in frames_of(log)] == [False] * 4
    assert not has_rotted(log, 0)


def test_two_commits_of_which_sqlite_takes_none_are_rot(tmp_path: Path):
    assert has_rotted(log_of_pages(tmp_path, 512, 2), 0)
    assert not has_rotted(log_of_pages(tmp_path, 512, 1), 0)


def unfinished(tmp_path: Path, commits: int) -> bytes:
    """Return a log that ends within a commit of several pages; they are whole."""
    path = tmp_path / "unfinished.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA page_size = 512")
        connection.execute("PRAGMA journal_mode = WAL")
        for number in range(commits):
            connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute("CREATE TABLE t (x)")  # page 1, and one of its own
        log = read_log(path)
    return log[:-536]


@pytest.mark.parametrize("commits", [0, 2])
def test_pages_of_a_commit_that_did_not_end_are_not_put_back(tmp_path: Path, commits: int):
    log = unfinished(tmp_path, commits)
    frames = list(frames_of(log))
    assert [(one.is_whole, one.ends) for one in frames] == [(True, True)] * commits + [
        (True, False)
    ]
    file = tmp_path / "bad"
    file.write_bytes(b"\7" * 1_024)
    assert put_back(log, file) == commits
    if commits:
        assert file.read_bytes()[60:64] == (2).to_bytes(4, "big")
    else:
        assert file.read_bytes() == b"\7" * 1_024


@pytest.mark.parametrize("size", [256, 131_072])
def test_a_page_size_that_no_file_has_is_taken_for_the_usual_one(tmp_path: Path, size: int):
    log = bytearray(log_of_pages(tmp_path, 4_096, 3))
    log[8:12] = size.to_bytes(4, "big")
    assert [one.is_whole for one in frames_of(bytes(log))] == [True] * 3
