"""Faults of nodes: cards, clocks, sensors, too much of everything."""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace

from heatward_collector.torture.line import Line
from heatward_collector.torture.node_life import SENSOR_FAULTS
from heatward_collector.torture.processes import Node

HOUR_S, YEAR_S = 3_600, 31_557_600
PAGE_BYTES = 4_096


def card_full(line: Line, chance: random.Random) -> None:
    """The cards of all nodes have no room; rounds wait in memory under their own time."""
    line.play(0.8)
    for node in line.nodes:
        line.disks[node.name].fill()
    line.play(chance.uniform(1.0, 2.0))
    for node in line.nodes:
        line.disks[node.name].make_room()
    line.play(0.8)


def card_read_only(line: Line, chance: random.Random) -> None:
    """A card becomes read-only, as a dying one does, and is mended."""
    line.play(0.6)
    hit = chance.sample(line.nodes, 2)
    for node in hit:
        node.kill()
        line.disks[node.name].make_read_only(True)
        node.start()
    line.play(chance.uniform(0.8, 1.5))
    for node in hit:
        line.claim(f"{node.name} says that it cannot begin", not node.is_running)
        line.disks[node.name].make_read_only(False)
        node.start()
    line.play(0.6)


def card_rots(line: Line, chance: random.Random) -> None:
    """Pages of a card are zeroed and bits flipped; the rest is sent, what is lost is named."""
    line.play(1.2)
    for node in chance.sample(line.nodes, 2):
        node.kill()
        file = node.plan.folder / "card" / "journal.sqlite"
        data = bytearray(file.read_bytes())
        for _ in range(3):
            at = chance.randrange(len(data))
            data[at] ^= 1 << chance.randrange(8)
        page = chance.randrange(len(data) // PAGE_BYTES) * PAGE_BYTES
        data[page : page + PAGE_BYTES] = bytes(len(data[page : page + PAGE_BYTES]))
        file.write_bytes(data)
        node.start()
    line.play(1.0)


def card_restored(line: Line, chance: random.Random) -> None:
    """An older image of a card is put back: its numbers must not be used a second time."""
    node = chance.choice(line.nodes)
    line.play(0.5)
    node.stop()
    card, image = node.plan.folder / "card", node.plan.folder / "image"
    shutil.copytree(card, image)
    node.start()
    line.play(chance.uniform(0.6, 1.2))
    node.order(measures=False, asks=True)
    line.wait(lambda: node.is_done, "the node has nothing left before its card is put back")
    node.stop()
    newer = card.rename(node.plan.folder / "newer")
    image.rename(card)
    node.order(measures=True, asks=False)
    node.start()
    line.past_cards.append((node.name, newer))
    line.play(0.8)


def card_cloned(line: Line, chance: random.Random) -> None:
    """A copied card runs beside its original: both are kept apart, nothing is merged."""
    original = chance.choice(line.nodes)
    line.play(0.6)
    original.stop()
    folder = line.folder / "nodes" / f"{original.name}-clone"
    shutil.copytree(original.plan.folder, folder)
    plan = replace(original.plan, folder=folder)
    twin = Node(plan, line.folder / f"{original.name}-clone.log")
    twin.orders = dict(original.orders)
    line.nodes.append(twin)
    for one in (original, twin):
        one.start()
    line.play(chance.uniform(1.5, 2.5))
    for one in (original, twin):  # one after the other: the broker lets only one of them stay
        one.order(measures=False, asks=True)
        other = twin if one is original else original
        other.halt()
        line.wait(lambda one=one: one.is_done, "each of two cards is heard alone")
        one.stop()
        other.go_on()
    line.nodes.remove(twin)
    line.past_cards.append((original.name, folder / "card"))
    line.past_truths.append((original.name, folder / "truth"))


def wall_clock_steps(line: Line, chance: random.Random) -> None:
    """The wall clock jumps by an hour, ten years, and back."""
    for moved in (-HOUR_S, HOUR_S, -10 * YEAR_S, 10 * YEAR_S, 0):
        for node in chance.sample(line.nodes, 2):
            node.order(wall_moved_s=moved)
        line.play(chance.uniform(0.4, 0.7))


def time_comes_late(line: Line, chance: random.Random) -> None:
    """A node boots without any time, and learns it later: what it kept is placed then."""
    for node in line.nodes:
        node.stop()
        node.order(boot=2, is_synchronised=False)
        node.start()
    line.play(chance.uniform(1.0, 2.0))
    for node in line.nodes:
        node.order(is_synchronised=True)
    line.play(1.0)


def time_never_comes(line: Line, chance: random.Random) -> None:
    """A boot that never learns the time: kept, never judged, never in the view."""
    node = chance.choice(line.nodes)
    node.stop()
    node.order(boot=2, is_synchronised=False)
    node.start()
    line.play(chance.uniform(2.0, 3.0))
    node.stop()
    node.order(boot=3, is_synchronised=True)
    node.start()
    line.play(0.5)


def server_clock_jumps(line: Line, chance: random.Random) -> None:
    """The clock of the server jumps a day ahead and back."""
    clock = line.config.state.clock
    for ahead in (86_400.0, 0.0, -86_400.0, 0.0):
        line.play(chance.uniform(0.4, 0.9))
        clock.with_suffix(".new").write_text(f"{ahead:.3f}", encoding="ascii")
        clock.with_suffix(".new").replace(clock)
    line.play(0.5)


def flood(line: Line, chance: random.Random) -> None:
    """One node speaks as often as it can; the others stay heard."""
    flooder, *others = line.nodes
    flooder.order(round_seconds=0.0)
    before = [node.state().get("round", 0) for node in others]
    line.play(chance.uniform(2.0, 3.0))
    flooder.order(round_seconds=0.12)
    grown = [
        node.state().get("round", 0) > rounds for node, rounds in zip(others, before, strict=True)
    ]
    line.claim("the other nodes go on measuring", all(grown))


def overload(line: Line, chance: random.Random) -> None:
    """All nodes speak five times as fast while ingest stands still now and then."""
    for node in line.nodes:
        node.order(round_seconds=0.024)
    for _ in range(3):
        line.play(chance.uniform(0.3, 0.6))
        line.stages["ingest"].halt()
        line.play(chance.uniform(0.2, 0.5))
        line.stages["ingest"].go_on()
    for node in line.nodes:
        node.order(round_seconds=0.12)


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
