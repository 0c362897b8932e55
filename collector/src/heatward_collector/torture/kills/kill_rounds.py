"""Many kills of one line in a row: each process by its own thread, at any moment and at named
points, all of them at once; the books are checked once everybody lives again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from heatward_collector.cases.store import CaseStore
from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.core.suppression import Finding
from heatward_collector.registry import Registry, open_registry
from heatward_collector.torture.faults.case_faults import are_known, for_the_officer, outage
from heatward_collector.torture.faults.process_faults import CRASH_SECONDS, add_alerts
from heatward_collector.torture.line import crash_points
from heatward_collector.torture.line.crash_points import CrashPoint
from heatward_collector.torture.line.line import Line
from heatward_collector.torture.line.processes import Stage

LINE_KILLS = {"ingest": 20, "view": 4, "evaluate": 4, "node": 4, "broker": 4, "store": 4}
"""How often each is killed in one run of K1: in 50 runs ingest a thousand times, each other 200."""
OFFICE_KILLS = {"cases": 10, "notify": 10}
"""The same for K2, whose processes sleep most of the time: 20 runs make 200 of each."""
SIDE_KILLS = {"seal": 10, "watch": 10, "web": 10, "display": 10}
"""The same for K3: what runs beside the way of a reading."""
OUTWARD_KILLS = {"outdoor": 10, "timestamp": 10, "enrolment": 10}
"""The same for K4: what speaks with others than nodes and people."""
KILL_RUNS = {"K1": 50, "K2": 20, "K3": 20, "K4": 20}
POINTS: Mapping[str, Sequence[CrashPoint]] = {
    "ingest": crash_points.INGEST,
    "view": crash_points.VIEW,
    "evaluate": crash_points.EVALUATE,
    "cases": crash_points.CASES,
    "notify": crash_points.NOTIFY,
    "watch": crash_points.WATCH,
    "display": crash_points.DISPLAY,
    "outdoor": crash_points.OUTDOOR,
    "timestamp": crash_points.TIMESTAMP,
    "enrolment": crash_points.ENROLMENT,
}
AT_ANY_MOMENT = 0.5
"""Share of kills that wait for no named point."""
IN_THE_BEGINNING = 0.2
"""Share of these that do not even wait until the process has begun its work."""
LONGEST_LIFE, LONGEST_DEATH = 0.6, 0.3
"""How long one lives before a kill at any moment, and how long a server is gone. [s]"""
KILL_SECONDS = 10.0
"""A run lasts so much longer for each kill of the process that is killed most often. [s]"""
LATER_CALLS = {
    "ingest": 3,
    "view": 3,
    "evaluate": 2,
    "cases": 1,
    "notify": 3,
    "watch": 1,
    "display": 3,
    "outdoor": 1,
    "timestamp": 1,
    "enrolment": 2,
}
"""A named point counts at its first call or one of the next, so many in all: as many as there are
soon after a process has begun."""
DAY_S = 86_400
News = Callable[[str], None]
Death = Callable[[random.Random], None]
"""Lets a process live and kills it, where that is not done as for all others."""
ROUND_SECONDS = 0.4
"""Nodes measure less often than in other faults: this run is longer. [s]"""


def line_killed(line: Line, chance: random.Random) -> None:
    """Everything on a reading's way dies again and again, until its share of kills is reached."""
    for node in line.nodes:
        node.order(round_seconds=ROUND_SECONDS)
    all_at_once(line, chance, LINE_KILLS)


def office_killed(line: Line, chance: random.Random) -> None:
    """Cases and notifier die again and again, while findings and alerts come in."""
    for node in line.nodes:
        node.order(round_seconds=ROUND_SECONDS)
    with closing(open_registry(line.config)) as registry:
        office = _Office(line, registry)
        all_at_once(line, chance, OFFICE_KILLS, office.news)
        line.allowed_doubles += line.stages["notify"].kills
        cases = CaseStore(registry.database)
        line.give_time(KILL_SECONDS * OFFICE_KILLS["cases"])
        with closing(FindingStore(line.config.state.findings)) as findings:
            line.wait(lambda: are_known(cases, findings), "every finding has a case")
        line.messages = sorted({*line.messages, *for_the_officer(registry)})
    line.give_time(KILL_SECONDS * OFFICE_KILLS["notify"])


