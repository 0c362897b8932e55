"""Verdicts, append-only: a changed answer is a new revision, never an edit.

One row a place, day and revision; the newest revision is the verdict. Everything that was used to
reach it stands in the row.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from heatward_collector.conclusions.written_verdicts import (
    Row,
    SaidPlaces,
    held_in_blocks,
    text_of,
    write,
)

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
        self._connection.executescript(_SCHEMA)

    def record(self, verdicts: Iterable[DayVerdict], judged_at: int, batch: int) -> int:
        """Keep what is new or changed; return how many rows that were.

        A provisional verdict replaces the provisional one before it: only a day that is over has a
        history worth keeping.
        """
        self._connection.execute("BEGIN IMMEDIATE")
        written = write(self._connection, map(_row, verdicts), judged_at, batch)
        self._connection.execute("COMMIT")
        return written

    def record_day(
        self,
        day: date,
        verdicts: Iterable[DayVerdict],
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
        return self.record(self._with_withdrawn(day, verdicts, silent), judged_at, batch)

    def _with_withdrawn(
        self, day: date, verdicts: Iterable[DayVerdict], silent: Iterable[tuple[str, str]] | None
    ) -> Iterator[DayVerdict]:
        """Yield verdicts, and behind them what is to stand where there is none any more."""
        said = SaidPlaces()
        for verdict in verdicts:
            if silent is None:
                said.note(verdict.level, verdict.place)
            yield verdict
        if silent is None:
            silent = [(level, one) for level in LEVELS for one in self._unsaid(level, day, said)]
        for level, places in groupby(silent, lambda one: one[0]):
            names = (place for _, place in places)
            for held in held_in_blocks(self._connection, level, day.isoformat(), names):
                facts = dict(_NO_READINGS)
                yield DayVerdict(level, held.place, day, "not_judgeable", held.rule, facts)

    def _unsaid(self, level: str, day: date, said: SaidPlaces) -> Iterator[str]:
        """Yield the places of a level that have a verdict of a day and are not among the said."""
        rows = self._connection.execute(
            "SELECT DISTINCT place FROM verdict WHERE day = ? AND level = ? ORDER BY place",
            (day.isoformat(), level),
        )
        yield from said.without(level, (row[0] for row in rows))

    def provisional_days(self) -> list[date]:
        """Return the days on which somebody still has a provisional verdict, oldest first."""
        rows = self._connection.execute(
            "SELECT DISTINCT day FROM verdict WHERE provisional = 1 ORDER BY day"
        )
        return [date.fromisoformat(row[0]) for row in rows]

    def days_judged_since(self, moment_s: int) -> list[date]:
        """Return the days of which something was judged at a moment or later, oldest first."""
        rows = self._connection.execute(
            "SELECT DISTINCT day FROM verdict WHERE judged_at >= ? ORDER BY day", (moment_s,)
        )
        return [date.fromisoformat(row[0]) for row in rows]

    def latest(self, level: str, place: str, day: date) -> DayVerdict | None:
        """Return the newest revision of one verdict."""
        found = self.history(level, place, day)
        return found[-1] if found else None

    def history(self, level: str, place: str, day: date) -> list[DayVerdict]:
        """Return every revision of one verdict, oldest first."""
        rows = self._connection.execute(
            "SELECT * FROM verdict WHERE level = ? AND place = ? AND day = ? ORDER BY revision",
            (level, place, day.isoformat()),
        )
        return [_verdict(row) for row in rows]

    def of_place(self, level: str, place: str, first: date, last: date) -> list[DayVerdict]:
        """Return a place's verdicts of a range of days, newest revisions only."""
        return self.of_places(level, (place,), first, last)[place]

    def of_places(
        self, level: str, places: Sequence[str], first: date, last: date
    ) -> dict[str, list[DayVerdict]]:
        """Return the verdicts of places in a range of days, newest revisions only, by place."""
        rows = self._connection.execute(
            "SELECT * FROM verdict WHERE level = ? AND place IN (SELECT value FROM json_each(?)) "
            "AND day BETWEEN ? AND ? ORDER BY place, day, revision",
            (level, json.dumps(list(places)), first.isoformat(), last.isoformat()),
        )
        newest = {(row[1], row[2]): row for row in rows}
        found: dict[str, list[DayVerdict]] = {place: [] for place in places}
        for (place, _), row in newest.items():
            found[place].append(_verdict(row))
        return found

    def of_level(self, level: str, first: date, last: date) -> Iterator[DayVerdict]:
        """Yield all verdicts of a level in a range of days, newest revisions only.

        They come place by place, in the order in which they lie on disk: a season of a whole city
        costs one pass.
        """
        rows = self._connection.execute(
            "SELECT * FROM verdict WHERE level = ? AND day BETWEEN ? AND ? "
            "ORDER BY place, day, revision",
            (level, first.isoformat(), last.isoformat()),
        )
        held: Sequence[Any] | None = None
        for row in rows:
            if held is not None and held[1:3] != row[1:3]:
                yield _verdict(held)
            held = row
        if held is not None:
            yield _verdict(held)

    def of_day(self, level: str, day: date) -> dict[str, DayVerdict]:
        """Return every verdict of a level on one day by place, newest revisions only."""
        rows = self._connection.execute(
            "SELECT * FROM verdict WHERE day = ? AND level = ? ORDER BY place, revision",
            (day.isoformat(), level),
        )
        return {row[1]: _verdict(row) for row in rows}

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many newest revisions say what, by level."""
        rows = self._connection.execute(
            "SELECT level, verdict, count(*) FROM verdict AS v WHERE revision = "
            "(SELECT max(revision) FROM verdict WHERE level = v.level AND place = v.place "
            "AND day = v.day) GROUP BY level, verdict"
        )
        counts: dict[str, dict[str, int]] = {level: {} for level in LEVELS}
        for level, verdict, count in rows:
            counts[level][verdict] = count
        return counts

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


def _verdict(row: Sequence[Any]) -> DayVerdict:
    level, place, day, revision, verdict, provisional, rule, judged_at, batch, facts = row
    return DayVerdict(
        level,
        place,
        date.fromisoformat(day),
        verdict,
        rule,
        msgspec.json.decode(facts),
        bool(provisional),
        revision,
        judged_at,
        batch,
    )
