"""Whom to call about a building: who is on duty for its source, and the supplier's own phone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from ...registry import Directory
from .facts import Name

OFFICER = "responsible_officer"
SUPPLIER = "supplier"
DUTY_PHONE = "duty_phone"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call; officers and suppliers are public by the notice, residents never are."""

    role: str
    name: Name
    phone: str


def newest(rows: Iterable[Row], today: date) -> Row | None:
    """Return the appointment that holds on a day: the last that has begun by then."""
    begun = [row for row in rows if row["from_day"] is None or row["from_day"] <= today]
    return max(begun, key=lambda row: row["from_day"] or date.min, default=None)


def duty_desk(persons: Iterable[Row], supplier: str, today: date) -> Row | None:
    """Return the duty desk of a supplier on a day, as the registry's persons name it."""
    own = (row for row in persons if row["role"] == DUTY_PHONE and row["subject"] == supplier)
    return newest((row for row in own if row["phone"]), today)


_NETWORK = frozenset({"home", "stairwell", "zone", "substation"})


def _sources_of_buildings(directory: Directory) -> dict[str, set[str]]:
    """Return the heat sources of every building."""
    tables, homes = directory.tables, directory.rows("home")
    zone = directory.rows("zone").ids.find_all(homes.column("zone"))
    pairs = np.unique(np.stack([directory.home_building, zone], axis=1), axis=0)
    zones = directory.rows("zone")
    found: dict[str, set[str]] = {}
    for building, place in pairs.tolist():
        source = str(tables["substation"][zones[place]["substation"]]["source"])
        found.setdefault(directory.buildings[building], set()).add(source)
    return found


class WhomToCall:
    """Lookups over one snapshot of the registry."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._tables = directory.tables
        self._sources = directory.derived(_sources_of_buildings, _NETWORK)
        persons = self._tables["person"].values()
        self._desks = [row for row in persons if row["role"] == DUTY_PHONE]
        self._officers: dict[str, list[Row]] = {}
        for row in persons:
            if row["role"] == OFFICER:
                self._officers.setdefault(row["subject"], []).append(row)

    def of_buildings(self, buildings: Iterable[str], today: date) -> tuple[Contact, ...]:
        """Return whom to call about buildings, the officers first."""
        sources = sorted({one for building in buildings for one in self._sources.get(building, ())})
        return tuple(self._officers_of(sources, today)) + tuple(self._suppliers_of(sources, today))

    def sources_of(self, building: str) -> tuple[str, ...]:
        """Return what heats a building."""
        return tuple(sorted(self._sources.get(building, ())))

    def _officers_of(self, sources: Iterable[str], today: date) -> Iterable[Contact]:
        for source in sources:
            # One named officer for each source: the newest appointment holds.
            row = newest(self._officers.get(source, ()), today)
            if row is not None:
                yield Contact(OFFICER, Name(row["name"], row["name"]), row["phone"] or "")

    def _suppliers_of(self, sources: Iterable[str], today: date) -> Iterable[Contact]:
        for supplier in sorted({str(self._tables["source"][one]["supplier"]) for one in sources}):
            row = self._tables["supplier"][supplier]
            name = Name(
                self._directory.name("supplier", supplier),
                self._directory.name("supplier", supplier, english=True),
            )
            desk = duty_desk(self._desks, supplier, today)
            phone = row["duty_phone"] if desk is None else desk["phone"]
            yield Contact(SUPPLIER, name, phone or "")
