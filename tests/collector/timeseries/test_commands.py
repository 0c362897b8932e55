"""``heatward timeseries`` as it is typed: what it finds, and what it builds anew."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from heatward_collector.commands.timeseries import FATES, REASONS, timeseries
from heatward_collector.config import Config, parse
from heatward_collector.errors import HeatwardError
from heatward_collector.readings.projection import Fate
from heatward_collector.running.service import HeldFile
from heatward_collector.timeseries import comparison
from heatward_collector.timeseries import process as view
from heatward_collector.timeseries.process import RefusedLines, behind, rebuild_request
from heatward_node.reading import Quality
from support.evidence import BEDROOM, LIVING, ON_THE_BENCH, T0, UNKNOWN, PaperNode, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Five readings in the view, and four that are none of its points."""
    world, node = World(tmp_path), PaperNode(1)
    world.arrive(node, [node.boot(), *(node.read(LIVING, T0 + n * 300, 21.0) for n in range(5))])
    world.arrive(
        node,
        [
            node.read(UNKNOWN, T0, 20.0),
            node.read(ON_THE_BENCH, T0, 20.0),
            node.read(BEDROOM, T0, 85.0, quality=Quality.POWER_ON_RESET),
            node.read(BEDROOM, T0 + 300, 20.0, synchronised=False),
        ],
    )
    world.follow()
    return world


@pytest.fixture
def config(tmp_path: Path) -> Config:
    text = f'[state]\ndirectory = "{tmp_path}"\n'
    (tmp_path / "c.toml").write_text(text)
    return parse(text)


def typed(config: Config, *words: str) -> tuple[int, str]:
    arguments = [*words, "-c", str(config.state.directory / "c.toml")]
    result = CliRunner().invoke(timeseries, arguments)
    if isinstance(result.exception, HeatwardError):
        raise result.exception
    return result.exit_code, result.output


def test_an_equal_view_is_told_with_its_counts_and_what_is_no_point(
    world: World, config: Config
) -> None:
    code, output = typed(config, "verify")
    assert code == 0
    assert output.splitlines()[-1] == "一致 / equal"
    assert "readings 9; 应有 / expected 5; 视图 / in the view 5" in output
    for word in ("bad quality: 1", "time unknown: 1", "not assigned: 1", "on the bench: 1"):
        assert word in output


def test_each_difference_is_told_with_its_reason_and_a_rebuild_ends_it(
    world: World, config: Config
) -> None:
    world.store.delete(LIVING, T0 + 600, T0 + 601)
    code, output = typed(config, "verify")
    assert code == 1
    assert f"{LIVING} 2026-01-01T00:10:00Z 应为 / expected h0001-r1 20.8800" in output
    assert "缺少 / missing" in output
    assert "1 处 / differences" in output
    assert "5 点 / points" in typed(config, "rebuild")[1]
    assert typed(config, "verify")[0] == 0
    assert world.assert_even().found == 5


def test_a_line_that_the_store_refused_is_missing_for_its_reason(
    world: World, config: Config, tmp_path: Path
) -> None:
    world.store.delete(LIVING, T0, T0 + 1)
    line = f"room_temperature,room=h0001-r1,sensor={LIVING} celsius=20.88 {T0}"
    RefusedLines(tmp_path / "refused.sqlite").add(line, "field type conflict")
    assert "refused by the store: field type conflict" in typed(config, "verify")[1]
    typed(config, "rebuild")
    assert RefusedLines(tmp_path / "refused.sqlite").count() == 0


def test_a_long_list_is_cut_but_counted_whole(world: World, config: Config) -> None:
    world.store.drop()
    code, output = typed(config, "verify", "--limit", "2")
    assert code == 1
    assert len(re.findall("缺少 / missing", output)) == 2
    assert "and 3 处 / more" in output
    assert "5 处 / differences" in output


def test_a_view_that_is_behind_says_so(world: World, config: Config) -> None:
    node = PaperNode(2)
    world.arrive(node, [node.boot(), node.read(BEDROOM, T0 + 60, 20.0)])
    assert behind(config) == (1, 0)
    code, output = typed(config, "verify")
    assert code == 1
    assert "is behind: 1 批 / batches" in output


def test_a_state_without_ledger_cannot_be_rebuilt(tmp_path: Path, config: Config) -> None:
    with pytest.raises(HeatwardError, match="there is no ledger"):
        typed(config, "rebuild")


def test_a_running_collector_rebuilds_by_itself(
    world: World, config: Config, tmp_path: Path
) -> None:
    world.follower.close()
    world.store.drop()
    stop = threading.Event()
    process = threading.Thread(target=view.run, args=(config, stop), daemon=True)
    with HeldFile(tmp_path / "service.lock"):
        process.start()
        try:
            code, output = typed(config, "rebuild")
        finally:
            stop.set()
            process.join(20)
    assert code == 0
    assert "the running collector rebuilds" in output
    assert not rebuild_request(config).exists()
    assert world.assert_even().found == 5


def test_a_rebuild_that_was_killed_is_done_at_the_next_start(world: World, config: Config) -> None:
    world.store.drop()
    rebuild_request(config).touch()
    opened = view.Opened(config)
    while opened.step():
        pass
    assert world.assert_even().found == 5
    assert not rebuild_request(config).exists()


def test_every_reason_and_every_fate_has_its_words() -> None:
    named = {value for key, value in vars(comparison).items() if key.isupper()}
    assert {value for value in named if isinstance(value, str)} == REASONS.keys()
    assert {fate.name.lower() for fate in Fate} - {"judged"} | {"same_second"} == FATES.keys()
