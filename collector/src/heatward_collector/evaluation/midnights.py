"""What is known of suppressed heating at each local midnight, kept on disk.

A day that changed is judged again from the midnight before it. Everything here follows from ledger
and registry: a file that is missing, broken or of another registry is only a longer way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from heatward_collector.conclusions.frozen_values import decode, encode
from heatward_collector.core.suppression.stops.episode import Episode
from heatward_collector.core.suppression.stops.memory import Memory
from heatward_collector.core.suppression.supply import SupplyMemory
from heatward_collector.evaluation.home_days import Carried
from heatward_collector.registry.column_file import read_columns, write_columns
from heatward_collector.whole_file import put_whole

SUFFIX = ".columns"
KEPT = 60
"""So many midnights are kept: nodes rarely deliver later than that. [d]"""
MOST_BYTES = 2_000_000_000
"""More than that is not kept, however few midnights it is; of a large city two are. [bytes]"""
LEAST_KEPT = 2


@dataclass(frozen=True, slots=True)
class Midnight:
    """What is carried into a local day."""

    memory: Memory
    episodes: tuple[Episode, ...]
    """Every episode of the season that was said until then."""
    carried: Carried
    supply: SupplyMemory | None = None
    """What the slow half knows; None before the first day that it looks at."""


@dataclass(frozen=True, slots=True)
class Notes:
    """What is to be looked at, beside the midnights themselves."""

    incarnation: str = ""
    """The ledger from which everything here is."""
    heard: tuple[str, ...] = ()
    """Local days with readings."""
    doubtful: tuple[str, ...] = ()
    """Of them, those that changed since they were last looked at."""
    registry: str = ""
    """Network and declarations under which they were last looked at."""


class Midnights:
    """The midnights in one folder; one process writes and reads it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def notes(self) -> Notes | None:
        """Return the notes, None where there are none that can be read."""
        try:
            notes: Notes = decode(Notes, json.loads((self.directory / "notes.json").read_text()))
        except (OSError, ValueError):
            return None
        return notes

    def note(self, notes: Notes) -> None:
        """Keep notes."""
        put_whole(self.directory / "notes.json", json.dumps(encode(notes, [])))

    def latest(
        self, first: date, last: date, print_at: Callable[[date], str]
    ) -> tuple[date, Midnight] | None:
        """Return the newest midnight that begins a day from first to last, and that day.

        Only those count that were kept under what ``print_at`` gives for the day now: the print of
        the registry, as far as it matters until then.
        """
        for day in reversed(self._days()):
            if first <= day <= last:
                found = self._read(day, print_at(day))
                if found is not None:
                    return day, found
        return None

    def keep(self, day: date, midnight: Midnight, print_of: str) -> Midnight:
        """Keep the midnight with which a day begins; return it as it lies there."""
        arrays: list[Any] = []
        content = {"print": print_of, "midnight": encode(midnight, arrays)}
        replacement = self.directory / "new.tmp"
        write_columns(replacement, content, arrays)
        replacement.replace(self._path(day))
        self._forget_old()
        _, mapped = read_columns(self._path(day), is_proved=False)
        kept: Midnight = decode(Midnight, content["midnight"], mapped)
        return kept

    def clear(self) -> None:
        """Remove everything."""
        self._remove(self._days())
        (self.directory / "notes.json").unlink(missing_ok=True)

    def _forget_old(self) -> None:
        days = self._days()
        self._remove(days[:-KEPT])
        sizes = [(day, self._path(day).stat().st_size) for day in days[-KEPT:]]
        total = sum(size for _, size in sizes)
        for day, size in sizes[:-LEAST_KEPT]:
            if total > MOST_BYTES:
                self._remove([day])
                total -= size

    def _read(self, day: date, print_of: str) -> Midnight | None:
        try:
            held, arrays = read_columns(self._path(day))
            if held["print"] != print_of:
                return None
            midnight: Midnight = decode(Midnight, held["midnight"], arrays)
        except (OSError, ValueError, KeyError):
            return None
        return midnight

    def _days(self) -> list[date]:
        files = self.directory.glob(f"????-??-??{SUFFIX}")
        return sorted(date.fromisoformat(path.stem) for path in files)

    def _remove(self, days: Iterable[date]) -> None:
        for day in days:
            self._path(day).unlink(missing_ok=True)

    def _path(self, day: date) -> Path:
        return self.directory / f"{day.isoformat()}{SUFFIX}"
