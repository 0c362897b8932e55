"""Findings of suppressed heating, append-only: a changed answer is a new revision, never an edit.

A finding is known by its kind's family, its place, and when it was first said. What a later
judgement no longer says becomes a revision ``withdrawn``: it was said, and stays to be seen.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from heatward_collector.conclusions.frozen_values import decode, encode
from heatward_collector.core.suppression import Finding, Kind

_SCHEMA = """
CREATE TABLE IF NOT EXISTS finding (
  id TEXT NOT NULL, revision INTEGER NOT NULL, change TEXT NOT NULL,
  level TEXT NOT NULL, place TEXT NOT NULL, start_s INTEGER NOT NULL, end_s INTEGER,
  detected_s INTEGER NOT NULL, finding TEXT NOT NULL,
  judged_at INTEGER NOT NULL, batch INTEGER NOT NULL,
  PRIMARY KEY (id, revision)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS finding_detected ON finding (detected_s);
CREATE TRIGGER IF NOT EXISTS finding_no_update BEFORE UPDATE ON finding
BEGIN SELECT RAISE(ABORT, 'findings are append-only'); END;
CREATE TRIGGER IF NOT EXISTS finding_no_delete BEFORE DELETE ON finding
BEGIN SELECT RAISE(ABORT, 'findings are append-only'); END;
CREATE TABLE IF NOT EXISTS watched (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_COLUMNS = "id, revision, change, finding, judged_at, batch"
_FAMILIES = {
    Kind.OUTAGE: "acute",
    Kind.NIGHT_INTERRUPTION: "acute",
    Kind.STOP_START: "acute",
}
"""Kinds that a finding may change between; every other kind is a family of its own."""


class Change(StrEnum):
    """What a revision brought."""

    SAID = "said"
    GREW = "grew"
    """It lasts, and more is known of it."""
    ENDED = "ended"
    REVISED = "revised"
    """Something of the past is now known to have been otherwise."""
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class SaidFinding:
    """One revision of a finding."""

    id: str
    finding: Finding
    change: Change = Change.SAID
    revision: int = 1
    judged_at: int = 0
    batch: int = 0
    corrections: int = 0
    """How often it was revised or withdrawn until this revision: what a reader should know of."""

    @property
    def is_withdrawn(self) -> bool:
        """Whether it is no longer said."""
        return self.change is Change.WITHDRAWN

    @property
    def is_open(self) -> bool:
        """Whether it lasts."""
        return not self.is_withdrawn and self.finding.end_s is None

    @property
    def lasted_until_s(self) -> int:
        """Its end, or when it was last judged where none was seen. [s UTC]"""
        return self.judged_at if self.finding.end_s is None else self.finding.end_s


@dataclass(frozen=True, slots=True)
class Watched:
    """What the newest look for suppressed heating rested on."""

    looked_at: int
    """When it was done, by our clock. [s UTC]"""
    until_s: int
    """Readings until then were looked at. [s UTC]"""
    homes: int
    """Homes of the network."""
    homes_heard: int
    """Of them, those with a reading in the last day that speaks for them."""
    outdoor_known: float
    """Share of the last day for which the outdoor temperature is known."""


class FindingStore:
    """The findings in one SQLite file; one writer, any number of readers."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(
            path, isolation_level=None, timeout=10, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(_SCHEMA)

    def record(
        self, findings: Iterable[Finding], span: tuple[int, int], judged_at: int, batch: int
    ) -> int:
        """Keep all that is said of a span of time, and take back what is no longer said of it.

        ``span`` are the seconds [from, to) in which the findings were first said, and in which all
        that is not among them is withdrawn. Returns how many revisions were written.
        """
        said = dict(with_ids(findings))
        held = {one.id: one for one in self._latest("detected_s >= ? AND detected_s < ?", span)}
        elsewhere = {key: self.history(key) for key in said.keys() - held.keys()}
        held |= {key: history[-1] for key, history in elsewhere.items() if history}
        revisions = [_revision(held.get(key), key, finding) for key, finding in said.items()]
        revisions += [
            _revised(one, one.finding, Change.WITHDRAWN)
            for key, one in held.items()
            if key not in said and not one.is_withdrawn
        ]
        rows = [_row(one, judged_at, batch) for one in revisions if one is not None]
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(
            "INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
        )
        self._connection.execute("COMMIT")
        return len(rows)

    def latest(self, since_s: int = 0) -> list[SaidFinding]:
        """Return the newest revisions of what lasts, or lasted later than a time; newest first.

        Withdrawn ones are among them.
        """
        some = self._latest("end_s IS NULL OR end_s >= ?", (since_s,))
        found = [one for one in some if one.is_open or one.lasted_until_s >= since_s]
        return sorted(found, key=lambda one: (-one.finding.start_s, one.id))

    def history(self, key: str) -> list[SaidFinding]:
        """Return every revision of a finding, oldest first; none where the id is unknown."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM finding WHERE id = ? ORDER BY revision", (key,)
        )
        return _history(rows)

    def open_count(self) -> int:
        """Return how many findings last."""
        return sum(one.is_open for one in self._latest("end_s IS NULL", ()))

    def note(self, watched: Watched) -> None:
        """Keep what the newest look rested on: no evidence, so it replaces what was there."""
        text = json.dumps(asdict(watched))
        self._connection.execute("INSERT OR REPLACE INTO watched VALUES ('newest', ?)", (text,))

    def watched(self) -> Watched | None:
        """Return what the newest look rested on, None before the first."""
        row = self._connection.execute("SELECT value FROM watched WHERE key = 'newest'").fetchone()
        return None if row is None else Watched(**json.loads(row[0]))

    def version(self) -> int:
        """Return a number that is another one after somebody else has written."""
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _latest(self, condition: str, values: tuple[int, ...]) -> list[SaidFinding]:
        """Return the newest revisions of the findings of which some revision fulfils something."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS}, corrections FROM (SELECT {_COLUMNS}, "
            "sum(change IN ('revised', 'withdrawn')) OVER (PARTITION BY id) AS corrections, "
            "max(revision) OVER (PARTITION BY id) AS newest FROM finding WHERE id IN "
            f"(SELECT id FROM finding WHERE {condition})) WHERE revision = newest",
            values,
        )
        return [_said(row, corrections) for *row, corrections in rows]


def with_ids(findings: Iterable[Finding]) -> list[tuple[str, Finding]]:
    """Return findings with their ids; parts of one episode that share one are numbered by time."""
    counted: dict[str, int] = {}
    found = []
    for finding in sorted(findings, key=lambda one: one.start_s):
        family = _FAMILIES.get(finding.kind, finding.kind.value)
        key = f"{family}-{finding.level}-{finding.place}-{finding.detected_s}"
        counted[key] = counted.get(key, 0) + 1
        found.append((key if counted[key] == 1 else f"{key}-{counted[key]}", finding))
    return found


def _revision(held: SaidFinding | None, key: str, finding: Finding) -> SaidFinding | None:
    """Return the revision that says something new, None where nothing is."""
    if held is None:
        return SaidFinding(key, finding)
    if not held.is_withdrawn and _text(held.finding) == _text(finding):
        return None
    return _revised(held, finding, _change(held, finding))


def _change(held: SaidFinding, finding: Finding) -> Change:
    past = (finding.start_s, finding.level, finding.certainty, finding.kind)
    before = held.finding
    if not held.is_open or past != (before.start_s, before.level, before.certainty, before.kind):
        return Change.REVISED
    return Change.GREW if finding.end_s is None else Change.ENDED


def _revised(held: SaidFinding, finding: Finding, change: Change) -> SaidFinding:
    return replace(held, finding=finding, change=change, revision=held.revision + 1)


def _row(said: SaidFinding, judged_at: int, batch: int) -> tuple[Any, ...]:
    finding = said.finding
    return (
        said.id,
        said.revision,
        said.change.value,
        finding.level.value,
        finding.place,
        finding.start_s,
        finding.end_s,
        finding.detected_s,
        _text(finding),
        judged_at,
        batch,
    )


def _text(finding: Finding) -> str:
    return json.dumps(encode(finding, []), separators=(",", ":"), sort_keys=True)


def _history(rows: Iterable[Sequence[Any]]) -> list[SaidFinding]:
    """Return the revisions of one finding, oldest first."""
    found: list[SaidFinding] = []
    for row in rows:
        before = found[-1].corrections if found else 0
        is_correction = Change(row[2]) in (Change.REVISED, Change.WITHDRAWN)
        found.append(_said(row, before + is_correction))
    return found


def _said(row: Sequence[Any], corrections: int) -> SaidFinding:
    key, revision, change, text, judged_at, batch = row
    finding: Finding = decode(Finding, json.loads(text))
    return SaidFinding(key, finding, Change(change), revision, judged_at, batch, corrections)
