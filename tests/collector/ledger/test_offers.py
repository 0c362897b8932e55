"""What the writer takes of what it is offered: the next record of every epoch, once."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.core.placing import FUTURE_S
from heatward_collector.errors import LedgerError, LedgerHeld
from heatward_collector.ledger import LedgerReader, LedgerWriter, Source, Taken, verify
from heatward_collector.ledger.batch import PACKED_DTYPE, pack_entry
from heatward_node.events import LossReason, Lost
from heatward_node.reading import Kind, Record
from heatward_node.wire import Pack
from support.disk import full_disk
from support.evidence import LIVING, T0, PaperNode, ledger_records

DAY_S = 86_400
DAY = "2026-01-01.sqlite"


def readings(first: int, last: int, epoch: int = 5) -> list[Record]:
    node = PaperNode(epoch)
    node.seq = first - 1
    return [node.read(LIVING, T0 + seq, 20) for seq in range(first, last + 1)]


def lost(low: int, high: int) -> Record:
    return Record(Kind.LOST, high, 0, None, 0, 0, Lost(low, LossReason.CARD_DAMAGED).to_body())


def offer(ledger: LedgerWriter, *records: Record, epoch: int = 5, node: str = "n0001"):
    return ledger.offer("sample", node, Pack(epoch, False, list(records)))


steps = st.lists(
    st.one_of(
        st.tuples(st.just("offer"), st.integers(1, 2), st.integers(1, 9), st.integers(1, 4)),
        st.tuples(st.just("pruned"), st.integers(1, 2), st.integers(0, 12), st.just(0)),
        st.sampled_from([("commit", 0, 0, 0), ("restart", 0, 0, 0), ("next day", 0, 0, 0)]),
    ),
    max_size=14,
)


@settings(max_examples=40)
@given(steps)
def test_every_epoch_is_kept_without_a_gap_and_once_whatever_is_offered(tmp_path_factory, plan):
    """Against two numbers an epoch: how far it was taken, and how far it is on the disk."""
    folder = tmp_path_factory.mktemp("ledger")
    now = [T0 + 100.0]
    ledger = LedgerWriter(folder, lambda: now[0])
    taken, kept, waiting = {1: 0, 2: 0}, {1: 0, 2: 0}, 0
    for what, epoch, first, count in plan:
        if what == "offer":
            told = offer(ledger, *readings(first, first + count - 1), epoch=epoch)
            fresh = max(0, first + count - 1 - taken[epoch])
            if first > taken[epoch] + 1:
                assert (told.taken, told.through, told.stored) == (Taken.GAP, kept[epoch], 0)
            else:
                assert told.taken is (Taken.STORED if fresh else Taken.REPEATED)
                new = min(fresh, count)
                waiting += new
                taken[epoch] += new
                assert (told.stored, told.through) == (new, taken[epoch])
                repeated = range(first, first + count - new)
                assert [record.seq for record in told.repeats] == list(repeated)
        elif what == "pruned":
            named = ledger.offer_pruned("sample", "n0001", epoch, first)
            assert named == (first > taken[epoch] + 1)
            if named:
                taken[epoch], waiting = first - 1, waiting + 1
        elif what == "commit":
            done = ledger.commit()
            assert (done is None) == (waiting == 0)
            if done is not None:
                assert (done.count, done.number, done.hash) == (waiting, *ledger.head)
            kept, waiting = dict(taken), 0
        elif what == "restart":
            ledger.close()
            ledger = LedgerWriter(folder, lambda: now[0])
            taken, waiting = dict(kept), 0
        else:
            now[0] += DAY_S
        assert ledger.pending == waiting
        assert {at: ledger.through(("sample", "n0001"), at) for at in kept} == kept
    ledger.close()
    found = verify(folder)
    assert found.alteration is None
    assert {epoch: found for epoch, found in kept.items() if found} == {
        epoch: max(seq for _, of, seq in ledger_records(folder) if of == epoch)
        for epoch in {of for _, of, _ in ledger_records(folder)}
    }


def test_a_lost_range_that_reaches_over_what_is_known_is_taken_and_one_behind_a_gap_is_not(
    tmp_path: Path,
):
    ledger = LedgerWriter(tmp_path, lambda: T0)
    assert offer(ledger, *readings(1, 3)).stored == 3
    assert offer(ledger, lost(5, 9)).taken is Taken.GAP
    assert offer(ledger, lost(2, 9)).taken is Taken.STORED
    assert offer(ledger, lost(4, 9)).taken is Taken.REPEATED
    assert offer(ledger, *readings(10, 10)).through == 10


def test_a_source_that_only_asked_waits_for_the_first_batch_with_a_record(tmp_path: Path):
    ledger = LedgerWriter(tmp_path, lambda: T0)
    assert offer(ledger, *readings(3, 4), node="n0009").taken is Taken.GAP
    assert ledger.through(("sample", "n0009"), 5) == 0
    assert ledger.through(("sample", "n0010"), 5) == 0
    assert ledger.commit() is None
    assert not list(tmp_path.glob("*.sqlite"))
    told = offer(ledger, *readings(1, 1))
    assert (told.source, ledger.source(told.source)) == (1, Source(1, "sample", "n0001", 5))
    assert ledger.commit() is not None
    (batch,) = LedgerReader(tmp_path).batches()
    assert [one.node for one in batch.new_sources] == ["n0009", "n0001"]


def test_a_full_disk_acknowledges_nothing_and_takes_the_same_again_later(tmp_path: Path):
    """Also where the day could not even begin, and for a source nobody had heard of."""
    ledger = LedgerWriter(tmp_path, lambda: T0)
    for number, node in enumerate(("n0001", "n0002"), 1):
        with full_disk():
            assert offer(ledger, *readings(1, 40), node=node).stored == 40
            with pytest.raises(LedgerError, match=r"nothing was acknowledged.*Check the disk"):
                ledger.commit()
        assert (ledger.pending, ledger.head[0]) == (0, number - 1)
        assert ledger.through(("sample", node), 5) == 0
        assert offer(ledger, *readings(1, 40), node=node).taken is Taken.STORED
        commit = ledger.commit()
        assert commit is not None and commit.count == 40
    ledger.close()
    assert verify(tmp_path).alteration is None
    assert len(ledger_records(tmp_path)) == 80
    introduced = [batch.new_sources for batch in LedgerReader(tmp_path).batches()]
    assert [[one.node for one in sources] for sources in introduced] == [["n0001"], ["n0002"]]


def test_a_commit_that_fails_at_its_last_step_is_in_no_later_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """SQLite may leave the transaction open: what it holds was promised to nobody."""
    refused: list[str] = ["COMMIT"]

    class Refusing(sqlite3.Connection):
        def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
            if statement in refused:
                refused.clear()
                raise sqlite3.OperationalError("disk I/O error")
            return super().execute(statement, *values)

    filled = LedgerWriter(tmp_path, lambda: T0)
    offer(filled, *readings(1, 1))
    filled.commit()
    filled.close()
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Refusing))
    ledger = LedgerWriter(tmp_path, lambda: T0)
    offer(ledger, *readings(2, 5))
    with pytest.raises(LedgerError, match="nothing was acknowledged"):
        ledger.commit()
    offer(ledger, *readings(2, 3))
    ledger.commit()
    ledger.close()
    assert verify(tmp_path).number == 2
    assert len(ledger_records(tmp_path)) == 3


def test_a_batch_is_filed_by_the_times_of_its_readings_where_all_are_to_be_believed(
    tmp_path: Path,
):
    """A reading without a time, or with one in the future, may be of any: no filter hides it."""
    now = T0 + 500.0
    ledger = LedgerWriter(tmp_path, lambda: now)
    node = PaperNode(5)
    limit = int(now + FUTURE_S)
    for records in (
        [node.read(LIVING, T0 + 30, 20), node.read(LIVING, T0 + 10, 20)],
        [node.read(LIVING, T0 + 40, 20), node.read(LIVING, T0 + 41, 20, synchronised=False)],
        [node.read(LIVING, T0 + 50, 20), node.read(LIVING, limit, 20)],
        [node.read(LIVING, T0 + 60, 20), node.read(LIVING, limit + 1, 20)],
    ):
        offer(ledger, *records)
        ledger.commit()
    ledger.close()
    with closing(sqlite3.connect(tmp_path / DAY)) as connection:
        rows = connection.execute("SELECT measured_from, measured_to FROM batch ORDER BY number")
        assert rows.fetchall() == [
            (T0 + 10, T0 + 30),
            (None, None),
            (T0 + 50, limit),
            (None, None),
        ]


def test_the_time_of_receipt_is_kept_to_the_millisecond(tmp_path: Path):
    ledger = LedgerWriter(tmp_path, lambda: T0 + 0.1239)
    offer(ledger, *readings(1, 1))
    ledger.commit()
    ledger.close()
    assert LedgerReader(tmp_path).received_after(0) == T0 + 0.123


def test_a_clock_that_goes_back_reopens_no_older_day(tmp_path: Path):
    now = [float(T0 + DAY_S)]
    ledger = LedgerWriter(tmp_path, lambda: now[0])
    offer(ledger, *readings(1, 2))
    ledger.commit()
    now[0] -= DAY_S
    offer(ledger, *readings(3, 3))
    ledger.commit()
    ledger.close()
    assert [path.name for path in tmp_path.glob("*.sqlite")] == ["2026-01-02.sqlite"]
    ledger = LedgerWriter(tmp_path, lambda: now[0])
    offer(ledger, *readings(4, 4))
    ledger.commit()
    now[0] += 2 * DAY_S
    offer(ledger, *readings(5, 5))
    ledger.commit()
    ledger.close()
    assert sorted(path.name for path in tmp_path.glob("*.sqlite")) == [
        "2026-01-02.sqlite",
        "2026-01-03.sqlite",
    ]
    assert verify(tmp_path).number == 4
    assert verify(tmp_path).alteration is None


def test_a_new_day_lists_every_source_and_how_far_it_is(tmp_path: Path):
    now = [float(T0)]
    ledger = LedgerWriter(tmp_path, lambda: now[0])
    offer(ledger, *readings(1, 7))
    ledger.commit()
    now[0] += DAY_S
    offer(ledger, *readings(8, 8))
    offer(ledger, *readings(1, 2), node="n0002")
    ledger.commit()
    ledger.close()
    with closing(sqlite3.connect(tmp_path / "2026-01-02.sqlite")) as connection:
        assert connection.execute("SELECT * FROM snapshot").fetchall() == [(0, 7), (1, 0)]
        assert connection.execute("SELECT node FROM source ORDER BY id").fetchall() == [
            ("n0001",),
            ("n0002",),
        ]
    (tmp_path / DAY).unlink()  # it reads one file only
    ledger = LedgerWriter(tmp_path, lambda: now[0])
    assert ledger.through(("sample", "n0001"), 5) == 8
    assert ledger.through(("sample", "n0002"), 5) == 2
    assert ledger.head[0] == 2
    ledger.close()


def test_a_ledger_goes_on_under_its_name_and_with_its_head(tmp_path: Path):
    ledger = LedgerWriter(tmp_path, lambda: T0)
    offer(ledger, *readings(1, 1))
    ledger.commit()
    known = (ledger.incarnation, ledger.head)
    ledger.close()
    ledger = LedgerWriter(tmp_path, lambda: T0)
    assert (ledger.incarnation, ledger.head) == known
    assert len(bytes.fromhex(ledger.incarnation)) == 8
    ledger.close()


def test_the_lock_is_held_to_the_end_and_no_child_inherits_it(tmp_path: Path):
    ledger = LedgerWriter(tmp_path / "new" / "ledger", lambda: T0)
    with pytest.raises(LedgerHeld):
        LedgerWriter(tmp_path / "new" / "ledger", lambda: T0)
    assert not ledger._lock.closed
    assert not os.get_inheritable(ledger._lock.fileno())
    ledger.close()
    assert ledger._lock.closed


runs = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 8), st.integers(1, 4)), min_size=1, max_size=8
)


def columns(plan: list[tuple[int, int, int]]) -> np.ndarray:
    """Return readings of many runs one behind the other, as they come from usual packs."""
    entries = [
        pack_entry(0, record.to_bytes())
        for epoch, first, count in plan
        for record in readings(first, first + count - 1, epoch)
    ]
    return np.frombuffer(b"".join(entries), PACKED_DTYPE).copy()


@settings(max_examples=40)
@given(runs)
def test_runs_of_usual_readings_make_the_batch_that_packs_make(tmp_path_factory, plan):
    """A run is taken whole or not at all, and none behind one of the same epoch that was not."""
    folder = tmp_path_factory.mktemp("ledger")
    fast, slow = (LedgerWriter(folder / name, lambda: T0 + 99.0) for name in ("fast", "slow"))
    for ledger in (fast, slow):
        for epoch in (1, 2):  # of the third nobody has heard
            offer(ledger, *readings(1, 1, epoch), epoch=epoch)
        ledger.commit()
    sources, firsts, counts = np.array(plan).T
    sources = np.where(sources < 3, sources - 1, -1)
    taken = fast.offer_runs(sources, firsts, counts, columns(plan)).tolist()
    reached, refused = {1: 1, 2: 1}, set()
    for (epoch, first, count), was_taken in zip(plan, taken, strict=True):
        is_next = epoch in reached and epoch not in refused and first == reached[epoch] + 1
        assert was_taken == is_next
        if is_next:
            reached[epoch] += count
            told = offer(slow, *readings(first, first + count - 1, epoch), epoch=epoch)
            assert (told.taken, told.stored) == (Taken.STORED, count)
        else:
            refused.add(epoch)
    assert fast.pending == slow.pending
    commits = [ledger.commit() for ledger in (fast, slow)]
    assert commits[0] == commits[1]  # its hash is over every byte
    for ledger in (fast, slow):
        ledger.close()
    with closing(sqlite3.connect(folder / "fast" / DAY)) as connection:
        connection.execute("ATTACH ? AS slow", (str(folder / "slow" / DAY),))
        for one, other in (("batch", "slow.batch"), ("slow.batch", "batch")):
            rows = connection.execute(f"SELECT * FROM {one} EXCEPT SELECT * FROM {other}")
            assert rows.fetchall() == []


def test_runs_are_acknowledged_once_they_are_on_the_disk_and_taken_again_where_it_was_full(
    tmp_path: Path,
):
    ledger, who = LedgerWriter(tmp_path, lambda: T0 + 99.0), ("sample", "n0001")
    offer(ledger, *readings(1, 1))
    ledger.commit()

    def run() -> list[bool]:
        source = ledger.known_source(*who, 5)
        runs = np.array([[source], [2], [40]])
        taken: list[bool] = ledger.offer_runs(*runs, columns([(5, 2, 40)])).tolist()
        return taken

    with full_disk(), pytest.raises(LedgerError, match="nothing was acknowledged"):
        assert run() == [True]
        ledger.commit()
    assert ledger.through(who, 5) == 1
    assert run() == [True]
    assert ledger.through(who, 5) == 1
    ledger.commit()
    assert ledger.through(who, 5) == 41
    ledger.close()
    assert len(ledger_records(tmp_path)) == 41


def test_a_day_whose_batches_cannot_be_read_stops_the_writer_with_what_to_do(tmp_path: Path):
    """What it says of itself is whole: only the page of its batches has rotted."""
    ledger = LedgerWriter(tmp_path, lambda: T0)
    offer(ledger, *readings(1, 3))
    ledger.commit()
    ledger.close()
    with closing(sqlite3.connect(tmp_path / DAY)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'batch'"
        (page,) = connection.execute(query).fetchone()
    content = bytearray((tmp_path / DAY).read_bytes())
    content[4_096 * (page - 1) : 4_096 * page] = bytes(4_096)
    (tmp_path / DAY).write_bytes(content)
    with pytest.raises(LedgerError, match="is damaged .*see heatward ledger verify"):
        LedgerWriter(tmp_path, lambda: T0)


def test_what_is_known_of_silent_sources_is_kept_over_days_and_restarts(tmp_path: Path):
    """One spoke before the newest day, of another no reading tells how far it is."""
    now = [float(T0)]
    ledger = LedgerWriter(tmp_path, lambda: now[0])
    offer(ledger, *readings(1, 7))
    ledger.commit()
    now[0] += DAY_S
    offer(ledger, lost(1, 5), node="n0002")
    ledger.commit()
    ledger.close()
    ledger = LedgerWriter(tmp_path, lambda: now[0])
    assert ledger.through(("sample", "n0001"), 5) == 7
    assert ledger.through(("sample", "n0002"), 5) == 5
    assert ledger.offer_pruned("sample", "n0001", 5, 10)
    ledger.commit()
    ledger.close()
    *_, batch = LedgerReader(tmp_path).batches()
    body = Lost(8, LossReason.PRUNED).to_body()
    assert batch.entry(0) == (0, Record(Kind.LOST, 9, 0, None, 0, 0, body))
