"""Cases and messages on virtual time: the real watch, secretary, outbox and notifier.

Findings are drawn from the seed, for three days hold too little to detect any; rooms that stay
cold make cases by their verdicts. A look or a sending may die anywhere within its transaction.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from heatward_collector.alerts.channel import Answer
from heatward_collector.alerts.message import Message, Stage
from heatward_collector.alerts.outbox import Outbox
from heatward_collector.alerts.sender import Notifier
from heatward_collector.alerts.tables import outbox as outbox_table
from heatward_collector.cases.notify import written_into_cases
from heatward_collector.cases.secretary import Secretary
from heatward_collector.cases.store import CaseChange, CaseStore
from heatward_collector.cases.watch import CaseWatch
from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.conclusions.verdicts import VerdictStore
from heatward_collector.config import Config
from heatward_collector.core.cases import Case, Event
from heatward_collector.core.suppression import Certainty, Finding, Kind, Level
from heatward_collector.local_days import day_of
from heatward_collector.registry import Registry
from heatward_collector.rules import load_standard
from heatward_collector.rules.deadlines import load_deadlines
from heatward_collector.torture.books.case_books import case_problems

GATEWAY = "gateway"
ADDRESS = "https://heatward.invalid"
KINDS = (Kind.OUTAGE, Kind.NIGHT_INTERRUPTION, Kind.THROTTLING)
LONGEST_PAUSE_S = 3_600
MOST_SENDINGS = 200


@dataclass(frozen=True, slots=True)
class Mishaps:
    """Shares of what goes wrong between a finding and its reader, drawn anew for each seed."""

    refused: float
    """Of attempts that the receiver answers with an error."""
    killed: float
    """Of looks and sendings that die on the way."""
    finding: float
    """Of steps in which the detector says something."""

    @classmethod
    def drawn(cls, chance: random.Random) -> Mishaps:
        """Return a mix."""
        return cls(
            refused=0.6 * chance.random() ** 2,
            killed=0.3 * chance.random() ** 2,
            finding=0.04 * chance.random(),
        )


class Died(Exception):  # noqa: N818 (no error of anything: a process that is gone)
    """What takes the place of a kill in the middle of a transaction."""


class MortalSecretary(Secretary):
    """A secretary of a process that may die before or after a message is put."""

    dies_in = 0
    """At which telling from now it dies; 0 where it lives. Even numbers: afterwards."""

    def tell(
        self, change: CaseChange, before: Case | None, case: Case, event: Event, now_s: float
    ) -> int:
        """Tell, unless it dies."""
        if self.dies_in == 1:
            raise Died
        put = super().tell(change, before, case, event, now_s)
        if self.dies_in == 2:
            raise Died
        self.dies_in = max(0, self.dies_in - 2)
        return put


class Receiver:
    """Takes messages, or refuses them, as the seed says."""

    def __init__(self, chance: random.Random, refused: float) -> None:
        self.taken: Counter[str] = Counter()
        self.is_sound = False
        self._chance, self._refused = chance, refused

    def send(self, message: Message) -> Answer:
        """Answer one attempt."""
        if not self.is_sound and self._chance.random() < self._refused:
            return Answer(False, "503")
        self.taken[message.id] += 1
        return Answer(True, "200")


class VirtualOffice:
    """Everything behind the verdicts."""

    def __init__(
        self,
        config: Config,
        registry: Registry,
        now: Callable[[], float],
        seed: int,
    ) -> None:
        self._config, self._registry, self._now = config, registry, now
        self._chance = random.Random(f"office {seed}")
        self._mishaps = Mishaps.drawn(self._chance)
        self._standard = load_standard(config.rules.city, None)
        self._secretary = MortalSecretary(
            registry, self._standard, load_deadlines(config.rules.city), ADDRESS
        )
        self._said: list[Finding] = []
        self._began_s = int(now())
        self._receiver = Receiver(random.Random(f"receiver {seed}"), self._mishaps.refused)
        self.kills = 0
        self.doubles_allowed = 0
        self._cases = CaseStore(registry.database)
        self._begin()

    def find(self) -> None:
        """Let the detector say, lengthen, end or withdraw something, now and then."""
        chance, now_s = self._chance, int(self._now())
        if chance.random() >= self._mishaps.finding:
            return
        fate = chance.random()
        if not self._said or fate < 0.4:
            self._said.append(self._finding(now_s))
        else:
            number = chance.randrange(len(self._said))
            if fate < 0.55:
                del self._said[number]
            else:
                one = self._said[number]
                ended = now_s if one.end_s is None and fate < 0.8 else one.end_s
                certainty = chance.choice((Certainty.HIGH, Certainty.LOW, Certainty.UNDETERMINED))
                self._said[number] = replace(one, end_s=ended, certainty=certainty)
        self._findings.record(self._said, (self._began_s - 86_400, now_s + 1), now_s, 0)

    def work(self) -> None:
        """Look at what is new, and send what is due; both may die."""
        self._look(self._chance.random() < self._mishaps.killed)
        self._send(self._chance.random() < self._mishaps.killed)

    def settle(self) -> None:
        """Do all that is left, with nothing in the way."""
        self._receiver.is_sound = True
        self._look(False)
        self._send(False)

    def problems(self) -> list[str]:
        """Return what is not as it must be, once everything is settled."""
        found = case_problems(self._registry.database, self._secretary, self._findings.latest())
        with self._registry.database.snapshot() as connection:
            rows = connection.execute(outbox_table.select()).all()
        sent = {row.id for row in rows if row.channel == GATEWAY and row.stage == Stage.SENT.value}
        taken = self._receiver.taken
        doubles = taken.total() - len(taken)
        found += [f"marked as sent, and never arrived: {one}" for one in sorted(sent - {*taken})]
        found += [f"arrived, and nobody put it: {one}" for one in {*taken} - {r.id for r in rows}]
        late = self._now() - LONGEST_PAUSE_S
        found += [
            f"still waits: {row.id}"
            for row in rows
            if row.stage == Stage.WAITING.value and row.due_s < late
        ]
        if doubles > self.doubles_allowed:
            found.append(f"{doubles} messages came twice, {self.doubles_allowed} may")
        return found

    def close(self) -> None:
        """Close every file."""
        self._findings.close()
        self._verdicts.close()

    def figures(self) -> tuple[int, int]:
        """Return how many cases were opened, and how many messages reached the receiver."""
        return self._cases.figures().opened, len(self._receiver.taken)

    def _begin(self) -> None:
        """Begin the lives of both processes."""
        self._findings = FindingStore(self._config.state.findings)
        self._verdicts = VerdictStore(self._config.state.verdicts)
        self._secretary.dies_in = 0
        self._watch = CaseWatch(
            self._cases,
            self._findings,
            self._verdicts,
            self._registry,
            self._secretary,
            self._standard,
            self._now,
        )
        self._begin_notifier()

    def _begin_notifier(self) -> None:
        self._notifier = Notifier(
            Outbox(self._registry.database),
            {GATEWAY: self._receiver},
            lambda: self._secretary.office().recipients,
            lambda: self._secretary.office().names,
            self._now,
            lambda: day_of(self._now(), self._secretary.zone),
            written_into_cases,
            fold_every_s=0,
        )

    def _look(self, dies: bool) -> None:
        self._secretary.dies_in = self._chance.randrange(1, 7) if dies else 0
        try:
            self._watch.look()
        except Died:
            self.kills += 1
            self.close()
            self._begin()
        self._secretary.dies_in = 0

    def _send(self, dies: bool) -> None:
        lives = self._chance.randrange(1, 5) if dies else MOST_SENDINGS
        for _ in range(lives):
            moved = self._notifier.step()
            while self._notifier.busy and not self._has_answered():
                time.sleep(0)
            if not moved and not self._notifier.busy:
                return
        if dies:  # what has arrived by now is marked by nobody
            self.kills += 1
            self.doubles_allowed += self._notifier.busy
            self._begin_notifier()

    def _has_answered(self) -> bool:
        return all(not one.thread.is_alive() for one in self._notifier._attempts.values())

    def _finding(self, now_s: int) -> Finding:
        directory = self._registry.directory()
        homes = self._chance.sample(sorted(directory.tables["home"]), 2)
        level = self._chance.choice((Level.BUILDING, Level.SOURCE))
        places = sorted(directory.tables[level.value])
        building = sorted(directory.tables["building"])[0]
        begun = now_s - self._chance.randrange(3_600, 20_000)
        return Finding(
            self._chance.choice(KINDS),
            level,
            self._chance.choice(places),
            begun,
            None,
            now_s,
            Certainty.HIGH,
            (building,),
            tuple(homes),
            len(homes),
            0,
            "virtual",
            evidence={"median_celsius": self._chance.uniform(8.0, 18.0)},
        )


def needs_contact(registry: Registry) -> None:
    """Let one officer be told by the receiver; everybody else reads the inbox."""
    person = {"person": "p-officer-1", "rank": 1, "from_day": None, "to_day": None}
    registry.put({"contact": [person | {"channel": GATEWAY, "language": "zh"}]})
