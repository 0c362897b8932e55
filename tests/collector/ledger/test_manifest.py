"""What a sealed day says of itself is read back as it was written, or refused by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from heatward_collector.errors import LedgerError
from heatward_collector.ledger.manifest import Fork, Manifest, Part

FIRST = Part(5, 7, 30, "aa" * 32, 1_000, 2_000, True)
SECOND = Part(8, 8, 4, "bb" * 32, None, None, False)
DAY = Manifest("0f" * 8, 5, "cc" * 32, 3, (FIRST, SECOND), {"a": "ab"}, (Fork(6, "dd", "1e"),))
EMPTY = Manifest("0f" * 8, 5, "cc" * 32, 0, (), {})


def test_a_day_goes_on_from_part_to_part_and_ends_with_the_last():
    assert (DAY.last_number, DAY.head.hex()) == (8, "bb" * 32)
    assert [DAY.previous(at).hex() for at in (0, 1)] == ["cc" * 32, "aa" * 32]
    assert (EMPTY.last_number, EMPTY.head.hex()) == (4, "cc" * 32)


@pytest.mark.parametrize("manifest", [DAY, EMPTY])
def test_what_was_written_is_read(tmp_path: Path, manifest: Manifest):
    manifest.write(tmp_path)
    assert Manifest.read(tmp_path) == manifest


@pytest.mark.parametrize(
    ("start_s", "end_s", "may"),
    [
        (0, 1_000, False),
        (0, 1_001, True),
        (2_000, 3_000, True),
        (2_001, 3_000, False),
        (1_500, 1_501, True),
    ],
)
def test_a_part_may_hold_what_lies_within_its_times_to_the_second(start_s: int, end_s: int, may):
    assert FIRST.may_hold(start_s, end_s) == may


def test_a_part_with_readings_of_unknown_times_may_hold_any_and_one_without_readings_none():
    assert SECOND.may_hold(0, 1)
    assert Part(8, 8, 4, "bb", 1_000, 2_000, False).may_hold(0, 1)
    assert not Part(8, 8, 4, "bb", None, None, True).may_hold(-(2**62), 2**62)
    assert not Part(8, 8, 4, "bb", None, 2_000, True).may_hold(0, 3_000)
    assert not Part(8, 8, 4, "bb", 1_000, None, True).may_hold(0, 3_000)


def held(**changes: Any) -> dict[str, Any]:
    """Return a manifest of two parts as it lies on the disk, with changes."""
    parts = [
        {"first": 5, "last": 7, "records": 30, "head": "aa"},
        {"first": 8, "last": 8, "records": 4, "head": "bb"},
    ]
    times = {"measured_from": None, "measured_to": None, "is_timed": True}
    return {
        "layout": "1",
        "incarnation": "0f",
        "first_number": 5,
        "first_previous": "cc",
        "sources_before": 3,
        "parts": [part | times for part in parts],
        "files": {},
        "forks": [],
    } | changes


def second(**changes: Any) -> dict[str, Any]:
    parts = held()["parts"]
    return {"parts": [parts[0], parts[1] | changes]}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (held(layout="2"), "has layout 2, this program knows 1"),
        (held(more=1), "more"),
        (held(first_previous="no"), "non-hexadecimal"),
        (held(first_number=4), "part 0 does not follow"),
        (held(**second(first=9, last=9)), "part 1 does not follow"),
        (held(**second(first=7)), "part 1 does not follow"),
        (held(**second(last=7)), "part 1 does not follow"),
        (held(**second(head="no")), "non-hexadecimal"),
        (held(**second(first="8")), "cannot be read"),
        (held(forks=[{"after": 1}]), "cannot be read"),
        ([], "cannot be read"),
        ("text", "cannot be read"),
        ({}, "layout"),
    ],
)
def test_a_manifest_that_is_none_is_named_with_what_to_do(tmp_path: Path, content: Any, told: str):
    (tmp_path / "manifest.json").write_text(json.dumps(content))
    with pytest.raises(LedgerError, match=told):
        Manifest.read(tmp_path)


def test_the_untouched_manifest_of_these_tests_is_one(tmp_path: Path):
    (tmp_path / "manifest.json").write_text(json.dumps(held()))
    assert [part.last for part in Manifest.read(tmp_path).parts] == [7, 8]


def test_half_a_manifest_is_none(tmp_path: Path):
    (tmp_path / "manifest.json").write_text(json.dumps(held())[:-5])
    with pytest.raises(LedgerError, match="restore the day from a backup"):
        Manifest.read(tmp_path)


def test_the_first_file_that_reads_otherwise_is_named(tmp_path: Path):
    (tmp_path / "one").write_bytes(b"1")
    (tmp_path / "two").write_bytes(b"2")
    from heatward_collector.ledger.manifest import digest

    files = {name: digest(tmp_path / name) for name in ("one", "two")}
    day = Manifest("0f", 1, "00", 0, (), files)
    assert day.altered_file(tmp_path) is None
    (tmp_path / "two").write_bytes(b"3")
    assert day.altered_file(tmp_path) == "two"
    (tmp_path / "one").write_bytes(b"3")
    assert day.altered_file(tmp_path) == "one"
