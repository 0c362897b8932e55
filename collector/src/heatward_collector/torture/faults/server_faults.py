"""Faults of servers and of the lines between them: killed, away, full, slow, torn."""

from __future__ import annotations

import random
from dataclasses import replace

from heatward_collector.torture.line.line import ROOMY_KIB, Line
from heatward_collector.torture.line.proxy import Faults

CUT_BYTES = (0, 1, 2, 15, 40, 80, 120, 200, 500, 2_000)
"""After so many bytes of a connection it is reset: within each packet of a greeting, and later."""

NOTICED_SECONDS = 40.0
"""A dead line is noticed within one and a half keepalives of 3 s (nodes) or 5 s (ingest); what is
left is for a busy machine, and for the run's end. [s]"""
PULLED_SECONDS = 7.0
"""A node asks after a keepalive of 3 s without an answer, and gives up after another. [s]"""


def broker_killed(line: Line, chance: random.Random) -> None:
    """The broker dies in mid-stream and comes back with what it had saved: nothing."""
    for _ in range(3):
        line.play(chance.uniform(0.4, 1.0))
        line.broker.kill()
        line.play(chance.uniform(0.0, 0.5))
        line.broker.start()


def broker_forgets(line: Line, chance: random.Random) -> None:
    """The broker loses its state directory, and with it every session."""
    for _ in range(2):
        line.play(chance.uniform(0.4, 1.2))
        line.broker.lose_everything()
        line.broker.start()
    line.play(0.5)


def store_killed(line: Line, chance: random.Random) -> None:
    """The time series database dies while the view writes."""
    for _ in range(2):
        line.play(chance.uniform(0.4, 1.2))
        line.store.kill()
        if chance.random() < 0.5:
            line.stages["view"].kill()
        line.play(0.3)
        line.store.start()
        line.stages["view"].start()


def store_away(line: Line, chance: random.Random) -> None:
    """The time series database is away; the ledger and its acks go on."""
    line.play(0.5)
    line.proxies["store"].faults = Faults(refuse=True)
    line.proxies["store"].cut()
    line.store.stop()
    before = line.reader.head()[0]
    line.play(chance.uniform(1.5, 3.0))
    line.wait(lambda: line.reader.head()[0] > before, "the ledger grows while the store is away")
    line.store.start()
    line.proxies["store"].faults = Faults()


def ingest_hangs(line: Line, chance: random.Random) -> None:
    """Whoever writes the ledger stands still; nothing is acknowledged meanwhile."""
    line.play(0.5)
    line.stages["ingest"].halt()
    before = line.reader.head()[0]
    line.play(chance.uniform(2.0, 4.0))
    line.claim("nothing is written by one who stands still", line.reader.head()[0] == before)
    line.stages["ingest"].go_on()


def ledger_disk_full(line: Line, chance: random.Random) -> None:
    """The disk of the ledger has no room left, twice; with room it goes on."""
    disk = line.disks["ledger"]
    for _ in range(2):
        line.play(chance.uniform(0.4, 0.9))
        disk.fill()
        line.play(chance.uniform(1.0, 2.0))
        disk.make_room()
        disk.resize(ROOMY_KIB)
    line.play(0.5)


def broker_disk_full(line: Line, chance: random.Random) -> None:
    """The broker cannot save what it has acknowledged, and is then killed."""
    line.play(0.5)
    line.disks["broker"].fill()
    line.play(chance.uniform(1.0, 2.0))
    line.broker.kill()
    line.disks["broker"].make_room()
    line.broker.start()


def partition(line: Line, chance: random.Random) -> None:
    """Nodes and broker cannot reach each other for a while."""
    proxy = line.proxies["nodes"]
    for _ in range(2):
        line.play(0.4)
        proxy.faults = Faults(refuse=True)
        proxy.cut()
        line.play(chance.uniform(0.8, 2.0))
        proxy.faults = Faults()


def cable_pulled(line: Line, chance: random.Random) -> None:
    """The nodes' cable is pulled: for a moment, and until they give their connections up."""
    cable, proxy = line.cable, line.proxies["nodes"]
    assert cable is not None
    line.play(0.5)
    cable.pull()
    line.play(chance.uniform(0.2, 1.0))
    cable.plug_in()
    line.play(0.4)
    line.give_time(NOTICED_SECONDS)
    cable.pull()
    line.play(chance.uniform(PULLED_SECONDS, PULLED_SECONDS + 1))
    known = proxy.accepted
    before = line.reader.head()[0]
    line.play(0.5)
    line.claim("nothing comes through a pulled cable", line.reader.head()[0] == before)
    cable.plug_in()
    line.wait(
        lambda: proxy.accepted >= known + len(line.nodes),
        "every node gives up a connection whose cable was pulled, for another",
    )
    line.play(0.3)


def half_open(line: Line, chance: random.Random) -> None:
    """One direction swallows everything while the connection seems to stand."""
    name = chance.choice(("nodes", "ingest"))
    line.play(0.5)
    line.proxies[name].faults = Faults(
        swallow_up=(up := chance.random() < 0.5), swallow_down=not up or chance.random() < 0.3
    )
    known = line.proxies[name].accepted
    line.give_time(NOTICED_SECONDS)
    line.wait(
        lambda: line.proxies[name].accepted > known,
        "a line that swallows everything is given up for another",
    )
    line.play(chance.uniform(0.2, 1.0))
    line.proxies[name].faults = Faults()


def bad_line(line: Line, chance: random.Random) -> None:
    """Delay, loss, one byte at a time, and resets at a chosen byte."""
    for _ in range(3):
        proxy = line.proxies[chance.choice(("nodes", "ingest", "store"))]
        proxy.faults = Faults(
            delay_s=chance.choice((0.0, 0.02, 0.2)),
            loss=chance.choice((0.0, 0.05)),
            block_bytes=chance.choice((1, 7, 65_536)),
        )
        proxy.faults = replace(proxy.faults, reset_after=chance.choice(CUT_BYTES))
        if proxy.faults.block_bytes == 1:
            proxy.faults = replace(proxy.faults, delay_s=0.0)
        proxy.cut()
        line.play(chance.uniform(0.6, 1.3))
        proxy.faults = Faults()


def late_acknowledgements(line: Line, chance: random.Random) -> None:
    """Ingest holds messages while the broker loses its session and gives their ids anew (R5)."""
    for _ in range(2):
        line.play(0.4)
        line.stages["ingest"].halt()
        line.play(chance.uniform(0.3, 0.6))
        line.broker.lose_everything()
        line.broker.start()
        line.play(chance.uniform(0.2, 0.5))
        line.stages["ingest"].go_on()
    line.play(0.5)
