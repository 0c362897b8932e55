"""A home's recorded days judged again from the readings in the ledger: is every figure the same?"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.config import Config
from heatward_collector.evaluation.judging import judge_day
from heatward_collector.evaluation.older_days import grid_from_ledger, groups
from heatward_collector.ledger import LedgerReader
from heatward_collector.readings.follow import Follower
from heatward_collector.refund.books import Books
from heatward_collector.refund.measured import room_verdicts
from heatward_collector.registry import open_registry


@dataclass(frozen=True, slots=True)
class Recomputed:
    """One recorded verdict on a room's day, and what the readings say now."""

    recorded: DayVerdict
    again: DayVerdict | None
    """None where the ledger has no reading of that room and day."""

    @property
    def is_same(self) -> bool:
        """Whether verdict, rule and every figure agree."""
        if self.again is None:
            return False
        mine = self.recorded.verdict, self.recorded.rule, self.recorded.facts
        return mine == (self.again.verdict, self.again.rule, self.again.facts)


def recompute(
    config: Config, books: Books, home: str, season: tuple[date, date], now_s: float
) -> list[Recomputed]:
    """Judge every recorded day of a home's rooms again, from the ledger as it is now.

    What the evaluation knows of clocks is copied, so that nothing of it is disturbed.
    """
    rooms = [key for key, row in books.directory.tables["room"].items() if row["home"] == home]
    recorded = [one for one in room_verdicts(books, rooms, *season) if not one.provisional]
    registry = open_registry(config)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "follower.sqlite"
        _copy(config.state.directory / "evaluate.sqlite", path)
        reader = LedgerReader(config.state.ledger)
        follower = Follower(path, reader, registry, config.mqtt.district)
        again = {
            (one.place, one.day): one
            for one in _judged(follower, books, sorted({one.day for one in recorded}), now_s)
        }
        follower.reader.close()
        follower.close()
    registry.close()
    return [Recomputed(one, again.get((one.place, one.day))) for one in recorded]


def _judged(
    follower: Follower, books: Books, days: Sequence[date], now_s: float
) -> Iterator[DayVerdict]:
    for group in groups(days, len(follower.directory.points)):
        grid_of = grid_from_ledger(follower, group, books.zone)
        for day in group:
            for one in judge_day(follower.directory, books.standard, day, grid_of, now_s):
                if one.level == "room":
                    yield one


def _copy(source: Path, target: Path) -> None:
    """Copy a database while somebody writes to it."""
    if not source.exists():
        return
    held = sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)
    copy = sqlite3.connect(target)
    held.backup(copy)
    copy.close()
    held.close()
