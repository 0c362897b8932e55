"""Verdicts are kept for ever: what changes is a new revision."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest

from heatward_collector.conclusions.verdicts import DayVerdict, VerdictStore

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


@pytest.mark.parametrize("change", [{"word": "met"}, {"coverage": 0.8}, {"provisional": True}])
def test_two_verdicts_say_the_same_if_nobody_can_see_a_difference(change):
    one = verdict(coverage=0.9)
    assert one.says_the_same(replace(one, revision=2, judged_at=7, batch=9))
    assert not one.says_the_same(verdict(**{"coverage": 0.9, **change}))
    assert not one.says_the_same(replace(one, rule="another"))


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


def test_the_store_itself_can_replace_a_provisional_verdict_and_no_final_one(store):
    replace_all = "INSERT OR REPLACE INTO verdict SELECT * FROM verdict"
    store.record([verdict(provisional=True)], 100, 1)
    store._connection.execute(replace_all)
    store.record([verdict(place="r2")], 100, 1)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        store._connection.execute(replace_all)


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
    silent = [("room", "r1"), ("room", "r9")]
    written = store.record_day(DAY, [verdict(place="r2")], 200, 2, silent)
    assert written == 1
    assert store.latest("room", "r1", DAY).verdict == "not_judgeable"
    assert store.latest("room", "r2", DAY).revision == 1
    assert store.latest("building", "b1", DAY).verdict == "below"  # nobody was asked about it
    assert store.latest("room", "r9", DAY) is None  # nothing is made up


def test_a_place_without_readings_says_so_and_that_nothing_covers_it(store):
    store.record_day(DAY, [verdict(coverage=0.9)], 100, 1)
    store.record_day(DAY, [], 200, 2)
    assert store.latest("room", "r1", DAY).facts == {"coverage": 0.0, "not_judged": "no_readings"}


def test_a_new_provisional_answer_takes_the_place_of_its_own_and_of_no_other(store):
    later = date(2026, 1, 6)
    others = [
        verdict(place="r2", provisional=True),
        verdict(day=later, provisional=True),
        verdict(level="home", provisional=True),
    ]
    store.record([verdict(provisional=True), *others], 100, 1)
    store.record([verdict("met", day=DAY, place="r3")], 100, 1)
    assert store.record([verdict("met", provisional=True)], 200, 2) == 1
    assert words(store) == [("met", 1)]
    for one in others:
        assert store.latest(one.level, one.place, one.day).verdict == "below"
    assert store.provisional_days() == [DAY, later]


def test_days_come_once_each_and_in_their_order(store):
    later = date(2026, 1, 6)
    rows = [verdict(place=place, provisional=True) for place in ("r1", "r2")]
    store.record([verdict(day=later, provisional=True), *rows], 200, 1)
    assert store.provisional_days() == [DAY, later]
    store.record([verdict(day=date(2026, 1, 4))], 300, 2)  # an older day, judged the last
    store.record([verdict(day=date(2026, 1, 4), place="r2")], 400, 3)
    assert store.days_judged_since(200) == [date(2026, 1, 4), DAY, later]


def test_a_place_is_found_by_its_level_its_name_and_its_days_together(store):
    days = [date(2026, 1, number) for number in range(4, 8)]
    for day in days:
        store.record([verdict(day=day), verdict("met", day=day, level="home")], 100, 1)
        store.record([verdict("met", place="r2", day=day)], 100, 1)
    found = store.of_place("room", "r1", days[1], days[2])
    assert [(one.level, one.place, one.day, one.verdict) for one in found] == [
        ("room", "r1", day, "below") for day in days[1:3]
    ]


def test_facts_are_written_the_same_way_whatever_their_order(store, tmp_path):
    store.record([verdict(b=1, a=0.5), verdict(place="r2", a=0.5, b=1)], 100, 1)
    with sqlite3.connect(tmp_path / "verdicts.sqlite") as connection:
        assert connection.execute("SELECT DISTINCT facts FROM verdict").fetchall() == [
            ('{"a":0.5,"b":1}',)
        ]


def test_verdicts_lie_in_whatever_folder_and_give_it_back(tmp_path):
    path = tmp_path / "state" / "new" / "verdicts.sqlite"
    store = VerdictStore(path)
    store.record([verdict()], 100, 1)
    VerdictStore(path).close()  # the folder is there already
    store.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        store.counts()


def test_who_reads_holds_no_writer_up_and_another_thread_may_read(store, tmp_path):
    with sqlite3.connect(tmp_path / "verdicts.sqlite", isolation_level=None) as reader:
        assert reader.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM verdict").fetchone() == (0,)
        store.record([verdict()], 100, 1)
        assert reader.execute("SELECT count(*) FROM verdict").fetchone() == (0,)
        reader.execute("COMMIT")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(words, store).result() == [("below", 1)]


def test_provisional_days_of_a_city_are_found_without_reading_every_verdict(tmp_path, store):
    query = "EXPLAIN QUERY PLAN SELECT DISTINCT day FROM verdict WHERE provisional = 1"
    with sqlite3.connect(tmp_path / "verdicts.sqlite") as connection:
        (plan,) = connection.execute(query).fetchall()
    assert "verdict_provisional" in plan[3]
