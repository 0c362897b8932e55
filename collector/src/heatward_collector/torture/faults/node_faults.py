"""Faults of nodes: cards, clocks, sensors, too much of everything."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace

from heatward_collector.torture.line.line import Line
from heatward_collector.torture.line.processes import Node
from heatward_collector.torture.line.truth import Held
from heatward_collector.whole_file import put_whole

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
    line.play(chance.uniform(0.2, 0.8))
    for node in hit:
        line.wait(lambda one=node: not one.is_running, f"{node.name} says that it cannot begin")
        line.disks[node.name].make_read_only(False)
        node.start()
    line.play(0.6)


def card_rots(line: Line, chance: random.Random) -> None:
    """Pages of a card are zeroed and bits flipped; the rest is sent, what is lost is named."""
    line.play(0.8)
    line.stages["ingest"].halt()  # so that what rots is nowhere else
    for node in line.nodes:
        node.order(round_seconds=0.03)
    line.play(1.2)
    for node in chance.sample(line.nodes, 2):
        node.kill()
        for name in ("journal.sqlite", "journal.sqlite-wal"):
            file = node.plan.folder / "card" / name
            if file.exists() and file.stat().st_size:
                file.write_bytes(rotten(file.read_bytes(), chance))
        node.start()
    line.stages["ingest"].go_on()
    for node in line.nodes:
        node.order(round_seconds=0.12)
    line.play(0.8)


def rot_is_named(line: Line) -> None:
    """What was destroyed is missing by its numbers, or a journal was set aside and says so."""
    cards = [card for _, card in line.cards()]
    is_aside = any(list(card.glob("*.bad*")) for card in cards)
    named = Held.by(line.reader).names_lost()
    line.claim(
        f"rot is noticed: {named} numbers named, set aside: {is_aside}", named > 0 or is_aside
    )


def rotten(data: bytes, chance: random.Random) -> bytes:
    """Return what is left of a file once some bits have flipped and one page has become zeros."""
    after = bytearray(data)
    for _ in range(3):
        at = chance.randrange(len(after))
        after[at] ^= 1 << chance.randrange(8)
    page = chance.randrange(len(after) // PAGE_BYTES + 1) * PAGE_BYTES
    after[page : page + PAGE_BYTES] = bytes(len(after[page : page + PAGE_BYTES]))
    return bytes(after)


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
        put_whole(clock, f"{ahead:.3f}")
    line.play(0.5)


def flood(line: Line, chance: random.Random) -> None:
    """One node speaks as often as it can; what others measure meanwhile reaches the ledger."""
    flooder, *others = line.nodes
    flooder.order(round_seconds=0.0)
    line.play(chance.uniform(1.0, 2.0))
    measured = {node.name: node.state().get("round", 0) for node in others}

    def heard() -> bool:
        newest = Held.by(line.reader).newest_rounds()
        return all(newest.get(name, 0) >= number for name, number in measured.items())

    line.wait(heard, "the other nodes are heard during the flood")
    line.claim("the flood lasted until then", flooder.is_running)
    flooder.order(round_seconds=0.12)


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
