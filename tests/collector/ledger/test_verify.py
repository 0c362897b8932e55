"""A ledger that is altered in any way is told apart from one that is not, by the right name."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.cli import heatward
from heatward_collector.ledger import (
    Alteration,
    LedgerReader,
    LedgerWriter,
    Source,
    day_file,
    verify,
)
from heatward_collector.ledger.batch import Batch, chain, compress, decompress
from heatward_collector.ledger.manifest import Fork
from heatward_node.events import LossReason, Lost
from heatward_node.reading import Kind, Record
from heatward_node.wire import Pack
from support.evidence import LIVING, T0, PaperNode

DAYS, BATCHES_A_DAY, NODES = 3, 4, 3
FILES = [f"2026-01-0{1 + day}.sqlite" for day in range(DAYS)]
Row = tuple


def write(folder: Path) -> None:
    """Write three days of three nodes, one of which begins late and one of which lost records."""
    now = [float(T0)]
    ledger = LedgerWriter(folder, lambda: now[0])
    nodes = [PaperNode(epoch=0xABC0 + index, node=f"n000{index}") for index in range(NODES)]
    started: set[str] = set()
    for number in range(DAYS * BATCHES_A_DAY):
        now[0] = T0 + 86_400 / BATCHES_A_DAY * number + 60
        for index, node in enumerate(nodes[: 2 + (number >= BATCHES_A_DAY)]):
            records = [] if node.node in started else [node.boot()]
            started.add(node.node)
            if number == 5 and index == 1:
                low = node.seq + 1
                node.seq += 10
                lost = Lost(low, LossReason.CARD_DAMAGED).to_body()
                records.append(Record(Kind.LOST, node.seq, 0, None, 0, 0, lost))
            records += [node.read(LIVING, int(now[0]) - 5 + at, 20 + at) for at in range(3)]
            ledger.offer("sample", node.node, Pack(node.epoch, False, records))
        ledger.commit()
    ledger.close()


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original") / "ledger"
    write(folder)
    return folder


@pytest.fixture
def copy(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "ledger"))


def alter(folder: Path, file: str, *statements: tuple[str, tuple]) -> None:
    """Do what an administrator with all rights can do."""
    with closing(sqlite3.connect(folder / file)) as connection, connection:
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement, values in statements:
            assert connection.execute(statement, values).rowcount > 0


def rewrite(folder: Path, file: str, number: int, change: Callable[[bytes], bytes]) -> None:
    """Replace the body of a batch by a changed one."""
    with closing(sqlite3.connect(folder / file)) as connection:
        query = "SELECT body FROM batch WHERE number = ?"
        body = decompress(connection.execute(query, (number,)).fetchone()[0])
    statement = "UPDATE batch SET body = ? WHERE number = ?"
    alter(folder, file, (statement, (compress(change(body)), number)))


def file_of(number: int) -> str:
    return FILES[(number - 1) // BATCHES_A_DAY]


def test_an_untouched_ledger_is_intact(original: Path):
    result = verify(original)
    reader = LedgerReader(original)
    assert result.alteration is None
    assert (result.number, result.head) == reader.head()
    assert (result.files, result.batches) == (DAYS, DAYS * BATCHES_A_DAY)
    assert result.records == sum(batch.count for batch in reader.batches())
    assert result.incarnations == [reader.incarnation]


def test_a_ledger_whose_oldest_days_were_taken_away_is_intact(copy: Path):
    (copy / FILES[0]).unlink()
    result = verify(copy)
    assert result.alteration is None
    assert result.first_number == BATCHES_A_DAY + 1


def test_nothing_written_is_intact(tmp_path: Path):
    assert verify(tmp_path).alteration is None


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_altered_record_is_named(original: Path, tmp_path_factory, data):
    """Any byte of any record, in any batch."""
    folder = shutil.copytree(original, tmp_path_factory.mktemp("altered") / "ledger")
    number = data.draw(st.integers(1, DAYS * BATCHES_A_DAY))
    (batch,) = LedgerReader(original).batches(after=number - 1, limit=1)
    position = data.draw(st.integers(0, batch.count - 1))
    size = len(batch.entry_bytes(position))
    offset = data.draw(st.integers(4, size - 5))
    flip = data.draw(st.integers(1, 255))
    source, record = batch.entry(position)

    def change(body: bytes) -> bytes:
        start = len(body) - sum(len(batch.entry_bytes(at)) for at in range(position, batch.count))
        changed = bytearray(body)
        changed[start + offset] ^= flip
        return bytes(changed)

    rewrite(folder, file_of(number), number, change)
    found = verify(folder).alteration
    assert found is not None
    assert (found.file, found.batch, found.position) == (file_of(number), number, position)
    assert found.source == LedgerReader(original).source(source)
    if not 8 <= offset < 12:  # the number itself was altered
        assert found.seq == record.seq


def test_a_record_altered_with_its_crc_is_found_by_the_hash(copy: Path):
    def change(body: bytes) -> bytes:
        data = body[-49:-4]
        changed = data[:-1] + bytes([data[-1] ^ 1])
        return body[:-49] + changed + zlib.crc32(changed).to_bytes(4, "little")

    rewrite(copy, FILES[1], 6, change)
    found = verify(copy).alteration
    assert found is not None
    assert (found.file, found.batch) == (FILES[1], 6)


def test_a_batch_altered_with_its_hash_is_found_by_the_next(copy: Path):
    with closing(sqlite3.connect(copy / FILES[1])) as connection:
        row = connection.execute(
            "SELECT received_at_ms, previous, body FROM batch WHERE number = 6"
        ).fetchone()
    received_at_ms, previous, body = row[0] - 3_600_000, row[1], decompress(row[2])
    digest = chain(previous, 6, received_at_ms, body)
    statement = "UPDATE batch SET received_at_ms = ?, hash = ? WHERE number = 6"
    alter(copy, FILES[1], (statement, (received_at_ms, digest)))
    found = verify(copy).alteration
    assert found is not None
    assert (found.file, found.batch) == (FILES[1], 7)
    assert found.what == "it does not follow batch 6: that one, or its place, is new"


def test_a_removed_record_is_missed_even_by_a_perfect_forger(copy: Path):
    """The last batch is written anew, hash and all, without its first record."""
    number = DAYS * BATCHES_A_DAY
    with closing(sqlite3.connect(copy / FILES[-1])) as connection:
        query = "SELECT number, received_at_ms, count, body, previous FROM batch WHERE number = ?"
        *head, body, previous = connection.execute(query, (number,)).fetchone()
    batch = Batch(*head, decompress(body))
    entries = [batch.entry_bytes(position) for position in range(1, batch.count)]
    lengths = b"".join(len(entry).to_bytes(2, "little") for entry in entries)
    count = len(entries)
    forged = b"\0\0\0\0" + count.to_bytes(4, "little") + lengths + b"".join(entries)
    digest = chain(previous, number, head[1], forged)
    statement = "UPDATE batch SET body = ?, hash = ?, count = ? WHERE number = ?"
    alter(copy, FILES[-1], (statement, (compress(forged), digest, count, number)))
    found = verify(copy).alteration
    assert found is not None
    assert (found.batch, found.position) == (number, 0)
    assert "next" in found.what


@pytest.mark.parametrize("number", [1, 4, 5, 6, 11])
def test_a_deleted_batch_is_missed(copy: Path, number: int):
    alter(copy, file_of(number), ("DELETE FROM batch WHERE number = ?", (number,)))
    found = verify(copy).alteration
    assert found is not None
    assert f"batches {number} to {number} are missing" in found.what


def test_a_deleted_day_is_missed(copy: Path):
    (copy / FILES[1]).unlink()
    found = verify(copy).alteration
    assert found is not None
    assert found.file == FILES[2]
    assert "missing" in found.what


def test_what_is_missing_or_wrong_beside_the_batches_is_put_down_to_none_of_them(copy: Path):
    """The batch that was read last has nothing to do with it."""
    other = Path(shutil.copytree(copy, copy.with_name("other")))
    alter(copy, FILES[1], ("DELETE FROM batch WHERE number = 6", ()))
    alter(other, FILES[1], ("UPDATE source SET node = 'n0009' WHERE id = 1", ()))
    for folder in (copy, other):
        found = verify(folder).alteration
        assert found is not None
        assert (found.file, found.batch, found.position) == (FILES[1], None, None)


def test_a_first_day_that_says_its_sources_were_further_is_found(copy: Path):
    """A writer would take that for records, and ask the node for none of them."""
    alter(copy, FILES[0], ("UPDATE snapshot SET through = 5 WHERE source = 0", ()))
    found = verify(copy).alteration
    assert found is not None
    assert found.what == "the cursors at its beginning do not fit the days before"


def test_a_ledger_may_begin_behind_a_day_of_one_batch(tmp_path: Path):
    now, node = [float(T0)], PaperNode(5)
    ledger = LedgerWriter(tmp_path, lambda: now[0])
    for _ in range(2):
        ledger.offer("sample", node.node, Pack(5, False, [node.read(LIVING, T0, 20)]))
        ledger.commit()
        now[0] += 86_400
    ledger.close()
    (tmp_path / FILES[0]).unlink()
    found = verify(tmp_path)
    assert (found.alteration, found.first_number, found.number) == (None, 2, 2)


def test_reordered_batches_are_found(copy: Path):
    renumber = "UPDATE batch SET number = ? WHERE number = ?"
    alter(copy, FILES[1], (renumber, (99, 6)), (renumber, (6, 7)), (renumber, (7, 99)))
    found = verify(copy).alteration
    assert found is not None
    assert (found.file, found.batch) == (FILES[1], 6)


def test_reordered_records_are_found(copy: Path):
    """Two readings of one node change places; each has its right CRC."""
    rewrite(copy, FILES[1], 8, lambda body: body[:-98] + body[-49:] + body[-98:-49])
    found = verify(copy).alteration
    assert found is not None
    assert (found.batch, found.position) == (8, 7)


def test_a_cut_end_shows_against_a_witness_only(original: Path, copy: Path):
    number, digest = LedgerReader(original).head()
    alter(copy, FILES[-1], ("DELETE FROM batch WHERE number = ?", (number,)))
    assert verify(copy).alteration is None
    found = verify(copy, {number: digest}).alteration
    assert found is not None
    assert found.batch == number


def test_a_witness_may_hold_the_beginning_of_a_hash(original: Path):
    number, digest = LedgerReader(original).head()
    assert verify(original, {number: digest[:4]}).alteration is None
    found = verify(original, {number: b"\0\0\0\0"}).alteration
    assert found is not None
    assert "witness" in found.what


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE source SET node = 'n0009' WHERE id = 1", "source 1 is altered"),
        ("DELETE FROM source WHERE id = 2", "sources are listed"),
        ("UPDATE snapshot SET through = through + 1 WHERE source = 0", "cursors"),
        ("UPDATE batch SET measured_to = measured_to - 4 WHERE number = 8", "hides a record"),
        ("UPDATE batch SET count = count - 1 WHERE number = 8", "add up"),
        ("UPDATE batch SET count = 'many' WHERE number = 8", "batch 8"),
        ("UPDATE batch SET body = x'00' WHERE number = 8", "decompressed"),
        ("UPDATE batch SET received_at_ms = received_at_ms + 1 WHERE number = 8", "time, order"),
    ],
)
def test_what_readers_rely_on_is_checked_too(copy: Path, statement: str, what: str):
    alter(copy, FILES[1], (statement, ()))
    found = verify(copy).alteration
    assert found is not None
    assert found.file == FILES[1]
    assert what in str(found)


def test_a_foreign_file_is_named(copy: Path):
    (copy / FILES[1]).write_bytes(b"not a database" * 500)
    found = verify(copy).alteration
    assert found is not None
    assert found.file == FILES[1]
    assert "not a database" in found.what


def test_a_day_that_never_began_alters_nothing(copy: Path):
    sqlite3.connect(copy / "2026-01-04.sqlite").close()
    assert verify(copy).alteration is None


def test_the_commands_say_the_same(original: Path, copy: Path):
    runner = CliRunner()
    told = runner.invoke(heatward, ["ledger", "head", "--directory", str(original)])
    witness = told.output.strip()
    options = ["ledger", "verify", "--directory", str(copy), "--witness", witness]
    told = runner.invoke(heatward, options)
    assert told.exit_code == 0
    assert told.output.splitlines()[-1] == witness
    rewrite(copy, FILES[2], 12, lambda body: body[:-8] + b"\0" + body[-7:])
    told = runner.invoke(heatward, options)
    assert told.exit_code == 1
    assert "batch 12" in told.output
    assert "n0002" in told.output


def test_records_are_shown_one_a_line(original: Path):
    runner = CliRunner()
    options = ["ledger", "show", "--directory", str(original), "--after", "0", "--limit", "5"]
    lines = [json.loads(line) for line in runner.invoke(heatward, options).output.splitlines()]
    assert len(lines) == 5
    assert lines[0]["kind"] == "boot"
    assert lines[1]["celsius"] == 20.0
    assert {line["node"] for line in lines} == {"n0000", "n0001"}
    told = runner.invoke(heatward, [*options, "--node", "n0001"]).output
    assert {json.loads(line)["node"] for line in told.splitlines()} == {"n0001"}


def forged_body(folder: Path, file: str, number: int, body: bytes, count: int) -> None:
    """Replace a batch as who knows the format can: hash and count fit the new body."""
    with closing(sqlite3.connect(folder / file)) as connection:
        query = "SELECT received_at_ms, previous FROM batch WHERE number = ?"
        received_at_ms, previous = connection.execute(query, (number,)).fetchone()
    digest = chain(previous, number, received_at_ms, body)
    statement = "UPDATE batch SET body = ?, hash = ?, count = ? WHERE number = ?"
    alter(folder, file, (statement, (compress(body), digest, count, number)))


def test_a_batch_of_nothing_is_none_though_its_hash_fits(copy: Path):
    forged_body(copy, FILES[2], 12, bytes(8), 0)
    found = verify(copy).alteration
    assert found is not None
    assert (found.file, found.batch) == (FILES[2], 12)


def test_a_first_day_that_goes_on_from_something_does_not_begin_a_chain(copy: Path):
    statement = "UPDATE meta SET value = ? WHERE key = 'first_previous'"
    alter(copy, FILES[0], (statement, (b"\1" * 32,)))
    found = verify(copy).alteration
    assert found is not None
    assert found.what == "the first batch does not begin a chain"
    (copy / FILES[0]).unlink()
    assert verify(copy).alteration is None  # behind days that were taken away it may


def test_a_fork_at_a_batch_of_an_earlier_day_is_no_fork_of_this_one(copy: Path, original: Path):
    hashes = LedgerReader(original).hashes(range(1, 13))
    for after, head, is_right in (
        (8, hashes[8], True),
        (8, hashes[7], False),
        (7, hashes[7], False),
        (9, hashes[9], True),
        (9, hashes[8], False),
        (13, hashes[8], False),
    ):
        folder = Path(shutil.copytree(original, copy.with_name(f"{after}-{head.hex()[:4]}")))
        with closing(day_file.writing(folder / FILES[2])) as connection:
            day_file.add_fork(connection, Fork(after, head.hex(), "ab"))
        found = verify(folder)
        assert (found.alteration is None) == is_right
        if is_right:
            assert found.incarnations[-1] == "ab"
        elif after < 9:
            assert f"after another batch {after}" in str(found.alteration)


def test_every_life_of_a_ledger_is_told_though_it_comes_again(copy: Path):
    """The third day was written under the first name, as if nobody had restored the second."""
    with closing(LedgerReader(copy)) as reader:
        head, first = reader.hashes([6])[6], reader.incarnation
    with closing(day_file.writing(copy / FILES[1])) as connection:
        day_file.add_fork(connection, Fork(6, head.hex(), "ab"))
    assert verify(copy).incarnations == [first, "ab", first]


def test_a_damaged_record_is_named_though_the_sources_of_its_batch_are_damaged_too(copy: Path):
    """Batch 5 introduces the third node: neither its name nor its first record can be read."""

    def change(body: bytes) -> bytes:
        size = int.from_bytes(body[:4], "little")
        return body[:4] + b"\xff" * size + body[4 + size : -6] + b"\0\0" + body[-4:]

    rewrite(copy, FILES[1], 5, change)
    found = verify(copy).alteration
    assert found is not None
    assert (found.batch, found.position, found.source) == (5, 9, None)
    assert found.what == "the record is altered"


def test_a_day_that_cannot_be_opened_is_named(copy: Path):
    (copy / FILES[1]).unlink()
    (copy / FILES[1]).mkdir()
    found = verify(copy).alteration
    assert found is not None
    assert found.file == FILES[1]
    assert "cannot be read" in found.what


def test_what_is_said_of_an_alteration_holds_what_is_known_of_it():
    source = Source(3, "sample", "n0001", 0xABC)
    who = "sample/n0001 epoch 00000abc"
    for alteration, text in (
        (Alteration("gone"), "gone"),
        (Alteration("gone", "a.sqlite"), "a.sqlite: gone"),
        (Alteration("gone", "a.sqlite", 0), "a.sqlite: batch 0: gone"),
        (Alteration("gone", "a.sqlite", 7, 0), "a.sqlite: batch 7: position 0: gone"),
        (Alteration("gone", "a", 7, 0, source), f"a: batch 7: position 0: gone: {who}"),
        (Alteration("gone", "a", 7, 0, source, 0), f"a: batch 7: position 0: gone: {who} seq 0"),
        (Alteration("gone", batch=7), "batch 7: gone"),
    ):
        assert str(alteration) == text


def test_progress_is_told_after_every_day_and_ends_with_what_is_found(copy: Path):
    told: list[tuple[int, int]] = []
    found = verify(copy, progress=lambda so_far: told.append((so_far.files, so_far.number)))
    assert told == [(1, 4), (2, 8), (3, 12)]
    assert (found.first_number, found.records) == (1, 26 + 38 + 36)


def test_a_witness_of_a_batch_that_is_not_there_is_told_with_what_is(copy: Path):
    (copy / FILES[0]).unlink()
    found = verify(copy, {3: b"ab", 14: b"cd"}).alteration
    assert found is not None
    assert (found.batch, found.file) == (3, "")
    assert found.what == "a witness saw this batch, the ledger has only 5 to 12"


def test_an_altered_number_of_a_source_is_read_from_its_bytes(copy: Path):
    """Where the record is no record any more, what is left of it names whose it was."""
    with closing(LedgerReader(copy)) as reader:
        (batch,) = reader.batches(after=6, limit=1)
        data, (source, record) = batch.entry_bytes(1), batch.entry(1)
        known = reader.source(source)

    def change(body: bytes) -> bytes:
        at = body.index(data)
        return body[: at + 7] + b"\x63" + body[at + 8 :]  # a layout that nobody knows

    rewrite(copy, FILES[1], 7, change)
    found = verify(copy).alteration
    assert found is not None
    assert (found.batch, found.position, found.source, found.seq) == (7, 1, known, record.seq)


@pytest.mark.parametrize(
    ("column", "value", "is_found"),
    [
        ("measured_from", "measured_from + 1", True),
        ("measured_to", "measured_to - 1", True),
        ("measured_from", "measured_from - 1", False),
        ("measured_to", "measured_to + 1", False),
        ("measured_from", "NULL", False),
        ("measured_to", "NULL", False),
    ],
)
def test_a_filter_may_give_too_much_and_never_too_little(
    copy: Path, column: str, value: str, is_found: bool
):
    alter(copy, FILES[1], (f"UPDATE batch SET {column} = {value} WHERE number = 8", ()))
    found = verify(copy).alteration
    assert (found is not None) == is_found
    if found is not None:
        readings = next(LedgerReader(copy).batches(after=7, limit=1)).readings
        walls = readings["wall_s"].tolist()
        edge = min(walls) if column == "measured_from" else max(walls)
        assert found.position == int(readings["position"][walls.index(edge)])


def test_a_reading_without_a_time_is_never_hidden_by_a_filter(tmp_path: Path):
    ledger, node = LedgerWriter(tmp_path, lambda: T0), PaperNode(5)
    records = [node.read(LIVING, T0, 20), node.read(LIVING, T0 + 1, 20, synchronised=False)]
    ledger.offer("sample", node.node, Pack(5, False, records))
    ledger.commit()
    ledger.close()
    assert verify(tmp_path).alteration is None
    span = (T0 - 9_999, T0 + 9_999)
    alter(tmp_path, FILES[0], ("UPDATE batch SET measured_from = ?, measured_to = ?", span))
    found = verify(tmp_path).alteration
    assert found is not None
    assert found.position == 1


def test_a_writer_in_the_middle_of_a_frame_is_given_a_moment(
    copy: Path, monkeypatch: pytest.MonkeyPatch
):
    """Hidden commits are looked for again before they are believed, and not for ever."""
    module = sys.modules[verify.__module__]
    for answers, is_found in (([1, 0], False), ([1, 1, 0], False), ([1, 1, 1, 0], True)):
        left, slept = list(answers), []
        monkeypatch.setattr(module, "hidden_commits", lambda path, left=left: left.pop(0))
        monkeypatch.setattr(module.time, "sleep", slept.append)
        days = copy.with_name(f"one-{len(answers)}")
        days.mkdir()
        shutil.copy(copy / FILES[0], days)
        assert (verify(days).alteration is not None) == is_found
        assert slept == [0.2] * sum(answers)


def test_a_damaged_record_of_a_node_that_its_batch_introduces_is_named_with_the_node(copy: Path):
    rewrite(copy, FILES[1], 5, lambda body: body[:-6] + b"\0\0" + body[-4:])
    found = verify(copy).alteration
    assert found is not None
    assert (found.batch, found.position) == (5, 9)
    assert found.source is not None and found.source.node == "n0002"
