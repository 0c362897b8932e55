"""Every record on the card before anybody hears of it."""

import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from heatward_node import journal_file
from heatward_node.errors import JournalDamaged, JournalError
from heatward_node.events import Boot, Checkpoint, Lost, first_covered
from heatward_node.journal import KEPT_SECONDS, Journal
from heatward_node.reading import Draft, Kind
from heatward_node.scratchpad import usual_scratchpad
from support.clock import FakeClock
from support.w1_tree import rom_number


def drafts(count: int) -> list[Draft]:
    return [Draft(Kind.READING, rom_number(n) + usual_scratchpad(320 + n)) for n in range(count)]


@pytest.fixture
def clock():
    return FakeClock()


def test_records_survive_a_reopening_and_every_opening_is_a_new_epoch(tmp_path, clock):
    path = tmp_path / "journal.sqlite"
    first = Journal.open(path, clock)
    written = first.append(drafts(3))
    epoch = first.live.epoch
    first.close()
    second = Journal.open(path, clock)
    assert [log.last_seq for log in second.logs] == [4, 1]
    assert second.live.epoch != epoch
    (boot,) = second.read(second.live, 0, 10)
    assert Boot.from_record(boot) == Boot(clock.boot_id, epoch, 4)
    assert second.read(second.logs[0], 1, 10) == written


def test_an_unsynchronised_clock_gives_no_wall_time(tmp_path, clock):
    clock.synchronised = False
    journal = Journal.open(tmp_path / "j.sqlite", clock)
    assert [record.wall_s for record in journal.append(drafts(2))] == [None, None]


def test_damaged_rows_travel_as_lost_numbers(tmp_path, clock):
    path = tmp_path / "j.sqlite"
    journal = Journal.open(path, clock)
    journal.append(drafts(8))
    journal.close()
    with sqlite3.connect(path) as card:
        card.execute("UPDATE record SET data = x'00' WHERE seq IN (3, 4)")
        card.execute("DELETE FROM record WHERE seq = 7")
    reopened = Journal.open(path, clock)
    records = reopened.read(reopened.logs[0], 0, 100)
    lost = [(Lost.from_record(r).low, r.seq) for r in records if r.kind == Kind.LOST]
    assert lost == [(3, 4), (7, 7)]
    assert records[-1].seq == 9


def test_a_file_that_is_no_database_is_set_aside_and_sampling_goes_on(tmp_path, clock):
    path = tmp_path / "j.sqlite"
    path.write_bytes(b"\0" * 8192)
    journal = Journal.open(path, clock)
    journal.append(drafts(1))
    assert (tmp_path / "j.sqlite.bad").read_bytes() == b"\0" * 8192


def test_a_second_process_is_refused_with_a_remedy(tmp_path, clock):
    held = Journal.open(tmp_path / "j.sqlite", clock)
    with pytest.raises(JournalError, match="stop it first"):
        Journal.open(tmp_path / "j.sqlite", clock)
    held.close()


def test_an_ack_deletes_nothing_and_only_old_acknowledged_records_go(tmp_path, clock):
    journal = Journal.open(tmp_path / "j.sqlite", clock)
    journal.append(drafts(5))
    journal.set_cursor(journal.live, 3)
    journal.append(drafts(1))
    assert journal.prune() == 0
    clock.advance(KEPT_SECONDS + 10)
    assert journal.prune() == 3
    assert journal.oldest_kept(journal.live) == 4


def test_the_cursor_is_saved_with_the_next_round(tmp_path, clock):
    path = tmp_path / "j.sqlite"
    journal = Journal.open(path, clock)
    journal.append(drafts(5))
    journal.set_cursor(journal.live, 4)
    journal.append(drafts(1))
    journal.close()
    assert Journal.open(path, clock).logs[0].acked == 4


def test_a_checkpoint_covers_every_byte_before_it(tmp_path, clock):
    journal = Journal.open(tmp_path / "j.sqlite", clock)
    journal.append(drafts(2))
    first = Checkpoint.from_record(journal.append([journal.checkpoint()])[0])
    journal.append(drafts(1))
    second = Checkpoint.from_record(journal.append([journal.checkpoint()])[0])
    assert (first.through, second.through) == (3, 5)
    assert first.digest != second.digest


