"""Sealed days of a forger who knows the format: what even a whole new chain cannot hide."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from heatward_collector.errors import LedgerError
from heatward_collector.ledger import LedgerReader, LedgerWriter, day_file, verify
from heatward_collector.ledger.batch import Batch, chain, compress, decompress
from heatward_collector.ledger.manifest import Fork, Manifest, digest
from heatward_collector.ledger.seal import seal
from heatward_collector.torture.disk.sealed_edits import SealedCopy, sensor_of
from heatward_node.events import LossReason, Lost
from heatward_node.reading import Kind, Record
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.wire import Pack
from support.evidence import LIVING, T0, PaperNode

from .test_verify import FILES, alter, write

SECOND = "2026-01-02.sealed"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original") / "ledger"
    write(folder)
    return folder


@pytest.fixture
def copy(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "ledger"))


def sealed(folder: Path) -> Path:
    for name in FILES[:2]:
        seal(folder / name, records_a_stretch=10)
    return folder / SECOND


def written_anew(path: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Write a Parquet file of one row group anew, with some rows changed."""
    table = pq.ParquetFile(path).read()
    rows = table.to_pylist()
    change(rows)
    pq.write_table(type(table).from_pylist(rows, schema=table.schema), path)


def forge(folder: Path, number: int, make: Callable[[Batch], list[bytes]]) -> None:
    """Write a batch and the whole chain behind it anew, within its day."""
    with closing(sqlite3.connect(folder / FILES[1])) as connection:
        rows = connection.execute(
            "SELECT number, received_at_ms, count, body, previous FROM batch "
            "WHERE number >= ? ORDER BY number",
            (number,),
        ).fetchall()
    previous = rows[0][4]
    for at, received_at_ms, count, body, _ in rows:
        batch = Batch(at, received_at_ms, count, decompress(body))
        if at == number:
            entries = make(batch)
            table = batch.source_table
            lengths = b"".join(len(entry).to_bytes(2, "little") for entry in entries)
            data = len(table).to_bytes(4, "little") + table
            data += len(entries).to_bytes(4, "little") + lengths + b"".join(entries)
            batch = Batch(at, received_at_ms, len(entries), data)
        head = chain(previous, at, received_at_ms, batch.body)
        statement = "UPDATE batch SET body = ?, count = ?, previous = ?, hash = ? WHERE number = ?"
        values = (compress(batch.body), batch.count, previous, head, at)
        alter(folder, FILES[1], (statement, values))
        previous = head


def entries(batch: Batch) -> list[bytes]:
    return [batch.entry_bytes(position) for position in range(batch.count)]


def test_a_record_that_a_perfect_forger_took_out_before_sealing_is_missed_by_its_place(
    copy: Path,
):
    forge(copy, 7, lambda batch: entries(batch)[:4] + entries(batch)[5:])
    sealed(copy)
    found = verify(copy).alteration
    assert found is not None
    assert (found.file, found.batch, found.position) == (SECOND, 7, 4)
    assert found.source == LedgerReader(copy).source(1)
    assert "not the next one" in found.what


def test_a_record_of_a_source_that_nobody_introduced_is_named(copy: Path):
    def of_another(batch: Batch) -> list[bytes]:
        from heatward_collector.ledger.batch import pack_entry

        made = entries(batch)
        made[2] = pack_entry(9, made[2][4:-4])
        return made

    forge(copy, 8, of_another)
    sealed(copy)
    found = verify(copy).alteration
    assert found is not None
    assert (found.batch, found.position, found.source) == (8, 2, None)
    assert "nobody introduced" in found.what


