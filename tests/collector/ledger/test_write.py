"""The one writer: insert-only files, one lock, cursors that survive, and a valid prefix."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from heatward_collector.errors import LedgerError, LedgerHeld
from heatward_collector.ledger import LedgerReader, LedgerWriter, Taken, verify
from heatward_node.wire import Pack
from support.evidence import LIVING, T0, PaperNode, ledger_records
from support.open_files import held_open
from support.ports import wait_until

from .test_verify import FILES, alter, write

DAY = "2026-01-01.sqlite"
STREAM = """
import sys
from pathlib import Path
from heatward_collector.ledger import LedgerWriter
from heatward_node.wire import Pack
from support.evidence import LIVING, T0, PaperNode
ledger = LedgerWriter(Path(sys.argv[1]), lambda: T0 + 86_395 + ledger.head[0] / 2)
nodes = [PaperNode(int(sys.argv[2]), f"n{index:04}") for index in range(20)]
for node in nodes:
    ledger.offer("sample", node.node, Pack(node.epoch, False, [node.boot()]))
while True:
    for node in nodes:
        record = node.read(LIVING, T0 + node.seq, 20)
        ledger.offer("sample", node.node, Pack(node.epoch, False, [record]))
    ledger.commit()
    print(ledger.head[0], nodes[0].seq, flush=True)
"""


def filled(folder: Path) -> PaperNode:
    """Write one batch of three records."""
    ledger = LedgerWriter(folder, lambda: T0)
    node = PaperNode(5)
    records = [node.boot(), node.read(LIVING, T0, 20), node.read(LIVING, T0 + 60, 21)]
    assert ledger.offer("sample", node.node, Pack(5, False, records)).taken is Taken.STORED
    ledger.commit()
    ledger.close()
    return node


@pytest.mark.parametrize("table", ["meta", "batch", "source"])
@pytest.mark.parametrize("verb", ["DELETE FROM {0}", "UPDATE {0} SET rowid = 9"])
def test_nothing_can_be_changed_or_deleted(tmp_path: Path, table: str, verb: str):
    filled(tmp_path)
    statement = verb.format(table)
    if table == "meta":
        statement = statement.replace("rowid = 9", "value = 9")
    with (
        closing(sqlite3.connect(tmp_path / DAY)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="insert-only"),
    ):
        connection.execute(statement)


def test_only_one_process_writes(tmp_path: Path):
    ledger = LedgerWriter(tmp_path, lambda: T0)
    with pytest.raises(LedgerHeld, match="stop it first"):
        LedgerWriter(tmp_path, lambda: T0)
    ledger.close()
    LedgerWriter(tmp_path, lambda: T0).close()


def test_who_may_not_write_holds_nothing_open(tmp_path: Path):
    ledger = LedgerWriter(tmp_path, lambda: T0)
    with pytest.raises(LedgerHeld) as refused:
        LedgerWriter(tmp_path, lambda: T0)
    assert held_open(tmp_path) == ["writer.lock"]  # of the first
    assert refused.traceback  # which holds what is open
    ledger.close()
    assert held_open(tmp_path) == []


def test_behind_a_day_without_batches_the_writer_goes_on_from_the_day_before(tmp_path: Path):
    """As after somebody cut the end off: no number is left out, the witness misses the rest."""
    write(tmp_path)
    alter(tmp_path, FILES[2], ("DELETE FROM batch", ()))
    ledger = LedgerWriter(tmp_path, lambda: T0 + 3 * 86_400)
    assert ledger.head == LedgerReader(tmp_path).head()
    assert ledger.head[0] == 8
    ledger.offer("sample", "n0009", Pack(5, False, [PaperNode(5).boot()]))
    ledger.commit()
    ledger.close()
    assert verify(tmp_path).alteration is None


def test_a_damaged_file_stops_the_writer_with_what_to_do(tmp_path: Path):
    filled(tmp_path)
    data = bytearray((tmp_path / DAY).read_bytes())
    data[4096:] = b"\x5a" * (len(data) - 4096)
    (tmp_path / DAY).write_bytes(data)
    with pytest.raises(LedgerError, match="backup"):
        LedgerWriter(tmp_path, lambda: T0)


def test_a_foreign_file_stops_the_writer_with_what_to_do(tmp_path: Path):
    (tmp_path / DAY).write_bytes(b"no database" * 1000)
    with pytest.raises(LedgerError, match="backup"):
        LedgerWriter(tmp_path, lambda: T0)


def test_what_was_not_committed_is_offered_again_after_a_restart(tmp_path: Path):
    node = filled(tmp_path)
    ledger = LedgerWriter(tmp_path, lambda: T0)
    record = node.read(LIVING, T0 + 120, 22)
    ledger.offer("sample", node.node, Pack(5, False, [record]))
    assert ledger.through(("sample", node.node), 5) == 3
    ledger.close()
    ledger = LedgerWriter(tmp_path, lambda: T0)
    assert ledger.offer("sample", node.node, Pack(5, False, [record])).taken is Taken.STORED
    ledger.commit()
    assert ledger.through(("sample", node.node), 5) == 4


def test_every_incarnation_is_another(tmp_path: Path):
    first, second = (LedgerWriter(tmp_path / name, lambda: T0) for name in "ab")
    assert first.incarnation != second.incarnation


def test_killed_at_any_moment_a_valid_prefix_stays(tmp_path: Path):
    """Killed in mid-stream, over the change of a day: all that was reported is there and proved."""
    chance = random.Random(20_260_101)
    out = tmp_path / "out"

    def is_writing() -> bool:
        return out.read_bytes().count(b"\n") > 2

    for life in range(1, 7):
        command = [sys.executable, "-c", STREAM, str(tmp_path / "ledger"), str(life)]
        paths = os.pathsep.join(sys.path)
        with out.open("wb") as file:
            process = subprocess.Popen(
                command, stdout=file, env={**os.environ, "PYTHONPATH": paths}
            )
        wait_until(is_writing, "the writer writes", 60)
        time.sleep(chance.random() * 0.1)
        process.send_signal(signal.SIGKILL)
        process.wait()
        number, seq = map(int, out.read_bytes().rpartition(b"\n")[0].split()[-2:])
        result = verify(tmp_path / "ledger")
        assert result.alteration is None
        assert number <= result.number
        kept = ledger_records(tmp_path / "ledger")
        for node in range(20):
            numbers = sorted(
                at for name, epoch, at in kept if (name, epoch) == (f"n{node:04}", life)
            )
            assert numbers == list(range(1, len(numbers) + 1))
            assert numbers[-1] in (seq, seq + 1)
    assert len(list((tmp_path / "ledger").glob("*.sqlite"))) > 1
    assert LedgerReader(tmp_path / "ledger").head()[0] > 6
