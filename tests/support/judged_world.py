"""A small world for what judges: the sample district, nodes on paper, an evaluation by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from heatward_collector.conclusions.verdicts import DayVerdict, VerdictStore
from heatward_collector.core.standard import Standard
from heatward_collector.evaluation.evaluation import Evaluation
from heatward_collector.evaluation.window import Window
from heatward_collector.ledger import LedgerReader, LedgerWriter
from heatward_collector.readings.follow import Follower
from heatward_collector.registry import Registry, spreadsheets
from heatward_collector.rules import load_standard
from heatward_node.reading import Record
from heatward_node.wire import Pack
from support.evidence import DISTRICT, SAMPLE, T0, PaperNode

DAY = date(2026, 1, 2)
START = T0 + 16 * 3600
"""When that day begins in Harbin."""
HOUR = 3600


def day_of_readings(
    node: PaperNode, sensor: str, celsius: float, hours: Iterable[float] = range(24), **more: Any
) -> list[Record]:
    """Return the readings of some hours of the day, one every five minutes."""
    return [
        node.read(sensor, int(START + hour * HOUR) + minute * 60, celsius, **more)
        for hour in hours
        for minute in range(0, 60, 5)
    ]


class JudgedWorld:
    """Ledger, registry, window and verdicts in one folder; ``now`` is set by the test."""

    def __init__(self, folder: Path, standard: Standard | None = None) -> None:
        self.folder = folder
        self.now = float(START + 25 * HOUR)
        self.ledger = LedgerWriter(folder / "ledger", lambda: self.now)
        self.registry = Registry(f"sqlite:///{folder / 'registry.sqlite'}")
        spreadsheets.import_folder(self.registry, SAMPLE)
        self.standard = standard or load_standard("harbin")
        self.verdicts = VerdictStore(folder / "verdicts.sqlite")
        self.restart()

    def restart(self) -> None:
        """Begin again as a new process would after a kill; the first time simply begin."""
        reader = LedgerReader(self.folder / "ledger")
        self.follower = Follower(self.folder / "evaluate.sqlite", reader, self.registry)
        points = [point.id for point in self.follower.directory.points]
        self.window = Window(self.folder / "window", points)
        self.evaluation = Evaluation(
            self.follower, self.window, self.verdicts, self.standard, lambda: self.now
        )

    def arrive(self, node: PaperNode, records: Iterable[Record]) -> None:
        """Let records of a node arrive and be committed as one batch."""
        self.ledger.offer(DISTRICT, node.node, Pack(node.epoch, False, list(records)))
        assert self.ledger.commit() is not None

    def judge(self) -> int:
        """Follow to the end and judge; return how many verdicts are new or changed."""
        for _ in range(50):
            if not self.evaluation.step():
                return self.evaluation.judge()
        raise AssertionError("the evaluation does not come to an end")

    def verdict(self, place: str, level: str = "room", day: date = DAY) -> DayVerdict:
        """Return the newest revision of a verdict."""
        found = self.verdicts.latest(level, place, day)
        assert found is not None, f"no verdict on {level} {place}"
        return found

    def all_verdicts(self, day: date = DAY) -> dict[tuple[str, str], tuple[str, dict[str, Any]]]:
        """Return every newest verdict of a day with its facts."""
        return {
            (level, place): (verdict.verdict, verdict.facts)
            for level in ("room", "home", "building")
            for place, verdict in self.verdicts.of_day(level, day).items()
        }
