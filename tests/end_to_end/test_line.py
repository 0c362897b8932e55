"""The whole line, from a w1 file to a verdict: sent = ledger = series, whatever is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from heatward_collector.config import Config, load
from heatward_collector.registry import open_registry, spreadsheets
from heatward_collector.replay.balance import take_balance
from heatward_collector.replay.fleet import Fleet, NodePlan, Track
from heatward_collector.replay.line import Line
from heatward_collector.running.status import read_status
from heatward_node import mqtt, patience
from heatward_node.publisher import Identity
from heatward_node.rom import rom_from_kernel_name
from support.broker import Mosquitto
from support.evidence import SAMPLE, journal_records, ledger_records
from support.influxdb import InfluxServer
from support.ports import free_port, wait_until

HEATWARD = [sys.executable, "-m", "heatward_collector"]
RECORDINGS = Path(__file__).parents[1] / "data" / "recordings"
VERDICTS = {"below", "marginal_minus", "marginal_plus", "met", "not_judgeable"}
START_S = 1_736_438_400
"""2025-01-09T16:00:00Z, midnight in Harbin, in the heating season."""
STEPS = 300
TIMEOUT_S = 120


def last_line(*arguments: str) -> tuple[int, dict]:
    """Run a command and return its exit code and its last line, a JSON object."""
    done = subprocess.run(
        [*HEATWARD, *arguments], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    assert done.stdout.strip(), done.stderr[-3000:]
    return done.returncode, json.loads(done.stdout.strip().splitlines()[-1])


def test_a_demo_day_adds_up(tmp_path: Path) -> None:
    state, port = str(tmp_path / "demo"), str(free_port())
    code, told = last_line("demo", "--days", "1", "--exit", "--port", port, "--state", state)
    assert told["sent"] == told["ledger"] == told["series"] == told["expected"]
    assert told["sent"] >= 60 * 288
    assert set(told["verdicts"]) == {"room", "home", "building"}
    kinds = set().union(*told["verdicts"].values())
    assert kinds == VERDICTS
    assert told["elapsed_seconds"] > 0
    assert set(told["cases"]) == {"opened", "notified", "closed", "merged", "still_open"}
    assert code == 0


@pytest.mark.parametrize(
    ("name", "readings"),
    [
        ("uk_darkgreybox_2020/demo_hourly.csv", 792),
        ("nyc_heatseek_2015/readings_hourly.csv.gz", 3569),
    ],
)
def test_a_recording_arrives_whole(name: str, readings: int) -> None:
    code, told = last_line("replay", str(RECORDINGS / name))
    assert told["sent"] == told["ledger"] == told["series"] == told["expected"] == readings
    assert told["even"]
    assert set().union(*told["verdicts"].values()) <= VERDICTS
    assert code == 0


def configured(folder: Path, more: str = "") -> Config:
    """Return a configuration from a file as an administrator writes it, with a filled registry."""
    file = folder / "collector.toml"
    file.write_text(
        f"""
        [state]
        directory = "state"
        [web]
        port = {free_port()}
        [log]
        format = "text"
        {more}
        """
    )
    config = load(file)
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    return config


@contextmanager
def running(config: Config, folder: Path) -> Iterator[None]:
    """Run ``heatward run`` as a process of its own."""
    log = folder / "collector.log"
    with log.open("ab") as file:
        process = subprocess.Popen(
            [*HEATWARD, "run", "-c", str(folder / "collector.toml")], stdout=file, stderr=file
        )
    try:
        wait_until(lambda: pid_of(config, "ingest"), "ingest runs", 60)
        yield
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0, log.read_text()[-3000:]
    finally:
        process.kill()
        process.wait()


def pid_of(config: Config, stage: str) -> int:
    """Return the process id that a stage reported last, 0 before that."""
    status = read_status(config.state.status, stage)
    return int(status["pid"]) if status else 0


def plans(config: Config, nodes: int) -> list[NodePlan]:
    """Return the first nodes of the sample district with their sensors; values come later."""
    sensors: dict[str, list[str]] = {}
    for row in open_registry(config).rows("assignment"):
        if row["node"] and row["target_kind"] == "room":
            sensors.setdefault(row["node"], []).append(row["sensor"])
    return [
        NodePlan(Identity("sample", name), [_track(sensor) for sensor in sensors[name]])
        for name in sorted(sensors)[:nodes]
    ]


def _track(sensor: str) -> Track:
    rom = rom_from_kernel_name(sensor)
    time_s = START_S + 300 * np.arange(STEPS, dtype=np.int64)
    raw = (21 * 16 + 24 * np.sin(np.arange(STEPS) / 40 + rom[1])).astype(np.int16)
    return Track(rom, time_s, raw)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes reconnect in tenths of a second and ask again after one; else they are themselves."""
    monkeypatch.setattr(mqtt, "RECONNECT_S", (0.1, 0.3))
    monkeypatch.setattr(patience, "FIRST_PATIENCE_MS", 1_000)
    monkeypatch.setattr(patience, "LONGEST_PATIENCE_MS", 2_000)


