"""The figures of suppliers, districts and the city in a period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from heatward_collector.cases import CaseStore
from heatward_collector.cases.places import CasePlaces
from heatward_collector.complaints.beside_readings import Closure, closure
from heatward_collector.core.assessment import PassRate, lacking_strata, pass_rate
from heatward_collector.core.cases import Case, State, What
from heatward_collector.core.compliance import Verdict
from heatward_collector.core.suppression import Kind
from heatward_collector.evidence.contents import span_of
from heatward_collector.refund import Books
from heatward_collector.refund.selection import above
from heatward_collector.registry.choices import POSITIONS, REACHES

Row = Mapping[str, Any]
_ANSWERS = (What.ACKNOWLEDGED, What.MEASURED_ON_SITE, What.CLAIMED_FIXED)


@dataclass(frozen=True, slots=True)
class Period:
    """Local days, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many there are."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Assessed:
    """One supplier, district or city in a period."""

    kind: str
    """``supplier``, ``district`` or ``city``."""
    id: str
    registered: int
    """Homes that it heats, as far as the registry knows them."""
    measured: int
    """Of them, those with a day that could be judged."""
    passed: PassRate
    coverage: float
    """Judged home-days of those of the measured homes. [0 to 1]"""
    lacking: tuple[str, ...]
    """Strata with too few measured homes; none where the sample is representative."""
    degree_hours: float
    """What rooms lacked to the standard, a judged home-day. [K h]"""
    findings: Mapping[Kind, int]
    """Periods of suppressed heating that accuse somebody, by kind."""
    cases: int
    still_open: int
    response_hours: float | None
    """Median from delivery to the first answer. [h]"""
    closing_hours: float | None
    """Median from delivery to a measured recovery or another closing. [h]"""
    complaints: Closure
    rating: float | None
    """Mean of the street offices' points. [0 to 100]"""

    @property
    def is_representative(self) -> bool:
        """Whether every stratum was measured."""
        return not self.lacking


@dataclass(frozen=True, slots=True)
class _Measured:
    """Of all homes of the registry; arrays (homes, days) and (homes,)."""

    verdict: npt.NDArray[np.int8]
    degree_hours: npt.NDArray[np.float64]


def assess(books: Books, cases: CaseStore, period: Period) -> list[Assessed]:
    """Return the figures of every supplier, every district and the whole city."""
    directory = books.directory
    measured = _measure(books, period)
    span = span_of(period.first, period.last, books)
    opened = [one for one in cases.cases(*span) if one.state is not State.MERGED]
    places = CasePlaces(directory)
    groups: list[tuple[str, str, Callable[[str], bool]]] = [
        *(
            ("supplier", one, _in(books, "supplier", one))
            for one in sorted(_ids(books, "supplier"))
        ),
        *(
            ("district", one, _in(books, "district", one))
            for one in sorted(_ids(books, "district"))
        ),
        ("city", books.standard.city, lambda _home: True),
    ]
    found = []
    for kind, key, belongs in groups:
        homes = [home for home in directory.homes if belongs(home)]
        some = set(homes)
        chosen = [case for case in opened if some & set(places.homes(case.where))]
        found.append(_assessed(kind, key, homes, books, measured, chosen, span))
    return found


def _assessed(
    kind: str,
    key: str,
    homes: Sequence[str],
    books: Books,
    measured: _Measured,
    cases: Sequence[Case],
    span: tuple[int, int],
) -> Assessed:
    directory = books.directory
    index = np.array([directory.home_index[home] for home in homes], np.int64)
    verdict = measured.verdict[index]
    judged = verdict != Verdict.NOT_JUDGEABLE
    heard = judged.any(axis=1)
    building = directory.home_building[index]
    buildings = {directory.buildings[one] for one in building.tolist()}
    days = max(int(judged.sum()), 1)
    possible = int(heard.sum()) * verdict.shape[1]
    return Assessed(
        kind=kind,
        id=key,
        registered=len(homes),
        measured=int(heard.sum()),
        passed=pass_rate(verdict, building),
        coverage=float(judged.sum()) / possible if possible else 0.0,
        lacking=_lacking(books, [homes[one] for one in np.flatnonzero(heard).tolist()]),
        degree_hours=float(measured.degree_hours[index].sum()) / days,
        findings=_findings(books, buildings, span),
        cases=len(cases),
        still_open=sum(case.is_live for case in cases),
        response_hours=_median(_response_s(case) for case in cases),
        closing_hours=_median(_closing_s(case) for case in cases),
        complaints=closure(
            row
            for row in books.tables["complaint"]
            if row["building"] in buildings and span[0] <= row["received_s"] < span[1]
        ),
        rating=_rating(books, kind, key, span),
    )


