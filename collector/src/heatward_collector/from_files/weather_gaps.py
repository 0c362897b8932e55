"""Judged days of which the outdoor temperature is not known: how much of them, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.core.suppression.season import Grid
from heatward_collector.local_days import span
from heatward_collector.locale import Texts


def weather_gaps(grid: Grid, first: date, last: date, zone: ZoneInfo, say: Texts) -> Iterator[str]:
    """Yield what to say where hours of the heating season lack an outdoor temperature.

    Parameters
    ----------
    grid : Grid
        Homes and weather as the detector sees them; it may begin before the judged days.
    first, last : date
        Judged local days, both included.
    zone : ZoneInfo
        Where they are local.
    say : Texts
        The language.
    """
    begin, end = span(first, last, zone)
    is_judged = (grid.time_s >= begin) & (grid.time_s < end) & grid.is_season
    lacks = is_judged & np.isnan(grid.outdoor)
    slots_an_hour = 3600 // grid.slot_s
    hours = int(lacks.sum()) // slots_an_hour
    if not hours:
        return
    since = datetime.fromtimestamp(int(grid.time_s[lacks][0]), zone)
    yield say(
        "%(hours)d of %(all)d judged hours lack an outdoor temperature, the first of them from "
        "%(since)s; stops of heating that begin then accuse nobody. Remedy: give these hours to "
        "--outdoor too (CSV: time,celsius).",
        hours=hours,
        all=int(is_judged.sum()) // slots_an_hour,
        since=f"{since:%Y-%m-%d %H:%M}",
    )
