"""A file is replaced in one step, and nobody ever reads a part of one."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from heatward_collector import whole_file
from heatward_collector.whole_file import put_for_good, put_whole


def test_a_reader_sees_one_whole_file_or_the_other(tmp_path: Path) -> None:
    path, seen = tmp_path / "state.json", set()
    texts = ["a" * 300_000, "乙" * 100_000]
    put_whole(path, texts[0])
    stop = threading.Event()

    def write() -> None:
        for turn in range(60):
            put_whole(path, texts[turn % 2])
        stop.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not stop.is_set():
        seen.add(path.read_text(encoding="utf-8"))
    writer.join()
    assert seen <= set(texts)
    assert [one.name for one in tmp_path.iterdir()] == ["state.json"]


def test_what_could_not_be_written_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ca.key"
    put_for_good(path, b"before", 0o600)
    assert path.stat().st_mode & 0o777 == 0o600

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(whole_file.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        put_for_good(path, b"after", 0o600)
    assert path.read_bytes() == b"before"
    monkeypatch.undo()
    put_for_good(path, b"after", 0o640)
    assert path.read_bytes() == b"after"
    assert path.stat().st_mode & 0o777 == 0o640


def test_file_and_name_are_on_the_disk_before_it_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, synced = tmp_path / "ca.pem", []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append((str(Path(f"/proc/self/fd/{descriptor}").readlink()), path.exists()))
        fsync(descriptor)

    monkeypatch.setattr(whole_file.os, "fsync", noted)
    put_for_good(path, b"certificate")
    assert synced == [(f"{path}.new", False), (str(tmp_path), True)]
