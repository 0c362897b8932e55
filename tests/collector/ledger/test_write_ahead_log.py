"""A byte that is altered in a write-ahead log hides nothing without a word."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.ledger import LedgerReader, LedgerWriter, verify
from heatward_collector.ledger.write_ahead_log import hidden_commits
from heatward_node.wire import Pack
from support.evidence import LIVING, T0, PaperNode
from support.write_ahead_logs import begun_again, in_big_endian

DAY = "2026-01-01.sqlite"
BATCHES = 6


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A ledger as a killed writer leaves it: every batch is in the log only."""
    folder = tmp_path_factory.mktemp("killed")
    writer, node = LedgerWriter(folder / "open", lambda: float(T0)), PaperNode(1)
    for number in range(BATCHES):
        records = [node.boot()] if number == 0 else []
        records += [node.read(LIVING, T0 + number * 60 + at, 20.0) for at in range(5)]
        writer.offer("sample", "n0001", Pack(1, False, records))
        writer.commit()
    yield Path(shutil.copytree(folder / "open", folder / "ledger"))
    writer.close()


@pytest.fixture(scope="module", autouse=True)
def impatience() -> Iterator[None]:
    """Nobody writes here: looking again need not wait."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules[verify.__module__], "LOOK_AGAIN_S", 0.0)
        yield


def log_of(folder: Path) -> Path:
    return folder / f"{DAY}-wal"


def test_a_sound_log_hides_nothing(killed: Path) -> None:
    assert log_of(killed).stat().st_size > 0
    assert hidden_commits(killed / DAY) == 0
    found = verify(killed)
    assert (found.alteration, found.batches) == (None, BATCHES)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_altered_byte_of_a_log_is_found(killed: Path, tmp_path_factory, data) -> None:
    folder = Path(shutil.copytree(killed, tmp_path_factory.mktemp("altered") / "ledger"))
    content = bytearray(log_of(folder).read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    log_of(folder).write_bytes(content)
    found = verify(folder)
    assert found.alteration is not None
    assert found.alteration.file == DAY
    assert found.alteration.batch == found.number + 1


def test_the_first_batch_that_cannot_be_read_is_named(killed: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(killed, tmp_path / "ledger"))
    content = bytearray(log_of(folder).read_bytes())
    content[-2000] ^= 1  # in the last frame: only the last commit is lost
    log_of(folder).write_bytes(content)
    text = str(verify(folder).alteration)
    assert text == (
        f"{DAY}: batch {BATCHES}: the write-ahead log is altered or torn, 1 commits from here on "
        "cannot be read"
    )


def test_leftovers_of_an_earlier_log_are_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (x)")
        for _ in range(20):
            connection.execute("INSERT INTO t VALUES (zeroblob(3000))")
        connection.execute("PRAGMA wal_checkpoint(RESTART)")
        connection.execute("INSERT INTO t VALUES (1)")
        assert hidden_commits(path) == 0


def test_a_day_without_a_log_hides_nothing(tmp_path: Path) -> None:
    assert hidden_commits(tmp_path / DAY) == 0
    (tmp_path / f"{DAY}-wal").write_bytes(b"")
    assert hidden_commits(tmp_path / DAY) == 0


def test_a_closed_day_lies_in_its_file_though_readers_are_open(tmp_path: Path) -> None:
    now = [float(T0)]
    writer, node = LedgerWriter(tmp_path, lambda: now[0]), PaperNode(1)
    writer.offer("sample", "n0001", Pack(1, False, [node.boot()]))
    writer.commit()
    reader = LedgerReader(tmp_path)
    assert reader.head()[0] == 1
    now[0] += 86_400
    writer.offer("sample", "n0001", Pack(1, False, [node.read(LIVING, T0, 20.0)]))
    writer.commit()
    assert log_of(tmp_path).stat().st_size == 0
    writer.close()
    reader.close()
    (tmp_path / "copy").mkdir()
    for file in tmp_path.glob("*.sqlite"):
        shutil.copy(file, tmp_path / "copy")
    assert verify(tmp_path / "copy").batches == 2


def test_a_log_of_a_machine_of_the_other_byte_order_is_read_too(
    killed: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(killed, tmp_path / "ledger"))
    (folder / f"{DAY}-shm").unlink(missing_ok=True)
    made = in_big_endian(log_of(folder).read_bytes())
    log_of(folder).write_bytes(made)
    assert hidden_commits(folder / DAY) == 0
    log_of(folder).write_bytes(made[:-2000] + bytes([made[-2000] ^ 1]) + made[-1999:])
    assert hidden_commits(folder / DAY) == 1
    log_of(folder).write_bytes(made)
    assert verify(folder).batches == BATCHES  # SQLite says so as well


def test_a_log_that_ends_within_its_first_frame_holds_no_commit(
    killed: Path, tmp_path: Path
) -> None:
    """Its header altered or not: there is nothing whole behind it that could be hidden."""
    content = log_of(killed).read_bytes()
    for size in (1, 31, 32, 33, 32 + 23, 32 + 24, 32 + 24 + 4095):
        for flip in (0, 1):
            cut = bytearray(content[:size])
            cut[min(17, size - 1)] ^= flip
            (tmp_path / f"{DAY}-wal").write_bytes(cut)
            assert hidden_commits(tmp_path / DAY) == 0


@pytest.mark.parametrize("size", [512, 1_024, 65_536])
def test_a_page_size_that_a_day_may_have_is_believed_though_the_header_is_altered(
    tmp_path: Path, size: int
) -> None:
    path = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {size}")
        connection.execute("PRAGMA journal_mode = WAL")
        for number in range(5):
            connection.execute(f"CREATE TABLE t{number} (x)")
        copy = tmp_path / "copy.sqlite-wal"
        data = bytearray(path.with_name("a.sqlite-wal").read_bytes())
    copy.write_bytes(data)
    assert hidden_commits(tmp_path / "copy.sqlite") == 0
    data[24] ^= 1  # of the check sum of the header: no frame can be believed
    copy.write_bytes(data)
    assert hidden_commits(tmp_path / "copy.sqlite") == 5


@pytest.mark.parametrize("size", [0, 256, 511, 4_095, 5_000, 131_072])
def test_a_page_size_that_no_file_has_is_taken_for_the_usual_one(
    killed: Path, tmp_path: Path, size: int
) -> None:
    content = bytearray(log_of(killed).read_bytes())
    ends = [at for at in range(32, len(content), 24 + 4_096) if any(content[at + 4 : at + 8])]
    content[8:12] = size.to_bytes(4, "big")
    (tmp_path / f"{DAY}-wal").write_bytes(content)
    assert hidden_commits(tmp_path / DAY) == len(ends)


@pytest.mark.parametrize("broken", range(1, BATCHES))
def test_every_commit_behind_a_broken_frame_is_counted(
    killed: Path, tmp_path: Path, broken: int
) -> None:
    content = bytearray(log_of(killed).read_bytes())
    frame = 24 + int.from_bytes(content[8:12], "big")
    ends = [at for at in range(32, len(content), frame) if any(content[at + 4 : at + 8])]
    content[ends[broken] + 24] ^= 1
    (tmp_path / f"{DAY}-wal").write_bytes(content)
    assert hidden_commits(tmp_path / DAY) == len(ends) - broken


@pytest.mark.parametrize("at", range(8, 16))
def test_a_frame_of_which_one_salt_is_altered_is_still_of_this_log(
    killed: Path, tmp_path: Path, at: int
) -> None:
    content = bytearray(log_of(killed).read_bytes())
    ends = [place for place in range(32, len(content), 24 + 4_096) if any(content[place + 4 :][:4])]
    content[ends[-1] + at] ^= 1
    (tmp_path / f"{DAY}-wal").write_bytes(content)
    assert hidden_commits(tmp_path / DAY) == 1


@pytest.mark.parametrize("at", [8, 12])
def test_where_the_header_is_altered_too_the_first_frame_says_whose_the_others_are(
    killed: Path, tmp_path: Path, at: int
) -> None:
    content = bytearray(log_of(killed).read_bytes())
    ends = [place for place in range(32, len(content), 24 + 4_096) if any(content[place + 4 :][:4])]
    content[24] ^= 1
    content[ends[-1] + at] ^= 1
    (tmp_path / f"{DAY}-wal").write_bytes(content)
    assert hidden_commits(tmp_path / DAY) == len(ends)


def test_commits_of_a_file_of_one_page_are_counted_like_others(tmp_path: Path) -> None:
    path = tmp_path / DAY
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        for number in range(1, 4):
            connection.execute(f"PRAGMA user_version = {number}")
        content = bytearray(log_of(tmp_path).read_bytes())
    content[24] ^= 1
    (tmp_path / "copy.sqlite-wal").write_bytes(content)
    assert hidden_commits(tmp_path / "copy.sqlite") == 3


def test_frames_of_an_earlier_log_are_no_commits_of_this_one(killed: Path, tmp_path: Path) -> None:
    (tmp_path / f"{DAY}-wal").write_bytes(begun_again(log_of(killed).read_bytes()))
    assert hidden_commits(tmp_path / DAY) == 0


def test_a_commit_of_many_pages_that_was_torn_before_its_last_one_is_one(
    killed: Path, tmp_path: Path
) -> None:
    """None of its frames says that it ends a commit; the writer takes it back."""
    content = log_of(killed).read_bytes()
    frame = 24 + int.from_bytes(content[8:12], "big")
    end = next(at for at in range(32, len(content), frame) if any(content[at + 4 : at + 8]))
    torn = bytearray(content[:end])
    assert len(torn) > 32 + 2 * frame
    torn[32 + 24] ^= 1
    (tmp_path / f"{DAY}-wal").write_bytes(torn)
    assert hidden_commits(tmp_path / DAY) == 1
