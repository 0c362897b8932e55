"""Lines of a log without anything that could name a home, a person or an address.

Nothing is searched for and taken out: only what is known to be harmless is kept. That is the time,
level, process, module and event id of a line, a few numbers by name, and of a traceback the
places in our own code and the kinds of the errors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from heatward_collector.running.stages import STAGES

_TEXT = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:,\d+)?) (?P<level>[A-Z]+) (?P<process>\S+) "
    r"(?P<logger>\S+) (?P<message>.*)"
)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,\d]*(?:\+00:00|Z)?")
_LOGGER = re.compile(r"heatward_(?:collector|node)(?:\.[a-z_]+)*")
_EVENT = re.compile(r"[a-z]+(?:_[a-z]+){1,8}")
_VALUE = re.compile(r"\b(attempt|exit|generation|port|restarts)=(-?\d{1,6})(?=[\s,;]|$)")
"""Numbers that say nothing of a home or a person, by their names in our log lines."""
_PLACE = re.compile(
    r'File "[^"]*?(heatward_(?:collector|node)/[a-z_/]+\.py)", line (\d+), in (\w+)'
)
_KIND = re.compile(r"^([A-Za-z_]+(?:\.[A-Za-z_]+)*(?:Error|Exception|Refused|Held|Away|Refusal))\b")
_LEVELS = frozenset({"debug", "info", "warning", "error", "critical"})
_PROCESSES = frozenset({*(f"heatward-{stage}" for stage in STAGES), "MainProcess"})


@dataclass(slots=True)
class Scrubbed:
    """What is left of some lines, and how many said nothing that may be kept."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    left_out: int = 0


def scrub(lines: Iterable[str], events: frozenset[str]) -> Scrubbed:
    """Keep of each line what is known to be harmless; ``events`` are the ids that our code logs."""
    scrubbed = Scrubbed()
    for line in lines:
        entry = _entry(line)
        kept = None if entry is None else _harmless(entry, events)
        if kept is None:
            scrubbed.left_out += 1
        else:
            scrubbed.lines.append(kept)
    return scrubbed


def _entry(line: str) -> dict[str, Any] | None:
    """Return a line of either form as fields, None where it is neither."""
    if line.startswith("{"):
        try:
            found = json.loads(line)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None
    match = _TEXT.fullmatch(line)
    if match is None:
        return None
    entry: dict[str, Any] = match.groupdict()
    event = re.match(r"event=(\S+)\s*", entry["message"])
    return {**entry, "level": entry["level"].lower(), "event": event[1] if event else None}


def _harmless(entry: dict[str, Any], events: frozenset[str]) -> dict[str, Any] | None:
    time, level = str(entry.get("time")), entry.get("level")
    if not _TIME.fullmatch(time) or level not in _LEVELS:
        return None
    kept: dict[str, Any] = {"time": time, "level": level}
    if entry.get("process") in _PROCESSES:
        kept["process"] = entry["process"]
    if _LOGGER.fullmatch(str(entry.get("logger"))):
        kept["logger"] = entry["logger"]
    event = str(entry.get("event"))
    if event in events and _EVENT.fullmatch(event):
        kept["event"] = event
    if values := dict(_VALUE.findall(str(entry.get("message")))):
        kept["values"] = values
    if trace := entry.get("traceback"):
        kept["traceback"] = _places(str(trace))
    return kept


def _places(trace: str) -> list[str]:
    """Return the places in our code and the kinds of the errors, without their words."""
    found = []
    for line in trace.splitlines():
        if place := _PLACE.search(line):
            found.append(f"{place[1]}:{place[2]} {place[3]}")
        elif kind := _KIND.match(line):
            found.append(kind[1].rpartition(".")[2])
    return found
