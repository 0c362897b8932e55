"""How a building stands now: its verdict, unless the data are too old to say anything.

A page may be wrong towards worry, never towards calm: an old reading takes the green away, and a
day that met the standard does not hide rooms that are cold now.
"""

from __future__ import annotations

from collections.abc import Sequence

from .facts import Building, BuildingDay, Judgement, Survey
from .facts import Standing as Standing

STALE_AFTER_SECONDS = 2 * 3600
"""A newest reading older than this says nothing about now."""
HOMES_FOR_FIGURES = 5
"""Need to know: below this a building shows its state and its number of homes, no temperature."""


_ORDER = {standing: place for place, standing in enumerate(Standing)}
_SEVERITY = {
    Judgement.NOT_JUDGEABLE: 0,
    Judgement.MET: 1,
    Judgement.MARGINAL_PLUS: 2,
    Judgement.MARGINAL_MINUS: 3,
    Judgement.BELOW: 4,
}


def is_stale(heard_at: int | None, now_s: float) -> bool:
    """Say whether a newest reading is too old to speak about now."""
    return heard_at is None or now_s - heard_at > STALE_AFTER_SECONDS


def shows_figures(building: Building) -> bool:
    """Say whether enough homes take part for temperatures of a building to be shown."""
    return building.homes >= HOMES_FOR_FIGURES


def decisive_day(building: Building) -> BuildingDay | None:
    """Return the day that the verdict rests on: today where it is worse than the last full day."""
    if building.last_day is None or building.today is None:
        return building.last_day
    today = _SEVERITY[building.today.judgement]
    return building.today if today > _SEVERITY[building.last_day.judgement] else building.last_day


def standing_of(building: Building, survey: Survey, now_s: float) -> Standing:
    """Return how a building stands: the worse of yesterday and today, if it still reports."""
    if is_stale(survey.heard_at, now_s) or is_stale(building.heard_at, now_s):
        return Standing.INTERRUPTED
    day = decisive_day(building)
    worst = Judgement.NOT_JUDGEABLE if day is None else day.judgement
    calm = worst in (Judgement.MET, Judgement.MARGINAL_PLUS)
    if calm and building.median_now is None:
        return Standing.NOT_JUDGEABLE
    if calm and survey.rule.in_season and _is_cold(building, survey.rule.minimum_celsius):
        return Standing.COLD_NOW
    return Standing(worst.value)


Rank = tuple[int, float, float, str]


def rank_of(building: Building, standing: Standing) -> Rank:
    """Return what a building is ordered by: the one to look at first has the lowest rank."""
    day = building.last_day
    share = day.homes_below / day.homes_judged if day and day.homes_judged else 0.0
    median = building.median_now if building.median_now is not None else 99.0
    return _ORDER[standing], -share, median, building.id


def worst_first(
    buildings: Sequence[tuple[Building, Standing]],
) -> list[tuple[Building, Standing]]:
    """Order buildings so that the one to look at first comes first."""
    return sorted(buildings, key=lambda one: rank_of(*one))


def _is_cold(building: Building, minimum_celsius: float) -> bool:
    return building.median_now is not None and building.median_now < minimum_celsius
