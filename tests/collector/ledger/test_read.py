"""Reading a ledger: whatever its days are, and wherever in it somebody begins."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from heatward_collector.errors import LedgerError
from heatward_collector.ledger import LedgerReader, LedgerWriter, day_file, parquet, read
from heatward_collector.ledger.batch import GENESIS, Batch
from heatward_collector.ledger.columns import ClockRecords, ReadingColumns
from heatward_collector.ledger.seal import seal
from heatward_collector.ledger.sealed_day import SEALED, SealedDay, sealed_days
from heatward_node.reading import Kind
from heatward_node.wire import Pack
from support.evidence import LIVING, T0, PaperNode
from support.open_files import held_open

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


def test_a_source_that_was_asked_for_is_held_ready(ledger: Path, monkeypatch: pytest.MonkeyPatch):
    reader = LedgerReader(ledger)
    known = [reader.source(number) for number in range(3)]
    monkeypatch.setattr(LedgerReader, "_days", lambda self: [])
    assert [reader.source(number) for number in range(3)] == known


def test_no_sealed_day_is_looked_through_for_what_the_newest_file_lists(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A season has hundreds of them, a city millions of sources."""
    folder, asked = Path(shutil.copytree(original, tmp_path / "ledger")), []
    seal(folder / FILES[0])
    monkeypatch.setattr(SealedDay, "sources", asked.append)
    reader = LedgerReader(folder)
    assert [reader.source(number).node for number in range(3)] == ["n0000", "n0001", "n0002"]
    assert asked == []


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


def test_the_newest_day_is_read_to_its_end_however_many_batches_there_were(
    original: Path, tmp_path: Path
):
    folder, many = Path(shutil.copytree(original, tmp_path / "ledger")), 2**40
    alter(
        folder,
        FILES[2],
        ("UPDATE batch SET number = number + ?", (many,)),
        ("UPDATE meta SET value = value + ? WHERE key = 'first_number'", (many,)),
    )
    reader = LedgerReader(folder)
    assert [batch.number - many for batch in reader.batches(many + LAST - 2)] == [LAST - 1, LAST]
    given = reader.batches_measured(0, 0, [many + LAST], many)
    assert [batch.number - many for batch in given] == [LAST]


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


def test_a_batch_that_begins_where_the_time_ends_is_not_given(ledger: Path):
    """Its neighbour in the same row group is."""
    reader = LedgerReader(ledger)
    seventh, eighth = (int(one.readings["wall_s"].min()) for one in reader.batches(6, 2))
    given = {batch.number for batch in reader.batches_measured(seventh, eighth)}
    assert 7 in given
    assert 8 not in given


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


def test_since_the_newest_day_was_over_nothing_older_than_its_batches_was_received(ledger: Path):
    assert LedgerReader(ledger).first_since(T0 + DAYS * 86_400) == LAST - BATCHES_A_DAY + 1


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


