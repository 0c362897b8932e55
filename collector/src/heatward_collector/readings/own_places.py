"""What a collector of one district sees of a registry that several share: the places of its own.

Heat network, people and rules stay whole. An assignment to a room of another district stands too,
and leads nowhere: what is measured there is judged by that district's collector, or by nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from heatward_collector.registry import Directory, Registry

Row = Mapping[str, Any]
_CHAIN = (
    ("street", "district"),
    ("estate", "street"),
    ("building", "estate"),
    ("stairwell", "building"),
    ("home", "stairwell"),
    ("room", "home"),
)
"""Tables from the district down, each with the column that names what a row lies in."""


def directory_of(registry: Registry, district: str | None) -> Directory:
    """Return a snapshot of the registry with the places of one district; with all for None."""
    if district is None:
        return registry.directory()
    version, content = registry.content()
    return Directory(version, places_of(content, district))


def places_of(content: Mapping[str, Sequence[Row]], district: str) -> dict[str, Sequence[Row]]:
    """Return the tables of a registry without the places of other districts."""
    own: dict[str, Sequence[Row]] = dict(content)
    for table in ("district", "outdoor"):
        column = "id" if table == "district" else "district"
        own[table] = [row for row in content[table] if row[column] == district]
    kept = {district}
    for table, column in _CHAIN:
        own[table] = [row for row in content[table] if row[column] in kept]
        kept = {row["id"] for row in own[table]}
    return own
