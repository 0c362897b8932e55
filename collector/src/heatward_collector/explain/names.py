"""What places are called in public; an id where nothing is known of a place."""

from __future__ import annotations

from collections.abc import Sequence

from heatward_collector.core.suppression import Level
from heatward_collector.explain.words import LEVELS
from heatward_collector.locale import ENGLISH, Texts
from heatward_collector.registry import Directory

_TABLES = {
    Level.STAIRWELL: "stairwell",
    Level.BUILDING: "building",
    Level.ZONE: "zone",
    Level.SUBSTATION: "substation",
    Level.SOURCE: "source",
}
"""Homes and rooms have no name: only their opaque ids are shown."""


class Names:
    """Public names from a registry; without one every place is its id."""

    def __init__(self, directory: Directory | None = None) -> None:
        self._directory = directory

    def place(self, level: Level, place: str, english: bool = False) -> str:
        """Return the name of a place, so that it is found.

        A building is named with its estate, where it does not begin so, a stairwell with its
        building: every one has a first of them.
        """
        directory, table = self._directory, _TABLES.get(level)
        if directory is None or table is None:
            return place
        name = directory.name(table, place, english)
        row = directory.tables[table].get(place)
        if row is not None and level is Level.STAIRWELL:
            building = self.place(Level.BUILDING, row["building"], english)
            return f"{building}, {name}" if english else f"{building}{name}"
        if row is None or level is not Level.BUILDING:
            return name
        before = directory.name("estate", row["estate"], english)
        return name if name.startswith(before) else f"{before} {name}"

    def titled(self, level: Level, place: str, say: Texts) -> str:
        """Return the name of a place with what it is; a stairwell's name mostly says so itself."""
        name, word = self.place(level, place, say.language == ENGLISH), say(LEVELS[level])
        if level is Level.STAIRWELL and word.casefold() in name.casefold():
            return name
        return say("%(level)s %(place)s", level=word, place=name)

    def supplier(self, key: str, say: Texts) -> str:
        """Return the name of a heat supplier."""
        if self._directory is None:
            return key
        return self._directory.name("supplier", key, say.language == ENGLISH)


def listed(names: Sequence[str], say: Texts) -> str:
    """Return names one after the other; an English one such as "Lilac Court, No. 5" has a comma."""
    separator = say("list separator")
    return (say("; ") if any(separator in one for one in names) else separator).join(names)
