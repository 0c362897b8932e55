"""A city on few connections, in a short form, on a real Mosquitto with the real processes."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from heatward_collector.bench.city import BUILDINGS_A_DISTRICT, HOMES_A_BUILDING, registry_rows
from heatward_collector.bench.city_load import ASK_EVERY, CityLoad, payload, speaker
from heatward_collector.bench.endurance import _minutes, _Moment
from heatward_collector.cli import heatward
from heatward_node.reading import Sync, reading
from heatward_node.rom import kernel_name
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.topics import Topic
from heatward_node.wire import encode_pack
from support.servers import find_program


@pytest.mark.parametrize(("home", "rooms_a_home"), [(0, 1), (1, 1), (2_000, 2), (10_001, 3)])
def test_a_home_says_what_a_node_would_say(home, rooms_a_home):
    load = CityLoad(0, home + 1, rooms_a_home, 1_760_000_000, 300, 0xBE)
    node = speaker(home, rooms_a_home)
    asked = 0
    for turn in range(59):
        after_s = 300 * turn
        records = [
            reading(
                turn * rooms_a_home + at + 1,
                1_000 * after_s,
                1_760_000_000 + after_s,
                Sync.SYNCHRONISED,
                bytes.fromhex(rom),
                usual_scratchpad(320 + (home + at) % 48 + (home + turn) % 3),
            )
            for at, rom in enumerate(node.roms)
        ]
        asks = (turn + home) % ASK_EVERY == 0
        asked += asks
        assert payload(load, home, turn, node.roms) == encode_pack(0xBE, records, asks)
    assert asked in (9, 10)


@pytest.mark.parametrize("rooms_a_home", [1, 2])
def test_whoever_speaks_is_registered(rooms_a_home):
    buildings = BUILDINGS_A_DISTRICT + 2
    rows = registry_rows(buildings, BUILDINGS_A_DISTRICT, rooms_a_home)
    known = {row["id"]: row["district"] for row in rows["node"]}
    hung = {(row["node"], row["sensor"]) for row in rows["assignment"]}
    homes = range(BUILDINGS_A_DISTRICT * HOMES_A_BUILDING, buildings * HOMES_A_BUILDING)
    said = [speaker(home, rooms_a_home) for home in homes]
    assert {one.topic for one in said} == {
        str(Topic(district, node, "readings")) for node, district in known.items()
    }
    assert hung == {
        (one.node.decode(), kernel_name(bytes.fromhex(rom))) for one in said for rom in one.roms
    }
    assert {row["district"] for row in rows["node"]} == {"d1"}


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
@pytest.mark.parametrize("rooms_a_node", [1, 2])
def test_a_small_city_loses_nothing(rooms_a_node):
    find_program("mosquitto")
    options = ["--rooms", "60", "--rate", "60", "--minutes", "0.05", "--without-influxdb", "--json"]
    options += ["--rooms-a-node", str(rooms_a_node)]
    told = CliRunner().invoke(heatward, ["bench", "endurance", *options])
    assert told.exit_code == 0, told.output
    measured = json.loads(told.output.splitlines()[-1])
    assert measured["readings"] == 180
    assert (measured["lost"], measured["unanswered"]) == (0, 0)
    assert sum(minute["asked"] for minute in measured["minutes"]) == 30 / rooms_a_node
    assert set(measured["usage"]) == {"mosquitto", "ingest", "view", "evaluate"}
    ingest = measured["usage"]["ingest"]
    assert ingest["peak_own_bytes"] > ingest["peak_anonymous_bytes"] > 0
