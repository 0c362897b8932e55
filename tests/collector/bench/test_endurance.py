"""A city on few connections, in a short form, on a real Mosquitto with the real processes."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from heatward_collector.bench import city_load, endurance
from heatward_collector.bench.city import BUILDINGS_A_DISTRICT, HOMES_A_BUILDING, registry_rows
from heatward_collector.bench.city_load import ASK_EVERY, CityLoad, Stretch, payload, speaker
from heatward_collector.bench.endurance import begin_before_an_hour
from heatward_collector.bench.minutes import Moment, minutes_of
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
        after_s = 300 * turn + home * 300 // (home + 1)  # rounds are spread over the interval
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


def test_a_measurement_begins_a_quarter_before_an_hour_that_has_values_then():
    hour = 1_760_000_400
    assert hour % 3600 == 0
    for minute in range(60):
        begin_s = begin_before_an_hour(hour + 60.0 * minute + 0.5)
        assert begin_s % 3600 == 45 * 60
        assert 20 * 60 <= begin_s - (hour + 60.0 * minute + 0.5) < 80 * 60


def test_lags_and_processor_time_are_told_by_the_minute():
    moments = [
        Moment(100.0, {"ingest": 1.0}),
        Moment(160.0, {"ingest": 4.0}),
        Moment(170.0, {"ingest": 4.0}),
    ]
    sent = SimpleNamespace(lags=[(100.0, 0.02), (159.9, 0.04), (160.0, 0.5)])
    first, second = minutes_of(moments, sent)
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


@pytest.mark.broker
def test_over_an_hour_the_same_load_is_sent_before(monkeypatch):
    find_program("mosquitto")
    monkeypatch.setattr(endurance, "begin_before_an_hour", lambda now_s: now_s + 2.0)
    told: list[str] = []
    measured = endurance.measure(60, 60.0, 3.0, False, told.append, 1, over_the_hour=True)
    assert (measured.readings, measured.lost, measured.unanswered) == (180, 0, 0)
    assert any("before an hour ends" in line for line in told)


@pytest.fixture
def said(monkeypatch) -> list[int]:
    """When each reading was measured that a city said, which hears no broker."""
    said: list[int] = []

    def publish(_topic: str, _number: int, told: bytes) -> bytes:
        said.append(int(json.loads(told)[0]["bt"]))
        return b""

    monkeypatch.setattr(city_load, "opened", lambda *_: SimpleNamespace(sendall=lambda _: None))
    monkeypatch.setattr(city_load, "subscribe", lambda *_: None)
    monkeypatch.setattr(city_load, "publish", publish)
    monkeypatch.setattr(city_load, "_drain", lambda _: None)
    return said


def test_rounds_are_measured_from_the_moment_that_is_told(monkeypatch, said):
    city = city_load._City(CityLoad(0, 10, 1, 1_760_000_000, 300, 0xBE, 2))
    monkeypatch.setattr(city, "_hear", lambda _: city._asked.clear())
    city.send(Stretch(1e6, 15))
    assert said == [1_760_000_000 + 30 * at for at in range(15)]
    said.clear()
    city.send(Stretch(1e6, 15, 1_760_001_000))
    assert said == [1_760_001_000 + 30 * at for at in range(15)]


@pytest.mark.parametrize("is_patient", [True, False])
def test_only_a_patient_city_waits_for_acks_that_stay_out(monkeypatch, said, is_patient):
    monkeypatch.setattr(city_load, "MOST_ASKED", 3)
    city = city_load._City(CityLoad(0, 1_000, 1, 1_760_000_000, 300, 0xBE, 2))
    most = 0

    def hear(_seconds: float) -> None:
        nonlocal most
        most = max(most, len(city._asked))
        city._asked.clear()

    monkeypatch.setattr(city, "_hear", hear)
    sent = city.send(Stretch(1e9, 600, is_patient=is_patient))
    assert (sent.messages, len(said)) == (600, 600)
    assert (most <= 3) is is_patient


def test_acks_that_were_lost_are_not_waited_for_for_ever(monkeypatch, said):
    monkeypatch.setattr(city_load, "MOST_ASKED", 3)
    monkeypatch.setattr(city_load, "ANSWER_S", 0.05)
    city = city_load._City(CityLoad(0, 1_000, 1, 1_760_000_000, 300, 0xBE, 2))
    monkeypatch.setattr(city, "_hear", lambda _: None)
    sent = city.send(Stretch(1e9, 600, is_patient=True))
    assert (sent.messages, sent.unanswered) == (600, 100)
