"""A city for starts stays in its folder, is used again, and is taken for no other one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from heatward_collector.bench import restart
from heatward_collector.bench.sealed_city import END_S, SealedCity
from heatward_collector.cli import heatward
from heatward_collector.core import MISSING
from heatward_collector.errors import HeatwardError
from heatward_collector.evaluation.window import Window
from heatward_collector.ledger import LedgerReader
from heatward_collector.registry import Registry


def held(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.parquet")}


def test_a_city_stays_and_is_used_again(tmp_path: Path):
    folder = tmp_path / "city"
    options = ["--rooms", "21", "--rooms-a-node", "2", "--hours", "2", "--tail-minutes", "30"]
    options += ["--folder", str(folder), "--no-batches", "--json"]
    first = CliRunner().invoke(heatward, ["bench", "restart", *options])
    assert first.exit_code == 0, first.output
    written = held(folder)
    again = CliRunner().invoke(heatward, ["bench", "restart", *options])
    assert again.exit_code == 0, again.output
    assert held(folder) == written != {}
    assert "used again" in again.output
    assert "used again" not in first.output
    one, other = (json.loads(told.output.splitlines()[-1]) for told in (first, again))
    assert (one["rooms"], one["rooms_a_node"], one["readings"]) == (20, 2, 20 * 24)
    assert one["ring"]["window"] == other["refilled"]["window"]
    assert {path.name for path in folder.iterdir()} == {"ledger", "registry.sqlite"}


def test_another_city_is_named(tmp_path: Path):
    SealedCity(tmp_path, 10, 2).prepare(print)
    for other, what in [
        (SealedCity(tmp_path, 20, 2), "its registry has 10 rooms, not 20"),
        (SealedCity(tmp_path, 10, 2, 2), "has 260 records of 10 nodes, not 250 of 5"),
        (SealedCity(tmp_path, 10, 3), "has 260 records of 10 nodes, not 390 of 10"),
    ]:
        with pytest.raises(HeatwardError, match=what):
            other.prepare(print)


def test_a_ledger_that_is_not_whole_is_left_as_it_is(tmp_path: Path):
    city = SealedCity(tmp_path, 10, 26)
    city.prepare(print)
    first, second = sorted(city.ledger.iterdir())
    second.rename(second.with_suffix(".sealing"))
    with pytest.raises(HeatwardError, match="not whole"):
        city.prepare(print)
    assert sorted(path.name for path in city.ledger.iterdir()) == [
        first.name,
        second.with_suffix(".sealing").name,
    ]
    second.with_suffix(".sealing").rename(second)
    with pytest.raises(HeatwardError, match="more days than 2 hours"):
        _with_first_day_of_two_hours(city, tmp_path / "other").prepare(print)


def _with_first_day_of_two_hours(city: SealedCity, folder: Path) -> SealedCity:
    other = SealedCity(folder, 10, 2)
    other.prepare(print)
    day = sorted(city.ledger.iterdir())[1]
    day.rename(other.ledger / "2026-01-09.sealed")
    return other


def test_a_registry_that_was_broken_off_is_written_anew(tmp_path: Path):
    Registry(f"sqlite:///{tmp_path / 'registry.sqlite'}").close()
    city = SealedCity(tmp_path, 10, 2)
    city.prepare(print)
    registry = Registry(city.address)
    assert len(registry.directory().points) == 10
    registry.close()


def test_no_city_is_written_where_something_else_lies(tmp_path: Path):
    (tmp_path / "letter").write_text("")
    with pytest.raises(HeatwardError, match="not empty"):
        SealedCity(tmp_path, 10, 2).prepare(print)


def test_a_state_goes_back_to_what_it_was_when_a_batch_was_its_newest(tmp_path: Path):
    city = SealedCity(tmp_path, 10, 2)
    city.prepare(print)
    with_reader = LedgerReader(city.ledger)
    last = with_reader.head()[0]
    through = next(
        batch.number
        for batch in with_reader.batches()
        if batch.received_at_ms > 1000 * (END_S - 3600) and batch.readings["sensor"].size
    )
    with_reader.close()
    asked = []
    for name, batch in (("whole", last), ("some", through)):
        restart.stand(city, tmp_path / name, batch)
        asked.append(restart.start(city, tmp_path / name, batch).window)
    restart.go_back(city, tmp_path / "whole", through)
    registry = Registry(city.address)
    window = Window(tmp_path / "whole" / "window", registry.directory().points.ids)
    assert restart.digest(window) == asked[1] != asked[0]
    assert (window.grid(END_S - 7200, 12) != MISSING).all()
    assert 0 < (window.grid(END_S - 3600, 12) != MISSING).sum() < 10
    registry.close()
    assert restart.start(city, tmp_path / "whole", last).window == asked[0]