def test_a_lost_range_that_begins_behind_its_end_is_named(copy: Path):
    """Its bytes are a record, and what it says cannot be."""

    def broken(batch: Batch) -> list[bytes]:
        from heatward_collector.ledger.batch import pack_entry

        made = entries(batch)
        at = next(at for at in range(batch.count) if batch.entry(at)[1].kind == Kind.LOST)
        source, record = batch.entry(at)
        body = Lost(record.seq + 5, LossReason.CARD_DAMAGED).to_body()
        made[at] = pack_entry(source, Record(Kind.LOST, record.seq, 0, None, 0, 0, body).to_bytes())
        return made

    forge(copy, 6, broken)
    folder = Path(shutil.copytree(copy, copy.with_name("open")))
    sealed(copy)
    for ledger in (copy, folder):
        found = verify(ledger).alteration
        assert found is not None
        assert (found.batch, found.position) == (6, 3)
        assert "cannot be read" in found.what


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("through", 99, "the cursor of source 0 does not fit the days before"),
        ("node", "n0009", "source 0 is altered"),
        ("epoch", 5, "source 0 is altered"),
        ("district", "other", "source 0 is altered"),
    ],
)
def test_what_a_sealed_day_says_of_its_sources_is_checked(
    copy: Path, field: str, value: object, what: str
):
    folder = sealed(copy)
    written_anew(folder / "sources.parquet", lambda rows: rows[0].update({field: value}))
    found = verify(copy).alteration
    assert found is not None
    assert (found.file, found.batch) == (SECOND, None)
    assert what in found.what


def test_a_source_too_many_is_found(copy: Path):
    folder = sealed(copy)
    path = folder / "sources.parquet"
    written_anew(path, lambda rows: rows.append(rows[0] | {"id": 7, "through": 0}))
    found = verify(copy).alteration
    assert found is not None
    assert "source 7 is altered" in found.what


def test_a_file_that_reads_the_same_and_is_another_is_named(copy: Path):
    folder = sealed(copy)
    written_anew(folder / "sources.parquet", lambda rows: None)
    found = verify(copy).alteration
    assert found is not None
    assert found.what == "sources.parquet is not byte for byte as it was written"


def test_a_record_in_the_place_of_another_does_not_add_up(copy: Path):
    folder = sealed(copy)
    path = folder / "records.parquet"
    file = pq.ParquetFile(path)
    groups = [file.read_row_group(at) for at in range(file.num_row_groups)]
    rows = groups[1].to_pylist()
    rows[0]["batch_step"] += 1
    groups[1] = type(groups[1]).from_pylist(rows, schema=file.schema_arrow)
    with pq.ParquetWriter(path, file.schema_arrow) as writer:
        for group in groups:
            writer.write_table(group)
    found = verify(copy).alteration
    assert found is not None
    assert "row group 1" in found.what
    assert "its records and batches do not add up" in found.what


@pytest.mark.parametrize("more", [1, -1])
def test_a_manifest_with_another_number_of_batches_is_found(copy: Path, more: int):
    folder = sealed(copy)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["parts"][-1]["last"] += more
    (folder / "manifest.json").write_text(json.dumps(manifest))
    found = verify(copy).alteration
    assert found is not None
    assert found.file == SECOND
    assert "as its manifest says" in found.what


@pytest.mark.parametrize(
    ("field", "value"),
    [("measured_from", 5), ("measured_to", 5), ("is_timed", False)],
)
def test_every_bound_of_a_part_is_checked(copy: Path, field: str, value: object):
    folder = sealed(copy)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["parts"][0][field] = value
    (folder / "manifest.json").write_text(json.dumps(manifest))
    found = verify(copy).alteration
    assert found is not None
    assert "row group 0" in found.what and "hides a record" in found.what


def test_a_folder_that_was_altered_before_its_file_went_keeps_the_file(copy: Path, tmp_path: Path):
    """A crash left both; the one that is not what it was proves nothing."""
    kept = shutil.copy(copy / FILES[1], tmp_path / "kept")
    folder = sealed(copy)
    shutil.copy(kept, copy / FILES[1])
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["parts"][0]["head"] = "00" * 32
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(LedgerError, match="row group 0 of .* does not read as it should"):
        seal(copy / FILES[1])
    assert (copy / FILES[1]).exists()


def test_a_witness_of_any_batch_of_a_sealed_day_is_asked(copy: Path, original: Path):
    sealed(copy)
    hashes = LedgerReader(original).hashes(range(1, 13))
    assert verify(copy, hashes).alteration is None
    for number in (1, 3, 5, 8):
        found = verify(copy, {number: bytes(32)}).alteration
        assert found is not None
        assert "a witness saw another hash" in found.what
        assert found.file == f"2026-01-0{1 + (number - 1) // 4}.sealed"


