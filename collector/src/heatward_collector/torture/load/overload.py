"""Too much for ten minutes: from all nodes, or from one; on real servers, with what it cost.

All nodes of a city speak five times as often as they should, or one of them a hundred times. After
it every reading must be in the ledger once and unaltered, no process may have grown, and the view
must have caught up.
"""

from __future__ import annotations

import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from heatward_collector.bench.ingest import names, series
from heatward_collector.bench.load import STEP_S, Load
from heatward_collector.config import Config, parse
from heatward_collector.ledger import LedgerReader, verify
from heatward_collector.registry import open_registry
from heatward_collector.replay.places import content_for, rom_for
from heatward_collector.servers.mosquitto import Mosquitto
from heatward_collector.servers.ports import HOST
from heatward_collector.timeseries.process import behind
from heatward_collector.torture.line.memory_disk import memory_folder
from heatward_collector.torture.line.processes import Stage, preload, wait
from heatward_collector.torture.line.store import Store
from heatward_collector.torture.load import paced
from heatward_collector.torture.load.paced import Group, Paced

NOMINAL = 1_000 / 3
"""What 100,000 rooms say that are measured every five minutes. [readings a second]"""
NODES = 500
TIMES, FLOOD_TIMES = 5, 100
SECONDS = 600
STAGES = ("ingest", "view", "evaluate")
MOST_MEMORY = 400 * 2**20
"""What a process may have resident at most. [bytes]"""
DRAINED_S, OTHERS_P99_S = 1_200.0, 60.0
"""The backlog is gone within twenty minutes; 99 of 100 readings of others within a minute. [s]"""
READY_S, WAIT_S = 600.0, 7_200.0
SAMPLE_S = 1.0
EPOCH = 0x0FE12
FIRST_NUMBER = 2
"""The record before the first reading is the node's BOOT."""
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(slots=True)
class Overloaded:
    """The outcome."""

    readings: int
    seconds: float
    """From the first reading to the last one that was due. [s]"""
    drained_s: float = 0.0
    """From then until ledger and view had everything. [s]"""
    lags_s: list[dict[str, float]] = field(default_factory=list)
    """Of each group of nodes, from due to ack: p50, p99, most. [s]"""
    resent: int = 0
    peak_bytes: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def overload(seconds: float, nodes: int = NODES, tell: Callable[[int], None] = print) -> Overloaded:
    """Let all nodes speak five times as often as they should, for so long."""
    each_s = nodes / (TIMES * NOMINAL)
    result = _played([(names(nodes), each_s, round(seconds / each_s))], seconds, tell)
    if result.drained_s > DRAINED_S:
        result.problems.append(f"the backlog was gone after {result.drained_s:.0f} s")
    return result


def flood(seconds: float, nodes: int = NODES, tell: Callable[[int], None] = print) -> Overloaded:
    """Let one node speak a hundred times as often as the others, which speak as they should."""
    each_s = nodes / NOMINAL
    one, *others = names(nodes)
    groups = [
        ([one], each_s / FLOOD_TIMES, round(FLOOD_TIMES * seconds / each_s)),
        (others, each_s, round(seconds / each_s)),
    ]
    result = _played(groups, seconds, tell)
    if (p99 := result.lags_s[1]["p99"]) > OTHERS_P99_S:
        result.problems.append(f"99 of 100 readings of the others took {p99:.0f} s")
    return result


def _played(
    groups: Sequence[tuple[Sequence[tuple[str, str]], float, int]],
    seconds: float,
    tell: Callable[[int], None],
) -> Overloaded:
    nodes = [one for members, _, _ in groups for one in members]
    result = Overloaded(sum(len(members) * each for members, _, each in groups), 0.0)
    preload()
    with ExitStack() as stack:
        home = tempfile.TemporaryDirectory(prefix="heatward-overload-", dir=memory_folder())
        folder = Path(stack.enter_context(home))
        broker, store = Mosquitto(folder), Store(folder)
        for server, end in ((broker, broker.stop), (store, store.close)):
            server.start()
            stack.callback(end)
        config = _configured(folder, broker.port, store.entrance, len(nodes))
        stages = [Stage(name, config, folder) for name in STAGES]
        for stage in stages:
            stack.callback(stage.kill)
            stage.start()
        until = time.monotonic() + READY_S
        wait(lambda: all(stage.is_ready() for stage in stages), until, "the collector has begun")
        start_s = int(time.time()) - max(each for _, _, each in groups) * STEP_S
        loads = [
            Group(
                Load(
                    broker.port, list(members), each, start_s, EPOCH, each_asks=True, is_begun=True
                ),
                every_s,
            )
            for members, every_s, each in groups
        ]
        found = _sent(loads, stages, tell)
        wait(lambda: behind(config) == (0, 0), time.monotonic() + WAIT_S, "the view caught up")
        result.seconds = found.last_due - found.began
        result.drained_s = time.monotonic() - found.last_due
        for stage in stages:
            stage.measure()
            stage.stop()
        _weigh(result, found, stages)
        result.problems += _wrong(config, groups)
    return result


