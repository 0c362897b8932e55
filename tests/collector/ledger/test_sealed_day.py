"""Writing a sealed day: what it lists, where its stretches end, and what a failure leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from heatward_collector.errors import LedgerError
from heatward_collector.ledger import LedgerReader, LedgerWriter, sealed_day, verify
from heatward_collector.ledger.batch import Batch, Source, pack_entry
from heatward_collector.ledger.manifest import MANIFEST, Manifest
from heatward_collector.ledger.seal import records_a_stretch_of, remove_older, seal
from heatward_collector.ledger.sealed_day import SealedDay, filing, sealed_days
from heatward_collector.ledger.stretch import stretch_of
from heatward_node.reading import Record
from heatward_node.wire import Pack
from support.batches import encode_body
from support.evidence import LIVING, T0, PaperNode

from .test_verify import FILES, write


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    write(tmp_path / "ledger")
    return tmp_path / "ledger"


def test_a_day_lists_its_sources_with_how_far_they_were_when_it_began(ledger: Path):
    """The third node came on the second day: it had no number yet."""
    listed = [
        [(source.node, through) for source, through in seal(ledger / name).sources()]
        for name in FILES[:2]
    ]
    assert listed == [[("n0000", 0), ("n0001", 0)], [("n0000", 13), ("n0001", 13), ("n0002", 0)]]


def test_a_source_that_only_asked_is_listed_where_its_batch_names_it(tmp_path: Path):
    """It did so later on the day, whose beginning says nothing of it."""
    now = [float(T0)]
    writer, node, asking = LedgerWriter(tmp_path, lambda: now[0]), PaperNode(5), PaperNode(6)
    asking.seq = 2
    for moment in (0, 3_600, 86_400):
        now[0] = float(T0 + moment)
        if moment == 3_600:
            writer.offer("sample", "n0009", Pack(6, False, [asking.read(LIVING, T0, 20)]))
        writer.offer("sample", "n0001", Pack(5, False, [node.read(LIVING, T0, 20)]))
        writer.commit()
    writer.close()
    listed = seal(tmp_path / FILES[0]).sources()
    assert [(source.node, through) for source, through in listed] == [("n0001", 0), ("n0009", 0)]
    assert LedgerReader(tmp_path).source(1).node == "n0009"
    assert verify(tmp_path).alteration is None


@pytest.mark.parametrize(
    ("records", "parts"),
    [
        (7, [(1, 1, 8), (2, 3, 12), (4, 4, 6)]),
        (14, [(1, 2, 14), (3, 4, 12)]),
        (15, [(1, 3, 20), (4, 4, 6)]),
        (26, [(1, 4, 26)]),
    ],
)
def test_a_stretch_ends_with_the_batch_that_fills_it(
    ledger: Path, records: int, parts: list[tuple[int, int, int]]
):
    """The day has batches of 8, 6, 6 and 6 records."""
    manifest = seal(ledger / FILES[0], records).manifest
    assert [(part.first, part.last, part.records) for part in manifest.parts] == parts


@pytest.mark.parametrize(
    ("sources", "records"), [(0, 2_000_000), (125_000, 2_000_000), (1_000_000, 16_000_000)]
)
def test_a_stretch_of_a_large_city_is_longer(sources: int, records: int):
    assert records_a_stretch_of(sources) == records


def test_a_day_is_filed_under_the_times_of_its_readings_and_whether_all_are_to_be_believed():
    node = PaperNode(5)
    boot = [node.boot()]
    two = [node.read(LIVING, T0 + 9, 20), node.read(LIVING, T0 + 5, 20)]
    one = [node.read(LIVING, T0 + 7, 20)]
    timeless = [node.read(LIVING, T0 + 3, 20, synchronised=False)]

    def filed(*batches: list[Record]) -> tuple[int | None, int | None, bool]:
        listed = [Source(0, "sample", "n0001", 5)]
        made = []
        for number, records in enumerate(batches, 1):
            body = encode_body(listed, [pack_entry(0, record.to_bytes()) for record in records])
            made.append(Batch(number, (T0 + 60) * 1000, len(records), body))
            listed = []
        return filing(stretch_of(made))

    assert filed(boot) == (None, None, True)
    assert filed(one) == (T0 + 7, T0 + 7, True)
    assert filed(boot, two, one) == (T0 + 5, T0 + 9, True)
    assert filed(timeless) == (None, None, False)
    assert filed(one, timeless) == (T0 + 7, T0 + 7, False)


def test_the_manifest_lists_files_by_name_whatever_order_the_disk_gives(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
):
    iterdir = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda path: iter(sorted(iterdir(path), reverse=True)))
    names = ["batches.parquet", "records.parquet", "sensors.parquet", "sources.parquet"]
    assert list(seal(ledger / FILES[0]).manifest.files) == names


def test_a_day_that_does_not_read_back_as_it_was_is_not_put_in_its_place(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
):
    """The disk keeps something else than it was given."""
    before = LedgerReader(ledger).head()

    def rotten(path: Path) -> None:
        if path.name == MANIFEST:
            manifest = json.loads(path.read_text())
            manifest["parts"][0]["head"] = "00" * 32
            path.write_text(json.dumps(manifest))

    with monkeypatch.context() as patched:
        patched.setattr(sealed_day, "sync", rotten)
        with pytest.raises(LedgerError, match="row group 0 of .* does not read as it should"):
            seal(ledger / FILES[0])
    assert (ledger / FILES[0]).exists()
    assert not list(ledger.glob("*.seal*"))
    seal(ledger / FILES[0])
    assert LedgerReader(ledger).head() == before


def test_what_the_disk_said_is_told_where_it_fails_at_the_last_step_and_the_day_is_sealed_later(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
):
    """Its folder has its name then; only whether that is on the disk nobody knows."""
    before = verify(ledger)

    def sync(path: Path) -> None:
        if path == ledger:
            raise OSError("the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr(sealed_day, "sync", sync)
        with pytest.raises(OSError, match="the disk is gone"):
            seal(ledger / FILES[0])
    assert (ledger / FILES[0]).exists()
    seal(ledger / FILES[0])
    assert not (ledger / FILES[0]).exists()
    assert verify(ledger) == before


def test_what_a_crash_left_of_a_removed_day_goes_with_the_next_look(ledger: Path):
    seal(ledger / FILES[0])
    sealed_days(ledger)[0].rename(ledger / "2026-01-01.gone")
    assert remove_older(ledger, float(T0)) == []
    assert not list(ledger.glob("*.gone"))
    seal(ledger / FILES[1])
    remove_older(ledger, T0 + 400 * 86_400.0)
    assert [path.name for path in ledger.glob("2026*")] == [FILES[2]]


def test_a_sealed_day_whose_file_is_still_there_is_not_removed(ledger: Path, tmp_path: Path):
    kept = (ledger / FILES[0]).read_bytes()
    folder = seal(ledger / FILES[0]).folder
    (ledger / FILES[0]).write_bytes(kept)
    assert remove_older(ledger, T0 + 400 * 86_400.0) == []
    assert SealedDay(folder).head() is not None
    assert Manifest.read(folder).last_number == 4
