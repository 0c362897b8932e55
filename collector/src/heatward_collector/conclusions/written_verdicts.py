"""Writing verdicts in blocks: what is held of a block is read together, and what differs written.

A city judges millions of rows within an hour. However many there are, only a block of them is in
memory, and a row costs a few microseconds beside what the database takes for its indexes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, groupby, islice, repeat
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from .running_verdicts import overlapping, places_of
from .verdict_blocks import VerdictBlock, text_of

ROWS_AT_ONCE = 8_192
"""So many verdicts are held against what is known of their places together."""
PLACES_AT_ONCE = 65_536
"""So many places are asked for together whether they were spoken of."""
PLACES_A_ROW = 16
"""So many places of a block are written in about the time of a row."""
_VALUES = "verdict VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_Columns = tuple[Any, ...]
_Any = TypeVar("_Any")


class Row(NamedTuple):
    """One verdict as it lies in the table, without its revision."""

    level: str
    place: str
    day: str
    verdict: str
    provisional: bool
    rule: str
    facts: str
    """JSON, its keys in order."""

    def is_held_as(self, held: Held) -> bool:
        """Whether it changes nothing that anybody can see: equal facts have one text."""
        if self.facts != held.facts or self.verdict != held.verdict:
            return False
        return self.rule == held.rule and self.provisional == bool(held.provisional)


class Held(NamedTuple):
    """The newest revision of one verdict."""

    place: str
    revision: int
    verdict: str
    provisional: int
    rule: str
    facts: str
    """Empty where a block says it and nobody asked for them."""
    is_row: bool = True
    """Whether it lies in the table as a row; else a block says it."""


def in_blocks(some: Iterable[_Any], at_once: int = ROWS_AT_ONCE) -> Iterator[list[_Any]]:
    """Yield so many at once, the rest last."""
    rest = iter(some)
    while block := list(islice(rest, at_once)):
        yield block


def in_transactions(said: Iterable[_Any]) -> Iterator[list[_Any]]:
    """Yield as much at once as is written in about the time of ``ROWS_AT_ONCE`` rows."""
    some: list[_Any] = []
    weight = 0.0
    for one in said:
        some.append(one)
        weight += len(one) / PLACES_A_ROW if isinstance(one, VerdictBlock) else 1
        if weight >= ROWS_AT_ONCE:
            yield some
            some, weight = [], 0.0
    if some:
        yield some


def write(connection: sqlite3.Connection, rows: Iterable[Row], judged_at: int, batch: int) -> int:
    """Write what is new or changed, within a transaction; return how many rows that were."""
    written = 0
    for (level, day), some in groupby(rows, lambda row: (row.level, row.day)):
        for block in in_blocks(some):
            written += _write(connection, level, day, block, (judged_at, batch))
    return written


def held_of(
    connection: sqlite3.Connection,
    level: str,
    day: str,
    places: Collection[str],
    with_facts: bool = False,
) -> dict[str, Held]:
    """Return the newest revisions of some places' verdicts of a day, by place."""
    rows = connection.execute(
        "SELECT place, revision, verdict, provisional, rule, facts, 1 FROM json_each(?) "
        "CROSS JOIN verdict ON level = ? AND place = json_each.value AND day = ?",
        (json.dumps(list(places)), level, day),
    )
    newest: dict[str, Held] = {}
    for held in map(Held._make, rows):
        if held.place not in newest or held.revision > newest[held.place].revision:
            newest[held.place] = held
    for _, kept in overlapping(connection, level, day, min(places), max(places)):
        block, some = kept.block, kept.block.places_of(places)
        texts = [text_of(facts) for *_, facts in block.rows(some)] if with_facts else repeat("")
        revisions = zip(some.tolist(), kept.revision[some].tolist(), texts, strict=False)
        for at, revision, text in revisions:
            place, word = block.places[at], block.words[block.word[at]]
            if place not in newest or revision > newest[place].revision:
                newest[place] = Held(place, revision, word, 1, block.rule, text, False)
    return newest


def held_in_blocks(
    connection: sqlite3.Connection, level: str, day: str, places: Iterable[str]
) -> Iterator[Held]:
    """Yield the newest revisions of however many places' verdicts of a day."""
    for block in in_blocks(places):
        yield from held_of(connection, level, day, block).values()


