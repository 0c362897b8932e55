"""InfluxDB 1.x, 2.x and 3.x: line protocol in through influxdb-client, InfluxQL out.

Writing is synchronous and the policy is ours: what the server will never take is searched for by
halving and put aside line by line; what it may take later is kept; what somebody must mend is told.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
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
from heatward_collector.timeseries.protocol import (
    CANARY,
    EMPTY,
    OUTDOOR,
    ROOM,
    Points,
    Series,
    Stored,
    hours_of,
)

Refuse = Callable[[str, str], None]
"""Hears of a line that the server will never take, and the server's reason."""
LINES_AT_ONCE = 5_000
MOST_BUILDINGS = 65_536
"""Of so many buildings the beginning of a line is held ready: of a city's series it would be
gigabytes, and of some of them none is there when it is wanted."""
MOST_TEXTS = 65_536
"""Of so many temperatures, of all calibrations, what is written of each is held ready: 9 MB."""
ROOMS_AT_ONCE = 50
"""So that a question stays far below the 8 kB of an address that nginx takes."""
OF_BUILDING = Series._fields.index("home")
"""So many fields of a series are those of its building."""
_NEVER = (400, 422)
_TOO_LARGE = 413
_MISCONFIGURED = (401, 403, 404)


class _Texts(dict[float, str]):
    """Temperatures as they are written, which is the dearest part of a line: most come again."""

    def __missing__(self, celsius: float) -> str:
        if len(self) >= MOST_TEXTS:
            self.clear()
        text = self[celsius] = repr(celsius)
        return text


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
        self._of_building: dict[tuple[str, ...], tuple[str, str]] = {}
        """What its lines begin with, and its street, which comes later."""
        self._texts = _Texts()

    def write(self, points: Points) -> None:
        """Write points as joined lines."""
        prefixes = [self._prefix(series) for series in points.series]
        texts = self._texts
        lines = [
            f"{prefixes[index]}{texts[celsius]} {time_s}"
            for index, celsius, time_s in zip(
                points.index.tolist(), points.celsius.tolist(), points.time_s.tolist(), strict=True
            )
        ]
        for start in range(0, len(lines), LINES_AT_ONCE):
            self._write_lines(lines[start : start + LINES_AT_ONCE])

    def write_lines(self, lines: list[str]) -> None:
        """Write ready lines with times in seconds, under the same policy."""
        for start in range(0, len(lines), LINES_AT_ONCE):
            self._write_lines(lines[start : start + LINES_AT_ONCE])

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
        self._client.close()  # type: ignore[no-untyped-call]
        self._http.clear()

    def _prefix(self, series: Series) -> str:
        """Return a line up to its value, its tags by their names: InfluxDB sorts any others."""
        above, home, room, sensor = series[:OF_BUILDING], *series[OF_BUILDING:]
        parts = self._of_building.get(above)
        if parts is None:
            if len(self._of_building) >= MOST_BUILDINGS:
                self._of_building.clear()
            tags = zip(Series._fields[1:], above[1:], strict=False)
            said = {name: f",{name}={_escaped(value)}" if value else "" for name, value in tags}
            begin = f"{series.measurement}{said['building']}{said['district']}"
            self._of_building[above] = parts = begin, said["street"]
        begin, street = parts
        # Written out, unlike those above: a call for each tag doubles what a series costs here.
        at_home = f",home={_escaped(home)}" if home else ""
        of_room = f",room={_escaped(room)}" if room else ""
        return f"{begin}{at_home}{of_room},sensor={_escaped(sensor)}{street} celsius="

    def _write_lines(self, lines: list[str]) -> None:
        try:
            self._writer.write(
                bucket=self._database,
                record="\n".join(lines).encode(),
                write_precision=WritePrecision.S,  # type: ignore[arg-type]
            )
        except (ApiException, InfluxDBError) as error:
            self._refused(lines, error)
        except urllib3.exceptions.HTTPError as error:
            raise StoreAway(f"{self._url} cannot be reached: {error}") from error

    def _refused(self, lines: list[str], error: Any) -> None:
        status = getattr(error, "status", None) or getattr(error.response, "status", 0)
        reason = str(getattr(error, "body", None) or getattr(error, "message", error))[:500]
        if status in _MISCONFIGURED:
            raise StoreMisconfigured(
                f"{self._url} answers {status} for database {self._database!r}: {reason}"
            ) from error
        if status not in (*_NEVER, _TOO_LARGE):
            raise StoreAway(f"{self._url} answers {status}: {reason}") from error
        if len(lines) == 1:
            self._refuse(lines[0], reason)
            return
        middle = len(lines) // 2
        self._write_lines(lines[:middle])
        self._write_lines(lines[middle:])

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


def _escaped(value: str) -> str:
    # Line protocol has no escape for a backslash itself: doubled, it would come back doubled.
    if value.isalnum():
        return value
    return value.replace(",", "\\,").replace("=", "\\=").replace(" ", "\\ ")


def _ignore(_line: str, _reason: str) -> None:
    return None
