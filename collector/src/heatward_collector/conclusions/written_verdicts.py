"""Writing verdicts in blocks: what is held of a block is read together, and what differs written.

A city judges millions of rows within an hour. However many there are, only a block of them is in
memory, and a row costs a few microseconds beside what the database takes for its indexes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, islice
from typing import Any, NamedTuple, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

ROWS_AT_ONCE = 8_192
"""So many verdicts are held against what is known of their places together."""
_VALUES = "verdict VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_Columns = tuple[Any, ...]
_Any = TypeVar("_Any")
_TEXT_OF = msgspec.json.Encoder(order="sorted", enc_hook=float).encode


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

    def says_the_same(self, held: Held) -> bool:
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


def text_of(facts: Mapping[str, Any]) -> str:
    """Return facts as they are kept: JSON without spaces, its keys in order, in ASCII."""
    text = _TEXT_OF(facts)
    if text.isascii():
        return text.decode()
    return json.dumps(facts, separators=(",", ":"), sort_keys=True)


def in_blocks(some: Iterable[_Any], at_once: int = ROWS_AT_ONCE) -> Iterator[list[_Any]]:
    """Yield so many at once, the rest last."""
    rest = iter(some)
    while block := list(islice(rest, at_once)):
        yield block


def write(connection: sqlite3.Connection, rows: Iterable[Row], judged_at: int, batch: int) -> int:
    """Write what is new or changed, within a transaction; return how many rows that were."""
    written = 0
    for (level, day), some in groupby(rows, lambda row: (row.level, row.day)):
        for block in in_blocks(some):
            written += _write(connection, level, day, block, (judged_at, batch))
    return written


def held_of(
    connection: sqlite3.Connection, level: str, day: str, places: Iterable[str]
) -> dict[str, Held]:
    """Return the newest revisions of some places' verdicts of a day, by place."""
    rows = connection.execute(
        "SELECT place, revision, verdict, provisional, rule, facts FROM json_each(?) "
        "CROSS JOIN verdict ON level = ? AND place = json_each.value AND day = ?",
        (json.dumps(list(places)), level, day),
    )
    newest: dict[str, Held] = {}
    for held in map(Held._make, rows):
        if held.place not in newest or held.revision > newest[held.place].revision:
            newest[held.place] = held
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

    def note(self, level: str, place: str) -> None:
        """Take note of one."""
        new = self._new.setdefault(level, [])
        new.append(place.encode())
        if len(new) == ROWS_AT_ONCE:
            self._pack(level)

    def without(self, level: str, places: Iterable[str]) -> Iterator[str]:
        """Yield those of some places of a level that were not spoken of."""
        self._pack(level)
        said = np.unique(np.concatenate(self._places[level]))
        for block in in_blocks(places):
            names = np.array([place.encode() for place in block])
            at = np.searchsorted(said, names).clip(0, max(len(said) - 1, 0))
            is_said = said[at] == names if len(said) else np.zeros(len(names), bool)
            yield from (block[one] for one in np.flatnonzero(~is_said).tolist())

    def _pack(self, level: str) -> None:
        packed = np.array(self._new.pop(level, []), np.bytes_)
        self._places.setdefault(level, []).append(packed)


def _write(
    connection: sqlite3.Connection,
    level: str,
    day: str,
    block: list[Row],
    judged: tuple[int, int],
) -> int:
    held = held_of(connection, level, day, (row.place for row in block))
    new: dict[tuple[str, int], _Columns] = {}
    instead: dict[tuple[str, int], _Columns] = {}
    written = 0
    for row in block:
        before, revision = held.get(row.place), 1
        if before is not None:
            if row.says_the_same(before):
                continue
            revision = before.revision + (not before.provisional)
        _, place, _, word, provisional, rule, facts = row
        key = place, revision
        is_instead = before is not None and before.provisional and key not in new
        held[place] = Held(place, revision, word, provisional, rule, facts)
        columns = level, place, day, revision, word, provisional, rule, *judged, facts
        (instead if is_instead else new)[key] = columns
        written += 1
    connection.executemany(f"INSERT INTO {_VALUES}", new.values())
    # Half the work of deleting and inserting; the table itself lets no final one go.
    connection.executemany(f"INSERT OR REPLACE INTO {_VALUES}", instead.values())
    return written
