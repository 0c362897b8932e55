"""From what a volunteer answers on the phone to rows of the registry: a sensor in a room."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from heatward_node.errors import RecordError
from heatward_node.rom import kernel_name, rom_from_kernel_name, rom_from_urn

from ...locale import message
from ...registry import Directory
from ...registry.spreadsheets import Content

LOWEST_M, HIGHEST_M = 1.0, 1.8
"""Where a sensor hangs as an official thermometer would: 1.4 m, the spot-check protocol of Harbin,
2019; other cities take 1.0 to 1.5 m. [m]"""
REFERENCE_KELVIN = 1.0
"""A DS18B20 is within 0.5 K and a household thermometer seldom better. [K]"""
GOOD_PLACE = {
    "no_sun": message("no sun reaches it"),
    "no_heat": message("no radiator, lamp, stove or refrigerator within 1 m"),
    "inside": message("1.5 m from the outer wall and the window, or half way into the room"),
    "free": message("not behind a curtain or cupboard"),
}
"""What must be so where a sensor hangs; otherwise the room is measured, and never judged."""


STEP_OF = {
    "node": 1,
    "sensor": 2,
    "home": 3,
    "use": 3,
    "room": 4,
    "height": 4,
    "agreed": 4,
    "registry": 4,
}
"""At which step an answer is given, and asked for again where it cannot be taken."""
ANOTHER_ROOM = "another"
"""Says that a sensor hangs in none of the rooms that are known."""
LAST_STEP = 5
"""The one at which the sensor is seen, and held against a thermometer."""


class NotInstalled(Exception):
    """What was answered cannot be taken over; says which answer, for the page to put into words."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the form sent."""

    sensor: str
    node: str
    home: str
    use: str
    height: str
    good: frozenset[str]
    room: str = ""
    """Which of several rooms of this use it is, where that had to be asked."""


@dataclass(frozen=True, slots=True)
class Alike:
    """A room of the home and use that were answered."""

    room: str
    number: int
    sensor: str
    """What hangs there; empty where nothing does."""


def sensor_of(typed: str) -> str:
    """Return the kernel's name of a sensor that was typed or scanned. Raises NotInstalled."""
    tidy = re.sub(r"[\s:]", "", typed.lower().removeprefix("urn:dev:ow:"))
    try:
        if re.fullmatch(r"[0-9a-f]{16}", tidy):
            return kernel_name(rom_from_urn(f"urn:dev:ow:{tidy}"))
        if re.fullmatch(r"[0-9a-f]{14}", tidy):
            tidy = f"{tidy[:2]}-{tidy[2:]}"
        return kernel_name(rom_from_kernel_name(tidy))
    except RecordError as error:
        raise NotInstalled("sensor") from error


def rows_of(answers: Answers, directory: Directory, now_s: int) -> tuple[str, Content]:
    """Return the id of the room and the rows to put. Raises NotInstalled with the wrong answer.

    A sensor that hung elsewhere ends there now, and so does one that hung in this room: which of
    several bedrooms is meant is asked, lest a second one end what is measured in the first.
    """
    sensor, tables = sensor_of(answers.sensor), directory.tables
    if answers.node not in tables["node"]:
        raise NotInstalled("node")
    if answers.home not in tables["home"]:
        raise NotInstalled("home")
    height = _height(answers.height)
    content = Content()
    room = _room(answers, sensor, directory, now_s)
    if room not in tables["room"]:
        content["room"] = [{"id": room, "home": answers.home, "use": answers.use}]
    content["assignment"] = [
        {**row, "to_s": now_s}
        for row in directory.assignments()
        if (row["sensor"] == sensor or row["target"] == room)
        and row["from_s"] < now_s
        and (row["to_s"] is None or row["to_s"] > now_s)
    ]
    content["assignment"].append(
        {
            "sensor": sensor,
            "from_s": now_s,
            "to_s": None,
            "node": answers.node,
            "target_kind": "room",
            "target": room,
        }
    )
    content["placement"] = [_placement(room, height, answers.good, now_s)]
    return room, content


def rooms_alike(directory: Directory, home: str, use: str, now_s: int) -> list[Alike]:
    """Return the rooms of this use in a home, and what hangs in each of them now."""
    hung = {
        row["target"]: str(row["sensor"])
        for row in directory.assignments()
        if row["from_s"] <= now_s and (row["to_s"] is None or row["to_s"] > now_s)
    }
    rows = directory.tables["room"].items()
    keys = sorted(key for key, row in rows if (row["home"], row["use"]) == (home, use))
    return [Alike(key, number, hung.get(key, "")) for number, key in enumerate(keys, start=1)]


def is_unclear(rooms: Sequence[Alike], sensor: str) -> bool:
    """Say whether it must be asked which room is meant: another sensor hangs in one of them."""
    return any(one.sensor not in ("", sensor) for one in rooms)


def _room(answers: Answers, sensor: str, directory: Directory, now_s: int) -> str:
    """Return the room that is meant, or the next free number for one that is new."""
    rooms = rooms_alike(directory, answers.home, answers.use, now_s)
    known = [one.room for one in sorted(rooms, key=lambda one: one.sensor != sensor)]
    if is_unclear(rooms, sensor):
        if answers.room not in (ANOTHER_ROOM, *known):
            raise NotInstalled("room")
        known = [room for room in known if room == answers.room]
    if known:
        return known[0]
    number = 1
    while f"{answers.home}-r{number}" in directory.tables["room"]:
        number += 1
    return f"{answers.home}-r{number}"


def _placement(room: str, height: float, good: frozenset[str], now_s: int) -> dict[str, Any]:
    is_good = good >= GOOD_PLACE.keys() and LOWEST_M <= height <= HIGHEST_M
    return {
        "room": room,
        "from_s": now_s,
        "height_m": height,
        "to_outer_wall_m": None,
        "to_heater_m": None,
        "documented": True,
        "suitable": is_good,
        "note": None,
    }


def _height(typed: str) -> float:
    try:
        height = float(typed.replace(",", ".").strip())
    except ValueError as error:
        raise NotInstalled("height") from error
    if not 0 < height <= 5:
        raise NotInstalled("height")
    return height
