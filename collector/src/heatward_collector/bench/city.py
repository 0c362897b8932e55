"""A city on disk for measuring pages: registry, verdicts, window, findings and time series.

It is written straight into the stores, in the shape that the line gives them; how fast the line
itself fills them is measured elsewhere.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from heatward_collector.conclusions.findings import FindingStore, Watched
from heatward_collector.conclusions.verdicts import VerdictStore
from heatward_collector.config import Config
from heatward_collector.core import Raw
from heatward_collector.core.grid import SLOT_S
from heatward_collector.core.standard import Standard
from heatward_collector.core.suppression import Certainty, Exclusion, Finding, Kind, Level
from heatward_collector.evaluation.window import SLOTS, Window
from heatward_collector.readings.projection import Fate, Projected
from heatward_collector.registry import Directory, open_registry
from heatward_collector.replay.places import rom_for
from heatward_collector.rules import load_standard
from heatward_collector.timeseries import open_timeseries
from heatward_collector.timeseries.points import to_points
from heatward_node.rom import kernel_name

BUILDINGS_AN_ESTATE, ESTATES_A_STREET, STREETS_A_DISTRICT = 20, 10, 10
BUILDINGS_A_STREET = BUILDINGS_AN_ESTATE * ESTATES_A_STREET
BUILDINGS_A_DISTRICT = BUILDINGS_A_STREET * STREETS_A_DISTRICT
HOMES_A_BUILDING, ROOMS_A_HOME = 5, 2
ROOMS_A_BUILDING = HOMES_A_BUILDING * ROOMS_A_HOME
INTERVAL_S = 300
"""How often a room is measured. [s]"""
VERDICT_DAYS = 60
"""As far back as today's list looks for the first cold day. [d]"""
ROOM_VERDICT_DAYS = 3
"""Rooms have verdicts of the days that pages ask for. [d]"""
ONE_FINDING_IN = 100
"""Buildings of which one has a finding that lasts."""
ONE_SILENT_IN = 100
"""Rooms of which one has not been heard for two days."""
WORDS = ("met", "below", "marginal_minus", "marginal_plus", "not_judgeable")
SHARES = (0.78, 0.10, 0.04, 0.05, 0.03)
"""How often a building's day ends with which verdict."""


@dataclass(frozen=True, slots=True)
class City:
    """What was written."""

    buildings: tuple[str, ...]
    charted: tuple[str, ...]
    """Buildings of which the time series holds two days of readings."""
    nodes: tuple[tuple[str, str, str], ...]
    """District, node and first sensor of every home."""
    streets: tuple[str, ...]
    districts: tuple[str, ...]


