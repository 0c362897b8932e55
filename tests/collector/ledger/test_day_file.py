"""One day's file at its edges: not yet begun, cut off by a power cut, foreign, or gone."""

from __future__ import annotations

import shutil
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from heatward_collector.errors import LedgerError
from heatward_collector.ledger import LedgerWriter, day_file, verify
from heatward_collector.ledger.manifest import Fork
from heatward_collector.ledger.write_ahead_log import hidden_commits
from heatward_node.wire import Pack
from support.disk import full_disk
from support.evidence import LIVING, T0, PaperNode
from support.open_files import held_open

DAY = "2026-01-01.sqlite"
FRAME_BYTES = 24 + day_file.PAGE_BYTES


def began(folder: Path, batches: int = 1) -> LedgerWriter:
    """Return a writer whose batches lie in the log of the day."""
    writer, node = LedgerWriter(folder, lambda: float(T0)), PaperNode(5)
    for number in range(batches):
        records = [node.boot()] if number == 0 else [node.read(LIVING, T0 + number, 20)]
        writer.offer("sample", node.node, Pack(5, False, records))
        writer.commit()
    return writer


def left_by_a_power_cut(tmp_path: Path, batches: int) -> Path:
    """Return the day as it lies on the disk while a writer still has it open."""
    writer = began(tmp_path / "alive", batches)
    folder = Path(shutil.copytree(tmp_path / "alive", tmp_path / "card"))
    writer.close()
    (folder / f"{DAY}-shm").unlink()
    return folder / DAY


def half_made(tmp_path: Path) -> Path:
    """Return a new file whose turn to a write-ahead log a power cut has stopped.

    SQLite has written its only page anew, and the journal still holds the page as it was
    (https://www.sqlite.org/fileformat2.html, "The Rollback Journal").
    """
    path, size, nonce = tmp_path / DAY, day_file.PAGE_BYTES, 77
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA user_version = 7")  # one page, and no table
    page = path.read_bytes()
    header = bytes.fromhex("d9d505f920a163d7") + struct.pack(">5I", 1, nonce, 1, 512, size)
    check_sum = nonce + sum(page[at] for at in range(size - 200, 0, -200))
    record = struct.pack(">I", 1) + page + struct.pack(">I", check_sum)
    path.with_name(f"{DAY}-journal").write_bytes(header.ljust(512, b"\0") + record)
    path.write_bytes(page[:18] + b"\2\2" + page[20:])
    return path


def test_days_are_files_by_the_utc_day_and_nothing_else_is_one(tmp_path: Path):
    assert day_file.day_path(tmp_path, T0 - 0.5).name == "2025-12-31.sqlite"
    assert day_file.day_path(tmp_path, T0).name == DAY
    for name in ("2026-01-02.sqlite", DAY, "2026-01-02.sqlite-wal", "view.sqlite"):
        (tmp_path / name).touch()
    assert [path.name for path in day_file.day_files(tmp_path)] == [DAY, "2026-01-02.sqlite"]


@pytest.mark.parametrize("name", ["nothing", "file"])
def test_where_there_is_no_folder_there_are_no_days(tmp_path: Path, name: str):
    (tmp_path / "file").touch()
    assert day_file.day_files(tmp_path / name) == []


@pytest.mark.parametrize(
    "name", ["2026-1-01.sqlite", "x2026-01-01.sqlite", "2026-01-01x.sqlite", "2026-01-01"]
)
def test_what_is_not_named_by_a_day_alone_is_none(tmp_path: Path, name: str):
    (tmp_path / name).touch()
    assert day_file.day_files(tmp_path) == []


def test_a_day_begins_with_its_first_commit(tmp_path: Path):
    with closing(day_file.create(tmp_path / DAY)) as connection:
        assert not day_file.is_begun(tmp_path / DAY)
        connection.execute("COMMIT")
        assert day_file.is_begun(tmp_path / DAY)


def test_every_commit_is_on_the_disk_before_it_returns(tmp_path: Path):
    """What a power cut would show, the setting says: FULL syncs the log at every commit."""
    with closing(day_file.writing(tmp_path / DAY)) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA busy_timeout").fetchone() == (10_000,)


