"""What a node keeps to itself is there whole, and nobody else reads it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from heatward_node import whole_file
from heatward_node.whole_file import put_private


def test_a_file_is_its_owners_alone_whatever_stood_there(tmp_path: Path) -> None:
    path = tmp_path / "node.key"
    path.write_bytes(b"before")
    path.chmod(0o644)
    put_private(path, b"after")
    assert path.read_bytes() == b"after"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["node.key"]


def test_what_is_not_whole_yet_is_hidden_and_on_the_card_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NetworkManager takes every other file of its folder for a connection."""
    path, synced = tmp_path / "home.nmconnection", []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append((Path(f"/proc/self/fd/{descriptor}").readlink().name, path.exists()))
        fsync(descriptor)

    monkeypatch.setattr(whole_file.os, "fsync", noted)
    put_private(path, b"psk")
    assert synced == [(".home.nmconnection.new", False), (tmp_path.name, True)]


def test_a_full_card_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "healthy"
    put_private(path, b"7\n")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(whole_file.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        put_private(path, b"8\n")
    assert path.read_bytes() == b"7\n"
