"""Days from the ledger: what fits one pass, and which days a reading touches."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.core import MISSING
from heatward_collector.evaluation import older_days
from heatward_collector.evaluation.older_days import (
    days_touched,
    grid_from_ledger,
    groups,
    part_from_ledger,
)
from heatward_collector.registry import laid_aside
from support.judged_world import DAY, HOUR, START
from support.watched_world import WatchedWorld

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


def test_a_grid_in_a_file_is_the_one_in_memory(tmp_path, monkeypatch):
    world = WatchedWorld(tmp_path)
    world.until(30)
    world.hear(world.winter((0, 28)))
    while world.evaluation.step():
        pass
    day = world.days()[0]
    start = START - HOUR
    asked = world.follower, [day], world.zone
    held = grid_from_ledger(*asked)(start, 300)
    monkeypatch.setattr(laid_aside, "WRITTEN_BYTES", 1)
    monkeypatch.setattr(older_days, "READINGS_RESIDENT", 1)
    aside = grid_from_ledger(*asked, tmp_path)(start, 300)
    assert (held != MISSING).any()
    np.testing.assert_array_equal(aside, held)
    some = np.array([5, 2])
    part = part_from_ledger(*asked, tmp_path)(start + HOUR, 10, some)
    np.testing.assert_array_equal(part, held[12:22, some])