def test_every_commit_is_on_the_disk_whatever_sqlite_was_built_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Some systems build it so that a log is synced only now and then."""

    class Careless(sqlite3.Connection):
        def __init__(self, *arguments: object, **named: object) -> None:
            super().__init__(*arguments, **named)
            self.execute("PRAGMA synchronous = NORMAL")

    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Careless))
    with closing(day_file.writing(tmp_path / DAY)) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_who_closes_a_day_waits_for_readers_only_a_moment(tmp_path: Path):
    """A commit waits ten seconds for its turn; at the end the log may stay where it is."""
    patience: list[int] = []

    class Noting(sqlite3.Connection):
        def close(self) -> None:
            patience.extend(self.execute("PRAGMA busy_timeout").fetchone())
            super().close()

    day_file.close_writing(sqlite3.connect(tmp_path / DAY, timeout=10, factory=Noting))
    assert len(patience) == 1
    assert 0 < patience[0] < 1_000


@pytest.mark.parametrize(
    ("look", "beside"), [(day_file.is_begun, "other"), (day_file.take_back, f"{DAY}-journal")]
)
def test_what_turns_out_to_be_no_day_is_not_held_open(
    tmp_path: Path, look: Callable[[Path], object], beside: str
):
    (tmp_path / DAY).write_bytes(b"no database" * 100)
    (tmp_path / beside).touch()
    with pytest.raises(sqlite3.DatabaseError) as refused:
        look(tmp_path / DAY)
    assert held_open(tmp_path) == []
    assert refused.traceback  # which holds what is open


def test_a_day_that_a_full_disk_does_not_let_begin_holds_no_file_open(tmp_path: Path):
    with full_disk(), pytest.raises(sqlite3.Error):
        day_file.create(tmp_path / DAY)
    assert day_file.newest(tmp_path) is None
    with closing(day_file.create(tmp_path / DAY)) as connection:
        connection.execute("COMMIT")
    assert day_file.newest(tmp_path) == tmp_path / DAY


def test_a_day_that_cannot_be_begun_is_closed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    opened = []

    def writing(path: Path) -> sqlite3.Connection:
        opened.append(sqlite3.connect(path, isolation_level=None))
        return opened[0]

    def refused(connection: sqlite3.Connection, table: str) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(day_file, "writing", writing)
    monkeypatch.setattr(day_file, "_guard", refused)
    with pytest.raises(sqlite3.OperationalError, match="disk I/O error"):
        day_file.create(tmp_path / DAY)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")


def test_a_day_that_a_power_cut_left_half_made_has_not_begun_and_is_begun_anew(tmp_path: Path):
    path = half_made(tmp_path)
    assert not day_file.is_begun(path)
    assert verify(tmp_path).alteration is None
    assert path.with_name(f"{DAY}-journal").exists()  # who only reads leaves it alone
    assert day_file.newest(tmp_path) is None
    assert not path.with_name(f"{DAY}-journal").exists()
    began(tmp_path).close()
    assert verify(tmp_path).batches == 1


def test_a_file_of_more_than_one_page_is_never_half_made(tmp_path: Path):
    """A rollback journal beside a day that has begun is somebody's doing, and hides nothing."""
    began(tmp_path).close()
    (tmp_path / f"{DAY}-journal").write_bytes(b"")
    assert day_file.is_begun(tmp_path / DAY)


@pytest.mark.parametrize("commits", [1, 2])
def test_one_torn_commit_is_taken_back_and_more_stay_to_be_named(tmp_path: Path, commits: int):
    path = left_by_a_power_cut(tmp_path, 8)
    log = path.with_name(f"{DAY}-wal")
    data = bytearray(log.read_bytes())
    ends = [
        at
        for at in range(32, len(data), FRAME_BYTES)
        if int.from_bytes(data[at + 4 : at + 8], "big")
    ]
    data[ends[-commits] + 100] ^= 1
    log.write_bytes(data)
    assert hidden_commits(path) == commits
    day_file.take_back(path)
    assert hidden_commits(path) == (0 if commits == 1 else 2)
    if commits == 1:
        assert verify(path.parent).number == 7


def test_a_sound_day_is_left_as_it_is(tmp_path: Path):
    path = left_by_a_power_cut(tmp_path, 3)
    before = {one.name: one.read_bytes() for one in path.parent.iterdir()}
    day_file.take_back(path)
    assert {one.name: one.read_bytes() for one in path.parent.iterdir()} == before


