"""The days that an assessment is about: a month or a season, as far as it is over."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from heatward_collector.assessment.figures import Period
from heatward_collector.errors import HeatwardError
from heatward_collector.local_days import day_of
from heatward_collector.refund import Books


def month_or_season(month: date | None, winter: int | None, now_s: float, books: Books) -> Period:
    """Return the days that are over of a month, or of the season that begins in a year.

    Raises HeatwardError where none is.
    """
    if month is not None:
        _, days = calendar.monthrange(month.year, month.month)
        first, last = month, month.replace(day=days)
    else:
        first, last = books.standard.season_of(winter or 0)
    yesterday = day_of(now_s, books.zone) - timedelta(days=1)
    if yesterday < first:
        raise HeatwardError("这段时间还没有开始 / that time has not begun yet")
    return Period(first, min(last, yesterday))
