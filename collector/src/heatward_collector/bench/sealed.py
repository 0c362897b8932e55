"""What a sealed day weighs, and how fast it is proved and read, beside hashing its bytes."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from heatward_collector.bench.ledger_days import City, CityDays
from heatward_collector.errors import HeatwardError
from heatward_collector.ledger import LedgerReader, verify

START_S = 1_767_225_600
ENTRY_BYTES = 49


@dataclass(frozen=True, slots=True)
class SealedMeasured:
    """One city's days; rates are records a second of processor time."""

    rooms: int
    days: int
    records: int
    readings: int
    sealed_bytes: int
    write_rate: float
    verify_rate: float
    read_rate: float
    """As readings, without their bodies."""
    hash_rate: float
    """The limit: SHA-256 over as many bytes, and nothing else."""

    @property
    def bytes_a_record(self) -> float:
        """What a record weighs."""
        return self.sealed_bytes / self.records

    @property
    def bytes_a_reading(self) -> float:
        """What a reading weighs, clock fixes and checkpoints counted with it."""
        return self.sealed_bytes / self.readings

    def as_json(self) -> str:
        """Return everything as one line."""
        more = {"bytes_a_record": self.bytes_a_record, "bytes_a_reading": self.bytes_a_reading}
        return json.dumps(asdict(self) | more)


def measure(rooms: int, days: int, rooms_a_node: int) -> SealedMeasured:
    """Write days of a city, prove them and read them. Raises HeatwardError if they do not fit."""
    with tempfile.TemporaryDirectory(prefix="heatward-bench-") as name:
        folder, city = Path(name), City(rooms, START_S, rooms_a_node)
        began = time.process_time()
        written = list(CityDays(city).write(folder, days))
        wrote = time.process_time() - began
        weight = sum(file.stat().st_size for day in written for file in day.iterdir())
        began = time.process_time()
        found = verify(folder)
        proved = time.process_time() - began
        if found.alteration is not None:
            raise HeatwardError(f"a day that was just written is altered: {found.alteration}")
        began = time.process_time()
        with closing(LedgerReader(folder)) as reader:
            readings = sum(len(batch.readings) for batch in reader.batches())
        read = time.process_time() - began
        return SealedMeasured(
            rooms,
            days,
            found.records,
            readings,
            weight,
            found.records / wrote,
            found.records / proved,
            found.records / read,
            found.records / _hashing(found.records),
        )


def _hashing(records: int) -> float:
    """Return the processor time of hashing as many bytes as that many records have. [s]"""
    data = bytes(2**20)
    began = time.process_time()
    digest = hashlib.sha256()
    for _ in range(max(1, records * ENTRY_BYTES // len(data))):
        digest.update(data)
    return time.process_time() - began
