"""One line of a file of readings, read with care: every form that people and programs write.

:mod:`heatward_collector.from_files.bulk` reads the usual forms thousands at a time, and gives the
same answers.
"""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from heatward_collector.from_files.layout import Layout
from heatward_collector.registry.cells import NUMBERED, CellError, parse_number, read_time
from heatward_collector.registry.dated import sensor_number
from heatward_node.errors import RecordError
from heatward_node.rom import kernel_name, rom_from_urn

MISSING_VALUES = frozenset({"", "nan", "null", "none", "na", "n/a", "-"})
"""How programs write that a sensor said nothing."""
DECIMAL_COMMA = ","
DECIMAL_POINT = "；小数请用点", ": write decimals with a point"
LONGEST_SHOWN = 40
REMEMBERED = 65_536
"""Texts whose meaning is remembered: a season has 52,000 moments, each for many sensors."""
_ZONE_AT_END = re.compile(r"(Z|[+-][0-9]{2}:?[0-9]{2})$")


@dataclass(frozen=True, slots=True)
class Row:
    """What a line says; ``celsius`` is NaN where the sensor said nothing."""

    time_s: int
    sensor: int
    celsius: float
    is_local: bool = False
    """Whether its time named no zone and was taken as local."""


def read_row(line: str, layout: Layout, zone: ZoneInfo) -> Row | None:
    """Return what a line says, None for an empty one. Raises CellError with the reason."""
    cells = _cells(line, layout.delimiter)
    if not any(cells):
        return None
    if len(cells) < layout.columns or any(cells[layout.columns :]):
        is_more = len(cells) > layout.columns and layout.delimiter == DECIMAL_COMMA
        more = DECIMAL_POINT if is_more else ("", "")
        raise CellError(
            f"有 {len(cells)} 个单元格，应为 {layout.columns} 个{more[0]} / "
            f"has {len(cells)} cells instead of {layout.columns}{more[1]}"
        )
    sensor = read_sensor(cells[layout.sensor])
    time_s, is_local = read_moment(cells[layout.time], zone)
    return Row(time_s, sensor, read_celsius(cells[layout.celsius]), is_local)


@lru_cache(maxsize=REMEMBERED)
def read_sensor(text: str) -> int:
    """Return the number of a sensor, named as the kernel does or by its URN. Raises CellError."""
    name = text.strip().lower()
    try:
        if name.startswith("urn:"):
            return sensor_number(kernel_name(rom_from_urn(name.rstrip(":"))))
        return sensor_number(name)
    except RecordError as error:
        raise CellError(
            f"{_shown(text)} 不是传感器编号，例：28-000006b67845；{NUMBERED[0]} / "
            f"is no sensor such as 28-000006b67845; {NUMBERED[1]}"
        ) from error


@lru_cache(maxsize=REMEMBERED)
def read_moment(text: str, zone: ZoneInfo) -> tuple[int, bool]:
    """Return a time as whole seconds UTC, and whether it named no zone. Raises CellError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return read_time(text[:LONGEST_SHOWN], zone), not _ZONE_AT_END.search(text)
    is_local = moment.tzinfo is None
    try:
        time_s = math.floor((moment.replace(tzinfo=zone) if is_local else moment).timestamp())
    except (OverflowError, ValueError) as error:
        raise CellError(f"{_shown(text)} 不是时间 / is no time") from error
    return time_s, is_local


def read_celsius(text: str) -> float:
    """Return a temperature, NaN where there is none. Raises CellError."""
    if text.lower() in MISSING_VALUES:
        return math.nan
    # Where a comma stands within a cell it parts no cells, and degrees have no thousands.
    value = parse_number(text.replace(DECIMAL_COMMA, ".", 1))
    if math.isnan(value):
        raise CellError(f"{_shown(text)} 不是温度，例：21.375 / is no temperature such as 21.375")
    return value


def _cells(line: str, delimiter: str) -> list[str]:
    if '"' not in line:
        return [cell.strip() for cell in line.split(delimiter)]
    try:
        cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise CellError(f"引号不成对 / its quotes do not fit: {error}") from error
    return [cell.strip() for cell in cells]


def _shown(text: str) -> str:
    return repr(text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…")
