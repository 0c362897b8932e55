"""The sensors of a sealed day in a file of their own, and which one a record is of.

Days that were sealed before have no such file: there each record says its sensor.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from heatward_collector.core.coded import Coded
from heatward_collector.errors import LedgerError
from heatward_collector.ledger.day_sensors import NO_PLACE, DaySensors, GrowingDaySensors, Places

SENSORS = "sensors.parquet"
PLACE = "sensor_place"
_SENSORS = pa.schema(
    [
        pa.field("source", pa.uint32(), nullable=False),
        pa.field("sensor", pa.uint64(), nullable=False),
    ]
)


def write_sensors(folder: Path, sensors: DaySensors) -> None:
    """Write them, by source and place."""
    table = pa.table([pa.array(sensors.source), pa.array(sensors.sensor)], schema=_SENSORS)
    pq.write_table(
        table,
        folder / SENSORS,
        compression="zstd",
        use_dictionary=False,
        column_encoding={"source": "DELTA_BINARY_PACKED", "sensor": "PLAIN"},
        write_page_checksum=True,
    )


def read_sensors(folder: Path) -> DaySensors:
    """Return them. Raises LedgerError where they cannot be read."""
    path = folder / SENSORS
    try:
        with pq.ParquetFile(path, memory_map=True, page_checksum_verification=True) as file:
            table = file.read(use_threads=False).cast(_SENSORS)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise LedgerError(f"{path} cannot be read: {error}") from error
    source, sensor = (np.asarray(column.to_numpy()) for column in table.columns)
    if (source[1:] < source[:-1]).any():
        raise LedgerError(f"{path}: its sources are not in their order")
    return DaySensors(source, sensor)


def sensor_columns(
    growing: GrowingDaySensors,
    source: npt.NDArray[np.uint32],
    sensor: npt.NDArray[np.uint64],
    is_reading: npt.NDArray[np.bool_],
) -> tuple[Any, Any]:
    """Return the columns ``sensor`` and ``sensor_place`` of records, sorted by source, (n,)."""
    place = np.full(len(sensor), NO_PLACE, np.uint8)
    place[is_reading] = growing.places(source[is_reading], sensor[is_reading])
    has_place = place != NO_PLACE
    return pa.array(sensor, mask=~is_reading | has_place), pa.array(place, mask=~has_place)


def sensors_of(records: Any, folder: Path) -> npt.NDArray[np.uint64]:
    """Return the sensor of every record of a row group, 0 where it has none, (n,).

    Raises LedgerError where the day's sensors cannot be read, or do not fit.
    """
    sensor = np.array(records.column("sensor").fill_null(0).to_numpy())
    place = _places(records)
    has_place = place != NO_PLACE
    if has_place.any():
        day, source = read_sensors(folder), np.asarray(records.column("source").to_numpy())
        sensor[has_place] = day.sensor[day.rows(source[has_place], place[has_place])]
    return sensor


def coded_sensors(records: Any, is_reading: npt.NDArray[np.bool_], day: DaySensors) -> Coded:
    """Return the sensor of every reading of some records, each named once.

    ``day`` may be empty where no record has a place. Raises LedgerError where it does not fit.
    """
    place = _places(records)[is_reading]
    has_place = place != NO_PLACE
    if not has_place.any():
        said = records.column("sensor").fill_null(0).dictionary_encode()
        return Coded(said.dictionary.to_numpy(), said.indices.to_numpy()[is_reading])
    source = np.asarray(records.column("source").to_numpy())[is_reading]
    row = day.rows(source[has_place], place[has_place])
    first, behind = int(row.min()), int(row.max()) + 1
    code = np.zeros(len(place), np.int32)
    code[has_place] = row - first  # records are sorted by source, and so are these
    if has_place.all():
        return Coded(day.sensor[first:behind], code)
    said = np.asarray(records.column("sensor").fill_null(0).to_numpy())[is_reading][~has_place]
    code[~has_place] = np.arange(behind - first, behind - first + len(said))
    return Coded(np.concatenate([day.sensor[first:behind], said]), code)


def has_places(records: Any) -> bool:
    """Say whether some records name places of sensors, as they do since those have a file."""
    return PLACE in records.schema.names


def _places(records: Any) -> Places:
    if not has_places(records):
        return np.full(records.num_rows, NO_PLACE, np.uint8)
    return np.asarray(records.column(PLACE).fill_null(NO_PLACE).to_numpy())