def test_a_full_card_keeps_none_of_a_round_and_says_what_to_check(tmp_path, clock):
    journal = Journal.open(tmp_path / "j.sqlite", clock)
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalError, match="card is full"):
        journal.append(drafts(500))
    assert journal.live.last_seq == 1
    journal._connection.execute("PRAGMA max_page_count = 100000")
    assert [record.seq for record in journal.append(drafts(1))] == [2]


def filled(path: Path, clock: FakeClock, rounds: int) -> dict[int, bytes]:
    """Write rounds of three, close, and return what every number should be."""
    journal = Journal.open(path, clock)
    for _ in range(rounds):
        clock.advance(300)
        journal.append(drafts(3))
    journal.set_cursor(journal.live, 7)
    journal.keep_witness("aa" * 8, 4, "bb" * 8)
    records = journal.read(journal.live, 0, 10 * rounds)
    journal.close()
    return {record.seq: record.to_bytes() for record in records}


@pytest.mark.parametrize("seed", range(12))
def test_zeroed_pages_cost_only_their_own_records_and_every_lost_number_is_named(
    tmp_path, clock, seed
):
    path = tmp_path / "j.sqlite"
    written = filled(path, clock, 400)
    card = bytearray(path.read_bytes())
    leaves = [at for at in range(0, len(card), 4096) if card[at] == 10]  # leaf of an index tree
    for at in random.Random(seed).sample(leaves, 2):
        card[at : at + 4096] = bytes(4096)
    path.write_bytes(card)
    journal = Journal.open(path, clock)
    assert (tmp_path / "j.sqlite.bad").exists()
    assert journal.logs[0].acked == 7
    records = journal.read(journal.logs[0], 0, 10_000)
    seen = [n for r in records for n in range(first_covered(r), r.seq + 1)]
    assert seen == list(range(1, 1202))
    whole = [record for record in records if record.kind != Kind.LOST]
    assert all(written[record.seq] == record.to_bytes() for record in whole)
    assert len(whole) > 900


@pytest.mark.parametrize("seed", range(20))
def test_flipped_bits_never_travel_as_a_record_and_never_block_the_start(tmp_path, clock, seed):
    path = tmp_path / "j.sqlite"
    written = filled(path, clock, 60)
    epoch = epoch_of(path)
    card = bytearray(path.read_bytes())
    dice = random.Random(seed)
    for _ in range(8):
        card[dice.randrange(len(card))] ^= 1 << dice.randrange(8)
    path.write_bytes(card)
    journal = Journal.open(path, clock)
    journal.append(drafts(2))
    for log in journal.logs[:-1]:
        if log.epoch == epoch:
            for record in journal.read(log, 0, 10_000):
                assert record.kind == Kind.LOST or written[record.seq] == record.to_bytes()


def epoch_of(path: Path) -> int:
    with sqlite3.connect(path) as card:
        return int(card.execute("SELECT epoch FROM log").fetchone()[0])


def test_a_page_that_breaks_while_the_node_runs_travels_as_lost_numbers(tmp_path, clock):
    path = tmp_path / "j.sqlite"
    filled(path, clock, 400)
    journal = Journal.open(path, clock)
    journal._connection.execute("PRAGMA cache_size = 1")
    card = bytearray(path.read_bytes())
    leaves = [at for at in range(0, len(card), 4096) if card[at] == 10]
    card[leaves[3] : leaves[3] + 4096] = bytes(4096)
    path.write_bytes(card)
    records = journal.read(journal.logs[0], 0, 10_000)
    seen = [n for r in records for n in range(first_covered(r), r.seq + 1)]
    assert seen == list(range(1, 1202))
    assert any(record.kind == Kind.LOST for record in records)


@pytest.mark.parametrize(
    "code",
    [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY],
    ids=["full", "input and output error", "read-only", "held"],
)
def test_a_card_that_refuses_never_makes_a_healthy_journal_go_aside(
    tmp_path, clock, monkeypatch, code
):
    path = tmp_path / "j.sqlite"
    filled(path, clock, 3)

    def refuse(*_arguments):
        error = sqlite3.OperationalError("refused")
        error.sqlite_errorcode = code
        raise error

    with monkeypatch.context() as refusing:
        refusing.setattr(journal_file, "_connect", refuse)
        with pytest.raises(JournalError, match="read-only"):
            Journal.open(path, clock)
    assert not list(tmp_path.glob("*.bad*"))
    assert len(Journal.open(path, clock).logs) == 2


