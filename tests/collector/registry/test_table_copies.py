"""Copies of large tables: as good as the database, or as none."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from heatward_collector.registry import Registry, laid_aside, packer, table_copies
from heatward_collector.registry.packed_rows import PackedRows
from heatward_collector.registry.versions import MARKED

ROOM = {"id": "h0001-a1", "home": "h0001", "use": "bedroom"}


@pytest.fixture(autouse=True)
def _everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_copies, "FEWEST_ROWS", 1)
    monkeypatch.setattr(laid_aside, "LARGE_BYTES", 1)
    monkeypatch.setattr(packer, "MOST_CHOICES", 8)


@pytest.fixture
def begun(
    registry: Registry, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], tuple[dict[str, PackedRows], set[str]]]:
    """Begin once more; return the tables, and those that were read from the database."""
    asked: set[str] = set()
    real = Registry._read_rows

    def read_rows(self, connection, table):
        asked.add(table.name)
        return real(self, connection, table)

    monkeypatch.setattr(Registry, "_read_rows", read_rows)

    def begin() -> tuple[dict[str, PackedRows], set[str]]:
        asked.clear()
        one = Registry(url, tmp_path)
        found = one.content()[1]
        one.close()
        return found, asked & MARKED

    return begin


def rows_of(registry: Registry) -> dict[str, list]:
    return {name: registry.rows(name) for name in MARKED}


def is_right(registry: Registry, found: dict[str, PackedRows]) -> bool:
    return all(found[name] == rows for name, rows in rows_of(registry).items())


def test_who_begins_later_reads_no_large_table_from_the_database(registry, begun):
    first, asked = begun()
    assert asked == MARKED
    again, asked = begun()
    assert asked == set()
    assert is_right(registry, first)
    assert is_right(registry, again)
    found = {rows["id"] for rows in again["room"]}
    assert found == {rows["id"] for rows in registry.rows("room")}


def test_only_what_was_edited_is_read_again(registry, begun):
    begun()
    registry.put({"room": [ROOM]})
    found, asked = begun()
    assert asked == {"room"}
    assert is_right(registry, found)
    assert begun()[1] == set()


def test_one_table_is_read_by_itself(registry, begun, url, tmp_path):
    begun()
    one = Registry(url, tmp_path)
    assert one.table("node") == registry.rows("node")
    assert one.table("node") is one.table("node")
    registry.put({"room": [ROOM]})
    held = one.table("node")
    registry.put({"node": [{**registry.rows("node")[0], "interval_seconds": 77}]})
    assert held != registry.rows("node")
    assert one.table("node") == registry.rows("node")
    one.close()


@pytest.mark.parametrize("share", [0, 0.3, 0.6, 0.97, 1])
@pytest.mark.parametrize("damage", ["one bit", "cut off", "empty"])
def test_a_damaged_copy_is_as_none(registry, begun, tmp_path, share, damage):
    begun()
    path = tmp_path / table_copies.FOLDER / "assignment"
    held = bytearray(path.read_bytes())
    at = min(int(share * len(held)), len(held) - 1)
    if damage == "one bit":
        # Between two arrays there is nothing that could be damaged.
        while held[at] == 0:
            at -= 1 if at else -len(held) + 1
        held[at] ^= 1
    path.unlink()
    path.write_bytes({"one bit": held, "cut off": held[:at], "empty": b""}[damage])
    found, asked = begun()
    assert asked == {"assignment"}
    assert is_right(registry, found)
    assert begun()[1] == set()


def test_a_copy_of_another_program_is_as_none(registry, begun, monkeypatch):
    begun()
    monkeypatch.setattr(table_copies, "SCHEMA_VERSION", table_copies.SCHEMA_VERSION + 1)
    found, asked = begun()
    assert asked == MARKED
    assert is_right(registry, found)


def test_edits_of_an_older_program_make_a_copy_stale(registry, begun):
    begun()
    with registry.database.edit() as connection:
        number = str(registry.version() + 1)
        connection.execute(text("UPDATE room SET use = 'study'"))
        connection.execute(
            text("UPDATE meta SET value = :n WHERE key IN ('version', 'edited:room')"),
            {"n": number},
        )
    found, asked = begun()
    assert asked == {"room"}
    assert {row["use"] for row in found["room"]} == {"study"}
    assert begun()[1] == set()


def test_the_same_number_of_another_edit_is_no_reason_to_trust_a_copy(tmp_path):
    path, other = tmp_path / "registry.sqlite", tmp_path / "other.sqlite"
    registry = Registry(f"sqlite:///{path}")
    registry.put({"district": [{"id": "d1", "name_zh": "区", "name_en": None}]})
    registry.put({"node": [{"id": "n1", "district": "d1", "interval_seconds": 300}]})
    registry.close()
    shutil.copyfile(path, other)
    for place, seconds in ((path, 60), (other, 90)):
        registry = Registry(f"sqlite:///{place}")
        registry.put({"node": [{"id": "n1", "district": "d1", "interval_seconds": seconds}]})
        assert registry.version() == 4
        assert registry.table("node") == registry.rows("node")
        registry.close()
    registry = Registry(f"sqlite:///{path}")
    assert [row["interval_seconds"] for row in registry.table("node")] == [60]
    registry.close()


def test_nobody_waits_for_who_is_just_keeping_a_copy(registry, begun, tmp_path):
    folder = tmp_path / table_copies.FOLDER
    folder.mkdir()
    with (folder / "room.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found, asked = begun()
        assert asked == MARKED
        assert is_right(registry, found)
        assert not (folder / "room").exists()
        assert begun()[1] == {"room"}
    assert begun()[1] == {"room"}
    assert begun()[1] == set()


def test_small_tables_and_those_of_people_are_in_no_copy(registry, begun, tmp_path, monkeypatch):
    monkeypatch.setattr(table_copies, "FEWEST_ROWS", 40)
    begun()
    kept = {path.name for path in (tmp_path / table_copies.FOLDER).iterdir() if not path.suffix}
    assert kept == {name for name in MARKED if len(registry.rows(name)) >= 40}
    assert "person" not in kept
    assert (tmp_path / table_copies.FOLDER).stat().st_mode & 0o077 == 0


def test_where_no_copy_can_be_kept_the_database_is_read(registry, begun, tmp_path):
    (tmp_path / table_copies.FOLDER).write_text("a file where the folder should be")
    assert is_right(registry, begun()[0])
    assert begun()[1] == MARKED
