"""Reading a ledger: whatever its days are, and wherever in it somebody begins."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from heatward_collector.errors import LedgerError
from heatward_collector.ledger import LedgerReader, LedgerWriter, read
from heatward_collector.ledger.batch import GENESIS, Batch
from heatward_collector.ledger.columns import ClockRecords, ReadingColumns
from heatward_collector.ledger.seal import seal
from heatward_node.reading import Kind
from heatward_node.wire import Pack
from support.evidence import LIVING, T0, PaperNode

from .test_verify import BATCHES_A_DAY, DAYS, FILES, alter, write

LAST = DAYS * BATCHES_A_DAY
QUARTER_S = 86_400 // BATCHES_A_DAY


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original") / "ledger"
    write(folder)
    return folder


@pytest.fixture(params=[0, 1, 2, "sealed to its end"])
def ledger(request: pytest.FixtureRequest, original: Path, tmp_path: Path) -> Path:
    """The same ledger with so many days sealed, some of them in several stretches."""
    folder = Path(shutil.copytree(original, tmp_path / "ledger"))
    days = DAYS if isinstance(request.param, str) else request.param
    for name in FILES[:days]:
        seal(folder / name, records_a_stretch=10)
    return folder


def test_a_reader_may_be_there_before_the_ledger(tmp_path: Path):
    reader = LedgerReader(tmp_path)
    assert (reader.incarnation, reader.head()) == ("", (0, GENESIS))
    assert (reader.received_after(0), list(reader.batches())) == (None, [])
    writer = LedgerWriter(tmp_path, lambda: T0)
    writer.offer("sample", "n0001", Pack(7, False, [PaperNode(7).boot()]))
    writer.commit()
    assert reader.head() == writer.head
    assert reader.incarnation == writer.incarnation
    writer.close()
    reader.close()


def test_every_beginning_and_every_limit_gives_the_same_batches(ledger: Path):
    reader = LedgerReader(ledger)
    numbers = list(range(1, LAST + 1))
    for after in range(-1, LAST + 2):
        behind = [number for number in numbers if number > after]
        assert [batch.number for batch in reader.batches(after)] == behind
        for limit in (1, 2, 4, 5, 11):
            found = [batch.number for batch in reader.batches(after, limit)]
            assert found == behind[:limit]


def test_it_is_known_when_what_follows_was_received(ledger: Path):
    reader = LedgerReader(ledger)
    for number in range(LAST):
        assert reader.received_after(number) == T0 + QUARTER_S * number + 60
    assert reader.received_after(LAST) is None
    assert reader.received_after(LAST + 5) is None


def test_hashes_are_those_of_the_chain_and_strangers_are_left_out(original: Path, ledger: Path):
    whole = LedgerReader(original).hashes(range(LAST + 9))
    assert sorted(whole) == list(range(1, LAST + 1))
    reader = LedgerReader(ledger)
    assert reader.hashes(range(LAST + 9)) == whole
    assert reader.head() == (LAST, whole[LAST])
    for wanted in ({1}, {4, 5}, {LAST}, {2, 7}):
        assert reader.hashes(wanted) == {number: whole[number] for number in wanted}
    assert reader.hashes([0, LAST + 1]) == {}


def test_sources_are_found_in_whatever_day_names_them(original: Path, ledger: Path):
    reader, known = LedgerReader(ledger), LedgerReader(original)
    for _ in range(2):  # the second time from memory
        for number in range(3):
            assert reader.source(number) == known.source(number)
            assert reader.source(number).node == f"n000{number}"
    with pytest.raises(LedgerError, match="source 3 is in no file of"):
        reader.source(3)
    assert reader.incarnation == known.incarnation


def test_no_more_sources_are_held_than_a_city_of_some_size_has(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(read, "MOST_SOURCES", 2)
    reader = LedgerReader(ledger)
    for number in (0, 1, 2, 0, 2):
        assert reader.source(number).node == f"n000{number}"
        assert len(reader._sources) <= 2


def test_what_is_said_of_clocks_comes_in_the_order_of_days(ledger: Path):
    """Days that are files give whole batches, sealed ones only what is said of clocks."""
    said = [piece for piece in LedgerReader(ledger).clock_records() if len_of(piece)]
    received = [piece.received_at_ms for piece in said]
    times = [int(np.min(one)) for one in received]
    assert times == sorted(times)
    batches = LedgerReader(ledger).batches()
    of_clocks = {
        batch.received_at_ms
        for batch in batches
        for _, _, record in batch.others
        if record.kind in (Kind.BOOT, Kind.CLOCK_FIX)
    }
    assert of_clocks <= {moment for one in received for moment in np.atleast_1d(one).tolist()}


def len_of(piece: Batch | ClockRecords) -> int:
    return piece.count if isinstance(piece, Batch) else len(piece)


def test_a_source_of_an_old_day_is_found_there_alone(original: Path, tmp_path: Path):
    """A sealed day lists the sources of its own records; the third node came later."""
    folder = Path(shutil.copytree(original, tmp_path / "ledger"))
    for name in FILES:
        seal(folder / name)
    shutil.rmtree(folder / "2026-01-02.sealed")
    shutil.rmtree(folder / "2026-01-03.sealed")
    reader = LedgerReader(folder)
    assert reader.source(1).node == "n0001"
    with pytest.raises(LedgerError):
        reader.source(2)


def test_a_day_without_batches_gives_the_head_of_the_day_before(original: Path, tmp_path: Path):
    """As after somebody cut the end off: readers go by what there is, the witness misses it."""
    folder = Path(shutil.copytree(original, tmp_path / "ledger"))
    alter(folder, FILES[2], ("DELETE FROM batch", ()))
    reader = LedgerReader(folder)
    assert reader.head() == (8, LedgerReader(original).hashes([8])[8])
    assert reader.received_after(8) is None
    assert reader.received_after(7) == T0 + 7 * QUARTER_S + 60


def test_readings_of_a_time_are_in_the_batches_that_are_given(ledger: Path):
    """At the edges of the second too; beside them only batches with a record of no time."""
    reader = LedgerReader(ledger)
    batches = {batch.number: batch for batch in reader.batches()}
    walls = {number: batch.readings["wall_s"].tolist() for number, batch in batches.items()}
    timeless = {number for number, batch in batches.items() if batch.others}
    first, last = min(walls[7]), max(walls[7])
    for start_s, end_s in (
        (first, last + 1),
        (last, last + 1),
        (first - 9_000, first),
        (first - 9_000, first + 1),
        (last + 1, last + 9_000),
        (0, 2**40),
    ):
        given = {batch.number for batch in reader.batches_measured(start_s, end_s)}
        wanted = {
            number
            for number, times in walls.items()
            if any(start_s <= time < end_s for time in times)
        }
        assert wanted <= given <= wanted | timeless


def test_batches_that_are_asked_for_besides_come_at_their_place(ledger: Path):
    reader = LedgerReader(ledger)
    alone = [batch.number for batch in reader.batches_measured(0, 0)]
    others = [LAST, 2, 7]
    given = [batch.number for batch in reader.batches_measured(0, 0, others)]
    assert given == sorted({*alone, *others})
    assert [batch.number for batch in reader.batches_measured(0, 0, [LAST + 1])] == alone


def test_a_number_since_a_moment_leaves_out_only_what_was_received_before(ledger: Path):
    reader = LedgerReader(ledger)
    received = {batch.number: batch.received_at_ms / 1000 for batch in reader.batches()}
    for moment in range(T0 - QUARTER_S, T0 + (DAYS + 1) * 86_400, QUARTER_S // 2):
        first = reader.first_since(moment)
        assert all(at < moment for number, at in received.items() if number < first)
    assert reader.first_since(T0) == 1
    assert reader.first_since(T0 + 2 * 86_400) == 2 * BATCHES_A_DAY + 1
    assert LedgerReader(ledger / "nowhere").first_since(T0) == 0


def test_a_clock_that_went_back_leaves_nothing_out(tmp_path: Path):
    now, node = [float(T0 + 2 * 86_400)], PaperNode(1)
    ledger = LedgerWriter(tmp_path, lambda: now[0])
    for moment in (2 * 86_400, 600, 3 * 86_400):
        now[0] = float(T0 + moment)
        ledger.offer("sample", "n0001", Pack(1, False, [node.read(LIVING, T0, 20.0)]))
        ledger.commit()
    ledger.close()
    reader = LedgerReader(tmp_path)
    assert reader.first_since(T0 + 600) == 1
    assert reader.first_since(T0 + 3 * 86_400) == 3


def test_nothing_comes_before_the_batch_from_which_on_it_is_asked_for(ledger: Path):
    reader = LedgerReader(ledger)
    everything = [batch.number for batch in reader.batches_measured(0, 2**40, [2, 7])]
    for first in range(LAST + 2):
        given = [batch.number for batch in reader.batches_measured(0, 2**40, [2, 7], first)]
        assert given == [number for number in everything if number >= first]
        pieces = list(reader.readings_measured(0, 2**40, LAST, first))
        columns = [one for one in pieces if isinstance(one, ReadingColumns)]
        numbers = {one.number for one in pieces if isinstance(one, Batch)}
        numbers |= {number for one in columns for number in one.batch.tolist()}
        assert numbers >= {number for number in range(max(1, first), LAST + 1)}


def test_only_the_day_that_is_read_is_held_in_memory(ledger: Path):
    reader = LedgerReader(ledger)
    assert len(reader.hashes(range(1, LAST + 1))) == LAST
    assert len(list(reader.batches_measured(0, 2**40))) == LAST
    list(reader.batches())
    held = [day for day in reader._open.values() if getattr(day, "_held", None) is not None]
    assert len(held) <= 1


def test_a_closed_reader_holds_no_file(ledger: Path):
    reader = LedgerReader(ledger)
    list(reader.batches())
    days = list(reader._open.values())
    reader.close()
    assert reader._open == {}
    for day in days:
        assert getattr(day, "_held", None) is None
    assert reader.head()[0] == LAST  # it opens them again
