"""Outdoor temperature of a district: from shaded sensors, a CSV file, or a weather service.

Every value keeps its source. Where none lies near enough in time the answer is NaN, and whoever
shows or judges says so.
"""

from __future__ import annotations

import csv
import http.client
import io
import urllib.error
import urllib.request
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import and_, bindparam, delete, select

from heatward_collector.core import Celsius, Seconds
from heatward_collector.errors import ImportRefused, OutdoorAway
from heatward_collector.problems import Problems
from heatward_collector.registry import Directory, Registry, note_change
from heatward_collector.registry.cells import CellError, parse_number, read_time
from heatward_collector.registry.table_file import NEITHER, decode
from heatward_collector.registry.tables import outdoor_temperature
from heatward_collector.timeseries import TimeSeries

NEAR_S = 5400
"""How far a value may lie from the time that is asked for: weather services report hourly. [s]"""
SLOT_S = 600
"""Sensors that measured within one slot are looked at together. [s]"""
LOWEST, HIGHEST = -60.0, 50.0
"""Beyond these a value is a mistake, not weather. [degC]"""
TIMEOUT_S = 15.0
MOST_BYTES = 8 * 1024 * 1024
MOST_ROWS = 200_000
"""Twenty years of hourly values."""
LONGEST_SOURCE = 100
SENSORS = "sensors"
_HEADERS = {"time": "时间", "celsius": "气温", "source": "来源"}


@dataclass(frozen=True, slots=True)
class OutdoorValue:
    """One temperature and where it is from. [s UTC, degC]"""

    time_s: int
    celsius: float
    source: str

    def __post_init__(self) -> None:
        if not LOWEST <= self.celsius <= HIGHEST:
            raise ValueError(f"an outdoor temperature of {self.celsius} degC")
        if not 0 < len(self.source) <= LONGEST_SOURCE:
            raise ValueError("an outdoor temperature names its source in up to 100 characters")


class OutdoorSeries:
    """Values of a district in order of time."""

    def __init__(self, values: Iterable[OutdoorValue] = ()) -> None:
        ordered = sorted(values, key=lambda value: (value.time_s, value.source))
        self.time_s: Seconds = np.array([value.time_s for value in ordered], np.int64)
        self.celsius: Celsius = np.array([value.celsius for value in ordered], np.float64)
        self.sources = tuple(value.source for value in ordered)

    def at(self, times_s: Seconds, near_s: int = NEAR_S) -> tuple[Celsius, list[str]]:
        """Return the nearest value to each time, and its source.

        NaN and ``""`` where none lies within ``near_s``; of two equally near ones the earlier.
        """
        if len(self.time_s) == 0:
            return np.full(len(times_s), np.nan), [""] * len(times_s)
        later = np.searchsorted(self.time_s, times_s).clip(0, len(self.time_s) - 1)
        earlier = (later - 1).clip(0)
        to_later = np.abs(self.time_s[later] - times_s)
        to_earlier = np.abs(self.time_s[earlier] - times_s)
        nearest = np.where(to_later < to_earlier, later, earlier)
        near = np.minimum(to_later, to_earlier) <= near_s
        celsius = np.where(near, self.celsius[nearest], np.nan)
        return celsius, [self.sources[i] if ok else "" for i, ok in zip(nearest, near, strict=True)]


def from_sensors(
    store: TimeSeries, directory: Directory, district: str, start_s: int, end_s: int
) -> list[OutdoorValue]:
    """Return the median over a district's shaded outdoor points, one value a slot."""
    readings = [
        store.room(directory.points[index].id, start_s, end_s)
        for index in directory.outdoor_points(district)
        if directory.tables["outdoor"][directory.points[index].id]["shaded"]
    ]
    return median_of_points(readings)


def hourly_means(
    store: TimeSeries, directory: Directory, district: str, start_s: int, end_s: int
) -> tuple[list[str], Celsius]:
    """Return every outdoor point of a district, shaded or not, and its means, (hours, points).

    ``start_s`` and ``end_s`` are whole hours. NaN where nothing believable was measured.
    """
    points = [directory.points[index].id for index in directory.outdoor_points(district)]
    hours = (end_s - start_s) // 3600
    means = np.full((hours, len(points)), np.nan)
    for column, point in enumerate(points):
        time_s, celsius = store.room(point, start_s, end_s)
        good = (celsius >= LOWEST) & (celsius <= HIGHEST)
        row = (time_s[good] - start_s) // 3600
        count = np.bincount(row, minlength=hours)
        total = np.bincount(row, celsius[good], minlength=hours)
        means[count > 0, column] = total[count > 0] / count[count > 0]
    return points, means


def median_of_points(readings: Sequence[tuple[Seconds, Celsius]]) -> list[OutdoorValue]:
    """Return the median over points, each with its times and temperatures, one value a slot.

    A point that measured several times in a slot counts once, by its own median, so that a fast
    node has no more to say than a slow one. NaN and impossible values are left out.
    """
    slots: dict[int, list[float]] = {}
    for time_s, celsius in readings:
        good = (celsius >= LOWEST) & (celsius <= HIGHEST)
        slot = time_s[good] // SLOT_S
        for one in np.unique(slot):
            median = float(np.median(celsius[good][slot == one]))
            slots.setdefault(int(one), []).append(median)
    return [
        OutdoorValue(slot * SLOT_S, float(np.median(medians)), SENSORS)
        for slot, medians in sorted(slots.items())
    ]


