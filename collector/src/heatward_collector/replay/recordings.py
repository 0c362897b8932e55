"""Recorded series from files: any long-form CSV with a time and a temperature, gzipped or not."""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from heatward_collector.errors import ImportRefused
from heatward_collector.problems import Problems

TIME_COLUMNS = ("time", "t", "timestamp", "")
VALUE_COLUMNS = ("celsius", "temp_c", "Ti")
SENSOR_COLUMNS = ("sensor",)
BUILDING_COLUMNS = ("building",)
ONLY_SENSOR = "S01"
ONLY_BUILDING = "B01"
SIXTEENTHS = 16
"""The DS18B20 counts in 1/16 degC (its datasheet, table 2)."""


def nearest_sixteenth(celsius: npt.ArrayLike) -> npt.NDArray[np.int16]:
    """Return temperatures in the sensor's unit, rounded once, ties to even.

    Parameters
    ----------
    celsius : float (n,)
        Recorded temperatures. [degC]

    Returns
    -------
    int16 (n,)
        The nearest multiple of 1/16 degC. [1/16 degC]
    """
    return np.rint(np.asarray(celsius, dtype=np.float64) * SIXTEENTHS).astype(np.int16)


@dataclass(frozen=True, slots=True)
class RecordedSeries:
    """One sensor's recording: whole seconds UTC, strictly rising, and 1/16 degC."""

    building: str
    sensor: str
    time_s: npt.NDArray[np.int64]
    raw: npt.NDArray[np.int16]

    def interval_s(self) -> int:
        """The recording's own interval: the median distance of its readings. [s]"""
        if len(self.time_s) < 2:
            return 300
        return max(1, int(np.median(np.diff(self.time_s))))


def read_recording(path: Path) -> list[RecordedSeries]:
    """Read every series of a CSV file.

    Times without a zone are UTC. Of two readings of a sensor in one second the first is kept.
    Raises ImportRefused naming the first faulty lines.
    """
    data = path.read_bytes()
    plain = gzip.decompress(data) if path.suffix == ".gz" else data
    with io.StringIO(plain.decode("utf-8-sig"), newline="") as text:
        reader = csv.DictReader(text)
        columns = _columns(path, reader.fieldnames or ())
        return _series(path, columns, reader)


def _columns(path: Path, names: Sequence[str]) -> dict[str, str | None]:
    def first(choices: tuple[str, ...]) -> str | None:
        return next((choice for choice in choices if choice in names), None)

    found = {
        "time": first(TIME_COLUMNS),
        "value": first(VALUE_COLUMNS),
        "sensor": first(SENSOR_COLUMNS),
        "building": first(BUILDING_COLUMNS),
    }
    if found["time"] is None or found["value"] is None:
        raise ImportRefused(
            [
                f"{path.name}:1: 需要时间列（{'、'.join(TIME_COLUMNS[:-1])}）和温度列"
                f"（{'、'.join(VALUE_COLUMNS)}）；现有列：{', '.join(names)} / "
                f"needs a time column and a temperature column of these names"
            ]
        )
    return found


def _series(
    path: Path, columns: Mapping[str, str | None], rows: Iterable[Mapping[str, str]]
) -> list[RecordedSeries]:
    values: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    problems = Problems()
    for line, row in enumerate(rows, start=2):
        try:
            second = _whole_second(row[columns["time"] or ""])
            celsius = float(row[columns["value"] or ""])
            if not -55 <= celsius <= 125:
                raise ValueError(f"{celsius} degC is outside what a DS18B20 can measure")
        except (ValueError, TypeError, KeyError) as error:
            problems.append(f"{path.name}:{line}: {error}")
            if problems.full:
                break
            continue
        building = row[columns["building"]] if columns["building"] else ONLY_BUILDING
        sensor = row[columns["sensor"]] if columns["sensor"] else ONLY_SENSOR
        values[building, sensor].setdefault(second, celsius)
    problems.refuse()
    return [
        RecordedSeries(
            building,
            sensor,
            np.array(sorted(series), dtype=np.int64),
            nearest_sixteenth([series[second] for second in sorted(series)]),
        )
        for (building, sensor), series in sorted(values.items())
    ]


def _whole_second(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp())
