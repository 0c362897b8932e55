"""Measurements on site beside what the sensor said within a quarter of an hour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heatward_collector.core.site_correction import SiteCorrection, site_correction
from heatward_collector.core.standard import Standard
from heatward_collector.readings.kept import kept_readings
from heatward_collector.registry import Directory
from heatward_collector.registry.directory import UNCALIBRATED_U
from heatward_collector.spot_checks.official import NO_CERTIFICATE, WRONG_HEIGHT, doubts
from heatward_node.rom import kernel_name

NEAR_S = 900
"""How far a reading may lie from a measurement on site. [s] (project rule)"""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """One measurement on site, and its sensor."""

    row: Row
    sensor: str
    """As the kernel names it; empty where none hung there."""
    sensor_celsius: float
    """Median within a quarter of an hour, calibrated; NaN where nothing was heard. [degC]"""
    readings: int
    doubts: tuple[str, ...]
    """Why it is not official, as messages."""

    @property
    def difference(self) -> float:
        """Thermometer minus sensor. [K]"""
        return float(self.row["celsius"]) - self.sensor_celsius

    @property
    def may_correct(self) -> bool:
        """Whether thermometer and point are good enough to correct a sensor by."""
        is_good = not {NO_CERTIFICATE, WRONG_HEIGHT} & set(self.doubts)
        return is_good and not np.isnan(self.sensor_celsius)


@dataclass(frozen=True, slots=True)
class Offer:
    """A correction that may be put into the registry, from now on and never for the past."""

    sensor: str
    room: str
    correction: SiteCorrection
    row: Row
    """Of the calibration table."""


def compare(
    checks: Iterable[Row], state: Path, directory: Directory, standard: Standard
) -> list[Compared]:
    """Return measurements on site with what the ledger holds of their sensors."""
    return [_compared(row, state, directory, standard) for row in checks]


def offer(
    compared: Sequence[Compared],
    directory: Directory,
    calibrations: Iterable[Row],
    room: str,
    now_s: int,
) -> Offer | None:
    """Return the correction that a room's checks ask for; None where they ask for none.

    Only checks of the sensor that hangs there now count, and only those since its newest
    calibration: what was corrected once is not corrected again.
    """
    point = directory.point_index[room]
    number = directory.sensors_at(now_s).get(point)
    if number is None:
        return None
    sensor = kernel_name(number.to_bytes(8, "little"))
    since = max((row["from_s"] for row in calibrations if row["sensor"] == sensor), default=0)
    usable = [
        one
        for one in compared
        if one.row["room"] == room
        and one.sensor == sensor
        and one.may_correct
        and one.row["measured_s"] >= since
    ]
    correction = site_correction(np.array([one.difference for one in usable], np.float64))
    if correction is None:
        return None
    held = directory.calibration(np.array([number], np.uint64), np.array([now_s]))
    offset, u = float(held[0][0]), float(held[1][0])
    if u < min(correction.uncertainty_kelvin, UNCALIBRATED_U):
        # A certificate knows the sensor better than a visit does.
        return None
    names = ", ".join(str(one.row["id"]) for one in usable)
    row = {
        "sensor": sensor,
        "from_s": now_s,
        "offset_kelvin": round(offset + correction.kelvin, 3),
        "uncertainty_kelvin": round(correction.uncertainty_kelvin, 3),
        "certificate": f"现场比对 / on site: {names}"[:200],
    }
    return Offer(sensor, room, correction, row)


def _compared(row: Row, state: Path, directory: Directory, standard: Standard) -> Compared:
    point = directory.point_index[row["room"]]
    span = row["measured_s"] - NEAR_S, row["measured_s"] + NEAR_S + 1
    kept = kept_readings(state / "ledger", state / "evaluate.sqlite", directory, [point], span)
    values = [one.celsius for one in kept.readings if one.is_good]
    number = directory.sensors_at(row["measured_s"]).get(point)
    return Compared(
        row,
        "" if number is None else kernel_name(number.to_bytes(8, "little")),
        float(np.median(values)) if values else float("nan"),
        len(values),
        tuple(doubts(row, directory.tables["room"][row["room"]]["use"], standard)),
    )
