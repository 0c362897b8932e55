"""Cases on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from heatward_collector.registry import Registry, spreadsheets
from support.case_world import SAMPLE, CaseWorld
from support.postgresql import emptied


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample in a SQLite file, to be copied: importing it for every test would take longer."""
    file = tmp_path_factory.mktemp("filled") / "registry.sqlite"
    registry = Registry(f"sqlite:///{file}")
    spreadsheets.import_folder(registry, SAMPLE)
    registry.close()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, filled: Path) -> str:
    """A database of each kind: one with the sample, an empty one."""
    if request.param == "sqlite":
        shutil.copy(filled, tmp_path / "registry.sqlite")
        return f"sqlite:///{tmp_path / 'registry.sqlite'}"
    return emptied(request.getfixturevalue("postgresql"))


@pytest.fixture
def world(tmp_path: Path, url: str) -> Iterator[CaseWorld]:
    """The sample district without any case, on both databases."""
    world = CaseWorld(tmp_path, url)
    yield world
    world.close()


@pytest.fixture
def quick(tmp_path: Path, filled: Path) -> Iterator[CaseWorld]:
    """The same on SQLite only, for what does not concern the database."""
    shutil.copy(filled, tmp_path / "registry.sqlite")
    world = CaseWorld(tmp_path, f"sqlite:///{tmp_path / 'registry.sqlite'}")
    yield world
    world.close()
