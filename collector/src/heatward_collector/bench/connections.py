"""What a node's connection costs the broker, with TLS as nodes use it and beside it plain TCP.

In turns, each on a broker that has just begun: so many nodes connect and subscribe, ask for signs
of life, and wait. Memory is what the process has of its own and its share of what it shares; what
the kernel keeps of sockets is in neither.
"""

from __future__ import annotations

import json
import resource
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.asymmetric import ec

from heatward_collector.bench import node_connections
from heatward_collector.bench.generator import generating
from heatward_collector.bench.node_connections import Clients
from heatward_collector.bench.usage import memory, running_seconds
from heatward_collector.enrolment.authority import Authority, key_pem
from heatward_collector.enrolment.book import Book
from heatward_collector.enrolment.broker import write_broker
from heatward_collector.enrolment.office import Office
from heatward_collector.errors import HeatwardError
from heatward_collector.replay.places import DISTRICT
from heatward_collector.servers.mosquitto import IN_MEMORY, Mosquitto, find_mosquitto
from heatward_collector.servers.ports import HOST, free_port
from heatward_collector.servers.program import Program, running

PINGS = 5
SPARE_FILES = 200
KEEPALIVE_S = 60
"""How often a node that has nothing to say gives a sign of life. [s]"""
TLS_SETTINGS = "user root\npersistence false\nlog_type error\nset_tcp_nodelay true\n"
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one connection at the broker."""

    bytes: float
    connect_us: float
    """Processor time from the first packet to the answered subscription. [us]"""
    ping_us: float
    """Processor time of a sign of life. [us]"""


@dataclass(frozen=True, slots=True)
class ConnectionsMeasured:
    """Medians over the turns."""

    nodes: int
    turns: int
    plain: Cost
    tls: Cost

    @property
    def cores_of_100_000(self) -> float:
        """Cores that the signs of life of 100,000 nodes with TLS take all the time."""
        return 0.1 * self.tls.ping_us / KEEPALIVE_S

    @property
    def gigabytes_of_100_000(self) -> float:
        """Memory of 100,000 nodes with TLS. [GB]"""
        return 1e-4 * self.tls.bytes

    @property
    def seconds_of_100_000(self) -> float:
        """Processor time until 100,000 nodes with TLS are back after a broker's restart. [s]"""
        return 0.1 * self.tls.connect_us

    def as_json(self) -> str:
        """Return everything as one line."""
        return json.dumps(asdict(self))


def measure(nodes: int, turns: int, tell: Tell) -> ConnectionsMeasured:
    """Connect ``nodes`` plainly and with TLS, in turns. Raises HeatwardError where none can."""
    _allow_files(nodes)
    with tempfile.TemporaryDirectory(prefix="heatward-bench-") as name:
        folder = Path(name)
        port = free_port()
        office = _office(folder, nodes, port)
        names = _identities(office.authority, folder / "identities", nodes)
        authority = folder / "authority" / "ca.pem"
        encrypted = Clients(HOST, port, names, authority, folder / "identities")
        plain, tls = [], []
        for turn in range(turns):
            tell(f"{turn + 1}/{turns}: {nodes:,} x TCP, {nodes:,} x TLS")
            with running(Mosquitto(folder, IN_MEMORY)) as broker:
                plain.append(_cost(Clients(HOST, broker.port, names), broker.pid))
            with running(_mosquitto_with_tls(folder, port)) as broker:
                tls.append(_cost(encrypted, broker.pid))
        return ConnectionsMeasured(nodes, turns, _median(plain), _median(tls))


def _cost(clients: Clients, pid: int) -> Cost:
    count = len(clients.nodes)
    with _connected_by(clients) as order:
        held, began = memory(pid).share, running_seconds(pid)
        order("connect")
        connected = running_seconds(pid)
        grown = memory(pid).share - held
        before = running_seconds(pid)
        for _ in range(PINGS):
            order("ping")
        pinged = running_seconds(pid)
        order("close")
    return Cost(
        grown / count, 1e6 * (connected - began) / count, 1e6 * (pinged - before) / count / PINGS
    )


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        median(one.bytes for one in costs),
        median(one.connect_us for one in costs),
        median(one.ping_us for one in costs),
    )


@contextmanager
def _connected_by(clients: Clients) -> Iterator[Callable[[str], None]]:
    """Run the nodes' process; give what tells it to do something and waits until it is done."""
    with generating(node_connections.run, clients) as (pipe, _):

        def order(what: str) -> None:
            try:
                pipe.send(what)
                pipe.recv()
            except (EOFError, OSError) as error:
                raise HeatwardError(f"the nodes could not {what}; see above") from error

        yield order


def _office(folder: Path, nodes: int, port: int) -> Office:
    """Found an authority, and write what Mosquitto needs of it."""
    now = datetime.now(UTC)
    authority = Authority.found(folder / "authority", now)
    authority.keep_own(HOST, now)
    office = Office(authority, Book(folder / "book.sqlite"), now.timestamp)
    write_broker(office, folder / "broker", [DISTRICT], nodes, HOST, port)
    return office


def _identities(authority: Authority, folder: Path, nodes: int) -> list[str]:
    folder.mkdir()
    now, names = datetime.now(UTC), [f"n{number:06}" for number in range(nodes)]
    for name in names:
        key = ec.generate_private_key(ec.SECP256R1())
        pem = authority.sign_node(name, key.public_key(), now).encode("ascii")
        (folder / f"{name}.pem").write_bytes(pem + key_pem(key))
    return names


def _mosquitto_with_tls(folder: Path, port: int) -> Program:
    """Return a Mosquitto on the configuration that Heatward generates."""
    file = folder / "mosquitto-tls.conf"
    file.write_text(f"{TLS_SETTINGS}include_dir {folder / 'broker' / 'conf.d'}\n")
    command = [find_mosquitto(), "-c", str(file)]
    return Program(command, port, folder / "mosquitto-tls.log")


def _allow_files(nodes: int) -> None:
    """Let this process and those it starts open a file a node. Raises HeatwardError."""
    wanted = nodes + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise HeatwardError(f"only {hard} files may be open here (ulimit -Hn); {wanted} are needed")
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
