"""Faults of sensors: what they show, whether they are there, at which box; and lying time."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from typing import Any

import numpy as np

from heatward_collector.core.placing import BEHIND_S, UNPLACED
from heatward_collector.enrolment.belonging import Misplaced, misplaced, registered
from heatward_collector.enrolment.boxes import Boxes
from heatward_collector.readings.clocks import Clocks
from heatward_collector.readings.projection import times_of
from heatward_collector.registry import open_registry
from heatward_collector.timeseries import open_timeseries
from heatward_collector.torture.line.line import Line
from heatward_collector.torture.line.node_life import ROUND_S, SENSOR_FAULTS
from heatward_collector.torture.line.processes import Node
from heatward_collector.torture.line.truth import Held
from heatward_node.reading import Kind
from heatward_node.rom import kernel_name

LIE_S, LIE_ROUNDS = 60, 120
"""A time service that takes back a minute with every round, by two hours in all."""
MOST_OFF_S = BEHIND_S + 1
_ALWAYS = (0, 2**33)


def sensors_lie(line: Line, chance: random.Random) -> None:
    """Sensors show what broken, counterfeit and badly wired ones show."""
    for _ in range(5):
        for node in line.nodes:
            faults = [chance.choice(SENSOR_FAULTS) for _ in node.plan.roms]
            node.order(sensors=faults)
        line.play(0.4)
    for node in line.nodes:
        node.order(sensors=[])
    line.play(0.4)


def sensors_vanish(line: Line, chance: random.Random) -> None:
    """Sensors are unplugged and come back, and ghosts appear on the bus."""
    for node in line.nodes:
        ghost = node.plan.folder / "devices" / "00-800000000000"
        ghost.mkdir(parents=True, exist_ok=True)
        node.order(sensors=["gone"] * len(node.plan.roms))
    line.play(chance.uniform(0.5, 1.2))
    for node in line.nodes:
        node.order(sensors=[])
    line.play(1.0)
    counted = [json.dumps(node.state().get("counters", {})) for node in line.nodes]
    line.claim("every node still tells how it is", all(one != "{}" for one in counted))


def sensors_exchanged(line: Line, chance: random.Random) -> None:
    """Two homes exchange a sensor each: both are heard from a box that is not theirs."""
    line.play(0.8)
    one, other = chance.sample(line.nodes, 2)
    own, foreign = list(one.plan.roms), list(other.plan.roms)
    own[0], foreign[0] = foreign[0], own[0]
    for node, roms in ((one, own), (other, foreign)):
        node.order(roms=[rom.hex() for rom in roms])
    wanted = {(one.name, own[0]), (other.name, foreign[0])}

    def both_heard() -> bool:
        return wanted <= {(node, record.rom) for node, record in Held.by(line.reader).readings()}

    line.wait(both_heard, "both sensors are heard from the other box")
    line.play(0.6)


def exchange_is_seen(line: Line) -> None:
    """Both boxes are told to have a foreign sensor, and what it measured there is nobody's."""
    registry = open_registry(line.config)
    rows = registry.rows("assignment")
    owners = registered(rows, time.time())
    boxes = Boxes(line.folder / "boxes.sqlite", line.reader)
    while boxes.follow():
        continue
    strangers = [node for node in line.nodes if node.orders.get("roms")]
    for node in strangers:
        found = {one.what for one in misplaced(node.name, owners, boxes.said())}
        both = {Misplaced.OF_ANOTHER_BOX, Misplaced.AT_ANOTHER_BOX}
        line.claim(
            f"{node.name} is said to have one sensor too many and one too few", both <= found
        )
    boxes.close()
    _claim_nothing_elsewhere(line, rows, strangers)
    registry.close()


def _claim_nothing_elsewhere(line: Line, rows: list[dict[str, Any]], strangers: list[Node]) -> None:
    """Claim that a room has as many points as its own box has measured of it."""
    room_of = {row["sensor"]: (row["node"], row["target"]) for row in rows}
    at_home: Counter[str] = Counter()
    for name, record in Held.by(line.reader).readings():
        owner, room = room_of[kernel_name(record.rom)]
        at_home[room] += owner == name
    store = open_timeseries(line.config)
    for node in strangers:
        for rom in node.plan.roms:
            room = room_of[kernel_name(rom)][1]
            points = len(store.room(room, *_ALWAYS)[0])
            line.claim(f"{room} has {points} points of {at_home[room]}", points == at_home[room])


def time_lies_slowly(line: Line, chance: random.Random) -> None:
    """A time service takes back a minute each round, until it is two hours off, and is mended."""
    line.play(0.6)
    liars = chance.sample(line.nodes, 2)
    until = {}
    for node in liars:
        until[node.name] = node.state()["round"] + LIE_ROUNDS
        node.order(wall_drift_s=-LIE_S, round_seconds=0.0)
    line.wait(
        lambda: all(node.state().get("round", 0) >= until[node.name] for node in liars),
        "the time service has lied by two hours",
    )
    for node in liars:
        node.order(wall_drift_s=0, round_seconds=0.12)
    line.play(0.8)


def lies_are_found_out(line: Line) -> None:
    """No reading is placed further from its true time than two minutes; every step is recorded."""
    clocks, reader = Clocks(), line.reader
    steps: Counter[str] = Counter()
    for batch in reader.batches():
        clocks.learn(batch, reader.source)
        for _, number, record in batch.others:
            steps[reader.source(number).node] += record.kind == Kind.CLOCK_STEP
    off = placed = 0
    first_s = line.nodes[0].plan.first_s
    for batch in reader.batches():
        time_s = times_of(batch, clocks)
        rounds = batch.readings["mono_ms"].astype(np.int64) // (ROUND_S * 1000) - 1
        is_placed = time_s != UNPLACED
        wrong_s = np.abs(time_s - first_s - rounds * ROUND_S)[is_placed]
        off, placed = max(off, int(wrong_s.max(initial=0))), placed + int(is_placed.sum())
    line.claim(
        f"{placed} readings are placed, at most {off} s off", off <= MOST_OFF_S and placed > 0
    )
    lied = [node for node in line.nodes if "wall_drift_s" in node.orders]
    said = [steps[node.name] >= LIE_ROUNDS for node in lied]
    line.claim(f"every step is recorded: {dict(steps)}", bool(said) and all(said))
