"""Sensors of a sealed day, of one that was sealed before they had a file, and damaged ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from heatward_collector.errors import LedgerError
from heatward_collector.ledger.batch import Batch
from heatward_collector.ledger.day_sensors import MOST_PLACES, DaySensors
from heatward_collector.ledger.parquet_sensors import SENSORS, read_sensors, write_sensors
from heatward_collector.ledger.sealed_day import SealedDay
from heatward_node.reading import reading
from heatward_node.scratchpad import usual_scratchpad
from support.w1_tree import rom_number

from .test_parquet_readings import batches_of, rows_of, rows_of_batch, sealed

MANY = [*range(MOST_PLACES + 3), 1, 2, MOST_PLACES + 1]
READ: dict[str, Callable[[SealedDay], object]] = {
    "whole": lambda day: day.stretch(0),
    "readings": lambda day: list(day.readings(0)),
}


def measured(sensors: list[int]) -> list[Batch]:
    """Return a batch of readings of one node, each of a sensor."""
    records = [
        reading(at, 1000 * at, None, 0, rom_number(sensor), usual_scratchpad(300 + at))
        for at, sensor in enumerate(sensors, 1)
    ]
    return batches_of([[(0, record) for record in records]])


def as_before(folder: Path) -> None:
    """Write the records as they were kept before sensors had a file."""
    table = pq.read_table(folder / "records.parquet")
    sensors = read_sensors(folder).sensor.tolist()
    places = table.column("sensor_place").to_pylist()
    said = [None if place is None else sensors[place] for place in places]
    at = table.schema.get_field_index("sensor")
    table = table.set_column(at, table.schema.field(at), pa.array(said, pa.uint64()))
    pq.write_table(table.drop_columns(["sensor_place"]), folder / "records.parquet")
    (folder / SENSORS).unlink()


@pytest.mark.parametrize("sensors", [[1], [1, 2, 1, 2], MANY])
def test_readings_are_of_their_sensors(tmp_path: Path, sensors: list[int]):
    (batch,) = batches = measured(sensors)
    day = sealed(tmp_path, batches, 1)
    assert next(iter(day.batches(0))).readings.tobytes() == batch.readings.tobytes()
    found = [row for columns in day.readings(0) for row in rows_of(columns)]
    assert sorted(found) == sorted(rows_of_batch(batch))


def test_a_day_that_was_sealed_before_sensors_had_a_file_reads_as_ever(tmp_path: Path):
    (batch,) = batches = measured([1, 2, 1])
    as_before(sealed(tmp_path, batches, 1).folder)
    day = SealedDay(tmp_path / "2026-01-01.sealed")
    assert next(iter(day.batches(0))).readings.tobytes() == batch.readings.tobytes()
    found = [row for columns in day.readings(0) for row in rows_of(columns)]
    assert sorted(found) == sorted(rows_of_batch(batch))


def unordered(folder: Path) -> None:
    write_sensors(folder, DaySensors(np.array([1, 0], np.uint32), np.array([1, 2], np.uint64)))


def too_few(folder: Path) -> None:
    write_sensors(folder, DaySensors(np.array([0], np.uint32), np.array([1], np.uint64)))


def other_columns(folder: Path) -> None:
    pq.write_table(pa.table({"sensor": [1, 2]}), folder / SENSORS)


def flipped(folder: Path) -> None:
    data = bytearray((folder / SENSORS).read_bytes())
    end = pq.ParquetFile(folder / SENSORS).metadata.row_group(0).column(1)
    data[end.data_page_offset + end.total_compressed_size - 1] ^= 1
    (folder / SENSORS).write_bytes(data)


DAMAGES: list[tuple[Callable[[Path], Any], str]] = [
    (lambda folder: (folder / SENSORS).unlink(), "sensors.parquet cannot be read"),
    (lambda folder: (folder / SENSORS).write_bytes(b"none"), "sensors.parquet cannot be read"),
    (other_columns, "sensors.parquet cannot be read"),
    (flipped, "sensors.parquet cannot be read: .*CRC"),
    (unordered, "not in their order"),
    (too_few, "does not have that day"),
]


@pytest.mark.parametrize("how", READ)
@pytest.mark.parametrize(("damage", "says"), DAMAGES)
def test_sensors_that_are_damaged_are_never_read_as_others(
    tmp_path: Path, how: str, damage: Callable[[Path], Any], says: str
):
    day = sealed(tmp_path, measured([1, 2, 1]), 1)
    damage(day.folder)
    with pytest.raises(LedgerError, match=says):
        READ[how](SealedDay(day.folder))
