"""The collector on virtual time: real session, ledger, view and evaluation, each killed alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

from heatward_collector.conclusions.verdicts import DayVerdict, VerdictStore
from heatward_collector.config import Config
from heatward_collector.evaluation.evaluation import Evaluation
from heatward_collector.evaluation.window import Window
from heatward_collector.ingest.messages import Message
from heatward_collector.ingest.quarantine import Quarantine
from heatward_collector.ingest.session import Session
from heatward_collector.ledger import LedgerReader, LedgerWriter
from heatward_collector.ledger.seal import due, seal
from heatward_collector.readings.follow import Follower
from heatward_collector.registry import Registry
from heatward_collector.rules import load_standard
from heatward_collector.timeseries import open_timeseries
from heatward_collector.timeseries.process import View
from heatward_collector.torture.books.invariants import newest_verdicts
from heatward_collector.torture.virtual_days.virtual_nodes import VirtualNode

MOST_EXCHANGES = 60
VIEW_SHARE = 0.05
"""Of steps after which the view looks: it is some steps behind, as after a busy hour."""
GATHERED = (1, 6, 12)
"""So many steps may pass between two commits, by the seed: what comes close together is a batch."""


class VirtualCollector:
    """Processes of the collector with everything that a kill takes away."""

    def __init__(
        self, config: Config, registry: Registry, now: Callable[[], float], chance: random.Random
    ) -> None:
        self._config, self._registry, self._now, self._chance = config, registry, now, chance
        self._standard = load_standard(config.rules.city, None)
        self._gathered = chance.choice(GATHERED)
        self._begin_ingest()
        self._begin_followers()

    def exchange(self, nodes: dict[str, VirtualNode], step: int | None = None) -> None:
        """Let nodes and collector speak until nobody has anything to say; in ``step`` once."""
        commits = step is None or step % self._gathered == 0
        for _ in range(MOST_EXCHANGES):
            spoke = any([node.speak() for node in nodes.values()])
            for node in nodes.values():
                while node.way.up:
                    topic, payload = node.way.up.popleft()
                    self._session.take(Message(topic, payload, False, 1, 1, 1))
            if not commits or not self._session.waiting:
                if not spoke:
                    return
                continue
            for answer in self._session.commit().answers:
                nodes[answer.topic].hear(answer.topic, answer.payload)

    def follow(self, judges: bool) -> None:
        """Let the view see some of what is new, and the evaluation all of it where it judges."""
        if self._chance.random() < VIEW_SHARE:
            self._view.step()
        if judges:
            self.judge()

    def judge(self) -> None:
        """Let the evaluation see all and judge."""
        while self._evaluation.step():
            continue
        self._evaluation.judge()

    def seal(self) -> None:
        """Close the books of days that are over, as the seal process does."""
        after_s = 3600 * self._config.ledger.seal_after_hours
        for path in due(self._config.state.ledger, self._now(), after_s):
            seal(path)

    def settle(self) -> None:
        """Let everybody catch up."""
        while self._view.step():
            continue
        self.judge()

    def verdicts(self) -> dict[tuple[str, str, date], DayVerdict]:
        """Return every newest verdict, as the evaluation wrote it on its way."""
        return newest_verdicts(self._verdicts)

    def kill_ingest(self) -> None:
        """End ingest; what it has not committed is gone."""
        self._ledger.close()
        self._session._repeats._reader.close()
        self._quarantine.close()
        self._begin_ingest()

    def kill_followers(self) -> None:
        """End view and evaluation."""
        self._end_followers()
        self._begin_followers()

    def close(self) -> None:
        """Close every file."""
        self._end_followers()
        self._ledger.close()
        self._quarantine.close()

    def _begin_ingest(self) -> None:
        self._ledger = LedgerWriter(self._config.state.ledger, self._now)
        self._quarantine = Quarantine(self._config.state.quarantine, self._now)
        self._session = Session(self._ledger, self._quarantine)

    def _begin_followers(self) -> None:
        config = self._config
        self.store = open_timeseries(config)
        followers = [
            Follower(
                config.state.directory / name, LedgerReader(config.state.ledger), self._registry
            )
            for name in ("view.sqlite", "evaluate.sqlite")
        ]
        self._followers = followers
        self._view = View(followers[0], self.store)
        points = [point.id for point in followers[1].directory.points]
        self._verdicts = VerdictStore(config.state.verdicts)
        window = Window(config.state.window, points)
        self._evaluation = Evaluation(
            followers[1], window, self._verdicts, self._standard, self._now
        )

    def _end_followers(self) -> None:
        for follower in self._followers:
            follower.close()
            follower.reader.close()  # a season's files are hundreds, and its kills as well
        self._verdicts.close()