def test_what_is_sealed_comes_as_columns_and_no_batch_above_the_one_that_is_asked_for(ledger: Path):
    reader, days = LedgerReader(ledger), len(sealed_days(ledger))
    for through in (0, 3, 4, 5, 8, 11, 12, 13):
        pieces = list(reader.readings_measured(0, 2**40, through))
        whole = BATCHES_A_DAY * min(days, through // BATCHES_A_DAY)
        columns = [one for one in pieces if isinstance(one, ReadingColumns)]
        assert {number for one in columns for number in one.batch.tolist()} == set(
            range(1, whole + 1)
        )
        batches = [one.number for one in pieces if isinstance(one, Batch)]
        assert batches == list(range(whole + 1, min(through, LAST) + 1))


def test_of_a_sealed_day_only_the_row_groups_that_may_hold_come(original: Path, tmp_path: Path):
    folder = Path(shutil.copytree(original, tmp_path / "ledger"))
    for name in FILES[:2]:
        seal(folder / name, records_a_stretch=10)
    reader = LedgerReader(folder)
    (seventh,) = reader.batches(6, 1)
    start_s = int(seventh.readings["wall_s"].min())
    for first, asked in ((1, (start_s, start_s + 1)), (7, (0, start_s + 1))):
        pieces = list(reader.readings_measured(*asked, LAST, first))
        columns = [one for one in pieces if isinstance(one, ReadingColumns)]
        assert {number for one in columns for number in one.batch.tolist()} == {7, 8}


@pytest.mark.parametrize(
    "look",
    [
        lambda reader: reader.hashes(range(1, LAST + 1)),
        lambda reader: list(reader.batches()),
        lambda reader: [reader.received_after(number) for number in range(LAST)],
        lambda reader: list(reader.batches_measured(0, 2**40)),
        lambda reader: list(reader.readings_measured(0, 2**40, 7)),
    ],
)
def test_no_way_of_reading_holds_more_than_one_day(
    original: Path, tmp_path: Path, look: Callable[[LedgerReader], object]
):
    folder = Path(shutil.copytree(original, tmp_path / "ledger"))
    for name in FILES:
        seal(folder / name)
    reader = LedgerReader(folder)
    look(reader)
    held = [day for day in reader._open.values() if getattr(day, "_held", None) is not None]
    assert len(held) == 1


def numbers_read(pieces: Iterable[Batch | ReadingColumns]) -> set[int]:
    """Return the batches of which readings were given."""
    found: set[int] = set()
    for piece in pieces:
        found |= {piece.number} if isinstance(piece, Batch) else set(piece.batch.tolist())
    return found


def test_readings_beside_some_batches_are_those_of_their_stretches(ledger: Path):
    """Days that are files are given as a whole."""
    reader = LedgerReader(ledger)
    stretches, in_files = [], set(range(1, LAST + 1))
    for folder in sealed_days(ledger):
        stretches += [range(one.first, one.last + 1) for one in SealedDay(folder).manifest.parts]
    for stretch in stretches:
        in_files -= set(stretch)
    with_readings = {batch.number for batch in reader.batches() if len(batch.readings)}
    assert numbers_read(reader.readings_beside(None)) & with_readings == with_readings
    for asked in ([], [1], [LAST], [1, 2, LAST // 2], list(range(1, LAST + 1))):
        near = {number for one in stretches if set(asked) & set(one) for number in one}
        found = numbers_read(reader.readings_beside(set(asked)))
        assert found & with_readings == (near | in_files) & with_readings
        assert found <= near | in_files
    reader.close()


def test_what_was_read_before_is_not_held_while_clocks_are_looked_for(
    original: Path, tmp_path: Path
):
    """A city's start goes through the clocks of all days, with little memory to spare."""
    folder = Path(shutil.copytree(original, tmp_path / "ledger"))
    for name in FILES:
        seal(folder / name)
    reader = LedgerReader(folder)
    assert len(list(reader.batches())) == LAST
    next(reader.clock_records())
    assert [day for day in reader._open.values() if getattr(day, "_held", None) is not None] == []


def test_who_reads_on_in_steps_reads_every_row_group_once(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = Path(shutil.copytree(original, tmp_path / "ledger"))
    for name in FILES[:2]:
        seal(folder / name)
    read_stretch, groups = parquet.read_stretch, []

    def noted(day: Path, index: int):
        groups.append((day.stem, index))
        return read_stretch(day, index)

    monkeypatch.setattr(parquet, "read_stretch", noted)
    reader = LedgerReader(folder)
    for after in (0, 1, 1, 2, 3, 4, 4, 5, 6, 7):
        assert [batch.number for batch in reader.batches(after, 1)] == [after + 1]
    assert groups == [("2026-01-01", 0), ("2026-01-02", 0)]


def test_a_row_group_before_the_batch_that_is_asked_for_is_not_read(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = Path(shutil.copytree(original, tmp_path / "ledger"))
    seal(folder / FILES[0], records_a_stretch=1)
    read_stretch, groups = parquet.read_stretch, []

    def noted(day: Path, index: int):
        groups.append(index)
        return read_stretch(day, index)

    monkeypatch.setattr(parquet, "read_stretch", noted)
    reader = LedgerReader(folder)
    given = [batch.number for batch in reader.batches_measured(0, 2**40, (), 3)]
    assert given == list(range(3, LAST + 1))
    assert groups == [2, 3]


def test_a_day_that_is_sealed_while_it_is_looked_for_is_not_left_out(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = Path(shutil.copytree(original, tmp_path / "ledger"))
    names_of_days = read.names_of_days

    def sealed_meanwhile(directory: Path, ending: str) -> list[str]:
        names = names_of_days(directory, ending)
        if ending == SEALED and (folder / FILES[0]).exists():
            seal(folder / FILES[0])
        return names

    monkeypatch.setattr(read, "names_of_days", sealed_meanwhile)
    assert [batch.number for batch in LedgerReader(folder).batches()] == list(range(1, LAST + 1))


def test_a_day_that_has_not_begun_is_there_when_it_has(original: Path, tmp_path: Path):
    folder = Path(shutil.copytree(original, tmp_path / "ledger"))
    (folder / FILES[2]).rename(tmp_path / "kept")
    reader = LedgerReader(folder)
    with closing(day_file.create(folder / FILES[2])):
        assert reader.head()[0] == LAST - BATCHES_A_DAY
    (folder / FILES[2]).unlink()
    (tmp_path / "kept").rename(folder / FILES[2])
    assert reader.head()[0] == LAST


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


def test_no_file_is_open_behind_a_reader_that_was_closed(ledger: Path):
    reader = LedgerReader(ledger)
    list(reader.batches())
    days = list(reader._open.values())
    reader.close()
    assert held_open(ledger) == []
    assert len(days) == DAYS  # which hold what is open
