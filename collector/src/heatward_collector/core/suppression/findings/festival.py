"""When most people are away: the days about the Spring Festival."""

from __future__ import annotations

from datetime import UTC, datetime

NEW_YEARS = (
    "2015-02-19 2016-02-08 2017-01-28 2018-02-16 2019-02-05 2020-01-25 2021-02-12 2022-02-01 "
    "2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03 "
    "2031-01-23 2032-02-11 2033-01-31 2034-02-19 2035-02-08"
)
"""First days of the lunar year. (calendar of the Purple Mountain Observatory, GB/T 33661)"""
DAYS_BEFORE, DAYS_AFTER = 10, 8
"""People travel home from so many days before New Year's Day on, and are back so many after it. [d]
(project rule)"""
DAY_S = 86_400
_STARTS_S = tuple(
    int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) for day in NEW_YEARS.split()
)


def is_festival(time_s: int) -> bool:
    """Say whether a time lies in the weeks in which many homes stand empty. [s UTC]"""
    return any(
        start - DAYS_BEFORE * DAY_S <= time_s < start + DAYS_AFTER * DAY_S for start in _STARTS_S
    )