def test_the_manifest_of_a_forger_who_put_every_digest_right_is_found_by_the_chain(copy: Path):
    folder = sealed(copy)
    written_anew(folder / "batches.parquet", lambda rows: rows[0].update(received_at_ms=5))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"] = {name: digest(folder / name) for name in manifest["files"]}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert Manifest.read(folder).altered_file(folder) is None
    found = verify(copy).alteration
    assert found is not None
    assert found.file == SECOND


def test_every_life_and_every_fork_of_a_sealed_day_is_told_and_proved(copy: Path):
    """A ledger that was restored twice on one day, and is sealed to its end."""
    with closing(LedgerReader(copy)) as reader:
        hashes = reader.hashes(range(1, 13))
    forks = [Fork(6, hashes[6].hex(), "aa" * 8), Fork(8, hashes[8].hex(), "bb" * 8)]
    with closing(day_file.writing(copy / FILES[1])) as connection:
        for fork in forks:
            day_file.add_fork(connection, fork)
    before = verify(copy)
    assert before.alteration is None
    assert len(before.incarnations) == 4  # the third day was written under the first name
    for name in FILES:
        seal(copy / name, records_a_stretch=10)
    assert verify(copy) == before
    shutil.rmtree(copy / "2026-01-03.sealed")
    with closing(LedgerReader(copy)) as reader:
        assert reader.incarnation == "bb" * 8
    manifest = json.loads((copy / SECOND / "manifest.json").read_text())
    manifest["forks"][0]["head"] = "00" * 32
    (copy / SECOND / "manifest.json").write_text(json.dumps(manifest))
    found = verify(copy).alteration
    assert found is not None
    assert "a witness saw another hash" in found.what


def test_a_source_that_was_silent_on_the_oldest_sealed_day_goes_on_from_where_it_was(
    tmp_path: Path,
):
    """That day lists only who spoke on it; how far the others were, a later one says."""
    now, nodes = [float(T0)], [PaperNode(5 + at, f"n000{at}") for at in range(2)]
    ledger = LedgerWriter(tmp_path, lambda: now[0])
    for speaking in (nodes, nodes[:1], nodes):
        for node in speaking:
            record = node.read(LIVING, int(now[0]), 20)
            ledger.offer("sample", node.node, Pack(node.epoch, False, [record]))
        ledger.commit()
        now[0] += 86_400
    ledger.close()
    for name in FILES[:2]:
        seal(tmp_path / name)
    shutil.rmtree(tmp_path / "2026-01-01.sealed")
    for _ in range(2):  # the third day as a file, and sealed too
        found = verify(tmp_path)
        assert (found.alteration, found.first_number, found.number) == (None, 2, 3)
        seal(tmp_path / FILES[2])


def first_reading(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return next(row for row in rows if row["kind"] == Kind.READING)


def forged_reading(folder: Path, rows: list[dict[str, Any]], field: str) -> None:
    """Let a reading keep its bytes, as an unusual one does, and say something else in a column."""
    row = first_reading(rows)
    sensor = sensor_of(folder, row)
    row["body"] = sensor.to_bytes(8, "little") + usual_scratchpad(row["raw"])
    if field == "raw":
        row["raw"] += 16
    else:
        row["sensor"], row["sensor_place"] = sensor + 16, None


@pytest.mark.parametrize("field", ["raw", "sensor"])
def test_a_column_that_says_something_else_than_the_bytes_beside_it_is_found(
    copy: Path, field: str
):
    """The chain proves the bytes; a window is filled from the column, and digests are put right."""
    folder = sealed(copy)
    forge_records(folder, lambda rows: forged_reading(folder, rows, field))
    found = verify(copy).alteration
    assert found is not None
    assert found.file == SECOND
    assert "row group 0" in found.what
    assert "not that of its bytes" in found.what


@pytest.mark.parametrize(
    "change", [{"is_same_moment": True}, {"batch_step": None, "arrival_step": 0}]
)
def test_a_first_row_that_leans_on_one_before_it_is_found(copy: Path, change: dict[str, Any]):
    folder = sealed(copy)
    forge_records(folder, lambda rows: rows[0].update(change))
    found = verify(copy).alteration
    assert found is not None
    assert "do not add up" in found.what


def forge_records(folder: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Write the first part of a day's records anew, and every digest."""
    copy = SealedCopy(folder.parent, random.Random())
    copy.write_anew(folder / "records.parquet", lambda groups: change(groups[0]))
