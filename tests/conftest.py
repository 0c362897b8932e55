"""Fixtures of every room: real servers, started once and shared."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support.broker import Mosquitto, running_mosquitto
from support.influxdb import VERSIONS, InfluxServer, running_influxdb
from support.postgresql import running_postgresql

# How long an example takes says nothing of the code where other work shares the machine.
settings.register_profile(
    "shared_machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
if not os.environ.get("CI"):  # there, hypothesis has a profile of its own
    settings.load_profile("shared_machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test by the real servers that it needs, for ``-m "not influxdb"`` and the like."""
    for item in items:
        names = getattr(item, "fixturenames", ())
        if "mosquitto" in names:
            item.add_marker("broker")
        if any(name.startswith("influxdb") for name in names):
            item.add_marker("influxdb")


def rights_taken() -> str:
    """The process's umask, read without touching it: other threads make files meanwhile."""
    return re.findall(r"^Umask:\s*(\d+)", Path("/proc/self/status").read_text(), re.M)[0]


@pytest.fixture(autouse=True)
def leaves_rights_as_they_were() -> Iterator[None]:
    """What one test does to the whole process would be another's failure, hours away."""
    before = rights_taken()
    yield
    assert rights_taken() == before


@pytest.fixture
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """A Mosquitto of the test's own: it starts in 20 ms, and tests kill it."""
    with running_mosquitto(tmp_path_factory.mktemp("mosquitto")) as broker:
        yield broker


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL, the same server for the whole session; see ``emptied``."""
    with running_postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def influxdb_16() -> Iterator[InfluxServer]:
    """Debian's InfluxDB behind nginx, the same server for the whole session."""
    with running_influxdb(VERSIONS[0]) as server:
        yield server


@pytest.fixture(scope="session")
def influxdb_18() -> Iterator[InfluxServer]:
    """InfluxDB 1.8.10, the same server for the whole session."""
    with running_influxdb(VERSIONS[1]) as server:
        yield server


@pytest.fixture(params=VERSIONS)
def influxdb(request: pytest.FixtureRequest) -> InfluxServer:
    """Each InfluxDB in turn, running, whatever the test before did to it."""
    name = "influxdb_16" if request.param == VERSIONS[0] else "influxdb_18"
    server: InfluxServer = request.getfixturevalue(name)
    server.start()
    return server
