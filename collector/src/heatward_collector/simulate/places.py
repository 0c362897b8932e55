"""Between the registry and simulated places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from heatward_collector.core.suppression import Declaration, Level
from heatward_node.rom import crc8, kernel_name

from .calendar import LOCAL_ZONE_S
from .habits import Limit
from .tree import Tree

DISTRICT = "simulated"
FAMILY = 0x28
NEVER_BEFORE_S = 0
REGIME = "regime"
NOTICE_TEXTS = {
    "reported_stop": "停热报备",
    "reported_repair": "管网抢修，暂停供热",
    "pollution_staggering": "重污染天气错时起炉",
}


def sensors_of(tree: Tree) -> dict[str, str]:
    """Return the sensor of each room, by its kernel name."""
    return {room: _sensor(number) for number, room in enumerate(tree.rooms, start=1)}


STAGGERING = "pollution_staggering"
"""The authority announces what its suppliers do: every such notice has an alert behind it."""


def content_of(
    tree: Tree,
    interval_s: int,
    declarations: Sequence[Declaration] = (),
    limits: Sequence[Limit] = (),
) -> dict[str, list[dict[str, Any]]]:
    """Return registry rows for a simulated district, one node a home, with what was declared.

    Raises
    ------
    ValueError
        If something was declared at a level that the registry's notices do not know.
    """
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
    return content | {
        "regime": [_regime_row(said) for said in declarations if said.kind == REGIME],
        "notice": [
            _notice_row(f"nt{number}", said)
            for number, said in enumerate(declarations, start=1)
            if said.kind != REGIME
        ],
        "pollution_alert": [
            {"id": f"pa{number}", "district": DISTRICT, "from_s": said.from_s, "to_s": said.to_s}
            | {"recorded_s": said.recorded_s, "issued_by": DISTRICT}
            for number, said in enumerate(declarations, start=1)
            if said.kind == STAGGERING
        ],
        "suspension": [
            {"home": limit.home, "from_day": _day(limit.start_s), "to_day": _day(limit.end_s - 1)}
            for limit in limits
        ],
    }


def _regime_row(said: Declaration) -> dict[str, Any]:
    hours = ",".join(f"{_clock(first)}-{_clock(last)}" for first, last in said.hours)
    return {"source": said.place, "from_s": said.from_s, "to_s": said.to_s, "hours": hours}


def _notice_row(name: str, said: Declaration) -> dict[str, Any]:
    if said.level not in (Level.SOURCE, Level.ZONE):
        raise ValueError(f"a notice names a source or a zone, not a {said.level}: {said.place}")
    return {
        "id": name,
        "kind": said.kind,
        "source": said.place if said.level is Level.SOURCE else None,
        "zone": said.place if said.level is Level.ZONE else None,
        "from_s": said.from_s,
        "to_s": said.to_s,
        "recorded_s": said.recorded_s,
        "text": NOTICE_TEXTS[said.kind],
    }


def _clock(hour: float) -> str:
    return f"{int(hour):02}:{round(hour % 1 * 60):02}"


def _day(time_s: int) -> date:
    return datetime.fromtimestamp(time_s + LOCAL_ZONE_S, UTC).date()


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
