"""A pack's readings held against a ledger: is every one there, bit for bit, in that batch?"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from heatward_collector.errors import LedgerError
from heatward_collector.evidence.files import READINGS
from heatward_collector.ledger import Batch, LedgerReader

MOST_SHOWN = 20
"""Differences that are listed."""


def differences_to_ledger(files: Mapping[str, bytes], folder: Path) -> list[str]:
    """Return what a ledger does not hold as the pack says; nothing where all is there."""
    reader = LedgerReader(folder)
    held: tuple[int, Batch | None] = (0, None)
    found: list[str] = []
    rows = csv.DictReader(io.StringIO(files[READINGS].decode("utf-8-sig")))
    # Batch by batch: each is read once.
    for row in sorted(rows, key=lambda row: int(row["batch"])):
        number = int(row["batch"])
        if held[0] != number:
            held = number, next(iter(reader.batches(number - 1, 1)), None)
        if not _is_there(held[1], number, int(row["position"]), row["record_hex"]):
            found.append(
                f"批 / batch {number}, 位置 / position {row['position']}: "
                f"账本中不是这条 / the ledger does not hold this record"
            )
            if len(found) == MOST_SHOWN:
                break
    reader.close()
    return found


def _is_there(batch: Batch | None, number: int, position: int, record: str) -> bool:
    if batch is None or batch.number != number or not 0 <= position < batch.count:
        return False
    try:
        return batch.entry_bytes(position)[4:-4].hex() == record
    except LedgerError:
        return False
