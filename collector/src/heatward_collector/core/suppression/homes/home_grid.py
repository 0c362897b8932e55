"""From rooms to homes: one temperature a home and quarter of an hour, from the rooms that speak.

Homes vote, rooms do not: the rooms of one home share its windows and its people. A room that falls
silent must not make its home jump, so each room is first brought to the level of its home by how
far it usually lies from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import MISSING, Celsius, Indices, Raw
from heatward_collector.core.groups import means, medians

SLOT_S = 900
"""Width of a slot. [s]"""
ROOM_RANGE = (-10.0, 45.0)
"""Other values are no room air: 85 and 127.94 are a sensor's excuses. [degC] (project rule)"""
STUCK_SLOTS = 24
"""So long bit-identical is a suspicion: 6 h. [slots]"""
SAME_KELVIN = 1e-9
"""What differs by less stands still. [K]"""
STUCK_MOVED = 0.3
"""Meanwhile the other homes of its building moved by at least this. [K] (project rule)"""
LEVEL_GAIN = 1.0 / 96.0
"""A room's distance from its home is a mean that forgets within a day. [per slot]"""

HomeTemperatures = npt.NDArray[np.float32]
"""(slots, homes), NaN where no room of a home speaks. [degC]"""


@dataclass(frozen=True, slots=True)
class RoomLevels:
    """How far each room lies from its home, (rooms,); NaN before it was heard. [K]"""

    above_home: Celsius

    @classmethod
    def unknown(cls, rooms: int) -> RoomLevels:
        """Return the levels of rooms that were never heard."""
        return cls(np.full(rooms, np.nan))


def quarter_hours(raw: Raw, offset: Celsius, slots_each: int = 3) -> Celsius:
    """Return medians of short slots as temperatures.

    Parameters
    ----------
    raw : int16 (slots * slots_each, rooms)
        Lone spikes removed, MISSING where there is no reading. [1/16 degC]
    offset : float64 (rooms,)
        Calibration. [K]
    slots_each : int
        Short slots in a slot.

    Returns
    -------
    float64 (slots, rooms)
        NaN where nothing was read, and where it was no room air. [degC]
    """
    slots = raw.shape[0] // slots_each
    blocks = np.sort(raw[: slots * slots_each].reshape(slots, slots_each, -1), axis=1)
    absent = (blocks == MISSING).sum(axis=1)  # MISSING sorts before every reading
    here = slots_each - absent
    low = np.minimum(absent + (here - 1) // 2, slots_each - 1)[:, None]
    high = np.minimum(absent + here // 2, slots_each - 1)[:, None]
    middle = np.take_along_axis(blocks, low, axis=1)[:, 0].astype(np.float64)
    middle += np.take_along_axis(blocks, high, axis=1)[:, 0]
    celsius = middle / 32 + offset
    lowest, highest = ROOM_RANGE
    return np.where((here > 0) & (celsius > lowest) & (celsius < highest), celsius, np.nan)


def without_stuck(
    rooms: Celsius,
    building: Indices,
    slots: int = STUCK_SLOTS,
    moved: float = STUCK_MOVED,
) -> Celsius:
    """Return rooms without the values of sensors that stood still while their building moved.

    A value is dropped from the moment on at which its past gives the suspicion, never before.

    Parameters
    ----------
    rooms : float64 (slots, rooms)
        NaN where missing. [degC]
    building : int32 (rooms,)
        Building of each room, -1 for none.
    slots : int
        How long a value must stay identical. [slots]
    moved : float
        How far the median of the building's other rooms must move in that time. [K]

    Returns
    -------
    float64 (slots, rooms)
        The same array where nothing was found.
    """
    standing = (np.abs(np.diff(rooms, axis=0)) < SAME_KELVIN).astype(np.int32)
    total = np.vstack([np.zeros((1, rooms.shape[1]), np.int32), np.cumsum(standing, axis=0)])
    if len(total) <= slots:
        return rooms
    still = np.zeros(rooms.shape, bool)
    still[slots:] = total[slots:] - total[:-slots] == slots
    suspects = np.flatnonzero(still.any(axis=0) & (building >= 0))
    cleaned = rooms
    for room in suspects.tolist():
        others = building == building[room]
        others[room] = False
        if not others.any():
            continue
        at = np.flatnonzero(still[:, room])
        change = np.abs(_change(rooms[:, others], at, slots))
        found = at[change >= moved]
        if len(found):
            cleaned = rooms.copy() if cleaned is rooms else cleaned
            cleaned[found, room] = np.nan
    return cleaned


def home_temperatures(
    rooms: Celsius,
    home: Indices,
    homes: int,
    levels: RoomLevels,
    gain: float = LEVEL_GAIN,
) -> tuple[HomeTemperatures, RoomLevels]:
    """Return the temperature of every home: the median of its rooms, brought to one level.

    Parameters
    ----------
    rooms : float64 (slots, rooms)
        NaN where a room says nothing. [degC]
    home : int32 (rooms,)
        Home of each room, -1 for none; sorted in ascending order.
    homes : int
        How many homes there are.
    levels : RoomLevels
        What was known of the rooms before the first slot.
    gain : float
        Weight of one slot in a room's distance from its home.

    Returns
    -------
    float32 (slots, homes), RoomLevels
        NaN where no room speaks [degC]; and what is known after the last slot.
    """
    above = levels.above_home.copy()
    result = np.full((len(rooms), homes), np.nan, np.float32)
    single = bool((np.bincount(home[home >= 0], minlength=homes) <= 1).all())
    if single:
        inside = home >= 0
        result[:, home[inside]] = rooms[:, inside]
        return result, levels
    for slot, row in enumerate(rooms):
        here = (home >= 0) & ~np.isnan(row)
        known = np.where(np.isnan(above), 0.0, above)
        centre = medians(np.where(here, row - known, np.nan), home, homes)
        result[slot] = centre
        distance = row - centre[home]
        above = np.where(here & np.isnan(above), distance, above)
        above = np.where(here, above + gain * (distance - above), above)
        above -= means(above, home, homes)[home]
    return result, RoomLevels(above)


def _change(rooms: Celsius, at: npt.NDArray[np.int64], slots: int) -> Celsius:
    """Return the median change of some rooms over the slots before each moment; 0 for unknown."""
    change = rooms[at] - rooms[at - slots]
    known = ~np.isnan(change).all(axis=1)
    result = np.zeros(len(at))
    result[known] = np.nanmedian(change[known], axis=1)
    return result
