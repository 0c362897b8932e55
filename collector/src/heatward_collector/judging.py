"""One local day through the core: grids in, verdicts of rooms, homes and buildings out.

Where the grid comes from, window or ledger, is the caller's business; the answer is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.core import Celsius, Mask, Raw, quality
from heatward_collector.core import compliance as core
from heatward_collector.core.grid import HOLD_S, SLOT_S, hold
from heatward_collector.core.standard import Standard
from heatward_collector.local_days import bounds, hours_of
from heatward_collector.outdoor import OutdoorSeries
from heatward_collector.outdoor_days import OutdoorOf, outdoor_days, with_outdoor
from heatward_collector.registry import Directory
from heatward_collector.registry.directory import UNCALIBRATED_U
from heatward_collector.verdict_rows import RoomFacts, place_verdicts, room_verdicts
from heatward_collector.verdicts import DayVerdict

SLOTS_AN_HOUR = 3600 // SLOT_S
WATERMARK_S = 1800
"""A day is final this long after its end: what comes later makes a revision. [s]"""
POINTS_AT_ONCE = 8192
"""How many columns of a day's grid are worked on together, to bound the memory: 5 MB each copy."""
GridOf = Callable[[int, int], Raw]
"""From (first second, number of slots) to an int16 grid of slots x points."""


def nothing_imported(_district: str, _start_s: int, _end_s: int) -> OutdoorSeries:
    """Return no outdoor temperature: for those who have their own sensors only."""
    return OutdoorSeries()


def judge_day(
    directory: Directory,
    standard: Standard,
    day: date,
    grid_of: GridOf,
    now_s: float,
    outdoor_of: OutdoorOf = nothing_imported,
) -> list[DayVerdict]:
    """Return every verdict of a local day; none outside the season or before any known rule."""
    rule = standard.rule_on(day)
    if rule is None or not standard.in_season(day) or not directory.points:
        return []
    zone = ZoneInfo(standard.timezone)
    start, end = bounds(day, zone)
    means, stuck = _means(directory, grid_of, start, end)
    rooms = _rooms(directory, standard, day, (start, end), stuck)
    means += rooms.offset
    counted = _counted_hours(standard, day, zone, start, now_s)
    guard = core.guard_band(rooms.calibration_u, rooms.placement_u)
    judged = core.judge_rooms(means, counted, rule.minimum_celsius, guard, rooms.is_judged)
    provisional = now_s < end + WATERMARK_S
    seen: Mask = np.asarray(~np.isnan(means).all(axis=0) | stuck.any(axis=0))
    outdoors = outdoor_days(directory, means, start, now_s, outdoor_of)
    places = place_verdicts(directory, rule, day, judged, seen, provisional)
    return [
        *room_verdicts(directory, rule, day, judged, rooms, means[counted], seen, provisional),
        *with_outdoor(directory, places, outdoors),
    ]


def _means(directory: Directory, grid_of: GridOf, start: int, end: int) -> tuple[Celsius, Mask]:
    """Return hourly means of the day [degC], and in which hours a sensor was stuck.

    The means hold what the hour before still covers. Spikes and stuck sensors have no say in them.
    """
    before = HOLD_S // SLOT_S
    grid = grid_of(start - HOLD_S, (end - start) // SLOT_S + before)
    points = grid.shape[1]
    means = np.empty(((end - start) // 3600, points))
    steady = np.empty_like(means)
    for first in range(0, points, POINTS_AT_ONCE):
        some = slice(first, first + POINTS_AT_ONCE)
        clean = quality.without_spikes(grid[:, some])
        held = hold(clean, directory.intervals[some])[before:]
        means[:, some] = core.hourly_means(held, SLOTS_AN_HOUR, np.zeros(held.shape[1]))
        steady[:, some] = quality.steady_values(held, SLOTS_AN_HOUR)
    if not directory.homes:
        return means, np.zeros(means.shape, bool)
    building = directory.home_building[directory.point_home]
    building = np.where(directory.point_home >= 0, building, -1).astype(np.int32)
    stuck = quality.stuck(steady, means, building, len(directory.buildings))
    means[stuck] = np.nan
    return means, stuck


def _counted_hours(standard: Standard, day: date, zone: ZoneInfo, start: int, now_s: float) -> Mask:
    """Say which hours of the day count: measured outside the excluded ones, and over."""
    hours = np.array(hours_of(day, zone))
    over = start + 3600 * (np.arange(len(hours)) + 1) <= now_s
    if standard.excluded_hours is None:
        return np.asarray(over)
    first, last = standard.excluded_hours
    return np.asarray(over & ~((hours >= first) & (hours < last)))


def _rooms(
    directory: Directory, standard: Standard, day: date, span: tuple[int, int], stuck: Mask
) -> RoomFacts:
    points, noon_s = len(directory.points), sum(span) // 2
    offset, calibration_u = calibration_of_day(directory, *span)
    placements = [directory.placement(point, noon_s) for point in range(points)]
    documented = np.array([placement[0] for placement in placements], bool)
    reason = [
        reason_not_judged(directory, standard, day, index, placements[index][1])
        for index in range(points)
    ]
    return RoomFacts(
        offset,
        calibration_u,
        np.where(documented, core.PLACEMENT_U_DOCUMENTED, core.PLACEMENT_U_UNKNOWN),
        np.array([not word for word in reason], bool),
        calibration_u < UNCALIBRATED_U,
        reason,
        stuck.sum(axis=0),
    )


def calibration_of_day(directory: Directory, start: int, end: int) -> tuple[Celsius, Celsius]:
    """Return offsets (hours, points) and the day's largest uncertainty (points,). [K]"""
    moments = range(start + 1800, end, 3600)
    first, last = _calibration_at(directory, start), _calibration_at(directory, end - 1)
    if all(np.array_equal(one, two, equal_nan=True) for one, two in zip(first, last, strict=True)):
        hours = [first] * len(moments)  # the usual day: nobody touched a sensor
    else:
        hours = [_calibration_at(directory, moment) for moment in moments]
    uncertainty = np.fmax.reduce([hour[1] for hour in hours])
    return (
        np.array([hour[0] for hour in hours]),
        np.where(np.isnan(uncertainty), UNCALIBRATED_U, uncertainty),
    )


def _calibration_at(directory: Directory, moment: int) -> tuple[Celsius, Celsius]:
    """Return offset and uncertainty of every point's sensor at a moment; 0 and NaN for none."""
    sensor = np.zeros(len(directory.points), np.uint64)
    for point, number in directory.sensors_at(moment).items():
        sensor[point] = number
    offset, uncertainty = directory.calibration(sensor, np.full(len(sensor), moment))
    return offset, np.where(sensor == 0, np.nan, uncertainty)


def reason_not_judged(
    directory: Directory, standard: Standard, day: date, index: int, is_suitable: bool
) -> str:
    """Return why a point is never judged on a day, or an empty text."""
    point = directory.points[index]
    if point.is_outdoor:
        return "outdoor"
    if point.use not in standard.room_uses:
        return "room_use"
    if directory.is_suspended(point.home, day):
        return "suspended_service"
    return "" if is_suitable else "unsuitable_placement"
