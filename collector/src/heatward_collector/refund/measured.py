"""A season's recorded verdicts as arrays of homes and days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from heatward_collector.conclusions.findings import SaidFinding
from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.core import Indices, Mask
from heatward_collector.core.refund import NO_TIER, SeasonDays, SeasonTier
from heatward_collector.core.refund.tiers import Hours
from heatward_collector.core.suppression import Kind
from heatward_collector.errors import HeatwardError
from heatward_collector.local_days import bounds
from heatward_collector.refund.books import Books
from heatward_collector.spot_checks import OfficialMeasurement, official_measurements

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
    rooms = {room: index[row["home"]] for room, row in _rooms(books) if row["home"] in index}
    heard = _Heard(tiers)
    for verdict in room_verdicts(books, list(rooms), first, last):
        heard.take(verdict, rooms[verdict.place] * shape[1] + (verdict.day - first).days)
    certain, possible = heard.hours(shape)
    judged, provisional = heard.flags(heard.judged, shape), heard.flags(heard.provisional, shape)
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
    coverage = heard.coverage(shape)
    return Measured(tuple(homes), first, last, days, coverage, suspended, waiting)


class _Heard:
    """Verdicts of rooms on their way into arrays: a cell is a home's day, as one number."""

    def __init__(self, tiers: Sequence[SeasonTier]) -> None:
        self._place = {(tier.rule, str(tier.below_celsius)): n for n, tier in enumerate(tiers)}
        self._hours: list[tuple[list[int], list[float], list[float]]] = [
            ([], [], []) for _ in tiers
        ]
        self._covered: tuple[list[int], list[float]] = ([], [])
        self.judged: list[int] = []
        self.provisional: list[int] = []

    def take(self, verdict: DayVerdict, cell: int) -> None:
        """Take one room's day; the worst of a home's rooms decides."""
        if verdict.provisional:
            self.provisional.append(cell)
            return
        facts = verdict.facts
        self._covered[0].append(cell)
        self._covered[1].append(facts.get("coverage") or 0.0)
        if verdict.verdict == "not_judgeable":
            return
        self.judged.append(cell)
        for limit, (certain, possible) in facts.get("refund_hours", {}).items():
            cells, sure, maybe = self._hours[_known(self._place, verdict.rule, limit)]
            cells.append(cell)
            sure.append(certain)
            maybe.append(possible)

    def hours(self, shape: tuple[int, int]) -> tuple[Hours, Hours]:
        """Return hours certainly and possibly under every tier, (tiers, homes, days) each."""
        both = np.zeros((2, len(self._hours), shape[0] * shape[1]), np.float32)
        for tier, (cells, *hours) in enumerate(self._hours):
            for which in (0, 1):
                values = np.array(hours[which], np.float32)
                np.maximum.at(both[which, tier], np.array(cells, np.int64), values)
        certain, possible = both.reshape(2, len(self._hours), *shape)
        return certain, possible

    def coverage(self, shape: tuple[int, int]) -> npt.NDArray[np.float32]:
        """Return each home's best room's coverage, (homes, days)."""
        cells, shares = self._covered
        best = np.zeros(shape[0] * shape[1], np.float32)
        np.maximum.at(best, np.array(cells, np.int64), np.array(shares, np.float32))
        return best.reshape(shape)

    def flags(self, cells: Sequence[int], shape: tuple[int, int]) -> Mask:
        """Return the cells that are named, as (homes, days)."""
        found = np.zeros(shape[0] * shape[1], bool)
        found[np.array(cells, np.int64)] = True
        return found.reshape(shape)


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
