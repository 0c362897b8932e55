"""Faults of our own processes: killed at any moment or at a named point, started in any order."""

from __future__ import annotations

import random
import time

from heatward_collector.alerts.message import Message, Stage, Text
from heatward_collector.alerts.outbox import Outbox, put
from heatward_collector.core.cases.telling import Policy
from heatward_collector.registry import open_registry
from heatward_collector.torture.line import crash_points
from heatward_collector.torture.line.crash_points import CrashPoint
from heatward_collector.torture.line.line import Line

CRASH_SECONDS = 3.0
"""How long a process may take to come to the point at which it dies. [s]"""
BACK_SECONDS = 20.0
"""How long it may take to be back, whatever waiting for its death has cost. [s]"""
ALERTS_AT_ONCE, REFUSED = 3, 2
"""So many alerts are put, and so many of them answered with an error at first."""


def node_killed(line: Line, chance: random.Random) -> None:
    """Nodes die at random moments: while they measure, write or send."""
    for _ in range(6):
        line.play(chance.uniform(0.1, 0.6))
        node = chance.choice(line.nodes)
        node.kill()
        line.play(chance.uniform(0.0, 0.2))
        node.start()


def node_killed_with_backlog(line: Line, chance: random.Random) -> None:
    """Nodes die while they send a backlog, and go on where the collector is."""
    line.play(0.3)
    line.stages["ingest"].halt()
    for node in line.nodes:
        node.order(round_seconds=0.03)
    line.play(1.5)
    line.stages["ingest"].go_on()
    for node in line.nodes:
        node.order(round_seconds=0.12)
        line.play(chance.uniform(0.02, 0.2))
        node.kill()
        node.start()


def ingest_killed(line: Line, chance: random.Random) -> None:
    """Ingest dies at each named point of a message's way into the ledger."""
    for point in chance.sample(crash_points.INGEST, 3):
        crash(line, "ingest", point.at(point.call + chance.randrange(3)))


def view_killed(line: Line, chance: random.Random) -> None:
    """The view dies before and after a write, and after its cursor moved."""
    for point in chance.sample(crash_points.VIEW, 2):
        crash(line, "view", point.at(1 + chance.randrange(3)))


def evaluate_killed(line: Line, chance: random.Random) -> None:
    """The evaluation dies around cursors and verdicts."""
    for point in chance.sample(crash_points.EVALUATE, 2):
        crash(line, "evaluate", point.at(1 + chance.randrange(2)))


def notifier_killed(line: Line, chance: random.Random) -> None:
    """The notifier dies before and after the receiver's answer, and around its own mark."""
    for point in chance.sample(crash_points.NOTIFY, 3):
        add_alerts(line)
        crash(line, "notify", point.at(1 + chance.randrange(2)))
        line.allowed_doubles += 2  # it is killed before it begins its last life, and in it
    add_alerts(line)


def receiver_misbehaves(line: Line, chance: random.Random) -> None:
    """The receiver of alerts answers with errors, and hangs; other work goes on."""
    assert line.receiver is not None
    line.receiver.answers.extend([503, 1.0, 500])
    add_alerts(line)
    before = line.reader.head()[0]
    line.play(chance.uniform(1.5, 2.5))
    line.wait(lambda: line.reader.head()[0] > before, "readings arrive while alerts wait")
    outbox = Outbox(open_registry(line.config).database)

    def are_noted() -> bool:
        waiting = [one for one in outbox.latest() if one.stage is Stage.WAITING]
        return sum(1 for one in waiting if one.attempts) == REFUSED

    line.wait(are_noted, "what was refused is noted for another try")
    with outbox.database.edit() as connection:  # the next try is due half a minute from now
        connection.exec_driver_sql("UPDATE outbox SET next_s = 0 WHERE stage = 'waiting'")
    outbox.database.close()


def any_order(line: Line, chance: random.Random) -> None:
    """Everything ends in order and begins again, each time in another sequence."""
    for _ in range(2):
        line.play(0.6)
        workers = list(line.workers)
        chance.shuffle(workers)
        for worker in workers:
            worker.ask_to_stop()
        for worker in workers:
            worker.stop()
        if chance.random() < 0.5:
            line.broker.stop()
        chance.shuffle(workers)
        for worker in workers:
            worker.start()
            time.sleep(chance.uniform(0.0, 0.1))
        line.broker.start()


def crash(line: Line, stage: str, point: CrashPoint) -> None:
    """Let a process of the collector live until it comes to a point, die there, and come back."""
    worker = line.stages[stage]
    worker.kill()
    worker.start(point)
    if not worker.wait_for_end(line.patience * CRASH_SECONDS):
        worker.kill()  # it never came to this point so often: die where it is
    worker.start()
    line.give_time(BACK_SECONDS)
    line.wait(worker.is_ready, f"{stage} is back after it died {point.name}")


def add_alerts(line: Line) -> None:
    """Put some alerts into the outbox."""
    first = len(line.messages)
    ids = [f"torture-{first + number}" for number in range(ALERTS_AT_ONCE)]
    text = Text("演练", "drill", "演练", "drill")
    officer = ("p-officer-1", "officer", "", "zh", "officer", Policy.AT_ONCE, 0)
    registry = open_registry(line.config)
    outbox = Outbox(registry.database)
    with outbox.database.edit() as connection:
        put(connection, [Message(one, *officer, text) for one in ids])
    registry.close()
    line.messages += ids
