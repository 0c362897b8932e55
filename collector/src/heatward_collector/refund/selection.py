"""Which homes somebody asks for."""

from __future__ import annotations

from collections.abc import Sequence

from heatward_collector.errors import RegistryError
from heatward_collector.registry import Directory


def chosen_homes(
    directory: Directory,
    homes: Sequence[str] = (),
    building: str | None = None,
    estate: str | None = None,
    supplier: str | None = None,
) -> tuple[str, ...]:
    """Return the homes that are named, or all of a place; all homes where nothing is asked for.

    Raises RegistryError where a name is in no table.
    """
    wanted = (("building", building), ("estate", estate), ("supplier", supplier))
    for table, key in (*(("home", home) for home in homes), *wanted):
        if key is not None and key not in directory.tables[table]:
            raise RegistryError(f"{table} {key!r} 不在登记表中 / is not in the registry")
    if homes:
        return tuple(dict.fromkeys(homes))
    return tuple(
        home
        for home in directory.homes
        if all(key in (None, above(directory, table, home)) for table, key in wanted)
    )


def above(directory: Directory, table: str, home: str) -> str:
    """Return the place of a kind to which a home belongs."""
    tables = directory.tables
    row = tables["home"][home]
    building = tables["stairwell"][row["stairwell"]]["building"]
    source = tables["substation"][tables["zone"][row["zone"]]["substation"]]["source"]
    estate = tables["building"][building]["estate"]
    street = tables["estate"][estate]["street"]
    found = {
        "building": building,
        "estate": estate,
        "street": street,
        "district": tables["street"][street]["district"],
        "source": source,
        "supplier": tables["source"][source]["supplier"],
    }
    return str(found[table])
