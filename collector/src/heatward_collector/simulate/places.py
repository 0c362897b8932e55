"""Between the registry and simulated places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from heatward_collector.core.suppression.network import Level
from heatward_collector.registry.directory import Directory
from heatward_collector.simulate.tree import HomePlan, Tree
from heatward_node.rom import crc8, kernel_name

DISTRICT = "simulated"
FAMILY = 0x28
NEVER_BEFORE_S = 0


def tree_of(directory: Directory) -> Tree:
    """Return the registered homes that have a room, to simulate a district as it is."""
    tables = directory.tables
    floor = {zone for zone, row in tables["zone"].items() if row["emitter"] == "floor"}
    rooms: dict[str, list[str]] = {}
    where: dict[str, tuple[str, str, str]] = {}
    for point in directory.points:
        if not point.is_outdoor:
            rooms.setdefault(point.home, []).append(point.id)
            where[point.home] = (point.stairwell, point.building, point.zone)
    return Tree(
        homes=tuple(
            HomePlan(
                *(home, tuple(ids), *where[home]),
                has_floor_heating=where[home][2] in floor,
                floor=tables["home"][home]["floor"],
                position=tables["home"][home]["position"],
                metered=tables["home"][home]["metered"],
            )
            for home, ids in rooms.items()
        ),
        zone_substation={key: row["substation"] for key, row in tables["zone"].items()},
        substation_source={key: row["source"] for key, row in tables["substation"].items()},
        source_supplier={key: row["supplier"] for key, row in tables["source"].items()},
    )


def sensors_of(tree: Tree) -> dict[str, str]:
    """Return the sensor of each room, by its kernel name."""
    return {room: _sensor(number) for number, room in enumerate(tree.rooms, start=1)}


def content_of(tree: Tree, interval_s: int) -> dict[str, list[dict[str, Any]]]:
    """Return registry rows for a simulated district, one node a home."""
    content: dict[str, list[dict[str, Any]]] = {
        "district": _named([DISTRICT]),
        "street": _named(["st1"], "district", {"st1": DISTRICT}),
        "estate": _named(["es1"], "street", {"es1": "st1"}),
        "building": _named(
            tree.places(Level.BUILDING), "estate", dict.fromkeys(tree.places(Level.BUILDING), "es1")
        ),
        "stairwell": _stairwells(tree),
        "supplier": _named(sorted(set(tree.source_supplier.values()))),
        "source": _named(sorted(tree.source_supplier), "supplier", tree.source_supplier),
        "substation": _named(sorted(tree.substation_source), "source", tree.substation_source),
        "zone": _zones(tree),
    }
    content["home"], content["room"], content["node"], content["assignment"] = [], [], [], []
    sensors = sensors_of(tree)
    for home in tree.homes:
        node = f"n-{home.id}"
        content["node"].append({"id": node, "district": DISTRICT, "interval_seconds": interval_s})
        content["home"].append(
            {"id": home.id, "stairwell": home.stairwell, "zone": home.zone}
            | {"floor": home.floor, "position": home.position, "metered": home.metered}
        )
        for room in home.rooms:
            content["room"].append({"id": room, "home": home.id, "use": "living_room"})
            content["assignment"].append(
                {"sensor": sensors[room], "from_s": NEVER_BEFORE_S, "to_s": None, "node": node}
                | {"target_kind": "room", "target": room}
            )
    return content


def _named(
    ids: Sequence[str], above: str = "", parents: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    return [
        {"id": one, "name_zh": one, "name_en": one} | ({above: parents[one]} if parents else {})
        for one in ids
    ]


def _stairwells(tree: Tree) -> list[dict[str, Any]]:
    building = {home.stairwell: home.building for home in tree.homes}
    return _named(sorted(building), "building", building)


def _zones(tree: Tree) -> list[dict[str, Any]]:
    floor = {home.zone for home in tree.homes if home.has_floor_heating}
    rows = _named(sorted(tree.zone_substation), "substation", tree.zone_substation)
    return [row | {"emitter": "floor" if row["id"] in floor else "radiator"} for row in rows]


def _sensor(number: int) -> str:
    rom = bytes([FAMILY]) + number.to_bytes(6, "little")
    return kernel_name(rom + bytes([crc8(rom)]))
