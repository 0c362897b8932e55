"""Two districts beyond one machine: a collector each, with one broker, database and InfluxDB."""

from __future__ import annotations

import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.alerts.message import Stage
from heatward_collector.alerts.outbox import Outbox
from heatward_collector.cases import CaseStore
from heatward_collector.cases.places import CasePlaces
from heatward_collector.conclusions.verdicts import VerdictStore
from heatward_collector.config import Config, load
from heatward_collector.core.cases import CaseKind
from heatward_collector.local_days import bounds, day_of
from heatward_collector.registry import Registry
from heatward_collector.replay.balance import take_balance
from heatward_collector.replay.fleet import Fleet, NodePlan, Track
from heatward_collector.replay.line import Line
from heatward_collector.running.status import read_status
from heatward_collector.timeseries import InfluxStore
from heatward_collector.timeseries.process import rebuild_request
from heatward_node.publisher import Identity
from heatward_node.rom import rom_from_kernel_name
from support.broker import Mosquitto
from support.evidence import journal_records, ledger_records
from support.influxdb import InfluxServer
from support.ports import free_port, wait_until
from support.postgresql import emptied
from support.two_districts import BUILDINGS, DISTRICTS, HOMES, NORTH, registry_of_two

ZONE = ZoneInfo("Asia/Shanghai")
STEP_S = 1_800
COLD_RAW = 16 * 16 + 8
"""16.5 degC."""
LIMIT_S = 240


def configured(folder: Path, district: str, mosquitto: str, url: str, influxdb: str) -> Config:
    """Return the configuration of one district's collector; only folder and port are its own."""
    folder.mkdir()
    file = folder / "collector.toml"
    file.write_text(
        f"""
        [state]
        directory = "state"
        [mqtt]
        url = "{mosquitto}"
        district = "{district}"
        [registry]
        url = "{url}"
        [timeseries]
        url = "{influxdb}"
        database = "{folder.parent.name}"
        [rules]
        city = "demo"
        [web]
        port = {free_port()}
        [log]
        level = "warning"
        format = "text"
        """
    )
    return load(file)


@contextmanager
def running(configs: list[Config]) -> Iterator[None]:
    """Run ``heatward run`` of each district as on a machine of its own."""
    command = [sys.executable, "-m", "heatward_collector", "run", "-c"]
    processes = []
    for config in configs:
        folder = config.state.directory.parent
        with (folder / "log").open("ab") as log:
            file = str(folder / "collector.toml")
            processes.append(subprocess.Popen([*command, file], stdout=log, stderr=log))
    try:
        yield
        for process in processes:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(LIMIT_S) for process in processes] == [0] * len(processes)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def plans(registry: Registry, district: str, start_s: int, end_s: int) -> list[NodePlan]:
    """Return the nodes of a district's building: every room is cold for two days."""
    time_s = np.arange(start_s, end_s, STEP_S, dtype=np.int64)
    raw = np.full(len(time_s), COLD_RAW, np.int16)
    tracks: dict[str, list[Track]] = {}
    for row in registry.rows("assignment"):
        if row["target_kind"] == "room" and row["target"][:5] in HOMES[district]:
            track = Track(rom_from_kernel_name(row["sensor"]), time_s, raw)
            tracks.setdefault(row["node"], []).append(track)
    return [NodePlan(Identity(district, node), tracks[node]) for node in sorted(tracks)]


def counter(config: Config, stage: str, name: str) -> int:
    """Return what a process counts, 0 before it said anything."""
    status = read_status(config.state.status, stage)
    return int(status["counters"].get(name, 0)) if status else 0


def test_two_districts_share_broker_database_and_view_and_keep_what_is_theirs(
    mosquitto: Mosquitto, postgresql: str, influxdb_18: InfluxServer, tmp_path: Path
) -> None:
    influxdb_18.start()
    url = emptied(postgresql)
    registry = registry_of_two(url)
    registry.put({"node": [{**row, "interval_seconds": STEP_S} for row in registry.rows("node")]})
    where = tmp_path / f"t{secrets.token_hex(6)}"
    where.mkdir()
    configs = [
        configured(where / name, name, mosquitto.url, url, influxdb_18.url) for name in DISTRICTS
    ]
    today = day_of(time.time(), ZONE)
    start_s, end_s = bounds(today - timedelta(days=2), ZONE)[0], bounds(today, ZONE)[0]
    with running(configs):
        wait_until(
            lambda: all(read_status(one.state.status, "ingest") for one in configs),
            "both collectors receive",
            LIMIT_S,
        )
        fleets = [
            Fleet(
                plans(registry, name, start_s, end_s),
                Line(config).broker,
                where / name / "nodes",
            )
            for name, config in zip(DISTRICTS, configs, strict=True)
        ]
        for fleet in fleets:
            fleet.play()
        for fleet in fleets:
            fleet.drain(LIMIT_S)
        for fleet, config in zip(fleets, configs, strict=True):
            Line(config).settle(LIMIT_S)
            # Its own nodes' records, bit for bit, and nobody else's.
            assert ledger_records(config.state.ledger) == journal_records(fleet.nodes)
        sent = [fleet.sent for fleet in fleets]
        for fleet in fleets:
            fleet.close()
        assert_view_holds_both(configs, sent)
        assert_edit_reaches_both(registry, configs, sent)
        assert_cases_have_their_district(registry, configs)
    registry.close()


