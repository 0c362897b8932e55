"""A copy of a ledger that is being written, and what goes on from it under another name."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from heatward_collector.cli import heatward
from heatward_collector.errors import LedgerError
from heatward_collector.ledger import LedgerReader, LedgerWriter, Taken, day_file, verify
from heatward_collector.ledger.backup import back_up, restore
from heatward_collector.ledger.manifest import Fork
from heatward_collector.ledger.seal import due, seal
from heatward_collector.readings.follow import Follower
from heatward_collector.registry import Registry
from heatward_node.wire import Pack
from support.evidence import LIVING, T0, PaperNode, ledger_records

from .test_verify import FILES, alter, write


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original") / "ledger"
    write(folder)
    seal(folder / FILES[0])
    return folder


@pytest.fixture
def ledger(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "ledger"))


def test_a_copy_is_the_same_ledger(ledger: Path, tmp_path: Path):
    copied = back_up(ledger, tmp_path / "copy")
    assert [path.name for path in copied] == ["2026-01-01.sealed", FILES[1], FILES[2]]
    assert verify(tmp_path / "copy") == verify(ledger)
    assert ledger_records(tmp_path / "copy") == ledger_records(ledger)


def test_only_what_is_new_is_copied_again(ledger: Path, tmp_path: Path):
    copy = tmp_path / "copy"
    back_up(ledger, copy)
    assert back_up(ledger, copy) == []
    seal(ledger / FILES[1])
    writer = LedgerWriter(ledger, lambda: T0 + 3 * 86_400 - 60)
    node = PaperNode(epoch=7, node="n0007")
    writer.offer("sample", "n0007", Pack(7, False, [node.boot()]))
    writer.commit()
    writer.close()
    assert [path.name for path in back_up(ledger, copy)] == ["2026-01-02.sealed", FILES[2]]
    assert not (copy / FILES[1]).exists()
    assert verify(copy) == verify(ledger)


def test_copies_of_a_ledger_that_is_written_and_sealed_are_each_a_beginning_of_it(tmp_path: Path):
    """While days pass by in moments, every copy is intact, and none is a mixture."""
    folder, now = tmp_path / "ledger", [float(T0)]
    stop = threading.Event()
    heads: dict[int, bytes] = {}

    def write_on() -> None:
        writer = LedgerWriter(folder, lambda: now[0])
        node = PaperNode(epoch=7, node="n0007")
        writer.offer("sample", "n0007", Pack(7, False, [node.boot()]))
        while not stop.is_set():
            now[0] += 7_200
            records = [node.read(LIVING, int(now[0]) - 1, 20)]
            writer.offer("sample", "n0007", Pack(7, False, records))
            commit = writer.commit()
            assert commit is not None
            heads[commit.number] = commit.hash
            for path in due(folder, now[0], 86_400)[:1] if commit.number % 24 == 0 else ():
                seal(path)
        writer.close()

    thread = threading.Thread(target=write_on)
    thread.start()
    try:
        for index in range(4):
            while len(heads) < 40 * (index + 1):
                stop.wait(0.01)
            back_up(folder, tmp_path / str(index))
    finally:
        stop.set()
        thread.join()
    for index in range(4):
        found = verify(tmp_path / str(index))
        assert found.alteration is None
        assert found.number >= 40 * (index + 1)
        assert found.head == heads[found.number]
    assert list((tmp_path / "3").glob("*.sealed"))


@pytest.mark.parametrize("moment", ["listed", "known to be begun"])
def test_a_day_that_is_sealed_between_two_looks_is_read_sealed(
    ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
):
    is_begun, place = day_file.is_begun, ledger / FILES[1]
    waiting = {place}

    def slow(path: Path) -> bool:
        found = is_begun(path) if moment != "listed" else None
        if path in waiting:
            waiting.clear()
            seal(path)
        return is_begun(path) if found is None else found

    whole = verify(ledger)
    monkeypatch.setattr(day_file, "is_begun", slow)
    for folder, read in {
        "copied": lambda: back_up(ledger, tmp_path / "copy"),
        "verified": lambda: verify(ledger),
        "read": lambda: ledger_records(ledger),
    }.items():
        kept = shutil.copytree(ledger, tmp_path / folder)
        waiting.add(place)
        read()
        assert not place.exists()
        shutil.rmtree(ledger)
        kept.rename(ledger)
    waiting.add(place)
    assert verify(ledger) == whole
    assert verify(tmp_path / "copy") == whole
    assert not (tmp_path / "copy" / FILES[1]).exists()


def test_a_restored_ledger_takes_again_what_the_copy_had_not_seen(ledger: Path, tmp_path: Path):
    copy, again = tmp_path / "copy", tmp_path / "again"
    back_up(ledger, copy)
    writer = LedgerWriter(ledger, lambda: T0 + 3 * 86_400 - 60)
    node = PaperNode(epoch=7, node="n0007")
    pack = Pack(7, False, [node.boot(), node.read(LIVING, T0 + 3 * 86_400 - 70, 20)])
    writer.offer("sample", "n0007", pack)
    writer.commit()
    old = writer.incarnation
    writer.close()
    checked, incarnation = restore(copy, again)
    assert checked.number == 12
    writer = LedgerWriter(again, lambda: T0 + 3 * 86_400 - 30)
    assert writer.incarnation == incarnation == LedgerReader(again).incarnation
    assert incarnation != old
    assert writer.through(("sample", "n0007"), 7) == 0  # its hello brings everything again
    assert writer.offer("sample", "n0007", pack).taken is Taken.STORED
    writer.commit()
    writer.close()
    assert ledger_records(again) == ledger_records(ledger)
    found = verify(again)
    assert found.alteration is None
    assert found.incarnations == [old, incarnation]


def test_the_new_name_stays_over_the_next_days_and_their_sealing(ledger: Path, tmp_path: Path):
    again = tmp_path / "again"
    _, incarnation = restore(ledger, again)
    writer = LedgerWriter(again, lambda: T0 + 4 * 86_400)
    node = PaperNode(epoch=7, node="n0007")
    writer.offer("sample", "n0007", Pack(7, False, [node.boot()]))
    writer.commit()
    writer.close()
    for path in due(again, T0 + 9 * 86_400, 0):
        seal(path)
    assert len(list(again.glob("*.sealed"))) == 3
    found = verify(again)
    assert found.alteration is None
    assert found.incarnations[-1] == incarnation == LedgerReader(again).incarnation
    assert LedgerWriter(again, lambda: T0 + 5 * 86_400).incarnation == incarnation


def test_who_follows_the_ledger_begins_anew(ledger: Path, tmp_path: Path):
    registry = Registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    place = tmp_path / "ledger"
    follower = Follower(tmp_path / "f.sqlite", LedgerReader(place), registry)
    follower.restarted()
    follower.done(follower.next())
    assert follower.batch == 12
    copy = tmp_path / "copy"
    back_up(place, copy)
    shutil.rmtree(place)
    restore(copy, place)
    follower = Follower(tmp_path / "f.sqlite", LedgerReader(place), registry)
    assert follower.restarted()
    assert follower.batch == 0


def test_another_hash_at_the_fork_is_found(ledger: Path, tmp_path: Path):
    again = tmp_path / "again"
    restore(ledger, again)
    alter(again, FILES[2], ("UPDATE fork SET head = ?", (bytes(32),)))
    found = verify(again).alteration
    assert found is not None
    assert found.batch == 12


def test_a_ledger_is_never_restored_over_another_nor_from_a_bad_copy(ledger: Path, tmp_path: Path):
    copy = tmp_path / "copy"
    back_up(ledger, copy)
    with pytest.raises(LedgerError, match="holds a ledger already"):
        restore(copy, ledger)
    alter(copy, FILES[1], ("DELETE FROM batch WHERE number = 6", ()))
    with pytest.raises(LedgerError, match="altered or damaged"):
        restore(copy, tmp_path / "again")
    with pytest.raises(LedgerError, match="no day"):
        restore(tmp_path / "nothing", tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_the_commands_seal_copy_and_restore(ledger: Path, tmp_path: Path):
    def told(state: Path, *words: str) -> str:
        file = tmp_path / "collector.toml"
        file.write_text(f'[state]\ndirectory = "{state}"\n')
        done = CliRunner().invoke(heatward, ["ledger", *words, "-c", str(file)])
        assert done.exit_code == 0, done.output
        return done.output

    assert told(tmp_path, "seal").startswith("2026-01-02: ")
    assert (ledger / "2026-01-02.sealed").is_dir()
    head = told(tmp_path, "backup", str(tmp_path / "copy")).splitlines()[-1]
    assert head == told(tmp_path, "head").strip()
    assert head in told(tmp_path / "new", "restore", str(tmp_path / "copy"))
    assert told(tmp_path / "new", "verify").splitlines()[-1] == head


def test_a_copy_of_a_ledger_that_cannot_be_read_says_so_and_never_turns_round_for_ever(
    ledger: Path, tmp_path: Path
):
    (ledger / FILES[1]).unlink()
    (ledger / FILES[1]).mkdir()  # it is there, and no disk gives it
    with pytest.raises(sqlite3.OperationalError):
        back_up(ledger, tmp_path / "copy")


def test_a_day_that_has_not_begun_is_no_part_of_a_copy(ledger: Path, tmp_path: Path):
    sqlite3.connect(ledger / "2026-01-04.sqlite").close()
    copied = back_up(ledger, tmp_path / "copy")
    assert [path.stem for path in copied] == ["2026-01-01", "2026-01-02", "2026-01-03"]
    assert not (tmp_path / "copy" / "2026-01-04.sqlite").exists()
    shutil.rmtree(tmp_path / "copy" / "2026-01-01.sealed")
    for day in ("2026-01-02", "2026-01-03"):
        (tmp_path / "copy" / f"{day}.sqlite").unlink()
    with pytest.raises(LedgerError, match="no day of a ledger that is still open"):
        restore(tmp_path / "copy", tmp_path / "again")


def test_what_a_crash_left_of_a_copy_is_done_again(ledger: Path, tmp_path: Path):
    copy = tmp_path / "copy"
    (copy / "2026-01-01.copying").mkdir(parents=True)
    (copy / "2026-01-01.copying" / "records.parquet").write_bytes(b"half")
    (copy / "2026-01-02.copying").write_bytes(b"half a day")
    back_up(ledger, copy)
    assert verify(copy) == verify(ledger)
    assert not list(copy.glob("*.copying"))


def test_a_copy_is_whole_in_its_files_alone(ledger: Path, tmp_path: Path):
    """So it can be carried anywhere: no log lies beside a day."""
    writer = LedgerWriter(ledger, lambda: T0 + 3 * 86_400 - 60)
    writer.offer("sample", "n0007", Pack(7, False, [PaperNode(7, "n0007").boot()]))
    writer.commit()
    copy = tmp_path / "new" / "copy"
    back_up(ledger, copy)
    writer.close()
    assert {path.suffix for path in copy.iterdir()} == {".sealed", ".sqlite"}
    assert verify(copy).number == 13
    with closing(sqlite3.connect(copy / FILES[2])) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_ledger_that_is_sealed_to_its_end_is_no_beginning(ledger: Path, tmp_path: Path):
    """The newest day is always a file, for the writer goes on from it."""
    for name in FILES[1:]:
        seal(ledger / name)
    with pytest.raises(LedgerError, match="is it a backup"):
        restore(ledger, tmp_path / "again")


def test_a_ledger_begins_again_in_an_empty_folder_that_is_there_already(
    ledger: Path, tmp_path: Path
):
    """Whoever made it: a lock of a writer is no day of a ledger."""
    again = tmp_path / "state" / "ledger"
    again.mkdir(parents=True)
    (again / "writer.lock").touch()
    checked, _ = restore(ledger, again)
    assert verify(again).number == checked.number == 12


def test_a_ledger_of_open_days_alone_is_copied_wherever_that_may_be(tmp_path: Path):
    write(tmp_path / "ledger")
    copy = tmp_path / "disk" / "of" / "another" / "machine"
    assert [path.name for path in back_up(tmp_path / "ledger", copy)] == FILES
    again = tmp_path / "new" / "machine" / "ledger"
    restore(copy, again)
    assert verify(again).number == 12


def test_a_ledger_begun_again_is_whole_in_its_files_though_somebody_looks_at_it_already(
    ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Who carries its newest day away has its new name with it: nothing is in a log alone."""
    again, add_fork, readers = tmp_path / "again", day_file.add_fork, []

    def looked_at(connection: sqlite3.Connection, fork: Fork) -> None:
        add_fork(connection, fork)
        readers.append(day_file.reading(again / FILES[2]))
        assert day_file.forks(readers[0]) == [fork]

    monkeypatch.setattr(day_file, "add_fork", looked_at)
    _, incarnation = restore(ledger, again)
    shutil.copy(again / FILES[2], tmp_path / FILES[2])
    with closing(day_file.reading(tmp_path / FILES[2])) as connection:
        assert [fork.incarnation for fork in day_file.forks(connection)] == [incarnation]
    readers[0].close()
