"""A city on few connections, in a short form, on a real Mosquitto with the real processes."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from heatward_collector.bench.city_load import ASK_EVERY, CityLoad, payload
from heatward_collector.bench.endurance import _minutes, _Moment
from heatward_collector.cli import heatward
from heatward_collector.replay.places import rom_for
from heatward_node.reading import Sync, reading
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.wire import encode_pack
from support.servers import find_program

LOAD = CityLoad(0, [("n-a", "a"), ("n-b", "b")], 1_760_000_000, 300, 0xBE)


@pytest.mark.parametrize("room", [0, 1])
def test_a_room_says_what_a_node_would_say(room):
    asked = 0
    for number in range(1, 60):
        record = reading(
            number,
            300_000 * (number - 1),
            1_760_000_000 + 300 * (number - 1),
            Sync.SYNCHRONISED,
            rom_for("ab"[room]),
            usual_scratchpad(320 + (number * 7 + room) % 48),
        )
        asks = (number + room) % ASK_EVERY == 0
        asked += asks
        assert payload(LOAD, room, number) == encode_pack(0xBE, [record], asks)
    assert asked in (9, 10)


def test_lags_and_processor_time_are_told_by_the_minute():
    moments = [
        _Moment(100.0, {"ingest": 1.0}),
        _Moment(160.0, {"ingest": 4.0}),
        _Moment(170.0, {"ingest": 4.0}),
    ]
    sent = SimpleNamespace(lags=[(100.0, 0.02), (159.9, 0.04), (160.0, 0.5)])
    first, second = _minutes(moments, sent)
    assert (first.seconds, first.asked, first.cores) == (60.0, 2, {"ingest": 0.05})
    assert first.lag_ms == {"p50": 40.0, "p99": 40.0, "most": 40.0}
    assert (second.seconds, second.asked, second.cores) == (10.0, 1, {"ingest": 0.0})
    assert second.lag_ms["p50"] == 500.0


@pytest.mark.broker
def test_a_small_city_loses_nothing():
    find_program("mosquitto")
    options = ["--rooms", "60", "--rate", "60", "--minutes", "0.05", "--without-influxdb", "--json"]
    told = CliRunner().invoke(heatward, ["bench", "endurance", *options])
    assert told.exit_code == 0, told.output
    measured = json.loads(told.output.splitlines()[-1])
    assert measured["readings"] == 180
    assert (measured["lost"], measured["unanswered"]) == (0, 0)
    assert sum(minute["asked"] for minute in measured["minutes"]) == 30
    assert set(measured["usage"]) == {"mosquitto", "ingest", "view", "evaluate"}
    assert measured["usage"]["ingest"]["peak_own_bytes"] > 0
