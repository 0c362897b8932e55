"""Outdoor temperatures from a file, as they were known at each moment: nothing looks ahead."""

from __future__ import annotations

import csv
import gzip
import io
import math
import zlib
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.core import Celsius, Seconds
from heatward_collector.core.groups import medians
from heatward_collector.errors import ImportRefused
from heatward_collector.from_files.layout import columns_of
from heatward_collector.from_files.reading_file import MOST_NAMED
from heatward_collector.from_files.row import read_celsius, read_moment
from heatward_collector.outdoor.temperatures import HIGHEST, LOWEST, NEAR_S
from heatward_collector.problems import Problems
from heatward_collector.registry.cells import CellError
from heatward_collector.registry.table_file import NEITHER, decode

DAY_S = 86_400
LEAST_VALUES = 3
"""From fewer nobody knows how far apart the values of a series are."""
STANDS_PART = 1.25
"""A value stands for so many usual distances of a series: the next one may be late. [1]"""
NAMES = {"time": ("time", "时间"), "celsius": ("celsius", "气温", "温度")}


@dataclass(frozen=True, slots=True)
class Outdoors:
    """Values in order of time, each moment once. [s UTC, degC]"""

    time_s: Seconds
    celsius: Celsius
    faulty: int = 0
    """Lines that could not be read."""
    named: tuple[str, ...] = ()
    """The first of them, with their reasons."""
    local_times: int = 0
    """Times that named no zone and were taken as local."""

    @property
    def fresh_s(self) -> int:
        """For how long a value stands where a detector looks: a series may be of every sixth hour,
        or of days."""
        if len(self.time_s) < LEAST_VALUES:
            return NEAR_S
        usual_s = float(np.median(np.diff(self.time_s)))
        return max(NEAR_S, int(STANDS_PART * min(usual_s, DAY_S)))

    def known_at(self, moments_s: Seconds, fresh_s: int = NEAR_S) -> Celsius:
        """Return the latest value before each moment, NaN where it is older than ``fresh_s``."""
        if len(self.time_s) == 0:
            return np.full(len(moments_s), np.nan)
        latest = np.searchsorted(self.time_s, moments_s) - 1
        age = moments_s - self.time_s[latest.clip(0)]
        return np.where((latest >= 0) & (age <= fresh_s), self.celsius[latest.clip(0)], np.nan)


def read_outdoors(path: Path, zone: ZoneInfo) -> Outdoors:
    """Read the columns time and celsius (时间, 气温) of a CSV file, gzipped or not.

    Empty values are left out, faulty lines named; of several values of one moment the median is
    taken. Raises ImportRefused where the file cannot be read at all.
    """
    lines = io.StringIO(_text_of(path), newline="")
    delimiter, _, places = columns_of(lines.readline().encode(), path.name, NAMES)
    faults: list[str] = []
    values: list[tuple[int, float]] = []
    local_times = 0
    for number, line in enumerate(lines, start=2):
        cells = next(csv.reader([line], delimiter=delimiter), [])
        if not any(cell.strip() for cell in cells):
            continue
        try:
            texts = {name: cells[place].strip() for name, place in places.items()}
            time_s, is_local = read_moment(texts["time"], zone)
            celsius = _weather(texts["celsius"])
        except (CellError, IndexError) as error:
            reason = str(error) if isinstance(error, CellError) else "单元格不全 / too few cells"
            faults.append(f"{path.name}:{number}: {reason}")
            continue
        if not math.isnan(celsius):
            values.append((time_s, celsius))
            local_times += is_local
    if not values:
        nothing = f"{path.name}: 没有气温 / holds no temperature"
        raise ImportRefused([*Problems(faults).lines(), nothing])
    moments, group = np.unique(np.array([one for one, _ in values], np.int64), return_inverse=True)
    middle = medians(np.array([two for _, two in values]), group.astype(np.int32), len(moments))
    return Outdoors(moments, middle, len(faults), tuple(faults[:MOST_NAMED]), local_times)


def _text_of(path: Path) -> str:
    try:
        data = path.read_bytes()
        if data.startswith(b"\x1f\x8b"):
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise ImportRefused([f"{path.name}: 读不出来 / cannot be read: {error}"]) from error
    text = decode(data)
    if text is None:
        raise ImportRefused([f"{path.name}: {NEITHER}"])
    return text


def _weather(text: str) -> float:
    celsius = read_celsius(text)
    if celsius < LOWEST or celsius > HIGHEST:
        raise CellError(
            f"气温 {text!r} 应为 {LOWEST} 至 {HIGHEST} 的数 / "
            f"celsius must be a number, {LOWEST} to {HIGHEST}"
        )
    return celsius
