"""A copy of the ledger while it is written, and a ledger begun again from such a copy.

A restored ledger goes on under a new incarnation: nodes then say hello and send again what the copy
had not seen, and who follows the ledger begins anew.
"""

from __future__ import annotations

import secrets
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from heatward_collector.errors import LedgerError
from heatward_collector.ledger import day_file
from heatward_collector.ledger.manifest import Fork
from heatward_collector.ledger.read import LedgerReader
from heatward_collector.ledger.sealed_day import sealed_days
from heatward_collector.ledger.verify import Verification, verify
from heatward_collector.ledger.write import INCARNATION_BYTES
from heatward_collector.whole_file import sync

PAGES_AT_ONCE = 4_096
"""So much of a file is copied at a time, 16 MB; the writer gets its turn in between."""
COPYING = ".copying"


def back_up(ledger: Path, target: Path) -> list[Path]:
    """Copy what a folder does not hold yet; return what was copied.

    Days are copied oldest first, so that the copy is a beginning of the ledger at any moment. A
    sealed day is copied once; the file that it was before is then removed from the copy.
    """
    target.mkdir(parents=True, exist_ok=True)
    copied = []
    while True:
        files = {path.stem: path for path in day_file.day_files(ledger)}
        sealed = {path.stem: path for path in sealed_days(ledger)}
        try:
            for day in sorted(files | sealed):
                if (day in sealed and _copy_sealed(sealed[day], target)) or (
                    day not in sealed and _copy_file(files[day], target)
                ):
                    copied.append(target / (sealed.get(day) or files[day]).name)
            break
        except (FileNotFoundError, sqlite3.OperationalError):
            if all(path.exists() for path in (files | sealed).values()):
                raise  # the disk, not a day that was sealed or removed meanwhile
    sync(target)
    return copied


def restore(copy: Path, ledger: Path) -> tuple[Verification, str]:
    """Begin a ledger from a copy; return how the copy was verified, and the new incarnation.

    Raises LedgerError where there is a ledger already, or where the copy is altered or empty.
    """
    if any(ledger.glob("[0-9]*")):
        raise LedgerError(
            f"{ledger} holds a ledger already; stop the collector and move that folder away "
            f"(keep it: it may hold what the backup does not)"
        )
    checked = verify(copy)
    if checked.alteration is not None:
        raise LedgerError(f"{copy} is altered or damaged: {checked.alteration}; use another backup")
    begun = [path for path in day_file.day_files(copy) if day_file.is_begun(path)]
    if not begun:
        raise LedgerError(f"{copy} holds no day of a ledger that is still open; is it a backup?")
    ledger.mkdir(parents=True, exist_ok=True)
    back_up(copy, ledger)
    incarnation = secrets.token_hex(INCARNATION_BYTES)
    with closing(LedgerReader(ledger)) as reader:
        number, head = reader.head()
    connection = day_file.writing(ledger / begun[-1].name)
    day_file.add_fork(connection, Fork(number, head.hex(), incarnation))
    day_file.close_writing(connection)
    return checked, incarnation


def _copy_sealed(folder: Path, target: Path) -> bool:
    place = target / folder.name
    if place.is_dir():
        return False
    copying = place.with_suffix(COPYING)
    shutil.rmtree(copying, ignore_errors=True)
    shutil.copytree(folder, copying)
    for path in (*copying.iterdir(), copying):
        sync(path)
    copying.rename(place)
    place.with_suffix(".sqlite").unlink(missing_ok=True)
    return True


def _copy_file(path: Path, target: Path) -> bool:
    place = target / path.name
    if not day_file.is_begun(path):
        return False
    copying = place.with_suffix(COPYING)
    copying.unlink(missing_ok=True)
    with closing(day_file.reading(path)) as source:
        if place.exists() and _end(place) == _end(path):
            return False
        with closing(sqlite3.connect(copying)) as copy:
            source.backup(copy, pages=PAGES_AT_ONCE)
            copy.execute("PRAGMA journal_mode = DELETE")
    sync(copying)
    copying.rename(place)
    return True


def _end(path: Path) -> tuple[int, bytes] | None:
    with closing(day_file.reading(path)) as connection:
        row = connection.execute("SELECT number, hash FROM batch ORDER BY number DESC LIMIT 1")
        found = row.fetchone()
        return None if found is None else (int(found[0]), bytes(found[1]))
