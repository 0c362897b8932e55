"""Short forms of the large measurements: they run, and say only what cannot be noise."""

from __future__ import annotations

import json

from click.testing import CliRunner

from heatward_collector.cli import heatward


def told(*options: str) -> dict[str, float]:
    done = CliRunner().invoke(heatward, ["bench", *options, "--json"])
    assert done.exit_code == 0, done.output
    measured = json.loads(done.output.splitlines()[-1])
    assert isinstance(measured, dict)
    return measured


def test_a_sealed_reading_weighs_less_than_four_bytes():
    measured = told("ledger", "--rooms", "1000")
    assert measured["readings"] == 1000 * 288
    assert 1.5 < measured["bytes_a_record"] < measured["bytes_a_reading"] < 4


def test_judging_costs_more_than_a_copy_and_every_part_is_measured():
    measured = told("evaluate", "--rooms", "20000")
    assert measured["ratio"] > 1
    assert 0 < measured["reduced_s"] < measured["day_s"]
    parts = ("tick_s", "hour_tick_s", "late_s", "put_s", "save_s", "start_s", "peak_bytes")
    assert min(measured[name] for name in parts) >= 0
    assert measured["rooms"] == 20_000
    assert 500 < measured["below"] < 2_000


def test_a_start_from_the_ring_reads_an_hour_and_one_from_sealed_days_all_of_them():
    measured = told("restart", "--rooms", "10")
    assert measured["readings"] == 10 * 576
    assert measured["sealed"]["window"] == measured["ring"]["window"]
    assert measured["sealed"]["window"] == measured["refilled"]["window"]
    assert measured["refilled"]["batches"] == 0
    share = measured["ring"]["batches"] / measured["sealed"]["batches"]
    assert 1 / 60 < share < 1 / 40
    assert measured["sealed_rate"] > 0


def test_a_start_may_be_measured_over_some_hours_without_passing_their_batches():
    measured = told(
        "restart", "--rooms", "10", "--hours", "2", "--tail-minutes", "30", "--no-batches"
    )
    assert measured["readings"] == 10 * 24
    assert measured["sealed"] is None
    assert measured["ring"]["window"] == measured["refilled"]["window"]
    assert 0 < measured["ring"]["batches"] < 2 * 12 * 10
    assert measured["refilled"]["batches"] == 0
