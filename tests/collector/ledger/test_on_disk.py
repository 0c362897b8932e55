"""A name is given to what is on the disk, and nothing goes before what takes its place is there.

What a power cut leaves is what was synced; so the order of syncs, renames and removals is the
promise. ``heatward torture --power-cuts`` cuts at every one of them, here their order is looked at.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from heatward_collector.ledger import LedgerReader, verify
from heatward_collector.ledger.backup import back_up
from heatward_collector.ledger.seal import seal
from heatward_collector.ledger.sealed_day import SealedDay

from .test_verify import FILES, write

Event = tuple[str, str]
SEALED = [
    "batches.parquet",
    "manifest.json",
    "records.parquet",
    "sensors.parquet",
    "sources.parquet",
]


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    write(tmp_path / "ledger")
    return tmp_path / "ledger"


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Event]]:
    """What is synced, renamed and removed, in its order, by the last two names of its path."""
    told: list[Event] = []
    fsync, rename, unlink = os.fsync, Path.rename, Path.unlink

    def note(what: str, path: Path) -> None:
        told.append((what, "/".join(path.parts[-2:])))

    def synced(number: int) -> None:
        note("sync", Path(f"/proc/self/fd/{number}").readlink())
        fsync(number)

    def renamed(path: Path, target: Path) -> Path:
        note("rename", target)
        return rename(path, target)

    def removed(path: Path, missing_ok: bool = False) -> None:
        if path.exists():
            note("remove", path)
        unlink(path, missing_ok)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "rename", renamed)
    monkeypatch.setattr(Path, "unlink", removed)
    yield told


def test_a_day_gets_its_name_when_all_of_it_is_on_the_disk_and_its_file_goes_last(
    ledger: Path, events: list[Event]
):
    seal(ledger / FILES[0])
    rename = events.index(("rename", "ledger/2026-01-01.sealed"))
    before = [f"2026-01-01.sealing/{name}" for name in SEALED] + ["ledger/2026-01-01.sealing"]
    assert sorted(events[:rename]) == sorted(("sync", name) for name in before)
    assert events[rename + 1] == ("sync", f"{ledger.parent.name}/ledger")
    assert ("remove", f"ledger/{FILES[0]}") in events[rename + 2 :]


def test_a_day_whose_rename_a_crash_left_open_is_synced_before_its_file_goes(
    ledger: Path, tmp_path: Path, events: list[Event]
):
    kept = shutil.copy(ledger / FILES[0], tmp_path / "kept")
    seal(ledger / FILES[0])
    shutil.copy(kept, ledger / FILES[0])
    events.clear()
    seal(ledger / FILES[0])
    assert events[0] == ("sync", f"{ledger.parent.name}/ledger")
    assert {what for what, _ in events[1:]} == {"remove"}


def test_every_part_of_a_copy_is_on_the_disk_before_it_has_its_name(
    ledger: Path, tmp_path: Path, events: list[Event]
):
    seal(ledger / FILES[0])
    events.clear()
    back_up(ledger, tmp_path / "copy")
    for name, parts in (
        ("2026-01-01.sealed", [f"2026-01-01.copying/{one}" for one in SEALED]),
        ("2026-01-01.sealed", ["copy/2026-01-01.copying"]),
        (FILES[1], ["copy/2026-01-02.copying"]),
        (FILES[2], ["copy/2026-01-03.copying"]),
    ):
        rename = events.index(("rename", f"copy/{name}"))
        for part in parts:
            assert ("sync", part) in events[:rename]
    assert events[-1][0] == "sync" and events[-1][1].endswith("/copy")  # the names themselves
    seal(ledger / FILES[1])
    back_up(ledger, tmp_path / "copy")
    rename = events.index(("rename", "copy/2026-01-02.sealed"))
    assert ("remove", f"copy/{FILES[1]}") in events[rename:]
    assert verify(tmp_path / "copy") == verify(ledger)


def test_who_goes_on_in_the_middle_reads_no_row_group_before_it(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
):
    """A city's day is 200 MB a stretch: a follower that catches up must not read it all."""
    seal(ledger / FILES[0], records_a_stretch=1)
    read: list[int] = []
    stretch = SealedDay.stretch

    def noted(day: SealedDay, index: int):
        read.append(index)
        return stretch(day, index)

    monkeypatch.setattr(SealedDay, "stretch", noted)
    reader = LedgerReader(ledger)
    assert [batch.number for batch in reader.batches(after=2, limit=1)] == [3]
    assert read == [2]
    assert [batch.number for batch in reader.batches(after=0, limit=2)] == [1, 2]
    assert set(read) == {0, 1, 2}
    read.clear()
    assert sorted(reader.hashes([2, 4])) == [2, 4]
    assert read == [1, 3]
    read.clear()
    assert reader.received_after(3) is not None
    assert read == [3]
    read.clear()
    day_3 = reader.batches_measured(2**33, 2**34)
    assert [batch.number for batch in day_3 if batch.number <= 4] == []
    assert read == []  # all of its readings lie before that time
