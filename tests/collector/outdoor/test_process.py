"""The outdoor process: asks again and again, keeps what it gets, and says when it gets nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from heatward_collector.config import Config, parse
from heatward_collector.outdoor import process as outdoor_service
from heatward_collector.outdoor.temperatures import OutdoorStore
from heatward_collector.registry import open_registry, spreadsheets
from heatward_collector.running.status import read_status
from support.evidence import SAMPLE
from support.ports import wait_until
from support.weather_service import WeatherService, address, weather_service


@pytest.fixture
def service() -> Iterator[WeatherService]:
    with weather_service() as server:
        yield server


@pytest.fixture
def config(service: WeatherService, tmp_path: Path) -> Config:
    text = f'[state]\ndirectory = "{tmp_path}"\n[outdoor]\nurl = "{address(service)}"\n'
    config = parse(text)
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    return config


def test_the_last_two_days_are_asked_for_and_kept(service: WeatherService, config: Config) -> None:
    registry = open_registry(config)
    assert outdoor_service.fetch_all(config, registry, 1_767_312_000) == 1
    assert service.asked == [
        "/w?place=sample&from=2025-12-31T00%3A00%3A00Z&to=2026-01-02T00%3A00%3A00Z"
    ]
    (value,) = OutdoorStore(registry).values("sample", 0, 2**40)
    assert (value.celsius, value.source) == (-20.0, "127.0.0.1")


@pytest.mark.parametrize(("status", "answer"), [(503, b""), (200, b"<html>")])
def test_a_service_without_an_answer_is_a_fault_until_it_gives_one(
    service: WeatherService,
    config: Config,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    answer: bytes,
) -> None:
    good = service.answer
    service.status, service.answer = status, answer
    monkeypatch.setattr("heatward_collector.running.status.WRITE_EVERY_S", 0.05)
    object.__setattr__(config.outdoor, "interval_seconds", 1)
    stop = threading.Event()
    process = threading.Thread(target=outdoor_service.run, args=(config, stop), daemon=True)
    process.start()

    def told() -> dict:
        return read_status(config.state.status, "outdoor") or {"faults": [], "stages": {}}

    try:
        wait_until(lambda: told()["faults"], "the fault is reported")
        assert [fault["code"] for fault in told()["faults"]] == ["outdoor_away"]
        service.status, service.answer = 200, good
        wait_until(lambda: "weather" in told()["stages"], "the service is heard again")
        assert told()["faults"] == []
    finally:
        stop.set()
        process.join(10)
    assert not process.is_alive()
