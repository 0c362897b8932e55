"""Verdicts, append-only: a changed answer is a new revision, never an edit.

One row a place, day and revision; the newest revision is the verdict. Everything that was used to
reach it stands in the row.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from heatward_collector.conclusions import running_verdicts
from heatward_collector.conclusions.running_verdicts import Row as KeptRow
from heatward_collector.conclusions.running_verdicts import newest, read
from heatward_collector.conclusions.verdict_blocks import VerdictBlock, text_of
from heatward_collector.conclusions.written_verdicts import (
    Row,
    SaidPlaces,
    held_in_blocks,
    in_transactions,
    silent_places,
    write,
)
from heatward_collector.pieces import Pieces, whole

_SCHEMA = """
CREATE TABLE IF NOT EXISTS verdict (
  level TEXT NOT NULL, place TEXT NOT NULL, day TEXT NOT NULL, revision INTEGER NOT NULL,
  verdict TEXT NOT NULL, provisional INTEGER NOT NULL, rule TEXT NOT NULL,
  judged_at INTEGER NOT NULL, batch INTEGER NOT NULL, facts TEXT NOT NULL,
  PRIMARY KEY (level, place, day, revision)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS verdict_day ON verdict (day, level);
CREATE INDEX IF NOT EXISTS verdict_provisional ON verdict (day) WHERE provisional = 1;
CREATE INDEX IF NOT EXISTS verdict_judged ON verdict (judged_at, day);
CREATE TRIGGER IF NOT EXISTS verdict_no_update BEFORE UPDATE ON verdict
BEGIN SELECT RAISE(ABORT, 'verdicts are append-only'); END;
CREATE TRIGGER IF NOT EXISTS verdict_no_delete BEFORE DELETE ON verdict
WHEN OLD.provisional = 0
BEGIN SELECT RAISE(ABORT, 'verdicts are append-only'); END;
"""
LEVELS = ("room", "home", "building")
_ALL_DAYS = date.min, date.max
_NO_READINGS = {"coverage": 0.0, "not_judged": "no_readings"}


@dataclass(frozen=True, slots=True)
class DayVerdict:
    """One place's verdict on one local day.

    ``facts`` holds what it rests on: coverage, means, counts and their denominators, guard band,
    refund hours. A provisional verdict is on a day that is not over.
    """

    level: str
    place: str
    day: date
    verdict: str
    rule: str
    facts: dict[str, Any]
    provisional: bool = False
    revision: int = 0
    judged_at: int = 0
    batch: int = 0

    def says_the_same(self, other: DayVerdict) -> bool:
        """Whether a later judgement changes nothing that anybody can see."""
        mine = (self.verdict, self.rule, self.facts, self.provisional)
        return mine == (other.verdict, other.rule, other.facts, other.provisional)


Said = DayVerdict | VerdictBlock
"""A block says provisional verdicts of many places."""


def verdicts_of(block: VerdictBlock, provisional: bool) -> Iterator[DayVerdict]:
    """Yield what a block says of each place."""
    day = date.fromisoformat(block.day)
    for place, word, facts in block.rows():
        yield DayVerdict(block.level, place, day, word, block.rule, facts, provisional)


class VerdictStore:
    """The verdicts in one SQLite file; one writer, any number of readers."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(
            path, isolation_level=None, timeout=10, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        # Else a final verdict could be replaced without being asked whether it may be deleted.
        self._connection.execute("PRAGMA recursive_triggers = ON")
        self._connection.executescript(_SCHEMA + running_verdicts.SCHEMA)

    def record(self, said: Iterable[Said], judged_at: int, batch: int) -> int:
        """Keep what is new or changed; return how many verdicts that were.

        A provisional verdict replaces the provisional one before it: only a day that is over has a
        history worth keeping.
        """
        connection, written = self._connection, 0
        connection.execute("BEGIN IMMEDIATE")
        for is_block, some in groupby(said, lambda one: isinstance(one, VerdictBlock)):
            if is_block:
                blocks = (one for one in some if isinstance(one, VerdictBlock))
                for block in blocks:
                    written += running_verdicts.put(connection, block, judged_at, batch)
            else:
                rows = (_row(one) for one in some if isinstance(one, DayVerdict))
                written += write(connection, rows, judged_at, batch)
        connection.execute("COMMIT")
        return written

    def record_day(
        self,
        day: date,
        said: Iterable[Said],
        judged_at: int,
        batch: int,
        silent: Iterable[tuple[str, str]] | None = None,
    ) -> int:
        """Keep all that a day's judgement says, and take back what it no longer says.

        A place that lost its readings, because the registry now knows that the sensor hung
        elsewhere, must not keep the verdict that rested on them: it becomes not judgeable.
        ``silent`` are level and id of the places that were judged and of which nothing is said,
        None for all there are. A city's verdicts may be made as they are written.
        """
        return whole(self.recording(day, said, judged_at, batch, silent))

    def recording(
        self,
        day: date,
        said: Iterable[Said],
        judged_at: int,
        batch: int,
        silent: Iterable[tuple[str, str]] | None = None,
    ) -> Pieces[int]:
        """Do what :meth:`record_day` does, a transaction after the other; stop behind each.

        Whoever goes no further has kept a part, of which each verdict is right; another judgement
        of the whole day keeps the rest.
        """
        written, is_final = 0, silent is None
        places = SaidPlaces()
        for some in in_transactions(said):
            is_final = is_final and not any(_is_provisional(one) for one in some)
            if silent is None:
                _note(places, some)
            written += self.record(some, judged_at, batch)
            yield
        unsaid = silent_places(self._connection, day.isoformat(), places, LEVELS)
        for silent_ones in unsaid if silent is None else in_transactions(silent):
            if silent_ones:
                written += self.record(self._withdrawn(day, silent_ones), judged_at, batch)
            yield
        if is_final:
            running_verdicts.forget_day(self._connection, day.isoformat())
        return written

    def _withdrawn(self, day: date, silent: Iterable[tuple[str, str]]) -> Iterator[DayVerdict]:
        """Yield what is to stand where there was a verdict and is none any more."""
        for level, some in groupby(silent, lambda one: one[0]):
            names = (place for _, place in some)
            for held in held_in_blocks(self._connection, level, day.isoformat(), names):
                facts = dict(_NO_READINGS)
                yield DayVerdict(level, held.place, day, "not_judgeable", held.rule, facts)

    def provisional_days(self) -> list[date]:
        """Return the days on which somebody still has a provisional verdict, oldest first."""
        rows = self._connection.execute(
            "SELECT day FROM verdict WHERE provisional = 1 UNION SELECT day FROM running_verdict"
        )
        return sorted(date.fromisoformat(row[0]) for row in rows)

    def days_judged_since(self, moment_s: int) -> list[date]:
        """Return the days of which something was judged at a moment or later, oldest first."""
        rows = self._connection.execute(
            "SELECT day FROM verdict WHERE judged_at >= :since "
            "UNION SELECT day FROM running_verdict WHERE newest >= :since",
            {"since": moment_s},
        )
        return sorted(date.fromisoformat(row[0]) for row in rows)

    def latest(self, level: str, place: str, day: date) -> DayVerdict | None:
        """Return the newest revision of one verdict."""
        found = self.history(level, place, day)
        return found[-1] if found else None

    def history(self, level: str, place: str, day: date) -> list[DayVerdict]:
        """Return every revision of one verdict, oldest first."""
        rows = read(
            self._connection,
            "level = :level AND place = :place AND day = :day",
            "level = :level AND day = :day AND first_place <= :place AND last_place >= :place",
            {"level": level, "place": place, "day": day.isoformat()},
            (place,),
        )
        return [_verdict(row) for row in rows]

    def of_place(self, level: str, place: str, first: date, last: date) -> list[DayVerdict]:
        """Return a place's verdicts of a range of days, newest revisions only."""
        return self.of_places(level, (place,), first, last)[place]

    def of_places(
        self, level: str, places: Sequence[str], first: date, last: date
    ) -> dict[str, list[DayVerdict]]:
        """Return the verdicts of places in a range of days, newest revisions only, by place."""
        found: dict[str, list[DayVerdict]] = {place: [] for place in places}
        if not found:
            return found
        rows = read(
            self._connection,
            "level = :level AND place IN (SELECT value FROM json_each(:places)) "
            "AND day BETWEEN :first AND :last",
            "level = :level AND day BETWEEN :first AND :last "
            "AND first_place <= :highest AND last_place >= :lowest",
            {
                **_span(level, first, last),
                "places": json.dumps(list(found)),
                "lowest": min(found),
                "highest": max(found),
            },
            list(found),
        )
        for row in newest(rows):
            found[row[1]].append(_verdict(row))
        return found

    def of_level(self, level: str, first: date, last: date) -> Iterator[DayVerdict]:
        """Yield all verdicts of a level in a range of days, newest revisions only.

        They come place by place, in the order in which they lie on disk: a season of a whole city
        costs one pass.
        """
        yield from map(_verdict, newest(self._of_level(level, first, last)))

    def of_day(self, level: str, day: date) -> dict[str, DayVerdict]:
        """Return every verdict of a level on one day by place, newest revisions only."""
        is_there = "level = :level AND day = :day"
        given = {"level": level, "day": day.isoformat()}
        rows = read(self._connection, is_there, is_there, given)
        return {row[1]: _verdict(row) for row in newest(rows)}

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many newest revisions say what, by level."""
        return {
            level: dict(Counter(row[4] for row in newest(self._of_level(level, *_ALL_DAYS))))
            for level in LEVELS
        }

    def _of_level(self, level: str, first: date, last: date) -> Iterator[KeptRow]:
        is_there = "level = :level AND day BETWEEN :first AND :last"
        given = _span(level, first, last)
        return read(self._connection, is_there, is_there, given)

    def version(self) -> int:
        """Return a number that is another one after somebody else has written."""
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _row(verdict: DayVerdict) -> Row:
    return Row(
        verdict.level,
        verdict.place,
        verdict.day.isoformat(),
        verdict.verdict,
        verdict.provisional,
        verdict.rule,
        text_of(verdict.facts),
    )


def _note(places: SaidPlaces, some: Iterable[Said]) -> None:
    """Take note of which places are spoken of."""
    for one in some:
        if isinstance(one, VerdictBlock):
            places.note_all(one.level, one.places)
        else:
            places.note(one.level, one.place)


def _is_provisional(said: Said) -> bool:
    return isinstance(said, VerdictBlock) or said.provisional


def _span(level: str, first: date, last: date) -> dict[str, str]:
    return {"level": level, "first": first.isoformat(), "last": last.isoformat()}


def _verdict(row: KeptRow) -> DayVerdict:
    level, place, day, revision, verdict, provisional, rule, judged_at, batch, facts = row
    return DayVerdict(
        level,
        place,
        date.fromisoformat(day),
        verdict,
        rule,
        msgspec.json.decode(facts) if isinstance(facts, str) else facts,
        bool(provisional),
        revision,
        judged_at,
        batch,
    )
