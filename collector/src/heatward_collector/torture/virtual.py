"""Days of the whole pipeline in one process on virtual time, under a mix of faults from a seed.

Real code of node, wire, session, ledger, view and evaluation; played are only time, the broker
between them, and when something dies. A seed replays exactly, to the last hash of the chain.
"""

from __future__ import annotations

import random
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from heatward_collector.evaluate import Evaluation
from heatward_collector.follow import Follower
from heatward_collector.ingest.quarantine import Quarantine
from heatward_collector.ingest.session import Message, Session
from heatward_collector.ledger import LedgerReader, LedgerWriter, verify
from heatward_collector.registry import open_registry
from heatward_collector.rules import load_standard
from heatward_collector.timeseries import open_timeseries
from heatward_collector.timeseries.comparison import Comparison, compare
from heatward_collector.torture.invariants import judged
from heatward_collector.torture.virtual_nodes import STEP_S, Trouble, VirtualNode
from heatward_collector.torture.virtual_setup import configured, seeded_secrets
from heatward_collector.verdicts import VerdictStore
from heatward_collector.view import View
from heatward_collector.window import Window
from heatward_node.publisher import Identity
from heatward_node.reading import Kind
from heatward_node.rom import rom_from_kernel_name
from heatward_node.wire import MAX_RECORDS

START_S = 1_767_225_600
DAYS, ROOMS = 3, 6
MOST_EXCHANGES = 60
DRAIN_STEPS = 400
JUDGE_EVERY = 32
"""Steps between two looks of the evaluation: eight hours."""
LONGEST_ABSENCE = 24
CLOCK_STEPS_S = (-3_600, 3_600, -86_400, 86_400)


@dataclass(slots=True)
class Lived:
    """What became of one seed."""

    seed: int
    readings: int = 0
    records: int = 0
    verdicts: int = 0
    kills: int = 0
    head: str = ""
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


