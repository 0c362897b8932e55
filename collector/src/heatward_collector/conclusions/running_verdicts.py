"""Verdicts of days that are not over, of a whole city: kept in blocks beside the rows.

At the end of each hour nearly everybody's verdict is another one, and only the last one of a day
is kept for ever. So provisional verdicts of many places together are one value, and single ones
are rows as final ones are. Of what both say of a place the higher revision counts, and the row
where they are equal: a block takes provisional rows away when it is written, so that a row is
always the newer one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from heapq import heappop, heappush, heapreplace
from typing import Any

import numpy as np

from .verdict_blocks import KeptBlock, Places, VerdictBlock, text_of

SCHEMA = """
CREATE TABLE IF NOT EXISTS running_verdict (
  level TEXT NOT NULL, day TEXT NOT NULL, first_place TEXT NOT NULL, last_place TEXT NOT NULL,
  newest INTEGER NOT NULL, content BLOB NOT NULL,
  PRIMARY KEY (level, day, first_place)
);
"""
Row = tuple[Any, ...]
"""As it lies in the table of verdicts: level, place, day, revision, verdict, provisional, rule,
judged_at, batch, facts; the facts of a block's are no text any more."""
_PLACE, _REVISION, _FACTS = 1, 3, 9


def overlapping(
    connection: sqlite3.Connection, level: str, day: str, first: str, last: str
) -> list[tuple[int, KeptBlock]]:
    """Return the blocks of a day, with their row ids, that reach into a range of places."""
    rows = connection.execute(
        "SELECT rowid, content FROM running_verdict WHERE level = ? AND day = ? "
        "AND first_place <= ? AND last_place >= ? ORDER BY first_place",
        (level, day, last, first),
    )
    return [(rowid, KeptBlock.unpacked(content)) for rowid, content in rows]


def places_of(connection: sqlite3.Connection, level: str, day: str) -> Iterator[list[str]]:
    """Yield the places of each block of a day, in their order."""
    rowids = connection.execute(
        "SELECT rowid FROM running_verdict WHERE level = ? AND day = ? ORDER BY first_place",
        (level, day),
    ).fetchall()
    for (rowid,) in rowids:
        query = "SELECT content FROM running_verdict WHERE rowid = ?"
        for (content,) in connection.execute(query, (rowid,)):
            yield KeptBlock.unpacked(content).block.places


def forget_day(connection: sqlite3.Connection, day: str) -> None:
    """Forget the blocks of a day of which everybody has a final verdict."""
    connection.execute("DELETE FROM running_verdict WHERE day = ?", (day,))


def put(connection: sqlite3.Connection, block: VerdictBlock, judged_at: int, batch: int) -> int:
    """Keep what is said of places, within a transaction; return of how many it is new.

    Places that have something to say already and are not in the block keep what they say.
    """
    if not len(block):
        return 0
    first, last = block.places[0], block.places[-1]
    kept = overlapping(connection, block.level, block.day, first, last)
    for _, old in kept:
        first, last = min(first, old.block.places[0]), max(last, old.block.places[-1])
    rows = _newest_rows(connection, block.level, block.day, first, last)
    new = _Written(block, judged_at, batch)
    left = [row for _, old in kept for row in new.after(old) if not _is_told(row, rows)]
    replaced = new.after_rows(rows)
    is_held = len(kept) == 1 and kept[0][1].block.places == block.places
    if is_held and not replaced and not new.is_new.any():
        return 0
    connection.executemany(
        "DELETE FROM verdict WHERE level = ? AND place = ? AND day = ? AND revision = ?", replaced
    )
    connection.executemany("DELETE FROM running_verdict WHERE rowid = ?", [one[:1] for one in kept])
    connection.executemany(
        "INSERT INTO verdict VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(*row[:_FACTS], text_of(row[_FACTS])) for row in left],
    )
    connection.execute(
        "INSERT INTO running_verdict VALUES (?, ?, ?, ?, ?, ?)",
        (
            *(block.level, block.day, block.places[0], block.places[-1]),
            *(int(new.judged_at.max()), new.kept().packed()),
        ),
    )
    return int(np.count_nonzero(new.is_new))


