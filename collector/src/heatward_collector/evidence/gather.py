"""From registry, verdicts, findings, weather and ledger to the contents of a pack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import numpy as np

from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.config import Config
from heatward_collector.core.cases import Case
from heatward_collector.core.suppression import Level
from heatward_collector.errors import HeatwardError
from heatward_collector.evaluation.heat_network import network_of
from heatward_collector.evidence.contents import Contents, PeerDay, Row, Subject, span_of
from heatward_collector.local_days import day_of
from heatward_collector.outdoor.temperatures import OutdoorStore, OutdoorValue, median_of_points
from heatward_collector.readings.kept import Kept, kept_readings
from heatward_collector.refund import Books
from heatward_collector.refund.selection import above
from heatward_collector.registry import Directory, open_registry
from heatward_collector.registry.dated import FOR_EVER

LONGEST_DAYS = 366
CASE_DAYS = 31
"""Longest time that is shown of a case. [d]"""
AROUND_S = 2 * 86_400
"""What is shown before a case began, and after the heat was back. [s]"""
MOST_HOMES = 60
"""More homes than a case usually has make a pack that nobody reads."""
LEAST_PEERS = 3
"""Other homes below which no median of them is shown: nobody may be recognised by it."""
PEER_LEVELS = (Level.BUILDING, Level.SOURCE)


def subject_of_case(case: Case, books: Books, now_s: int) -> Subject:
    """Return a case as the subject of a pack: from before it began until after the heat was back.

    Of a very long case, the last days are taken; of a very large one, the first measured homes.
    """
    measured = {point.home for point in books.directory.points if not point.is_outdoor}
    until = now_s if case.heat_back_s is None else min(case.heat_back_s + AROUND_S, now_s)
    last = day_of(until, books.zone)
    first = max(day_of(case.begun_s - AROUND_S, books.zone), last - timedelta(days=CASE_DAYS - 1))
    homes = tuple(home for home in case.homes if home in measured)[:MOST_HOMES]
    span = span_of(min(first, last), last, books)
    return Subject("case", str(case.number), homes, span, len(case.homes))


def gather(
    config: Config, books: Books, subject: Subject, made_s: int, case: Case | None = None
) -> Contents:
    """Collect what a pack on a subject holds. Raises HeatwardError where it would be too large."""
    directory, span = books.directory, subject.span
    days = [day_of(span[0], books.zone), day_of(span[1] - 1, books.zone)]
    if (days[1] - days[0]).days >= LONGEST_DAYS or len(subject.homes) > MOST_HOMES:
        raise HeatwardError(
            f"一个证据包最多 {LONGEST_DAYS} 天、{MOST_HOMES} 户 / an evidence pack holds at most "
            f"{LONGEST_DAYS} days and {MOST_HOMES} homes"
        )
    points = [point for point in directory.points if point.home in subject.homes]
    shaded = _shaded(directory, {point.district for point in points})
    wanted = [point.index for point in points] + shaded
    kept = kept_readings(
        config.state.ledger, config.state.directory / "evaluate.sqlite", directory, wanted, span
    )
    rooms = {point.id for point in points}
    district = points[0].district if points else ""
    return Contents(
        subject=subject,
        books=books,
        points=tuple(points),
        kept=kept,
        outdoor=tuple(_outdoor(config, directory, kept, district, span)),
        verdicts=tuple(_verdicts(books, [*rooms], subject.homes, days)),
        peers=tuple(_peers(books, subject.homes, days)),
        findings=tuple(
            one
            for one in books.findings.latest(span[0])
            if one.finding.start_s < span[1]
            and set(one.finding.buildings) & {point.building for point in points}
        ),
        checks=tuple(_within(books.tables["spot_check"], "measured_s", span, "room", rooms)),
        notices=tuple(_told(books, subject)),
        declarations=tuple(_declarations(books, subject.homes, span)),
        complaints=tuple(
            _within(books.tables["complaint"], "received_s", span, "home", set(subject.homes))
        ),
        made_s=made_s,
        case=case,
    )


def _shaded(directory: Directory, districts: set[str]) -> list[int]:
    return [
        point
        for district in sorted(districts)
        for point in directory.outdoor_points(district)
        if directory.tables["outdoor"][directory.points[point].id]["shaded"]
    ]


def _outdoor(
    config: Config, directory: Directory, kept: Kept, district: str, span: tuple[int, int]
) -> list[OutdoorValue]:
    """Return the weather from shaded sensors, from what was imported where there are none."""
    of_point: dict[str, list[tuple[int, float]]] = {}
    for one in kept.readings:
        if one.is_good and directory.points[directory.point_index[one.point]].is_outdoor:
            of_point.setdefault(one.point, []).append((one.time_s, one.celsius))
    measured = median_of_points(
        [
            (np.array([t for t, _ in some], np.int64), np.array([c for _, c in some]))
            for some in of_point.values()
        ]
    )
    if measured or not district:
        return measured
    registry = open_registry(config)
    try:
        return OutdoorStore(registry).values(district, *span)
    finally:
        registry.close()


def _verdicts(
    books: Books, rooms: Sequence[str], homes: Sequence[str], days: Sequence[date]
) -> Iterator[DayVerdict]:
    for level, places in (("room", sorted(rooms)), ("home", sorted(homes))):
        for place in places:
            for newest in books.verdicts.of_place(level, place, days[0], days[-1]):
                yield from books.verdicts.history(level, place, newest.day)


def _peers(books: Books, homes: Sequence[str], days: Sequence[date]) -> Iterator[PeerDay]:
    """Yield how warm the other homes of the same building and source were, day by day."""
    network = network_of(books.directory)
    index = [books.directory.home_index[home] for home in homes]
    chosen: dict[tuple[Level, str], set[str]] = {}
    for level in PEER_LEVELS:
        for home in index:
            place = network.place_of(level, home)
            members = np.flatnonzero(network.members(level, int(network.of_home[level][home])))
            others = {network.homes[one] for one in members.tolist()} - set(homes)
            if place:
                chosen[level, place] = others
    for number in range((days[-1] - days[0]).days + 1):
        day = date.fromordinal(days[0].toordinal() + number)
        judged = {
            home: verdict
            for home, verdict in books.verdicts.of_day("home", day).items()
            if verdict.verdict != "not_judgeable" and verdict.facts.get("median") is not None
        }
        for (level, place), others in chosen.items():
            heard = [judged[home] for home in others if home in judged]
            median = float(np.median([one.facts["median"] for one in heard])) if heard else np.nan
            yield PeerDay(
                level.value,
                place,
                day,
                len(heard),
                sum(one.verdict == "below" for one in heard),
                median if len(heard) >= LEAST_PEERS else np.nan,
            )


def _within(
    rows: Sequence[Row], key: str, span: tuple[int, int], column: str, wanted: set[str]
) -> Iterator[Row]:
    for row in rows:
        if row[column] in wanted and span[0] <= row[key] < span[1]:
            yield row


def _told(books: Books, subject: Subject) -> Iterator[Row]:
    """Yield the residents' notices: earlier ones too, for days may still lie behind them."""
    for row in books.tables["resident_notice"]:
        if row["home"] in subject.homes and row["given_s"] < subject.span[1]:
            yield row


def _declarations(books: Books, homes: Sequence[str], span: tuple[int, int]) -> Iterator[Row]:
    directory = books.directory
    sources = {above(directory, "source", home) for home in homes}
    zones = {directory.tables["home"][home]["zone"] for home in homes}
    for row in [*books.tables["notice"], *books.tables["regime"]]:
        ends = FOR_EVER if row["to_s"] is None else row["to_s"]
        concerns = row.get("zone") in zones or (not row.get("zone") and row["source"] in sources)
        if concerns and row["from_s"] < span[1] and ends > span[0]:
            yield row
