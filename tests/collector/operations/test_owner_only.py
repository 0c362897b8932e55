"""Files of the owner alone, and only meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from heatward_collector.operations.owner_only import owner_only


def rights(file: Path) -> int:
    return file.stat().st_mode & 0o077


def test_files_are_the_owners_alone_and_afterwards_as_before(tmp_path: Path) -> None:
    before, secret, after = tmp_path / "before", tmp_path / "secret", tmp_path / "after"
    before.touch()
    with pytest.raises(ValueError), owner_only():
        secret.touch()
        raise ValueError
    after.touch()
    assert rights(secret) == 0
    assert rights(after) == rights(before)
