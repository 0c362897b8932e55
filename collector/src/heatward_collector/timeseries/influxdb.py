"""InfluxDB 1.x, 2.x and 3.x: line protocol in through influxdb-client, InfluxQL out.

A call returns when its points are written, and the policy is ours: what the server will never take
is searched for by halving and put aside line by line; what it may take later is kept; what somebody
must mend is told.
"""

from __future__ import annotations

import base64
import json
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any
from urllib.parse import urlencode

import numpy as np
import urllib3
from influxdb_client.client.exceptions import InfluxDBError
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.domain.write_precision import WritePrecision
from influxdb_client.rest import ApiException

from heatward_collector.core import Celsius, Seconds
from heatward_collector.errors import StoreAway, StoreMisconfigured
from heatward_collector.timeseries.line_protocol import Lines
from heatward_collector.timeseries.protocol import (
    CANARY,
    EMPTY,
    OUTDOOR,
    ROOM,
    Points,
    Stored,
    hours_of,
)

Refuse = Callable[[str, str], None]
"""Hears of a line that the server will never take, and the server's reason."""
LINES_AT_ONCE = 5_000
POSTS_AT_ONCE = 3
"""So many posts of one call are under way together. With 1, 2, 3 and 4, a million readings were
written 1.08, 1.07, 1.16 and 1.02 times as fast as one post after another (1.8.10, medians of four
turns on two cores with other work); processor time a reading was the same."""
ROOMS_AT_ONCE = 50
"""So that a question stays far below the 8 kB of an address that nginx takes."""
_NEVER = (400, 422)
_TOO_LARGE = 413
_MISCONFIGURED = (401, 403, 404)


