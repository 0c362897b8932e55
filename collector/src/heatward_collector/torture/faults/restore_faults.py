"""A ledger that is lost, and begun again from a copy that is a day old."""

from __future__ import annotations

import random

from heatward_collector.ledger.backup import back_up, restore
from heatward_collector.torture.line.line import Line
from heatward_collector.torture.line.node_life import ROUND_S
from heatward_collector.torture.line.truth import Held

DAY_ROUNDS = 86_400 // ROUND_S


def backup_restored(line: Line, chance: random.Random) -> None:
    """The disk of the ledger is lost; a backup one day old is put in its place."""
    line.play(0.6)
    ledger, copy = line.config.state.ledger, line.folder / "backup"
    back_up(ledger, copy)
    rounds = {node.name: node.state()["round"] for node in line.nodes}
    for node in line.nodes:
        node.order(round_seconds=0.0)
    line.wait(
        lambda: all(node.state()["round"] >= rounds[node.name] + DAY_ROUNDS for node in line.nodes),
        "a day has been measured since the backup",
    )
    for node in line.nodes:
        node.order(round_seconds=0.12)
    line.play(chance.uniform(0.2, 0.6))
    before = len(Held.by(line.reader).records)
    workers = list(line.stages.values())
    for worker in workers:
        worker.kill()
    ledger.rename(line.folder / "lost")
    checked, _ = restore(copy, ledger)
    line.claim(f"the copy lacks {before - checked.records} records", checked.records < before)
    for worker in workers:
        worker.start()
    line.play(0.6)
