"""Every record on the card before anybody hears of it."""

import sqlite3

import pytest

from heatward_node.errors import JournalError
from heatward_node.events import Boot, Checkpoint, Lost
from heatward_node.journal import KEPT_SECONDS, Draft, Journal
from heatward_node.reading import Kind
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
    first = Checkpoint.from_record(journal.checkpoint())
    journal.append(drafts(1))
    second = Checkpoint.from_record(journal.checkpoint())
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
