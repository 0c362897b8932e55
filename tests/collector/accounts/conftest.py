"""Accounts over the sample registry, on SQLite and on a real PostgreSQL, with a clock to move."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from heatward_collector.accounts import Accounts
from heatward_collector.registry import Registry
from support.postgresql import emptied


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
def accounts(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Accounts]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'registry.sqlite'}"
    else:
        url = emptied(request.getfixturevalue("postgresql"))
    registry = Registry(url)
    yield Accounts(registry, clock)
    registry.close()
