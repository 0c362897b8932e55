"""Addresses that a supplier may know: of homes whose residents have consented, for one case."""

from __future__ import annotations

from dataclasses import dataclass

from heatward_collector.core.cases import Case
from heatward_collector.locale import ENGLISH, Texts
from heatward_collector.registry import Directory


@dataclass(frozen=True, slots=True)
class Address:
    """Where a home lies, and since when the supplier may know it."""

    home: str
    where: str
    since_s: int
    """[s UTC]"""


def addresses_of(case: Case, directory: Directory, say: Texts) -> list[Address]:
    """Return the addresses that residents of a case let its supplier know; none of others."""
    tables, english = directory.tables, say.language == ENGLISH
    found = []
    for home, since_s in sorted(case.consents.items()):
        row = tables["home"].get(home)
        if row is None or home not in case.homes:
            continue
        stairwell = tables["stairwell"][row["stairwell"]]
        building = directory.name("building", stairwell["building"], english)
        name = directory.name("stairwell", row["stairwell"], english)
        # Many names of stairwells begin with that of their building.
        place = name if name.startswith(building) else say(", ").join((building, name))
        where = say(
            "%(place)s, floor %(floor)d (%(home)s)", place=place, floor=row["floor"], home=home
        )
        found.append(Address(home, where, since_s))
    return found
