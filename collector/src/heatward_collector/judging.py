"""One local day through the core: grids in, verdicts of rooms, homes and buildings out.

Where the grid comes from, window or ledger, is the caller's business; the answer is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.core import Celsius, Mask, Raw
from heatward_collector.core import compliance as core
from heatward_collector.core.compliance import Verdict
from heatward_collector.core.grid import HOLD_S, SLOT_S, hold
from heatward_collector.core.standard import Rule, Standard
from heatward_collector.local_days import bounds, hours_of
from heatward_collector.registry import Directory
from heatward_collector.registry.directory import UNCALIBRATED_U
from heatward_collector.verdicts import DayVerdict

SLOTS_AN_HOUR = 3600 // SLOT_S
WATERMARK_S = 1800
"""A day is final this long after its end: what comes later makes a revision. [s]"""
GridOf = Callable[[int, int], Raw]
"""From (first second, number of slots) to an int16 grid of slots x points."""


@dataclass(frozen=True, slots=True)
class _Rooms:
    """What is known of every point on one day."""

    offset: Celsius
    calibration_u: Celsius
    placement_u: Celsius
    is_judged: Mask
    is_calibrated: Mask
    reason: list[str]


def judge_day(
    directory: Directory, standard: Standard, day: date, grid_of: GridOf, now_s: float
) -> list[DayVerdict]:
    """Return every verdict of a local day; none outside the season or before any known rule."""
    rule = standard.rule_on(day)
    if rule is None or not standard.in_season(day) or not directory.points:
        return []
    zone = ZoneInfo(standard.timezone)
    start, end = bounds(day, zone)
    means = _means(directory, grid_of, start, end)
    rooms = _rooms(directory, standard, day, (start + end) // 2)
    means += rooms.offset
    counted = _counted_hours(standard, day, zone, start, now_s)
    guard = core.guard_band(rooms.calibration_u, rooms.placement_u)
    judged = core.judge_rooms(means, counted, rule.minimum_celsius, guard, rooms.is_judged)
    provisional = now_s < end + WATERMARK_S
    seen = _seen(directory, means)
    return [
        *_room_verdicts(directory, rule, day, judged, rooms, means[counted], seen, provisional),
        *_place_verdicts(directory, rule, day, judged, seen, provisional),
    ]


def _means(directory: Directory, grid_of: GridOf, start: int, end: int) -> Celsius:
    """Return hourly means of the day, with what the hour before still covers. [degC]"""
    before = HOLD_S // SLOT_S
    slots = (end - start) // SLOT_S
    held = hold(grid_of(start - HOLD_S, slots + before), directory.intervals)
    return core.hourly_means(held[before:], SLOTS_AN_HOUR, np.zeros(held.shape[1]))


def _counted_hours(standard: Standard, day: date, zone: ZoneInfo, start: int, now_s: float) -> Mask:
    """Say which hours of the day count: measured outside the excluded ones, and over."""
    hours = np.array(hours_of(day, zone))
    over = start + 3600 * (np.arange(len(hours)) + 1) <= now_s
    if standard.excluded_hours is None:
        return np.asarray(over)
    first, last = standard.excluded_hours
    return np.asarray(over & ~((hours >= first) & (hours < last)))


def _rooms(directory: Directory, standard: Standard, day: date, noon_s: int) -> _Rooms:
    points = len(directory.points)
    sensors = directory.sensors_at(noon_s)
    sensor = np.zeros(points, np.uint64)
    for point, number in sensors.items():
        sensor[point] = number
    offset, calibration_u = directory.calibration(sensor, np.full(points, noon_s))
    placements = [directory.placement(point, noon_s) for point in range(points)]
    documented = np.array([placement[0] for placement in placements], bool)
    reason = [
        _reason(directory, standard, day, index, placements[index][1]) for index in range(points)
    ]
    return _Rooms(
        offset,
        calibration_u,
        np.where(documented, core.PLACEMENT_U_DOCUMENTED, core.PLACEMENT_U_UNKNOWN),
        np.array([not word for word in reason], bool),
        calibration_u < UNCALIBRATED_U,
        reason,
    )


def _reason(
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


def _seen(directory: Directory, means: Celsius) -> Mask:
    """Say which points were heard on the day at all."""
    return np.asarray(~np.isnan(means).all(axis=0)) if len(means) else np.zeros(0, bool)


def _room_verdicts(
    directory: Directory,
    rule: Rule,
    day: date,
    judged: core.RoomDays,
    rooms: _Rooms,
    counted: Celsius,
    seen: Mask,
    provisional: bool,
) -> list[DayVerdict]:
    tiers = [
        (tier, *core.hours_under(counted, tier.below_celsius, judged.guard)) for tier in rule.tiers
    ]
    verdicts = []
    for point in directory.points:
        if point.is_outdoor or not seen[point.index]:
            continue
        index = point.index
        facts: dict[str, Any] = {
            "coverage": _round(judged.coverage[index]),
            "mean": _round(judged.mean[index]),
            "minimum": _round(judged.minimum[index]),
            "hours_below": judged.hours_below[index],
            "hours_possibly_below": judged.hours_possibly_below[index],
            "degree_hours": _round(judged.degree_hours[index]),
            "guard": _round(judged.guard[index]),
            "calibrated": bool(rooms.is_calibrated[index]),
            "offset": _round(rooms.offset[index]),
            "refund_hours": {
                str(tier.below_celsius): [certain[index], possible[index]]
                for tier, certain, possible in tiers
            },
        }
        if rooms.reason[index]:
            facts["not_judged"] = rooms.reason[index]
        word = Verdict(int(judged.verdict[index])).name.lower()
        verdicts.append(DayVerdict("room", point.id, day, word, rule.version, facts, provisional))
    return verdicts


def _place_verdicts(
    directory: Directory,
    rule: Rule,
    day: date,
    judged: core.RoomDays,
    seen: Mask,
    provisional: bool,
) -> list[DayVerdict]:
    homes = len(directory.homes)
    home_verdict = core.worst_of_group(judged.verdict, directory.point_home, homes)
    heard = np.unique(directory.point_home[seen & (directory.point_home >= 0)])
    medians = _home_medians(directory, judged)
    coverage = _home_coverage(directory, judged)
    verdicts = [
        DayVerdict(
            "home",
            directory.homes[home],
            day,
            Verdict(int(home_verdict[home])).name.lower(),
            rule.version,
            {"median": _round(medians[home]), "coverage": _round(coverage[home])},
            provisional,
        )
        for home in heard.tolist()
    ]
    buildings = core.judge_buildings(
        home_verdict, directory.home_building, len(directory.buildings)
    )
    home_count = np.bincount(directory.home_building[heard], minlength=len(directory.buildings))
    for index in np.unique(directory.home_building[heard]).tolist():
        members = heard[directory.home_building[heard] == index]
        known = medians[members][~np.isnan(medians[members])]
        facts = {
            "homes": int(home_count[index]),
            "homes_judged": int(buildings.judged[index]),
            "homes_below": int(buildings.below[index]),
            "homes_met": int(buildings.met[index]),
            "median": _round(float(np.median(known))) if len(known) else None,
            "coverage": _round(float(np.mean(coverage[members]))),
        }
        word = Verdict(int(buildings.verdict[index])).name.lower()
        place = directory.buildings[index]
        verdicts.append(DayVerdict("building", place, day, word, rule.version, facts, provisional))
    return verdicts


def _home_medians(directory: Directory, judged: core.RoomDays) -> Celsius:
    """Return each home's median over its judged rooms' daily means. [degC]"""
    medians = np.full(len(directory.homes), np.nan)
    voting = judged.verdict != Verdict.NOT_JUDGEABLE
    for home in np.unique(directory.point_home[voting & (directory.point_home >= 0)]).tolist():
        medians[home] = np.median(judged.mean[voting & (directory.point_home == home)])
    return medians


def _home_coverage(directory: Directory, judged: core.RoomDays) -> Celsius:
    """Return each home's best room's coverage. [0 to 1]"""
    coverage = np.zeros(len(directory.homes))
    inside = directory.point_home >= 0
    np.maximum.at(coverage, directory.point_home[inside], judged.coverage[inside])
    return coverage


def _round(value: float) -> float | None:
    """Round to what is printed, so that a revision means that something visible changed."""
    return None if np.isnan(value) else round(float(value), 4)
