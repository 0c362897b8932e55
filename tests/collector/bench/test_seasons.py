"""Seasons judged again: the same days here and on workers, each stage with its cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from heatward_collector.bench import seasons
from heatward_collector.bench.seasons import ByWorkers, SeasonsMeasured, keep_to_a_core
from heatward_collector.bench.whole_season import days_in
from heatward_collector.cli import heatward
from heatward_collector.errors import HeatwardError


def test_figures_follow_from_what_was_measured():
    by_workers = [ByWorkers(1, 30.0, [28.0], 1.0), ByWorkers(2, 16.0, [14.0, 15.0], 1.2)]
    measured = SeasonsMeasured(
        50, 10, 144_000, 2.0, 27.0, 26.0, 1.0, 12.0, by_workers, [27.0, 18.0]
    )
    assert measured.speedup == pytest.approx(1.875)
    assert measured.limit == pytest.approx(1.5)
    assert measured.serial_season_s == pytest.approx(40.0)


def test_workers_bring_the_days_that_this_process_reads(monkeypatch):
    monkeypatch.setattr(seasons, "WORKERS", (2,))
    options = ["--rooms", "50", "--days", "3", "--json"]
    told = CliRunner().invoke(heatward, ["bench", "seasons", *options])
    assert told.exit_code == 0, told.output
    measured = json.loads(told.output.splitlines()[-1])
    # The hour before a day counts in it too: what was measured then holds on.
    assert (measured["rooms"], measured["days"]) == (50, 2)
    assert measured["readings"] == 2 * 50 * (288 + 12)
    assert [len(one["cpu_s"]) for one in measured["by_workers"]] == [2]
    assert len(measured["plain_s"]) == 2
    assert measured["serial_cpu_s"] > 0
    assert measured["fold_cpu_s"] > 0


def test_a_whole_season_is_judged_from_days_that_stay_where_they_are(tmp_path):
    options = ["--rooms", "50", "--days", "3", "--whole", str(tmp_path / "city"), "--json"]
    told = CliRunner().invoke(heatward, ["bench", "seasons", *options])
    assert told.exit_code == 0, told.output
    measured = json.loads(told.output.splitlines()[-1])
    assert (measured["rooms"], measured["days"]) == (50, 3)
    assert measured["readings"] == 3 * 50 * (288 + 12)
    assert len(measured["worker_cpu_s"]) == 2
    stages = [measured[name]["seconds"] for name in ("clocks", "read", "fold")]
    assert measured["seconds"] == pytest.approx(sum(stages))
    assert measured["cpu_s"] > sum(measured["worker_cpu_s"])

    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "city").rglob("*.parquet")}
    days_in(tmp_path / "city", 50, 3, print)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept != {}
    with pytest.raises(HeatwardError, match="another city"):
        days_in(tmp_path / "city", 60, 3, print)


def test_a_season_is_not_written_where_something_else_lies(tmp_path):
    (tmp_path / "letter").write_text("")
    with pytest.raises(HeatwardError, match="not empty"):
        days_in(tmp_path, 50, 3, print)


def test_workers_take_the_cores_in_turn():
    """One worker alone must not take a part of the second one's core."""
    cores = sorted(os.sched_getaffinity(0))
    for number in (0, 1, len(cores)):
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as worker:
            keep_to_a_core(worker.pid, number)
            assert os.sched_getaffinity(worker.pid) == {cores[number % len(cores)]}
            worker.kill()
    assert sorted(os.sched_getaffinity(0)) == cores