class _Written:
    """A block on its way into the table, held against what is known of its places."""

    def __init__(self, block: VerdictBlock, judged_at: int, batch: int) -> None:
        self._block, self._moment = block, (judged_at, batch)
        count = len(block)
        self.is_new = np.ones(count, bool)
        self.judged_at, self._batch = np.full(count, judged_at), np.full(count, batch)
        self._revision = np.ones(count, np.int64)
        self._held = np.zeros(count, np.int64)
        """The revision that a block has of each place, 0 for none."""

    def after(self, old: KeptBlock) -> Iterator[Row]:
        """Take note of what is kept; yield what it says of others."""
        mine, theirs = self._block.shared(old.block)
        same = self._block.unchanged(mine, old.block, theirs)
        self._revision[mine] = self._held[mine] = old.revision[theirs]
        self.is_new[mine] = ~same
        self.judged_at[mine[same]] = old.judged_at[theirs[same]]
        self._batch[mine[same]] = old.batch[theirs[same]]
        return rows_of(old, np.setdiff1d(np.arange(len(old.block), dtype=np.int64), theirs))

    def after_rows(self, rows: Mapping[str, Row]) -> list[Row]:
        """Take note of rows that are newer; return the keys of those that make room."""
        replaced: list[Row] = []
        for at in self._block.places_of(rows).tolist():
            row = rows[self._block.places[at]]
            _, place, _, revision, word, provisional, rule, judged_at, batch, facts = row
            if revision < self._held[at]:
                continue
            self.is_new[at], self._revision[at] = True, revision + (not provisional)
            self.judged_at[at], self._batch[at] = self._moment
            if not provisional:
                continue
            replaced.append((self._block.level, place, self._block.day, revision))
            ((_, my_word, my_facts),) = self._block.rows(np.array([at]))
            mine = my_word, self._block.rule, text_of(my_facts)
            if mine == (word, rule, facts):
                self.is_new[at], self.judged_at[at], self._batch[at] = False, judged_at, batch
        return replaced

    def kept(self) -> KeptBlock:
        """Return it as it is kept."""
        return KeptBlock(self._block, self._revision, self.judged_at, self._batch)


def rows_of(kept: KeptBlock, some: Places | None = None) -> Iterator[Row]:
    """Yield what a block says of some places, or of all."""
    block = kept.block
    meta = [
        (column if some is None else column[some]).tolist()
        for column in (kept.revision, kept.judged_at, kept.batch)
    ]
    for (place, word, facts), revision, judged_at, batch in zip(
        block.rows(some), *meta, strict=True
    ):
        yield (
            block.level,
            place,
            block.day,
            revision,
            word,
            1,
            block.rule,
            judged_at,
            batch,
            facts,
        )


def read(
    connection: sqlite3.Connection,
    of_rows: str,
    of_blocks: str,
    given: Mapping[str, Any],
    wanted: Collection[str] | None = None,
) -> Iterator[Row]:
    """Yield rows and what blocks say, by place, day and revision; one look at the database.

    ``of_rows`` and ``of_blocks`` are the conditions on both tables, ``given`` their values;
    ``wanted`` are the places that count, None for all.
    """
    found: Iterator[Row] = connection.execute(
        f"SELECT * FROM verdict WHERE {of_rows} UNION ALL SELECT level, first_place, day, 0, "
        f"'', 1, '', newest, 0, content FROM running_verdict WHERE {of_blocks} ORDER BY 2, 3, 4",
        given,
    )
    before: Row | None = None
    for row in _merged(found, wanted):
        # Behind what a block says, a row on the same day has its revision or a higher one.
        if before is not None and (isinstance(before[_FACTS], str) or before[1:3] != row[1:3]):
            yield before
        before = row
    if before is not None:
        yield before


def newest(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the last one of each place and day."""
    held: Row | None = None
    for row in rows:
        if held is not None and held[1:3] != row[1:3]:
            yield held
        held = row
    if held is not None:
        yield held


def _merged(found: Iterator[Row], wanted: Collection[str] | None) -> Iterator[Row]:
    """Yield rows and what blocks say in one order; of equal keys the block's comes first.

    A block stands where its first place does.
    """
    waiting: list[tuple[Row, int, Row, Iterator[Row]]] = []

    def before(key: Row | None) -> Iterator[Row]:
        while waiting and (key is None or waiting[0][0] <= key):
            _, number, row, rest = waiting[0]
            following = next(rest, None)
            if following is None:
                heappop(waiting)
            else:
                heapreplace(waiting, (following[1:4], number, following, rest))
            yield row

    for number, row in enumerate(found):
        yield from before(row[1:4])
        if isinstance(row[_FACTS], str):
            yield row
            continue
        kept = KeptBlock.unpacked(row[_FACTS])
        said = rows_of(kept, None if wanted is None else kept.block.places_of(wanted))
        one = next(said, None)
        if one is not None:
            heappush(waiting, (one[1:4], number, one, said))
    yield from before(None)


def _newest_rows(
    connection: sqlite3.Connection, level: str, day: str, first: str, last: str
) -> dict[str, Row]:
    """Return the newest row of each place of a range, by place."""
    rows = connection.execute(
        "SELECT * FROM verdict INDEXED BY verdict_day WHERE day = ? AND level = ? "
        "AND place BETWEEN ? AND ? ORDER BY place, revision",
        (day, level, first, last),
    )
    return {row[_PLACE]: row for row in rows}


def _is_told(said: Row, rows: Mapping[str, Row]) -> bool:
    """Say whether a row is as new as what a block says of its place."""
    row = rows.get(said[_PLACE])
    return row is not None and bool(row[_REVISION] >= said[_REVISION])
