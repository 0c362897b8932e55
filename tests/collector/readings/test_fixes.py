"""Clock fixes are kept, found by their sources, and survive restarts and updates."""

import pickle
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.readings import clocks as module
from heatward_collector.readings.fixes import SCHEMA, HeldFixes, StoredFixes
from heatward_collector.readings.known_clocks import known_clocks
from heatward_collector.readings.projection import times_of
from support.evidence import LIVING, T0, PaperNode, World, follower_of

fixes = st.tuples(st.integers(0, 9), st.integers(0, 3), st.sampled_from([0.05, 0.5]))


def stored():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(SCHEMA)
    return StoredFixes(connection)


@pytest.mark.parametrize("make", [HeldFixes, stored])
@given(st.lists(st.tuples(st.integers(0, 2), fixes), max_size=30), st.integers(0, 30))
def test_a_book_holds_every_fix_of_a_source_and_no_other(make, added, written_after):
    book = make()
    for place, (source, fix) in enumerate(added):
        is_new = fix not in [one for other, one in added[:place] if other == source]
        assert book.add(source, fix) or not is_new
        if place == written_after and isinstance(book, StoredFixes):
            book.write()
    for sources in ([0], [1, 2], [0, 1, 2], [7]):
        expected = {fix for source, fix in added if source in sources}
        assert set(book.of(sources)) == expected


def pass_by(follower):
    batches = follower.next()
    follower.done(batches)
    return batches


def lying(world):
    """Let a node read without a time, be told it, and later be told a day less."""
    node = PaperNode(1)
    wrong = node.read(LIVING, T0 + 700, 20)._replace(wall_s=T0 - 86_400)
    late = node.fix(T0 + 900)
    records = [
        node.boot()._replace(seq=1),
        node.read(LIVING, T0 + 10, 20, False)._replace(seq=2),
        node.fix(T0 + 600)._replace(seq=3),
        wrong._replace(seq=4),
        late._replace(seq=5),
    ]
    world.arrive(node, records)
    return [T0 + 10, T0 + 700]


def test_times_are_the_same_after_a_restart_and_for_whoever_only_reads(tmp_path):
    world = World(tmp_path)
    expected = lying(world)
    first = follower_of(world)
    (batch,) = pass_by(first)
    path = world.folder / "state" / "own.sqlite"
    known, strays = known_clocks(path)
    for clocks in (
        first.clocks,
        follower_of(world).clocks,
        known,
        pickle.loads(pickle.dumps(known)),
    ):
        assert times_of(batch, clocks).tolist() == expected
    assert strays == {batch.number}


def test_what_is_not_done_is_learnt_twice_and_kept_once(tmp_path):
    world = World(tmp_path)
    expected = lying(world)
    follower = follower_of(world)
    follower.next()
    batches = follower.next()
    assert times_of(batches[0], follower.clocks).tolist() == expected
    follower.done(batches)
    with sqlite3.connect(world.folder / "state" / "own.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM clock_fix").fetchone() == (2,)
    connection.close()


def test_the_state_of_an_older_version_is_brought_up_to_date(tmp_path):
    world = World(tmp_path)
    expected = lying(world)
    follower = follower_of(world)
    (batch,) = pass_by(follower)
    follower.close()
    path = world.folder / "state" / "own.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript(
            """
            CREATE TABLE fix (
              district TEXT, node TEXT, boot BLOB, mono_ms INTEGER, wall_s INTEGER, error_s REAL
            );
            INSERT INTO fix SELECT district, node, boot, mono_ms, wall_s, error_s
              FROM clock_fix JOIN boot USING (source);
            DROP TABLE clock_fix;
            ALTER TABLE boot DROP COLUMN began_s;
            """
        )
    connection.close()
    assert known_clocks(path) is None
    for _ in range(2):
        again = follower_of(world)
        assert (again.batch, times_of(batch, again.clocks).tolist()) == (1, expected)
        again.close()


def test_fixes_are_looked_up_again_where_many_boots_were_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SORTED_AT_ONCE", 1)
    world = World(tmp_path)
    follower = follower_of(world)
    for number in (1, 2):
        node = PaperNode(number, boot_id=bytes([number]) * 16)
        world.arrive(node, [node.boot(), node.read(LIVING, T0 + number, 20, False)])
        world.arrive(node, [node.fix(T0 + 600)])
    batches = pass_by(follower)
    for _ in range(2):
        times = [times_of(batch, follower.clocks).tolist() for batch in batches]
        assert times == [[T0 + 1], [], [T0 + 2], []]