class Killer:
    """Kills processes of the collector."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._killed: set[int] = set()

    def __call__(self, stage: str) -> None:
        """Kill a stage as soon as it is there; the play goes on without it."""
        # 0 would be everybody, the tests among them.
        gone = {0, *self._killed}
        wait_until(lambda: pid_of(self._config, stage) not in gone, f"{stage} is back", 30)
        victim = pid_of(self._config, stage)
        self._killed.add(victim)
        os.kill(victim, signal.SIGKILL)


def play(config: Config, folder: Path, blows: Mapping[int, Callable[[], None]]) -> None:
    """Play ten nodes; at some steps something is hit. In the end everything must add up."""
    line = Line(config)
    with running(config, folder):
        district = plans(config, nodes=10)
        fleet = Fleet(district, line.broker, folder / "nodes")
        for step in range(STEPS):
            for index, plan in enumerate(district):
                raw = {track.rom: int(track.raw[step]) for track in plan.tracks}
                fleet.play_round(index, START_S + 300 * step, raw)
            fleet.pump()
            if step in blows:
                blows[step]()
        fleet.drain(60)
        line.settle(60)
        written = journal_records(fleet.nodes)
        sent = fleet.sent
        fleet.close()
    assert sent == sum(len(plan.tracks) for plan in district) * STEPS
    assert ledger_records(config.state.ledger) == written
    balance = take_balance(config, sent)
    assert balance.differences == ()
    assert balance.sent == balance.ledger == balance.series == balance.expected
    assert balance.is_even
    assert set(balance.verdicts) == {"room", "home", "building"}


def test_real_servers_and_processes_may_be_killed_in_mid_play(
    mosquitto: Mosquitto, influxdb_18: InfluxServer, tmp_path: Path, impatient: None
) -> None:
    influxdb_18.start()
    config = configured(
        tmp_path,
        f"""
        [mqtt]
        url = "{mosquitto.url}"
        [timeseries]
        url = "{influxdb_18.url}"
        database = "line-{os.getpid()}"
        timeout_seconds = 5
        """,
    )
    kill = Killer(config)
    blows: dict[int, Callable[[], None]] = {
        40: lambda: kill("ingest"),
        80: influxdb_18.kill,
        100: lambda: kill("ingest"),
        140: mosquitto.begin_anew,
        180: influxdb_18.start,
        200: lambda: kill("view"),
        240: lambda: kill("ingest"),
    }
    play(config, tmp_path, blows)


def test_the_embedded_line_may_be_killed_in_mid_play(tmp_path: Path, impatient: None) -> None:
    config = configured(tmp_path, f"[mqtt]\nlisten_port = {free_port()}")
    kill = Killer(config)
    blows: dict[int, Callable[[], None]] = {
        step: partial(kill, stage)
        for step, stage in {
            50: "broker",
            90: "ingest",
            130: "evaluate",
            170: "view",
            210: "broker",
            250: "ingest",
        }.items()
    }
    play(config, tmp_path, blows)
