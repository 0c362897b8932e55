"""The demo: some days played in seconds through the whole line, then live at the same pace as life.

Event time ends at now: the last played reading is the newest one that a real node would have sent.
What somebody asks for at ``/demo`` is played ahead, and the demo's clock goes with it.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.core import Celsius
from heatward_collector.demo.deeds import effects_of, is_unplugged, planned
from heatward_collector.demo.rooms import STEP_S, WEAK_SOURCE, Effects, Rooms
from heatward_collector.demo.weather import outdoor_celsius
from heatward_collector.demo_desk import Deed, DemoDesk, Done, finished
from heatward_collector.registry import Directory, Registry, spreadsheets
from heatward_collector.replay.balance import Balance, take_balance
from heatward_collector.replay.fleet import Fleet, NodePlan, Track
from heatward_collector.replay.line import Line
from heatward_collector.replay.recordings import nearest_sixteenth
from heatward_collector.rules import load_standard
from heatward_collector.running.event_clock import DemoClock
from heatward_node.publisher import Identity

PUMP_SECONDS = 0.5
SPEAK_STEPS = 24
"""While days are played, nodes speak every two hours of them: seldom enough that the broker is no
brake. Half an hour made three days take a quarter longer. [steps]"""
DEED_SPEAK_STEPS = 6
"""While a deed is played they speak every half hour, to be judged on the way. [steps]"""
STOPPED_FROM_S, STOPPED_TO_S = 15 * 3600, 20 * 3600 + 1800
"""A source's own stop, in seconds UTC of its day: 23:00 to 04:30 local time."""
LONG_DAYS, REMEDIED_DAYS = 9, 6
"""From so many days on a demo sees a second stop, so many days before its end. [d]"""
STRONG_SOURCE = "so-qingsong"
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
    _rooms: Rooms = field(init=False)
    _fleet: Fleet = field(init=False)
    _sensors: list[tuple[str, list[tuple[bytes, int]]]] = field(init=False)
    """Nodes, and of each the ROM and the point of its sensors."""
    _done_s: int = field(init=False)
    """The last step that was played. [s UTC]"""
    _celsius: Celsius = field(init=False)
    """What the sensors showed last while something was done, (points,). [degC]"""
    _clock: DemoClock = field(init=False)
    _desk: DemoDesk = field(init=False)
    _zone: ZoneInfo = field(init=False)

    def __post_init__(self) -> None:
        config = self.line.config
        self._rooms = Rooms(self.directory, self.seed)
        self._sensors = sorted(self._assigned().items())
        self._clock, self._desk = DemoClock(config.state.clock), DemoDesk(config)
        self._zone = ZoneInfo(load_standard(config.rules.city, config.rules.file).timezone)

    def run(self, progress: Callable[[int, int], None]) -> tuple[Fleet, Balance, float]:
        """Play the days; return the fleet for going on, the counts, and the seconds it took."""
        began = time.monotonic()
        now = int(time.time()) // STEP_S * STEP_S
        steps = self.days * 86_400 // STEP_S
        first = now - (steps - 1) * STEP_S
        self._done_s = first - STEP_S
        self._fleet = Fleet(self._plans(first), self.line.broker, self.folder)
        for until_s, stop in _own_stops(first, now):
            played = (self._done_s - first) // STEP_S + 1
            for step in self._play(until_s, stop):
                progress(played + step, steps)
        self._settle()
        return self._fleet, self._balance(), time.monotonic() - began

    def live(self, is_stopped: Callable[[], bool]) -> None:
        """Go on measuring every five minutes until stopped, and do what is asked for meanwhile."""
        self._desk.open()
        while not is_stopped():
            now = int(self._clock.now()) // STEP_S * STEP_S
            if now > self._done_s:
                for _ in self._play(now, None, speak_steps=1):
                    if is_stopped():
                        return
            asked = self._desk.take()
            if asked is not None:
                self.do(asked, is_stopped)
            self._fleet.pump()
            time.sleep(PUMP_SECONDS)

    def do(self, deed: Deed, is_stopped: Callable[[], bool] = lambda: False) -> Done:
        """Do a deed, play on until it can be judged, and note what came of it."""
        began = time.monotonic()
        number = self._desk.next_number()
        done = planned(deed, number, self._done_s, self.directory, self._zone)
        self._desk.note(done)
        steps = (done.seen_until_s - self._done_s) // STEP_S
        with self.line.paused("view" if deed is Deed.STOP_SERIES else None):
            for step in self._play(done.seen_until_s, done, DEED_SPEAK_STEPS, moves_clock=True):
                if is_stopped():
                    return done
                self._desk.note(replace(done, share=step / steps))
            self._fleet.drain()
            facts = self._shown(done) | self._facts(deed, "before")
        self._settle()
        facts |= self._facts(deed, "after")
        answered = finished(done, time.monotonic() - began, facts)
        self._desk.note(answered)
        return answered

    def _play(
        self,
        until_s: int,
        done: Done | None,
        speak_steps: int = SPEAK_STEPS,
        moves_clock: bool = False,
    ) -> Iterator[int]:
        """Play step after step until a time; yield how many are played whenever nodes spoke."""
        times = range(self._done_s + STEP_S, until_s + 1, STEP_S)
        outdoor = outdoor_celsius(np.array(times, np.int64), self.seed)
        nothing = Effects.nothing(len(self.directory.points))
        for step, (time_s, celsius) in enumerate(zip(times, outdoor.tolist(), strict=True), 1):
            effects = nothing if done is None else effects_of(done, self._rooms, time_s)
            self._measure(time_s, self._rooms.step(time_s, celsius, effects), done)
            self._done_s = time_s
            if step % speak_steps == 0 or step == len(times):
                if moves_clock:
                    self._clock.move_to(time_s + 1)
                self._fleet.pump()
                yield step

    def _measure(self, time_s: int, celsius: Celsius, done: Done | None) -> None:
        raw = nearest_sixteenth(celsius)
        if done is None or time_s <= done.to_s:
            self._celsius = raw / 16
        for index, (node, sensors) in enumerate(self._sensors):
            if done is None or not is_unplugged(done, node, time_s):
                shown = {rom: int(raw[point]) for rom, point in sensors}
                self._fleet.play_round(index, time_s, shown)

    def _settle(self) -> None:
        self._fleet.drain()
        self.line.settle()

    def _balance(self) -> Balance:
        return take_balance(self.line.config, self._fleet.sent)

    def _shown(self, done: Done) -> dict[str, float]:
        """Return what the sensor of a room shows in the end, where a deed is done to one."""
        point = self.directory.point_index.get(done.place)
        if point is None:
            return {}
        return {"shown_celsius": float(self._celsius[point])}

    def _facts(self, deed: Deed, moment: str) -> dict[str, float]:
        """Count ledger and series where the series was stopped; nothing otherwise."""
        if deed is not Deed.STOP_SERIES:
            return {}
        balance = self._balance()
        missing = balance.expected - balance.series
        return {f"ledger_{moment}": balance.ledger, f"missing_{moment}": missing}

    def _assigned(self) -> dict[str, list[tuple[bytes, int]]]:
        sensors: dict[str, list[tuple[bytes, int]]] = {}
        for row in self.directory.assignments():
            point = self.directory.point_index.get(row["target"])
            if point is not None:  # a sensor on the bench is nobody's room
                rom = self.directory.rom(row["sensor"])
                sensors.setdefault(row["node"], []).append((rom, point))
        return sensors

    def _plans(self, first_s: int) -> Sequence[NodePlan]:
        nodes, begin = self.directory.tables["node"], np.array([first_s], np.int64)
        return [
            NodePlan(
                Identity(nodes[node]["district"], node),
                [Track(rom, begin, np.zeros(1, np.int16)) for rom, _ in sensors],
            )
            for node, sensors in self._sensors
        ]


