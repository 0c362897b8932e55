"""Programs whose every write is traced, and what must hold after a power cut at any of them.

``python -m heatward_collector.torture.disk.crash_subjects NAME FOLDER`` writes and makes its
promises; the ``check`` of the same name opens what a power cut left, with the real code.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from heatward_collector.alerts.message import Message, Stage, Text
from heatward_collector.alerts.outbox import Outbox, put
from heatward_collector.core.cases.telling import Policy
from heatward_collector.ledger import Commit, LedgerReader, LedgerWriter, verify
from heatward_collector.ledger.seal import due, seal
from heatward_collector.ledger.sealed_day import sealed_days
from heatward_collector.registry.database import Database
from heatward_node.journal import Journal
from heatward_node.reading import Draft, Kind, Sync, reading
from heatward_node.rom import crc8
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.wire import Pack

START_S, DAY_S = 1_767_225_600, 86_400
ROUNDS, SENSORS = 14, 3
BATCHES, RECORDS = 10, 4
ALERTS = 8
CHECKPOINT_EVERY = 5
"""So often the write-ahead log goes into its file, as it does by itself in longer lives."""
EPOCH = 0xBEE


class Subject(NamedTuple):
    """A program, and the check of what it leaves; the check returns what is wrong."""

    write: Callable[[Path], None]
    check: Callable[[Path, Sequence[str]], str]
    prepare: Callable[[Path], None] = lambda folder: None
    """What is there for certain before the program begins."""


class _Clock:
    boot_id = b"crash-subject---"

    def __init__(self) -> None:
        self.round = 0

    def mono_ms(self) -> int:
        return 1_000 + 300_000 * self.round

    def wall_s(self) -> float:
        return float(START_S + 300 * self.round)

    def is_synchronised(self) -> bool:
        return True


def write_journal(folder: Path) -> None:
    """Open a journal, keep rounds, move cursors, and let the log go into the file."""
    clock = _Clock()
    journal = Journal.open(folder / "journal.sqlite", clock)
    _promise("opened")
    for number in range(ROUNDS):
        clock.round += 1
        records = journal.append(_round(number))
        _promise(f"kept {records[-1].seq}")
        journal.set_cursor(journal.live, records[0].seq)
        if number % CHECKPOINT_EVERY == CHECKPOINT_EVERY - 1:
            journal._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    journal.close()


def check_journal(folder: Path, promises: Sequence[str]) -> str:
    """Every round that was kept is there, whole, and no half of another."""
    kept = max((int(one.split()[1]) for one in promises if one.startswith("kept")), default=0)
    journal = Journal.open(folder / "journal.sqlite", _Clock())
    with closing(journal):
        if list(folder.glob("*.bad*")):
            return "the journal was set aside as damaged"
        logs = journal.logs[:-1]
        if "opened" in promises and len(logs) != 1:
            return f"{len(logs)} logs instead of the one that was begun"
        for log in logs:
            records = journal.read(log, 0, 10_000)
            if log.last_seq < kept or (log.last_seq - 1) % SENSORS:
                return f"{log.last_seq} records, {kept} were kept"
            if any(record.kind == Kind.LOST for record in records):
                return "records are named as lost"
            bodies = [record.body for record in records[1:]]
            if (
                bodies
                != [draft.body for number in range(ROUNDS) for draft in _round(number)][
                    : len(bodies)
                ]
            ):
                return "other bytes than were written"
            if log.acked > log.last_seq:
                return "acknowledged beyond its end"
        journal.append(_round(0))
    return ""


def _round(number: int) -> list[Draft]:
    return [
        Draft(Kind.READING, _rom(sensor) + usual_scratchpad(300 + number * SENSORS + sensor))
        for sensor in range(SENSORS)
    ]


def _rom(number: int) -> bytes:
    rom = b"\x28" + number.to_bytes(4, "little") + b"\0\0"
    return rom + bytes([crc8(rom)])


def write_ledger(folder: Path) -> None:
    """Commit batches over two days."""
    _commit_days(folder, lambda one: _promise(f"committed {one.number} {one.hash.hex()}"))


def _commit_days(folder: Path, tell: Callable[[Commit], None]) -> None:
    now = [float(START_S)]
    ledger = LedgerWriter(folder / "ledger", lambda: now[0])
    for number in range(BATCHES):
        now[0] = START_S + 2 * DAY_S / BATCHES * number + 60
        ledger.offer("sample", "n0001", _pack(number * RECORDS))
        commit = ledger.commit()
        assert commit is not None
        tell(commit)
    ledger.close()


def check_ledger(folder: Path, promises: Sequence[str]) -> str:
    """Every promised batch is there under its hash, the chain is whole, and it goes on."""

    def began() -> float:
        return float(START_S + 3 * DAY_S)

    LedgerWriter(folder / "ledger", began).close()  # before its next start nobody can tell a cut
    promised = {int(number): bytes.fromhex(digest) for _, number, digest in map(_words, promises)}
    found = verify(folder / "ledger", promised)
    if found.alteration is not None:
        return str(found.alteration)
    with closing(LedgerWriter(folder / "ledger", began)) as ledger:
        through = ledger.through(("sample", "n0001"), EPOCH)
        if through != found.number * RECORDS:
            return f"{through} records in {found.number} batches"
        ledger.offer("sample", "n0001", _pack(through))
        ledger.commit()
    seqs = [
        batch.entry(position)[1].seq
        for batch in LedgerReader(folder / "ledger").batches()
        for position in range(batch.count)
    ]
    return "" if seqs == list(range(1, through + RECORDS + 1)) else f"numbers {seqs}"


def prepare_sealing(folder: Path) -> None:
    """Leave a ledger of two days; the incarnation is always the same one."""
    kept, secrets.token_hex = secrets.token_hex, lambda count=8: "ab" * (count or 8)  # type: ignore[assignment]
    try:
        _commit_days(folder, lambda commit: None)
    finally:
        secrets.token_hex = kept


def write_sealing(folder: Path) -> None:
    """Seal the first day of what was prepared; all that it holds is promised from the beginning."""
    number, head = LedgerReader(folder / "ledger").head()
    _promise(f"committed {number} {head.hex()}")
    _seal_all(folder)


def check_sealing(folder: Path, promises: Sequence[str]) -> str:
    """What was promised is there, under its hashes, and can be sealed once more."""
    wrong = check_ledger(folder, promises)
    if wrong:
        return wrong
    _seal_all(folder)
    if not sealed_days(folder / "ledger"):
        return "nothing could be sealed"
    found = verify(folder / "ledger")
    return "" if found.alteration is None else f"after sealing again: {found.alteration}"


def _seal_all(folder: Path) -> None:
    for path in due(folder / "ledger", START_S + 10 * DAY_S, 0):
        seal(path)


def _words(promise: str) -> list[str]:
    return promise.split()


def _pack(after: int) -> Pack:
    return Pack(
        EPOCH,
        False,
        [
            reading(
                seq,
                seq * 1000,
                START_S + seq,
                Sync.SYNCHRONISED,
                _rom(1),
                usual_scratchpad(300 + seq),
            )
            for seq in range(after + 1, after + RECORDS + 1)
        ],
    )


def write_outbox(folder: Path) -> None:
    """Put alerts into the outbox and mark some as sent, with what follows from it."""
    outbox = Outbox(Database(f"sqlite:///{folder / 'outbox.sqlite'}"))
    with outbox.database.edit() as connection:
        connection.exec_driver_sql("CREATE TABLE follows (id TEXT PRIMARY KEY)")
    for number in range(ALERTS):
        with outbox.database.edit() as connection:
            put(connection, [_alert(number)])
        _promise(f"put {number}")
        if number % 2:
            outbox.sent(
                f"a{number}",
                "c",
                "ok",
                START_S,
                lambda connection, number=number: connection.exec_driver_sql(  # type: ignore[misc]
                    f"INSERT INTO follows VALUES ('a{number}')"
                ),
            )
            _promise(f"sent {number}")
    outbox.database.close()


def check_outbox(folder: Path, promises: Sequence[str]) -> str:
    """What was put waits, what was sent is marked, and what follows came with the mark."""
    outbox = Outbox(Database(f"sqlite:///{folder / 'outbox.sqlite'}"))
    try:
        for promise in promises:
            verb, number = promise.split()
            kept = outbox.one(f"a{number}")
            if kept is None or (verb == "sent" and kept.stage is not Stage.SENT):
                return f"broken promise: {promise}"
        if not promises:
            return ""
        with outbox.database.snapshot() as connection:
            rows = connection.exec_driver_sql("SELECT id FROM follows").fetchall()
        follows = {row[0] for row in rows}
        sent = {one.message.id for one in outbox.latest() if one.stage is Stage.SENT}
        return "" if follows == sent else f"{sent} are marked, {follows} followed"
    finally:
        outbox.database.close()


def _alert(number: int) -> Message:
    text = Text("演练", "drill", "演练", "drill")
    return Message(f"a{number}", "p", "p", "", "zh", "officer", Policy.AT_ONCE, 0, text)


def _promise(text: str) -> None:
    os.write(1, f"{text}\n".encode())


SUBJECTS = {
    "journal": Subject(write_journal, check_journal),
    "ledger": Subject(write_ledger, check_ledger),
    "sealing": Subject(write_sealing, check_sealing, prepare_sealing),
    "outbox": Subject(write_outbox, check_outbox),
}

if __name__ == "__main__":
    SUBJECTS[sys.argv[1]].write(Path(sys.argv[2]))
