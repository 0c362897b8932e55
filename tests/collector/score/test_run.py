"""Seasons by their seeds: simulated once, kept, and scored one by one or side by side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from heatward_collector.cli import heatward
from heatward_collector.locale import CHINESE, ENGLISH, texts
from heatward_collector.score.case import Case
from heatward_collector.score.detecting import days_of, detect, grid_of
from heatward_collector.score.report import tables
from heatward_collector.score.run import scored
from heatward_collector.score.seasons import Seasons
from heatward_collector.score.summary import summary
from heatward_collector.simulate import Event, Kind, Level, Season, Shape, season, town
from heatward_collector.simulate.calendar import DAY_S, local_midnight

FIRST = local_midnight("2023-01-04")
CALLS: list[tuple[int, bool]] = []


def small_shape(seed: int, *, events: bool) -> Shape:
    tree = town(sources=2, buildings_per_source=1, homes_per_building=4, rooms_per_home=1)
    stop = Event(Kind.OUTAGE, Level.SOURCE, "so1", FIRST + 3 * DAY_S, FIRST + 3 * DAY_S + 28_800)
    return Shape(tree, (stop,) if events else ())


def small_season(seed: int, *, events: bool) -> Season:
    CALLS.append((seed, events))
    return season(seed, FIRST, 5, shape=small_shape(seed, events=events))


def silent(_case: Case) -> list:
    return []


def seasons(folder: Path | None = None) -> Seasons:
    CALLS.clear()
    return Seasons(folder, small_shape, small_season)


def test_a_seed_gives_its_season_with_events_and_the_quiet_one():
    noisy, quiet = seasons().cases(1, events=True, quiet=True)
    assert (len(noisy.truth.periods), len(quiet.truth.periods)) == (1, 0)
    assert noisy.raw.shape == quiet.raw.shape == (5 * 288, 8)
    assert noisy.truth.drop[3, 0] > 0.5
    assert not quiet.truth.drop.any()
    assert CALLS == [(1, False), (1, True)]
    assert [case.seed for case in seasons().cases(1, events=False, quiet=True)] == [1]
    assert CALLS == [(1, False)]


def test_a_kept_season_is_the_same_and_is_not_simulated_again(tmp_path):
    first = list(seasons(tmp_path).cases(2, events=True, quiet=True))
    again = list(seasons(tmp_path).cases(2, events=True, quiet=True))
    assert CALLS == []
    for one, other in zip(first, again, strict=True):
        assert np.array_equal(one.raw, other.raw)
        assert np.array_equal(one.outdoor, other.outdoor)
        assert one.truth.periods == other.truth.periods
        assert np.array_equal(one.truth.below, other.truth.below, equal_nan=True)
        assert np.array_equal(one.truth.drop, other.truth.drop)
        assert one.shape == other.shape
    assert not list(tmp_path.glob("*.part*"))


def test_rows_come_in_the_order_of_seeds_from_any_number_of_processes():
    alone = list(scored(silent, range(0, 2), range(1, 3), seasons()))
    assert [(one.seed, one.has_events) for one in alone] == [
        (0, True),
        (1, True),
        (1, False),
        (2, False),
    ]
    together = list(scored(silent, range(0, 2), range(1, 3), seasons(), processes=2))
    assert together == alone


def test_a_detector_sees_quarters_of_an_hour_and_local_days():
    (case,) = seasons().cases(1, events=True, quiet=False)
    grid = grid_of(case)
    assert grid.homes.shape == (5 * 96, 8)
    assert grid.outdoor.shape == grid.hour.shape == (5 * 96,)
    assert days_of(case) == [(96 * day, 96 * day + 96) for day in range(5)]
    assert grid.hour[96] == 0.0
    assert all(finding.detected_s >= FIRST for finding in detect(case))


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
def test_the_tables_say_everything_in_both_languages(language):
    rows = list(scored(silent, range(1), range(1), seasons()))
    result = summary([one for one in rows if one.has_events], [rows[-1]])
    text = "\n".join(tables(result, texts(language)))
    assert "0.000 [0.000, 0.000] 0/1" in text
    assert ("每栋每月误报数" if language == CHINESE else "building-month") in text
    assert "%(" not in text
    for words in ("all kinds", "quiet seasons", "seasons with events"):
        assert (words in text) is (language == ENGLISH)


@pytest.mark.parametrize("seeds", ["5", "5:5", "7:3", "a:b", "-1:3", "1:99999999"])
def test_seeds_that_are_no_range_are_refused(seeds):
    result = CliRunner().invoke(heatward, ["score", "--seeds", seeds])
    assert result.exit_code == 2
    assert "A:B" in result.stderr
