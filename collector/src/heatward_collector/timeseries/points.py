"""Projected readings as points: the one place where ids become tags."""

from __future__ import annotations

import numpy as np

from heatward_collector.canary import CANARY_SENSOR
from heatward_collector.core.placing import UNPLACED
from heatward_collector.readings.projection import Fate, Projected
from heatward_collector.registry import Directory
from heatward_collector.timeseries.protocol import CANARY, OUTDOOR, ROOM, Points, Series
from heatward_node.rom import kernel_name


def to_points(projected: Projected, directory: Directory) -> Points:
    """Return the judged readings as points, in their order."""
    judged = projected.judged()
    order = np.lexsort((judged.sensor, judged.point))
    point, sensor = judged.point[order], judged.sensor[order]
    is_first = np.ones(len(order), bool)
    is_first[1:] = (point[1:] != point[:-1]) | (sensor[1:] != sensor[:-1])
    index = np.empty(len(order), np.int32)
    index[order] = np.cumsum(is_first) - 1
    pairs = zip(point[is_first].tolist(), sensor[is_first].tolist(), strict=True)
    series = [_series(directory, *pair) for pair in pairs]
    return Points(series, index, judged.time_s, judged.celsius)


def canary_points(projected: Projected) -> Points:
    """Return the test readings as points of a measurement of their own."""
    canaries = projected.only((projected.fate == Fate.CANARY) & (projected.time_s != UNPLACED))
    series = [Series(CANARY, "", "", "", "", "", sensor_name(CANARY_SENSOR))]
    index = np.zeros(len(canaries), np.int32)
    return Points(series, index, canaries.time_s, canaries.celsius)


def sensor_name(number: int) -> str:
    """Return the kernel's name of a sensor that arrays know by its number."""
    return kernel_name(int(number).to_bytes(8, "little"))


def _series(directory: Directory, point: int, sensor: int) -> Series:
    district, street, building, home, key = directory.points.tags(point)
    measurement = ROOM if home else OUTDOOR
    return Series(measurement, district, street, building, home, key, sensor_name(sensor))
