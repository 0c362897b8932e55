"""Recorded readings judged: findings of suppressed heating, and the verdicts of every day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.core import Celsius, Seconds
from heatward_collector.core.standard import Standard
from heatward_collector.core.suppression import Declaration, Finding, Network
from heatward_collector.core.suppression.by_day.heating_duty import HeatingDuty
from heatward_collector.core.suppression.homes.home_grid import SLOT_S
from heatward_collector.core.suppression.season import Grid, judge_season
from heatward_collector.evaluation.heat_network import declarations_of, network_of
from heatward_collector.evaluation.heating_duty import duty_at
from heatward_collector.evaluation.judging import WATERMARK_S, judge_day
from heatward_collector.evaluation.voting import SLOTS_AN_HOUR, home_season, room_day
from heatward_collector.from_files.outdoors import Outdoors
from heatward_collector.from_files.recording import Recording, days_between
from heatward_collector.from_files.sampling import waits
from heatward_collector.local_days import bounds, hours_of, span
from heatward_collector.outdoor.temperatures import NEAR_S, OutdoorSeries, OutdoorValue
from heatward_collector.registry import Directory

FILE = "file"
"""The source that verdicts name for outdoor temperatures from a file."""


@dataclass(frozen=True, slots=True)
class Season:
    """What a detector is given: homes and weather in quarters of an hour, and what is known."""

    grid: Grid
    days: tuple[tuple[int, int], ...]
    """Slots [from, to) of each local day."""
    network: Network
    declarations: tuple[Declaration, ...]
    duty_of: Callable[[int], HeatingDuty | None]
    """What is owed in the winter of the day that begins at a midnight. [s UTC]"""
    wait_s: dict[str, int] = field(default_factory=dict)
    """Homes whose sensors measure so seldom that they must be waited for: for how long. [s]"""


Detect = Callable[[Season], Sequence[Finding]]


def judged(season: Season) -> list[Finding]:
    """Return what the detector says of a season."""
    found = judge_season(
        season.grid,
        season.network,
        season.declarations,
        season.days,
        duty_of=season.duty_of,
    )
    return [_waited(one, season.wait_s) for one in found] if season.wait_s else found


def _waited(finding: Finding, wait_s: dict[str, int]) -> Finding:
    """Return a finding as it is said where its homes had to be waited for."""
    longest = max((wait_s.get(home, 0) for home in finding.affected), default=0)
    return replace(finding, detected_s=finding.detected_s + longest)


def season_of(recording: Recording, outdoors: Outdoors, standard: Standard) -> Season:
    """Return the homes of a recording as a detector sees them."""
    days = recording.days()
    directory = recording.directory
    rooms = [room_day(directory, standard, day, recording.cut_between) for day in days]
    season = season_from(directory, standard, days, rooms, outdoors)
    return replace(season, wait_s=_waits(directory, waits(recording.distance_s)))


def _waits(directory: Directory, wait_s: Seconds) -> dict[str, int]:
    """Return for how long homes must be waited for, of what is so of points. [s]"""
    found: dict[str, int] = {}
    for point in np.flatnonzero((wait_s > 0) & (directory.point_home >= 0)).tolist():
        home = directory.homes[int(directory.point_home[point])]
        found[home] = max(found.get(home, 0), int(wait_s[point]))
    return found


def season_from(
    directory: Directory,
    standard: Standard,
    days: Sequence[date],
    rooms: Sequence[Celsius],
    outdoors: Outdoors,
) -> Season:
    """Return homes as a detector sees them, from what the rooms of consecutive days say."""
    zone = ZoneInfo(standard.timezone)
    start_s, end_s = bounds(days[0], zone)[0], bounds(days[-1], zone)[1]
    edges = [(bounds(day, zone)[0] - start_s) // SLOT_S for day in days]
    edges.append((end_s - start_s) // SLOT_S)
    time_s = np.arange(start_s, end_s, SLOT_S, dtype=np.int64)
    hours = np.concatenate([np.array(hours_of(day, zone), np.float64) for day in days])
    quarter = (time_s - start_s) % 3600 / 3600
    grid = Grid(
        start_s=start_s,
        slot_s=SLOT_S,
        homes=home_season(directory, rooms),
        outdoor=outdoors.known_at(time_s + SLOT_S, outdoors.fresh_s),
        hour=np.repeat(hours, SLOTS_AN_HOUR) + quarter,
        is_season=np.repeat([standard.in_season(day) for day in days], np.diff(edges)),
    )
    return Season(
        grid,
        tuple(pairwise(edges)),
        network_of(directory),
        declarations_of(directory),
        partial(duty_at, standard),
    )


def findings_of(
    season: Season, first: date, last: date, zone: ZoneInfo, detect: Detect = judged
) -> list[Finding]:
    """Return what is found on the days from first to last, in the order in which it was said."""
    begin, end = span(first, last, zone)
    found = [
        finding
        for finding in detect(season)
        if finding.start_s < end and (finding.end_s is None or finding.end_s > begin)
    ]
    return sorted(found, key=lambda one: (one.detected_s, one.start_s, one.level, one.place))


def verdicts_of(
    recording: Recording, outdoors: Outdoors, standard: Standard, first: date, last: date
) -> Iterator[DayVerdict]:
    """Yield the verdicts of every day, each long after the day was over."""
    zone = ZoneInfo(standard.timezone)
    now_s = bounds(last, zone)[1] + WATERMARK_S

    def _imported(_district: str, start_s: int, end_s: int) -> OutdoorSeries:
        near = slice(*np.searchsorted(outdoors.time_s, (start_s - NEAR_S, end_s + NEAR_S)).tolist())
        pairs = zip(outdoors.time_s[near].tolist(), outdoors.celsius[near].tolist(), strict=True)
        return OutdoorSeries(OutdoorValue(time_s, celsius, FILE) for time_s, celsius in pairs)

    for day in days_between(first, last):
        yield from judge_day(recording.directory, standard, day, recording.cut, now_s, _imported)