def _configured(folder: Path, broker_port: int, store_port: int, nodes: int) -> Config:
    """Return a configuration whose registry knows every node and its room."""
    lines = [
        f"[state]\ndirectory = {json.dumps(str(folder / 'state'))}",
        f'[mqtt]\nurl = "mqtt://{HOST}:{broker_port}"',
        f'[timeseries]\nurl = "http://{HOST}:{store_port}"',
        '[rules]\ncity = "demo"',
        '[log]\nlevel = "warning"\nformat = "text"',
    ]
    config = parse("\n".join(lines), "overload")
    config.state.directory.mkdir(parents=True, exist_ok=True)
    registry = open_registry(config)
    registry.put(content_for(series(nodes)))
    registry.close()
    return config


def _sent(groups: Sequence[Group], stages: Sequence[Stage], tell: Callable[[int], None]) -> Paced:
    """Let the nodes play, and measure the collector meanwhile; ``tell`` hears of each second."""
    with _running(groups) as pipe:
        pipe.send("go")
        while not pipe.poll(SAMPLE_S):
            tell(1)
            for stage in stages:
                stage.measure()
        found: Paced = pipe.recv()
        return found


@contextmanager
def _running(groups: Sequence[Group]) -> Iterator[Connection]:
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=paced.run, args=(groups, theirs), daemon=True)
    process.start()
    try:
        ours.recv()
        yield ours
        ours.send("end")
        process.join()
    finally:
        process.kill()
        process.join()


def _weigh(result: Overloaded, found: Paced, stages: Sequence[Stage]) -> None:
    """Put down what it took of time and memory."""
    result.resent = found.resent
    for lags in found.lags_s:
        p50, p99, most = np.quantile(np.frombuffer(lags), (0.5, 0.99, 1.0)).tolist()
        result.lags_s.append({"p50": p50, "p99": p99, "most": most})
    result.peak_bytes = {stage.name: stage.peak_bytes for stage in stages}
    result.problems += [
        f"{name} took {size / 2**20:.0f} MiB"
        for name, size in result.peak_bytes.items()
        if size > MOST_MEMORY
    ]
    result.problems += [
        f"{stage.name} did not end in order: {stage.unclean}" for stage in stages if stage.unclean
    ]


def _wrong(
    config: Config, groups: Sequence[tuple[Sequence[tuple[str, str]], float, int]]
) -> list[str]:
    """Return what of the ledger is not what the nodes measured, reading by reading."""
    due = {
        int.from_bytes(rom_for(sensor), "little"): (rom_for(sensor)[1], each)
        for members, _, each in groups
        for _, sensor in members
    }
    seen = {sensor: np.zeros(each, np.uint8) for sensor, (_, each) in due.items()}
    altered = 0
    for batch in LedgerReader(config.state.ledger).batches():
        readings = batch.readings
        number = readings["mono_ms"].astype(np.int64) // (STEP_S * 1000)
        for sensor in np.unique(readings["sensor"]).tolist():
            own = readings["sensor"] == sensor
            shown = 320 + (number[own] * 7 + due[sensor][0]) % 48
            altered += int((readings["raw"][own] != shown).sum())
            np.add.at(seen[sensor], number[own] - FIRST_NUMBER, 1)
    lost = sum(int((one == 0).sum()) for one in seen.values())
    doubled = sum(int((one > 1).sum()) for one in seen.values())
    chain = verify(config.state.ledger).alteration
    counted = {"lost": lost, "doubled": doubled, "altered": altered}
    return [
        *(f"{count} readings {word}" for word, count in counted.items() if count),
        *([f"the chain: {chain}"] if chain is not None else []),
    ]
