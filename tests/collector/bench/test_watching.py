"""What watching a city costs: every kind of look is there, and the stop is found."""

from __future__ import annotations

import json

from click.testing import CliRunner

from heatward_collector.cli import heatward


def test_a_city_is_watched_over_midnight_and_a_late_node():
    asked = ["bench", "watch", "--rooms", "300", "--ticks", "1", "--json"]
    told = CliRunner().invoke(heatward, asked)
    assert told.exit_code == 0, told.output
    measured = json.loads(told.output.splitlines()[-1])
    assert measured["rooms"] == 300
    assert measured["findings"] > 0
    for name in ("before", "first", "tick", "late", "midnight"):
        assert measured[name]["cpu_s"] > 0
        assert measured[name]["peak_bytes"] > 0
