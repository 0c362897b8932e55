"""Where sensors may hang badly, from some local days of readings, wherever these come from.

Doubts stand beside findings and verdicts and change none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.core import MISSING, Celsius, Indices, Mask, Seconds, quality
from heatward_collector.core.grid import SLOT_S
from heatward_collector.core.placement import Doubt, Rooms, doubts
from heatward_collector.core.placement.quarters import FEWEST_TOGETHER
from heatward_collector.core.standard import Standard
from heatward_collector.core.suppression import Level
from heatward_collector.core.suppression.homes.home_grid import ROOM_RANGE
from heatward_collector.evaluation.heat_network import network_of
from heatward_collector.evaluation.judging import GridOf
from heatward_collector.evaluation.voting import has_say
from heatward_collector.local_days import bounds, hours_of
from heatward_collector.registry import Directory

SLOTS_AN_HOUR = 3600 // SLOT_S
ROOMS_AT_ONCE = 256
"""About so many rooms are looked at together, to bound the memory."""
OutdoorAt = Callable[[Seconds], Celsius]
"""From moments to the outdoor temperature that was known then, NaN for none. [s UTC, degC]"""


def doubts_of_days(
    directory: Directory,
    standard: Standard,
    days: Sequence[date],
    grid_of: GridOf,
    outdoor_at: OutdoorAt,
) -> list[Doubt]:
    """Return all doubts of a run of days; ``room`` is the index of the point.

    Looked at are the rooms that speak for their homes, beside those of their building where it has
    enough, else beside those of the small buildings of their heat source.
    """
    zone = ZoneInfo(standard.timezone)
    group = groups_of(directory)
    start_s, end_s = bounds(days[0], zone)[0], bounds(days[-1], zone)[1]
    hours = np.concatenate([np.array(hours_of(day, zone), np.float64) for day in days])
    time_s = np.arange(start_s, end_s, SLOT_S, dtype=np.int64)
    hour = np.repeat(hours, SLOTS_AN_HOUR) + (time_s - start_s) % 3600 / 3600
    outdoor = outdoor_at(time_s + SLOT_S)
    found: list[Doubt] = []
    for members in _together(group):
        parts = [_celsius(directory, standard, day, grid_of, members) for day in days]
        rooms = Rooms(start_s, SLOT_S, np.concatenate(parts), outdoor, hour, group[members])
        found += [replace(one, room=int(members[one.room])) for one in doubts(rooms)]
    return sorted(found, key=lambda one: (one.start_s, one.room, one.kind))


def groups_of(directory: Directory) -> Indices:
    """Return which points are compared with each other, (points,); -1 for outdoor ones."""
    network = network_of(directory)
    home = directory.point_home
    building = directory.home_building[home] if len(directory.homes) else home
    source = network.of_home[Level.SOURCE][home] if len(directory.homes) else home
    size = np.bincount(building[home >= 0], minlength=len(directory.buildings) + 1)
    own = size[building] >= FEWEST_TOGETHER
    group = np.where(own, building, len(directory.buildings) + source)
    return np.where(home >= 0, group, -1).astype(np.int32)


def _together(group: Indices) -> Iterator[Indices]:
    """Yield points of whole groups, about as many as are looked at together."""
    some: list[int] = []
    for one in np.unique(group[group >= 0]).tolist():
        some += np.flatnonzero(group == one).tolist()
        if len(some) >= ROOMS_AT_ONCE:
            yield np.array(some, np.int32)
            some = []
    if some:
        yield np.array(some, np.int32)


def _celsius(
    directory: Directory, standard: Standard, day: date, grid_of: GridOf, members: Indices
) -> Celsius:
    """Return a day on the grid of 5 min, (slots, members), without readings that are no air."""
    start, end = bounds(day, ZoneInfo(standard.timezone))
    raw = quality.without_spikes(grid_of(start, (end - start) // SLOT_S)[:, members])
    celsius = raw / 16
    speaks: Mask = has_say(directory, standard, day, (start + end) // 2)[members]
    lowest, highest = ROOM_RANGE
    fine = (raw != MISSING) & (celsius > lowest) & (celsius < highest) & speaks
    return np.where(fine, celsius, np.nan)