def write_city(config: Config, buildings: int, charted: int, now_s: float, seed: int) -> City:
    """Write a city of ``buildings`` with ten rooms each; ``charted`` of them get a curve."""
    content = registry_rows(buildings)
    registry = open_registry(config)
    registry.put(content)
    directory = registry.directory()
    registry.close()
    standard = load_standard(config.rules.city, config.rules.file)
    random = np.random.default_rng(seed)
    _write_verdicts(config.state.verdicts, standard, directory, now_s, random)
    _write_window(config.state.window, directory, now_s, random)
    _write_findings(config.state.findings, directory, int(now_s))
    names = tuple(directory.buildings)
    shown = names[:: max(buildings // charted, 1)][:charted]
    _write_series(config, directory, shown, now_s)
    nodes = [
        (str(row["district"]), str(row["id"]), _sensor(f"{row['id'][1:]}-r1"))
        for row in content["node"]
    ]
    streets, districts = (tuple(directory.tables[name]) for name in ("street", "district"))
    return City(names, shown, tuple(nodes), streets, districts)


def registry_rows(
    buildings: int, first: int = 0, rooms_a_home: int = ROOMS_A_HOME
) -> dict[str, list[dict[str, Any]]]:
    """Return the registry of a city: streets of 200 buildings, each with a source of its own.

    Every home has one node, which measures all of its rooms. A part of the city begins with the
    ``first`` building of a district, of which there are 2,000 in each.
    """
    tables = "district street estate building stairwell supplier source substation zone"
    names = [*tables.split(), "home", "room", "node", "assignment", "person"]
    content: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for number in range(first, buildings):
        estate, is_first = divmod(number, BUILDINGS_AN_ESTATE)
        street, is_first_estate = divmod(estate, ESTATES_A_STREET)
        if not is_first and not is_first_estate:
            _add_street(content, street)
        if not is_first:
            where = {"street": f"st{street:03d}"}
            content["estate"].append(_named(f"es{estate:04d}", f"小区{estate}", **where))
        _add_building(content, number, f"es{estate:04d}", f"zo{street:03d}", rooms_a_home)
    return content


def node_of(home: int, rooms_a_home: int = ROOMS_A_HOME) -> tuple[str, str, list[str]]:
    """Return district, node and rooms of a home by its number, as :func:`registry_rows` has it.

    The name of a room is what its sensor's ROM code comes from.
    """
    district, name = home // HOMES_A_BUILDING // BUILDINGS_A_DISTRICT, _home(home)
    return f"d{district}", _node(name), _rooms(name, rooms_a_home)


def _add_street(content: dict[str, list[dict[str, Any]]], street: int) -> None:
    district, is_first = divmod(street, STREETS_A_DISTRICT)
    if not is_first:
        content["district"].append(_named(f"d{district}", f"第{district}区"))
        content["supplier"].append(_named(f"su{district}", f"供热公司{district}"))
    content["street"].append(_named(f"st{street:03d}", f"街道{street}", district=f"d{district}"))
    supplier, source, substation = f"su{district}", f"so{street:03d}", f"ss{street:03d}"
    content["source"].append(_named(source, f"热源{street}", supplier=supplier))
    content["substation"].append(_named(substation, f"换热站{street}", source=source))
    zone = {"substation": substation, "emitter": "radiator"}
    content["zone"].append(_named(f"zo{street:03d}", f"分区{street}", **zone))
    officer = {"role": "responsible_officer", "subject": source, "phone": "0451-0000000"}
    content["person"].append({"id": f"p{street:03d}", "name": f"第{street}位", **officer})


def _add_building(
    content: dict[str, list[dict[str, Any]]],
    number: int,
    estate: str,
    zone: str,
    rooms_a_home: int,
) -> None:
    building, along, across = f"b{number:05d}", number % 100, number // 100
    place = {"latitude": 45.7 + 0.001 * across, "longitude": 126.5 + 0.0015 * along}
    content["building"].append(_named(building, f"{number}号楼", estate=estate, floors=7, **place))
    content["stairwell"].append(_named(f"w{number:05d}", "1单元", building=building))
    district = content["district"][-1]["id"]
    for one in range(HOMES_A_BUILDING):
        home = _home(number * HOMES_A_BUILDING + one)
        node = _node(home)
        flat = {"floor": one + 1, "position": "middle", "metered": False}
        content["home"].append({"id": home, "stairwell": f"w{number:05d}", "zone": zone, **flat})
        row = {"id": node, "district": district, "interval_seconds": INTERVAL_S}
        content["node"].append(row)
        for at, room in enumerate(_rooms(home, rooms_a_home)):
            use = ("bedroom", "living_room")[at % 2]
            content["room"].append({"id": room, "home": home, "use": use})
            hung = {"from_s": 0, "to_s": None, "node": node, "target_kind": "room", "target": room}
            content["assignment"].append({"sensor": _sensor(room), **hung})


def _named(key: str, name: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "name_zh": name, "name_en": key, **more}


def _home(number: int) -> str:
    return f"h{number:06d}"


def _node(home: str) -> str:
    return f"n{home}"


def _rooms(home: str, count: int) -> list[str]:
    return [f"{home}-r{number + 1}" for number in range(count)]


def _sensor(room: str) -> str:
    return kernel_name(rom_for(room))


def _write_verdicts(
    path: Path,
    standard: Standard,
    directory: Directory,
    now_s: float,
    random: np.random.Generator,
) -> None:
    """Write verdicts of every building and room, past days and today so far."""
    VerdictStore(path).close()
    rule = standard.rules[-1].version
    today = datetime.fromtimestamp(now_s, ZoneInfo(standard.timezone)).date()
    rooms, buildings = tuple(directory.points.ids), tuple(directory.buildings)
    with sqlite3.connect(path) as connection:
        for back in range(VERDICT_DAYS, -1, -1):
            day = today - timedelta(days=back)
            kinds = [("building", buildings)]
            if back < ROOM_VERDICT_DAYS:
                kinds.append(("room", rooms))
            for level, places in kinds:
                rows = _verdict_rows(level, places, random)
                connection.executemany(
                    "INSERT INTO verdict VALUES (?, ?, ?, 1, ?, ?, ?, ?, 1, ?)",
                    (
                        (level, place, day.isoformat(), word, back == 0, rule, int(now_s), facts)
                        for place, word, facts in rows
                    ),
                )
    connection.close()


def _verdict_rows(
    level: str, places: Sequence[str], random: np.random.Generator
) -> Iterator[tuple[str, str, str]]:
    words = random.choice(len(WORDS), len(places), p=SHARES)
    celsius = random.normal(20.5, 1.0, len(places)).round(2)
    for place, word, mean in zip(places, words.tolist(), celsius.tolist(), strict=True):
        facts = _room_facts(mean) if level == "room" else _building_facts(mean, word)
        yield place, WORDS[word], msgspec.json.encode(facts).decode()


def _building_facts(mean: float, word: int) -> dict[str, Any]:
    below = HOMES_A_BUILDING - 1 if word == 1 else 0
    counts = {"homes": HOMES_A_BUILDING, "homes_judged": HOMES_A_BUILDING, "homes_below": below}
    return {**counts, "homes_met": HOMES_A_BUILDING - below, "median": mean, "coverage": 0.98}


def _room_facts(mean: float) -> dict[str, Any]:
    return {
        "coverage": 0.98, "mean": mean, "minimum": mean - 0.5, "hours_below": 1.0,
        "hours_possibly_below": 2.0, "degree_hours": 0.2, "guard": 0.5, "calibrated": True,
        "offset": 0.1, "calibration_u": 0.1, "placement_u": 0.2,
        "refund_hours": {"20.0": [1.0, 2.0], "16.0": [0.0, 0.0]},
    }  # fmt: skip


def _write_window(
    folder: Path, directory: Directory, now_s: float, random: np.random.Generator
) -> None:
    """Write 48 hours of five minutes, the newest slot of every room within the last five."""
    window = Window(folder, directory.points.ids)
    window.advance(now_s)
    warmth = random.normal(20.5 * 16, 16.0, len(directory.points))
    every = np.arange(len(directory.points), dtype=np.int32)
    point = every[every % ONE_SILENT_IN > 0]
    last = int(now_s) // SLOT_S * SLOT_S
    for back in range(SLOTS - 1):
        raw = (warmth[point] + random.normal(0, 2, len(point))).astype(np.int16)
        window.put(_projected(np.full(len(point), last - back * SLOT_S), point, raw))
    window.save("bench", 1)


def _projected(time_s: Any, point: Any, raw: Raw) -> Projected:
    sensor = np.zeros(len(point), np.uint64)
    fate = np.full(len(point), Fate.JUDGED, np.uint8)
    return Projected(time_s.astype(np.int64), point, sensor, raw, raw / 16, fate)


def _write_findings(path: Path, directory: Directory, now_s: int) -> None:
    store = FindingStore(path)
    found = [_finding(building, now_s) for building in directory.buildings[::ONE_FINDING_IN]]
    store.record(found, (0, now_s), now_s, 1)
    homes = len(directory.homes)
    store.note(Watched(now_s, now_s - 900, homes, homes, 1.0))
    store.close()


def _finding(building: str, now_s: int) -> Finding:
    first = int(building[1:]) * HOMES_A_BUILDING
    return Finding(
        kind=Kind.OUTAGE,
        level=Level.BUILDING,
        place=building,
        start_s=now_s - 3 * 3600,
        end_s=None,
        detected_s=now_s - 2 * 3600,
        certainty=Certainty.MEDIUM,
        buildings=(building,),
        affected=tuple(_home(first + one) for one in range(HOMES_A_BUILDING)),
        homes_judged=HOMES_A_BUILDING,
        homes_silent=0,
        rule="homes_fall_together",
        excluded=(Exclusion("airing", True, {"falling_homes": HOMES_A_BUILDING}),),
        evidence={"drop_kelvin": 1.75},
    )


def _write_series(
    config: Config, directory: Directory, buildings: Sequence[str], now_s: float
) -> None:
    """Write two days of every room of some buildings into the time series."""
    store, chosen = open_timeseries(config), frozenset(buildings)
    points = [point for point in directory.points if point.building in chosen]
    step = np.arange(2 * 86_400 // INTERVAL_S)
    for point in points:
        time_s = int(now_s) - (len(step) - step) * INTERVAL_S
        raw = (328 + 12 * np.sin(step / 46)).astype(np.int16)
        sensor = int.from_bytes(rom_for(point.id), "little")
        one = _projected(time_s, np.full(len(step), point.index, np.int32), raw)
        number = np.full(len(step), sensor, np.uint64)
        store.write(
            to_points(
                Projected(one.time_s, one.point, number, one.raw, one.celsius, one.fate), directory
            )
        )
