"""Nodes and the line itself: who is silent, and how far each stage is behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from heatward_collector.running.health import Health

from ..api.city.newest_readings import Latest
from ..api.city.standing import STALE_AFTER_SECONDS
from .areas import BUILDING
from .lines import Value, line
from .snapshot import Snapshot

WINDOW_S = 48 * 3600
"""A node that the window has not heard was silent for at least so long. [s]"""


@dataclass(slots=True)
class _Node:
    building: str
    sensors: int = 0
    silent: int = 0
    heard_s: int = -1


def node_lines(snapshot: Snapshot, latest: Latest, now_s: int) -> Iterator[str]:
    """Yield one row for every node with a sensor in a room; no temperature is among them."""
    areas = snapshot.areas
    for name, node in sorted(_nodes(snapshot, latest, now_s).items()):
        ago = now_s - node.heard_s if node.heard_s >= 0 else WINDOW_S
        fields: dict[str, Value] = {
            "heard_at": 1000.0 * (now_s - ago),
            "silent": float(ago > STALE_AFTER_SECONDS),
            "sensors": float(node.sensors),
            "sensors_silent": float(node.silent),
            "attention": float(ago) + 60.0 * node.silent,
            **areas.names(BUILDING, node.building),
        }
        tags = {**areas.above(node.building), "node": name}
        yield from line("node_health", tags, fields, now_s)


def pipeline_lines(health: Health, now_s: int, wall_s: float) -> Iterator[str]:
    """Yield every process, its stages, counters and faults, and the disk below them."""
    for process, reported in health.reported.items():
        faults = [fault for fault in health.faults if fault.process == process]
        fields = {"reported_at": 1000.0 * reported, "faults": float(len(faults))}
        yield from line("pipeline", {"process": process}, fields, now_s)
        for counter, value in health.counters.get(process, {}).items():
            tags = {"process": process, "counter": counter}
            yield from line("pipeline_counter", tags, {"value": value}, now_s)
    for stage in health.stages:
        tags = {"process": stage.process, "stage": stage.name}
        yield from line("pipeline_stage", tags, {"lag": stage.lag_seconds}, now_s)
    for fault in health.faults:
        tags = {"process": fault.process, "code": fault.code}
        words = {
            "text": fault.text_zh,
            "text_en": fault.text_en,
            "remedy": fault.remedy_zh,
            "remedy_en": fault.remedy_en,
        }
        yield from line("pipeline_fault", tags, words, now_s)
    total = {
        "faults": float(len(health.faults)),
        "disk_free": float(health.disk_free_bytes),
        "disk_share": health.disk_free_bytes / max(health.disk_total_bytes, 1),
    }
    yield from line("pipeline", {"process": "all"}, total, now_s)


def _nodes(snapshot: Snapshot, latest: Latest, now_s: int) -> dict[str, _Node]:
    directory, found = snapshot.directory, dict[str, _Node]()
    for row in directory.assignments():
        index = directory.point_index.get(row["target"] or "")
        is_now = row["from_s"] <= now_s and (row["to_s"] is None or now_s < row["to_s"])
        if index is None or not row["node"] or not is_now or not snapshot.assigned[index]:
            continue
        node = found.setdefault(str(row["node"]), _Node(directory.points[index].building))
        heard = int(latest.heard_at[index])
        node.sensors += 1
        node.silent += heard < now_s - STALE_AFTER_SECONDS
        node.heard_s = max(node.heard_s, heard)
    return found
