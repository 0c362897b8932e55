"""The registry of a city in frost: the weather is known, for the watch asks for it."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from heatward_collector.bench.city import BUILDINGS_A_DISTRICT, registry_rows
from heatward_collector.bench.ingest import configured
from heatward_collector.config import Config
from heatward_collector.outdoor.temperatures import OutdoorStore, OutdoorValue
from heatward_collector.registry import open_registry

FROST_C, HOUR_S = -20.0, 3600
WEATHER_HOURS = 48
"""Outdoor temperatures are known for so long before and behind the beginning."""
_SPAWN = multiprocessing.get_context("spawn")


def registered(folder: Path, port: int, url: str, buildings: int, rooms_a_node: int) -> Config:
    """Write the registry in a process of its own: its memory is no part of the measurement.

    Returns the configuration of a collector whose state lies in ``folder``.
    """
    with ProcessPoolExecutor(1, _SPAWN) as pool:
        return pool.submit(_register, folder, port, url, buildings, rooms_a_node).result()


def _register(folder: Path, port: int, url: str, buildings: int, rooms_a_node: int) -> Config:
    config = configured(folder, port, url)
    registry = open_registry(config)
    outdoor = OutdoorStore(registry)
    hour = int(time.time()) // HOUR_S
    hours = [HOUR_S * (hour + one) for one in range(-WEATHER_HOURS, WEATHER_HOURS)]
    weather = [OutdoorValue(one, FROST_C, "bench") for one in hours]
    for first in range(0, buildings, BUILDINGS_A_DISTRICT):
        last = min(first + BUILDINGS_A_DISTRICT, buildings)
        content = registry_rows(last, first, rooms_a_node)
        registry.put(content)
        for district in content["district"]:
            outdoor.put(district["id"], weather)
    registry.close()
    return config