def _own_stops(first_s: int, last_s: int) -> list[tuple[int, Done]]:
    """Return what happens by itself in a demo: until when each stop is the one to come.

    The weak source stops in the second night, in hours that it has declared. A demo of a week or
    more sees the other source stop too, early enough to be remedied: a case that closes.
    """
    second_day = (first_s // 86_400 + 1) * 86_400
    weak = _night_stop(second_day, WEAK_SOURCE)
    if last_s - first_s < LONG_DAYS * 86_400:
        return [(last_s, weak)]
    later_day = (last_s // 86_400 - REMEDIED_DAYS) * 86_400
    return [(later_day, weak), (last_s, _night_stop(later_day, STRONG_SOURCE))]


def _night_stop(day_s: int, source: str) -> Done:
    start_s, end_s = day_s + STOPPED_FROM_S, day_s + STOPPED_TO_S
    return Done(0, Deed.STOP_AT_NIGHT, start_s, end_s, end_s, source)


def prepare(folder: Path, registry: Registry) -> Directory:
    """Fill a registry with the sample district."""
    folder.mkdir(parents=True, exist_ok=True)
    spreadsheets.import_folder(registry, SAMPLE)
    return registry.directory()


def clean(folder: Path) -> None:
    """Remove an earlier demo's state: its readings are no evidence."""
    if folder.exists():
        shutil.rmtree(folder)
