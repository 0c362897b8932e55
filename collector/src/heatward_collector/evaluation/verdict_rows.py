"""From arrays to what is kept: each verdict with everything that it rests on.

Blocks and rows are made as they are written, so that a city's millions are never in memory
together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from heatward_collector.conclusions.packed_columns import Column
from heatward_collector.conclusions.verdict_blocks import VerdictBlock
from heatward_collector.conclusions.verdicts import Said, verdicts_of
from heatward_collector.core import Celsius, Indices, Mask, groups
from heatward_collector.core import compliance as core
from heatward_collector.core.compliance import Verdict
from heatward_collector.core.running_day import RunningDay
from heatward_collector.core.standard import Rule
from heatward_collector.evaluation.printed_numbers import all_printed
from heatward_collector.registry import Directory

WORDS = [verdict.name.lower() for verdict in sorted(Verdict)]
PLACES_AT_ONCE = 8_192
"""So many are put into words together: a kilobyte each."""
PLACES_A_BLOCK = 4_096
"""So many neighbours' provisional verdicts are kept together."""
MANY = 1 / 8
"""Of neighbours of whom more than this have a new provisional verdict, all are said in a block:
a row takes as long as a dozen places of a block."""
REASONS = ["", "outdoor", "room_use", "suspended_service", "unsuitable_placement"]
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
    room_blocks: Mask
    """Of which ``PLACES_A_BLOCK`` neighbours all rooms are wanted, in a block."""
    home_blocks: Mask

    @classmethod
    def of(
        cls,
        directory: Directory,
        changed: Mask,
        running: RunningDay,
        all_buildings: bool,
        in_blocks: bool,
    ) -> Wanted:
        """Return changed points with their homes and buildings, or with all buildings.

        ``in_blocks`` says whether many neighbours may be said together.
        """
        homes = np.zeros(len(directory.homes), bool)
        homes[directory.point_home[changed & (directory.point_home >= 0)]] = True
        buildings = np.full(len(directory.buildings), all_buildings)
        buildings[directory.home_building[homes]] = True
        heard_room, heard_home = _heard(directory, running)
        room_blocks = _many(changed & heard_room, heard_room) & in_blocks
        home_blocks = _many(homes & heard_home, heard_home) & in_blocks
        points = changed | (heard_room & _spread(room_blocks, len(changed)))
        homes |= heard_home & _spread(home_blocks, len(homes))
        return cls(
            np.flatnonzero(points).astype(np.int32), homes, buildings, room_blocks, home_blocks
        )

    def silent(self, directory: Directory, running: RunningDay) -> Iterator[tuple[str, str]]:
        """Yield level and id of what is asked for and of which nothing is said."""
        heard_room, heard_home = _heard(directory, running)
        for point in self.points[~heard_room[self.points]].tolist():
            yield "room", directory.points.ids[point]
        for one in np.flatnonzero(self.homes & ~heard_home).tolist():
            yield "home", directory.homes[one]
        building = np.zeros(len(directory.buildings), bool)
        building[directory.home_building[heard_home]] = True
        for one in np.flatnonzero(self.buildings & ~building).tolist():
            yield "building", directory.buildings[one]


def _heard(directory: Directory, running: RunningDay) -> tuple[Mask, Mask]:
    """Return which points are rooms that were heard, and which homes have any."""
    home = np.zeros(len(directory.homes), bool)
    home[directory.point_home[running.is_heard & (directory.point_home >= 0)]] = True
    return running.is_heard & ~directory.points.is_outdoor, home


def _many(changed: Mask, heard: Mask) -> Mask:
    """Say of which neighbours many changed, of those that were heard."""
    starts = np.arange(0, len(heard), PLACES_A_BLOCK)
    new, all_heard = (np.add.reduceat(one, starts, dtype=np.int32) for one in (changed, heard))
    return np.asarray((new > 0) & (new > MANY * all_heard))


def _spread(blocks: Mask, count: int) -> Mask:
    return np.repeat(blocks, PLACES_A_BLOCK)[:count]