class _Office:
    """What there is to do for those who are killed."""

    def __init__(self, line: Line, registry: Registry) -> None:
        self._line, self._registry = line, registry
        self._buildings = sorted(registry.directory().tables["building"])
        self._began_s = int(time.time())
        self._said: list[Finding] = []

    def news(self, name: str) -> None:
        """Give one of them something to do."""
        if name == "notify":
            add_alerts(self._line)
            return
        number, began_s = len(self._said), self._began_s
        building = self._buildings[number % len(self._buildings)]
        self._said.append(outage(self._registry, building, began_s - 7_200 + number))
        with closing(FindingStore(self._line.config.state.findings)) as findings:
            span = began_s - DAY_S, began_s + DAY_S
            findings.record(self._said, span, int(time.time()), 0)


def all_at_once(
    line: Line,
    chance: random.Random,
    kills: Mapping[str, int],
    news: News = lambda name: None,
    deaths: Mapping[str, Death] | None = None,
) -> None:
    """Let a thread kill each process, and wait for all of them.

    ``news`` is called before each kill; ``deaths`` names processes that die in their own way.
    """
    line.give_time(KILL_SECONDS * max(kills.values()))
    own = {name: random.Random(chance.random()) for name in kills}
    with ThreadPoolExecutor(len(kills)) as pool:
        threads = [
            pool.submit(_killed, line, name, count, own[name], news, (deaths or {}).get(name))
            for name, count in kills.items()
        ]
        for thread in threads:
            thread.result()
    done = line.killed()
    for name, count in kills.items():
        times = done.get(f"killed_{name}", 0)
        line.claim(f"{name} was killed {times} times of {count}", times >= count)


def _killed(
    line: Line, name: str, count: int, chance: random.Random, news: News, death: Death | None
) -> None:
    for number in range(count):
        news(name)
        if death is not None:
            death(chance)
        elif name in line.stages:
            point = None if number == 0 else _some_point(name, chance)
            _stage_killed(line, line.stages[name], point, chance)
        elif name == "node":
            time.sleep(chance.uniform(0.0, LONGEST_LIFE))
            node = chance.choice(line.nodes)
            node.kill()
            node.start()
        else:
            server = line.broker if name == "broker" else line.store
            time.sleep(chance.uniform(0.0, LONGEST_LIFE))
            server.kill()
            time.sleep(chance.uniform(0.0, LONGEST_DEATH))
            server.start()
    if name in line.stages:
        line.stages[name].start()
        line.wait(line.stages[name].is_ready, f"{name} is back after {count} kills")


def _some_point(name: str, chance: random.Random) -> CrashPoint | None:
    """Return where a process dies next; None for any moment."""
    if name not in POINTS or chance.random() < AT_ANY_MOMENT:
        return None
    point = chance.choice(POINTS[name])
    return point.at(point.call + chance.randrange(LATER_CALLS[name]))


def _stage_killed(
    line: Line, stage: Stage, point: CrashPoint | None, chance: random.Random
) -> None:
    """End one life of a process; it is not begun again here."""
    if point is not None:
        stage.start(point)
        if not stage.wait_for_end(line.patience * CRASH_SECONDS):
            stage.kill()  # it did not come to this point so often: die where it is
        return
    stage.start()
    if chance.random() >= IN_THE_BEGINNING:
        line.wait(stage.is_ready, f"{stage.name} is back after a kill")
    time.sleep(chance.uniform(0.0, LONGEST_LIFE))
    stage.kill()
