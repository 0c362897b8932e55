"""One snapshot of the registry, ready for every look: areas, rooms that count, sensors in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from ..core import Indices, Mask
from ..core.standard import Standard
from ..registry import Directory
from .areas import Areas


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the registry says on one day."""

    directory: Directory
    day: date
    areas: Areas
    assigned: Mask
    """Points that have a sensor in a room, (points,)."""
    home_of_room: dict[str, int]
    """Index of the home of every room that the standard covers."""


def take_snapshot(directory: Directory, standard: Standard, day: date, now_s: float) -> Snapshot:
    """Return what the registry says now."""
    points = directory.points
    covered, in_rooms = directory.used_as(standard.room_uses), ~points.is_outdoor
    assigned = np.zeros(len(points), bool)
    assigned[directory.hung_at(int(now_s))[0]] = True
    suspended = directory.suspended_homes(day)
    measured = _homes_of(directory.point_home, covered & assigned, len(suspended)) & ~suspended
    rooms = {
        points.ids[index]: int(directory.point_home[index])
        for index in np.flatnonzero(covered).tolist()
    }
    return Snapshot(directory, day, Areas(directory, measured), assigned & in_rooms, rooms)


def _homes_of(home_of_point: Indices, points: Mask, homes: int) -> Mask:
    found = np.zeros(homes, bool)
    found[home_of_point[points]] = True
    return found
