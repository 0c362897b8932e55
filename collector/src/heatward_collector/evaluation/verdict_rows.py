"""From arrays to the rows that are kept: each verdict with everything that it rests on.

They are made as they are written, so that a city's millions are never in memory together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.core import Celsius, Indices, Mask, groups
from heatward_collector.core import compliance as core
from heatward_collector.core.compliance import Verdict
from heatward_collector.core.running_day import RunningDay
from heatward_collector.core.standard import Rule
from heatward_collector.evaluation.printed_numbers import all_printed
from heatward_collector.registry import Directory

WORDS = {int(verdict): verdict.name.lower() for verdict in Verdict}
PLACES_AT_ONCE = 8_192
"""So many are put into words together: a kilobyte each."""
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

    def silent(self, directory: Directory, running: RunningDay) -> Iterator[tuple[str, str]]:
        """Yield level and id of what is asked for and of which nothing is said."""
        is_heard = running.is_heard & ~directory.points.is_outdoor
        for point in self.points[~is_heard[self.points]].tolist():
            yield "room", directory.points.ids[point]
        home = np.zeros(len(directory.homes), bool)
        home[directory.point_home[running.is_heard & (directory.point_home >= 0)]] = True
        for one in np.flatnonzero(self.homes & ~home).tolist():
            yield "home", directory.homes[one]
        building = np.zeros(len(directory.buildings), bool)
        building[directory.home_building[home]] = True
        for one in np.flatnonzero(self.buildings & ~building).tolist():
            yield "building", directory.buildings[one]


def room_verdicts(
    directory: Directory,
    rule: Rule,
    day: date,
    running: RunningDay,
    wanted: Wanted,
    provisional: bool,
    rooms: RoomFacts,
    counted: Mask,
) -> Iterator[DayVerdict]:
    """Yield the verdicts of the wanted rooms that were heard."""
    heard = wanted.points[running.is_heard[wanted.points]]
    heard = heard[~directory.points.is_outdoor[heard]]
    ids = directory.points.ids
    for first in range(0, len(heard), PLACES_AT_ONCE):
        some = heard[first : first + PLACES_AT_ONCE]
        words = [WORDS[one] for one in running.judged.verdict[some].tolist()]
        facts = _room_facts(running, rooms, some, rule, counted)
        for place, word, fact in zip(_names(ids, some), words, facts, strict=True):
            yield DayVerdict("room", place, day, word, rule.version, fact, provisional)


def _room_facts(
    running: RunningDay, rooms: RoomFacts, some: Indices, rule: Rule, counted: Mask
) -> list[dict[str, Any]]:
    """Return what the verdicts of some rooms rest on."""
    judged, means = running.judged, running.means(some)[counted]
    columns: dict[str, list[Any]] = {
        "coverage": all_printed(judged.coverage[some]),
        "mean": all_printed(judged.mean[some]),
        "minimum": all_printed(judged.minimum[some]),
        "hours_below": judged.hours_below[some].tolist(),
        "hours_possibly_below": judged.hours_possibly_below[some].tolist(),
        "degree_hours": all_printed(judged.degree_hours[some]),
        "guard": all_printed(judged.guard[some]),
        "calibrated": rooms.is_calibrated[some].tolist(),
        "offset": all_printed(rooms.offset[-1, some]),
        "calibration_u": all_printed(rooms.calibration_u[some]),
        "placement_u": all_printed(rooms.placement_u[some]),
        "refund_hours": _refund_hours(rule, means, judged.guard[some]),
    }
    names = tuple(columns)
    facts = [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    for one in np.flatnonzero(running.hours_stuck[some]).tolist():
        facts[one]["hours_stuck"] = int(running.hours_stuck[some[one]])
    for one in np.flatnonzero(rooms.reason[some]).tolist():
        facts[one]["not_judged"] = REASONS[rooms.reason[some[one]]]
    return facts


def _refund_hours(rule: Rule, means: Celsius, guard: Celsius) -> list[dict[str, list[float]]]:
    """Return each room's hours certainly and possibly under every tier of the refund. [h]"""
    found: list[dict[str, list[float]]] = [{} for _ in range(means.shape[1])]
    for tier in rule.tiers:
        both = np.stack(core.hours_under(means, tier.below_celsius, guard), axis=1)
        for room, hours in zip(found, both.tolist(), strict=True):
            room[str(tier.below_celsius)] = hours
    return found


def place_verdicts(
    directory: Directory,
    rule: Rule,
    day: date,
    running: RunningDay,
    wanted: Wanted,
    provisional: bool,
) -> Iterator[DayVerdict]:
    """Yield the verdicts of the wanted homes and buildings of which a room was heard."""
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
    asked = heard[wanted.homes[heard]]
    for first in range(0, len(asked), PLACES_AT_ONCE):
        some = asked[first : first + PLACES_AT_ONCE]
        words = [WORDS[one] for one in home_verdict[some].tolist()]
        known = all_printed(medians[some]), all_printed(coverage[some])
        names = _names(directory.homes, some)
        for place, word, median, share in zip(names, words, *known, strict=True):
            facts = {"median": median, "coverage": share}
            yield DayVerdict("home", place, day, word, rule.version, facts, provisional)
    said = (home_verdict, heard, medians, coverage)
    yield from _building_verdicts(directory, rule, day, said, provisional)


def _building_verdicts(
    directory: Directory,
    rule: Rule,
    day: date,
    said: tuple[Indices, Indices, Celsius, Celsius],
    provisional: bool,
) -> Iterator[DayVerdict]:
    """Yield buildings by what is said of homes: verdicts, which were heard, medians, coverage."""
    home_verdict, heard, home_median, home_coverage = said
    count, building = len(directory.buildings), directory.home_building
    judged = core.judge_buildings(home_verdict, building, count)
    homes = np.bincount(building[heard], minlength=count)
    median = groups.medians(home_median[heard], building[heard], count)
    coverage = groups.means(home_coverage[heard], building[heard], count)
    some = np.flatnonzero(homes)
    columns: dict[str, list[Any]] = {
        "homes": homes[some].tolist(),
        "homes_judged": judged.judged[some].tolist(),
        "homes_below": judged.below[some].tolist(),
        "homes_met": judged.met[some].tolist(),
        "median": all_printed(median[some]),
        "coverage": all_printed(coverage[some]),
    }
    names, words = tuple(columns), [WORDS[one] for one in judged.verdict[some].tolist()]
    rows = zip(*columns.values(), strict=True)
    for index, word, row in zip(some.tolist(), words, rows, strict=True):
        facts = dict(zip(names, row, strict=True))
        place = directory.buildings[index]
        yield DayVerdict("building", place, day, word, rule.version, facts, provisional)


def _names(ids: Sequence[str], some: Indices) -> Sequence[str]:
    """Return the ids at ascending places; those of a run are cut out together."""
    if len(some) and some[-1] - some[0] + 1 == len(some):
        return ids[int(some[0]) : int(some[-1]) + 1]
    return [ids[one] for one in some.tolist()]


def _home_coverage(point_home: Indices, homes: int, judged: core.RoomDays) -> Celsius:
    """Return each home's best room's coverage. [0 to 1]"""
    coverage = np.zeros(homes)
    inside = point_home >= 0
    np.maximum.at(coverage, point_home[inside], judged.coverage[inside])
    return coverage