def test_a_day_of_another_layout_is_refused_by_name(tmp_path: Path):
    path = tmp_path / DAY
    for value, told in (("'2'", "has ledger layout"), ("NULL", "has ledger layout")):
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("CREATE TABLE meta (key, value)")
            connection.execute(f"INSERT INTO meta VALUES ('layout', {value})")
        with pytest.raises(LedgerError, match=told) as refused:
            day_file.reading(path)
        # Whoever keeps the error keeps no file open by it.
        assert refused.tb is not None
        assert held_open(tmp_path) == []
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM meta")
    with pytest.raises(LedgerError, match="has ledger layout None, this program knows 1"):
        day_file.reading(path)


def test_a_day_that_is_gone_and_one_that_is_none_are_told_apart(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        day_file.reading(tmp_path / DAY)
    (tmp_path / DAY).write_bytes(b"no database" * 1_000)
    with pytest.raises(LedgerError, match="restore it from a backup"):
        day_file.reading(tmp_path / DAY)
    assert day_file.newest(tmp_path) == tmp_path / DAY  # so that reading it says what is wrong


def test_a_name_that_says_how_to_open_is_given_as_one_whatever_sqlite_was_built_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Some take every name for one; others would look for a file that is called so."""
    began(tmp_path).close()
    connect, told = sqlite3.connect, []

    def noted(name: str, *arguments: object, uri: bool = False, **named: object):
        told.append((name.partition(":")[0], name.rpartition("?")[2], uri))
        return connect(name, *arguments, uri=uri, **named)

    monkeypatch.setattr(sqlite3, "connect", noted)
    assert day_file.is_begun(tmp_path / DAY)
    day_file.reading(tmp_path / DAY).close()
    assert told == [("file", "mode=ro", True)] * 2


def test_who_reads_a_day_can_change_nothing_in_it(tmp_path: Path):
    began(tmp_path).close()
    with (
        closing(day_file.reading(tmp_path / DAY)) as connection,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        connection.execute("CREATE TABLE more (a)")


def test_a_batch_that_was_not_committed_is_not_closed_into_the_file(tmp_path: Path):
    connection = day_file.create(tmp_path / DAY)
    connection.execute("INSERT INTO meta VALUES ('layout', '1')")
    day_file.close_writing(connection)
    assert not day_file.is_begun(tmp_path / DAY)
    with pytest.raises(sqlite3.ProgrammingError):
        connection.execute("SELECT 1")


def test_a_reader_in_the_way_leaves_the_log_beside_the_file_with_everything_in_it(tmp_path: Path):
    writer = began(tmp_path, 3)
    with closing(day_file.reading(tmp_path / DAY)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM batch").fetchone() == (3,)
        node = PaperNode(6, "n0002")
        writer.offer("sample", "n0002", Pack(6, False, [node.boot()]))
        writer.commit()
        writer.close()  # it waits for the reader, and not for ever
        assert (tmp_path / f"{DAY}-wal").stat().st_size > 0
    assert verify(tmp_path).batches == 4


def test_a_fork_is_told_with_the_life_that_follows_it_and_can_be_no_less_than_added(tmp_path: Path):
    began(tmp_path).close()
    forks = [Fork(1, "ab" * 32, "first"), Fork(3, "cd" * 32, "second")]
    connection = day_file.writing(tmp_path / DAY)
    assert day_file.forks(connection) == []
    mine = day_file.incarnation(connection)
    assert len(mine) == 16
    for number, fork in enumerate(forks, 1):
        day_file.add_fork(connection, fork)
        assert day_file.forks(connection) == forks[:number]
        assert day_file.incarnation(connection) == fork.incarnation
    for statement in ("DELETE FROM fork", "UPDATE fork SET after = 9"):
        with pytest.raises(sqlite3.IntegrityError, match="insert-only"):
            connection.execute(statement)
    assert not connection.in_transaction
    connection.close()


def test_a_day_that_is_there_already_is_not_made_again_and_not_held_open(tmp_path: Path):
    began(tmp_path).close()
    with pytest.raises(sqlite3.OperationalError, match="already exists") as refused:
        day_file.create(tmp_path / DAY)
    assert refused.value.__traceback__ is not None  # which holds what was opened
    with closing(sqlite3.connect(tmp_path / DAY, timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")  # nobody else is in a transaction
    assert verify(tmp_path).batches == 1
