"""The temperature chart of a building or a room over the last days, as every page shows it."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np

from ...errors import StoreError
from ..city.facts import Building, Curve, RoomFile, Rule
from ..city.reading_room import ReadingRoom
from ..city.standing import shows_figures
from ..words.formats import Formats
from .curve_gaps import open_gaps, thinned
from .svg_chart import Chart, Labels, draw

MOST_POINTS = 900
"""Readings drawn on a chart; more would not be seen, only sent."""
LONGEST_ROOM_STEP_S = 3600
"""A reading holds for at most 60 min; a longer silence is a gap."""
LONGEST_HOURLY_STEP_S = 3600
"""Hours follow each other; a missing one is a gap."""

log = logging.getLogger(__name__)


def chart_or_none(draw_it: Callable[[], str]) -> str | None:
    """Return a chart, or None while the time series store is away: the page stands without it."""
    try:
        return draw_it()
    except StoreError as error:
        log.warning("event=chart_without_store error=%s", error)
        return None


def building_chart(
    room: ReadingRoom, building: Building, rule: Rule, write: Formats, days: int, now_s: float
) -> str:
    """Return the hourly median of a building; nothing below five homes."""
    if not shows_figures(building):
        return ""
    end_s = int(now_s)
    hourly = room.building_curve(building.id, end_s - days * 86400, end_s)
    curve = open_gaps(hourly, LONGEST_HOURLY_STEP_S)
    title = write.say("Median room temperature of %(name)s", name=write.building(building))
    return _drawn(curve, days, end_s, rule, write, title)


def room_chart(
    room: ReadingRoom, file: RoomFile, rule: Rule, write: Formats, days: int, now_s: float
) -> str:
    """Return the readings of a room, thinned to what can be seen."""
    end_s = int(now_s)
    readings = room.room_curve(file.room.id, end_s - days * 86400, end_s)
    curve = thinned(open_gaps(readings, LONGEST_ROOM_STEP_S), MOST_POINTS)
    title = write.say("Temperature of the %(use)s", use=write.room(file.room))
    return _drawn(curve, days, end_s, rule, write, title, file.room.id)


def _drawn(
    curve: Curve,
    days: int,
    end_s: int,
    rule: Rule,
    write: Formats,
    title: str,
    name: str = "",
) -> str:
    known = curve.celsius[np.isfinite(curve.celsius)]
    description = (
        write.say(
            "From %(low)s to %(high)s; the standard is %(limit)s.",
            low=write.celsius(float(known.min())),
            high=write.celsius(float(known.max())),
            limit=write.celsius(rule.minimum_celsius),
        )
        if known.size
        else write.say("No readings in this time.")
    )
    return draw(
        Chart(
            curve=curve,
            start_s=end_s - days * 86400,
            end_s=end_s,
            zone=rule.zone,
            limit_celsius=rule.minimum_celsius,
            labels=Labels(
                title=title,
                description=description,
                limit=write.say("standard %(limit)s", limit=write.celsius(rule.minimum_celsius)),
                no_readings=write.say("No readings in this time."),
                day=write.short_day,
            ),
            excluded_hours=rule.excluded_hours,
            name=name,
        )
    )
