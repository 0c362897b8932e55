"""Registries on SQLite and on a real PostgreSQL, filled with the worked sample."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from heatward_collector.registry import Registry, spreadsheets
from support.postgresql import emptied

SAMPLE = Path(spreadsheets.__file__).with_name("sample")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'registry.sqlite'}"
    return emptied(request.getfixturevalue("postgresql"))


@pytest.fixture
def registry(url: str) -> Iterator[Registry]:
    """The worked sample, imported."""
    registry = Registry(url)
    spreadsheets.import_folder(registry, SAMPLE)
    yield registry
    registry.close()
