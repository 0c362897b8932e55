"""One day of the ledger: an insert-only SQLite file.

Batches are rows; everything else is derivable from them. ``meta`` names the incarnation and the
head with which the file begins; ``snapshot`` holds the cursor of every source at that moment, so
that a start reads one file only.
"""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from heatward_collector.errors import LedgerError
from heatward_collector.ledger.manifest import Fork
from heatward_collector.ledger.write_ahead_log import hidden_commits

LAYOUT = "1"
ENDING = ".sqlite"
PAGE_BYTES = 4096
DAY_S = 86_400
BUSY_TIMEOUT_S = 10.0
CHECKPOINT_TIMEOUT_MS = 500
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE batch (
  number INTEGER PRIMARY KEY,
  received_at_ms INTEGER NOT NULL,
  count INTEGER NOT NULL,
  measured_from INTEGER,
  measured_to INTEGER,
  previous BLOB NOT NULL,
  hash BLOB NOT NULL,
  body BLOB NOT NULL
);
CREATE TABLE source (
  id INTEGER PRIMARY KEY, district TEXT NOT NULL, node TEXT NOT NULL, epoch INTEGER NOT NULL
);
CREATE TABLE snapshot (source INTEGER PRIMARY KEY, through INTEGER NOT NULL);
"""
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_GUARDED = ("meta", "batch", "source", "snapshot")


def day_path(directory: Path, received_at_s: float) -> Path:
    """Return the file of the UTC day on which something was received."""
    return directory / f"{datetime.fromtimestamp(received_at_s, UTC):%Y-%m-%d}.sqlite"


def end_of(path: Path) -> float:
    """Return when the day of a file, or of a sealed folder, was over: nothing in it came later.

    Where the collector's clock went back, it holds what came on days before too. [s UTC]
    """
    return datetime.strptime(path.stem, "%Y-%m-%d").replace(tzinfo=UTC).timestamp() + DAY_S


def day_files(directory: Path) -> list[Path]:
    """Return every day file of a ledger, oldest first."""
    return [directory / name for name in names_of_days(directory, ENDING)]


def names_of_days(directory: Path, ending: str) -> list[str]:
    """Return the names in a folder that are a day and an ending, oldest first.

    Where there is no folder, or none that may be read, there are none.
    """
    try:
        names = os.listdir(directory)  # noqa: PTH208 (a path for each costs more than all else)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []
    named = [name for name in names if name.endswith(ending)]
    return sorted(name for name in named if _DAY.fullmatch(name, 0, len(name) - len(ending)))


def create(path: Path) -> sqlite3.Connection:
    """Create a day file and return a writing connection; the schema commits with the first use."""
    connection = writing(path)
    try:
        connection.execute("BEGIN IMMEDIATE")
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
        for table in _GUARDED:
            _guard(connection, table)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def forks(connection: sqlite3.Connection) -> list[Fork]:
    """Return where a ledger went on as another one, in this day; nearly always nowhere."""
    query = "SELECT count(*) FROM sqlite_master WHERE name = 'fork'"
    if not connection.execute(query).fetchone()[0]:
        return []
    rows = connection.execute("SELECT after, head, incarnation FROM fork ORDER BY rowid")
    return [Fork(after, bytes(head).hex(), incarnation) for after, head, incarnation in rows]


def incarnation(connection: sqlite3.Connection) -> str:
    """Return which life of the ledger the end of a day belongs to."""
    if found := forks(connection):
        return found[-1].incarnation
    query = "SELECT value FROM meta WHERE key = 'incarnation'"
    return str(connection.execute(query).fetchone()[0])


def add_fork(connection: sqlite3.Connection, fork: Fork) -> None:
    """Write down that the ledger goes on as another one."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS fork "
        "(after INTEGER NOT NULL, head BLOB NOT NULL, incarnation TEXT NOT NULL)"
    )
    _guard(connection, "fork")
    row = (fork.after, bytes.fromhex(fork.head), fork.incarnation)
    connection.execute("INSERT INTO fork VALUES (?, ?, ?)", row)
    connection.execute("COMMIT")


def _guard(connection: sqlite3.Connection, table: str) -> None:
    for verb in ("UPDATE", "DELETE"):
        connection.execute(
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'the ledger is insert-only'); END"
        )


def is_begun(path: Path) -> bool:
    """Say whether a day's first commit has happened: before it the file has no tables."""
    if _is_half_made(path):
        return False
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    finally:
        connection.close()


def take_back(path: Path) -> None:
    """Undo what a power cut left half-done at the end of a day file; for the writer only.

    A commit that was torn before its fsync returned was promised to nobody. Left in the log, a
    shorter one written over its beginning would make the rest look as if somebody had altered it.
    More than one commit behind a break no power cut explains: they stay for ``verify`` to name.
    """
    if _is_half_made(path):
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        finally:
            connection.close()
    if hidden_commits(path) == 1:
        close_writing(writing(path))


def _is_half_made(path: Path) -> bool:
    """Say whether the power went while a new file was turned to its write-ahead log.

    SQLite does that under a rollback journal, which nobody who only reads can roll back. A day
    that has begun never has one, and one page holds no tables.
    """
    journal = path.with_name(f"{path.name}-journal")
    return journal.exists() and path.stat().st_size <= PAGE_BYTES


def writing(path: Path) -> sqlite3.Connection:
    """Open a day file for appending: WAL, and an fsync at every commit."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_S)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def close_writing(connection: sqlite3.Connection) -> None:
    """Close a writing connection with everything in the day file itself, not in its log.

    SQLite would do so for the last one that closes; readers, who cannot, are often the last. A
    copy of the file alone is then whole. Where a reader is in the way, the log stays beside it.
    """
    with suppress(sqlite3.Error):  # a full disk: the log holds all, as it did before
        if not connection.in_transaction:
            connection.execute(f"PRAGMA busy_timeout = {CHECKPOINT_TIMEOUT_MS}")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def reading(path: Path) -> sqlite3.Connection:
    """Open a day file read-only.

    Raises LedgerError where it is no day file of this layout, and FileNotFoundError where it is
    not there (any more: it may have been sealed since somebody listed it).
    """
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S
        )
        try:
            _check_layout(path, connection)
        except BaseException:
            connection.close()
            raise
    except sqlite3.DatabaseError as error:
        if not path.exists():
            raise FileNotFoundError(f"{path} is not there") from error
        raise LedgerError(
            f"{path} cannot be read as a day of the ledger ({error}); restore it from a backup, "
            f"or move it away and let the nodes refill what they still keep"
        ) from error
    return connection


def _check_layout(path: Path, connection: sqlite3.Connection) -> None:
    layout = connection.execute("SELECT value FROM meta WHERE key = 'layout'").fetchone()
    if layout is None or layout[0] != LAYOUT:
        raise LedgerError(f"{path} has ledger layout {layout}, this program knows {LAYOUT}")


def newest(directory: Path) -> Path | None:
    """Return the newest day that has begun; a crash may leave a file without tables after it."""
    for path in reversed(day_files(directory)):
        try:
            take_back(path)
            if is_begun(path):
                return path
        except sqlite3.DatabaseError:
            return path  # reading it says what is wrong
    return None
