"""Whom to call about a building: who is on duty for its source, and the supplier's own phone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..registry import Directory
from .facts import Name

OFFICER = "responsible_officer"
SUPPLIER = "supplier"


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call; officers and suppliers are public by the notice, residents never are."""

    role: str
    name: Name
    phone: str


class WhomToCall:
    """Lookups over one snapshot of the registry."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._tables = directory.tables
        self._sources: dict[str, set[str]] = {}
        for home in self._tables["home"].values():
            building = str(self._tables["stairwell"][home["stairwell"]]["building"])
            substation = self._tables["zone"][home["zone"]]["substation"]
            source = str(self._tables["substation"][substation]["source"])
            self._sources.setdefault(building, set()).add(source)
        self._officers: dict[str, list[Mapping[str, Any]]] = {}
        for row in self._tables["person"].values():
            if row["role"] == OFFICER:
                self._officers.setdefault(row["subject"], []).append(row)

    def of_buildings(self, buildings: Iterable[str], today: date) -> tuple[Contact, ...]:
        """Return whom to call about buildings, the officers first."""
        sources = sorted({one for building in buildings for one in self._sources.get(building, ())})
        return tuple(self._officers_of(sources, today)) + tuple(self._suppliers_of(sources))

    def sources_of(self, building: str) -> tuple[str, ...]:
        """Return what heats a building."""
        return tuple(sorted(self._sources.get(building, ())))

    def _officers_of(self, sources: Iterable[str], today: date) -> Iterable[Contact]:
        for source in sources:
            since = [
                row
                for row in self._officers.get(source, ())
                if row["from_day"] is None or row["from_day"] <= today
            ]
            # One named officer for each source: the newest appointment holds.
            for row in sorted(since, key=lambda row: row["from_day"] or date.min)[-1:]:
                yield Contact(OFFICER, Name(row["name"], row["name"]), row["phone"] or "")

    def _suppliers_of(self, sources: Iterable[str]) -> Iterable[Contact]:
        for supplier in sorted({str(self._tables["source"][one]["supplier"]) for one in sources}):
            row = self._tables["supplier"][supplier]
            name = Name(
                self._directory.name("supplier", supplier),
                self._directory.name("supplier", supplier, english=True),
            )
            yield Contact(SUPPLIER, name, row["duty_phone"] or "")
