"""Kills of what speaks with others than nodes and people: weather, outside timestamps, cards.

Whatever one of them was in the middle of is done whole in a later life, or was not begun.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from cryptography import x509

from heatward_collector.enrolment.service import open_office
from heatward_collector.errors import TimestampRefused
from heatward_collector.ledger.verify import verify
from heatward_collector.outdoor.temperatures import OutdoorStore
from heatward_collector.registry import open_registry
from heatward_collector.servers.ports import HOST
from heatward_collector.timestamps.stamp import check as check_timestamp
from heatward_collector.timestamps.stamp import head_of, load_authorities
from heatward_collector.torture.kills.kill_rounds import OUTWARD_KILLS as KILLS
from heatward_collector.torture.kills.kill_rounds import ROUND_SECONDS, all_at_once
from heatward_collector.torture.line.line import Line
from heatward_collector.torture.line.sample_town import DISTRICT
from heatward_node.enrolment import Enroller, Enrolment
from heatward_node.errors import EnrolmentRefused
from heatward_node.publisher import Identity

MADE_ANEW = 0.3
"""Share of cards that are made for a node that has one already."""
CARD_SECONDS = 20.0
TRY_AGAIN_S = 0.05
TORN = "answer"
"""What a card says of an answer of which it got a part: it asks again."""


def outward_killed(line: Line, chance: random.Random) -> None:
    """All three die again and again, while readings come in and cards want certificates."""
    for node in line.nodes:
        node.order(round_seconds=ROUND_SECONDS)
    cards = _Cards(line, random.Random(chance.random()))

    def news(name: str) -> None:
        if name == "enrolment":
            cards.flash()

    all_at_once(line, chance, KILLS, news)
    line.give_time(CARD_SECONDS)
    line.wait(cards.are_done, "every card has its certificate")
    for words in cards.refusals:
        line.claim(words, False)


def nothing_is_half_done(line: Line) -> None:
    """What each of them keeps is whole, and is what the other side gave."""
    _weather_is_kept(line)
    _timestamps_hold(line)
    _certificates_are_in_the_book(line)


class _Card(threading.Thread):
    """A card that asks for its certificate until it has one."""

    def __init__(self, line: Line, node: str, number: int, code: str) -> None:
        super().__init__(daemon=True)
        self.node, self.folder = node, line.folder / "cards" / f"{number:03d}-{node}"
        self.folder.mkdir(parents=True)
        (self.folder / "code.txt").write_text(f"{code}\n")
        settings = line.config.enrolment
        url = f"https://{HOST}:{settings.nodes_port}"
        self._enroller = Enroller(
            Enrolment(url, self.folder / "code.txt", self.folder),
            Identity(DISTRICT, node),
            settings.directory / "ca.pem",
        )
        self.refusal = ""

    def run(self) -> None:
        """Ask again and again, as a node does, only sooner."""
        while not self._enroller.is_enrolled:
            try:
                self._enroller.step()
            except EnrolmentRefused as error:
                if error.reason != TORN:
                    self.refusal = error.reason
                    return
            except OSError:
                time.sleep(TRY_AGAIN_S)


class _Cards:
    """Cards of many nodes, some of which get a second one."""

    def __init__(self, line: Line, chance: random.Random) -> None:
        self._line, self._chance = line, chance
        self._cards: list[_Card] = []

    def flash(self) -> None:
        """Make a card with a fresh code, and let it come to the door."""
        asking = {one.node for one in self._cards if one.is_alive()}
        done = [one.node for one in self._cards if one.node not in asking]
        number = len(self._cards)
        is_second = bool(done) and self._chance.random() < MADE_ANEW
        node = self._chance.choice(done) if is_second else f"card{number:03d}"
        office = open_office(self._line.config)
        with closing(office.book):
            code = office.issue_code(node)
        self._cards.append(_Card(self._line, node, number, code))
        self._cards[-1].start()

    def are_done(self) -> bool:
        """Say whether none is asking any more."""
        return not any(one.is_alive() for one in self._cards)

    @property
    def refusals(self) -> list[str]:
        """Return what was refused to whom, though every code was good."""
        return [f"{one.node} was refused: {one.refusal}" for one in self._cards if one.refusal]


def _weather_is_kept(line: Line) -> None:
    weather = line.surroundings.weather
    if weather is None or not weather.answers:
        line.claim("the weather service was asked", False)
        return
    with closing(open_registry(line.config)) as registry:
        kept = OutdoorStore(registry).values(DISTRICT, 0, 2**40)
    last = weather.answers[-1]
    held = {value.time_s: value.celsius for value in kept if value.time_s in last}
    line.claim("the last answer about the weather is kept whole", held == last)
    known = {pair for answer in weather.answers for pair in answer.items()}
    strange = [value for value in kept if (value.time_s, value.celsius) not in known]
    line.claim(f"no temperature is kept that nobody said: {strange[:3]}", not strange)


def _timestamps_hold(line: Line) -> None:
    ca_file = line.config.timestamp.ca_file
    statements = sorted(line.config.state.timestamps.glob("*.txt"))
    line.claim(f"{len(statements)} timestamps are kept", len(statements) > 0)
    witnesses: dict[int, bytes] = {}
    for path in statements:
        head = head_of(path.read_bytes())
        if head is None or ca_file is None:
            line.claim(f"{path.name} names a head", False)
            continue
        witnesses[head.batch] = bytes.fromhex(head.digest)
        try:
            answer = path.with_suffix(".tsr").read_bytes()
            check_timestamp(path.read_bytes(), answer, load_authorities(ca_file.read_bytes()))
        except (OSError, TimestampRefused) as error:
            line.claim(f"{path.name} holds: {error}", False)
    found = verify(line.config.state.ledger, witnesses).alteration
    line.claim(f"every head that was stamped is in the ledger: {found}", found is None)


def _certificates_are_in_the_book(line: Line) -> None:
    office = open_office(line.config)
    with closing(office.book) as book:
        newest = dict(_certificates(line.folder / "cards"))
        line.claim(f"{len(newest)} nodes have a certificate", len(newest) > 0)
        for node, pem in newest.items():
            valid = [one.pem for one in book.certificates(node) if one.revoked_s is None]
            line.claim(f"{node}: one certificate counts, the one on its card", valid == [pem])
        line.claim(f"every code is used up, but {book.waiting()}", not book.waiting())
        shut_out = {int(one.serial, 16) for one in book.revoked()}
    listed = x509.load_pem_x509_crl((line.config.enrolment.broker / "crl.pem").read_bytes())
    told = {one.serial_number for one in listed}
    line.claim("the broker is told of every key that was replaced", told == shut_out)


def _certificates(folder: Path) -> Iterator[tuple[str, str]]:
    """Return node and certificate of every card, in the order in which they were made."""
    for card in sorted(folder.iterdir()):
        yield card.name.partition("-")[2], (card / "certificate.pem").read_text()
