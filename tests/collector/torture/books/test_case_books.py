"""Books of cases: a finding without a case is found out, and only where a case is owed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from heatward_collector.core.suppression import Certainty
from heatward_collector.torture.books.case_books import case_problems
from support.case_world import OUTAGE, CaseWorld


@pytest.fixture
def world(tmp_path: Path) -> Iterator[CaseWorld]:
    world = CaseWorld(tmp_path, f"sqlite:///{tmp_path / 'registry.sqlite'}")
    yield world
    world.close()


def problems(world: CaseWorld) -> list[str]:
    return case_problems(world.registry.database, world.secretary, world.findings.latest())


def test_a_finding_that_nobody_looked_at_has_no_case(world: CaseWorld) -> None:
    world.say(OUTAGE)
    assert any("without a case" in one for one in problems(world))
    world.look()
    assert problems(world) == []


def test_what_accuses_only_long_after_its_end_is_owed_none(world: CaseWorld) -> None:
    ended = replace(OUTAGE, end_s=OUTAGE.start_s + 7200, certainty=Certainty.UNDETERMINED)
    world.say(ended)
    world.look()
    world.later(days=15)
    world.say(replace(ended, certainty=Certainty.HIGH))
    assert any("without a case" in one for one in problems(world))
    world.say(ended)
    world.later(days=30)
    world.say(replace(ended, certainty=Certainty.HIGH))
    assert world.look() == []
    assert problems(world) == []
