"""Days that are written directly are a ledger like any other."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from heatward_collector.bench.ledger_days import City, CityDays
from heatward_collector.ledger import LedgerReader, verify
from heatward_node.reading import Kind

START_S = 1_767_225_600
FIXES_A_DAY, CHECKPOINTS_A_DAY, SLOTS_A_DAY = 24, 1, 288


def test_a_city_of_sealed_days_is_intact_and_holds_every_reading(tmp_path: Path):
    city = City(rooms=40, start_s=START_S)
    days = list(CityDays(city).write(tmp_path, 2))
    assert [day.name for day in days] == ["2026-01-01.sealed", "2026-01-02.sealed"]
    found = verify(tmp_path)
    assert found.alteration is None
    each = 2 * SLOTS_A_DAY + FIXES_A_DAY + CHECKPOINTS_A_DAY
    assert found.records == 2 * city.nodes * each
    readings = np.concatenate([batch.readings for batch in LedgerReader(tmp_path).batches()])
    assert len(readings) == 2 * city.rooms * SLOTS_A_DAY
    pairs = {(int(one["sensor"]), int(one["wall_s"])) for one in readings}
    assert len(pairs) == len(readings)
    assert set(readings["sensor"].tolist()) == set(city.sensors().ravel().tolist())
    kinds = {
        record.kind for batch in LedgerReader(tmp_path).batches() for *_, record in batch.others
    }
    assert kinds == {Kind.CLOCK_FIX, Kind.CHECKPOINT}
    celsius = readings["raw"] / 16
    assert 10 < celsius.min() < celsius.max() < 30


def test_a_first_day_may_begin_late(tmp_path: Path):
    list(CityDays(City(rooms=10, start_s=START_S)).write(tmp_path, 2, SLOTS_A_DAY - 12))
    assert verify(tmp_path).alteration is None
    readings = np.concatenate([batch.readings for batch in LedgerReader(tmp_path).batches()])
    assert len(readings) == 10 * (12 + SLOTS_A_DAY)
    assert readings["wall_s"].min() == START_S + 23 * 3600


def test_the_same_seed_writes_the_same_city(tmp_path: Path):
    for name in "ab":
        list(CityDays(City(rooms=10, start_s=START_S, seed=3)).write(tmp_path / name, 1))
    assert LedgerReader(tmp_path / "a").head() == LedgerReader(tmp_path / "b").head()
