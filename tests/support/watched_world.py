"""Some winter days of the sample district, with heat that stays away, and an evaluation that looks.

One reading a home and quarter of an hour; rooms are quiet, so that what happens is what was put in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.conclusions.findings import FindingStore, SaidFinding
from heatward_collector.core.suppression import Level
from heatward_collector.evaluation.evaluation import Evaluation
from heatward_collector.evaluation.heat_network import network_of
from heatward_collector.evaluation.midnights import Midnights
from heatward_collector.evaluation.suppression_watch import SuppressionWatch
from heatward_node.reading import Record
from support.evidence import OUTDOORS, PaperNode
from support.judged_world import DAY, HOUR, START, JudgedWorld

STEP_S = 900
DAYS = 6
STOP = (4 * 24 - 1.5, 4 * 24 + 4.5)
"""Hours after the begin of the first day: the fourth night, 22:30 to 04:30. Before three days are
over nobody knows what is usual."""
STOPPED = "ss-jiangpan"
LOSS_PER_HOUR = 0.012
"""What a room loses of its distance to the outdoors without heat. [1/h]"""
FROST = -22.0


class WatchedWorld(JudgedWorld):
    """A judged world whose evaluation watches for suppressed heating."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._epoch = 0

    def restart(self) -> None:
        """Begin again as a new process would."""
        super().restart()
        self.findings = FindingStore(self.folder / "findings.sqlite")
        self.watch = SuppressionWatch(
            self.follower,
            self.window,
            self.findings,
            Midnights(self.folder / "midnights"),
            self.standard,
        )
        self.evaluation = Evaluation(
            self.follower,
            self.window,
            self.verdicts,
            self.standard,
            lambda: self.now,
            self.watch,
        )

    def winter(
        self,
        hours: tuple[float, float] = (0, 24 * DAYS),
        stop: tuple[float, float] = STOP,
        homes: Sequence[str] | None = None,
    ) -> list[tuple[str, int, float]]:
        """Return (sensor, time, celsius) of homes and weather, in order of time."""
        directory = self.registry.directory()
        network = network_of(directory)
        place = network.places[Level.SUBSTATION].index(STOPPED)
        is_cut = dict(
            zip(network.homes, network.members(Level.SUBSTATION, place).tolist(), strict=True)
        )
        sensors: dict[str, str] = {}
        for row in directory.assignments():
            point = directory.point_index.get(row["target"])
            if point is not None and directory.points[point].home:
                sensors.setdefault(directory.points[point].home, row["sensor"])
        time_s = START + STEP_S * np.arange(int(hours[0] * 4), int(hours[1] * 4))
        chosen = [home for home in network.homes if homes is None or home in homes]
        values = {
            sensors[home]: _room(home, time_s, stop if is_cut[home] else None) for home in chosen
        }
        values[OUTDOORS] = np.full(len(time_s), FROST)
        return [
            (sensor, when, float(celsius[index]))
            for index, when in enumerate(time_s.tolist())
            for sensor, celsius in values.items()
        ]

    def hear(self, readings: Iterable[tuple[str, int, float]]) -> None:
        """Let readings arrive as one batch, from a node of their own."""
        self._epoch += 1
        node = PaperNode(self._epoch)
        records: list[Record] = [node.read(*reading) for reading in readings]
        self.arrive(node, records)

    def until(self, hours: float) -> None:
        """Set the clock to some hours after the begin of the first day."""
        self.now = float(START + hours * HOUR)

    def said(self) -> list[SaidFinding]:
        """Return what is said now, in order of time."""
        found = [one for one in self.findings.latest() if not one.is_withdrawn]
        return sorted(found, key=lambda one: one.id)

    def days(self) -> list[date]:
        """Return the local days of the winter."""
        return [DAY + timedelta(days=number) for number in range(DAYS)]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.standard.timezone)


def _room(home: str, time_s: np.ndarray, stop: tuple[float, float] | None) -> np.ndarray:
    number = int(home[1:])
    hour = (time_s - START) / HOUR
    level = 21.5 + 0.2 * (number % 7)
    celsius = level + 0.15 * np.sin((hour + number) / 24 * 2 * np.pi)
    celsius += 0.02 * np.sin(hour * (2.1 + number / 50))
    if stop is not None:
        without = np.clip(hour - stop[0], 0, stop[1] - stop[0])
        back = np.clip(hour - stop[1], 0, None)
        lost = 1 - np.exp(-LOSS_PER_HOUR * without)
        celsius -= (level - FROST) * lost * np.exp(-back / 3)
    return celsius
