"""Places for a recording: every recorded sensor a home of its own, by opaque ids."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from heatward_collector.replay.fleet import NodePlan, Track
from heatward_collector.replay.recordings import RecordedSeries
from heatward_node.publisher import Identity
from heatward_node.rom import crc8, kernel_name

DISTRICT = "recording"
LONGEST_INTERVAL_S = 86_400


def rom_for(name: str) -> bytes:
    """Return a ROM code of the genuine pattern that always belongs to the same name."""
    digest = hashlib.sha256(name.encode()).digest()
    rom = b"\x28" + digest[:4] + b"\0\0"
    return rom + bytes([crc8(rom)])


def content_for(recording: Sequence[RecordedSeries]) -> dict[str, list[dict[str, Any]]]:
    """Return registry rows for a recording, ready for :meth:`Registry.put`."""
    name = {"name_zh": "录制数据", "name_en": "Recording"}
    buildings = sorted({series.building for series in recording})
    content: dict[str, list[dict[str, Any]]] = {
        "district": [{"id": DISTRICT, **name}],
        "street": [{"id": "st-recording", **name, "district": DISTRICT}],
        "estate": [{"id": "es-recording", **name, "street": "st-recording"}],
        "building": [
            {
                "id": _id("b", one),
                "name_zh": f"{one} 号楼",
                "name_en": one,
                "estate": "es-recording",
            }
            for one in buildings
        ],
        "stairwell": [
            {"id": _id("u", one), "name_zh": "1单元", "name_en": "1", "building": _id("b", one)}
            for one in buildings
        ],
        "supplier": [{"id": "su-recording", **name}],
        "source": [{"id": "so-recording", **name, "supplier": "su-recording"}],
        "substation": [{"id": "ss-recording", **name, "source": "so-recording"}],
        "zone": [
            {"id": "z-recording", **name, "substation": "ss-recording", "emitter": "radiator"}
        ],
    }
    for table in ("home", "room", "node", "assignment"):
        content[table] = [_row(table, series) for series in recording]
    return content


def plans_for(recording: Sequence[RecordedSeries]) -> list[NodePlan]:
    """Return one node a recorded sensor."""
    return [
        NodePlan(
            Identity(DISTRICT, _id("n", series.sensor)),
            [Track(rom_for(series.sensor), series.time_s, series.raw)],
        )
        for series in recording
    ]


def _row(table: str, series: RecordedSeries) -> dict[str, Any]:
    home, room = _id("h", series.sensor), _id("r", series.sensor)
    if table == "home":
        where = {"stairwell": _id("u", series.building), "zone": "z-recording"}
        return {"id": home, **where, "floor": 1, "position": "middle", "metered": False}
    if table == "room":
        return {"id": room, "home": home, "use": "living_room"}
    if table == "node":
        interval = min(series.interval_s(), LONGEST_INTERVAL_S)
        return {
            "id": _id("n", series.sensor),
            "district": DISTRICT,
            "interval_seconds": interval,
        }
    return {
        "sensor": kernel_name(rom_for(series.sensor)),
        "from_s": 0,
        "to_s": None,
        "node": _id("n", series.sensor),
        "target_kind": "room",
        "target": room,
    }


def _id(prefix: str, name: str) -> str:
    """Return an id that registry and topics allow, readable where the name is."""
    word = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:20]
    if not word or word != name.lower():
        word = f"{word}-{hashlib.sha256(name.encode()).hexdigest()[:8]}".strip("-")
    return f"{prefix}-{word}"
