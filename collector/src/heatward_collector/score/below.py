"""Below the standard while less heat was declared: the verdict is not excused."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from heatward_collector.core import MISSING, Celsius, Mask, Raw
from heatward_collector.core.grid import SLOT_S
from heatward_collector.evaluation.judging import judge_day
from heatward_collector.local_days import day_of
from heatward_collector.registry import Directory
from heatward_collector.registry.tables import IMPORTED
from heatward_collector.rules import load_standard
from heatward_collector.score.case import DAY_S, SLOTS_A_DAY, ZONE, Case
from heatward_collector.score.throttling import DayCounts
from heatward_collector.simulate.places import content_of

STANDARD = load_standard("harbin")
MINIMUM_CELSIUS = 20.0
"""What the rule of every planned winter requires. [degC]"""
CLEARLY_KELVIN = 2.0
"""So far below, no guard band leaves a doubt: twice the widest one. [K]"""
HOURS = 4
"""So many hours of a day outside the excluded ones make it below. [h]"""


def true_states(rooms: npt.NDArray[np.float32], room_home: npt.NDArray[np.int32]) -> Celsius:
    """Return which home-days were clearly below (1), clearly not (0), or neither (NaN).

    Parameters
    ----------
    rooms : float32 (rooms, slots)
        True temperatures from a local midnight on. [degC]
    room_home : int32 (rooms,)
        Home of each room, in ascending order.

    Returns
    -------
    float64 (days, homes)
    """
    days = rooms.shape[1] // SLOTS_A_DAY
    hours = rooms[:, : days * SLOTS_A_DAY].reshape(len(rooms), days, 24, -1).mean(axis=3)
    first, last = STANDARD.excluded_hours or (24, 24)
    counted = [hour for hour in range(24) if not first <= hour < last]
    low = (hours[:, :, counted] <= MINIMUM_CELSIUS - CLEARLY_KELVIN).sum(axis=2) >= HOURS
    warm = (hours[:, :, counted] < MINIMUM_CELSIUS).sum(axis=2) < HOURS
    start = np.searchsorted(room_home, np.arange(int(room_home.max(initial=-1)) + 1))
    any_low = np.logical_or.reduceat(low, start, axis=0)
    all_warm = np.logical_and.reduceat(warm, start, axis=0)
    return np.asarray(np.where(any_low, 1.0, np.where(all_warm, 0.0, np.nan)).T)


def below_days(case: Case) -> DayCounts:
    """Count home-days of declared periods by what the verdict says and what is true."""
    wanted = _declared_days(case)
    right = wrong = missed = 0
    if not wanted.any():
        return DayCounts()
    directory = Directory(0, _content(case))
    column = {room: index for index, room in enumerate(case.tree.rooms)}
    order = [column[point.id] for point in directory.points if not point.is_outdoor]
    home_index = {home.id: index for index, home in enumerate(case.tree.homes)}

    def _cut(start_s: int, slots: int) -> Raw:
        first = (start_s - case.start_s) // SLOT_S
        part = np.full((slots, len(directory.points)), MISSING, np.int16)
        inside = case.raw[max(first, 0) : max(first + slots, 0), order]
        part[max(-first, 0) : max(-first, 0) + len(inside), : len(order)] = inside
        return part

    end_s = case.start_s + 2 * DAY_S * len(wanted)
    for number in np.flatnonzero(wanted.any(axis=1)).tolist():
        day = day_of(case.start_s + DAY_S * number + DAY_S // 2, ZONE)
        for verdict in judge_day(directory, STANDARD, day, _cut, end_s):
            if verdict.level != "home" or verdict.verdict == "not_judgeable":
                continue
            home = home_index[verdict.place]
            truth = case.truth.below[number, home]
            if wanted[number, home]:
                says = verdict.verdict == "below"
                right += says and truth == 1
                wrong += says and truth == 0
                missed += not says and truth == 1
    return DayCounts(int(right), int(wrong), int(missed))


def _declared_days(case: Case) -> Mask:
    """Say which home-days lie in a declared period, (days, homes)."""
    wanted = np.zeros(case.truth.below.shape, bool)
    for period in case.truth.periods:
        if period.is_declared:
            homes = case.tree.homes_at(period.level, period.place)
            first, last = ((one - case.start_s) // DAY_S for one in (period.on_s, period.off_s))
            wanted[first : last + 1] |= homes
    return wanted


def _content(case: Case) -> dict[str, list[dict[str, object]]]:
    shape = case.shape
    given = content_of(case.tree, SLOT_S, shape.declarations, shape.limits)
    return {
        table.name: [_whole(row, table.columns.keys()) for row in given.get(table.name, [])]
        for table in IMPORTED
    }


def _whole(row: dict[str, object], names: list[str]) -> dict[str, object]:
    return {name: row.get(name) for name in names}
