"""Provisional verdicts in blocks and all others in rows read as if each were a row of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heatward_collector.conclusions.verdict_blocks import VerdictBlock
from heatward_collector.conclusions.verdicts import DayVerdict, Said, VerdictStore, verdicts_of

DAY = date(2026, 1, 5)
WORDS, REASONS = ["not_judgeable", "met", "below"], ["", "outdoor"]
PLACES = ["a", "b1", "b2", "c", "\u697c"]
Key = tuple[str, str, date]


def block(
    places: list[str], word: int = 1, day: date = DAY, level: str = "room", rule: str = "rule"
) -> VerdictBlock:
    words = np.full(len(places), word, np.uint8)
    facts = {"mean": np.array([PLACES.index(one) / 2 for one in places])}
    day_text = day.isoformat()
    return VerdictBlock(level, day_text, rule, places, WORDS, words, REASONS, facts)


@st.composite
def said(draw: st.DrawFn) -> Said:
    day = DAY + timedelta(days=draw(st.integers(0, 1)))
    level, word = draw(st.sampled_from(["room", "home"])), draw(st.integers(0, 2))
    if draw(st.booleans()):
        places = draw(st.lists(st.sampled_from(PLACES), min_size=1, unique=True).map(sorted))
        return block(places, word, day, level, draw(st.sampled_from(["rule", "another"])))
    place, facts = draw(st.sampled_from(PLACES)), {"mean": draw(st.integers(0, 2)) / 2}
    is_provisional = draw(st.booleans())
    return DayVerdict(level, place, day, WORDS[word], "rule", facts, is_provisional)


def each(some: list[Said]) -> list[DayVerdict]:
    """Return every verdict by itself."""
    return [
        verdict
        for one in some
        for verdict in (verdicts_of(one, True) if isinstance(one, VerdictBlock) else [one])
    ]


def one_by_one(rounds: list[list[Said]]) -> dict[Key, list[DayVerdict]]:
    """Return every history: only a day that is over has one worth keeping."""
    found: dict[Key, list[DayVerdict]] = {}
    for number, some in enumerate(rounds):
        for one in each(some):
            history = found.setdefault((one.level, one.place, one.day), [])
            if history and history[-1].says_the_same(one):
                continue
            if history and history[-1].provisional:
                history.pop()
            revision = len(history) + 1
            kept = replace(one, revision=revision, judged_at=100 + number, batch=number)
            history.append(kept)
    return found


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(said(), max_size=5), max_size=5))
def test_in_blocks_or_in_rows_the_same_is_kept_and_read(
    tmp_path_factory: pytest.TempPathFactory, rounds: list[list[Said]]
) -> None:
    store = VerdictStore(tmp_path_factory.mktemp("verdicts") / "verdicts.sqlite")
    for number, some in enumerate(rounds):
        before = one_by_one(rounds[:number])
        after = one_by_one(rounds[: number + 1])
        written = store.record(some, 100 + number, number)
        assert (written > 0) >= (before != after)
    kept = one_by_one(rounds)
    for (level, place, day), history in kept.items():
        assert store.history(level, place, day) == history
        assert store.of_place(level, place, day, day) == history[-1:]
    newest = {key: history[-1] for key, history in kept.items()}
    last = DAY + timedelta(days=1)
    for level in ("room", "home"):
        of_level = sorted((key, one) for key, one in newest.items() if key[0] == level)
        assert list(store.of_level(level, DAY, last)) == [one for _, one in of_level]
        of_day = {place: one for (_, place, day), one in of_level if day == DAY}
        assert list(store.of_day(level, DAY).items()) == sorted(of_day.items())
        words = [one.verdict for _, one in of_level]
        assert store.counts()[level] == {word: words.count(word) for word in set(words)}
        some = store.of_places(level, ["b1", "c", "nowhere"], DAY, last)
        assert some == {
            place: [one for (_, at, _), one in of_level if at == place]
            for place in ("b1", "c", "nowhere")
        }
    waiting = {day for (_, _, day), one in newest.items() if one.provisional}
    assert waiting <= set(store.provisional_days())
    for moment in range(100, 106):
        judged = {day for (_, _, day), one in newest.items() if one.judged_at >= moment}
        assert judged <= set(store.days_judged_since(moment))
    store.close()


@pytest.fixture
def store(tmp_path: Path) -> VerdictStore:
    return VerdictStore(tmp_path / "verdicts.sqlite")


def test_of_a_block_only_what_is_new_counts(store: VerdictStore) -> None:
    assert store.record([block(PLACES)], 100, 1) == len(PLACES)
    assert store.record([block(PLACES)], 200, 2) == 0
    assert store.record([block(PLACES[:2], 2), block(PLACES[2:], 1)], 300, 3) == 2
    found = store.of_day("room", DAY)
    assert [one.judged_at for one in found.values()] == [300, 300, 100, 100, 100]
    assert store.days_judged_since(301) == []


def test_of_nobody_nothing_is_kept_or_read(store: VerdictStore) -> None:
    assert store.record([block([])], 100, 1) == 0
    assert store.of_day("room", DAY) == {}
    assert store.of_places("room", [], DAY, DAY) == {}


def test_a_final_judgement_of_a_day_leaves_no_block(store: VerdictStore) -> None:
    store.record_day(DAY, [block(PLACES)], 100, 1)
    assert store.provisional_days() == [DAY]
    final = [replace(one, provisional=False) for one in verdicts_of(block(PLACES[1:]), False)]
    assert store.record_day(DAY, final, 200, 2) == len(PLACES)
    assert store.provisional_days() == []
    assert store.latest("room", "a", DAY).verdict == "not_judgeable"
    assert {one.revision for one in store.of_day("room", DAY).values()} == {1}
    assert not store._connection.execute("SELECT * FROM running_verdict").fetchall()


def test_whoever_is_stopped_between_two_transactions_still_owes_the_day(
    store: VerdictStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heatward_collector.conclusions.written_verdicts.ROWS_AT_ONCE", 2)
    store.record_day(DAY, [block(PLACES)], 100, 1)
    final = list(verdicts_of(block(PLACES, 2), False))
    next(store.recording(DAY, final, 200, 2))
    assert [one.verdict for one in store.of_day("room", DAY).values()] == [
        *["below"] * 2,
        *["met"] * 3,
    ]
    assert store.provisional_days() == [DAY]
    assert store.record_day(DAY, final, 300, 3) == 3
    assert store.provisional_days() == []


def test_a_place_of_a_block_that_is_silent_now_becomes_not_judgeable(store: VerdictStore) -> None:
    store.record_day(DAY, [block(PLACES)], 100, 1)
    assert store.record_day(DAY, [block(PLACES[1:])], 200, 2, [("room", "a")]) == 1
    assert store.latest("room", "a", DAY).facts == {"coverage": 0.0, "not_judged": "no_readings"}
    assert store.record_day(DAY, [block(PLACES[1:])], 300, 3) == 0
    assert store.record_day(DAY, [block(PLACES[2:])], 400, 4) == 1
    assert store.latest("room", "b1", DAY).verdict == "not_judgeable"


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        (lambda store: list(store.of_level("room", DAY, DAY)), "PRIMARY KEY"),
        (lambda store: store.of_day("room", DAY), "verdict_day (day=? AND level=?)"),
        (lambda store: store.days_judged_since(100), "verdict_judged (judged_at>?)"),
    ],
)
def test_a_city_s_season_is_read_without_sorting_it(
    store: VerdictStore, asked: Callable[[VerdictStore], object], index: str
) -> None:
    queries: list[str] = []
    store._connection.set_trace_callback(queries.append)
    asked(store)
    store._connection.set_trace_callback(None)
    (query,) = queries
    plan = [line[3] for line in store._connection.execute(f"EXPLAIN QUERY PLAN {query}")]
    (of_rows,) = [line for line in plan if line.startswith(("SCAN verdict ", "SEARCH verdict "))]
    assert index in of_rows
    behind = plan[plan.index(of_rows) + 1]
    assert "ORDER BY" not in behind
