"""Several posts under way: in whatever order a server takes them, the series are the same."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import urllib3
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.errors import StoreAway, StoreMisconfigured
from heatward_collector.timeseries import InfluxStore, Points, influxdb
from heatward_collector.timeseries.influxdb import LINES_AT_ONCE, POSTS_AT_ONCE
from heatward_collector.timeseries.process import RefusedLines
from heatward_collector.timeseries.protocol import ROOM, Series
from support.evidence import BEDROOM, LIVING, T0, PaperNode, World
from support.influxdb import InfluxServer
from support.ports import HOST

LINE = re.compile(r".*,sensor=([^, ]+).* celsius=(\S+) (\d+)")
NO_CONTENT, AWAY = 204, 503
Answer = Callable[[str], int]
Stored = dict[tuple[str, int], float]


def series(count: int) -> list[Series]:
    return [Series(ROOM, "d1", "s1", "b1", "h1", f"r{at}", f"28-{at:012x}") for at in range(count)]


def some_points(count: int, sensors: int = 7) -> Points:
    """Return points of which no two are of one sensor and second."""
    at = np.arange(count)
    return Points(series(sensors), at % sensors, T0 + at // sensors, at / 16)


class PaperInfluxDB:
    """Takes lines at the moment of its answer, as a server does; what it refuses, it forgets."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._lock = threading.Lock()
        self.stored: Stored = {}
        self.begun = self.ended = self.most_under_way = 0

    def take(self, body: str) -> int:
        """Return the status for a body of lines."""
        with self._lock:
            self.begun += 1
            self.most_under_way = max(self.most_under_way, self.begun - self.ended)
        status = self._answer(body)
        with self._lock:
            if status == NO_CONTENT:
                for line in body.split("\n"):
                    sensor, celsius, time_s = LINE.fullmatch(line).groups()
                    self.stored[sensor, int(time_s)] = float(celsius)
            self.ended += 1
        return status


@contextmanager
def served(server: PaperInfluxDB) -> Iterator[str]:
    """Serve it; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:  # noqa: N802
            status = server.take(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    with listening(Handler) as url:
        yield url


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Listen with a thread a connection; yield the address."""
    server = ThreadingHTTPServer((HOST, 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_posts_are_under_way_together_and_never_more_than_named() -> None:
    together = threading.Barrier(POSTS_AT_ONCE, timeout=10)

    def all_at_once(_body: str) -> int:
        together.wait()  # breaks, and nothing is stored, where one waits for the other
        return NO_CONTENT

    server = PaperInfluxDB(all_at_once)
    with served(server) as url:
        store = InfluxStore(url, "heatward")
        store.write(some_points(2 * POSTS_AT_ONCE * LINES_AT_ONCE))
        store.close()
    assert server.most_under_way == POSTS_AT_ONCE
    assert len(server.stored) == 2 * POSTS_AT_ONCE * LINES_AT_ONCE


def test_what_fits_in_one_post_is_written_by_the_caller_alone() -> None:
    before = set(threading.enumerate())
    server = PaperInfluxDB(lambda _body: NO_CONTENT)
    with served(server) as url:
        store = InfluxStore(url, "heatward")
        store.write(some_points(LINES_AT_ONCE))
        begun = set(threading.enumerate()) - before
        store.close()
    assert server.begun == 1
    assert not [thread for thread in begun if thread.name.startswith("influxdb-post")]


@pytest.mark.parametrize(("status", "error"), [(AWAY, StoreAway), (401, StoreMisconfigured)])
@pytest.mark.parametrize("failing", range(POSTS_AT_ONCE + 2))
def test_nothing_is_under_way_once_a_post_among_several_has_failed(
    monkeypatch: pytest.MonkeyPatch, status: int, error: type[Exception], failing: int
) -> None:
    monkeypatch.setattr(influxdb, "LINES_AT_ONCE", 10)
    first_line = re.compile(rf" {T0 + failing * 10}$", re.MULTILINE)

    def late_or_failing(body: str) -> int:
        if first_line.search(body):
            return status
        time.sleep(0.05)
        return NO_CONTENT

    server = PaperInfluxDB(late_or_failing)
    with served(server) as url:
        store = InfluxStore(url, "heatward")
        with pytest.raises(error, match=str(status)):
            store.write(some_points(200, sensors=1))
        told = server.begun, server.ended
        time.sleep(0.1)
        assert (server.begun, server.ended) == told
        assert told[0] == told[1] < 20
        store.close()


@pytest.mark.parametrize("seed", range(8))
def test_the_later_of_one_second_stays_however_late_posts_are_and_whichever_fail(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(influxdb, "LINES_AT_ONCE", 5)
    chance = random.Random(seed)

    def some_late_and_some_failing(_body: str) -> int:
        time.sleep(chance.choice((0, 0, 0.002, 0.01)))
        return AWAY if chance.random() < 0.1 else NO_CONTENT

    server = PaperInfluxDB(some_late_and_some_failing)
    expected: Stored = {}
    failures = 0
    with served(server) as url:
        store = InfluxStore(url, "heatward")
        for _ in range(10):
            rows = [(chance.randrange(3), T0 + chance.randrange(12)) for _ in range(40)]
            celsius = [chance.randrange(400) / 16 for _ in rows]
            for (place, time_s), value in zip(rows, celsius, strict=True):
                expected[f"28-{place:012x}", time_s] = value
            index, time_s = np.array(rows).T
            while True:  # as the view does: its cursor stays until all of them are written
                try:
                    store.write(Points(series(3), index, time_s, np.array(celsius)))
                    break
                except StoreAway:
                    failures += 1
        store.close()
    assert server.stored == expected
    assert failures
    assert server.most_under_way > 1


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-3, 3), st.floats(0, 30)), max_size=30))
def test_points_without_the_replaced_are_the_last_of_each_in_their_order(
    rows: list[tuple[int, int, float]],
) -> None:
    index, time_s, celsius = (
        (np.array(column) for column in zip(*rows, strict=True))
        if rows
        else (np.empty(0, np.int64) for _ in range(3))
    )
    stay = Points(series(3), index, time_s, celsius).without_replaced()
    last = {row[:2]: place for place, row in enumerate(rows)}
    expected = [rows[place] for place in sorted(last.values())]
    columns = (stay.index.tolist(), stay.time_s.tolist(), stay.celsius.tolist())
    assert list(zip(*columns, strict=True)) == expected


def test_refused_lines_of_posts_under_way_are_put_aside_by_the_caller(
    influxdb_18: InfluxServer, tmp_path: Path
) -> None:
    influxdb_18.start()
    refused = RefusedLines(tmp_path / "refused.sqlite")  # which only one thread may use
    store = InfluxStore(influxdb_18.url, "refused_of_several", refuse=refused.add)
    store.create_database()
    points = some_points(3 * LINES_AT_ONCE)
    bad = [1, LINES_AT_ONCE - 1, LINES_AT_ONCE, 2 * LINES_AT_ONCE + 77]
    points.celsius[bad] = np.nan
    store.write(points)
    named = {(line.split("sensor=")[1][:15], int(line.split()[-1])) for line, _ in refused.lines()}
    assert named == {(f"28-{at % 7:012x}", T0 + at // 7) for at in bad}
    stored = store.stored(T0, T0 + 3 * LINES_AT_ONCE)
    assert len(stored.time_s) == len(points) - len(bad)
    store.close()


@contextmanager
def unreliable_way_to(server: InfluxServer, seed: int) -> Iterator[str]:
    """Stand before a server: posts of lines arrive late, and some are answered by a failure.

    Of these some have been passed on, and some have not.
    """
    chance, pool = random.Random(seed), urllib3.PoolManager(maxsize=8)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:  # noqa: N802
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fate = chance.random() if "/write" in self.path else 1.0
            if fate < 0.4:
                time.sleep(chance.choice((0.002, 0.01)))
            if fate < 0.1:
                self._say(AWAY, b"")
                return
            answer = pool.request(self.command, f"{server.url}{self.path}", body=body)
            self._say(AWAY if fate < 0.2 else answer.status, answer.data)

        do_GET = do_POST  # noqa: N815

        def _say(self, status: int, data: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(data) if status != NO_CONTENT else 0))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            return

    with listening(Handler) as url:
        yield url


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("restarts", [False, True])
def test_a_view_over_an_unreliable_way_is_equal_in_the_end(
    influxdb_18: InfluxServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    restarts: bool,
) -> None:
    monkeypatch.setattr(influxdb, "LINES_AT_ONCE", 4)
    influxdb_18.start()
    with unreliable_way_to(influxdb_18, seed) as url:
        store = InfluxStore(url, f"unreliable_{seed}_{restarts}")
        store.create_database()
        world = World(tmp_path, store)
        failures = 0

        def follow() -> None:
            nonlocal failures
            for _ in range(300):
                try:
                    return world.follow()
                except StoreAway:
                    failures += 1
                    if restarts:
                        world.follower.close()
                        world.restart_view()
            raise AssertionError("the view does not come to an end")

        first, second = PaperNode(1), PaperNode(2, boot_id=b"c" * 16)
        world.arrive(first, [first.boot(), first.read(BEDROOM, T0 + 5, 17, synchronised=False)])
        world.arrive(second, [second.boot()])
        for part in range(4):
            for node, celsius in ((first, 19.0), (second, 22.0)):  # two cards with one second
                seconds = range(T0 + 600 * part, T0 + 600 * part + 300, 20)
                world.arrive(node, [node.read(LIVING, s, celsius + part) for s in seconds])
            follow()
        world.arrive(first, [first.fix(T0 + 3_600)])  # deletes, and writes again
        (row,) = [row for row in world.registry.rows("assignment") if row["sensor"] == LIVING]
        world.registry.put({"assignment": [{**row, "to_s": T0 + 900}]})
        follow()
        assert world.assert_even().found == 31
        assert failures
        store.close()