def test_a_full_card_gives_up_its_oldest_acknowledged_records_and_no_other(tmp_path, clock):
    journal = Journal.open(tmp_path / "j.sqlite", clock)
    for _ in range(50):
        journal.append(drafts(20))
    journal.set_cursor(journal.live, 700)
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count = {pages}")
    for _ in range(20):
        journal.append(drafts(20))
    assert journal.oldest_kept(journal.live) == 701
    assert journal.live.last_seq == 1401
    assert [r.seq for r in journal.read(journal.live, 700, 701)] == list(range(701, 1402))


def test_a_head_a_day_is_kept_as_a_witness(tmp_path, clock):
    journal = Journal.open(tmp_path / "j.sqlite", clock)
    for batch in range(48):
        journal.keep_witness("aa" * 8, batch, f"{batch:016x}")
        clock.advance(3600)
    clock.synchronised = False
    journal.keep_witness("aa" * 8, 99, "bb" * 8)
    assert [day for day, *_ in journal.witnesses()] == ["2023-11-14", "2023-11-15", "2023-11-16"]
    assert journal.witnesses()[0][2] == 0


@pytest.mark.parametrize("noted", [2**40, 2**62, 0], ids=["far beyond", "absurd", "none"])
def test_a_damaged_note_of_the_last_number_is_not_believed(tmp_path, clock, noted):
    path = tmp_path / "j.sqlite"
    filled(path, clock, 3)
    with sqlite3.connect(path) as card:
        card.execute("UPDATE log SET last_seq = ?", (noted,))
    assert Journal.open(path, clock).logs[0].last_seq == 10


def test_a_log_that_was_pruned_to_its_end_keeps_its_numbers(tmp_path, clock):
    path = tmp_path / "j.sqlite"
    journal = Journal.open(path, clock)
    journal.append(drafts(9) * 3_000)
    journal.set_cursor(journal.live, 27_001)
    clock.advance(KEPT_SECONDS + 10)
    assert journal.prune() == 27_001
    journal.close()
    old = Journal.open(path, clock)
    assert (old.logs[0].last_seq, old.oldest_kept(old.logs[0])) == (27_001, 27_002)


def test_a_file_that_breaks_under_a_question_asks_for_a_restart_which_saves_the_rest(
    tmp_path, clock
):
    path = tmp_path / "j.sqlite"
    filled(path, clock, 400)
    journal = Journal.open(path, clock)
    journal._connection.execute("PRAGMA cache_size = 1")
    card = bytearray(path.read_bytes())
    for at in range(4096, len(card), 4096):
        card[at : at + 4096] = bytes(4096)
    path.write_bytes(card)
    with pytest.raises(JournalDamaged, match="restart"):
        journal.oldest_kept(journal.logs[0])
    journal.close()
    again = Journal.open(path, clock)
    assert again.live.last_seq == 1
    assert list(tmp_path.glob("*.bad"))


@pytest.mark.parametrize("wall", [0.0, -1e9, 1e12], ids=["1970", "before 1970", "far ahead"])
def test_a_wall_time_that_no_record_can_carry_costs_no_record(tmp_path, clock, wall):
    clock.wall = wall
    journal = Journal.open(tmp_path / "j.sqlite", clock)
    written = journal.append(drafts(3))
    assert journal.read(journal.live, 1, 10) == written
    assert {record.wall_s for record in written} == {None}
    journal.keep_witness("aa" * 8, 1, "bb" * 8)
    assert journal.witnesses() == []


def test_the_latest_rounds_of_a_damaged_journal_are_saved_from_its_write_ahead_log(tmp_path, clock):
    path = tmp_path / "j.sqlite"
    filled(path, clock, 400)
    journal = Journal.open(path, clock)
    latest = journal.append(drafts(3))
    after = tmp_path / "after"
    after.mkdir()
    card = bytearray(path.read_bytes())
    leaves = [at for at in range(0, len(card), 4096) if card[at] == 10]
    card[leaves[2] : leaves[2] + 4096] = bytes(4096)
    (after / path.name).write_bytes(card)
    shutil.copy(tmp_path / "j.sqlite-wal", after)
    found = Journal.open(after / path.name, clock)
    assert list(after.glob("*.bad"))
    assert found.logs[1].epoch == journal.live.epoch
    assert found.read(found.logs[1], 1, 10) == latest
    journal.close()
