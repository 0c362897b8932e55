"""Which measurements on site are official: the rest are kept and shown, but decide nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from heatward_collector.core.standard import Standard
from heatward_collector.locale import message

Row = Mapping[str, Any]
HIGHEST_M, LOWEST_M = 1.6, 0.9
"""Heights at which a room is measured. [m] (1.0-1.5 by most rules, 1.4 in Harbin; 0.1 of slack)"""
NO_CERTIFICATE = message("the instrument has no valid certificate")
EXCLUDED_HOUR = message("measured in hours without official measurements")
MISSING_NAMES = message("not all three parties signed")
WRONG_HEIGHT = message("not measured at the height that the rule names")
OTHER_ROOM = message("the standard does not cover this room")


@dataclass(frozen=True, slots=True)
class OfficialMeasurement:
    """A measurement on site that holds before an authority."""

    id: str
    room: str
    home: str
    day: date
    measured_s: int
    celsius: float


def doubts(row: Row, use: str, standard: Standard) -> list[str]:
    """Return why a measurement is not official, as messages; none where it is."""
    moment = datetime.fromtimestamp(row["measured_s"], ZoneInfo(standard.timezone))
    until, hours = row["certificate_until"], standard.excluded_hours
    found = []
    if not row["certificate"] or (until is not None and until < moment.date()):
        found.append(NO_CERTIFICATE)
    if hours is not None and hours[0] <= moment.hour < hours[1]:
        found.append(EXCLUDED_HOUR)
    if not (row["resident"] and row["supplier_person"] and row["office_person"]):
        found.append(MISSING_NAMES)
    if row["height_m"] is not None and not LOWEST_M <= row["height_m"] <= HIGHEST_M:
        found.append(WRONG_HEIGHT)
    if use not in standard.room_uses:
        found.append(OTHER_ROOM)
    return found


def official_measurements(
    checks: Iterable[Row], rooms: Mapping[str, Row], standard: Standard
) -> list[OfficialMeasurement]:
    """Return the official ones among measurements on site, in the order of their time."""
    zone = ZoneInfo(standard.timezone)
    found = [
        OfficialMeasurement(
            row["id"],
            row["room"],
            rooms[row["room"]]["home"],
            datetime.fromtimestamp(row["measured_s"], zone).date(),
            row["measured_s"],
            row["celsius"],
        )
        for row in checks
        if not doubts(row, rooms[row["room"]]["use"], standard)
    ]
    return sorted(found, key=lambda one: (one.measured_s, one.id))
