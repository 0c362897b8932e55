"""From arrays to the rows that are kept: each verdict with everything that it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices, Mask, groups
from heatward_collector.core import compliance as core
from heatward_collector.core.compliance import Verdict
from heatward_collector.core.standard import Rule
from heatward_collector.registry import Directory
from heatward_collector.verdicts import DayVerdict


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """What is known of every point on one day."""

    offset: Celsius
    """Of every hour, (hours, points): a sensor may be changed within the day. [K]"""
    calibration_u: Celsius
    """The largest of the day. [K]"""
    placement_u: Celsius
    is_judged: Mask
    is_calibrated: Mask
    reason: list[str]
    """Why a point is never judged, or empty."""
    hours_stuck: npt.NDArray[np.int64]
    """Hours in which its sensor stood still while the building moved. [h]"""


def room_verdicts(
    directory: Directory,
    rule: Rule,
    day: date,
    judged: core.RoomDays,
    rooms: RoomFacts,
    counted: Celsius,
    seen: Mask,
    provisional: bool,
) -> list[DayVerdict]:
    """Return the verdicts of every room that was heard; ``counted`` are its hours that count."""
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
            "offset": _round(rooms.offset[-1, index]),
            "calibration_u": _round(rooms.calibration_u[index]),
            "placement_u": _round(rooms.placement_u[index]),
            "refund_hours": {
                str(tier.below_celsius): [certain[index], possible[index]]
                for tier, certain, possible in tiers
            },
        }
        if rooms.hours_stuck[index]:
            facts["hours_stuck"] = int(rooms.hours_stuck[index])
        if rooms.reason[index]:
            facts["not_judged"] = rooms.reason[index]
        word = Verdict(int(judged.verdict[index])).name.lower()
        verdicts.append(DayVerdict("room", point.id, day, word, rule.version, facts, provisional))
    return verdicts


def place_verdicts(
    directory: Directory,
    rule: Rule,
    day: date,
    judged: core.RoomDays,
    seen: Mask,
    provisional: bool,
) -> list[DayVerdict]:
    """Return the verdicts of every home and building of which a room was heard."""
    homes = len(directory.homes)
    home_verdict = core.worst_of_group(judged.verdict, directory.point_home, homes)
    heard = np.unique(directory.point_home[seen & (directory.point_home >= 0)])
    voting = np.where(judged.verdict != Verdict.NOT_JUDGEABLE, judged.mean, np.nan)
    medians = groups.medians(voting, directory.point_home, homes)
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
    return verdicts + _building_verdicts(
        directory, rule, day, home_verdict, heard, medians, coverage, provisional
    )


def _building_verdicts(
    directory: Directory,
    rule: Rule,
    day: date,
    home_verdict: Indices,
    heard: Indices,
    home_median: Celsius,
    home_coverage: Celsius,
    provisional: bool,
) -> list[DayVerdict]:
    count = len(directory.buildings)
    building = directory.home_building
    judged = core.judge_buildings(home_verdict, building, count)
    homes = np.bincount(building[heard], minlength=count)
    median = groups.medians(home_median[heard], building[heard], count)
    coverage = groups.means(home_coverage[heard], building[heard], count)
    verdicts = []
    for index in np.flatnonzero(homes).tolist():
        facts = {
            "homes": int(homes[index]),
            "homes_judged": int(judged.judged[index]),
            "homes_below": int(judged.below[index]),
            "homes_met": int(judged.met[index]),
            "median": _round(median[index]),
            "coverage": _round(coverage[index]),
        }
        word = Verdict(int(judged.verdict[index])).name.lower()
        place = directory.buildings[index]
        verdicts.append(DayVerdict("building", place, day, word, rule.version, facts, provisional))
    return verdicts


def _home_coverage(directory: Directory, judged: core.RoomDays) -> Celsius:
    """Return each home's best room's coverage. [0 to 1]"""
    coverage = np.zeros(len(directory.homes))
    inside = directory.point_home >= 0
    np.maximum.at(coverage, directory.point_home[inside], judged.coverage[inside])
    return coverage


def _round(value: float) -> float | None:
    """Round to what is printed, so that a revision means that something visible changed."""
    return None if np.isnan(value) else round(float(value), 4)