def _measure(books: Books, period: Period) -> _Measured:
    """Read every home's verdicts, and what its rooms lacked on average."""
    directory = books.directory
    verdict = np.full((len(directory.homes), period.days), Verdict.NOT_JUDGEABLE, np.int8)
    for one in books.verdicts.of_level("home", period.first, period.last):
        if one.place in directory.home_index and not one.provisional:
            home, day = directory.home_index[one.place], (one.day - period.first).days
            verdict[home, day] = Verdict[one.verdict.upper()]
    total, rooms = np.zeros(verdict.shape), np.zeros(verdict.shape)
    for one in books.verdicts.of_level("room", period.first, period.last):
        point = directory.point_index.get(one.place)
        lacked = one.facts.get("degree_hours")
        if point is None or one.provisional or one.verdict == "not_judgeable" or lacked is None:
            continue
        home, day = int(directory.point_home[point]), (one.day - period.first).days
        total[home, day] += lacked
        rooms[home, day] += 1
    return _Measured(verdict, (total / np.maximum(rooms, 1)).sum(axis=1))


def _lacking(books: Books, homes: Iterable[str]) -> tuple[str, ...]:
    reach = {row["building"]: row["reach"] for row in books.tables["reach"]}
    strata = {"reach": tuple(REACHES), "position": tuple(POSITIONS)}
    rows = books.directory.tables["home"]
    return lacking_strata(
        (
            {
                "reach": reach.get(above(books.directory, "building", home), ""),
                "position": rows[home]["position"],
            }
            for home in homes
        ),
        strata,
    )


def _findings(books: Books, buildings: set[str], span: tuple[int, int]) -> Mapping[Kind, int]:
    return Counter(
        one.finding.kind
        for one in books.said()
        if one.finding.accuses
        and span[0] <= one.finding.start_s < span[1]
        and buildings & set(one.finding.buildings)
    )


def _response_s(case: Case) -> int | None:
    reached = case.first(What.REACHED_SUPPLIER)
    answers = [event.at_s for what in _ANSWERS if (event := case.first(what)) is not None]
    if reached is None or not answers:
        return None
    return max(min(answers) - reached.at_s, 0)


def _closing_s(case: Case) -> int | None:
    reached, closing = case.first(What.REACHED_SUPPLIER), case.closing
    if reached is None or closing is None:
        return None
    return max(closing.at_s - reached.at_s, 0)


def _median(seconds: Iterable[int | None]) -> float | None:
    known = [one / 3600 for one in seconds if one is not None]
    return median(known) if known else None


def _rating(books: Books, kind: str, key: str, span: tuple[int, int]) -> float | None:
    if kind != "supplier":
        return None
    points = [
        row["points"]
        for row in books.tables["office_rating"]
        if row["supplier"] == key and _meets(row["month"], span, books)
    ]
    return sum(points) / len(points) if points else None


def _meets(month: date, span: tuple[int, int], books: Books) -> bool:
    begins = span_of(month.replace(day=1), month.replace(day=1), books)[0]
    return span[0] <= begins < span[1]


def _ids(books: Books, table: str) -> set[str]:
    return {above(books.directory, table, home) for home in books.directory.homes}


def _in(books: Books, table: str, key: str) -> Callable[[str], bool]:
    return lambda home: above(books.directory, table, home) == key
