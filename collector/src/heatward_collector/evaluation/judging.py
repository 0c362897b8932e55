"""One local day through the core: grids in, verdicts of rooms, homes and buildings out.

Where the grid comes from, window or ledger, is the caller's business; the answer is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import chain
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from heatward_collector.conclusions.verdict_blocks import VerdictBlock
from heatward_collector.conclusions.verdicts import DayVerdict, Said
from heatward_collector.core import Celsius, Indices, Mask, Raw, Seconds
from heatward_collector.core import compliance as core
from heatward_collector.core.grid import HOLD_S, SLOT_S
from heatward_collector.core.running_day import Block, PointRules, RunningDay
from heatward_collector.core.standard import Rule, Standard
from heatward_collector.evaluation.arrays_aside import all_aside, let_go_of
from heatward_collector.evaluation.verdict_rows import (
    REASONS,
    RoomFacts,
    Wanted,
    place_verdicts,
    room_verdicts,
)
from heatward_collector.local_days import bounds, hours_of
from heatward_collector.outdoor.days import OutdoorDay, OutdoorOf, outdoor_days, with_outdoor
from heatward_collector.outdoor.temperatures import OutdoorSeries
from heatward_collector.registry import Directory
from heatward_collector.registry.directory import UNCALIBRATED_U

BEFORE_SLOTS = HOLD_S // SLOT_S
"""So much of the grid before a day may still count in it. [slots]"""
WATERMARK_S = 1800
"""A day is final this long after its end: what comes later makes a revision. [s]"""
GridOf = Callable[[int, int], Raw]
"""From (first second, number of slots) to an int16 grid of slots x points."""
PartOf = Callable[[int, int, slice | Indices], Raw]
"""From (first second, number of slots, points) to a part of an int16 grid."""


def part_of_grid(grid: Raw, first_s: int) -> PartOf:
    """Return parts of a grid that is in memory, and begins at a second."""

    def part_of(start_s: int, slots: int, points: slice | Indices) -> Raw:
        begin = (start_s - first_s) // SLOT_S
        return grid[begin : begin + slots, points]

    return part_of


def nothing_imported(_district: str, _start_s: int, _end_s: int) -> OutdoorSeries:
    """Return no outdoor temperature: for those who have their own sensors only."""
    return OutdoorSeries()


class Judged(NamedTuple):
    """What a judgement says, to be gone through once, and before the day is judged again."""

    verdicts: Iterator[Said]
    silent: Iterator[tuple[str, str]] | None
    """Level and id of the places that it concerns and says nothing of; None for all others."""


class JudgedDay:
    """One local day of one registry, judged again as often as readings come.

    The first judgement says everything, a later one only what may have changed since.
    """

    def __init__(
        self,
        directory: Directory,
        standard: Standard,
        day: date,
        rule: Rule,
        folder: Path | None = None,
    ) -> None:
        """Begin with nothing judged; a city's numbers lie in files of a folder, if there is one."""
        self.directory = directory
        self._standard, self._day, self._rule = standard, day, rule
        self._zone = ZoneInfo(standard.timezone)
        self._start, self._end = bounds(day, self._zone)
        self._rooms = _rooms(directory, standard, day, (self._start, self._end))
        self._running = RunningDay(BEFORE_SLOTS, self._rules())
        self._running.sums = all_aside(self._running.sums, folder)
        self._running.judged = all_aside(self._running.judged, folder)
        self._outdoors: dict[str, OutdoorDay] | None = None
        self._was_provisional: bool | None = None

    def touch(self, time_s: Seconds, point: Indices) -> None:
        """Note that readings of these times and points are in the grid now."""
        near = (time_s >= self._start - HOLD_S) & (time_s < self._end)
        if near.any():
            self._running.touch((time_s[near] - self._start) // SLOT_S, point[near])

    def judge(
        self, grid: PartOf, now_s: float, outdoor_of: OutdoorOf, in_blocks: bool = False
    ) -> Judged:
        """Return the verdicts that are new or may have changed since they were last asked for.

        Provisional ones of many neighbours may be said together, ``in_blocks``.
        """
        hours = range(self._start, self._end, 3600)
        over = int(min(max((now_s - self._start) // 3600, 0), len(hours)))
        counted = _counted_hours(self._standard, self._day, self._zone, over)
        running, directory = self._running, self.directory
        changed = running.catch_up(self._block(grid), over, counted)
        outdoors = outdoor_days(directory, running.means, hours, now_s, outdoor_of)
        provisional = now_s < self._end + WATERMARK_S
        is_all = provisional != self._was_provisional
        if is_all:
            changed[:] = True
        all_buildings = is_all or outdoors != self._outdoors
        in_blocks = in_blocks and provisional
        wanted = Wanted.of(directory, changed, running, all_buildings, in_blocks)
        self._outdoors, self._was_provisional = outdoors, provisional
        asked = (directory, self._rule, self._day, running)
        verdicts = chain(
            room_verdicts(*asked, wanted, provisional, self._rooms, counted),
            self._places(place_verdicts(*asked, wanted, provisional), outdoors),
            self._let_go(),
        )
        return Judged(verdicts, None if is_all else wanted.silent(directory, running))

    def _places(self, said: Iterator[Said], outdoors: Mapping[str, OutdoorDay]) -> Iterator[Said]:
        """Yield verdicts on homes and buildings with how cold it was."""
        for one in said:
            if isinstance(one, VerdictBlock):
                yield one
            else:
                yield from with_outdoor(self.directory, [one], outdoors)

    def _let_go(self) -> Iterator[Said]:
        """Let this process hold no page of what lies in files, once all was said; say nothing."""
        let_go_of(self._running.sums)
        let_go_of(self._running.judged)
        yield from ()

    def _rules(self) -> PointRules:
        directory, rooms = self.directory, self._rooms
        building = np.full(len(directory.points), -1, np.int32)
        at_home = directory.point_home >= 0
        building[at_home] = directory.home_building[directory.point_home[at_home]]
        return PointRules(
            self._rule.minimum_celsius,
            core.guard_band(rooms.calibration_u, rooms.placement_u),
            rooms.offset,
            rooms.is_judged,
            directory.intervals,
            building,
            len(directory.buildings),
        )

    def _block(self, grid: PartOf) -> Block:
        def block(first: int, slots: int, points: slice) -> Raw:
            return grid(self._start + first * SLOT_S, slots, points)

        return block


def judged_day(
    directory: Directory, standard: Standard, day: date, folder: Path | None = None
) -> JudgedDay | None:
    """Return a local day to be judged; None outside the season or before any known rule."""
    rule = standard.rule_on(day)
    if rule is None or not standard.in_season(day) or not directory.points:
        return None
    return JudgedDay(directory, standard, day, rule, folder)


def judge_day(
    directory: Directory,
    standard: Standard,
    day: date,
    grid_of: GridOf,
    now_s: float,
    outdoor_of: OutdoorOf = nothing_imported,
) -> list[DayVerdict]:
    """Return every verdict of a local day; none outside the season or before any known rule."""
    return list(judged_once(directory, standard, day, grid_of, now_s, outdoor_of))


def judged_once(
    directory: Directory,
    standard: Standard,
    day: date,
    grid_of: GridOf,
    now_s: float,
    outdoor_of: OutdoorOf,
) -> Iterator[DayVerdict]:
    """Yield what :func:`judge_day` returns."""
    judged = judged_day(directory, standard, day)
    if judged is not None:
        start, end = bounds(day, ZoneInfo(standard.timezone))
        first = start - HOLD_S
        part_of = part_of_grid(grid_of(first, (end - first) // SLOT_S), first)
        said = judged.judge(part_of, now_s, outdoor_of).verdicts
        yield from (one for one in said if isinstance(one, DayVerdict))


def _counted_hours(standard: Standard, day: date, zone: ZoneInfo, over: int) -> Mask:
    """Say which hours of the day count: measured outside the excluded ones, and over."""
    hours = np.array(hours_of(day, zone))
    is_over = np.arange(len(hours)) < over
    if standard.excluded_hours is None:
        return is_over
    first, last = standard.excluded_hours
    return np.asarray(is_over & ~((hours >= first) & (hours < last)))


def _rooms(directory: Directory, standard: Standard, day: date, span: tuple[int, int]) -> RoomFacts:
    offset, calibration_u = calibration_of_day(directory, *span)
    documented, suitable = directory.placements(sum(span) // 2)
    reason = reasons_not_judged(directory, standard, day, suitable)
    return RoomFacts(
        offset,
        calibration_u,
        np.where(documented, core.PLACEMENT_U_DOCUMENTED, core.PLACEMENT_U_UNKNOWN),
        reason == 0,
        calibration_u < UNCALIBRATED_U,
        reason,
    )


def calibration_of_day(directory: Directory, start: int, end: int) -> tuple[Celsius, Celsius]:
    """Return offsets (hours, points) and the day's largest uncertainty (points,). [K]"""
    moments = range(start + 1800, end, 3600)
    first, last = _calibration_at(directory, start), _calibration_at(directory, end - 1)
    if all(np.array_equal(one, two, equal_nan=True) for one, two in zip(first, last, strict=True)):
        # The usual day: nobody touched a sensor, and one row serves all hours.
        offset = np.broadcast_to(first[0], (len(moments), len(first[0])))
        return offset, np.where(np.isnan(first[1]), UNCALIBRATED_U, first[1])
    hours = [_calibration_at(directory, moment) for moment in moments]
    uncertainty = np.fmax.reduce([hour[1] for hour in hours])
    return (
        np.array([hour[0] for hour in hours]),
        np.where(np.isnan(uncertainty), UNCALIBRATED_U, uncertainty),
    )


def _calibration_at(directory: Directory, moment: int) -> tuple[Celsius, Celsius]:
    """Return offset and uncertainty of every point's sensor at a moment; 0 and NaN for none."""
    sensor = np.zeros(len(directory.points), np.uint64)
    points, numbers = directory.hung_at(moment)
    sensor[points] = numbers
    offset, uncertainty = directory.calibration(sensor, np.full(len(sensor), moment))
    return offset, np.where(sensor == 0, np.nan, uncertainty)


def reasons_not_judged(
    directory: Directory, standard: Standard, day: date, suitable: Mask
) -> npt.NDArray[np.uint8]:
    """Return why each point is never judged on a day, as places in ``REASONS``, (points,)."""
    # One place more, for points of no home: those have index -1.
    suspended = np.append(directory.suspended_homes(day), False)[directory.point_home]
    causes = (
        directory.points.is_outdoor,
        ~directory.used_as(standard.room_uses),
        suspended,
        ~suitable,
    )
    return np.select(causes, np.arange(1, len(REASONS), dtype=np.uint8), np.uint8(0))
