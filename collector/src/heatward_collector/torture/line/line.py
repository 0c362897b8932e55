"""One whole line with all that a fault can hit: servers, proxies, processes, nodes.

nodes --proxy--> Mosquitto <--proxy-- ingest --> ledger --> view --proxy--> InfluxDB
"""

from __future__ import annotations

import json
import random
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from heatward_collector.canary import CANARY_NODE
from heatward_collector.config import Config, parse
from heatward_collector.enrolment.broker import LARGEST_PACKET
from heatward_collector.errors import HeatwardError
from heatward_collector.ledger import LedgerReader
from heatward_collector.servers.mosquitto import PERSISTENT, Mosquitto
from heatward_collector.servers.ports import HOST, free_port
from heatward_collector.timeseries.process import behind
from heatward_collector.torture.line.cable import Cable
from heatward_collector.torture.line.node_life import MOST_ROUNDS, ROUND_S, TRUTH, NodePlan
from heatward_collector.torture.line.processes import Node, Stage, Worker, wait
from heatward_collector.torture.line.proxy import FaultProxy, Faults
from heatward_collector.torture.line.receiver import Receiver
from heatward_collector.torture.line.sample_town import DISTRICT, register, sensors_by_node
from heatward_collector.torture.line.setting import Setting
from heatward_collector.torture.line.small_disk import SmallDisk
from heatward_collector.torture.line.store import Store
from heatward_collector.torture.line.surroundings import around, found_authority
from heatward_collector.torture.line.truth import Held, last_numbers
from heatward_node.publisher import Identity

SMALL_KIB = {"ledger": 640, "broker": 192, "card": 1024}
"""Enough to begin with, and soon full. [KiB]"""
ROOMY_KIB = 65_536
BROKER_LIMITS = f"""\
max_packet_size {LARGEST_PACKET}
log_type error
log_type warning
"""
"""As Heatward's own settings of a broker have it."""
START_SECONDS = 60.0
CANARY_SECONDS = 240
"""One test reading in each life of a watch, for none lasts so long. [s]"""
FIRST_ROUNDS = 3
"""A fault begins when every node has measured so often."""
RUN_SECONDS = 20.0
"""How long a fault may take from the first round, and then each wait for even books. [s]"""


