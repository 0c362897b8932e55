"""A look that is left after every piece says what one look in a piece says, and not before its end.

Readings, edits and new processes come in between.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.evaluation.evaluation import Evaluation
from heatward_collector.evaluation.midnights import Midnights
from heatward_collector.evaluation.suppression_watch import MOST_GIVEN_UP, SuppressionWatch
from support.watched_world import DAYS, STOP, WatchedWorld

AFTER = 24 * DAYS + 0.6
"""Some minutes behind the watermark of the last midnight. [h]"""
RUNS = 24 * (DAYS - 1) + 16
"""The afternoon of the last day. [h]"""
HOMES_AT_ONCE = 45
"""All homes there are: a piece of so many cells is a quarter of an hour."""


def begin(world: WatchedWorld, cells_at_once: int) -> None:
    """Let a watch begin that is left after so many slots of homes."""
    world.watch = SuppressionWatch(
        world.follower,
        world.window,
        world.findings,
        world.watch._midnights,
        world.standard,
        cells_at_once=cells_at_once,
    )
    world.evaluation = Evaluation(
        world.follower,
        world.window,
        world.verdicts,
        world.standard,
        lambda: world.now,
        world.watch,
        piece_s=0.0,
    )


def take_in(world: WatchedWorld) -> None:
    """Do what the process does between two pieces."""
    while world.evaluation.step():
        pass


def through(world: WatchedWorld) -> int:
    """Go on until a look is through; return how many pieces that were."""
    pieces = 0
    while world.watch.is_looking:
        world.evaluation.look()
        pieces += 1
    return pieces


def judged(world: WatchedWorld) -> None:
    """Judge until no look is due any more."""
    take_in(world)
    world.evaluation.judge()
    through(world)
    world.now += 8 * 3600  # also days that are over are looked at again
    world.evaluation.judge()
    through(world)


def answers(findings: FindingStore) -> list:
    found = [one for one in findings.latest() if not one.is_withdrawn]
    return sorted((one.id, one.finding) for one in found)


def one_fold(world: WatchedWorld, folder: Path) -> list:
    """Return what a watch says that begins now, and looks once."""
    store = FindingStore(folder / "findings.sqlite")
    midnights = Midnights(folder / "midnights")
    SuppressionWatch(world.follower, world.window, store, midnights, world.standard).look(world.now)
    return answers(store)


half_days = st.lists(st.integers(2 * DAYS - 6, 2 * DAYS - 1), max_size=3, unique=True)


@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    slots=st.sampled_from([1, 3, 40, 96]),
    late=half_days,
    arrives=st.integers(1, 60),
    restarts=st.booleans(),
)
def test_the_findings_are_those_of_one_look(
    slots: int, late: list[int], arrives: int, restarts: bool
) -> None:
    """Half days come while the past is gone through, on any side of where the look is."""
    with tempfile.TemporaryDirectory() as name:
        world = WatchedWorld(Path(name) / "world")
        world.until(AFTER)
        for piece in [one for one in range(2 * DAYS) if one not in late]:
            world.hear(world.winter((12 * piece, 12 * piece + 12)))
        take_in(world)
        begin(world, slots * HOMES_AT_ONCE)
        world.evaluation.judge()
        for number in range(arrives):
            if number == arrives // 2 and restarts:
                world.restart()
                begin(world, slots * HOMES_AT_ONCE)
                world.evaluation.judge()
            world.evaluation.look()
        for piece in late:
            world.hear(world.winter((12 * piece, 12 * piece + 12)))
            take_in(world)
            world.evaluation.look()
        judged(world)
        assert answers(world.findings) == one_fold(world, Path(name) / "again")


def test_late_readings_of_what_was_gone_through_of_the_running_day_count(tmp_path: Path) -> None:
    world = WatchedWorld(tmp_path / "world")
    world.until(RUNS)
    homes = sorted(world.registry.directory().homes)
    world.hear(world.winter((0, RUNS), homes=homes[:-8]))
    take_in(world)
    begin(world, HOMES_AT_ONCE)
    world.evaluation.judge()
    running = world.watch._running
    while running._fold is None or running._fold.date != world.days()[-1]:
        world.evaluation.look()
    for _ in range(20):
        world.evaluation.look()
    read_h = (running._fold.read_until_s - running._fold.start_s) / 3600
    assert 0 < read_h < 16
    world.hear(world.winter((24 * (DAYS - 1) + 1, RUNS), homes=homes[-8:]))
    take_in(world)
    assert running.is_late
    through(world)
    assert running.is_late  # the look that was underway did not see them
    world.now += 900
    world.evaluation.judge()
    through(world)
    assert not running.is_late
    world.hear(world.winter((0, 24 * (DAYS - 1) + 1), homes=homes[-8:]))
    judged(world)
    assert answers(world.findings) == one_fold(world, tmp_path / "again")


def test_nothing_is_said_or_taken_back_before_it_is_through(tmp_path: Path) -> None:
    world = WatchedWorld(tmp_path / "world")
    world.until(AFTER)
    world.hear(world.winter())
    world.judge()
    before = answers(world.findings)
    assert len(before) == 1
    for path in (tmp_path / "world" / "midnights").glob("*.columns"):
        path.unlink()
    world.restart()
    begin(world, HOMES_AT_ONCE)
    world.watch.note(world.days())
    world.evaluation.judge()
    pieces = 0
    while world.watch.is_looking:
        assert answers(world.findings) == before
        world.evaluation.look()
        pieces += 1
    assert pieces > 96 * (DAYS - 1)
    assert [one.revision for one in world.findings.latest()] == [1]
    assert world.watch._notes.doubtful == (str(world.days()[-1] + timedelta(days=1)),)  # it runs


def test_days_that_change_during_a_look_are_still_looked_at_behind_it(tmp_path: Path) -> None:
    world = WatchedWorld(tmp_path / "world")
    world.until(AFTER)
    world.hear(world.winter())
    take_in(world)
    begin(world, HOMES_AT_ONCE)
    world.evaluation.judge()
    changed = world.days()[2]
    assert world.watch.is_looking
    world.watch.note([changed])
    through(world)
    running = world.days()[-1] + timedelta(days=1)
    assert world.watch._notes.doubtful == (str(changed), str(running))


def test_edits_give_a_look_up_and_not_for_ever(tmp_path: Path) -> None:
    world = WatchedWorld(tmp_path / "world")
    world.until(AFTER)
    world.hear(world.winter())
    take_in(world)
    begin(world, HOMES_AT_ONCE)
    home = sorted(world.registry.directory().homes)[0]
    for number in range(MOST_GIVEN_UP):
        world.evaluation.judge()
        assert world.watch.is_looking
        suspended = {"home": home, "from_day": world.days()[number], "to_day": None}
        world.registry.put({"suspension": [suspended]})
        take_in(world)
    world.evaluation.judge()
    assert not world.watch.is_looking
    assert answers(world.findings) == one_fold(world, tmp_path / "again")


def test_a_day_that_leaves_the_window_during_a_look_is_read_from_the_ledger(
    tmp_path: Path,
) -> None:
    world = WatchedWorld(tmp_path / "world")
    world.until(STOP[0] + 3)
    world.hear(world.winter((0, STOP[0] + 3)))
    take_in(world)
    begin(world, HOMES_AT_ONCE)
    world.evaluation.judge()
    for _ in range(10):
        world.evaluation.look()
    world.now += 90 * 3600
    world.evaluation._fit_window()
    through(world)
    assert len(world.said()) == 1
    judged(world)
    assert answers(world.findings) == one_fold(world, tmp_path / "again")