class SaidPlaces:
    """Which places a day's judgement spoke of: of a city 10 bytes each."""

    def __init__(self) -> None:
        self._places: dict[str, list[npt.NDArray[np.bytes_]]] = {}
        self._new: dict[str, list[bytes]] = {}
        self._in_order: set[str] = set()
        """Levels whose places so far lie in one array and in order."""

    def note(self, level: str, place: str) -> None:
        """Take note of one."""
        new = self._new.setdefault(level, [])
        new.append(place.encode())
        if len(new) == ROWS_AT_ONCE:
            self._pack(level)

    def note_all(self, level: str, places: Iterable[str]) -> None:
        """Take note of many."""
        packed = np.array([place.encode() for place in places], np.bytes_)
        self._places.setdefault(level, []).append(packed)

    def without(self, level: str, places: Sequence[str]) -> list[str]:
        """Return those of some places of a level that were not spoken of."""
        self._pack(level)
        said = self._sorted(level)
        names = np.array([place.encode() for place in places], np.bytes_)
        at = np.searchsorted(said, names).clip(0, max(len(said) - 1, 0))
        is_said = said[at] == names if len(said) else np.zeros(len(names), bool)
        return [places[one] for one in np.flatnonzero(~is_said).tolist()]

    def _sorted(self, level: str) -> npt.NDArray[np.bytes_]:
        parts = self._places.get(level, [])
        if len(parts) != 1 or level not in self._in_order:
            parts = [np.unique(np.concatenate([np.array([], np.bytes_), *parts]))]
            self._places[level] = parts
            self._in_order.add(level)
        return parts[0]

    def _pack(self, level: str) -> None:
        new = self._new.pop(level, [])
        if new:
            self._places.setdefault(level, []).append(np.array(new, np.bytes_))


def silent_places(
    connection: sqlite3.Connection, day: str, said: SaidPlaces, levels: Iterable[str]
) -> Iterator[list[tuple[str, str]]]:
    """Yield level and id of who has a verdict of a day and was not spoken of, some at a time.

    Where many were, that is often nobody.
    """
    for level in levels:
        for places in chain(
            _places_of_rows(connection, level, day), places_of(connection, level, day)
        ):
            yield [(level, place) for place in said.without(level, places)]


def _places_of_rows(connection: sqlite3.Connection, level: str, day: str) -> Iterator[list[str]]:
    """Yield the places of the rows of a day, some at a time, each time asked for anew."""
    last = ""
    while True:
        rows = connection.execute(
            "SELECT DISTINCT place FROM verdict INDEXED BY verdict_day WHERE day = ? AND level = ? "
            "AND place > ? ORDER BY place LIMIT ?",
            (day, level, last, PLACES_AT_ONCE),
        )
        places = [row[0] for row in rows]
        if not places:
            return
        yield places
        last = places[-1]


def _write(
    connection: sqlite3.Connection,
    level: str,
    day: str,
    block: list[Row],
    judged: tuple[int, int],
) -> int:
    # Where a block speaks of a place, what it says in full is asked for by another provisional one.
    is_asked = any(row.provisional for row in block)
    held = held_of(connection, level, day, [row.place for row in block], is_asked)
    new: dict[tuple[str, int], _Columns] = {}
    instead: dict[tuple[str, int], _Columns] = {}
    written = 0
    for row in block:
        before, revision = held.get(row.place), 1
        if before is not None:
            if row.is_held_as(before):
                continue
            revision = before.revision + (not before.provisional)
        _, place, _, word, provisional, rule, facts = row
        key = place, revision
        is_instead = before is not None and before.provisional and before.is_row and key not in new
        held[place] = Held(place, revision, word, provisional, rule, facts)
        columns = level, place, day, revision, word, provisional, rule, *judged, facts
        (instead if is_instead else new)[key] = columns
        written += 1
    connection.executemany(f"INSERT INTO {_VALUES}", new.values())
    # Half the work of deleting and inserting; the table itself lets no final one go.
    connection.executemany(f"INSERT OR REPLACE INTO {_VALUES}", instead.values())
    return written