def assert_view_holds_both(configs: list[Config], sent: list[int]) -> None:
    """The one database has the points of both, each collector answers for its own."""
    settings = configs[0].timeseries
    whole, all_points = InfluxStore(settings.url, settings.database), sum(sent)
    assert len(whole.stored(0, 2**32).time_s) == all_points
    rebuild_request(configs[0]).touch()
    wait_until(lambda: not rebuild_request(configs[0]).exists(), "the view begins anew", LIMIT_S)
    wait_until(lambda: len(whole.stored(0, 2**32).time_s) == all_points, "it is back", LIMIT_S)
    whole.close()
    for config, number in zip(configs, sent, strict=True):
        balance = take_balance(config, number)
        assert balance.is_even, balance
        wait_until(partial(is_judged, config), "yesterday is judged", LIMIT_S)


def is_judged(config: Config) -> bool:
    """Say whether yesterday is judged: below in the district's own building, and nobody else's."""
    verdicts = VerdictStore(config.state.verdicts)
    judged = verdicts.of_day("building", day_of(time.time(), ZONE) - timedelta(days=1))
    verdicts.close()
    district = config.mqtt.district
    assert not {BUILDINGS[other] for other in DISTRICTS if other != district} & set(judged)
    mine = judged.get(BUILDINGS[district])
    return mine is not None and mine.verdict == "below"


def assert_edit_reaches_both(registry: Registry, configs: list[Config], sent: list[int]) -> None:
    """A calibration of a sensor in each district is put in once, and both views follow."""
    rooms = [f"{HOMES[name][-1]}-r1" for name in DISTRICTS]
    sensors = [row["sensor"] for row in registry.rows("assignment") if row["target"] in rooms]
    registry.put(
        {
            "calibration": [
                {
                    "sensor": sensor,
                    "from_s": 1_577_836_800,
                    "offset_kelvin": 0.5,
                    "uncertainty_kelvin": 0.08,
                    "certificate": "2026-1",
                }
                for sensor in sensors
            ]
        }
    )
    settings = configs[0].timeseries
    whole = InfluxStore(settings.url, settings.database)

    def corrected() -> bool:
        curves = [whole.room(room, 0, 2**32)[1] for room in rooms]
        return all(len(curve) and (curve == COLD_RAW / 16 + 0.5).all() for curve in curves)

    wait_until(corrected, "both views follow the edit", LIMIT_S)
    whole.close()
    for config, number in zip(configs, sent, strict=True):
        assert take_balance(config, number).is_even


def assert_cases_have_their_district(registry: Registry, configs: list[Config]) -> None:
    """Two cold buildings are two cases; of each its own department hears, once."""
    store, outbox = CaseStore(registry.database), Outbox(registry.database)
    wait_until(lambda: len(store.cases()) == 2, "both buildings have a case", LIMIT_S)
    places = CasePlaces(registry.directory())
    found = {case.where.id: case for case in store.cases()}
    assert {case.kind for case in found.values()} == {CaseKind.BELOW_STANDARD}
    for district in DISTRICTS:
        case = found[BUILDINGS[district]]
        assert places.charge(case.where).districts == (district,)
        department = "p-department" + ("-north" if district == NORTH else "")
        told = {
            kept.message.recipient
            for kept in outbox.of_case(case.number)
            if kept.message.audience == "department"
        }
        assert told == {department}

    def all_are_sent() -> bool:
        counts = outbox.counts()
        return counts.get(Stage.WAITING.value, 0) == 0 and counts.get(Stage.SENT.value, 0) > 0

    wait_until(all_are_sent, "the messages are in the inbox", LIMIT_S)
    senders = [config for config in configs if counter(config, "notify", "messages_sent")]
    assert len(senders) == 1
