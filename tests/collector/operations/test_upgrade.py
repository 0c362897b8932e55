"""A registry of the first program goes on under this one, and so do nodes of the first day."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from heatward_collector.errors import RegistryError
from heatward_collector.ingest.messages import Message
from heatward_collector.ingest.quarantine import Quarantine
from heatward_collector.ingest.session import Session
from heatward_collector.ledger import LedgerWriter
from heatward_collector.outdoor.temperatures import OutdoorStore
from heatward_collector.registry import Registry, tables
from support.evidence import T0
from support.postgresql import emptied

DATA = Path(__file__).parents[2] / "data"
OLD = DATA / "registry_2026_11_24.sql"
"""A dump of what the program of that day made: schema 1, with two homes."""
PAYLOADS = sorted((DATA / "wire").glob("*.json"))
"""What nodes of that day send; the files have not changed since."""

CAST = (
    "UPDATE pg_cast SET castcontext = %s "
    "WHERE castsource = 'int4'::regtype AND casttarget = 'bool'::regtype"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database as the first program left it."""
    script = OLD.read_text("utf-8")
    if request.param == "sqlite":
        with closing(sqlite3.connect(tmp_path / "registry.sqlite")) as connection:
            connection.executescript(script)
        return f"sqlite:///{tmp_path / 'registry.sqlite'}"
    address = emptied(request.getfixturevalue("postgresql"))
    script = script.replace("BEGIN TRANSACTION;", "").replace("COMMIT;", "")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(CAST, ["a"])  # SQLite writes yes and no as numbers
        for statement in script.split(";\n"):
            if "sqlite_sequence" not in statement and statement.strip():
                connection.execute(statement)
        connection.execute(CAST, ["e"])
    return address


def test_an_old_registry_is_brought_up_to_date_with_every_row(url: str) -> None:
    registry = Registry(url)
    assert len(registry.rows("home")) == 2
    assert len(registry.rows("room")) == len(registry.rows("placement")) > 2
    assert {row["floors"] for row in registry.rows("building")} == {None}
    assert {row["to_outer_wall_m"] for row in registry.rows("placement")} == {None}
    assert registry.directory().sensors_at(T0)
    version = registry.version()
    building = registry.rows("building")[0]
    registry.put({"building": [{**building, "floors": 7}]})
    assert registry.rows("building")[0]["floors"] == 7
    assert registry.version() == version + 1
    registry.close()
    again = Registry(url)  # the second start has nothing to do
    assert again.rows("building")[0]["floors"] == 7
    again.close()


def test_the_outdoor_temperatures_stay_beside_those_of_another_source(url: str) -> None:
    registry = Registry(url)
    with registry.database.edit() as connection:
        table = tables.outdoor_temperature
        row = {"district": "sample", "time_s": T0, "source": "by hand", "celsius": -17.0}
        connection.execute(table.insert(), [row])
    (value, *_) = OutdoorStore(registry).values("sample", T0, T0 + 1)
    with registry.database.snapshot() as connection:
        rows = connection.execute(tables.outdoor_temperature.select()).all()
    assert sorted(one.celsius for one in rows) == [-18.5, -17.0]
    assert value is not None
    registry.close()


def test_a_registry_of_a_newer_program_is_left_alone(url: str) -> None:
    registry = Registry(url)
    with registry.database.edit() as connection:
        meta = tables.meta
        connection.execute(meta.update().where(meta.c.key == "schema").values(value="3"))
    registry.close()
    with pytest.raises(RegistryError, match="of a newer program"):
        Registry(url)


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda path: path.stem)
def test_what_nodes_of_the_first_day_send_becomes_evidence(payload: Path, tmp_path: Path) -> None:
    ledger = LedgerWriter(tmp_path / "ledger", lambda: T0 + 86_400.0)
    quarantine = Quarantine(tmp_path / "quarantine.sqlite", lambda: T0)
    session = Session(ledger, quarantine)
    topic = "heatward/v1/sample/n0001/readings"
    session.take(Message(topic, payload.read_bytes(), False, 1, 1, 1))
    session.commit()
    assert session.counters["quarantined_messages"] == 0
    # Those that begin behind the first number are answered, so that the node sends the rest.
    assert session.counters["records"] > 0 or session.counters["gaps"] == 1
    quarantine.close()
    ledger.close()
