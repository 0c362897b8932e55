"""Local calendar days as ranges of UTC seconds; the only place where the shell turns zones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def bounds(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """Return the first second of a local day and that of the next: 23, 24 or 25 hours apart."""
    return span(day, day, zone)


def span(first: date, last: date, zone: ZoneInfo) -> tuple[int, int]:
    """Return the first second of some local days, both included, and the first one after them."""
    return _midnight(first, zone), _midnight(last + timedelta(days=1), zone)


def day_of(time_s: float, zone: ZoneInfo) -> date:
    """Return the local day of a moment."""
    return datetime.fromtimestamp(time_s, zone).date()


def hours_of(day: date, zone: ZoneInfo) -> list[int]:
    """Return the local clock's hour at the beginning of each hour of a day."""
    start, end = bounds(day, zone)
    return [datetime.fromtimestamp(moment, zone).hour for moment in range(start, end, 3600)]


def days_of(times_s: Iterable[int], zone: ZoneInfo) -> set[date]:
    """Return the local days of many moments, quickly: one conversion an hour."""
    hours = {int(time_s) // 3600 for time_s in times_s}
    return {day_of(hour * 3600, zone) for hour in hours}


def _midnight(day: date, zone: ZoneInfo) -> int:
    moment = datetime(day.year, day.month, day.day, tzinfo=zone)
    return int(moment.astimezone(UTC).timestamp())