def parse_csv(data: bytes, name: str, zone: ZoneInfo, source: str = "") -> list[OutdoorValue]:
    """Read the columns time, celsius and source (时间, 气温, 来源) of a CSV file.

    Times without an offset are local; ``source`` serves rows that name none. Raises ImportRefused
    with every faulty line.
    """
    text = decode(data)
    if text is None:
        raise ImportRefused([f"{name}: {NEITHER}"])
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    values: list[OutdoorValue] = []
    problems = Problems()
    line = 1
    try:
        columns = _columns(next(reader, []), name)
        line = reader.line_num + 1
        for cells in reader:
            if len(values) >= MOST_ROWS or problems.full:
                problems.append(f"{name}:{line}: 行或错误太多，到此为止 / too many, stopped here")
                break
            if any(cell.strip() for cell in cells):
                try:
                    values.append(_value(cells, columns, zone, source))
                except (CellError, ValueError) as error:
                    problems.append(f"{name}:{line}: {error}")
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append(f"{name}:{line}: 不是完整的 CSV / is no whole CSV: {error}")
    problems.refuse()
    return values


def fetch(
    template: str, district: str, start_s: int, end_s: int, timeout_s: float = TIMEOUT_S
) -> bytes:
    """Ask a weather service for the values of [start, end) as CSV. Raises OutdoorAway.

    ``{district}``, ``{from}`` and ``{to}`` in the template are replaced by the district's id and
    the times (ISO 8601, UTC).
    """
    url = template
    for key, value in (
        ("{district}", district),
        ("{from}", _iso(start_s)),
        ("{to}", _iso(end_s)),
    ):
        url = url.replace(key, quote(value, safe=""))
    if not url.startswith(("http://", "https://")):
        raise OutdoorAway(f"[outdoor] url: {template!r} is no http:// or https:// address")
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as answer:
            data: bytes = answer.read(MOST_BYTES + 1)
    except (OSError, urllib.error.URLError, http.client.HTTPException, ValueError) as error:
        raise OutdoorAway(
            f"室外温度来源没有应答 / the source of outdoor temperatures did not answer: {error}"
        ) from error
    if len(data) > MOST_BYTES:
        raise OutdoorAway(f"室外温度应答过大 / the answer is larger than {MOST_BYTES} bytes")
    return data


class OutdoorStore:
    """The values that were imported, kept beside the registry."""

    def __init__(self, registry: Registry) -> None:
        self._database = registry.database

    def put(self, district: str, values: Sequence[OutdoorValue]) -> int:
        """Keep values; one of the same time and source is replaced. Return how many there were.

        Verdicts that may show a new or changed value are looked at again.
        """
        wanted = {(value.time_s, value.source): value.celsius for value in values}
        if not wanted:
            return 0
        table = outdoor_temperature
        keys = ("district", "time_s", "source")
        same = and_(*(table.c[key] == bindparam(f"held_{key}") for key in keys))
        times = [time_s for time_s, _ in wanted]
        with self._database.edit() as connection:
            query = select(table.c.time_s, table.c.source, table.c.celsius).where(
                table.c.district == district, table.c.time_s.between(min(times), max(times))
            )
            held = {(row.time_s, row.source): row.celsius for row in connection.execute(query)}
            new = {key: value for key, value in wanted.items() if held.get(key) != value}
            if new:
                rows = [
                    {"district": district, "time_s": time_s, "source": source, "celsius": celsius}
                    for (time_s, source), celsius in new.items()
                ]
                connection.execute(
                    delete(table).where(same),
                    [{f"held_{key}": row[key] for key in keys} for row in rows],
                )
                connection.execute(table.insert(), rows)
                note_change(connection, min(time_s for time_s, _ in new) - NEAR_S, "outdoor")
        return len(wanted)

    def values(self, district: str, start_s: int, end_s: int) -> list[OutdoorValue]:
        """Return a district's values in [start, end), of every source."""
        table = outdoor_temperature
        query = select(table.c.time_s, table.c.celsius, table.c.source).where(
            table.c.district == district, table.c.time_s >= start_s, table.c.time_s < end_s
        )
        with self._database.snapshot() as connection:
            return [OutdoorValue(*row) for row in connection.execute(query)]

    def series(self, district: str, start_s: int, end_s: int) -> OutdoorSeries:
        """Return what may speak for the times in [start, end) of a district."""
        return OutdoorSeries(self.values(district, start_s - NEAR_S, end_s + NEAR_S))


def _columns(header: Sequence[str], name: str) -> dict[str, int]:
    names = [cell.strip().lower() for cell in header]
    found = {
        key: next(index for index, cell in enumerate(names) if cell in (key, zh))
        for key, zh in _HEADERS.items()
        if key in names or zh in names
    }
    missing = [f"{key} ({_HEADERS[key]})" for key in ("time", "celsius") if key not in found]
    if missing:
        raise ImportRefused([f"{name}:1: 缺少列 / missing columns: {', '.join(missing)}"])
    return found


def _value(
    cells: Sequence[str], columns: dict[str, int], zone: ZoneInfo, source: str
) -> OutdoorValue:
    given = {key: cells[i].strip() if i < len(cells) else "" for key, i in columns.items()}
    celsius = parse_number(given["celsius"])
    if not LOWEST <= celsius <= HIGHEST:
        raise CellError(
            f"气温 {given['celsius']!r} 应为 {LOWEST} 至 {HIGHEST} 的数 / "
            f"celsius must be a number, {LOWEST} to {HIGHEST}"
        )
    named = given.get("source") or source
    if not 0 < len(named) <= LONGEST_SOURCE:
        raise CellError(
            f"来源应为 1 至 {LONGEST_SOURCE} 字 / source must have 1 to {LONGEST_SOURCE} characters"
        )
    return OutdoorValue(read_time(given["time"], zone), celsius, named)


def _iso(time_s: int) -> str:
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
