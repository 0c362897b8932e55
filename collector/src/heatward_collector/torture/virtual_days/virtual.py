"""Days of the whole pipeline in one process on virtual time, under a mix of faults from a seed.

Real code of node, wire, session, ledger, sealing, view, evaluation, cases, outbox and notifier;
played are only time, the broker between them, the findings, and when something dies. A seed replays
exactly, to the last hash of the chain.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from heatward_collector.ledger import LedgerReader, verify
from heatward_collector.timeseries.comparison import Comparison, compare
from heatward_collector.torture.books.invariants import judged
from heatward_collector.torture.line.memory_disk import memory_folder
from heatward_collector.torture.virtual_days.virtual_collector import VirtualCollector
from heatward_collector.torture.virtual_days.virtual_nodes import STEP_S, Trouble, VirtualNode
from heatward_collector.torture.virtual_days.virtual_office import VirtualOffice
from heatward_collector.torture.virtual_days.virtual_setup import (
    configured,
    fresh_registry,
    seeded_secrets,
)
from heatward_node.publisher import Identity
from heatward_node.reading import Kind
from heatward_node.rom import rom_from_kernel_name
from heatward_node.wire import MAX_RECORDS

START_S = 1_767_225_600
DAYS, ROOMS = 3, 6
DRAIN_STEPS = 400
JUDGE_SHARE = 1 / 48
"""Of steps after which evaluation and cases look: once a day on average, at any hour of it."""
SEAL_SHARE = 1 / 48
"""Of steps after which days that are over are sealed."""
LONGEST_ABSENCE = 24
CLOCK_STEPS_S = (-3_600, 3_600, -86_400, 86_400)
MOST_NAMED = 3


@dataclass(slots=True)
class Lived:
    """What became of one seed."""

    seed: int
    readings: int = 0
    records: int = 0
    verdicts: int = 0
    cases: int = 0
    messages: int = 0
    kills: int = 0
    head: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


def live(seed: int, folder: Path | None = None, days: int = DAYS) -> Lived:
    """Play a seed and check the books."""
    began, began_cpu = time.monotonic(), time.process_time()
    home = tempfile.TemporaryDirectory(prefix="heatward-virtual-", dir=folder or memory_folder())
    with home as name, seeded_secrets(seed):
        world = _World(Path(name), seed)
        for step in range(days * 86_400 // STEP_S):
            world.step(step)
        world.drain()
        lived = world.checked()
    lived.seconds = round(time.monotonic() - began, 3)
    lived.cpu_seconds = round(time.process_time() - began_cpu, 3)
    return lived


class _World:
    """Nodes, the way between, and the collector, at one moment."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._chance = random.Random(seed)
        self._trouble = Trouble.drawn(self._chance)
        self._now = float(START_S)
        self._lived = Lived(seed)
        self._config = configured(folder)
        self._registry = fresh_registry()
        self._absent: dict[str, int] = {}
        """Who is away, and until which step."""
        self._collector = VirtualCollector(
            self._config, self._registry, lambda: self._now, self._chance
        )
        self._office = VirtualOffice(self._config, self._registry, lambda: self._now, seed)
        self.nodes = self._make_nodes()
        self._by_topic = {str(node.identity.topic("ack")): node for node in self.nodes}

    def step(self, step: int) -> None:
        """Let half an hour pass."""
        self._now += STEP_S
        self._disturb(step)
        for node in self.nodes:
            node.measure()
            node.way.is_open = self._absent.get(node.identity.node, -1) < step
            node.way.let_late_ones_come()
        if self._absent.get("ingest", -1) < step:
            self._collector.exchange(self._by_topic, step)
        self._office.find()
        if self._chance.random() < SEAL_SHARE:
            self._collector.seal()
        judges = self._chance.random() < JUDGE_SHARE
        self._collector.follow(judges)
        if judges:
            self._office.work()

    def drain(self) -> None:
        """Take every fault away and let everybody finish."""
        self._now += 60  # no node says two things of its clock at one moment of its boot
        for node in self.nodes:
            node.way.is_open = node.way.is_clean = True
            node.clock.is_known, node.clock.moved_s = True, 0
            node.measure()
        for _ in range(DRAIN_STEPS):
            if all(node.is_done for node in self.nodes):
                break
            self._now += 60
            for node in self.nodes:
                node.publisher.ask()
            self._collector.exchange(self._by_topic)
        else:
            left = sum(node.publisher.unacknowledged for node in self.nodes)
            self._lived.problems.append(f"{left} records never came")
        self._now += 2 * 3_600  # whatever was refused is due again
        self._collector.settle()
        self._office.settle()

    def checked(self) -> Lived:
        """Compare journals, ledger, view, verdicts, cases and messages."""
        lived = self._lived
        self._check_records(lived)
        found = verify(self._config.state.ledger)
        lived.head = found.head.hex()
        if found.alteration is not None:
            lived.problems.append(f"the chain: {found.alteration}")
        comparison = Comparison()
        reader = LedgerReader(self._config.state.ledger)
        store = self._collector.store
        differences = list(compare(reader, self._registry.directory(), store, comparison))
        lived.problems += [f"the view: {one}" for one in differences[:MOST_NAMED]]
        lived.problems += self._office.problems()[:MOST_NAMED]
        lived.cases, lived.messages = self._office.figures()
        lived.kills += self._office.kills
        on_the_way = self._collector.verdicts()
        self._close()
        at_once = judged(self._config, self._registry, self._folder / "anew", self._now)
        self._registry.close()
        lived.verdicts = len(at_once)
        lived.problems += [
            f"a verdict depends on the way: {key}"
            for key in sorted(on_the_way.keys() | at_once.keys())
            if key not in on_the_way
            or key not in at_once
            or not on_the_way[key].says_the_same(at_once[key])
        ][:MOST_NAMED]
        return lived

    def _disturb(self, step: int) -> None:
        chance, trouble = self._chance, self._trouble
        for node in self.nodes:
            if chance.random() < trouble.killed:
                self._lived.kills += 1
                node.kill(reboots=chance.random() < 0.5)
            if chance.random() < trouble.away:
                self._absent[node.identity.node] = step + chance.randrange(1, LONGEST_ABSENCE)
                node.lose_connection()
            if chance.random() < trouble.clock:
                node.clock.is_known = chance.random() < 0.5
                node.clock.moved_s = chance.choice((0, 0, *CLOCK_STEPS_S))
        if chance.random() < trouble.away:
            self._absent["ingest"] = step + chance.randrange(1, LONGEST_ABSENCE)
        if chance.random() < trouble.killed:
            self._lived.kills += 1
            self._collector.kill_ingest()
        if chance.random() < trouble.killed:
            self._lived.kills += 1
            self._collector.kill_followers()

    def _close(self) -> None:
        self._office.close()
        self._collector.close()
        for node in self.nodes:
            node.end()

    def _make_nodes(self) -> list[VirtualNode]:
        sensors: dict[str, list[bytes]] = {}
        for row in self._registry.rows("assignment"):
            if row["node"] and row["target_kind"] == "room":
                sensors.setdefault(row["node"], []).append(rom_from_kernel_name(row["sensor"]))
        nodes, rooms = [], 0
        for name in sorted(sensors):
            if rooms >= ROOMS:
                break
            own = sensors[name][: ROOMS - rooms]
            rooms += len(own)
            nodes.append(
                VirtualNode(
                    Identity("sample", name),
                    own,
                    self._folder,
                    lambda: self._now,
                    self._chance,
                    self._trouble,
                )
            )
        return nodes

    def _check_records(self, lived: Lived) -> None:
        kept: dict[tuple[str, int, int], bytes] = {}
        shown = set().union(*(node.bus.shown for node in self.nodes))
        for key, kind, data, is_shown in _held(LedgerReader(self._config.state.ledger), shown):
            if key in kept:
                lived.problems.append(f"twice in the ledger: {key}")
            kept[key] = data
            lived.readings += kind == Kind.READING
            if not is_shown:
                lived.problems.append(f"no sensor showed it: {key}")
            elif kind == Kind.LOST:
                lived.problems.append(f"named as lost on a card that lost nothing: {key}")
        lived.records = len(kept)
        written = {
            (node.identity.node, log.epoch, record.seq): record.to_bytes()
            for node in self.nodes
            for log in node.journal.logs
            for after in range(0, log.last_seq, MAX_RECORDS)
            for record in node.journal.read(log, after, MAX_RECORDS)
        }
        if written != kept:
            differing = {
                key for key in written.keys() | kept.keys() if written.get(key) != kept.get(key)
            }
            lived.problems.append(f"{len(differing)} records differ: {sorted(differing)[:3]}")
        owed = sum(node.kept for node in self.nodes)
        if lived.readings < owed:
            lived.problems.append(f"{owed} readings were kept, {lived.readings} are there")


def _held(
    reader: LedgerReader, shown: set[tuple[bytes, bytes]]
) -> Iterator[tuple[tuple[str, int, int], int, bytes, bool]]:
    """Yield key, kind and bytes of every record, and whether a sensor showed it if it must."""
    for batch in reader.batches():
        for position in range(batch.count):
            number, record = batch.entry(position)
            source = reader.source(number)
            is_reading = record.kind == Kind.READING
            is_shown = not is_reading or (record.rom, record.scratchpad) in shown
            yield (source.node, source.epoch, record.seq), record.kind, record.to_bytes(), is_shown