class InfluxStore:
    """Time series in one InfluxDB database (2.x: bucket).

    Where the collectors of several districts share it, ``district`` names the one whose points
    are dropped and compared; rooms are asked for by their names, whoever wrote them.
    """

    def __init__(
        self,
        url: str,
        database: str,
        username: str | None = None,
        password: str | None = None,
        token: str | None = None,
        organization: str | None = None,
        timeout_s: float = 10,
        refuse: Refuse | None = None,
        district: str | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._database = database
        self._refuse = refuse or _ignore
        self._own = "" if district is None else f' AND "district" = {_quoted(district)}'
        credential = token or (f"{username}:{password or ''}" if username else "")
        self._client = InfluxDBClient(
            url=self._url,
            token=credential,
            org=organization or "-",
            timeout=int(timeout_s * 1000),
            retries=False,
        )
        self._writer = self._client.write_api(write_options=SYNCHRONOUS)
        self._http = urllib3.PoolManager(timeout=timeout_s, retries=False)
        self._headers = _authorization(username, password, token)
        self._posts = ThreadPoolExecutor(POSTS_AT_ONCE, "influxdb-post")
        self._lines = Lines()

    def write(self, points: Points) -> None:
        """Write points as joined lines, some posts under way while the next is made."""
        if len(points) <= LINES_AT_ONCE:
            for lines in self._lines.of(points, LINES_AT_ONCE):
                self._write_lines(lines, self._refuse)
            return
        # No two of their lines name one point, so that it matters to none which post is first.
        self._write_together(self._lines.of(points.without_replaced(), LINES_AT_ONCE))

    def write_lines(self, lines: list[str]) -> None:
        """Write ready lines with times in seconds, in their order, under the same policy."""
        for start in range(0, len(lines), LINES_AT_ONCE):
            self._write_lines(lines[start : start + LINES_AT_ONCE], self._refuse)

    def delete(self, sensor: str, from_s: int, to_s: int) -> None:
        """Delete a sensor's points in [from_s, to_s)."""
        for measurement in (ROOM, OUTDOOR):
            self._query(
                f'DELETE FROM "{measurement}" WHERE "sensor" = \'{sensor}\' '
                f"AND time >= {from_s}s AND time < {min(to_s, 2**33)}s{self._own}",
                post=True,
            )

    def drop(self) -> None:
        """Delete every point of our measurements, or of our district in them."""
        for measurement in (ROOM, OUTDOOR):
            drop = f'DROP MEASUREMENT "{measurement}"'
            if self._own:
                drop = f'DELETE FROM "{measurement}" WHERE {self._own.removeprefix(" AND ")}'
            self._query(drop, post=True, may_be_missing=True)

    def room(self, room: str, from_s: int, to_s: int) -> tuple[Seconds, Celsius]:
        """Return the readings of a room in order of time."""
        name = _quoted(room)
        rows: list[list[Any]] = []
        for measurement in (ROOM, OUTDOOR):
            for series in self._query(
                f'SELECT "celsius" FROM "{measurement}" WHERE "room" = {name} '
                f"AND time >= {from_s}s AND time < {to_s}s"
            ):
                rows += series["values"]
        rows.sort(key=lambda row: row[0])
        return (
            np.array([row[0] for row in rows], np.int64),
            np.array([row[1] for row in rows], np.float64),
        )

    def hourly(self, rooms: Sequence[str], from_s: int, to_s: int) -> Celsius:
        """Return hourly means of rooms, (rooms, hours)."""
        found: list[dict[str, Any]] = []
        for start in range(0, len(rooms), ROOMS_AT_ONCE):
            some = rooms[start : start + ROOMS_AT_ONCE]
            named = " OR ".join(f'"room" = {_quoted(room)}' for room in some)
            found += self._query(
                f'SELECT mean("celsius") FROM "{ROOM}" WHERE ({named}) AND time >= {from_s}s '
                f'AND time < {to_s}s GROUP BY time(1h), "room" fill(none)'
            )
        means = (
            (series["tags"]["room"], hour_s, celsius)
            for series in found
            for hour_s, celsius in series["values"]
        )
        return hours_of(means, rooms, from_s, to_s)

    def stored(self, from_s: int, to_s: int) -> Stored:
        """Return every point in a range, by sensor and time."""
        rows: list[tuple[str, int, str, float]] = []
        for measurement in (ROOM, OUTDOOR):
            for series in self._query(
                f'SELECT "celsius" FROM "{measurement}" WHERE time >= {from_s}s '
                f'AND time < {to_s}s{self._own} GROUP BY "room", "sensor"'
            ):
                tags = series["tags"]
                rows += [(tags["sensor"], v[0], tags["room"], v[1]) for v in series["values"]]
        if not rows:
            return EMPTY
        rows.sort()
        sensor, time_s, room, celsius = zip(*rows, strict=True)
        return Stored(list(room), list(sensor), np.array(time_s), np.array(celsius))

    def canaries(self, from_s: int, to_s: int) -> Seconds:
        """Return when test readings were taken."""
        rows: list[int] = []
        for series in self._query(
            f'SELECT "celsius" FROM "{CANARY}" WHERE time >= {from_s}s AND time < {to_s}s',
            may_be_missing=True,
        ):
            rows += [value[0] for value in series["values"]]
        return np.array(sorted(rows), np.int64)

    def select(self, query: str) -> list[dict[str, Any]]:
        """Return the series that a query gives; none where it names what is not there."""
        return self._query(query, may_be_missing=True)

    def create_database(self) -> None:
        """Create the database where the server allows it (1.x); elsewhere nothing happens."""
        try:
            self._query(f'CREATE DATABASE "{self._database}"', post=True)
        except StoreMisconfigured:
            return

    def close(self) -> None:
        """Give up the connections."""
        self._posts.shutdown()
        self._client.close()  # type: ignore[no-untyped-call]
        self._http.clear()

    def _write_together(self, posts: Iterable[list[str]]) -> None:
        """Post lines as they come. Nothing is under way on return, whatever has failed."""
        under_way: deque[Future[None]] = deque()
        refused: list[tuple[str, str]] = []

        def refuse(line: str, reason: str) -> None:
            refused.append((line, reason))

        try:
            for lines in posts:
                if len(under_way) == POSTS_AT_ONCE:
                    under_way.popleft().result()
                under_way.append(self._posts.submit(self._write_lines, lines, refuse))
            while under_way:
                under_way.popleft().result()
        finally:
            wait(under_way)
            for line, reason in refused:  # here, for who hears of them knows of one thread only
                self._refuse(line, reason)

    def _write_lines(self, lines: list[str], refuse: Refuse) -> None:
        try:
            self._writer.write(
                bucket=self._database,
                record="\n".join(lines).encode(),
                write_precision=WritePrecision.S,  # type: ignore[arg-type]
            )
        except (ApiException, InfluxDBError) as error:
            self._refused(lines, error, refuse)
        except urllib3.exceptions.HTTPError as error:
            raise StoreAway(f"{self._url} cannot be reached: {error}") from error

    def _refused(self, lines: list[str], error: Any, refuse: Refuse) -> None:
        status = getattr(error, "status", None) or getattr(error.response, "status", 0)
        reason = str(getattr(error, "body", None) or getattr(error, "message", error))[:500]
        if status in _MISCONFIGURED:
            raise StoreMisconfigured(
                f"{self._url} answers {status} for database {self._database!r}: {reason}"
            ) from error
        if status not in (*_NEVER, _TOO_LARGE):
            raise StoreAway(f"{self._url} answers {status}: {reason}") from error
        if len(lines) == 1:
            refuse(lines[0], reason)
            return
        middle = len(lines) // 2
        self._write_lines(lines[:middle], refuse)
        self._write_lines(lines[middle:], refuse)

    def _query(
        self, query: str, post: bool = False, may_be_missing: bool = False
    ) -> list[dict[str, Any]]:
        parameters = {"db": self._database, "q": query, "epoch": "s"}
        try:
            response = self._http.request(
                "POST" if post else "GET",
                f"{self._url}/query?{urlencode(parameters)}",
                headers=self._headers,
            )
        except urllib3.exceptions.HTTPError as error:
            raise StoreAway(f"{self._url} cannot be reached: {error}") from error
        if response.status in _MISCONFIGURED:
            raise StoreMisconfigured(f"{self._url} answers {response.status}: {response.data!r}")
        if response.status >= 400:
            raise StoreAway(f"{self._url} answers {response.status}: {response.data[:300]!r}")
        result = json.loads(response.data)["results"][0]
        if "error" in result:
            if may_be_missing and "not found" in result["error"]:
                return []
            raise StoreMisconfigured(f"{self._url} refuses {query[:80]!r}: {result['error']}")
        series: list[dict[str, Any]] = result.get("series", [])
        return series


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _authorization(username: str | None, password: str | None, token: str | None) -> dict[str, str]:
    if token:
        return {"Authorization": f"Token {token}"}
    if username:
        pair = base64.b64encode(f"{username}:{password or ''}".encode()).decode("ascii")
        return {"Authorization": f"Basic {pair}"}
    return {}


def _ignore(_line: str, _reason: str) -> None:
    return None