def live(seed: int, folder: Path | None = None, days: int = DAYS) -> Lived:
    """Play a seed and check the books."""
    began = time.monotonic()
    home = tempfile.TemporaryDirectory(prefix="heatward-virtual-", dir=folder)
    with home as name, seeded_secrets(seed):
        world = _World(Path(name), seed)
        for step in range(days * 86_400 // STEP_S):
            world.step(step)
        world.drain()
        lived = world.checked()
    lived.seconds = time.monotonic() - began
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
        self._registry = open_registry(self._config)
        self._absent: dict[str, int] = {}
        """Who is away, and until which step."""
        self._begin_ingest()
        self._begin_followers()
        self.nodes = self._make_nodes()

    def step(self, step: int) -> None:
        """Let a quarter of an hour pass."""
        self._now += STEP_S
        self._disturb(step)
        for node in self.nodes:
            node.measure()
            node.way.is_open = self._absent.get(node.identity.node, -1) < step
            node.way.let_late_ones_come()
        if self._absent.get("ingest", -1) < step:
            self._exchange()
        self._follow(step)

    def drain(self) -> None:
        """Take every fault away and let everybody finish."""
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
            self._exchange()
        else:
            left = sum(node.publisher.unacknowledged for node in self.nodes)
            self._lived.problems.append(f"{left} records never came")
        while self._view.step() or self._evaluation.step():
            continue
        self._evaluation.judge()

    def checked(self) -> Lived:
        """Compare journals, ledger, view and verdicts."""
        lived = self._lived
        self._check_records(lived)
        found = verify(self._config.state.ledger)
        lived.head = found.head.hex()
        if found.alteration is not None:
            lived.problems.append(f"the chain: {found.alteration}")
        comparison = Comparison()
        reader = LedgerReader(self._config.state.ledger)
        differences = list(compare(reader, self._registry.directory(), self._store, comparison))
        lived.problems += [f"the view: {one}" for one in differences[:3]]
        self._close()
        on_the_way = judged(self._config, self._config.state.directory, self._now)
        at_once = judged(self._config, self._folder / "anew", self._now)
        lived.verdicts = len(at_once)
        lived.problems += [
            f"a verdict depends on the way: {key}"
            for key in sorted(on_the_way.keys() | at_once.keys())
            if key not in on_the_way
            or key not in at_once
            or not on_the_way[key].says_the_same(at_once[key])
        ][:3]
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
            self._ledger.close()
            self._quarantine.close()
            self._begin_ingest()
        if chance.random() < trouble.killed:
            self._lived.kills += 1
            self._end_followers()
            self._begin_followers()

    def _exchange(self) -> None:
        """Let nodes and collector speak until nobody has anything to say."""
        nodes = {str(node.identity.topic("ack")): node for node in self.nodes}
        for _ in range(MOST_EXCHANGES):
            spoke = any([node.speak() for node in self.nodes])
            for node in self.nodes:
                while node.way.up:
                    topic, payload = node.way.up.popleft()
                    self._session.take(Message(topic, payload, False, 1, 1, 1))
            if not self._session.waiting:
                if not spoke:
                    return
                continue
            for answer in self._session.commit().answers:
                nodes[answer.topic].hear(answer.topic, answer.payload)

    def _follow(self, step: int) -> None:
        """Let view and evaluation see some of what is new."""
        if self._chance.random() < 0.2:
            self._view.step()
        if step % JUDGE_EVERY == 0:
            while self._evaluation.step():
                continue
            self._evaluation.judge()

    def _begin_ingest(self) -> None:
        self._ledger = LedgerWriter(self._config.state.ledger, lambda: self._now)
        self._quarantine = Quarantine(self._config.state.quarantine, lambda: self._now)
        self._session = Session(self._ledger, self._quarantine)

    def _begin_followers(self) -> None:
        config = self._config
        self._store = open_timeseries(config)
        folder = config.state.directory
        followers = [
            Follower(folder / name, LedgerReader(config.state.ledger), self._registry)
            for name in ("view.sqlite", "evaluate.sqlite")
        ]
        self._followers = followers
        self._view = View(followers[0], self._store)
        points = [point.id for point in followers[1].directory.points]
        self._verdicts = VerdictStore(config.state.verdicts)
        self._evaluation = Evaluation(
            followers[1],
            Window(config.state.window, points),
            self._verdicts,
            load_standard(config.rules.city, None),
            lambda: self._now,
        )

    def _end_followers(self) -> None:
        for follower in self._followers:
            follower.close()
        self._verdicts.close()

    def _close(self) -> None:
        self._end_followers()
        self._ledger.close()
        self._quarantine.close()
        for node in self.nodes:
            node.end()
        self._registry.close()

    def _make_nodes(self) -> list[VirtualNode]:
        sensors: dict[str, list[bytes]] = {}
        for row in self._registry.rows("assignment"):
            if row["node"] and row["target_kind"] == "room":
                sensors.setdefault(row["node"], []).append(rom_from_kernel_name(row["sensor"]))
        nodes, rooms = [], 0
        for name in sorted(sensors):
            if rooms >= ROOMS:
                break
            rooms += len(sensors[name])
            nodes.append(
                VirtualNode(
                    Identity("sample", name),
                    sensors[name],
                    self._folder,
                    lambda: self._now,
                    self._chance,
                    self._trouble,
                )
            )
        return nodes

    def _check_records(self, lived: Lived) -> None:
        kept: dict[tuple[str, int, int], bytes] = {}
        reader = LedgerReader(self._config.state.ledger)
        shown = set().union(*(node.bus.shown for node in self.nodes))
        for batch in reader.batches():
            for position in range(batch.count):
                number, record = batch.entry(position)
                source = reader.source(number)
                key = (source.node, source.epoch, record.seq)
                if key in kept:
                    lived.problems.append(f"twice in the ledger: {key}")
                kept[key] = record.to_bytes()
                if record.kind == Kind.READING:
                    lived.readings += 1
                    if (record.rom, record.scratchpad) not in shown:
                        lived.problems.append(f"no sensor showed it: {key}")
                elif record.kind == Kind.LOST:
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
