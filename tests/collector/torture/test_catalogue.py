"""The catalogue is honest: 55 faults, each played, or tested by a file, or not built."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from heatward_collector.commands.torture import torture
from heatward_collector.torture.catalogue import CATALOGUE, Where, count_built
from heatward_collector.torture.fault_words import CAMPAIGNS, CHINESE
from heatward_collector.torture.kills.kill_rounds import KILL_RUNS
from heatward_collector.torture.line.crash_points import ALL
from heatward_collector.torture.plays import KILLS, PLAYS, QUICK

ROOT = Path(__file__).parents[3]


def test_all_55_faults_are_named_once() -> None:
    numbers = [fault.number for fault in CATALOGUE]
    assert [f"F{number}" for number in range(1, 56)] == [n for n in numbers if not n.endswith("b")]
    assert len(numbers) == len(set(numbers))
    assert sum(count_built().values()) == 55


def test_every_fault_and_every_campaign_has_its_chinese_name() -> None:
    assert CHINESE.keys() == {fault.number for fault in CATALOGUE}
    assert len(set(CHINESE.values())) == len(CHINESE)
    assert CAMPAIGNS.keys() == KILLS.keys() == KILL_RUNS.keys()


def test_every_play_is_in_the_catalogue_and_the_quick_ones_are_twelve() -> None:
    assert PLAYS.keys() <= {fault.number for fault in CATALOGUE}
    assert set(QUICK) <= PLAYS.keys()
    assert len(set(QUICK)) == 12


def test_tests_that_are_named_exist() -> None:
    for fault in CATALOGUE:
        if fault.where is Where.TEST:
            assert (ROOT / fault.elsewhere).exists(), fault


@pytest.mark.parametrize("point", ALL, ids=lambda one: f"{one.function}-{one.name}")
def test_every_crash_point_is_a_function_of_the_line(point) -> None:
    import importlib

    owner, _, method = point.function.partition(".")
    assert callable(getattr(getattr(importlib.import_module(point.module), owner), method))


def test_the_list_says_what_is_not_built() -> None:
    told = CliRunner().invoke(torture, ["--list"])
    assert told.exit_code == 0
    for fault in CATALOGUE:
        assert f"\n{fault.number:<4}" in f"\n{told.output}"
    assert "not built" in told.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--faults", "F1,F99"], "F99"),
        ([], "--quick"),
        (["--quick", "--seeds", "3:3"], "holds no seed"),
        (["--quick", "--seeds", "x"], "A:B"),
    ],
)
def test_what_cannot_be_run_is_refused_with_what_can(arguments: list[str], words: str) -> None:
    told = CliRunner().invoke(torture, arguments)
    assert told.exit_code != 0
    assert words in told.output + str(told.exception)
