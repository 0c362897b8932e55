"""A street in real stores: registry, window, time series and verdicts on disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from heatward_collector.conclusions.verdicts import DayVerdict, VerdictStore
from heatward_collector.config import Config, parse
from heatward_collector.evaluation.window import Window
from heatward_collector.readings.projection import Projected
from heatward_collector.registry import Registry, open_registry
from heatward_collector.timeseries import EmbeddedStore
from heatward_collector.timeseries.points import to_points
from heatward_node.rom import kernel_name, rom_from_kernel_name

HOMES = {"b-large": 6, "b-small": 2}
RULE = "harbin-2021-10-29"


def sensor_of(number: int) -> str:
    return kernel_name(rom_from_kernel_name(f"28-{number:012x}"))


def rooms() -> list[tuple[str, str, str, str]]:
    """Return (room, home, building, use): a bedroom and a kitchen in every home."""
    return [
        (f"{building}-{home}-{use}", f"{building}-{home}", building, use)
        for building, homes in HOMES.items()
        for home in range(homes)
        for use in ("bedroom", "kitchen")
    ]


def registry_rows() -> dict[str, list[dict[str, Any]]]:
    def named(key: str, **more: object) -> dict[str, Any]:
        return {"id": key, "name_zh": f"{key}-zh", "name_en": f"{key}-en", **more}

    homes = sorted({(home, building) for _, home, building, _ in rooms()})
    return {
        "district": [named("d")],
        "street": [named("s", district="d")],
        "estate": [named("e", street="s")],
        "building": [named(building, estate="e") for building in HOMES],
        "stairwell": [named(f"{building}-u", building=building) for building in HOMES],
        "supplier": [named("x")],
        "source": [named("q", supplier="x")],
        "substation": [named("t", source="q")],
        "zone": [named("z", substation="t", emitter="radiator")],
        "home": [
            {
                "id": home,
                "stairwell": f"{building}-u",
                "zone": "z",
                "floor": 3,
                "position": "middle",
                "usable_area_m2": 60.0,
                "metered": False,
            }
            for home, building in homes
        ],
        "room": [{"id": room, "home": home, "use": use} for room, home, _, use in rooms()],
        "outdoor": [named("o", district="d", shaded=True)],
        "node": [{"id": "n", "district": "d", "interval_seconds": 300}],
        "assignment": [
            {
                "sensor": sensor_of(number),
                "from_s": 0,
                "to_s": None,
                "node": "n",
                "target_kind": kind,
                "target": target,
            }
            for number, (kind, target) in enumerate(
                [("room", room) for room, *_ in rooms()] + [("outdoor", "o")], start=1
            )
        ],
        "calibration": [
            {
                "sensor": sensor_of(1),
                "from_s": 0,
                "offset_kelvin": -0.5,
                "uncertainty_kelvin": 0.1,
                "certificate": "c",
            }
        ],
    }


class MeasuredStreet:
    """Fills the stores of a state folder as the processes of the line would."""

    def __init__(self, folder: Path, now_s: float, text: str = "") -> None:
        self.config: Config = parse(f'[state]\ndirectory = "{folder}"\n{text}')
        self.now_s = now_s
        self.registry: Registry = open_registry(self.config)
        self.registry.put(registry_rows())
        self.directory = self.registry.directory()
        self.points = [point.id for point in self.directory.points]
        self.verdicts = VerdictStore(self.config.state.verdicts)
        self.series = EmbeddedStore(self.config.state.directory / "series.sqlite")

    def measure(self, celsius: Mapping[str, float], times_s: Iterable[float]) -> None:
        """Let points measure at some times, and view and evaluate see it."""
        when = np.array([int(time_s) for time_s in times_s], np.int64)
        index = np.array([self.directory.point_index[room] for room in celsius], np.int32)
        sensors = self.directory.sensors_at(int(self.now_s))
        time_s, point = np.repeat(when, len(index)), np.tile(index, len(when))
        sensor = np.array([sensors[one] for one in point.tolist()], np.uint64)
        raw = np.tile([round(value * 16) for value in celsius.values()], len(when)).astype(np.int16)
        offset, _ = self.directory.calibration(sensor, time_s)
        fate = np.zeros(len(raw), np.uint8)
        projected = Projected(time_s, point, sensor, raw, raw / 16 + offset, fate)
        self.series.write(to_points(projected, self.directory))
        window = Window(self.config.state.window, self.points)
        window.advance(self.now_s)
        window.put(projected)
        window.save("incarnation", 1)

    def judge(
        self,
        level: str,
        place: str,
        day: date,
        verdict: str,
        provisional: bool = False,
        **facts: Any,
    ) -> None:
        """Record a verdict as evaluate does."""
        row = DayVerdict(level, place, day, verdict, RULE, facts, provisional)
        self.verdicts.record([row], int(self.now_s), 1)
