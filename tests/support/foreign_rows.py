"""A district in which every row that somebody wrote carries a mark of its place: canaries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from heatward_collector.accounts import Role
from heatward_collector.cases import CaseStore
from heatward_collector.core.cases import CaseKind, Event, HeatPlace, What
from heatward_collector.core.suppression import Level
from heatward_collector.registry import Directory, Registry

OWN: Mapping[Role, tuple[str, frozenset[str]]] = {
    Role.STREET: ("st-songhua", frozenset(("b001", "b002", "b003"))),
    Role.DISTRICT: ("sample", frozenset(f"b{n:03d}" for n in range(1, 11))),
    Role.SUPPLIER: ("su-beichen", frozenset(("b009", "b010"))),
    Role.VOLUNTEER: ("es-jiangpan", frozenset(("b001", "b002", "b003"))),
    Role.RESIDENT: ("h0001", frozenset()),
    Role.CITY: ("", frozenset(f"b{n:03d}" for n in range(1, 11))),
    Role.ANYBODY: ("", frozenset()),
}
"""A scope of every role, and the buildings that lie within it, as the sample's files say."""
OFFICES = (Role.STREET, Role.DISTRICT, Role.CITY)


def mark(place: str) -> str:
    """Return the words that only somebody who may read of a place may read."""
    return f"canary of {place} end"


def plant(registry: Registry, now_s: int) -> None:
    """Put a marked complaint, notice, measurement, volunteer and case into every place."""
    directory, hour = registry.directory(), 3600
    homes = {home: building for building, home in first_homes(directory).items()}
    rows: dict[str, list[dict[str, Any]]] = {
        "complaint": [], "resident_notice": [], "spot_check": [], "person": [],
    }  # fmt: skip
    for number, (home, building) in enumerate(homes.items()):
        at_s = now_s - (2 + number) * hour
        rows["resident_notice"].append(
            {
                "id": f"rn{number}", "home": home, "given_s": at_s, "given_by": mark(building),
                "given_to": "supplier", "channel": "phone", "recorded_s": at_s,
                "note": mark(building),
            }
        )  # fmt: skip
    for room, row in directory.tables["room"].items():
        if row["home"] not in homes:
            continue
        building = homes[row["home"]]
        rows["spot_check"].append(
            {
                "id": f"sc-{room}", "room": room, "measured_s": now_s - 5 * hour, "celsius": 17.0,
                "height_m": 1.4, "to_outer_wall_m": 1.5, "shut_minutes": 30,
                "instrument": mark(building), "certificate": mark(building),
                "certificate_until": None, "resident": mark(building), "photo": None,
                "supplier_person": mark(building), "office_person": mark(building),
                "recorded_s": now_s - 5 * hour,
            }
        )  # fmt: skip
    for number, building in enumerate(directory.tables["building"]):
        at_s = now_s - (3 + number) * hour
        rows["complaint"].append(
            {
                "id": f"cp{number}", "received_s": at_s, "home": None, "building": building,
                "address": mark(building), "text": mark(building), "channel": mark(building),
                "state": "open", "closed_s": None, "recorded_s": at_s,
            }
        )  # fmt: skip
    for estate in directory.tables["estate"]:
        rows["person"].append(
            {
                "id": f"pc-{estate}", "role": "volunteer_supervisor", "subject": estate,
                "name": mark(estate), "phone": mark(estate), "from_day": None,
            }
        )  # fmt: skip
    registry.put(rows)
    for building, home in first_homes(directory).items():
        _open_case(registry, building, home, now_s)


def _open_case(registry: Registry, building: str, home: str, now_s: int) -> None:
    event = Event(
        What.OPENED,
        now_s - 7200,
        kind=CaseKind.BELOW_STANDARD,
        where=HeatPlace(Level.BUILDING, building),
        sign=f"below:{building}",
        revision=1,
        begun_s=now_s - 86_400,
        homes=(home,),
        buildings=(building,),
    )
    with CaseStore(registry.database).change() as change:
        change.open(event)


def buildings_of_homes(directory: Directory) -> dict[str, str]:
    """Return the building of every home."""
    stairwells = directory.tables["stairwell"]
    return {
        key: str(stairwells[row["stairwell"]]["building"])
        for key, row in directory.tables["home"].items()
    }


def first_homes(directory: Directory) -> dict[str, str]:
    """Return the home of every building that its case is about."""
    found: dict[str, str] = {}
    for home, building in buildings_of_homes(directory).items():
        found.setdefault(building, home)
    return found


def forbidden(directory: Directory, role: Role, is_public: bool = False) -> re.Pattern[str]:
    """Return what no answer to a role may hold: marks, names, ids of homes, rooms, nodes, places.

    On a public page buildings and what they are called are nothing to be hidden.
    """
    tables, (scope, own) = directory.tables, OWN[role]
    homes = buildings_of_homes(directory)
    known: set[str] = set()
    if role is Role.RESIDENT:
        known, own = {scope}, frozenset((homes[scope],))
    elif role is Role.VOLUNTEER:
        known = {home for home, building in homes.items() if building in own}
    elif role in OFFICES:  # of the homes of their cases
        known = {home for building, home in first_homes(directory).items() if building in own}
    foreign = set(tables["building"]) - own
    estates = {str(tables["building"][one]["estate"]) for one in own}
    words = homes.keys() - known
    words |= {key for key, row in tables["room"].items() if row["home"] not in known}
    words |= {mark(place) for place in foreign | (set(tables["estate"]) - estates)}
    nodes: dict[str, set[str]] = {}
    for row in directory.assignments():
        home = tables["room"].get(row["target"], {"home": ""})["home"]
        nodes.setdefault(row["node"], set()).add(home)
    words |= {node for node, of in nodes.items() if not of & known}
    names: set[str] = set()
    if not is_public:
        words |= foreign
        rows = [tables["building"][one] for one in foreign]
        names = {str(row[key]) for row in rows for key in ("name_zh", "name_en")}
    return re.compile(
        rf"(?<![\w-])(?:{_either(words)})(?!\w)" + (f"|{_either(names)}" if names else "")
    )


def _either(words: set[str]) -> str:
    """Return a pattern of any of these, the longest first."""
    return "|".join(map(re.escape, sorted(words, key=lambda one: (-len(one), one))))
