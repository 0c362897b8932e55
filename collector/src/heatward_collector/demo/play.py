"""The demo: some days played in seconds through the whole line, then live at the same pace as life.

Event time ends at now: the last played reading is the newest one that a real node would have sent.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from heatward_collector.demo.district import STEP_S, raw_temperatures, temperatures, weather
from heatward_collector.registry import Directory, Registry, spreadsheets
from heatward_collector.replay.balance import Balance, take_balance
from heatward_collector.replay.fleet import Fleet, NodePlan, Track
from heatward_collector.replay.line import Line
from heatward_node.publisher import Identity

LIVE_DAYS = 3
"""How far ahead the invented weather reaches; then it is invented anew."""
PUMP_SECONDS = 0.5
SAMPLE = Path(spreadsheets.__file__).with_name("sample")

Say = Callable[[str], None]


@dataclass(slots=True)
class Demo:
    """One demo district over a running line."""

    line: Line
    directory: Directory
    days: int
    seed: int
    folder: Path

    def run(self, progress: Callable[[int, int], None]) -> tuple[Fleet, Balance, float]:
        """Play the days; return the fleet for going on, the counts, and the seconds it took."""
        began = time.monotonic()
        now = int(time.time()) // STEP_S * STEP_S
        steps = self.days * 86_400 // STEP_S
        fleet = Fleet(self._plans(now - (steps - 1) * STEP_S, steps), self.line.broker, self.folder)
        fleet.play(progress)
        fleet.drain()
        self.line.settle()
        return fleet, take_balance(self.line.config, fleet.sent), time.monotonic() - began

    def live(self, fleet: Fleet, is_stopped: Callable[[], bool]) -> None:
        """Go on measuring every five minutes until stopped."""
        plans: list[NodePlan] = []
        end = 0
        done = int(time.time()) // STEP_S * STEP_S
        while not is_stopped():
            now = int(time.time()) // STEP_S * STEP_S
            if now > done:
                if now >= end:
                    plans = self._plans(now, LIVE_DAYS * 86_400 // STEP_S)
                    start, end = now, now + LIVE_DAYS * 86_400
                for index, plan in enumerate(plans):
                    step = (now - start) // STEP_S
                    raw = {track.rom: int(track.raw[step]) for track in plan.tracks}
                    fleet.play_round(index, now, raw)
                done = now
            fleet.pump()
            time.sleep(PUMP_SECONDS)

    def _plans(self, start_s: int, steps: int) -> list[NodePlan]:
        outdoor = weather(start_s, steps, self.seed)
        points = range(len(self.directory.points))
        raw = raw_temperatures(temperatures(self.directory, outdoor, points, self.seed))
        tracks: dict[str, list[Track]] = {}
        for row in self.directory.assignments():
            point = self.directory.point_index.get(row["target"])
            if point is None:
                continue  # a sensor on the bench is nobody's room: not part of the demo
            rom = self.directory.rom(row["sensor"])
            tracks.setdefault(row["node"], []).append(Track(rom, outdoor.time_s, raw[:, point]))
        district = self.directory.tables["node"]
        return [
            NodePlan(Identity(district[node]["district"], node), tracks[node])
            for node in sorted(tracks)
        ]


def prepare(folder: Path, registry: Registry) -> Directory:
    """Fill a registry with the sample district."""
    folder.mkdir(parents=True, exist_ok=True)
    spreadsheets.import_folder(registry, SAMPLE)
    return registry.directory()


def clean(folder: Path) -> None:
    """Remove an earlier demo's state: its readings are no evidence."""
    if folder.exists():
        shutil.rmtree(folder)
