"""What waits for a clock fix is not forgotten before it has one, and the past is left alone."""

from __future__ import annotations

import sqlite3

import pytest

from heatward_collector.readings.boots import BootKey
from heatward_collector.readings.doubts import Doubts
from heatward_collector.registry import Change

BOOT: BootKey = ("sample", "n0001", b"b" * 16)
OTHER: BootKey = ("sample", "n0002", b"c" * 16)
BOOTS = (
    "CREATE TABLE boot (source INTEGER PRIMARY KEY, district TEXT, node TEXT, boot BLOB, "
    "batch INTEGER NOT NULL DEFAULT 0)"
)


@pytest.fixture
def connection() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute(BOOTS)
    rows = [(1, *BOOT), (2, *BOOT), (3, *OTHER)]
    connection.executemany(
        "INSERT INTO boot (source, district, node, boot) VALUES (?, ?, ?, ?)", rows
    )
    return connection


def loaded(connection: sqlite3.Connection) -> Doubts:
    doubts = Doubts(connection)
    doubts.load()
    return doubts


def queued(doubts: Doubts) -> list[tuple[BootKey | None, int]]:
    return [(doubt.boot, doubt.batch) for doubt in doubts.all()]


@pytest.mark.parametrize("restarts", [False, True])
def test_a_boot_waits_since_its_first_batch_for_a_fix_of_its_last_reading(
    connection: sqlite3.Connection, restarts: bool
) -> None:
    doubts = loaded(connection)
    doubts.wait(BOOT, 2, 7, 5_000)
    doubts.wait(BOOT, 1, 9, 3_000)
    doubts.wait(BOOT, 2, 11, 8_000)
    if restarts:
        doubts = loaded(connection)
    doubts.fixed(BOOT, (1, 2), 7_999)
    assert queued(doubts) == [(BOOT, 7)]
    doubts.fixed(BOOT, (1, 2), 8_000)
    doubts.fixed(BOOT, (1, 2), 9_000)
    assert queued(doubts) == [(BOOT, 7), (BOOT, 7)]
    assert connection.execute("SELECT count(*) FROM waiting").fetchone() == (0,)
    doubts.wait(BOOT, 1, 20, 9_500)
    doubts.fixed(BOOT, (1, 2), 9_500)
    assert queued(loaded(connection)) == [(BOOT, 7), (BOOT, 7), (BOOT, 20)]


@pytest.mark.parametrize("restarts", [False, True])
def test_after_a_late_fix_all_times_of_a_boot_wait_for_one_behind_the_last(
    connection: sqlite3.Connection, restarts: bool
) -> None:
    doubts = loaded(connection)
    doubts.wait(BOOT, 2, 9, 3_000)
    doubts.late(BOOT, 1, 4, 6_000)
    if restarts:
        doubts = loaded(connection)
    assert queued(doubts) == [(BOOT, 4)]
    doubts.fixed(BOOT, (1, 2), 6_000)
    doubts.fixed(BOOT, (1, 2), 7_000)
    assert not doubts.waits(BOOT)
    doubts.wait(BOOT, 1, 12, 8_000)
    doubts.fixed(BOOT, (1, 2), 8_000)
    said = [(doubt.is_late, doubt.batch) for doubt in doubts.all()]
    assert said == [(True, 4), (True, 4), (True, 4), (False, 12)]


def test_a_fix_of_a_boot_that_does_not_wait_queues_nothing(connection: sqlite3.Connection) -> None:
    doubts = loaded(connection)
    doubts.wait(OTHER, 3, 4, 1_000)
    doubts.fixed(BOOT, (1, 2), 5_000)
    assert doubts.all() == []
    doubts.fixed(OTHER, (3,), 1_000)
    assert queued(doubts) == [(OTHER, 4)]


def test_edits_queue_up_and_are_settled_one_by_one(connection: sqlite3.Connection) -> None:
    doubts = loaded(connection)
    doubts.edited([Change(1, 2**63, 10, 20, "assignment"), Change(2, None, 30, 2**40, "rule")])
    first, second = doubts.all()
    assert (first.sensor, first.from_s, first.to_s, first.boot) == (2**63, 10, 20, None)
    assert (second.sensor, second.reason, second.from_s) == (None, "rule", 30)
    doubts.settle([first])
    assert doubts.all() == [second]
    doubts.clear()
    assert loaded(connection).all() == []


def test_what_an_older_version_kept_waits_since_the_first_batch_for_any_fix(
    connection: sqlite3.Connection,
) -> None:
    connection.executescript(
        """
        CREATE TABLE doubt (
          id INTEGER PRIMARY KEY, reason TEXT NOT NULL, sensor TEXT, from_s INTEGER, to_s INTEGER,
          district TEXT, node TEXT, boot BLOB
        );
        CREATE TABLE waiting (source INTEGER PRIMARY KEY);
        INSERT INTO waiting VALUES (3);
        INSERT INTO doubt (reason, from_s, to_s) VALUES ('calibration', 1, 2);
        """
    )
    doubts = loaded(connection)
    doubts.fixed(OTHER, (3,), 1)
    assert [(doubt.reason, doubt.batch) for doubt in doubts.all()] == [
        ("calibration", 0),
        ("clock_fix", 0),
    ]
    doubts = loaded(connection)
    doubts.fixed(OTHER, (3,), 2)
    assert len(doubts.all()) == 2
