"""Findings on disk: what was said stays to be seen."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from heatward_collector.conclusions.findings import Change, FindingStore, Watched
from heatward_collector.core.suppression import Certainty, Exclusion, Finding, Kind, Level

BEGIN = 1_767_450_600
SPAN = (BEGIN - 86_400, BEGIN + 86_400)
OUTAGE = Finding(
    kind=Kind.OUTAGE,
    level=Level.BUILDING,
    place="b001",
    start_s=BEGIN,
    end_s=None,
    detected_s=BEGIN + 4500,
    certainty=Certainty.MEDIUM,
    buildings=("b001",),
    affected=("h1", "h2", "h3", "h4"),
    homes_judged=5,
    homes_silent=0,
    rule="homes_fall_together",
    excluded=(Exclusion("airing", True, {"falling_homes": 4}),),
    evidence={"drop_kelvin": 0.5},
)
OVER = replace(OUTAGE, end_s=BEGIN + 7200)


@pytest.fixture
def store(tmp_path: Path) -> FindingStore:
    return FindingStore(tmp_path / "findings.sqlite")


def record(store: FindingStore, *findings: Finding, at: int = 1, span=SPAN) -> int:
    return store.record(findings, span, at, batch=at)


def changes(store: FindingStore) -> list[str]:
    (key,) = {one.id for one in store.latest()}
    return [one.change.value for one in store.history(key)]


def test_a_finding_comes_back_with_when_and_from_what_it_was_judged(store: FindingStore) -> None:
    assert record(store, OUTAGE, at=7) == 1
    (said,) = store.latest()
    assert said.finding == OUTAGE
    assert (said.change, said.revision, said.judged_at, said.batch) == (Change.SAID, 1, 7, 7)
    assert said.is_open


def test_the_same_answer_writes_nothing(store: FindingStore) -> None:
    record(store, OUTAGE)
    assert record(store, OUTAGE, at=2) == 0
    assert changes(store) == ["said"]


def test_it_grows_and_ends_without_a_correction(store: FindingStore) -> None:
    record(store, OUTAGE)
    record(store, replace(OUTAGE, evidence={"drop_kelvin": 0.75}), at=2)
    record(store, OVER, at=3)
    assert changes(store) == ["said", "grew", "ended"]
    (said,) = store.latest()
    assert (said.corrections, said.is_open, said.finding.end_s) == (0, False, OVER.end_s)


@pytest.mark.parametrize(
    "later",
    [
        replace(OVER, end_s=BEGIN + 9000),
        replace(OVER, affected=("h1", "h2")),
        replace(OUTAGE),
    ],
)
def test_what_was_over_and_is_told_otherwise_is_a_correction(
    store: FindingStore, later: Finding
) -> None:
    record(store, OVER)
    record(store, later, at=2)
    assert changes(store) == ["said", "revised"]
    assert store.latest()[0].corrections == 1


@pytest.mark.parametrize(
    "later",
    [
        replace(OUTAGE, certainty=Certainty.DECLARED),
        replace(OUTAGE, kind=Kind.NIGHT_INTERRUPTION),
        replace(OUTAGE, start_s=BEGIN - 900),
    ],
)
def test_another_kind_certainty_or_begin_is_a_correction(
    store: FindingStore, later: Finding
) -> None:
    record(store, OUTAGE)
    record(store, later, at=2)
    assert changes(store) == ["said", "revised"]


def test_what_is_no_longer_said_is_withdrawn_and_may_be_said_again(store: FindingStore) -> None:
    record(store, OUTAGE)
    assert record(store, at=2) == 1
    assert record(store, at=3) == 0
    (said,) = store.latest()
    assert said.is_withdrawn
    assert not said.is_open
    assert said.finding == OUTAGE
    record(store, OUTAGE, at=4)
    assert changes(store) == ["said", "withdrawn", "revised"]
    assert store.latest()[0].corrections == 2


def test_only_what_was_first_said_in_the_span_is_withdrawn(store: FindingStore) -> None:
    record(store, OUTAGE)
    later = (SPAN[1], SPAN[1] + 86_400)
    assert record(store, span=later) == 0
    assert changes(store) == ["said"]


def test_a_finding_of_another_span_that_is_said_again_is_no_second_one(store: FindingStore) -> None:
    record(store, OUTAGE)
    assert record(store, OUTAGE, span=(SPAN[1], SPAN[1] + 86_400)) == 0


def test_parts_of_one_episode_are_findings_of_their_own(store: FindingStore) -> None:
    declared = replace(OVER, certainty=Certainty.DECLARED)
    rest = replace(OVER, start_s=BEGIN + 7200, end_s=BEGIN + 14_400)
    assert record(store, rest, declared) == 2
    ids = {one.id: one.finding.start_s for one in store.latest()}
    assert sorted(ids.values()) == [BEGIN, BEGIN + 7200]
    assert record(store, declared, rest) == 0


def test_levels_places_families_and_moments_are_different_findings(store: FindingStore) -> None:
    others = [
        replace(OUTAGE, level=Level.SOURCE),
        replace(OUTAGE, place="b002"),
        replace(OUTAGE, kind=Kind.THROTTLING),
        replace(OUTAGE, detected_s=OUTAGE.detected_s + 900),
    ]
    assert record(store, OUTAGE, *others) == 5
    assert len({one.id for one in store.latest()}) == 5


def test_no_revision_is_changed_or_deleted(store: FindingStore, tmp_path: Path) -> None:
    record(store, OUTAGE)
    connection = sqlite3.connect(tmp_path / "findings.sqlite")
    for statement in ("UPDATE finding SET change = 'grew'", "DELETE FROM finding"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)


def test_a_reader_beside_the_writer_sees_the_newest_revision(
    store: FindingStore, tmp_path: Path
) -> None:
    reader = FindingStore(tmp_path / "findings.sqlite")
    assert reader.latest() == []
    record(store, OUTAGE)
    assert [one.finding for one in reader.latest()] == [OUTAGE]
    assert reader.open_count() == 1
    record(store, OVER)
    assert reader.open_count() == 0


def test_what_ended_long_ago_is_left_out_when_asked_for_the_newest(store: FindingStore) -> None:
    long_ago = replace(OVER, place="b002", start_s=BEGIN - 80_000, end_s=BEGIN - 70_000)
    record(store, replace(long_ago, end_s=None))
    record(store, OUTAGE, long_ago, at=2)
    assert [one.finding.place for one in store.latest(BEGIN - 60_000)] == ["b001"]
    assert [one.finding.place for one in store.latest()] == ["b001", "b002"]


def test_the_newest_look_is_remembered_and_replaced(store: FindingStore) -> None:
    assert store.watched() is None
    store.note(Watched(1, 2, 10, 5, 0.5))
    store.note(Watched(3, 4, 10, 9, 1.0))
    assert store.watched() == Watched(3, 4, 10, 9, 1.0)


def test_an_unknown_finding_has_no_history(store: FindingStore) -> None:
    assert store.history("acute-building-b001-1") == []