class Line:
    """A running line; use as a context manager. ``seed`` decides what nodes measure.

    ``patience`` multiplies every wait, for a machine that has other work.
    """

    def __init__(self, folder: Path, setting: Setting, seed: int, patience: float = 1.0) -> None:
        self.folder, self.setting, self.patience = folder, setting, patience
        self.chance = random.Random(f"line {seed}")
        self.proxies: dict[str, FaultProxy] = {}
        self.stages: dict[str, Stage] = {}
        self.nodes: list[Node] = []
        self.others: list[Worker] = []
        """Processes that a fault brought itself; it takes them away again."""
        self.disks: dict[str, SmallDisk] = {}
        self.cable: Cable | None = None
        self.receiver: Receiver | None = None
        self.messages: list[str] = []
        """Ids of alerts that were put into the outbox."""
        self.allowed_doubles = 0
        """How many alerts may have come twice: one for each kill of a notifier."""
        self.claims: list[tuple[str, bool]] = []
        """What a fault says must have happened, and whether it did."""
        self.past_cards: list[tuple[str, Path]] = []
        """Cards that were taken out of a node: its name, and where the card is now."""
        self.past_truths: list[tuple[str, Path]] = []
        """What nodes said that run no more."""
        self.ends_at = 0.0
        self._seed = seed
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._begin()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def workers(self) -> list[Worker]:
        """Every process that is ours."""
        return [*self.stages.values(), *self.nodes, *self.others]

    @property
    def reader(self) -> LedgerReader:
        """A fresh view of the ledger."""
        return LedgerReader(self.config.state.ledger)

    def claim(self, words: str, holds: bool) -> None:
        """Say what must be so at this point of a fault."""
        self.claims.append((words, holds))

    def cards(self) -> list[tuple[str, Path]]:
        """Return every card with the name of its node, those in use and those taken out."""
        own = [(one.plan.identity.node, one.plan.folder / "card") for one in self.nodes]
        return own + self.past_cards

    def truths(self) -> list[tuple[str, Path]]:
        """Return where every node says what it showed and kept, with its name."""
        own = [(one.plan.identity.node, one.plan.folder / TRUTH) for one in self.nodes]
        return own + self.past_truths

    def play(self, seconds: float) -> None:
        """Let the line run for a while."""
        time.sleep(seconds)
        for one in self.workers:
            one.measure()

    def wait(self, condition: object, what: str) -> None:
        """Wait until something is true, at most to the end of the run. Raises HeatwardError."""
        wait(condition, self.ends_at, what)  # type: ignore[arg-type]

    def give_time(self, seconds: float) -> None:
        """Let the run last so much longer from now: some faults are no matter of seconds."""
        self.ends_at = max(self.ends_at, time.monotonic() + self.patience * seconds)

    def killed(self) -> dict[str, int]:
        """Return how many lives of each kind of process a kill -9 has ended."""
        counts = {f"killed_{one.name}": one.kills for one in self.stages.values()}
        counts["killed_node"] = sum(one.kills for one in self.nodes)
        counts |= {"killed_broker": self.broker.kills, "killed_store": self.store.kills}
        return {key: count for key, count in counts.items() if count}

    def mend(self) -> None:
        """Take every fault away and start what does not run; the nodes stop to measure."""
        for disk in self.disks.values():
            disk.make_read_only(False)
            disk.make_room()
            disk.resize(ROOMY_KIB)
        if self.cable is not None:
            self.cable.plug_in()
        for proxy in self.proxies.values():
            proxy.faults = Faults()
        for server in (self.broker, self.store):
            server.go_on()
            server.start()
        for worker in self.workers:
            worker.go_on()
            worker.start()
        for node in self.nodes:
            sound = {"sensors": [], "is_synchronised": True, "wall_moved_s": 0}
            node.order(**(sound | {"measures": False, "asks": True}))

    def settle(self) -> None:
        """Wait until the collector has all that the nodes wrote, and the view all of that.

        Each wait has a time of its own: on a machine with other work all of them together may last
        longer than a run, and a line that stands still is found out all the same.
        """
        self._wait_anew(
            lambda: all(node.is_done for node in self.nodes), "every node has its last ack"
        )
        for node in self.nodes:
            node.stop()
        if "watch" in self.stages:
            self._wait_anew(self._is_tried, "the test reading is in the ledger")
        self._wait_anew(lambda: behind(self.config) == (0, 0), "the view has caught up")
        if "evaluate" in self.stages:
            self._wait_anew(self._is_judged, "the verdicts have caught up")
        if "notify" in self.stages and self.receiver is not None:
            taken = self.receiver.taken
            self._wait_anew(lambda: set(self.messages) <= set(taken), "every alert has arrived")

    def close_processes(self) -> None:
        """End nodes and collector in order; what is on disk is then the result."""
        for worker in self.workers:
            worker.measure()
            worker.ask_to_stop()
        for worker in self.workers:
            worker.stop()

    def _begin(self) -> None:
        self.folder.mkdir(parents=True)
        if "broker" in self.setting.small_disks:
            self._small_disk("broker", self.folder / "broker")
        self.broker = Mosquitto(self.folder, PERSISTENT, BROKER_LIMITS + self.setting.broker)
        self.broker.start()
        self._stack.callback(self.broker.stop)
        self.store = Store(self.folder)
        self.store.start()
        self._stack.callback(self.store.close)
        self._put_proxies()
        if self.setting.has_receiver:
            self.receiver = Receiver()
            self._stack.callback(self.receiver.close)
        self.surroundings = self._stack.enter_context(around(self.setting.stages, self.folder))
        self.config = self._configure()
        if "ledger" in self.setting.small_disks:
            self._small_disk("ledger", self.config.state.ledger)
        self._stack.callback(self._kill_all)
        self.stages = {name: Stage(name, self.config, self.folder) for name in self.setting.stages}
        self.nodes = self._make_nodes()
        for stage in self.stages.values():
            stage.start()
        wait(
            self._is_ready,
            time.monotonic() + self.patience * START_SECONDS,
            "the collector has begun",
        )
        for node in self.nodes:
            node.start()
        began = time.monotonic() + self.patience * START_SECONDS
        wait(self._measures, began, "all nodes have measured")
        self.ends_at = time.monotonic() + self.patience * RUN_SECONDS

    def _put_proxies(self) -> None:
        if self.setting.has_cable:
            self.cable = Cable(random.Random())  # no seed's: several lines of one seed may stand
            self._stack.callback(self.cable.close)
        ports = {"nodes": self.broker.port, "ingest": self.broker.port}
        for name, port in (ports | {"store": self.store.entrance}).items():
            host = self.cable.host if self.cable and name == "nodes" else HOST
            self.proxies[name] = self._stack.enter_context(FaultProxy(port, self._seed, host))

    def _is_ready(self) -> bool:
        for stage in self.stages.values():
            if not stage.is_running:
                raise HeatwardError(f"{stage.name} has ended by itself; see {stage.name}.log")
        return all(stage.is_ready() for stage in self.stages.values())

    def _measures(self) -> bool:
        return all(node.state().get("round", 0) >= FIRST_ROUNDS for node in self.nodes)

    def _configure(self) -> Config:
        lines = [
            f"[state]\ndirectory = {json.dumps(str(self.folder / 'state'))}",
            f'[mqtt]\nurl = "mqtt://{HOST}:{self.proxies["ingest"].port}"\nkeepalive_seconds = 5',
            f'[timeseries]\nurl = "http://{HOST}:{self.proxies["store"].port}"',
            "timeout_seconds = 3",
            '[rules]\ncity = "demo"',
            '[log]\nlevel = "info"\nformat = "text"',
        ]
        if "web" in self.setting.stages:
            lines.append(f"[web]\nport = {free_port()}")
        if "watch" in self.setting.stages:
            lines.append(f"[watch]\ncanary_seconds = {CANARY_SECONDS}")
        if "display" in self.setting.stages:
            lines.append(f'[display]\nurl = "http://{HOST}:{self.proxies["store"].port}"')
        lines += self.surroundings.settings
        if self.receiver is not None:
            channels = self.folder / "channels.toml"
            channels.write_text(f"[gateway]\nurl = '{self.receiver.url}'\ntemplate = '$id'\n")
            lines.append(f"[alerts]\nchannels_file = {json.dumps(str(channels))}")
        config = parse("\n".join(lines), "torture")
        config.state.directory.mkdir(parents=True, exist_ok=True)
        register(config, has_receiver=self.receiver is not None)
        if "enrolment" in self.setting.stages:
            found_authority(config)
        return config

    def _make_nodes(self) -> list[Node]:
        sensors = sensors_by_node(self.config)
        first_s = int(time.time()) // ROUND_S * ROUND_S - MOST_ROUNDS * ROUND_S
        nodes = []
        for name in sorted(sensors)[: self.setting.nodes]:
            folder = self.folder / "nodes" / name
            plan = NodePlan(
                Identity(DISTRICT, name),
                tuple(sensors[name]),
                self.proxies["nodes"].host,
                self.proxies["nodes"].port,
                folder,
                first_s,
                self._seed,
                self.cable.namespace if self.cable else "",
            )
            nodes.append(Node(plan, self.folder / f"{name}.log"))
            if "card" in self.setting.small_disks:
                self._small_disk(name, folder / "card", SMALL_KIB["card"])
        return nodes

    def _small_disk(self, name: str, path: Path, kib: int | None = None) -> None:
        self.disks[name] = disk = SmallDisk(path, kib or SMALL_KIB[name])
        self._stack.callback(disk.close)

    def _is_judged(self) -> bool:
        counters = self.stages["evaluate"].counters()
        if not self.stages["evaluate"].is_ready():
            return False
        return counters.get("batches_behind") == 0 == counters.get("days_waiting")

    def _is_tried(self) -> bool:
        if not self.stages["watch"].is_ready():
            return False
        # A cursor on the card is saved with the next reading only: the ledger knows it earlier.
        sent = last_numbers(self.config.state.directory / "watch")
        kept = Held.by(self.reader).records
        return all((CANARY_NODE, epoch, last) in kept for epoch, last in sent.items())

    def _wait_anew(self, condition: object, what: str) -> None:
        self.give_time(RUN_SECONDS)
        self.wait(condition, what)

    def _kill_all(self) -> None:
        for worker in self.workers:
            worker.kill()
