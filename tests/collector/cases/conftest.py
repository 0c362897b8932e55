"""Cases on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from support.case_world import CaseWorld
from support.postgresql import running_postgresql


@pytest.fixture(scope="session")
def case_postgresql() -> Iterator[str]:
    """One server for all tests of cases."""
    with running_postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'registry.sqlite'}"
    address: str = request.getfixturevalue("case_postgresql")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return address


@pytest.fixture
def world(tmp_path: Path, url: str) -> Iterator[CaseWorld]:
    """The sample district without any case, on both databases."""
    world = CaseWorld(tmp_path, url)
    yield world
    world.close()


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[CaseWorld]:
    """The same on SQLite only, for what does not concern the database."""
    world = CaseWorld(tmp_path, f"sqlite:///{tmp_path / 'registry.sqlite'}")
    yield world
    world.close()
