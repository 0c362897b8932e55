"""Kills of what runs beside the way of a reading: sealing, watch, pages and Grafana's database.

Every other kill finds a day that is over, so that sealing is really at work when it dies. Killed is
the process alone, whose child then goes on as an orphan beside the next one, or both.
"""

from __future__ import annotations

import os
import random
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from heatward_collector.canary import CANARY_NODE
from heatward_collector.ledger import day_file
from heatward_collector.ledger.seal import due
from heatward_collector.ledger.sealed_day import SEALING, sealed_days
from heatward_collector.running.event_clock import DemoClock
from heatward_collector.running.status import read_status
from heatward_collector.torture.kills.kill_rounds import (
    DAY_S,
    LONGEST_LIFE,
    ROUND_SECONDS,
    all_at_once,
)
from heatward_collector.torture.kills.kill_rounds import SIDE_KILLS as KILLS
from heatward_collector.torture.line.line import Line

DAYS_MOVED = 2
"""How far the collector's clock goes ahead before each kill of sealing: the day before is due."""
LONGEST_BEGINNING = 1.5
"""How long a seal process lives where nobody waits until its child is at work. [s]"""
ANSWER_SECONDS = 30.0
SEAL_SECONDS = 20.0
"""A child that seals has to import what it needs first. [s]"""


def side_killed(line: Line, chance: random.Random) -> None:
    """Everything beside the way dies again and again, while days pass and readings come in."""
    for node in line.nodes:
        node.order(round_seconds=ROUND_SECONDS)
    line.past_cards.append((CANARY_NODE, line.config.state.directory / "watch"))
    sealing = _Sealing(line)
    all_at_once(line, chance, KILLS, deaths={"seal": sealing.dies})
    line.give_time(SEAL_SECONDS)
    line.wait(lambda: not sealing.waiting(), "every day that is over is sealed")
    line.give_time(ANSWER_SECONDS)
    line.wait(answers(line.config.web.port), "the pages answer")


def days_are_sealed(line: Line) -> None:
    """Days were sealed, and none was refused."""
    sealed = len(sealed_days(line.config.state.ledger))
    line.claim(f"{sealed} days are sealed", sealed > 0)
    status = read_status(line.config.state.status, "seal") or {}
    line.claim(f"no sealing was refused: {status.get('faults')}", not status.get("faults"))


def answers(port: int) -> Callable[[], bool]:
    """Return a condition: somebody answers a request for the first page."""

    def does_answer() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=ANSWER_SECONDS) as got:
                return bool(got.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    return does_answer


class _Sealing:
    """The sealing of a line, and days that end for it."""

    def __init__(self, line: Line) -> None:
        self._line, self._stage = line, line.stages["seal"]
        self._ledger = line.config.state.ledger
        self._clock = DemoClock(line.config.state.clock)

    def dies(self, chance: random.Random) -> None:
        """Let a day end, and sealing die at some moment after it began with it."""
        self._let_days_pass()
        self._stage.kill()  # it looks once a minute, and at once in a new life
        self._stage.start()
        self._line.give_time(SEAL_SECONDS)
        if chance.random() < 0.5:
            self._line.wait(self._is_at_work, "sealing has begun")
            time.sleep(chance.uniform(0.0, LONGEST_LIFE))
        else:
            time.sleep(chance.uniform(0.0, LONGEST_BEGINNING))
        children = _children(self._stage.pid)
        self._stage.kill()
        if chance.random() < 0.5:
            self._stage.start()  # beside the orphan
            return
        for one in children:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)

    def waiting(self) -> list[Path]:
        """Return the days that are to be sealed."""
        after_s = 3600 * self._line.config.ledger.seal_after_hours
        return due(self._ledger, self._clock.now(), after_s)

    def _let_days_pass(self) -> None:
        self._clock.move_to(self._clock.now() + DAYS_MOVED * DAY_S)
        today = day_file.day_path(self._ledger, self._clock.now())
        self._line.wait(lambda: _is_begun(today), "readings came on a new day")

    def _is_at_work(self) -> bool:
        return any(self._ledger.glob(f"*{SEALING}")) or not self.waiting()


def _is_begun(path: Path) -> bool:
    return path.exists() and day_file.is_begun(path)


def _children(pid: int) -> list[int]:
    """Return what a process has started and not yet seen end."""
    with suppress(FileNotFoundError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []
