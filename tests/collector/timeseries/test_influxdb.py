"""What InfluxDB refuses, and what happens then: put aside, halve, wait, or call somebody."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import urllib3

from heatward_collector.errors import StoreAway, StoreMisconfigured
from heatward_collector.timeseries import InfluxStore, Points, line_protocol
from heatward_collector.timeseries.influxdb import LINES_AT_ONCE
from heatward_collector.timeseries.protocol import CANARY, OUTDOOR, ROOM, Series
from support.influxdb import PASSWORD, USER, VERSIONS, InfluxServer, running_influxdb
from support.ports import HOST, free_port

T0 = 1_767_225_600
SERIES = Series(ROOM, "d1", "s1", "b1", "h1", "r1", "28-0000000000a1")


def lines(count: int, start: int = 0) -> list[str]:
    return [
        f"{ROOM},room=r1,sensor=28-0000000000a1 celsius=20.5 {T0 + step}"
        for step in range(start, start + count)
    ]


def points(count: int) -> Points:
    time_s = T0 + np.arange(count, dtype=np.int64)
    return Points([SERIES], np.zeros(count, np.int32), time_s, np.full(count, 20.5))


class Refused:
    """Lines that were put aside, with the server's reason."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.reasons: list[str] = []

    def __call__(self, line: str, reason: str) -> None:
        self.lines.append(line)
        self.reasons.append(reason)


@contextmanager
def fresh_store(server: InfluxServer, **options) -> Iterator[tuple[InfluxStore, Refused]]:
    refused = Refused()
    store = InfluxStore(server.url, f"t{secrets.token_hex(6)}", refuse=refused, **options)
    store.create_database()
    try:
        yield store, refused
    finally:
        store.close()


@pytest.mark.parametrize(
    "bad",
    [
        f'{ROOM},room=r1,sensor=28-0000000000a1 celsius="warm" {T0 + 5000}',
        f"{ROOM},room=r1,sensor=28-0000000000a1 celsius=NaN {T0 + 5000}",
        "this is no line",
    ],
    ids=["another type", "not a number", "unparsable"],
)
@pytest.mark.parametrize("position", [0, 37, 99])
def test_one_bad_line_is_put_aside_and_the_others_are_stored(
    influxdb: InfluxServer, bad: str, position: int
) -> None:
    with fresh_store(influxdb) as (store, refused):
        store.write_lines(lines(1, start=-1))
        good = lines(99)
        store.write_lines([*good[:position], bad, *good[position:]])
        assert refused.lines == [bad]
        assert refused.reasons[0]
        assert len(store.stored(T0, T0 + 1000).time_s) == 99


def test_several_bad_lines_are_each_named(influxdb: InfluxServer) -> None:
    with fresh_store(influxdb) as (store, refused):
        bad = [f"broken {number}" for number in range(3)]
        mixed = lines(50)
        for place, line in zip((3, 20, 49), bad, strict=True):
            mixed.insert(place, line)
        store.write_lines(mixed)
        assert sorted(refused.lines) == bad
        assert len(store.stored(T0, T0 + 1000).time_s) == 50


def test_a_missing_database_is_a_matter_for_somebody(influxdb: InfluxServer) -> None:
    store = InfluxStore(influxdb.url, "never-created")
    with pytest.raises(StoreMisconfigured, match="never-created"):
        store.write(points(1))
    with pytest.raises(StoreMisconfigured):
        store.room("r1", 0, 2**31)
    store.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_credentials_are_checked_for_writing_and_reading(version: str) -> None:
    with running_influxdb(version, authentication=True) as server:
        _make_administrator(server)
        with fresh_store(server, username=USER, password=PASSWORD) as (store, refused):
            store.write(points(3))
            assert len(store.room("r1", 0, 2**31)[0]) == 3
            assert refused.lines == []
            wrong = InfluxStore(server.url, store._database, username=USER, password="wrong")
            with pytest.raises(StoreMisconfigured, match="401"):
                wrong.write(points(1))
            with pytest.raises(StoreMisconfigured, match="401"):
                wrong.room("r1", 0, 2**31)
            nobody = InfluxStore(server.url, store._database)
            with pytest.raises(StoreMisconfigured, match="401"):
                nobody.write(points(1))


def test_a_stopped_server_is_away_and_takes_points_again_when_it_is_back(
    influxdb: InfluxServer,
) -> None:
    with fresh_store(influxdb) as (store, refused):
        store.write(points(5))
        influxdb.stop()
        with pytest.raises(StoreAway):
            store.write(points(10))
        with pytest.raises(StoreAway):
            store.room("r1", 0, 2**31)
        with pytest.raises(StoreAway):
            store.delete(SERIES.sensor, 0, 2**31)
        influxdb.start()
        store.write(points(10))
        assert len(store.room("r1", 0, 2**31)[0]) == 10
        assert refused.lines == []


def test_what_was_written_survives_a_killed_server(influxdb: InfluxServer) -> None:
    with fresh_store(influxdb) as (store, _):
        store.write(points(1_000))
        influxdb.kill()
        influxdb.start()
        assert len(store.room("r1", 0, 2**31)[0]) == 1_000


