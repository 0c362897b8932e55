"""Days from the ledger: what fits one pass, and which days a reading touches."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.evaluation.older_days import days_touched, groups
from support.judged_world import DAY, HOUR, START

ZONE = ZoneInfo("Asia/Shanghai")


@given(st.sets(st.integers(0, 400), min_size=1), st.integers(0, 200_000))
def test_every_day_is_in_one_run_and_no_run_is_longer_than_memory_allows(offsets, points):
    days = [date(2026, 1, 1) + timedelta(offset) for offset in sorted(offsets)]
    runs = groups(days, points, cells=10_000_000)
    assert [day for run in runs for day in run] == days
    for run in runs:
        span = (run[-1] - run[0]).days + 1
        assert span == 1 or span * 288 * max(1, points) <= 10_000_000


def test_no_days_make_no_runs():
    assert groups([], 10) == []


def test_a_reading_touches_the_day_into_which_its_value_reaches():
    def touched(*time_s):
        return days_touched(np.array(time_s, np.int64), ZONE)

    assert touched(START, START + 22 * HOUR) == {DAY}
    assert touched(START + 23 * HOUR + 1) == {DAY, DAY + timedelta(1)}
    assert touched() == set()
