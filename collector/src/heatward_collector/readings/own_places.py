"""What a collector of one district sees of a registry that several share: the places of its own.

Heat network, people and rules stay whole. An assignment to a room of another district stands too,
and leads nowhere: what is measured there is judged by that district's collector, or by nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from heatward_collector.core import Mask
from heatward_collector.registry import Content, Directory, Registry
from heatward_collector.registry.chain import within
from heatward_collector.registry.packed_rows import PackedRows


class OwnPlaces:
    """Snapshots of a registry with the places of one district, each made from the one before."""

    def __init__(self, registry: Registry, district: str | None) -> None:
        """Look into a registry; for None a snapshot has all places."""
        self._registry, self._district = registry, district
        self._content: Content | None = None
        self._inside: dict[str, Mask] = {}
        self._own: Directory | None = None

    def directory(self) -> Directory:
        """Return the newest snapshot; the same one until somebody edits."""
        if self._district is None:
            return self._registry.directory()
        before, content = self._content, self._registry.content(self._content)
        if self._own is None or before is None or before[0] > content[0]:
            self._inside = within(content[1], self._district)
            self._own = Directory(content[0], self._filtered(content[1], self._inside))
            self._own.let_go()
        elif before[0] != content[0]:
            self._own = self._own.renewed(content[0], self._changed(self._own, before, content))
            self._own.let_go()
        self._content = content
        return self._own

    def _changed(
        self, own: Directory, before: Content, content: Content
    ) -> Mapping[str, PackedRows]:
        """Return the tables of our own that are others since a snapshot."""
        earlier, inside = self._inside, within(content[1], self._district or "")
        changed = {
            name: rows
            for name, rows in content[1].items()
            if rows is not before[1][name]
            or (name in inside and not np.array_equal(inside[name], earlier[name]))
        }
        self._inside = inside
        return {
            name: rows
            for name, rows in self._filtered(changed, inside).items()
            if rows is not own.rows(name)
        }

    def _filtered(
        self, tables: Mapping[str, PackedRows], inside: Mapping[str, Mask]
    ) -> dict[str, PackedRows]:
        folder = self._registry.database.folder
        return {name: _only(rows, inside.get(name), folder) for name, rows in tables.items()}


def directory_of(registry: Registry, district: str | None) -> Directory:
    """Return one snapshot of the registry with the places of a district; with all for None."""
    return OwnPlaces(registry, district).directory()


def _only(rows: PackedRows, mask: Mask | None, folder: Path | None) -> PackedRows:
    return rows if mask is None else rows.only(mask, folder)
