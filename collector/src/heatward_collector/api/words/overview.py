"""The words on top of the list and beside each building: what is so, in one plain sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..city.facts import Building, BuildingDay, Survey
from ..city.standing import (
    Standing,
    decisive_day,
    is_stale,
    shows_figures,
    standing_of,
    worst_first,
)
from .formats import Formats

_MARGINAL = (Standing.MARGINAL_MINUS, Standing.COLD_NOW, Standing.MARGINAL_PLUS)
_SILENT = (Standing.NOT_JUDGEABLE, Standing.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class Row:
    """One building as the list shows it."""

    building: Building
    standing: Standing
    sentence: str
    day: BuildingDay | None
    figures: bool
    median_now: float | None
    cold: bool
    silent: bool
    heard_ago: str


@dataclass(frozen=True, slots=True)
class Tile:
    """How many buildings share a verdict."""

    kind: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The top of the list."""

    mood: str
    headline: str
    explanation: str
    heard_ago: str
    tiles: tuple[Tile, ...]


def row_of(building: Building, survey: Survey, write: Formats, now_s: float) -> Row:
    """Put one building into words and figures."""
    standing = standing_of(building, survey, now_s)
    silent = is_stale(building.heard_at, now_s)
    median_now = None if silent else building.median_now
    return Row(
        building=building,
        standing=standing,
        sentence=_sentence(building, standing, survey, write),
        day=building.last_day,
        figures=shows_figures(building),
        median_now=median_now,
        cold=median_now is not None
        and survey.rule.in_season
        and median_now < survey.rule.minimum_celsius,
        silent=silent,
        heard_ago=write.say("never")
        if building.heard_at is None
        else write.ago(now_s - building.heard_at),
    )


def ranked(survey: Survey, now_s: float) -> Sequence[tuple[Building, Standing]]:
    """Return every building with how it stands, worst first."""
    if survey.ranked is not None:
        return survey.ranked
    return worst_first([(b, standing_of(b, survey, now_s)) for b in survey.buildings])


def overview_of(
    survey: Survey, standings: Iterable[Standing], write: Formats, now_s: float
) -> Overview:
    """Sum up the list; calm only when every building is known to be warm."""
    say = write.say
    kinds = Counter(standings)
    below, met = kinds[Standing.BELOW], kinds[Standing.MET]
    marginal = sum(kinds[kind] for kind in _MARGINAL)
    silent = sum(kinds[kind] for kind in _SILENT)
    mood, headline = _headline(survey, kinds, silent, marginal, write, now_s)
    return Overview(
        mood=mood,
        headline=headline,
        explanation=_explanation(survey, mood, silent, write, now_s),
        heard_ago="" if survey.heard_at is None else write.ago(now_s - survey.heard_at),
        tiles=(
            Tile("below", say("below standard"), below),
            Tile("marginal", say("marginal"), marginal),
            Tile("unknown", say("no verdict"), silent),
            Tile("met", say("met"), met),
        ),
    )


def _headline(
    survey: Survey,
    kinds: Counter[Standing],
    silent: int,
    marginal: int,
    write: Formats,
    now_s: float,
) -> tuple[str, str]:
    say, total = write.say, len(survey.buildings)
    if not total:
        return "quiet", say("No building is registered yet")
    if is_stale(survey.heard_at, now_s):
        return "quiet", say("Data interrupted: nothing can be said about now")
    if not survey.rule.in_season:
        return "quiet", say("It is not the heating season")
    if kinds[Standing.BELOW]:
        return "alarm", say.plural(
            "%(n)d building is below the standard",
            "%(n)d buildings are below the standard",
            kinds[Standing.BELOW],
        )
    if silent:
        return "watch", say(
            "No building is known to be below the standard,"
            " but %(silent)d of %(total)d give no verdict",
            silent=silent,
            total=total,
        )
    if marginal:
        return "watch", say.plural(
            "%(n)d building is marginal", "%(n)d buildings are marginal", marginal
        )
    return "calm", say.plural(
        "%(n)d building, and it met the standard",
        "All %(n)d buildings met the standard",
        total,
    )


def _explanation(survey: Survey, mood: str, silent: int, write: Formats, now_s: float) -> str:
    say = write.say
    if not survey.buildings:
        return say("Import the registry first: heatward registry import.")
    if is_stale(survey.heard_at, now_s):
        return say(
            "No new reading for more than two hours. Do not take any building below for warm;"
            " see System for the cause."
        )
    if not survey.rule.in_season:
        return say("No building is judged until heating is owed again.")
    if silent and mood == "alarm":
        return say.plural(
            "%(n)d more building gives no verdict.", "%(n)d more give no verdict.", silent
        )
    return say("Verdicts are of the last full day and of today so far, whichever is worse.")


def _sentence(building: Building, standing: Standing, survey: Survey, write: Formats) -> str:
    say, day = write.say, decisive_day(building)
    limit = write.celsius(survey.rule.minimum_celsius)
    if standing is Standing.INTERRUPTED and building.heard_at is None:
        return say("No reading in the last two days.")
    if standing is Standing.INTERRUPTED:
        return say("No reading since %(time)s.", time=write.clock(building.heard_at))
    if day is None:
        return say("No full day has been measured yet.")
    when = say("Today so far") if day is building.today else write.short_day(day.day)
    if standing is Standing.COLD_NOW:
        return say("%(day)s: met, but the rooms are below %(limit)s now.", day=when, limit=limit)
    if standing is Standing.NOT_JUDGEABLE or not day.homes_judged:
        return say("%(day)s: too few good readings for a verdict.", day=when)
    if not shows_figures(building):
        return say("%(day)s: verdict on few homes.", day=when)
    return say.plural(
        "%(day)s: %(below)d of %(n)d judged home was below %(limit)s.",
        "%(day)s: %(below)d of %(n)d judged homes were below %(limit)s.",
        day.homes_judged,
        day=when,
        below=day.homes_below,
        limit=limit,
    )
