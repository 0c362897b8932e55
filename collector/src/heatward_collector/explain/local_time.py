"""The local calendar of a chart: where days begin and which hours of each are special."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

_STEPS_HOURS = (3, 6, 12, 24, 48, 96, 168, 336, 672)


def ticks(start_s: int, end_s: int, zone: ZoneInfo, most: int) -> Iterator[datetime]:
    """Yield round local hours in [start, end), counted from a midnight, at most about ``most``."""
    hours = (end_s - start_s) / 3600
    step = next((s for s in _STEPS_HOURS if hours / s <= most), _STEPS_HOURS[-1])
    first = datetime.fromtimestamp(start_s, zone)
    midnight = datetime.combine(first.date(), time(0), zone)
    for number in range(int((hours + 24) // step) + 2):
        moment = midnight + timedelta(hours=number * step)
        if start_s <= moment.timestamp() < end_s:
            yield moment


def daily_spans(
    start_s: int, end_s: int, zone: ZoneInfo, hours: tuple[int, int]
) -> Iterator[tuple[float, float]]:
    """Yield the local hours [from, to) of each day as times, cut to [start, end). [s, UTC]"""
    day = datetime.fromtimestamp(start_s, zone).date()
    last = datetime.fromtimestamp(end_s, zone).date()
    while day <= last:
        begin, finish = (datetime.combine(day, time(hour), zone).timestamp() for hour in hours)
        if max(begin, start_s) < min(finish, end_s):
            yield max(begin, start_s), min(finish, end_s)
        day += timedelta(days=1)
