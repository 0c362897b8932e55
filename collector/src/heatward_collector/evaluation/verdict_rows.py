"""From arrays to the rows that are kept: each verdict with everything that it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.core import Celsius, Indices, Mask, groups
from heatward_collector.core import compliance as core
from heatward_collector.core.compliance import Verdict
from heatward_collector.core.running_day import POINTS_AT_ONCE, RunningDay
from heatward_collector.core.standard import Rule
from heatward_collector.registry import Directory

REASONS = ("", "outdoor", "room_use", "suspended_service", "unsuitable_placement")
"""Why a point is never judged; of several the first one is said."""


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
    reason: npt.NDArray[np.uint8]
    """Why a point is never judged, as a place in ``REASONS``, (points,)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which verdicts are asked for."""

    points: Indices
    homes: Mask
    buildings: Mask

    @classmethod
    def of(cls, directory: Directory, changed: Mask, all_buildings: bool) -> Wanted:
        """Return changed points with their homes and buildings, or with all buildings."""
        homes = np.zeros(len(directory.homes), bool)
        homes[directory.point_home[changed & (directory.point_home >= 0)]] = True
        buildings = np.full(len(directory.buildings), all_buildings)
        buildings[directory.home_building[homes]] = True
        return cls(np.flatnonzero(changed).astype(np.int32), homes, buildings)

    def places(self, directory: Directory) -> set[tuple[str, str]]:
        """Return level and id of everything that is asked for."""
        return {
            *(("room", directory.points.ids[point]) for point in self.points.tolist()),
            *(("home", directory.homes[home]) for home in np.flatnonzero(self.homes).tolist()),
            *(
                ("building", directory.buildings[building])
                for building in np.flatnonzero(self.buildings).tolist()
            ),
        }


def room_verdicts(
    directory: Directory,
    rule: Rule,
    day: date,
    running: RunningDay,
    rooms: RoomFacts,
    wanted: Wanted,
    counted: Mask,
    provisional: bool,
) -> list[DayVerdict]:
    """Return the verdicts of the wanted rooms that were heard."""
    heard = wanted.points[running.is_heard[wanted.points]]
    heard = heard[~directory.points.is_outdoor[heard]]
    ids = directory.points.ids
    verdicts: list[DayVerdict] = []
    for first in range(0, len(heard), POINTS_AT_ONCE):
        some = heard[first : first + POINTS_AT_ONCE]
        means, guard = running.means(some)[counted], running.judged.guard[some]
        tiers = [
            (str(tier.below_celsius), *core.hours_under(means, tier.below_celsius, guard))
            for tier in rule.tiers
        ]
        for row, index in enumerate(some.tolist()):
            facts = _room_facts(running, rooms, index)
            facts["refund_hours"] = {
                limit: [certain[row], possible[row]] for limit, certain, possible in tiers
            }
            word = Verdict(int(running.judged.verdict[index])).name.lower()
            verdicts.append(
                DayVerdict("room", ids[index], day, word, rule.version, facts, provisional)
            )
    return verdicts


def _room_facts(running: RunningDay, rooms: RoomFacts, index: int) -> dict[str, Any]:
    judged = running.judged
    facts: dict[str, Any] = {
        "coverage": printed(judged.coverage[index]),
        "mean": printed(judged.mean[index]),
        "minimum": printed(judged.minimum[index]),
        "hours_below": judged.hours_below[index],
        "hours_possibly_below": judged.hours_possibly_below[index],
        "degree_hours": printed(judged.degree_hours[index]),
        "guard": printed(judged.guard[index]),
        "calibrated": bool(rooms.is_calibrated[index]),
        "offset": printed(rooms.offset[-1, index]),
        "calibration_u": printed(rooms.calibration_u[index]),
        "placement_u": printed(rooms.placement_u[index]),
    }
    if running.hours_stuck[index]:
        facts["hours_stuck"] = int(running.hours_stuck[index])
    if rooms.reason[index]:
        facts["not_judged"] = REASONS[rooms.reason[index]]
    return facts


def place_verdicts(
    directory: Directory,
    rule: Rule,
    day: date,
    running: RunningDay,
    wanted: Wanted,
    provisional: bool,
) -> list[DayVerdict]:
    """Return the verdicts of the wanted homes and buildings of which a room was heard."""
    homes, judged = len(directory.homes), running.judged
    # Of a building that is wanted all homes are looked at, and of the rest of the city none.
    has_say = wanted.buildings[directory.home_building][directory.point_home]
    point_home = np.where(has_say & (directory.point_home >= 0), directory.point_home, -1)
    point_home = point_home.astype(np.int32)
    home_verdict = core.worst_of_group(judged.verdict, point_home, homes)
    heard = np.unique(point_home[running.is_heard & (point_home >= 0)])
    voting = np.where(judged.verdict != Verdict.NOT_JUDGEABLE, judged.mean, np.nan)
    medians = groups.medians(voting, point_home, homes)
    coverage = _home_coverage(point_home, homes, judged)
    verdicts = [
        DayVerdict(
            "home",
            directory.homes[home],
            day,
            Verdict(int(home_verdict[home])).name.lower(),
            rule.version,
            {"median": printed(medians[home]), "coverage": printed(coverage[home])},
            provisional,
        )
        for home in heard[wanted.homes[heard]].tolist()
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
            "median": printed(median[index]),
            "coverage": printed(coverage[index]),
        }
        word = Verdict(int(judged.verdict[index])).name.lower()
        place = directory.buildings[index]
        verdicts.append(DayVerdict("building", place, day, word, rule.version, facts, provisional))
    return verdicts


def _home_coverage(point_home: Indices, homes: int, judged: core.RoomDays) -> Celsius:
    """Return each home's best room's coverage. [0 to 1]"""
    coverage = np.zeros(homes)
    inside = point_home >= 0
    np.maximum.at(coverage, point_home[inside], judged.coverage[inside])
    return coverage


def printed(value: float) -> float | None:
    """Round to what is printed, so that a revision means that something visible changed.

    Sums differ in their last bits by how many rooms are summed at once. Those are rounded away
    first: else they would decide where the fifth digit is just a half.
    """
    return None if np.isnan(value) else round(round(float(value), 9), 4)
