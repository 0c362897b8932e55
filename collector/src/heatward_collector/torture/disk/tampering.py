"""Ten thousand ways to alter a ledger, each on a copy, each by somebody with every right on it.

Who alters may know the format: put CRCs right, put the hash of the batch right, put every later
hash right. Then only a witness tells: a head that somebody else has kept. Every alteration must be
named; raw bytes that nobody reads may change without one, where every record is still the same.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from heatward_collector.errors import LedgerError
from heatward_collector.ledger import LedgerReader, LedgerWriter, verify
from heatward_collector.ledger.day_file import day_files
from heatward_collector.ledger.seal import seal
from heatward_collector.torture.disk.edits import EDITS, Copy, Expected
from heatward_collector.torture.disk.sealed_edits import SEALED_EDITS, SealedCopy
from heatward_node.reading import Sync, reading
from heatward_node.rom import crc8
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.wire import Pack

DAYS, BATCHES_A_DAY, NODES, RECORDS = 3, 4, 3, 4
START_S = 1_767_225_600
DAY_S = 86_400
_RELIED_ON = (
    "SELECT * FROM meta WHERE key != 'incarnation' ORDER BY key",
    "SELECT number, received_at_ms, count, previous, hash, body FROM batch ORDER BY number",
    "SELECT * FROM source ORDER BY id",
    "SELECT * FROM snapshot ORDER BY source",
)
KINDS = (*EDITS, *SEALED_EDITS)
UNREADABLE = (sqlite3.DatabaseError, LedgerError, ValueError, LookupError, TypeError)


@dataclass(slots=True)
class Tampered:
    """What became of all alterations."""

    done: Counter[str] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    harmless: Counter[str] = field(default_factory=Counter)
    """Raw bytes were changed, and every record, hash and column is as before."""
    missed: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Whether every alteration was named, by its right place where there is one."""
        return not self.missed


def measure(
    count: int, seed: int, progress: Callable[[], None], folder: Path | None = None
) -> Tampered:
    """Alter ``count`` copies of a small ledger, each in its own way."""
    result = Tampered()
    with tempfile.TemporaryDirectory(prefix="heatward-tamper-", dir=folder) as name:
        place = Path(name)
        heads = write(place / "original")
        seal_days(Path(shutil.copytree(place / "original", place / "sealed")))
        before = {name: contents(place / name) for name in ("original", "sealed")}
        for number in range(count):
            chance = random.Random(f"{seed} {number}")
            kind = KINDS[number % len(KINDS)]
            _one(place, kind, chance, heads, before, result)
            progress()
    return result


def write(folder: Path) -> dict[int, bytes]:
    """Write a ledger of three days, the last still open; return every batch's hash."""
    now = [float(START_S)]
    ledger = LedgerWriter(folder, lambda: now[0])
    heads, sent = {}, Counter[int]()
    for number in range(DAYS * BATCHES_A_DAY):
        now[0] = START_S + DAY_S / BATCHES_A_DAY * number + 60
        for node in range(NODES if number >= 2 else 1):
            records = [
                reading(
                    sent[node] + 1 + at,
                    (sent[node] + 1 + at) * 1000,
                    int(now[0]) - 30 + at,
                    Sync.SYNCHRONISED,
                    _rom(node),
                    usual_scratchpad(300 + at + number),
                )
                for at in range(RECORDS)
            ]
            sent[node] += RECORDS
            ledger.offer("sample", f"n{node:04}", Pack(0xA0 + node, False, records))
        commit = ledger.commit()
        assert commit is not None
        heads[commit.number] = commit.hash
    # As it lies on disk while it is written: the newest batches in the write-ahead log.
    live = folder.with_name("live")
    shutil.copytree(folder, live)
    ledger.close()
    shutil.rmtree(folder)
    live.rename(folder)
    return heads


def seal_days(folder: Path) -> None:
    """Seal the days of a ledger that are over, with several row groups each."""
    for file in day_files(folder)[: DAYS - 1]:
        seal(file, records_a_stretch=RECORDS * NODES)


def contents(folder: Path) -> list[tuple[object, ...]]:
    """Return everything that readers rely on: records, hashes, cursors, sources.

    Not the range of times by which a batch is chosen, whose check is that it hides no record, nor
    the incarnation, which a check prints, and which a restored ledger changes by right.
    """
    found: list[tuple[object, ...]] = []
    for file in day_files(folder):
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            for query in _RELIED_ON:
                found += connection.execute(query).fetchall()
    reader = LedgerReader(folder)
    for batch in reader.batches():
        found += [(batch.number, *batch.entry(position)) for position in range(batch.count)]
    reader.close()
    return found


def _one(
    place: Path,
    kind: str,
    chance: random.Random,
    heads: dict[int, bytes],
    before: dict[str, list[tuple[object, ...]]],
    result: Tampered,
) -> None:
    name = "sealed" if kind in SEALED_EDITS else "original"
    folder = Path(shutil.copytree(place / name, place / "copy"))
    try:
        expected = _altered(kind, folder, chance)
        witness = chance.choice([one for one in heads if one >= expected.witness_from])
        kept = heads if expected.needs_all_witnesses else {witness: heads[witness]}
        found = verify(folder, kept).alteration
        result.done[kind] += 1
        if found is None:
            if expected.may_be_harmless and _reads_the_same(folder, before[name]):
                result.harmless[kind] += 1
            else:
                result.missed.append(f"{kind} ({expected}): not seen")
        elif not expected.fits(found):
            result.missed.append(f"{kind} ({expected}): named as {found}")
        else:
            result.named[kind] += 1
    finally:
        shutil.rmtree(folder)


def _altered(kind: str, folder: Path, chance: random.Random) -> Expected:
    if kind in SEALED_EDITS:
        return SEALED_EDITS[kind](SealedCopy(folder, chance))
    return EDITS[kind](Copy(folder, chance))


def _reads_the_same(folder: Path, before: list[tuple[object, ...]]) -> bool:
    try:
        return contents(folder) == before
    except UNREADABLE:
        return False


def _rom(node: int) -> bytes:
    rom = b"\x28" + node.to_bytes(4, "little") + b"\0\0"
    return rom + bytes([crc8(rom)])


def timed(count: int, seed: int, progress: Callable[[], None]) -> tuple[Tampered, float]:
    """Return what :func:`measure` finds, and how long it took. [s]"""
    began = time.monotonic()
    result = measure(count, seed, progress)
    return result, time.monotonic() - began
