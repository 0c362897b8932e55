"""Today's list in plain words: what to see to first, since when, how cold, and whom to call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from heatward_collector.conclusions.findings import SaidFinding

from ...explain import Names
from ...explain.sentence import title
from ..city.facts import BuildingDay, Judgement, Survey
from ..city.standing import Standing, decisive_day, shows_figures
from ..city.whom_to_call import Contact, WhomToCall
from ..words.formats import Formats
from ..words.overview import Row

DAYS_BACK = 60
"""How far back a run of cold days is looked for. [d]"""
FEW_DAYS_BACK = 7
"""Most runs are shorter, and a list asks for many buildings. [d]"""
TO_SEE_TO = (
    Standing.BELOW,
    Standing.MARGINAL_MINUS,
    Standing.COLD_NOW,
    Standing.INTERRUPTED,
    Standing.NOT_JUDGEABLE,
)
"""Buildings that somebody must see to, because they are cold or because nobody knows."""
_COLD = (Judgement.BELOW, Judgement.MARGINAL_MINUS)
_WARM = (Judgement.MET, Judgement.MARGINAL_PLUS)

DaysOf = Callable[[str, int], Sequence[BuildingDay]]


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the list."""

    tone: str
    mark: str
    label: str
    place: str
    address: str
    since: str
    how_cold: str
    homes: str
    contacts: tuple[Contact, ...]


def task_of_building(
    row: Row, survey: Survey, days_of: DaysOf, call: WhomToCall, write: Formats, today: date
) -> Task:
    """Put a building that must be seen to into one line."""
    building = row.building
    return Task(
        tone=row.standing.value,
        mark=write.mark(row.standing),
        label=write.standing(row.standing),
        place=write.building(building),
        address=f"/building/{building.id}",
        since=_since(row, days_of, write),
        how_cold=_how_cold(row, survey, write),
        homes=_homes(row, write),
        contacts=call.of_buildings((building.id,), today),
    )


def task_of_finding(
    said: SaidFinding, names: Names, call: WhomToCall, write: Formats, tone: tuple[str, str, str]
) -> Task:
    """Put a finding that lasts into one line."""
    finding, say = said.finding, write.say
    drop = finding.evidence.get("drop_kelvin")
    known = isinstance(drop, float) and drop == drop
    today = datetime.fromtimestamp(finding.start_s, write.zone).date()
    return Task(
        tone=tone[0],
        mark=tone[1],
        label=tone[2],
        place=title(finding, names, say),
        address=f"/finding/{said.id}",
        since=say("since %(time)s", time=write.clock(finding.start_s)),
        how_cold=say("fell by %(kelvin)s degrees", kelvin=write.number(float(drop)))
        if known and isinstance(drop, float)
        else "",
        homes=say(
            "%(affected)d of %(judged)d homes with data are affected",
            affected=len(finding.affected),
            judged=finding.homes_judged,
        ),
        contacts=call.of_buildings(finding.buildings, today),
    )


def cold_since(days: Sequence[BuildingDay]) -> tuple[date | None, bool]:
    """Return the first day of the run of cold days that reaches the last day, oldest first in.

    The second value says whether the run goes back as far as there are days. A day that could not
    be judged ends no run and begins none.
    """
    first: date | None = None
    for day in reversed(days):
        if day.judgement in _COLD:
            first = day.day
        elif day.judgement is not Judgement.NOT_JUDGEABLE:
            return first, False
    return first, first is not None


def _since(row: Row, days_of: DaysOf, write: Formats) -> str:
    say, building = write.say, row.building
    if row.standing is Standing.COLD_NOW:
        return say("today")
    if row.silent or row.standing is Standing.INTERRUPTED:
        if building.heard_at is None:
            return say("no reading in the last two days")
        return say("silent since %(time)s", time=write.clock(building.heard_at))
    if row.standing is Standing.NOT_JUDGEABLE:
        return say("too few good readings")
    first, is_open = cold_since(_days_of_the_run(building.id, days_of))
    if first is None:
        return say("today")
    if is_open:
        return say("since %(day)s or earlier", day=write.short_day(first))
    return say("since %(day)s", day=write.short_day(first))


def _days_of_the_run(building_id: str, days_of: DaysOf) -> Sequence[BuildingDay]:
    """Return the days that say since when it is cold: few, unless none of them was warm."""
    for days_back in (FEW_DAYS_BACK, DAYS_BACK):
        days = days_of(building_id, days_back)
        if any(day.judgement in _WARM for day in days):
            break
    return days


def _how_cold(row: Row, survey: Survey, write: Formats) -> str:
    say = write.say
    if not row.figures:
        return say("too few homes for figures")
    celsius = row.median_now
    if celsius is None:
        day = decisive_day(row.building)
        celsius = None if day is None or row.silent else day.median_celsius
    if celsius is None:
        return say("not known now")
    missing = survey.rule.minimum_celsius - celsius
    if missing <= 0:
        return say("%(celsius)s now", celsius=write.celsius(celsius))
    return say(
        "%(celsius)s now, %(missing)s degrees too cold",
        celsius=write.celsius(celsius),
        missing=write.number(missing),
    )


def _homes(row: Row, write: Formats) -> str:
    """Say how many are too cold; never that none is: the day may be over, or nobody knows now."""
    building = row.building
    day, say = decisive_day(building), write.say
    if day is None or not day.homes_below or row.silent or not shows_figures(building):
        return say.plural("%(n)d home measured", "%(n)d homes measured", building.homes)
    return say(
        "%(below)d of %(judged)d homes too cold", below=day.homes_below, judged=day.homes_judged
    )
