"""How cold it was outdoors on a local day, for the verdicts that stand beside it.

It decides nothing: below a standard is below it in any weather. It tells a reader what the day was
like, from which source, or that nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.core import Celsius, Indices
from heatward_collector.outdoor.temperatures import HIGHEST, LOWEST, SENSORS, OutdoorSeries
from heatward_collector.registry import Directory

OutdoorOf = Callable[[str, int, int], OutdoorSeries]
"""From a district and [from, to) in seconds UTC to what was imported for it."""

MeansOf = Callable[[Indices], Celsius]
"""From points to their hourly means of the day, (hours, points). [degC]"""


class OutdoorDay(NamedTuple):
    """The mean of a day's known hours and where they are from; None and ``""`` without any."""

    celsius: float | None
    source: str


def outdoor_days(
    directory: Directory, means_of: MeansOf, span: range, now_s: float, imported: OutdoorOf
) -> dict[str, OutdoorDay]:
    """Return how cold a day was in every district.

    ``span`` are the first seconds of its hours [s UTC]. An hour is the median of the district's
    shaded sensors; where there is none, the nearest imported value.
    """
    return {
        district: _day(directory, district, means_of, span, now_s, imported)
        for district in directory.tables["district"]
    }


def with_outdoor(
    directory: Directory, verdicts: Sequence[DayVerdict], days: Mapping[str, OutdoorDay]
) -> list[DayVerdict]:
    """Return verdicts of which those on buildings say how cold it was."""
    return [
        replace(verdict, facts={**verdict.facts, **_facts(days[_district(directory, verdict)])})
        if verdict.level == "building"
        else verdict
        for verdict in verdicts
    ]


def _day(
    directory: Directory,
    district: str,
    means_of: MeansOf,
    span: range,
    now_s: float,
    imported: OutdoorOf,
) -> OutdoorDay:
    middle = np.array(span, np.int64) + 1800
    over = middle + 1800 <= now_s
    shaded = [
        point
        for point in directory.outdoor_points(district)
        if directory.tables["outdoor"][directory.points[point].id]["shaded"]
    ]
    hourly = _medians(means_of(np.array(shaded, np.int32)))
    sources = {SENSORS} if np.isfinite(hourly[over]).any() else set()
    missing = np.flatnonzero(over & np.isnan(hourly))
    if len(missing):
        series = imported(district, span.start, span.stop)
        hourly[missing], names = series.at(middle[missing])
        sources |= set(names) - {""}
    known = hourly[over & np.isfinite(hourly)]
    if not len(known):
        return OutdoorDay(None, "")
    return OutdoorDay(round(float(known.mean()), 1), ", ".join(sorted(sources)))


def _medians(celsius: Celsius) -> Celsius:
    """Return the median of each hour over the points that show weather and no mistake."""
    believed = np.where((celsius >= LOWEST) & (celsius <= HIGHEST), celsius, np.nan)
    medians = np.full(len(celsius), np.nan)
    some = np.isfinite(believed).any(axis=1)
    medians[some] = np.nanmedian(believed[some], axis=1)
    return medians


def _district(directory: Directory, verdict: DayVerdict) -> str:
    estate = directory.tables["building"][verdict.place]["estate"]
    return str(directory.tables["street"][directory.tables["estate"][estate]["street"]]["district"])


def _facts(day: OutdoorDay) -> dict[str, object]:
    return {"outdoor": day.celsius, "outdoor_source": day.source}
