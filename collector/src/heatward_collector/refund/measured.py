"""A season's recorded verdicts as arrays of homes and days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Indices, Mask
from heatward_collector.core.refund import NO_TIER, SeasonDays, SeasonTier
from heatward_collector.core.suppression import Kind
from heatward_collector.errors import HeatwardError
from heatward_collector.finding_store import SaidFinding
from heatward_collector.local_days import bounds
from heatward_collector.refund.books import Books
from heatward_collector.spot_checks import OfficialMeasurement, official_measurements
from heatward_collector.verdicts import DayVerdict

FEW_ROOMS = 200
"""Up to so many are looked up one by one; for more, all are read in one pass."""
UNHEATED = frozenset({Kind.LATE_START, Kind.EARLY_STOP})


@dataclass(frozen=True, slots=True)
class Measured:
    """What a season's accounts rest on; arrays are (homes, days)."""

    homes: tuple[str, ...]
    first: date
    last: date
    days: SeasonDays
    coverage: npt.NDArray[np.float32]
    """Of the best room of each home; 0 where nothing was heard."""
    suspended: Mask
    waiting: Mask
    """Days that are not over, or whose verdict is not final."""


def measure(
    books: Books,
    homes: Sequence[str],
    season: tuple[date, date],
    tiers: Sequence[SeasonTier],
    now_s: float,
) -> Measured:
    """Read what was measured of some homes in a season."""
    first, last = season
    shape = (len(homes), (last - first).days + 1)
    index = {home: number for number, home in enumerate(homes)}
    certain = np.zeros((len(tiers), *shape), np.float32)
    possible = np.zeros_like(certain)
    judged, provisional = np.zeros(shape, bool), np.zeros(shape, bool)
    coverage = np.zeros(shape, np.float32)
    place = {(tier.rule, str(tier.below_celsius)): n for n, tier in enumerate(tiers)}
    rooms = {room: index[row["home"]] for room, row in _rooms(books) if row["home"] in index}
    for verdict in room_verdicts(books, list(rooms), first, last):
        home, day = rooms[verdict.place], (verdict.day - first).days
        if verdict.provisional:
            provisional[home, day] = True
            continue
        facts = verdict.facts
        coverage[home, day] = max(coverage[home, day], facts.get("coverage") or 0.0)
        if verdict.verdict == "not_judgeable":
            continue
        judged[home, day] = True
        for limit, (sure, maybe) in facts.get("refund_hours", {}).items():
            tier = _known(place, verdict.rule, limit)
            certain[tier, home, day] = max(certain[tier, home, day], sure)
            possible[tier, home, day] = max(possible[tier, home, day], maybe)
    suspended = _suspended(books, homes, first, shape)
    waiting = provisional | ~_over(books, first, shape[1], now_s)
    days = SeasonDays(
        shares=np.array([tier.share for tier in tiers], np.float64),
        certain_hours=certain,
        possible_hours=possible,
        judged=judged & ~waiting & ~suspended,
        unheated=_unheated(books, index, first, shape, now_s) & ~suspended & ~waiting,
        official_tier=_official(books, index, tiers, first, shape),
    )
    return Measured(tuple(homes), first, last, days, coverage, suspended, waiting)


def room_verdicts(
    books: Books, rooms: Sequence[str], first: date, last: date
) -> Iterator[DayVerdict]:
    """Yield the newest revision of every verdict on some rooms in a range of days."""
    if len(rooms) <= FEW_ROOMS:
        for room in rooms:
            yield from books.verdicts.of_place("room", room, first, last)
        return
    wanted = frozenset(rooms)
    for verdict in books.verdicts.of_level("room", first, last):
        if verdict.place in wanted:
            yield verdict


def official_of(books: Books) -> list[OfficialMeasurement]:
    """Return every official measurement on site, in order of time."""
    rooms = books.directory.tables["room"]
    return official_measurements(books.tables["spot_check"], rooms, books.standard)


def is_unheated(said: SaidFinding) -> bool:
    """Say whether a finding holds that heating was owed and did not come."""
    finding = said.finding
    return finding.kind in UNHEATED and finding.accuses


def _known(place: Mapping[tuple[str, str], int], rule: str, limit: str) -> int:
    if (rule, limit) not in place:
        raise HeatwardError(
            f"判定所依据的规则 {rule}（{limit} ℃）不在规则表中，请补上 / verdicts rest on the rule "
            f"{rule} ({limit} degC), which the table of rules lacks: add it"
        )
    return place[rule, limit]


def _rooms(books: Books) -> Iterable[tuple[str, Any]]:
    return books.directory.tables["room"].items()


def _suspended(books: Books, homes: Sequence[str], first: date, shape: tuple[int, int]) -> Mask:
    suspended = np.zeros(shape, bool)
    concerned = {row["home"] for row in books.tables["suspension"]}
    for number, home in enumerate(homes):
        if home in concerned:
            suspended[number] = [
                books.directory.is_suspended(home, first + timedelta(days=day))
                for day in range(shape[1])
            ]
    return suspended


def _over(books: Books, first: date, days: int, now_s: float) -> Mask:
    return np.array(
        [bounds(first + timedelta(days=day), books.zone)[1] <= now_s for day in range(days)], bool
    )


def _unheated(
    books: Books, index: dict[str, int], first: date, shape: tuple[int, int], now_s: float
) -> Mask:
    """Return the whole days of late starts and early stops of every home's building."""
    unheated = np.zeros(shape, bool)
    spans = [bounds(first + timedelta(days=day), books.zone) for day in range(shape[1])]
    directory = books.directory
    homes = [directory.home_index[home] for home in index]
    building = [directory.buildings[directory.home_building[home]] for home in homes]
    for said in filter(is_unheated, books.said()):
        finding = said.finding
        end_s = finding.evidence.get("heat_on_s", finding.end_s)
        until = float(now_s if end_s is None else end_s)
        concerned = np.array([one in finding.buildings for one in building], bool)
        days = np.array([finding.start_s <= start and end <= until for start, end in spans], bool)
        unheated |= concerned[:, None] & days
    return unheated


def _official(
    books: Books,
    index: dict[str, int],
    tiers: Sequence[SeasonTier],
    first: date,
    shape: tuple[int, int],
) -> Indices:
    """Return each day's most severe tier by a certified measurement."""
    found = np.full(shape, NO_TIER, np.int32)
    for one in official_of(books):
        day = (one.day - first).days
        if one.home not in index or not 0 <= day < shape[1]:
            continue
        reached = [
            number
            for number, tier in enumerate(tiers)
            if tier.first <= one.day <= tier.last and one.celsius < tier.below_celsius
        ]
        home = index[one.home]
        found[home, day] = max([found[home, day], *reached])
    return found
