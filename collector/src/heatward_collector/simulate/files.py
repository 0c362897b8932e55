"""A simulated season as files: what a judge reads, and the labels it must not read."""

from __future__ import annotations

import csv
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Seconds
from heatward_collector.registry import Registry
from heatward_collector.registry.spreadsheets import export_folder
from heatward_collector.simulate.places import content_of, sensors_of
from heatward_collector.simulate.season import Season
from heatward_collector.simulate.sensors import measured

READINGS, OUTDOOR, LABELS, REGISTRY = "readings.csv", "outdoor.csv", "labels.jsonl", "registry"
OUTDOOR_STEP_S = 3600
SENSOR_STREAM = 5
"""Keeps the sensors' random numbers apart from those of the season."""


def write_season(season: Season, folder: Path) -> int:
    """Write readings, outdoor temperatures, registry and labels; return how many readings."""
    folder.mkdir(parents=True, exist_ok=True)
    step = int(season.time_s[1] - season.time_s[0])
    said = measured(
        season.rooms, season.time_s, np.random.default_rng([season.seed, SENSOR_STREAM])
    )
    names = list(sensors_of(season.tree).values())
    count = _write_readings(folder / READINGS, season.time_s, names, said)
    hourly = slice(None, None, max(1, OUTDOOR_STEP_S // step))
    with (folder / OUTDOOR).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["time", "celsius"])
        values = season.outdoor[hourly].tolist()
        writer.writerows(
            (text, f"{value:.1f}")
            for text, value in zip(_texts(season.time_s[hourly]), values, strict=True)
        )
    with (folder / LABELS).open("w", encoding="utf-8") as file:
        for event in season.events:
            label = asdict(event) | {"periods": event.periods(season.time_s)}
            file.write(json.dumps(label) + "\n")
    with tempfile.TemporaryDirectory(prefix="heatward-simulate-") as scratch:
        registry = Registry(f"sqlite:///{scratch}/registry.sqlite")
        registry.put(content_of(season.tree, step))
        export_folder(registry, folder / REGISTRY)
        registry.close()
    return count


def _write_readings(
    path: Path, time_s: Seconds, names: list[str], said: npt.NDArray[np.float32]
) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["time", "sensor", "celsius"])
        for text, column in zip(_texts(time_s), said.T.tolist(), strict=True):
            rows = [
                (text, name, f"{value:.4f}")
                for name, value in zip(names, column, strict=True)
                if value == value  # noqa: PLR0124 - NaN is the reading that never came
            ]
            writer.writerows(rows)
            count += len(rows)
    return count


def _texts(time_s: Seconds) -> list[str]:
    return [f"{one}Z" for one in time_s.astype("datetime64[s]").astype(str).tolist()]