def test_a_server_that_is_nowhere_is_away() -> None:
    store = InfluxStore(f"http://{HOST}:{free_port()}", "heatward")
    with pytest.raises(StoreAway, match="cannot be reached"):
        store.write(points(1))
    with pytest.raises(StoreAway, match="cannot be reached"):
        store.create_database()


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_away_and_nothing_is_put_aside(status: int) -> None:
    with scripted_server(lambda body: status) as (url, bodies):
        refused = Refused()
        store = InfluxStore(url, "heatward", refuse=refused)
        with pytest.raises(StoreAway, match=str(status)):
            store.write_lines(lines(10))
        assert refused.lines == []
        assert len(bodies) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_server_that_will_not_have_us_is_a_matter_for_somebody(status: int) -> None:
    with scripted_server(lambda body: status) as (url, bodies):
        refused = Refused()
        store = InfluxStore(url, "heatward", refuse=refused)
        with pytest.raises(StoreMisconfigured, match=str(status)):
            store.write_lines(lines(10))
        assert refused.lines == []
        assert len(bodies) == 1


def test_too_much_at_once_is_halved_until_it_fits() -> None:
    most = len("\n".join(lines(20)))
    with scripted_server(lambda body: 413 if len(body) > most else 204) as (url, bodies):
        refused = Refused()
        store = InfluxStore(url, "heatward", refuse=refused)
        store.write_lines(lines(100))
        assert refused.lines == []
        taken = [line for body in bodies if len(body) <= most for line in body.split("\n")]
        assert taken == lines(100)


def test_a_line_that_is_too_much_alone_is_put_aside() -> None:
    with scripted_server(lambda body: 413 if "celsius=99" in body else 204) as (url, _):
        refused = Refused()
        store = InfluxStore(url, "heatward", refuse=refused)
        bad = f"{ROOM},room=r1,sensor=x celsius=99 {T0}"
        store.write_lines([*lines(5), bad])
        assert refused.lines == [bad]


def test_version_two_says_422_for_a_partial_write() -> None:
    with scripted_server(lambda body: 422 if "bad" in body else 204) as (url, bodies):
        refused = Refused()
        store = InfluxStore(url, "heatward", token="t", organization="o", refuse=refused)
        store.write_lines([*lines(30), "bad", *lines(30, start=30)])
        assert refused.lines == ["bad"]
        taken = {line for body in bodies if "bad" not in body for line in body.split("\n")}
        assert taken == set(lines(60))


@pytest.mark.parametrize(
    "series",
    [
        SERIES,
        Series(OUTDOOR, "d1", "s1", "", "", "roof", "28-1"),
        Series(CANARY, *[""] * 5, "28-2"),
    ],
)
def test_a_line_names_its_tags_in_their_order(series: Series) -> None:
    with scripted_server(lambda _body: 204) as (url, bodies):
        store = InfluxStore(url, "heatward")
        store.write(Points([series], np.zeros(1, np.int32), np.array([T0]), np.array([20.5])))
    head, value, time_s = bodies[0].split(" ")
    measurement, *tags = head.split(",")
    assert (measurement, value, time_s) == (series.measurement, "celsius=20.5", str(T0))
    assert tags == sorted(tags)
    given = zip(Series._fields[1:], series[1:], strict=True)
    assert set(tags) == {f"{name}={value}" for name, value in given if value}


def test_every_temperature_is_written_as_it_is_however_many_differ(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line_protocol, "MOST_TEXTS", 3)
    celsius = np.array([20.0625, -7.3125, 20.0625, 19.0 + 1e-9, 85.0, 0.1 + 0.2, -7.3125])
    with scripted_server(lambda _body: 204) as (url, bodies):
        store = InfluxStore(url, "heatward")
        for _ in range(2):
            store.write(Points([SERIES], np.zeros(7, np.int32), T0 + np.arange(7), celsius))
    for body in bodies:
        written = [line.split("celsius=")[1].split(" ")[0] for line in body.split("\n")]
        assert [float(text) for text in written] == celsius.tolist()


def test_a_server_that_goes_away_while_a_bad_line_is_searched_is_away() -> None:
    answers = iter([400, 503])
    with scripted_server(lambda body: next(answers)) as (url, _):
        refused = Refused()
        with pytest.raises(StoreAway, match="503"):
            InfluxStore(url, "heatward", refuse=refused).write_lines(lines(10))
        assert refused.lines == []


def test_requests_carry_a_bounded_number_of_lines() -> None:
    with scripted_server(lambda body: 204) as (url, bodies):
        InfluxStore(url, "heatward").write(points(2 * LINES_AT_ONCE + 1))
        assert sorted(body.count("\n") + 1 for body in bodies) == [1, LINES_AT_ONCE, LINES_AT_ONCE]


@contextmanager
def scripted_server(answer: Callable[[str], int]) -> Iterator[tuple[str, list[str]]]:
    """Serve the status that ``answer`` gives for a body; yield the address and the bodies seen."""
    bodies: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:  # noqa: N802
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            bodies.append(body)
            self.send_response(answer(body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer((HOST, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}", bodies
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _make_administrator(server: InfluxServer) -> None:
    query = f"CREATE USER {USER} WITH PASSWORD '{PASSWORD}' WITH ALL PRIVILEGES"
    answer = urllib3.PoolManager().request("POST", f"{server.url}/query", fields={"q": query})
    assert answer.status == 200, answer.data
