"""Which objects a role's scope reaches: places by where they lie, the heat network by who owns it.

A building is reached by its estate, street and district, and by the supplier whose zones heat a
home in it. Homes, rooms and nodes are reached by nobody above the volunteer of their estate.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from heatward_collector.accounts.roles import SCOPES, Role, Viewer
from heatward_collector.registry import Directory
from heatward_collector.registry.packed import in_parts

UNLIMITED = (Role.OPERATOR, Role.CITY, Role.VISITOR, Role.DEMO)
HOME_KINDS = frozenset({"home", "room", "node"})
"""What tells of a single home."""
_ABOVE = {
    "room": "home",
    "home": "stairwell",
    "stairwell": "building",
    "building": "estate",
    "estate": "street",
    "street": "district",
    "zone": "substation",
    "substation": "source",
    "source": "supplier",
}
"""The column, and the table, that holds what an object lies in."""

_JOINED_FROM = frozenset(_ABOVE) - {"room"}


class Reach:
    """Answers for one snapshot of the registry."""

    def __init__(self, directory: Directory) -> None:
        self._directory, self._tables = directory, directory.tables
        self._seen: dict[tuple[Role, str, str], frozenset[str]] = {}
        joined = directory.derived(_Joined, _JOINED_FROM)
        self._heated_by, self._heats = joined.heated_by, joined.heats
        self._supplier = joined.supplier

    def sees(self, viewer: Viewer, kind: str, key: str) -> bool:
        """Say whether an object lies within a viewer's scope; an unknown one lies in nobody's.

        Roles without limits reach even what does not exist: whoever looks it up says so.
        """
        if kind in HOME_KINDS and not (
            viewer.sees_homes or viewer.role in (Role.VOLUNTEER, Role.RESIDENT)
        ):
            return False
        if viewer.role in UNLIMITED:
            return True
        return viewer.scope in self._around(kind, key).get(SCOPES.get(viewer.role) or "", ())

    def chooser(self, viewer: Viewer, kind: str) -> Callable[[str], bool]:
        """Return the question :meth:`sees` for many objects of one kind of the registry."""
        if viewer.role in UNLIMITED or kind in HOME_KINDS:
            return lambda key: self.sees(viewer, kind, key)
        # Of a large city a list asks for every building: what it was told is kept.
        asked = (viewer.role, viewer.scope, kind)
        if asked not in self._seen:
            every = self._tables.get(kind, ())
            self._seen[asked] = frozenset(key for key in every if self.sees(viewer, kind, key))
        return self._seen[asked].__contains__

    def _around(self, kind: str, key: str) -> Mapping[str, Collection[str]]:
        """Return ids by kind of all that an object lies in, is heated by, or heats."""
        if kind == "node":
            nodes = self._directory.derived(_Nodes, frozenset({"assignment", "room"}))
            if key in self._tables["node"] and key not in nodes.used:
                return self._around_new_box(str(self._tables["node"][key]["district"]))
            return self._around_homes(nodes.homes.get(key, ()))
        if key not in self._tables.get(kind, {}):
            return {}
        found: dict[str, Collection[str]] = dict(self._heats.get((kind, key), {}))
        suppliers = self._heated_by.get((kind, key))
        if kind == "home":
            found["supplier"] = (self._supplier[self._tables["home"][key]["zone"]],)
        elif suppliers:
            found["supplier"] = suppliers
        for above, place in _upward(self._tables, kind, key):
            found[above] = (place,)
        return found

    def _around_new_box(self, district: str) -> Mapping[str, Collection[str]]:
        """Return the estates in which a box that hung nowhere yet may hang: it tells of nobody."""
        streets, estates = self._tables["street"], self._tables["estate"]
        within = {key for key, row in streets.items() if row["district"] == district}
        return {"estate": [key for key, row in estates.items() if row["street"] in within]}

    def _around_homes(self, homes: Collection[str]) -> Mapping[str, Collection[str]]:
        found: dict[str, set[str]] = {}
        for home in homes:
            for kind, keys in self._around("home", home).items():
                found.setdefault(kind, set()).update(keys)
        return found


class _Nodes:
    """Which nodes are assigned at any time, and the homes of each."""

    def __init__(self, directory: Directory) -> None:
        self.homes: dict[str, set[str]] = {}
        self.used: set[str] = set()
        rooms = directory.tables["room"]
        for row in directory.assignments():
            self.used.add(str(row["node"]))
            room = rooms.get(row["target"])
            if row["node"] and room is not None:
                self.homes.setdefault(row["node"], set()).add(room["home"])


class _Joined:
    """Every place with who heats it, and every part of the network with where it heats."""

    def __init__(self, directory: Directory) -> None:
        self.heated_by: dict[tuple[str, str], set[str]] = {}
        self.heats: dict[tuple[str, str], dict[str, set[str]]] = {}
        tables = directory.tables
        networks = {zone: list(_upward(tables, "zone", zone)) for zone in tables["zone"]}
        seen: set[tuple[str, str]] = set()
        homes = directory.rows("home")
        stairwells, zones = (homes.column(name) for name in ("stairwell", "zone"))
        self.supplier = {zone: network[-1][1] for zone, network in networks.items()}
        for first, some in in_parts(stairwells):
            seen |= set(zip(some, zones.between(first, first + len(some)), strict=True))
        for stairwell, zone in seen:
            network, supplier = networks[zone], self.supplier[zone]
            places = list(_upward(tables, "stairwell", stairwell))
            for place in places:
                self.heated_by.setdefault(place, set()).add(supplier)
            for part in network:
                heats = self.heats.setdefault(part, {})
                for kind, place_key in places:
                    heats.setdefault(kind, set()).add(place_key)


def _upward(
    tables: Mapping[str, Mapping[str, Mapping[str, object]]], kind: str, key: str
) -> Iterator[tuple[str, str]]:
    """Yield an object and everything that it lies in, the nearest first."""
    yield kind, key
    while kind in _ABOVE:
        kind, key = _ABOVE[kind], str(tables[kind][key][_ABOVE[kind]])
        yield kind, key
