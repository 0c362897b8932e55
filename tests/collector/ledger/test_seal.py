"""A sealed day is the same evidence as its file: byte for byte, provable, and safe from crashes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from heatward_collector.config import parse
from heatward_collector.errors import LedgerError
from heatward_collector.ledger import LedgerReader, LedgerWriter, day_file, verify
from heatward_collector.ledger.batch import Batch, Source, pack_entry
from heatward_collector.ledger.manifest import Manifest, digest
from heatward_collector.ledger.process import Sealing, seal_apart
from heatward_collector.ledger.seal import due, remove_older, seal
from heatward_collector.ledger.sealed_day import SealedDay, filing, sealed_days
from heatward_collector.ledger.stretch import stretch_of
from heatward_collector.running.status import StatusWriter, read_status
from heatward_node.wire import Pack
from support.batches import encode_body
from support.evidence import LIVING, T0, PaperNode
from support.records import record_runs

from .test_verify import BATCHES_A_DAY, DAYS, FILES, alter, write

LATE_S = T0 + 30 * 86_400
NUMBERS = range(1, DAYS * BATCHES_A_DAY + 1)


def facts(folder: Path) -> list[tuple]:
    """Return everything that a reader can learn of a ledger."""
    reader = LedgerReader(folder)
    batches = [(one.number, one.received_at_ms, one.count, one.body) for one in reader.batches()]
    told = [
        batches,
        [batch.readings.tobytes() for batch in reader.batches()],
        [batch.number for batch in reader.batches(after=2, limit=3)],
        [batch.number for batch in reader.batches(after=5)],
        measured(reader, T0, T0 + 40_000),
        measured(reader, T0 + 90_000, T0 + 100_000),
        reader.hashes(NUMBERS),
        [reader.received_after(number) for number in (0, 3, 4, 11, 12)],
        [reader.source(number) for number in range(3)],
        reader.head(),
        reader.incarnation,
    ]
    reader.close()
    return told


def measured(reader: LedgerReader, start_s: int, end_s: int) -> list[tuple[int, int, int]]:
    """Return the readings of some time, and those of no time."""
    return [
        (batch.number, int(one["source"]), int(one["seq"]))
        for batch in reader.batches_measured(start_s, end_s)
        for one in batch.readings
        if start_s <= one["wall_s"] < end_s or one["wall_s"] < 0
    ]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original") / "ledger"
    write(folder)
    return folder


@pytest.fixture
def copy(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "ledger"))


def sealed(folder: Path, days: int = 2) -> Path:
    for name in FILES[:days]:
        seal(folder / name, records_a_stretch=10)
    return folder


def rewrite(folder: Path, change: dict[str, object], group: int = 0) -> None:
    """Write the records of a sealed day anew with one value changed, as a forger can."""
    path = folder / "records.parquet"
    file = pq.ParquetFile(path)
    tables = [file.read_row_group(index) for index in range(file.num_row_groups)]
    rows = tables[group].to_pylist()
    rows[0] |= change
    tables[group] = type(tables[group]).from_pylist(rows, schema=tables[group].schema)
    with pq.ParquetWriter(path, file.schema_arrow) as writer:
        for table in tables:
            writer.write_table(table)


def test_a_sealed_ledger_reads_byte_for_byte_as_before(original: Path, copy: Path):
    sealed(copy)
    assert sorted(path.name for path in copy.iterdir() if path.name != "writer.lock") == [
        "2026-01-01.sealed",
        "2026-01-02.sealed",
        "2026-01-03.sqlite",
    ]
    assert facts(copy) == facts(original)


def test_a_sealed_ledger_is_proved_as_before(original: Path, copy: Path):
    before, after = verify(original), verify(sealed(copy))
    assert after.alteration is None
    assert after == before


def test_a_day_that_several_seal_at_once_is_sealed_once_and_right_for_all(copy: Path):
    """A seal process that is killed leaves its child at work, and the next one begins."""
    before, all_are_there, found = facts(copy), threading.Barrier(4), []

    def work() -> None:
        all_are_there.wait()
        found.append(seal(copy / FILES[0], 2).head())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [SealedDay(sealed_days(copy)[0]).head()] * 4
    assert not (copy / FILES[0]).exists()
    assert facts(copy) == before
    assert verify(copy).alteration is None


def test_a_day_that_somebody_else_has_sealed_since_it_was_listed_is_not_due(
    copy: Path, monkeypatch: pytest.MonkeyPatch
):
    listed = day_file.day_files(copy)
    seal(listed[0])
    monkeypatch.setattr(day_file, "day_files", lambda directory: listed)
    assert due(copy, LATE_S, 0) == listed[1:2]


def test_a_day_that_is_there_and_cannot_be_opened_is_no_secret(copy: Path):
    (copy / "2026-01-04.sqlite").mkdir()
    with pytest.raises(sqlite3.OperationalError):
        due(copy, LATE_S, 0)


def test_the_writer_goes_on_behind_sealed_days(copy: Path):
    sealed(copy)
    ledger = LedgerWriter(copy, lambda: T0 + 3 * 86_400 + 5)
    node = PaperNode(epoch=0xABC0, node="n0000")
    node.seq = ledger.through(("sample", "n0000"), 0xABC0)
    ledger.offer("sample", "n0000", Pack(0xABC0, False, [node.read(LIVING, T0 + 259_200, 21)]))
    assert ledger.commit() is not None
    ledger.close()
    assert verify(copy).alteration is None


def test_a_reader_that_was_there_before_sees_the_same_days(original: Path, copy: Path):
    reader = LedgerReader(copy)
    begun = reader.batches()
    first = [next(begun).body for _ in range(2)]
    sealed(copy)
    kept = [one.body for one in LedgerReader(original).batches()]
    assert [one.body for one in reader.batches()] == kept
    assert first + [one.body for one in begun] == kept


def test_a_ledger_that_begins_with_a_sealed_day_is_intact(copy: Path):
    sealed(copy)
    shutil.rmtree(copy / "2026-01-01.sealed")
    result = verify(copy)
    assert result.alteration is None
    assert result.first_number == BATCHES_A_DAY + 1


@settings(max_examples=60, deadline=None)
@given(runs=record_runs(), others=record_runs())
def test_any_records_survive_as_columns(runs, others):
    """Whatever a node may send: its bytes come back."""
    source = Source(0, "sample", "n0001", 7)
    bodies = [
        encode_body([source], [pack_entry(0, record.to_bytes()) for record in runs]),
        encode_body([], [pack_entry(0, record.to_bytes()) for record in others]),
    ]
    counts = (len(runs), len(others))
    batches = [Batch(5 + at, 17 + at, counts[at], bodies[at]) for at in range(2)]
    stretch = stretch_of(batches)
    assert [body for _, body in stretch.bodies()] == bodies
    for made, batch in zip(stretch.batches(np.ones(2, bool)), batches, strict=True):
        assert made.readings.tobytes() == batch.readings.tobytes()  # without any body
        assert made.others == batch.others
        assert made.body == batch.body


@pytest.mark.parametrize(
    "change",
    [{"first_seq": 9}, {"wall_s": T0 + 9}, {"drift_ms": 1}, {"sync": 0}, {"quality": 3}],
)
def test_an_altered_row_group_is_named(copy: Path, change: dict[str, object]):
    sealed(copy)
    rewrite(copy / "2026-01-02.sealed", change, group=1)
    part = Manifest.read(copy / "2026-01-02.sealed").parts[1]
    found = verify(copy).alteration
    assert found is not None
    assert found.file == "2026-01-02.sealed"
    assert f"row group 1, batches {part.first} to {part.last}" in found.what


def test_an_altered_event_is_found(copy: Path):
    sealed(copy)
    file = pq.ParquetFile(copy / "2026-01-01.sealed" / "records.parquet")
    boot = file.read_row_group(0).to_pylist()[0]["body"]
    rewrite(copy / "2026-01-01.sealed", {"body": boot[:-1] + bytes([boot[-1] ^ 1])})
    found = verify(copy).alteration
    assert found is not None
    assert "row group 0" in found.what


def test_a_forged_manifest_is_found_by_the_next_day(copy: Path):
    """Records and manifest are both written anew: the day behind still holds the old head."""
    sealed(copy)
    folder = copy / "2026-01-02.sealed"
    rewrite(folder, {"wall_s": T0 + 86_400 + 9}, group=-1)
    day = SealedDay(folder)
    last = len(day.manifest.parts) - 1
    stretch = day.stretch(last)
    *_, head = stretch.heads(day.manifest.previous(last))
    low, high, is_timed = filing(stretch)
    part = replace(
        day.manifest.parts[last],
        head=head.hex(),
        measured_from=low,
        measured_to=high,
        is_timed=is_timed,
    )
    files = {name: digest(folder / name) for name in day.manifest.files}
    replace(day.manifest, parts=(*day.manifest.parts[:-1], part), files=files).write(folder)
    found = verify(copy).alteration
    assert found is not None
    assert found.file == FILES[2]
    assert "head of the day before" in found.what


@pytest.mark.parametrize(
    "name", ["records.parquet", "batches.parquet", "sources.parquet", "sensors.parquet"]
)
def test_a_file_with_a_flipped_byte_is_found(copy: Path, name: str):
    sealed(copy)
    path = copy / "2026-01-02.sealed" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0x10
    path.write_bytes(data)
    found = verify(copy).alteration
    assert found is not None
    assert found.file == "2026-01-02.sealed"


@pytest.mark.parametrize(
    "name", ["manifest.json", "records.parquet", "sources.parquet", "sensors.parquet"]
)
def test_a_missing_file_is_named(copy: Path, name: str):
    sealed(copy)
    (copy / "2026-01-02.sealed" / name).unlink()
    found = verify(copy).alteration
    assert found is not None
    assert found.file == "2026-01-02.sealed"
    assert name in found.what


def test_a_range_of_times_that_hides_records_is_found(copy: Path):
    sealed(copy)
    folder = copy / "2026-01-02.sealed"
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["parts"][-1]["measured_to"] -= 1
    (folder / "manifest.json").write_text(json.dumps(manifest))
    found = verify(copy).alteration
    assert found is not None
    assert "hides a record" in found.what


def test_an_altered_file_is_not_sealed_and_stays(copy: Path):
    alter(copy, FILES[0], ("UPDATE batch SET received_at_ms = received_at_ms + 1", ()))
    with pytest.raises(LedgerError, match="altered or damaged"):
        seal(copy / FILES[0])
    assert (copy / FILES[0]).exists()
    assert not list(copy.glob("*.seal*"))


def test_only_days_that_are_over_for_long_enough_are_due_and_never_the_newest(copy: Path):
    end_of_first = T0 + 86_400
    assert due(copy, end_of_first + 3599, 3600) == []
    assert due(copy, end_of_first + 3600, 3600) == [copy / FILES[0]]
    assert due(copy, T0 + 400 * 86_400, 3600) == [copy / FILES[0], copy / FILES[1]]
    sqlite3.connect(copy / "2026-01-04.sqlite").close()  # a day that never began
    assert due(copy, T0 + 400 * 86_400, 3600) == [copy / FILES[0], copy / FILES[1]]


def test_a_crash_before_the_rename_leaves_the_file_and_one_after_it_is_finished(
    copy: Path, tmp_path: Path
):
    kept = shutil.copy(copy / FILES[0], tmp_path / "kept")
    (copy / "2026-01-01.sealing").mkdir()
    (copy / "2026-01-01.sealing" / "records.parquet").write_bytes(b"half")
    before = facts(copy)
    seal(copy / FILES[0])
    shutil.copy(kept, copy / FILES[0])  # the removal did not happen
    assert facts(copy) == before
    assert verify(copy).alteration is None
    assert due(copy, T0 + 400 * 86_400, 0)[0] == copy / FILES[0]
    seal(copy / FILES[0])
    assert not (copy / FILES[0]).exists()
    assert facts(copy) == before


def test_a_folder_that_ends_otherwise_than_its_file_removes_nothing(copy: Path, tmp_path: Path):
    kept = shutil.copy(copy / FILES[0], tmp_path / "kept")
    seal(copy / FILES[0])
    shutil.copy(kept, copy / FILES[0])
    alter(copy, FILES[0], ("DELETE FROM batch WHERE number = ?", (BATCHES_A_DAY,)))
    with pytest.raises(LedgerError, match="different batches"):
        seal(copy / FILES[0])
    assert (copy / FILES[0]).exists()


KILLED = """
import sys
from pathlib import Path
from heatward_collector.ledger import seal
print("ready", flush=True)
seal.seal(Path(sys.argv[1]), records_a_stretch=3)
"""


def test_killed_at_any_moment_the_evidence_is_whole(copy: Path):
    before = facts(copy)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for pause in (0.0, 0.02, 0.05, 0.1, 0.2):
        if not (copy / FILES[0]).exists():
            break
        command = [sys.executable, "-c", KILLED, str(copy / FILES[0])]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(pause)
            process.send_signal(signal.SIGKILL)
        assert facts(copy) == before
        assert verify(copy).alteration is None
    if (copy / FILES[0]).exists():
        seal(copy / FILES[0])
    assert facts(copy) == before


def test_old_days_are_removed_from_the_oldest_on_and_files_never(copy: Path):
    sealed(copy)
    assert remove_older(copy, T0 + 86_399) == []
    assert remove_older(copy, T0 + 86_400) == [copy / "2026-01-01.sealed"]
    assert [path.name for path in sealed_days(copy)] == ["2026-01-02.sealed"]
    assert verify(copy).alteration is None
    remove_older(copy, T0 + 400 * 86_400)
    assert [path.name for path in day_file.day_files(copy)] == [FILES[2]]
    assert verify(copy).alteration is None


def test_a_sealed_day_behind_a_file_is_not_removed(copy: Path):
    seal(copy / FILES[1])
    assert remove_older(copy, T0 + 400 * 86_400) == []


def test_the_process_seals_what_is_due_and_says_what_it_could_not(copy: Path, tmp_path: Path):
    alter(copy, FILES[1], ("UPDATE batch SET received_at_ms = received_at_ms + 1", ()))
    text = f'[state]\ndirectory = "{copy.parent}"\n[ledger]\nseal_after_hours = 1\nkeep_days = 30'
    status = StatusWriter(tmp_path / "status", "seal")
    now = [T0 + 10 * 86_400.0]
    sealing = Sealing(parse(text), lambda: now[0], status)
    sealing.look(threading.Event())
    assert [path.name for path in sealed_days(copy)] == ["2026-01-01.sealed"]
    assert (copy / FILES[1]).exists()
    status.flush(force=True)
    told = read_status(tmp_path / "status", "seal")
    assert told is not None
    assert [fault["code"] for fault in told["faults"]] == ["seal_refused"]
    assert told["stages"]["sealed"]["detail"] == "1 days sealed"
    now[0] = T0 + 40 * 86_400.0
    sealing.look(threading.Event())
    assert sealed_days(copy) == []


def test_a_process_that_is_told_to_stop_leaves_the_day_for_later(copy: Path):
    stop = threading.Event()
    stop.set()
    before = facts(copy)
    assert not seal_apart(copy / FILES[0], stop)
    assert facts(copy) == before


def test_readers_of_open_days_never_load_pyarrow(original: Path):
    code = (
        "import sys; from pathlib import Path;"
        "from heatward_collector.ledger import LedgerReader, verify;"
        f"reader = LedgerReader(Path({str(original)!r}));"
        "assert len(list(reader.batches())) == 12;"
        "import heatward_collector.ledger.process, heatward_collector.ingest.process;"
        "assert 'pyarrow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_only_days_with_readings_of_the_time_are_opened(copy: Path):
    """Boots and lost numbers have no time of day: they make no reader look into their day."""
    sealed(copy)
    reader = LedgerReader(copy)
    taken = {batch.number for batch in reader.batches_measured(T0 + 90_000, T0 + 110_000)}
    assert taken == {6}


def test_sql_finds_the_readings_of_a_sealed_day(copy: Path):
    """The archive is open to other programs: plain columns, and the batch by its counts."""
    sealed(copy)
    rows = pq.read_table(copy / "2026-01-02.sealed" / "records.parquet").to_pylist()
    with closing(LedgerReader(copy)) as reader:
        batches = [batch for batch in reader.batches() if 5 <= batch.number <= 8]
    readings = sorted(
        (int(one["source"]), int(one["seq"]), int(one["wall_s"]), int(one["raw"]))
        for batch in batches
        for one in batch.readings
    )
    assert readings == sorted(
        (row["source"], row["first_seq"] + row["seq_offset"], row["wall_s"], row["raw"])
        for row in rows
        if row["kind"] == 1
    )
