"""How long the questions of pages take in the time series, beside the same rows asked plainly.

Three questions: the hourly means of a building's rooms for two days (the curve of its page), a
day of one room, and a day of every room (the comparison with the ledger). They are asked of the
embedded store and of a real InfluxDB through our stores; the limit is a select by the number of
the series on a plain SQLite connection, and InfluxQL over one plain HTTP connection whose answer
is not even decoded. Blocks of questions to us and to the limit alternate; medians of turns count.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from urllib.parse import urlencode

import numpy as np

from heatward_collector.bench.newer_influxdb import newer_influxd
from heatward_collector.bench.usage import Meter, Usage, summed
from heatward_collector.errors import HeatwardError
from heatward_collector.servers.influxdb import Influxd
from heatward_collector.servers.ports import HOST
from heatward_collector.servers.program import running
from heatward_collector.timeseries import EmbeddedStore, InfluxStore, Points, TimeSeries
from heatward_collector.timeseries.protocol import HOUR_S, ROOM, Series

ROOMS_A_BUILDING = 10
STEP_S = 300
"""How often a room is measured. [s]"""
DAY_S = 86_400
END_S = 1_767_225_600
START_S = END_S - 2 * DAY_S
"""As far back as the curve of a building's page goes. [s UTC]"""
DATABASE = "bench"
Tell = Callable[[str], None]
Ask = Callable[[int], Any]


class Question(NamedTuple):
    """One question, to us and to the limit; the argument is the number of a building or room."""

    name: str
    places: int
    """The argument lies below it."""
    ours: Ask
    limit: Ask
    ours_rows: Callable[[Any], int]
    limit_rows: Callable[[Any], int]


@dataclass(frozen=True, slots=True)
class Side:
    """What one side took; times are medians over turns."""

    p50_ms: float
    p99_ms: float
    usage: dict[str, Usage]
    """Of all turns together, by process; ``bench`` is the one that asks."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question in one store."""

    store: str
    question: str
    rows: int
    """Of one answer."""
    count: int
    """How often it was asked of each side, all turns together."""
    ours: Side
    limit: Side
    ratio: float
    """p50 of ours for one of the limit, median over turns."""


@dataclass(frozen=True, slots=True)
class QueryMeasured:
    """What came of it."""

    rooms: int
    points: int
    asked: list[Asked]

    def as_json(self) -> str:
        """Return everything as one line."""
        return json.dumps(asdict(self))


def measure(
    rooms: int, questions: int, turns: int, with_influxdb: bool, tell: Tell
) -> QueryMeasured:
    """Ask ``questions`` of each kind a turn. Raises HeatwardError where the rows differ."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heatward-bench-")))
        program = newer_influxd(with_influxdb, tell)
        embedded = EmbeddedStore(folder / "series.sqlite")
        points = _fill(embedded, rooms)
        plain = sqlite3.connect(folder / "series.sqlite")
        stack.callback(plain.close)
        asker = _Asker(questions, turns)
        asked = [
            asker.measure("embedded", question, {})
            for question in _questions(embedded, rooms, _SqliteLimit(plain))
        ]
        tell(f"embedded: {points:,} 读数 / readings")
        if program is not None:
            influxd = stack.enter_context(running(Influxd(folder, program)))
            store = InfluxStore(f"http://{HOST}:{influxd.port}", DATABASE, timeout_s=60)
            stack.callback(store.close)
            store.create_database()
            _fill(store, rooms)
            tell(f"influxdb: {points:,} 读数 / readings")
            link = http.client.HTTPConnection(HOST, influxd.port, timeout=60)
            stack.callback(link.close)
            asked += [
                asker.measure("influxdb", question, {"influxd": influxd.pid})
                for question in _questions(store, rooms, _InfluxLimit(link))
            ]
        return QueryMeasured(rooms, points, asked)


class _Asker:
    """Asks both sides the same, in blocks that alternate."""

    def __init__(self, count: int, turns: int) -> None:
        self._count = count
        self._turns = turns

    def measure(self, store: str, question: Question, pids: dict[str, int]) -> Asked:
        rows = question.ours_rows(question.ours(0))
        plain = question.limit_rows(question.limit(0))
        if rows != plain or not rows:
            raise HeatwardError(f"{store}, {question.name}: {rows} rows here, {plain} plainly")
        chance = random.Random(1)
        pids = {"bench": os.getpid(), **pids}
        # A day of everything is hundreds of times as long: a few are enough.
        count = self._count if question.places > 1 else max(1, self._count // 50)
        taken: tuple[list[list[float]], list[list[float]]] = ([], [])
        usage: tuple[list[dict[str, Usage]], list[dict[str, Usage]]] = ([], [])
        for turn in range(self._turns):
            places = [chance.randrange(question.places) for _ in range(count)]
            for side in (0, 1) if turn % 2 == 0 else (1, 0):
                with Meter(pids) as meter:
                    taken[side].append(_times((question.ours, question.limit)[side], places))
                usage[side].append(meter.usage)
        sides = [_side(*both) for both in zip(taken, usage, strict=True)]
        ratio = median(
            median(ours) / median(limit) for ours, limit in zip(taken[0], taken[1], strict=True)
        )
        return Asked(store, question.name, rows, count * self._turns, sides[0], sides[1], ratio)


def _times(ask: Ask, places: Sequence[int]) -> list[float]:
    """Return how long each answer took. [ms]"""
    times = []
    for place in places:
        began = time.perf_counter()
        ask(place)
        times.append(1000 * (time.perf_counter() - began))
    return times


def _side(turns: Sequence[Sequence[float]], usage: Sequence[dict[str, Usage]]) -> Side:
    p50, p99 = (median(float(np.percentile(turn, at)) for turn in turns) for at in (50, 99))
    return Side(p50, p99, {name: summed(one[name] for one in usage) for name in usage[0]})


class _SqliteLimit:
    """Rows by the number of their series: nothing to look up, nothing to turn into arrays."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        number = "SELECT CAST(substr(room, 2) AS INTEGER), id FROM series"
        self._series: dict[int, int] = dict(connection.execute(number).fetchall())

    def building(self, building: int) -> Any:
        series = [self._series[room] for room in _rooms_of(building)]
        return self._connection.execute(
            f"SELECT series, time_s / {HOUR_S}, avg(celsius) FROM point "
            f"WHERE series IN ({', '.join('?' * len(series))}) AND time_s >= ? AND time_s < ? "
            "GROUP BY series, time_s / 3600",
            (*series, START_S, END_S),
        ).fetchall()

    def room(self, room: int) -> Any:
        return self._connection.execute(
            "SELECT time_s, celsius FROM point WHERE series = ? AND time_s >= ? AND time_s < ?",
            (self._series[room], END_S - DAY_S, END_S),
        ).fetchall()

    def day(self, _: int) -> Any:
        return self._connection.execute(
            "SELECT series, time_s, celsius FROM point WHERE time_s >= ? AND time_s < ?",
            (END_S - DAY_S, END_S),
        ).fetchall()

    def rows(self, answer: Any) -> int:
        return len(answer)


