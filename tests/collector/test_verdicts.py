"""Verdicts are kept for ever: what changes is a new revision."""

import sqlite3
from datetime import date

import pytest

from heatward_collector.verdicts import DayVerdict, VerdictStore

DAY = date(2026, 1, 5)


@pytest.fixture
def store(tmp_path):
    store = VerdictStore(tmp_path / "verdicts.sqlite")
    yield store
    store.close()


def verdict(word="below", place="r1", day=DAY, provisional=False, level="room", **facts):
    return DayVerdict(level, place, day, word, "harbin-2021-10-29", facts, provisional)


def words(store, place="r1"):
    return [(one.verdict, one.revision) for one in store.history("room", place, DAY)]


def test_the_same_answer_is_written_once(store):
    assert store.record([verdict(coverage=0.9)], 100, 1) == 1
    assert store.record([verdict(coverage=0.9)], 200, 2) == 0
    assert words(store) == [("below", 1)]
    assert store.latest("room", "r1", DAY).judged_at == 100


@pytest.mark.parametrize("change", [{"word": "met"}, {"coverage": 0.8}])
def test_a_changed_answer_is_a_revision_and_the_old_one_stays(store, change):
    store.record([verdict(coverage=0.9)], 100, 1)
    store.record([verdict(**{"coverage": 0.9, **change})], 200, 2)
    assert [revision for _, revision in words(store)] == [1, 2]
    latest = store.latest("room", "r1", DAY)
    assert (latest.judged_at, latest.batch) == (200, 2)


def test_a_provisional_answer_leaves_no_history(store):
    for coverage in (0.1, 0.2, 0.3):
        store.record([verdict(provisional=True, coverage=coverage)], 100, 1)
    store.record([verdict("met", coverage=1.0)], 200, 2)
    assert words(store) == [("met", 1)]


def test_a_final_verdict_can_neither_be_edited_nor_deleted(store, tmp_path):
    store.record([verdict()], 100, 1)
    with sqlite3.connect(tmp_path / "verdicts.sqlite") as connection:
        for statement in ("UPDATE verdict SET verdict = 'met'", "DELETE FROM verdict"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)


def test_a_day_s_judgement_takes_back_what_it_no_longer_says(store):
    store.record_day(DAY, [verdict(), verdict(place="r2"), verdict(level="home")], 100, 1)
    assert store.record_day(DAY, [verdict(place="r2")], 200, 2) == 2
    assert words(store) == [("below", 1), ("not_judgeable", 2)]
    assert words(store, "r2") == [("below", 1)]
    assert store.latest("home", "r1", DAY).facts["not_judged"] == "no_readings"
    assert store.record_day(DAY, [verdict(place="r2")], 300, 3) == 0
    assert store.record_day(DAY, [verdict(place="r2"), verdict()], 400, 4) == 1
    assert words(store) == [("below", 1), ("not_judgeable", 2), ("below", 3)]


def test_other_days_are_not_taken_back(store):
    store.record([verdict(day=date(2026, 1, 4))], 100, 1)
    assert store.record_day(DAY, [], 200, 2) == 0


def test_provisional_days_are_known_until_they_are_final(store):
    store.record([verdict(provisional=True)], 100, 1)
    assert store.provisional_days() == [DAY]
    store.record_day(DAY, [], 200, 2)
    assert store.provisional_days() == []


def test_newest_revisions_are_found_by_day_by_place_and_counted(store):
    store.record([verdict(), verdict("met", "r2"), verdict("met", day=date(2026, 1, 6))], 1, 1)
    store.record([verdict("marginal_minus")], 2, 2)
    found = store.of_day("room", DAY)
    assert {place: one.verdict for place, one in found.items()} == {
        "r1": "marginal_minus",
        "r2": "met",
    }
    of_place = store.of_place("room", "r1", DAY, date(2026, 1, 6))
    assert [one.verdict for one in of_place] == ["marginal_minus", "met"]
    assert store.counts()["room"] == {"marginal_minus": 1, "met": 2}


def test_nothing_recorded_is_nothing_found(store):
    assert store.latest("room", "r1", DAY) is None
    assert store.counts() == {"room": {}, "home": {}, "building": {}}


def test_a_level_is_read_in_one_pass_by_newest_revisions(store):
    later = date(2026, 1, 6)
    store.record([verdict(), verdict(day=later), verdict(place="r2"), verdict(level="home")], 1, 1)
    store.record([verdict("met")], 2, 2)
    said = [(one.place, one.day, one.verdict) for one in store.of_level("room", DAY, later)]
    assert said == [("r1", DAY, "met"), ("r1", later, "below"), ("r2", DAY, "below")]
    assert list(store.of_level("room", later, DAY)) == []


def test_days_are_found_by_when_something_of_them_was_judged(store):
    store.record([verdict()], 100, 1)
    store.record([verdict(day=date(2026, 1, 7))], 200, 2)
    store.record([verdict("met", day=date(2026, 1, 6), place="r2")], 200, 2)
    assert store.days_judged_since(201) == []
    assert store.days_judged_since(200) == [date(2026, 1, 6), date(2026, 1, 7)]
    assert store.days_judged_since(0) == [DAY, date(2026, 1, 6), date(2026, 1, 7)]


def test_another_writer_is_noticed_by_the_version(store, tmp_path):
    before = store.version()
    assert store.version() == before
    other = VerdictStore(tmp_path / "verdicts.sqlite")
    other.record([verdict()], 100, 1)
    other.close()
    assert store.version() != before


def test_only_places_that_were_asked_about_lose_a_verdict_that_is_not_said_again(store):
    rows = [verdict(place="r1"), verdict(place="r2"), verdict(place="b1", level="building")]
    store.record_day(DAY, rows, 100, 1)
    asked = {("room", "r1"), ("room", "r2"), ("room", "r9")}
    written = store.record_day(DAY, [verdict(place="r2")], 200, 2, asked)
    assert written == 1
    assert store.latest("room", "r1", DAY).verdict == "not_judgeable"
    assert store.latest("room", "r2", DAY).revision == 1
    assert store.latest("building", "b1", DAY).verdict == "below"  # nobody was asked about it
    assert store.latest("room", "r9", DAY) is None  # nothing is made up
