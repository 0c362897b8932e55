"""The town of a line: the sample registry, which says what sensors hang at which node."""

from __future__ import annotations

from pathlib import Path

from heatward_collector.config import Config
from heatward_collector.registry import open_registry, spreadsheets
from heatward_node.rom import rom_from_kernel_name

SAMPLE = Path(spreadsheets.__file__).with_name("sample")
DISTRICT = "sample"


def register(config: Config, has_receiver: bool) -> None:
    """Import it into a collector's registry; with a receiver, an officer is told of alerts."""
    registry = open_registry(config)
    spreadsheets.import_folder(registry, SAMPLE)
    if has_receiver:
        person = {"person": "p-officer-1", "rank": 1, "from_day": None, "to_day": None}
        registry.put({"contact": [person | {"channel": "gateway", "language": "zh"}]})
    registry.close()


def sensors_by_node(config: Config) -> dict[str, list[bytes]]:
    """Return the ROM codes (8 bytes each) of the sensors in rooms, by node."""
    sensors: dict[str, list[bytes]] = {}
    registry = open_registry(config)
    for row in registry.rows("assignment"):
        if row["node"] and row["target_kind"] == "room":
            sensors.setdefault(row["node"], []).append(rom_from_kernel_name(row["sensor"]))
    registry.close()
    return sensors