class _InfluxLimit:
    """InfluxQL over one connection that stays open; the answer is read, not decoded."""

    def __init__(self, link: http.client.HTTPConnection) -> None:
        self._link = link

    def building(self, building: int) -> bytes:
        return self._query(
            f'SELECT mean("celsius") FROM "{ROOM}" WHERE "building" = \'b{building:05d}\' AND '
            f'time >= {START_S}s AND time < {END_S}s GROUP BY time(1h), "room" fill(none)'
        )

    def room(self, room: int) -> bytes:
        return self._query(
            f'SELECT "celsius" FROM "{ROOM}" WHERE "room" = \'{_room(room)}\' AND '
            f"time >= {END_S - DAY_S}s AND time < {END_S}s"
        )

    def day(self, _: int) -> bytes:
        return self._query(
            f'SELECT "celsius" FROM "{ROOM}" WHERE time >= {END_S - DAY_S}s AND '
            f'time < {END_S}s GROUP BY "room", "sensor"'
        )

    def rows(self, answer: bytes) -> int:
        series = json.loads(answer)["results"][0].get("series", [])
        return sum(len(one["values"]) for one in series)

    def _query(self, query: str) -> bytes:
        self._link.request("GET", f"/query?{urlencode({'db': DATABASE, 'q': query, 'epoch': 's'})}")
        response = self._link.getresponse()
        answer = response.read()
        if response.status != 200:
            raise HeatwardError(f"InfluxDB answers {response.status}: {answer[:200]!r}")
        return answer


def _questions(
    store: TimeSeries, rooms: int, limit: _SqliteLimit | _InfluxLimit
) -> Iterator[Question]:
    def curve(building: int) -> Any:
        return store.hourly([_room(room) for room in _rooms_of(building)], START_S, END_S)

    def room_day(room: int) -> Any:
        return store.room(_room(room), END_S - DAY_S, END_S)

    def whole_day(_: int) -> Any:
        return store.stored(END_S - DAY_S, END_S)

    buildings = rooms // ROOMS_A_BUILDING
    yield Question("curve", buildings, curve, limit.building, _finite, limit.rows)
    yield Question("room day", rooms, room_day, limit.room, lambda at: len(at[0]), limit.rows)
    yield Question("whole day", 1, whole_day, limit.day, lambda at: len(at.time_s), limit.rows)


def _finite(hourly: Any) -> int:
    return int(np.isfinite(hourly).sum())


def _fill(store: TimeSeries, rooms: int) -> int:
    """Write two days of every room, building by building; return how many readings."""
    times = np.arange(START_S, END_S, STEP_S)
    for building in range(rooms // ROOMS_A_BUILDING):
        numbers = _rooms_of(building)
        series = [
            Series(ROOM, "d1", "s1", f"b{building:05d}", f"h{room // 2}", _room(room), f"28-{room}")
            for room in numbers
        ]
        index = np.repeat(np.arange(len(numbers), dtype=np.int32), len(times))
        time_s = np.tile(times, len(numbers))
        celsius = (328 + 12 * np.sin(time_s / 14_000 + index)).astype(np.int16) / 16
        store.write(Points(series, index, time_s, celsius))
    return len(times) * (rooms // ROOMS_A_BUILDING) * ROOMS_A_BUILDING


def _rooms_of(building: int) -> range:
    return range(building * ROOMS_A_BUILDING, (building + 1) * ROOMS_A_BUILDING)


def _room(number: int) -> str:
    return f"r{number}"
