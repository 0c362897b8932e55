"""A simulated season as files: what a judge reads, and the labels it must not read."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from heatward_collector.core import Seconds
from heatward_collector.registry import Registry
from heatward_collector.registry.spreadsheets import export_folder

from .measuring import Deliveries, Measured, deliver, measure
from .places import content_of, sensors_of
from .season import Season

READINGS, OUTDOOR, LABELS, REGISTRY = "readings.csv", "outdoor.csv", "labels.jsonl", "registry"
OUTDOOR_STEP_S = 3600
SIXTEENTHS = 16
LOWEST_CODE, HIGHEST_CODE = -127 * SIXTEENTHS, 128 * SIXTEENTHS
"""Of what a sensor or its driver says, -127 to 127.94. [1/16 degC]"""
CHUNK = 50_000
"""Readings that are written at once."""


def write_season(
    season: Season, folder: Path, progress: Callable[[int, int], None] | None = None
) -> int:
    """Write readings, outdoor temperatures, registry and labels; return how many readings.

    Readings stand in the order in which they arrived, repeated ones twice. ``progress`` is told how
    many readings were written, of how many.
    """
    folder.mkdir(parents=True, exist_ok=True)
    measured = measure(season)
    deliveries = deliver(season, measured)
    _write_readings(folder / READINGS, season, measured, deliveries, progress)
    _write_outdoor(folder / OUTDOOR, season)
    with (folder / LABELS).open("w", encoding="utf-8") as file:
        for event in season.events:
            label = asdict(event) | {"periods": event.periods(season.time_s)}
            file.write(json.dumps(label) + "\n")
    with tempfile.TemporaryDirectory(prefix="heatward-simulate-") as scratch:
        registry = Registry(f"sqlite:///{scratch}/registry.sqlite")
        registry.put(
            content_of(season.tree, season.step_s, season.declarations, season.shape.limits)
        )
        export_folder(registry, folder / REGISTRY)
        registry.close()
    return len(deliveries.room)


def _write_readings(
    path: Path,
    season: Season,
    measured: Measured,
    deliveries: Deliveries,
    progress: Callable[[int, int], None] | None,
) -> None:
    # Every text is made once: a season has eight million lines of a few thousand texts.
    times = [f"{one}," for one in _texts(season.time_s)]
    names = [f"{one}," for one in sensors_of(season.tree).values()]
    values = [f"{one / SIXTEENTHS:.4f}\n" for one in range(LOWEST_CODE, HIGHEST_CODE + 1)]
    count = len(deliveries.room)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("time,sensor,celsius\n")
        for start in range(0, count, CHUNK):
            room, step = (
                column[start : start + CHUNK] for column in (deliveries.room, deliveries.step)
            )
            code = np.rint(measured.celsius[room, step] * SIXTEENTHS).astype(np.int64) - LOWEST_CODE
            file.write(
                "".join(
                    [
                        times[b] + names[a] + values[c]
                        for a, b, c in zip(room.tolist(), step.tolist(), code.tolist(), strict=True)
                    ]
                )
            )
            if progress:
                progress(len(room), count)


def _write_outdoor(path: Path, season: Season) -> None:
    hourly = slice(None, None, max(1, OUTDOOR_STEP_S // season.step_s))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["time", "celsius"])
        values = season.outdoor[hourly].tolist()
        writer.writerows(
            (text, f"{value:.1f}")
            for text, value in zip(_texts(season.time_s[hourly]), values, strict=True)
        )


def _texts(time_s: Seconds) -> list[str]:
    return [f"{one}Z" for one in np.asarray(time_s).astype("datetime64[s]").astype(str).tolist()]
