"""What InfluxDB takes by itself: joined lines over one plain connection, nothing in between."""

from __future__ import annotations

import http.client
import time

from heatward_collector.errors import HeatwardError
from heatward_collector.servers.ports import HOST

LINES_A_POST = 5_000
DATABASE = "raw"


def raw_rate(port: int, points: int, rooms: int, start_s: int, step_s: int) -> float:
    """Return how many points a second InfluxDB stores of lines that were made beforehand."""
    link = http.client.HTTPConnection(HOST, port, timeout=60)
    link.request("POST", f"/query?q=CREATE+DATABASE+{DATABASE}")
    _expect(link, 200)
    each = points // rooms
    lines = [
        b"room_temperature,district=recorded,street=s1,building=b%d,home=h%d,room=r%d,sensor=s%d "
        b"celsius=%.4f,quality=0 %d"
        % (room // 20, room, room, room, 20 + at % 48 / 16, start_s + at * step_s)
        for at in range(each)
        for room in range(rooms)
    ]
    bodies = [
        b"\n".join(lines[at : at + LINES_A_POST]) for at in range(0, len(lines), LINES_A_POST)
    ]
    began = time.monotonic()
    for body in bodies:
        link.request("POST", f"/write?db={DATABASE}&precision=s", body)
        _expect(link, 204)
    seconds = time.monotonic() - began
    link.close()
    return len(lines) / seconds


def _expect(link: http.client.HTTPConnection, status: int) -> None:
    response = link.getresponse()
    said = response.read()
    if response.status != status:
        raise HeatwardError(f"InfluxDB answers {response.status}: {said[:200]!r}")
