"""From what a volunteer answers on the phone to rows of the registry: a sensor in a room."""

from __future__ import annotations

import re
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
    "height": 4,
    "agreed": 4,
    "registry": 4,
}
"""At which step an answer is given, and asked for again where it cannot be taken."""
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

    A sensor that hung elsewhere, and one that hung in this room, end there now.
    """
    sensor, tables = sensor_of(answers.sensor), directory.tables
    if answers.node not in tables["node"]:
        raise NotInstalled("node")
    if answers.home not in tables["home"]:
        raise NotInstalled("home")
    height = _height(answers.height)
    content = Content()
    room = _room(answers, directory)
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


def _room(answers: Answers, directory: Directory) -> str:
    """Return the room of this use in the home, the next free number where there is none."""
    rooms: dict[str, str] = {
        key: row["use"]
        for key, row in directory.tables["room"].items()
        if row["home"] == answers.home
    }
    same = sorted(key for key, use in rooms.items() if use == answers.use)
    if same:
        return same[0]
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
