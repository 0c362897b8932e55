"""What the registry of a city costs: to fill, to read, to hold, to ask, and to edit one row of.

Reading is in a process of its own, as each process of the line reads it, beside a bare cursor over
the same tables. Asked are places and calibrations of readings, as view and evaluation do for each.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heatward_collector.bench.city import ROOMS_A_BUILDING, registry_rows
from heatward_collector.bench.usage import memory
from heatward_collector.readings.own_places import OwnPlaces
from heatward_collector.registry import Registry, tables

PUT_AT_ONCE = 50_000
ASKED, ASKED_TURNS = 50_000, 15
NOW_S = 1_790_000_000
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Held:
    """One process that read a registry and looks up readings in it."""

    read_s: float
    """Processor time until it stood in memory. [s]"""
    plain_s: float
    """Processor time of a bare cursor over the same rows. [s]"""
    own_bytes: int
    """Memory of its own that came with it, after reading."""
    peak_bytes: int
    """The most that came with it at any moment."""
    judged_bytes: int
    """Memory of its own after a day's facts of every room were asked for too."""
    asked_ns: float
    """Processor time to find point, node and calibration of a reading. [ns]"""
    edit_s: float
    """Processor time from putting a room in until the next snapshot stands. [s]"""
    own_edit_s: float
    """Processor time until the snapshot of a district's collector stands after another process has
    put a calibration in. [s]"""


@dataclass(frozen=True, slots=True)
class RegisteredMeasured:
    """A registry of a city, and what it costs."""

    rooms: int
    put_s: float
    """Processor time to put every row in. [s]"""
    file_bytes: int
    held: Held

    def as_json(self) -> str:
        """Return everything as one line."""
        return json.dumps(asdict(self))


def measure(rooms: int, tell: Tell) -> RegisteredMeasured:
    """Measure a city of so many rooms, whole buildings of them."""
    buildings = max(1, rooms // ROOMS_A_BUILDING)
    with tempfile.TemporaryDirectory(prefix="heatward-bench-") as name:
        path = Path(name) / "registry.sqlite"
        tell(f"登记 / registering {buildings * ROOMS_A_BUILDING:,} ...")
        put_s = _in_a_process(fill, path, buildings)
        tell("读取 / reading ...")
        held = _in_a_process(hold, path, buildings)
        size = path.stat().st_size
    return RegisteredMeasured(buildings * ROOMS_A_BUILDING, put_s, size, held)


def _in_a_process(work: Callable[[Path, int], Any], path: Path, buildings: int) -> Any:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, path, buildings).result()


def fill(path: Path, buildings: int) -> float:
    """Put a city into a registry; return the processor time. [s]"""
    registry, spent = Registry(f"sqlite:///{path}"), 0.0
    for content in _parts(registry_rows(buildings)):
        began = time.process_time()
        registry.put(content)
        spent += time.process_time() - began
    registry.close()
    return spent


def _parts(content: dict[str, list[dict[str, Any]]]) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """Yield the rows of a city with a calibration and a placement for every room, in parts."""
    calibrated = {"from_s": 0, "uncertainty_kelvin": 0.1, "certificate": "bench"}
    placed = {"height_m": 1.4, "to_outer_wall_m": 2.0, "to_heater_m": 1.5, "note": None}
    content["calibration"] = [
        {"sensor": row["sensor"], "offset_kelvin": number % 41 / 100, **calibrated}
        for number, row in enumerate(content["assignment"])
    ]
    content["placement"] = [
        {"room": row["id"], "from_s": 0, "documented": True, "suitable": True, **placed}
        for row in content["room"]
    ]
    for table in tables.IMPORTED:
        rows = content.get(table.name, [])
        for first in range(0, len(rows), PUT_AT_ONCE):
            yield {table.name: rows[first : first + PUT_AT_ONCE]}


def hold(path: Path, _buildings: int) -> Held:
    """Read a registry, ask it and edit it."""
    plain_s = _plain(path)
    registry = Registry(f"sqlite:///{path}")
    registry.version()
    gc.collect()
    before, began = memory(os.getpid()).own, time.process_time()
    directory = registry.directory()
    read_s = time.process_time() - began
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    gc.collect()
    own = memory(os.getpid()).own
    assigned = directory.rows("assignment")
    chosen = np.random.default_rng(1).integers(0, len(assigned), ASKED)
    sensor = directory.hung_at(NOW_S)[1][chosen]
    when, spent = np.full(ASKED, NOW_S), []
    for _ in range(ASKED_TURNS):
        began = time.process_time()
        directory.assign_with_node(sensor, when)
        directory.calibration(sensor, when)
        spent.append(time.process_time() - began)
    directory.placements(NOW_S)
    _ = directory.intervals
    directory.let_go()
    gc.collect()
    judged = memory(os.getpid()).own
    began = time.process_time()
    registry.put({"room": [{"id": "bench", "home": directory.homes[0], "use": "other"}]})
    registry.directory()
    edit_s = time.process_time() - began
    own_edit_s = _own_edit(registry, path)
    registry.close()
    return Held(
        read_s,
        plain_s,
        own - before,
        max(0, peak - before),
        judged - before,
        1e9 * min(spent) / ASKED,
        edit_s,
        own_edit_s,
    )


def _own_edit(registry: Registry, path: Path) -> float:
    rows = registry.directory().rows
    district, sensor = rows("district")[0]["id"], rows("calibration")[0]["sensor"]
    places, other = OwnPlaces(registry, district), Registry(f"sqlite:///{path}")
    places.directory()
    calibrated = {"offset_kelvin": 0.5, "uncertainty_kelvin": 0.1, "certificate": "again"}
    other.put({"calibration": [{"sensor": sensor, "from_s": NOW_S, **calibrated}]})
    other.close()
    began = time.process_time()
    places.directory()
    return time.process_time() - began


def _plain(path: Path) -> float:
    began = time.process_time()
    with closing(sqlite3.connect(path)) as connection:
        for table in tables.IMPORTED:
            for _ in connection.execute(f"SELECT * FROM {table.name}"):
                pass
    return time.process_time() - began
