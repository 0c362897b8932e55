"""What a ledger says of clocks, from columns: the same as batch by batch, whatever it holds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.from_ledger.clocks_of_ledger import clocks_of_ledger
from heatward_collector.from_ledger.day_block import times_known
from heatward_collector.ledger import LedgerReader, LedgerWriter
from heatward_collector.ledger.columns import ReadingColumns
from heatward_collector.ledger.seal import due, seal
from heatward_collector.ledger.sealed_day import SealedDay
from heatward_collector.readings.clocks import Clocks
from heatward_collector.readings.projection import is_stray, times_of
from heatward_node.events import Boot, ClockFix
from heatward_node.reading import Kind, Quality, Record, Sync, reading
from heatward_node.rom import rom_from_kernel_name
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.wire import Pack
from support.evidence import LIVING, T0

DAY_S = 86_400
ROM = rom_from_kernel_name(LIVING)
BOOT_S = T0 - 1_000
"""When every boot began, and the monotonic clock with it. [s UTC]"""

events = st.tuples(
    st.integers(0, 2),  # node
    st.sampled_from(["reading", "untimed", "wrong", "fix", "future", "broken", "epoch"]),
    st.integers(0, 6),  # hours until it is measured
    st.integers(-3, 3),  # hours by which a wrong time is wrong
)


class Journal:
    """Makes the records of one node; a new epoch may lose its BOOT, or belong to an older boot."""

    def __init__(self, number: int) -> None:
        self.name, self.epoch, self.boots = f"n{number}", 10 * number + 1, 0
        self.seq = 0

    def record(self, kind: str, at_s: int, wrong_s: int) -> Record:
        """Return the next record, measured at a moment."""
        self.seq += 1
        mono_ms = (at_s - BOOT_S) * 1000
        if kind in ("fix", "future", "broken"):
            wall_s = at_s + (10 * DAY_S if kind == "future" else 0)
            body = b"?" if kind == "broken" else ClockFix(50 + self.seq).to_body()
            return Record(Kind.CLOCK_FIX, self.seq, mono_ms, wall_s, 1, Quality.GOOD, body)
        wall_s = None if kind == "untimed" else at_s + (wrong_s if kind == "wrong" else 0)
        sync = Sync.UNSYNCHRONISED if wall_s is None else Sync.SYNCHRONISED
        return reading(self.seq, mono_ms, wall_s, sync, ROM, usual_scratchpad(320))

    def begin(self, lost: bool, is_same_boot: bool) -> Record | None:
        """Open an epoch; return its BOOT, None where that is lost."""
        self.epoch, self.seq = self.epoch + 1, 1
        self.boots += not is_same_boot
        boot_id = f"{self.name}-{self.boots}".ljust(16).encode()
        boot = Record(Kind.BOOT, 1, 0, None, 0, Quality.GOOD, Boot(boot_id).to_body())
        return None if lost else boot


def written(folder: Path, history: list[tuple[int, str, int, int]]) -> None:
    """Let a history arrive, each record as a commit of its own, and seal all days but the last."""
    now = [float(T0)]
    writer = LedgerWriter(folder, lambda: now[0])
    journals = [Journal(number) for number in range(3)]
    for number, kind, hours, wrong in history:
        now[0] += 3_600 * hours
        journal = journals[number]
        if kind == "epoch":
            record = journal.begin(lost=wrong > 1, is_same_boot=wrong < -1)
        else:
            record = journal.record(kind, int(now[0]) - 60, 3_600 * wrong)
        if record is not None:
            writer.offer("sample", journal.name, Pack(journal.epoch, False, [record]))
            writer.commit()
    writer.close()
    for path in due(folder, now[0], 0):
        seal(path)


def learnt(reader: LedgerReader) -> tuple[Clocks, set[int]]:
    """Return what somebody knows who goes through all batches, twice."""
    clocks = Clocks()
    for batch in reader.batches():
        clocks.learn(batch, reader.source)
    return clocks, {b.number for b in reader.batches() if is_stray(b, times_of(b, clocks))}


@settings(max_examples=60)
@given(st.lists(events, min_size=1, max_size=40))
def test_every_reading_is_placed_as_by_who_learns_batch_by_batch(history) -> None:
    with tempfile.TemporaryDirectory() as name:
        written(Path(name), history)
        reader = LedgerReader(Path(name))
        expected, strays = learnt(reader)
        clocks, found = clocks_of_ledger(reader)
        for batch in reader.batches():
            np.testing.assert_array_equal(times_of(batch, clocks), times_of(batch, expected))
            for source in set(batch.readings["source"].tolist()):
                assert expected.boot_of(source) in (None, clocks.boot_of(source))
        assert found == strays
        reader.close()


def test_fixes_of_sealed_days_place_what_was_measured_without_time(tmp_path: Path) -> None:
    days = [(0, "epoch", 0, 0), (0, "untimed", 1, 0), (0, "untimed", 1, 0)]
    written(tmp_path, [*days, (0, "fix", 5, 0), (0, "reading", 6, 0), *[(1, "reading", 6, 0)] * 9])
    assert len(list(tmp_path.glob("*.sealed"))) == 2
    times = times_known(tmp_path, None)
    reader = LedgerReader(tmp_path)
    placed = np.concatenate([times_of(batch, times.clocks) for batch in reader.batches()])
    reader.close()
    assert placed[:3].tolist() == [T0 + 3_540, T0 + 7_140, T0 + 13 * 3_600 - 60]
    assert times.strays == frozenset()


def parts_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return which parts of sealed days are read for their readings, each by its first batch."""
    asked: list[int] = []
    readings = SealedDay.readings

    def noted(day: SealedDay, *parts: int) -> Iterator[ReadingColumns]:
        asked.extend(day.manifest.parts[at].first for at in parts)
        return readings(day, *parts)

    monkeypatch.setattr(SealedDay, "readings", noted)
    with closing(LedgerReader(folder)) as reader:
        clocks_of_ledger(reader)
    return asked


def test_only_stretches_with_doubtful_readings_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = [(0, "fix", 6, 0), *[(0, "reading", 6, 0)] * 3]
    written(tmp_path, [(0, "epoch", 0, 0), *day, (1, "untimed", 0, 0), *day, *day])
    assert len(list(tmp_path.glob("*.sealed"))) >= 2
    firsts = [SealedDay(one).first_number for one in sorted(tmp_path.glob("*.sealed"))]
    (again,) = parts_read_again(tmp_path, monkeypatch)
    assert again in firsts


def test_all_are_where_somebody_says_a_time_before_its_boot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = [(0, "fix", 6, 0), *[(0, "reading", 6, 0)] * 3]
    written(tmp_path, [(0, "epoch", 0, 0), *day, (0, "wrong", 1, -3), *day, *day])
    sealed = sorted(tmp_path.glob("*.sealed"))
    assert len(parts_read_again(tmp_path, monkeypatch)) == len(sealed) >= 2


def test_an_empty_ledger_knows_nothing(tmp_path: Path) -> None:
    reader = LedgerReader(tmp_path / "ledger")
    clocks, strays = clocks_of_ledger(reader)
    assert clocks.boot_of(1) is None
    assert strays == frozenset()
    reader.close()
