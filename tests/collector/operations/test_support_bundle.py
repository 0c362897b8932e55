"""A support bundle says how the line stands, and nothing about anybody: canaries in every store."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from heatward_collector.accounts import Accounts, Role
from heatward_collector.alerts.message import Message, Text
from heatward_collector.alerts.outbox import Outbox, put
from heatward_collector.cases import CaseStore
from heatward_collector.cli import heatward
from heatward_collector.config import Config, load
from heatward_collector.core.cases.telling import Policy
from heatward_collector.ingest.quarantine import Quarantine
from heatward_collector.ledger import LedgerReader, LedgerWriter
from heatward_collector.operations.scrubbed_log import scrub
from heatward_collector.operations.support_bundle import bundle, known_events
from heatward_collector.registry import open_registry, spreadsheets
from heatward_collector.running.status import StatusWriter
from heatward_node.errors import WireError
from heatward_node.wire import Pack
from support.evidence import LIVING, SAMPLE, T0, PaperNode

NOW_S = float(T0 + 3600)
CANARY = "qcanaryq"
"""In every text that is planted, so that one search finds them all."""


def configured(folder: Path) -> Config:
    """Write a configuration whose every text is a canary."""
    secret = folder / f"{CANARY}.secret"
    secret.write_text(f"{CANARY}\n")
    (folder / "collector.toml").write_text(
        f"""
        [state]
        directory = "{folder / f"{CANARY}-state"}"
        [mqtt]
        url = "mqtts://{CANARY}.example"
        district = "{CANARY}"
        client_id = "{CANARY}"
        username = "{CANARY}"
        password_file = "{secret}"
        [timeseries]
        url = "http://{CANARY}.example:8086"
        database = "{CANARY}"
        organization = "{CANARY}"
        [web]
        host = "{CANARY}.example"
        public_url = "https://{CANARY}.example/{CANARY}"
        [outdoor]
        url = "https://{CANARY}.example/?key={CANARY}"
        [alerts]
        channels_file = "{secret}"
        [enrolment]
        name = "{CANARY}.example"
        directory = "{folder / f"{CANARY}-authority"}"
        """
    )
    return load(folder / "collector.toml")


def live(config: Config) -> None:
    """Plant a canary in every store that a bundle looks at."""
    registry = open_registry(config)
    spreadsheets.import_folder(registry, SAMPLE)
    person = {"role": "street_office", "subject": "st-songhua", "from_day": None}
    named = {"id": f"p-{CANARY}", "name": CANARY, "phone": f"0451-{CANARY}"}
    registry.put(
        {
            "person": [{**person, **named}],
            "node": [{"id": f"n-{CANARY}", "district": "sample", "interval_seconds": 300}],
            "estate": [{"id": f"e-{CANARY}", "name_zh": CANARY, "street": "st-songhua"}],
        }
    )
    accounts = Accounts(registry, lambda: NOW_S)
    accounts.people.add(CANARY, CANARY, Role.STREET, "st-songhua")
    CaseStore(registry.database)
    text = Text(CANARY, CANARY, CANARY, CANARY)
    message = Message(CANARY, CANARY, CANARY, CANARY, "zh", CANARY, Policy.AT_ONCE, 0, text)
    with Outbox(registry.database).database.edit() as connection:
        put(connection, [message])
    registry.close()
    writer = LedgerWriter(config.state.ledger, lambda: NOW_S)
    node = PaperNode(epoch=7)
    records = [node.boot(), node.read(LIVING, T0 + 60, 20.5)]
    writer.offer("sample", f"n-{CANARY}", Pack(7, False, records))
    writer.commit()
    writer.close()
    quarantine = Quarantine(config.state.quarantine, lambda: NOW_S)
    quarantine.payload(f"x/{CANARY}", CANARY.encode(), WireError("json", CANARY))
    quarantine.commit()
    quarantine.close()
    status = StatusWriter(config.state.status, "ingest", lambda: NOW_S)
    status.stage("ledger", 2.5, f"batch 7 {CANARY}")
    status.count({"messages": 12, "quarantined_json": 1, f"{CANARY} 3": 1})
    status.fault("ledger_refused", CANARY, CANARY, CANARY, CANARY)
    status.flush(force=True)
    strange = StatusWriter(config.state.status, CANARY, lambda: NOW_S)
    strange.stage("x")
    strange.flush(force=True)
    (config.state.directory / f"{CANARY}.sqlite").write_text(CANARY)


LOG = [
    f"{CANARY}: not a line of ours",
    f'{{"time": "{CANARY}", "level": "info"}}',
    f'{{"time": "2026-01-01T00:00:00.000+00:00", "level": "{CANARY}"}}',
    "{not json",
    "[]",
    json.dumps(
        {
            "time": "2026-01-01T00:00:01.000+00:00",
            "level": "warning",
            "process": "heatward-notify",
            "logger": "heatward_collector.alerts.sender",
            "event": "message_failed",
            "message": f"id={CANARY} channel={CANARY} attempt=3 answer=SMTP 550 {CANARY}",
            "traceback": "Traceback (most recent call last):\n"
            f'  File "/home/{CANARY}/heatward_collector/alerts/sender.py", line 7, in step\n'
            f'    raise StoreAway("{CANARY}")\n'
            f"heatward_collector.errors.StoreAway: {CANARY} is away",
        }
    ),
    json.dumps(
        {
            "time": "2026-01-01T00:00:02.000+00:00",
            "level": "info",
            "process": CANARY,
            "logger": CANARY,
            "event": CANARY,
            "message": f"room=302 phone=045188 port=8883 exit=abc restarts=4{CANARY}",
        }
    ),
    "2026-01-01 00:00:03,123 ERROR heatward-ingest heatward_collector.ingest.process "
    f"event=ledger_refused detail={CANARY} generation=4",
]


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Config:
    config = configured(tmp_path_factory.mktemp("bundle"))
    live(config)
    return config


def unpacked(data: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    return {
        name: json.loads(text) if name.endswith(".json") else text for name, text in texts.items()
    }


def test_no_canary_of_any_store_log_or_setting_is_in_the_bundle(collector: Config) -> None:
    data = bundle(collector, LOG, NOW_S + 1)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            assert CANARY not in name
            assert CANARY not in archive.read(name).decode()


def test_no_id_or_name_of_the_registry_is_in_the_bundle(collector: Config) -> None:
    text = json.dumps(unpacked(bundle(collector, LOG, NOW_S + 1)), ensure_ascii=False)
    registry = open_registry(collector)
    tables = registry.directory().tables
    names = {
        str(row.get("name_zh") or row.get("name") or "")
        for t in tables.values()
        for row in t.values()
    }
    ids = {key for table in tables.values() for key in table if len(key) > 3}
    sensors = {row["sensor"] for row in registry.rows("assignment")}
    registry.close()
    words = {word for word in names | ids | sensors if word and word != "sample"}
    assert len(words) > 200
    assert [word for word in words if f'"{word}"' in text or f" {word}" in text] == []


def test_whoever_helps_sees_how_the_line_stands(collector: Config) -> None:
    found = unpacked(bundle(collector, LOG, NOW_S + 1))
    assert "没有姓名" in found["README.txt"]
    assert found["versions.json"]["packages"]["heatward-collector"][0].isdigit()
    settings = found["configuration.json"]
    assert settings["mqtt"]["url"] == "mqtts:"
    assert settings["mqtt"]["password_file"] == settings["mqtt"]["client_id"] == "set"
    assert settings["web"]["port"] == 8080
    assert settings["rules"]["city"] == "harbin"
    assert settings["timestamp"]["url"] is None
    line = found["line.json"]
    (stage,) = line["stages"]
    assert (stage["process"], stage["stage"], stage["lag_seconds"]) == ("ingest", "ledger", 2.5)
    assert line["counters"]["ingest"] == {"messages": 12, "quarantined_json": 1}
    assert {"process": "ingest", "code": "ledger_refused"} in line["faults"]
    with closing(LedgerReader(collector.state.ledger)) as reader:
        number, head = reader.head()
    assert found["ledger.json"]["batch"] == number == 1
    assert found["ledger.json"]["head"] == head.hex()
    assert list(found["ledger.json"]["bytes"]) == ["2026-01-01.sqlite"]
    assert found["database.json"]["account"] == found["database.json"]["outbox"] == 1
    assert found["put_aside.json"] == {"payload": 1, "conflict": 0}
    assert found["state.json"]["bytes"]["ledger"] > 0
    assert found["state.json"]["others"] == 1


def test_log_lines_keep_event_level_place_and_known_numbers(collector: Config) -> None:
    log = unpacked(bundle(collector, LOG, NOW_S + 1))["log.json"]
    assert log["left_out"] == 5
    first, second, third = log["lines"]
    assert first == {
        "time": "2026-01-01T00:00:01.000+00:00",
        "level": "warning",
        "process": "heatward-notify",
        "logger": "heatward_collector.alerts.sender",
        "event": "message_failed",
        "values": {"attempt": "3"},
        "traceback": ["heatward_collector/alerts/sender.py:7 step", "StoreAway"],
    }
    assert second["values"] == {"port": "8883"}
    assert "event" not in second and "process" not in second and "logger" not in second
    assert third["event"] == "ledger_refused"
    assert third["values"] == {"generation": "4"}


def test_events_are_those_that_our_code_logs() -> None:
    events = known_events()
    assert {"ledger_refused", "message_failed", "process_ended"} <= events
    assert CANARY not in events
    assert scrub([], events).lines == []


def test_a_bundle_is_made_where_stores_are_broken_too(tmp_path: Path) -> None:
    config = configured(tmp_path)
    state = config.state.directory
    state.mkdir()
    (state / "registry.sqlite").write_text(CANARY)
    config.state.quarantine.write_text(CANARY)
    config.state.ledger.mkdir()
    with closing(sqlite3.connect(config.state.ledger / "2026-01-01.sqlite")) as connection:
        connection.execute("CREATE TABLE batch (number INTEGER)")
    (config.state.directory / "status").mkdir()
    (config.state.directory / "status" / "ingest.json").write_text("{")
    found = unpacked(bundle(config, [], NOW_S))
    assert found["database.json"] == {"error": "RegistryError"}
    assert found["put_aside.json"] == {"error": "DatabaseError"}
    assert CANARY not in json.dumps(found)


def test_the_command_writes_the_archive_and_takes_a_log(collector: Config, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("\n".join(LOG))
    place = tmp_path / "bundle.zip"
    file = collector.state.directory.parent / "collector.toml"
    done = CliRunner().invoke(
        heatward,
        ["support-bundle", "--log", str(log), "--output", str(place), "-c", str(file)],
    )
    assert done.exit_code == 0, done.output
    assert len(unpacked(place.read_bytes())["log.json"]["lines"]) == 3
