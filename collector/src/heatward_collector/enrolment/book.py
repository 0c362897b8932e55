"""What the authority remembers: codes that were given out, certificates that were signed.

A code itself is never kept, only its digest; a certificate is kept for ever, since signatures under
old records must stay checkable. SQLite beside the authority's key: both belong to one machine.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Small letters and digits that cannot be mistaken for each other."""
CODE_LETTERS = 24
"""24 letters of 31: 118 bits, which nobody guesses over a network."""
DEFAULT_LOG_LEVEL = "info"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS code (
  digest BLOB PRIMARY KEY, node TEXT NOT NULL, made_s INTEGER NOT NULL,
  used_s INTEGER, key BLOB, withdrawn_s INTEGER
);
CREATE TABLE IF NOT EXISTS certificate (
  serial TEXT PRIMARY KEY, node TEXT NOT NULL, key BLOB NOT NULL, pem TEXT NOT NULL,
  issued_s INTEGER NOT NULL, ends_s INTEGER NOT NULL, revoked_s INTEGER, reason TEXT
);
CREATE TABLE IF NOT EXISTS running (
  node TEXT PRIMARY KEY, version TEXT NOT NULL, release INTEGER NOT NULL, told_s INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS logging (node TEXT PRIMARY KEY, level TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS certificate_node ON certificate (node, issued_s);
"""


class Code(NamedTuple):
    """A one-time code as it is remembered."""

    node: str
    made_s: int
    used_s: int | None
    key: bytes | None
    withdrawn_s: int | None


class Running(NamedTuple):
    """Which program a node runs, by its own word."""

    version: str
    release: int
    told_s: int


class Certificate(NamedTuple):
    """A certificate that was signed for a node; ``serial`` is hexadecimal."""

    serial: str
    node: str
    key: bytes
    pem: str
    issued_s: int
    ends_s: int
    revoked_s: int | None
    reason: str | None


def new_code() -> str:
    """Return a fresh one-time code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LETTERS))


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


class Book:
    """Codes and certificates in one SQLite file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(
            path, timeout=10, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_SCHEMA)
        path.chmod(0o600)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def edit(self) -> Iterator[None]:
        """Look and write as one step, alone among all processes."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def add_code(self, node: str, code: str, now_s: int) -> None:
        """Remember a new code; older ones of the node that nobody used count no longer."""
        with self.edit():
            self._connection.execute(
                "UPDATE code SET withdrawn_s = ? WHERE node = ? AND used_s IS NULL "
                "AND withdrawn_s IS NULL",
                (now_s, node),
            )
            self._connection.execute(
                "INSERT INTO code (digest, node, made_s) VALUES (?, ?, ?)",
                (_digest(code), node, now_s),
            )

    def code(self, code: str) -> Code | None:
        """Return what is known of a code."""
        row = self._connection.execute(
            "SELECT node, made_s, used_s, key, withdrawn_s FROM code WHERE digest = ?",
            (_digest(code),),
        ).fetchone()
        return None if row is None else Code(*row)

    def waiting(self) -> set[str]:
        """Return the nodes whose card was made and has not come yet: their code is unused."""
        query = "SELECT node FROM code WHERE used_s IS NULL AND withdrawn_s IS NULL"
        return {row[0] for row in self._connection.execute(query)}

    def use_code(self, code: str, key: bytes, now_s: int) -> None:
        """Note the first use of a code, and by which key."""
        self._connection.execute(
            "UPDATE code SET used_s = ?, key = ? WHERE digest = ?", (now_s, key, _digest(code))
        )

    def withdraw_codes(self, node: str, now_s: int) -> None:
        """Let every code of a node count no longer."""
        self._connection.execute(
            "UPDATE code SET withdrawn_s = ? WHERE node = ? AND withdrawn_s IS NULL", (now_s, node)
        )

    def add_certificate(self, certificate: Certificate) -> None:
        """Remember a certificate."""
        self._connection.execute(
            "INSERT INTO certificate VALUES (?, ?, ?, ?, ?, ?, ?, ?)", certificate
        )

    def revoke(self, node: str, reason: str, now_s: int, but_key: bytes = b"") -> int:
        """Revoke every certificate of a node, but for those of one key; return how many."""
        return self._connection.execute(
            "UPDATE certificate SET revoked_s = ?, reason = ? "
            "WHERE node = ? AND revoked_s IS NULL AND key <> ?",
            (now_s, reason, node, but_key),
        ).rowcount

    def current(self, node: str) -> Certificate | None:
        """Return the newest certificate of a node that was not revoked."""
        return next(self._certificates("node = ? AND revoked_s IS NULL", node), None)

    def certificates(self, node: str | None = None) -> list[Certificate]:
        """Return every certificate, of one node or of all, newest first."""
        if node is None:
            return list(self._certificates("1"))
        return list(self._certificates("node = ?", node))

    def revoked(self) -> list[Certificate]:
        """Return every revoked certificate."""
        return list(self._certificates("revoked_s IS NOT NULL"))

    def shut_out(self) -> list[str]:
        """Return the nodes that had certificates and have no valid one any more."""
        query = "SELECT node FROM certificate GROUP BY node HAVING sum(revoked_s IS NULL) = 0"
        return sorted(row[0] for row in self._connection.execute(query))

    def log_level(self, node: str) -> str:
        """Return how much a node is told to log."""
        row = self._connection.execute(
            "SELECT level FROM logging WHERE node = ?", (node,)
        ).fetchone()
        return DEFAULT_LOG_LEVEL if row is None else str(row[0])

    def set_log_level(self, node: str, level: str) -> None:
        """Tell a node how much to log."""
        self._connection.execute("INSERT OR REPLACE INTO logging VALUES (?, ?)", (node, level))

    def running(self, node: str) -> Running | None:
        """Return which program a node runs, None where it never said."""
        row = self._connection.execute(
            "SELECT version, release, told_s FROM running WHERE node = ?", (node,)
        ).fetchone()
        return None if row is None else Running(*row)

    def note_running(self, node: str, running: Running) -> None:
        """Remember which program a node runs."""
        self._connection.execute(
            "INSERT OR REPLACE INTO running VALUES (?, ?, ?, ?)", (node, *running)
        )

    def _certificates(self, condition: str, *values: str) -> Iterator[Certificate]:
        rows = self._connection.execute(
            f"SELECT serial, node, key, pem, issued_s, ends_s, revoked_s, reason "
            f"FROM certificate WHERE {condition} ORDER BY issued_s DESC, rowid DESC",
            values,
        ).fetchall()
        return (Certificate(*row) for row in rows)