def _parts(places: Indices, blocks: Mask) -> Iterator[tuple[Indices, bool]]:
    """Yield ascending places in parts, and whether a part is said in a block: those come first."""
    for first in (np.flatnonzero(blocks) * PLACES_A_BLOCK).tolist():
        yield places[slice(*np.searchsorted(places, (first, first + PLACES_A_BLOCK)))], True
    rest = places[~blocks[places // PLACES_A_BLOCK]]
    for first in range(0, len(rest), PLACES_AT_ONCE):
        yield rest[first : first + PLACES_AT_ONCE], False


def room_verdicts(
    directory: Directory,
    rule: Rule,
    day: date,
    running: RunningDay,
    wanted: Wanted,
    provisional: bool,
    rooms: RoomFacts,
    counted: Mask,
) -> Iterator[Said]:
    """Yield the verdicts of the wanted rooms that were heard."""
    heard = wanted.points[running.is_heard[wanted.points]]
    heard = heard[~directory.points.is_outdoor[heard]]
    for some, is_block in _parts(heard, wanted.room_blocks):
        facts = _room_facts(running, rooms, some, rule, counted)
        names, word = _names(directory.points.ids, some), running.judged.verdict[some]
        yield from _said("room", day, rule, names, word, facts, provisional, is_block)


def _said(
    level: str,
    day: date,
    rule: Rule,
    names: list[str],
    verdict: npt.NDArray[np.integer[Any]],
    facts: dict[str, Column],
    provisional: bool,
    is_block: bool,
) -> Iterator[Said]:
    word = verdict.astype(np.uint8)
    block = VerdictBlock(level, day.isoformat(), rule.version, names, WORDS, word, REASONS, facts)
    if is_block:
        yield block
    else:
        yield from verdicts_of(block, provisional)


def _room_facts(
    running: RunningDay, rooms: RoomFacts, some: Indices, rule: Rule, counted: Mask
) -> dict[str, Column]:
    """Return what the verdicts of some rooms rest on."""
    judged, means = running.judged, running.means(some)[counted]
    guard = judged.guard[some]
    facts: dict[str, Column] = {
        "coverage": all_printed(judged.coverage[some]),
        "mean": all_printed(judged.mean[some]),
        "minimum": all_printed(judged.minimum[some]),
        "hours_below": judged.hours_below[some],
        "hours_possibly_below": judged.hours_possibly_below[some],
        "degree_hours": all_printed(judged.degree_hours[some]),
        "guard": all_printed(guard),
        "calibrated": rooms.is_calibrated[some],
        "offset": all_printed(rooms.offset[-1, some]),
        "calibration_u": all_printed(rooms.calibration_u[some]),
        "placement_u": all_printed(rooms.placement_u[some]),
        "hours_stuck": running.hours_stuck[some],
        "not_judged": rooms.reason[some],
    }
    for tier in rule.tiers:
        # Hours certainly and possibly under the limit. [h]
        both = np.stack(core.hours_under(means, tier.below_celsius, guard), axis=1)
        facts[f"refund_hours/{tier.below_celsius}"] = both
    return facts


def place_verdicts(
    directory: Directory,
    rule: Rule,
    day: date,
    running: RunningDay,
    wanted: Wanted,
    provisional: bool,
) -> Iterator[Said]:
    """Yield the verdicts of the wanted homes and buildings of which a room was heard."""
    homes, judged = len(directory.homes), running.judged
    # Of a building of which anything is wanted all homes are looked at, and of no other.
    is_looked_at = wanted.buildings.copy()
    is_looked_at[directory.home_building[wanted.homes]] = True
    has_say = is_looked_at[directory.home_building][directory.point_home]
    point_home = np.where(has_say & (directory.point_home >= 0), directory.point_home, -1)
    point_home = point_home.astype(np.int32)
    home_verdict = core.worst_of_group(judged.verdict, point_home, homes)
    heard = np.unique(point_home[running.is_heard & (point_home >= 0)])
    voting = np.where(judged.verdict != Verdict.NOT_JUDGEABLE, judged.mean, np.nan)
    medians = groups.medians(voting, point_home, homes)
    coverage = _home_coverage(point_home, homes, judged)
    for some, is_block in _parts(heard[wanted.homes[heard]], wanted.home_blocks):
        facts = {"median": all_printed(medians[some]), "coverage": all_printed(coverage[some])}
        names, word = _names(directory.homes, some), home_verdict[some]
        yield from _said("home", day, rule, names, word, facts, provisional, is_block)
    building = directory.home_building
    told = heard[wanted.buildings[building[heard]]]
    said = (home_verdict, told, medians, coverage)
    yield from _building_verdicts(directory, rule, day, said, provisional)


def _building_verdicts(
    directory: Directory,
    rule: Rule,
    day: date,
    said: tuple[Indices, Indices, Celsius, Celsius],
    provisional: bool,
) -> Iterator[Said]:
    """Yield buildings by what is said of homes: verdicts, which were heard, medians, coverage."""
    home_verdict, heard, home_median, home_coverage = said
    count, building = len(directory.buildings), directory.home_building
    judged = core.judge_buildings(home_verdict, building, count)
    homes = np.bincount(building[heard], minlength=count)
    median = groups.medians(home_median[heard], building[heard], count)
    coverage = groups.means(home_coverage[heard], building[heard], count)
    told = np.flatnonzero(homes).astype(np.int32)
    for first in range(0, len(told), PLACES_AT_ONCE):
        some = told[first : first + PLACES_AT_ONCE]
        facts: dict[str, Column] = {
            "homes": homes[some],
            "homes_judged": judged.judged[some],
            "homes_below": judged.below[some],
            "homes_met": judged.met[some],
            "median": all_printed(median[some]),
            "coverage": all_printed(coverage[some]),
        }
        names, word = _names(directory.buildings, some), judged.verdict[some]
        yield from _said("building", day, rule, names, word, facts, provisional, False)


def _names(ids: Sequence[str], some: Indices) -> list[str]:
    """Return the ids at ascending places; those of a run are cut out together."""
    if len(some) and some[-1] - some[0] + 1 == len(some):
        return list(ids[int(some[0]) : int(some[-1]) + 1])
    return [ids[one] for one in some.tolist()]


def _home_coverage(point_home: Indices, homes: int, judged: core.RoomDays) -> Celsius:
    """Return each home's best room's coverage. [0 to 1]"""
    coverage = np.zeros(homes)
    inside = point_home >= 0
    np.maximum.at(coverage, point_home[inside], judged.coverage[inside])
    return coverage
