"""kill -9 of ingest, again and again in mid-stream: what do journals and ledger say afterwards?

Real node code with journals on disk, a real Mosquitto, the real ingest process.
"""

from __future__ import annotations

import multiprocessing
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.context import SpawnProcess
from pathlib import Path

from heatward_collector.bench.ingest import is_ready, plan, series, wait
from heatward_collector.config import Config
from heatward_collector.errors import HeatwardError
from heatward_collector.ledger import LedgerReader, verify
from heatward_collector.replay.fleet import Fleet
from heatward_collector.replay.places import plans_for
from heatward_collector.running.stages import run_stage
from heatward_collector.servers.mosquitto import IN_MEMORY, Mosquitto
from heatward_collector.servers.ports import HOST
from heatward_collector.servers.program import running
from heatward_node.mqtt import Broker
from heatward_node.wire import MAX_RECORDS

START_S = 1_700_000_000
STEP_S = 60
PAUSE_S = 0.05
LONGEST_LIFE_S = 0.4
"""A life ends at a random moment up to this long after its first commit."""
START_SECONDS = 60.0
DRAIN_SECONDS = 120.0
Key = tuple[str, int, int]
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Killed:
    """What journals and ledger hold after all the kills."""

    kills: int
    written: int
    held: int
    lost: int
    doubled: int
    different: int
    alteration: str

    @property
    def is_even(self) -> bool:
        """Whether everything is there once, bit for bit, and the chain is whole."""
        return not (self.lost or self.doubled or self.different or self.alteration)


def measure(rounds: int, nodes: int, seed: int, progress: Callable[[], None]) -> Killed:
    """Kill ingest ``rounds`` times while ``nodes`` nodes send, then let it finish and count."""
    chance = random.Random(seed)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heatward-kill-")))
        broker = stack.enter_context(running(Mosquitto(folder, IN_MEMORY)))
        config = plan(folder, broker.port, "embedded", nodes)
        life = _Life(config)
        stack.callback(life.kill)
        life.begin()
        wait(lambda: is_ready(config, ("ingest",)), START_SECONDS, "ingest does not start")
        fleet = Fleet(plans_for(series(nodes)), Broker(HOST, broker.port), folder / "nodes")
        stack.callback(fleet.close)
        play = _Play(fleet, nodes)
        for _ in range(rounds):
            play.until(life.has_committed, START_SECONDS)
            play.for_seconds(chance.random() * LONGEST_LIFE_S)
            life.kill()
            play.round()
            life.begin()
            progress()
        play.until(life.has_committed, START_SECONDS)
        fleet.drain(DRAIN_SECONDS)
        life.kill()
        return _count(rounds, config, _journals(fleet))


class _Life:
    """One ingest process after the other."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._process: SpawnProcess | None = None
        self._head = 0

    def begin(self) -> None:
        """Start ingest; the batches of its life count from here."""
        self._head = LedgerReader(self._config.state.ledger).head()[0]
        self._process = _SPAWN.Process(target=run_stage, args=("ingest", self._config))
        self._process.start()

    def has_committed(self) -> bool:
        """Say whether this life has written a batch."""
        if self._process is None or not self._process.is_alive():
            raise HeatwardError("ingest has ended by itself; see what it logged above")
        return LedgerReader(self._config.state.ledger).head()[0] > self._head

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None


class _Play:
    """Rounds of all nodes, one minute of measured time each."""

    def __init__(self, fleet: Fleet, nodes: int) -> None:
        self._fleet = fleet
        self._nodes = nodes
        self._roms = [track.rom for one in plans_for(series(nodes)) for track in one.tracks]
        self._time_s = START_S

    def round(self) -> None:
        """Let every node measure and speak once."""
        self._time_s += STEP_S
        for index, rom in enumerate(self._roms):
            raw = 320 + (self._time_s // STEP_S * 7 + index) % 48
            self._fleet.play_round(index, self._time_s, {rom: raw})
        self._fleet.pump()

    def until(self, condition: Callable[[], bool], timeout_s: float) -> None:
        """Play until something is true; nodes ask at once what a new ingest holds."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                raise HeatwardError(f"ingest has written nothing for {timeout_s:.0f} s")
            self.round()
            for node in self._fleet.nodes:
                node.publisher.ask()
            time.sleep(PAUSE_S)

    def for_seconds(self, seconds: float) -> None:
        """Play for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.round()


def _journals(fleet: Fleet) -> dict[Key, bytes]:
    return {
        (node.identity.node, log.epoch, record.seq): record.to_bytes()
        for node in fleet.nodes
        for log in node.journal.logs
        for after in range(0, log.last_seq, MAX_RECORDS)
        for record in node.journal.read(log, after, MAX_RECORDS)
    }


def _ledger(config: Config) -> Iterator[tuple[Key, bytes]]:
    reader = LedgerReader(config.state.ledger)
    for batch in reader.batches():
        for position in range(batch.count):
            number, record = batch.entry(position)
            source = reader.source(number)
            yield (source.node, source.epoch, record.seq), record.to_bytes()


def _count(kills: int, config: Config, written: dict[Key, bytes]) -> Killed:
    times: Counter[Key] = Counter()
    different = 0
    for key, data in _ledger(config):
        times[key] += 1
        different += written.get(key) != data
    alteration = verify(config.state.ledger).alteration
    return Killed(
        kills,
        len(written),
        times.total(),
        len(written.keys() - times.keys()),
        times.total() - len(times),
        different,
        "" if alteration is None else str(alteration),
    )
