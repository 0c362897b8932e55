"""Verdicts of a city are written in blocks, and say the same as one by one."""

from __future__ import annotations

import json
import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heatward_collector.conclusions import written_verdicts
from heatward_collector.conclusions.verdicts import LEVELS, DayVerdict, VerdictStore
from heatward_collector.conclusions.written_verdicts import SaidPlaces

DAY = date(2026, 1, 5)


@st.composite
def judged(draw: st.DrawFn) -> DayVerdict:
    level, place = draw(st.sampled_from(LEVELS)), draw(st.sampled_from(["a", "b1", "\u697c"]))
    day = DAY + timedelta(days=draw(st.integers(0, 1)))
    word, facts = draw(st.sampled_from(["met", "below"])), {"mean": draw(st.integers(0, 2)) / 2}
    return DayVerdict(level, place, day, word, "rule", facts, draw(st.booleans()))


rounds = st.lists(st.lists(judged(), max_size=9), max_size=4)


def content(path: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as connection:
        return connection.execute(
            "SELECT * FROM verdict ORDER BY level, place, day, revision"
        ).fetchall()


def one_by_one(said: list[list[DayVerdict]]) -> list[tuple[object, ...]]:
    """Return what is to be kept: only a day that is over has a history."""
    rows: dict[tuple[str, str, str], list[tuple[object, ...]]] = {}
    for number, verdicts in enumerate(said):
        for one in verdicts:
            key = one.level, one.place, one.day.isoformat()
            history = rows.setdefault(key, [])
            text = json.dumps(one.facts, separators=(",", ":"), sort_keys=True)
            mine = one.verdict, int(one.provisional), one.rule
            if history and (*history[-1][4:7], history[-1][9]) == (*mine, text):
                continue
            if history and history[-1][5]:
                history.pop()
            history.append((*key, len(history) + 1, *mine, 100 + number, number, text))
    return sorted(row for history in rows.values() for row in history)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rounds, st.integers(1, 5))
def test_however_many_are_written_together_the_same_is_kept(
    tmp_path_factory: pytest.TempPathFactory,
    said: list[list[DayVerdict]],
    at_once: int,
) -> None:
    path = tmp_path_factory.mktemp("verdicts") / "verdicts.sqlite"
    store = VerdictStore(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(written_verdicts, "ROWS_AT_ONCE", at_once)
        for number, verdicts in enumerate(said):
            store.record(verdicts, 100 + number, number)
    store.close()
    assert content(path) == one_by_one(said)


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_places_of_which_nothing_was_said_are_found_some_at_a_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, at_once: int
) -> None:
    monkeypatch.setattr(written_verdicts, "ROWS_AT_ONCE", at_once)
    monkeypatch.setattr(written_verdicts, "PLACES_AT_ONCE", at_once)
    said = SaidPlaces()
    said.note_all("room", ["r10", "r3"])
    for place in ("r1", "\u697c"):
        said.note("room", place)
    said.note("home", "r2")
    places = ["r1", "r1 ", "r10", "r100", "r2", "\u697c", "\u697c1"]
    assert said.without("room", places) == ["r1 ", "r100", "r2", "\u697c1"]
    assert said.without("building", ["b1"]) == ["b1"]
    assert said.without("room", []) == []
    said.note("room", "r100")
    assert said.without("room", places) == ["r1 ", "r2", "\u697c1"]
    store = VerdictStore(tmp_path / "verdicts.sqlite")
    rule, facts = "rule", {"mean": 1.0}
    rows = [DayVerdict("room", place, DAY, "met", rule, facts) for place in places]
    other_day = DayVerdict("room", "r9", DAY + timedelta(days=1), "met", rule, facts)
    store.record([*rows, other_day], 100, 1)
    found = written_verdicts.silent_places(store._connection, DAY.isoformat(), said, LEVELS)
    pages = list(found)
    assert sum(pages, []) == [("room", "r1 "), ("room", "r2"), ("room", "\u697c1")]
    assert len(pages) == -(-len(places) // at_once)
