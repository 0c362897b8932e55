"""Live findings: those of one fold over the whole ledger, whatever came when."""

import shutil
import tempfile
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.core.suppression import Certainty, Kind, Level
from heatward_collector.core.suppression.falling.falls import CONTEXT_SLOTS
from heatward_collector.core.suppression.homes.home_grid import SLOT_S
from heatward_collector.core.suppression.season import Grid
from heatward_collector.core.suppression.stops.episode import WATERMARK_S
from heatward_collector.evaluation import suppression_watch
from heatward_collector.evaluation.heat_network import declarations_of, network_of
from heatward_collector.evaluation.heating_duty import duty_at
from heatward_collector.evaluation.home_days import HomeDays
from heatward_collector.evaluation.midnights import Midnights
from heatward_collector.evaluation.older_days import grid_from_ledger
from heatward_collector.evaluation.suppression_watch import SuppressionWatch
from heatward_collector.from_files.season import Season, judged
from heatward_collector.outdoor.temperatures import OutdoorStore, OutdoorValue
from heatward_collector.rules import load_standard
from heatward_node.reading import Record
from support.evidence import DISTRICT, OUTDOORS, PaperNode
from support.home_grids import read_at_once
from support.judged_world import DAY, HOUR, START
from support.watched_world import DAYS, STOP, STOPPED, WatchedWorld

AFTER = 24 * DAYS + 0.6
"""Some minutes behind the watermark of the last midnight. [h]"""


@pytest.fixture
def world(tmp_path: Path) -> WatchedWorld:
    world = WatchedWorld(tmp_path)
    world.until(AFTER)
    return world


def answers(world: WatchedWorld) -> list:
    return [(one.id, one.finding) for one in world.said()]


def one_fold(world: WatchedWorld, folder: Path) -> list:
    """Return what a watch says that begins now, with nothing but ledger and registry."""
    shutil.rmtree(folder, ignore_errors=True)
    store = FindingStore(folder / "findings.sqlite")
    midnights = Midnights(folder / "midnights")
    watch = SuppressionWatch(world.follower, world.window, store, midnights, world.standard)
    watch.look(world.now)
    found = sorted(store.latest(), key=lambda one: one.id)
    assert {one.revision for one in found} <= {1}
    return [(one.id, one.finding) for one in found]


def test_a_stop_is_found_at_its_place_and_its_time(world: WatchedWorld) -> None:
    world.hear(world.winter())
    world.judge()
    (said,) = world.said()
    finding = said.finding
    assert (finding.kind, finding.level, finding.place) == (Kind.OUTAGE, Level.SUBSTATION, STOPPED)
    assert abs(finding.start_s - (START + STOP[0] * HOUR)) <= HOUR
    assert finding.accuses
    assert said.revision == 1
    watched = world.findings.watched()
    assert watched is not None
    assert (watched.homes, watched.homes_heard, watched.outdoor_known) == (45, 43, 1.0)


def test_the_findings_are_those_of_a_season_judged_as_a_whole(world: WatchedWorld) -> None:
    world.hear(world.winter())
    world.judge()
    directory = world.follower.directory
    maker = HomeDays(directory, world.standard, world.evaluation._outdoor.series)
    grid_of = grid_from_ledger(world.follower, world.days(), world.zone)
    carried, grids = maker.nothing(), []
    for day in world.days():
        grid, carried = read_at_once(maker, carried, day, grid_of, 2**62)
        grids.append(grid)
    found = judged(whole(grids, directory))
    assert [finding for _, finding in answers(world)] == found


def whole(grids, directory) -> Season:
    """Return days, each behind its context, as one season."""

    def joined(name):
        return np.concatenate([getattr(grid, name)[CONTEXT_SLOTS:] for grid in grids])

    edges = np.cumsum([0] + [len(grid.homes) - CONTEXT_SLOTS for grid in grids]).tolist()
    grid = Grid(
        int(grids[0].time_s[CONTEXT_SLOTS]),
        SLOT_S,
        joined("homes"),
        joined("outdoor"),
        joined("hour"),
        joined("is_season"),
    )
    duty_of = partial(duty_at, load_standard("harbin"))
    return Season(
        grid,
        tuple(pairwise(edges)),
        network_of(directory),
        declarations_of(directory),
        duty_of,
    )


def test_it_is_said_at_the_first_look_behind_the_watermark(world: WatchedWorld) -> None:
    """Readings come as they are measured; somebody looks every five minutes."""
    begin = STOP[0] - 0.25
    world.hear(world.winter((0, begin)))
    world.until(begin)
    world.judge()
    assert world.said() == []
    for minutes in range(0, 240, 5):
        world.until(begin + minutes / 60)
        if minutes % 15 == 0:
            quarter = begin + minutes / 60
            world.hear(world.winter((quarter, quarter + 0.25)))
        while world.evaluation.step():
            pass
        world.watch.look(world.now)
        if world.said():
            break
    (said,) = world.said()
    assert said.is_open
    assert 0 <= world.now - said.finding.detected_s < 300
    assert world.watch._running is not None
    assert answers(world) == one_fold(world, world.folder / "again")


def test_it_opens_grows_and_ends_by_revisions(world: WatchedWorld) -> None:
    heard = 0.0
    for after in (-6.5, 1, 2.5, 3.5, 4.5, 5.5, 9.5, 13.5, AFTER - STOP[0]):
        hours = STOP[0] + after
        world.until(hours)
        world.hear(world.winter((heard, min(hours, 24 * DAYS))))
        heard = hours
        world.judge()
    (said,) = world.said()
    history = [one.change.value for one in world.findings.history(said.id)]
    assert history[0] == "said"
    assert history[-1] == "ended"
    assert set(history[1:-1]) == {"grew"}
    assert not said.is_open
    assert answers(world) == one_fold(world, world.folder / "again")


def test_readings_that_come_late_change_what_was_said_visibly(world: WatchedWorld) -> None:
    homes = sorted(world.registry.directory().homes)
    few = [home for home in homes if home not in {"h0001", "h0002", "h0003", "h0004"}]
    world.hear(world.winter(homes=few))
    world.judge()
    (before,) = world.said()
    assert before.finding.homes_judged == 12
    world.now += 30 * 86_400
    world.hear(world.winter(homes=[home for home in homes if home not in few]))
    world.judge()
    (after,) = world.said()
    assert after.finding.homes_judged == 16
    # It may be detected a little earlier or later now: then it is another finding, and the first
    # one is withdrawn.
    (first,) = [one for one in world.findings.latest() if one.id == before.id]
    assert first.corrections == 1
    assert first.is_withdrawn or first.finding == after.finding
    assert answers(world) == one_fold(world, world.folder / "again")


def test_what_late_readings_refute_is_withdrawn(world: WatchedWorld) -> None:
    """The homes that stayed warm come last: then nobody fell together."""
    world.hear(world.winter())
    world.judge()
    assert len(world.said()) == 1
    moved = [
        {**row, "to_s": START, "target_kind": row["target_kind"]}
        for row in world.registry.rows("assignment")
        if row["target"] and row["target"][:5] <= "h0017"
    ]
    world.registry.put({"assignment": moved})
    world.judge()
    assert world.said() == []
    (gone,) = world.findings.latest()
    assert gone.is_withdrawn
    assert gone.corrections == 1


def test_an_edit_of_the_network_folds_everything_again(world: WatchedWorld) -> None:
    world.hear(world.winter())
    world.judge()
    zones = [
        {**row, "substation": "ss-ruixue"}
        for row in world.registry.rows("zone")
        if row["substation"] == STOPPED
    ]
    world.registry.put({"zone": zones})
    world.judge()
    assert STOPPED not in {one.finding.place for one in world.said()}
    assert answers(world) == one_fold(world, world.folder / "again")


def test_a_notice_recorded_beforehand_takes_the_accusation_back(world: WatchedWorld) -> None:
    world.hear(world.winter())
    world.judge()
    notice = {
        "id": "nt-stop",
        "kind": "reported_stop",
        "source": "so-qingsong",
        "zone": None,
        "from_s": int(START + (STOP[0] - 1) * HOUR),
        "to_s": int(START + (STOP[1] + 4) * HOUR),
        "recorded_s": START,
        "text": "",
    }
    world.registry.put({"notice": [notice]})
    world.judge()
    (said,) = world.said()
    assert said.finding.certainty is Certainty.DECLARED
    assert said.corrections == 1
    assert answers(world) == one_fold(world, world.folder / "again")


def test_weather_that_is_known_late_is_taken_in(world: WatchedWorld) -> None:
    world.hear(reading for reading in world.winter() if reading[0] != OUTDOORS)
    world.judge()
    assert [one.finding.certainty for one in world.said()] in ([], [Certainty.UNDETERMINED])
    values = [OutdoorValue(START + hour * HOUR, -22.0, "service") for hour in range(24 * DAYS)]
    OutdoorStore(world.registry).put(DISTRICT, values)
    world.judge()
    (said,) = world.said()
    assert said.finding.accuses


def test_bench_readings_and_suspended_homes_have_no_vote(world: WatchedWorld) -> None:
    cut = [f"h{number:04d}" for number in range(1, 15)]
    suspended = [{"home": home, "from_day": DAY, "to_day": None} for home in cut]
    world.registry.put({"suspension": suspended})
    world.hear(world.winter())
    world.judge()
    assert [one for one in world.said() if one.finding.accuses] == []
    watched = world.findings.watched()
    assert watched is not None
    assert watched.homes_heard == 30


def test_an_edit_counts_at_once_also_in_the_day_that_runs(world: WatchedWorld) -> None:
    world.until(STOP[1] - 1)
    world.hear(world.winter((0, STOP[1] - 1)))
    world.judge()
    (before,) = world.said()
    suspended = {"home": before.finding.affected[0], "from_day": DAY, "to_day": None}
    world.registry.put({"suspension": [suspended]})
    world.judge()
    (after,) = world.said()
    assert after.finding.homes_judged == before.finding.homes_judged - 1
    assert answers(world) == one_fold(world, world.folder / "again")


def test_readings_that_a_clock_fix_places_into_the_day_that_runs_count(world: WatchedWorld) -> None:
    world.until(STOP[1] - 1)
    early, late = (0, STOP[0] - 2), (STOP[0] - 2, STOP[1] - 1)
    world.hear(world.winter(early))
    boxes = {row["sensor"]: row["node"] for row in world.registry.directory().assignments()}
    nodes = {
        box: PaperNode(900 + number, box, bytes([number]) * 16)
        for number, box in enumerate(sorted(set(boxes.values())))
    }
    untimed: dict[str, list[Record]] = {box: [] for box in nodes}
    for sensor, time_s, celsius in world.winter(late):
        record = nodes[boxes[sensor]].read(sensor, time_s, celsius, synchronised=False)
        untimed[boxes[sensor]].append(record)
    for box, records in untimed.items():
        world.arrive(nodes[box], records)
    world.judge()
    assert world.said() == []
    for node in nodes.values():
        world.arrive(node, [node.fix(int(world.now) - 60)])
    world.judge()
    assert len(world.said()) == 1
    assert answers(world) == one_fold(world, world.folder / "again")


def test_a_look_with_nothing_new_does_nothing(world: WatchedWorld) -> None:
    world.hear(world.winter())
    world.judge()
    assert world.watch.look(world.now) is None
    world.now += 899 - world.now % 900 + WATERMARK_S % 900
    assert world.watch.look(world.now) is None
    world.now += 900
    assert world.watch.look(world.now) == 0


def test_only_what_changed_is_folded_again(world: WatchedWorld) -> None:
    folded: list[int] = []
    world.watch._on_day = lambda: folded.append(1)
    world.hear(world.winter())
    world.judge()
    assert len(folded) == DAYS
    folded.clear()
    world.now += 900
    world.judge()
    assert len(folded) == 1
    folded.clear()
    hours = 24 * (DAYS - 1) - 1
    world.hear(world.winter((hours, hours + 0.5)))
    world.judge()
    assert len(folded) == 3  # the last but one, the last, and what has begun of today


def test_in_a_large_city_late_readings_wait_and_nothing_is_forgotten(
    world: WatchedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suppression_watch, "LARGE_HOMES", 10)
    last, first = 24.0 * (DAYS - 1), 24 * (DAYS - 2)
    world.until(last + 6)
    homes = sorted(world.registry.directory().homes)
    few, rest = homes[4:], homes[:4]
    world.hear(world.winter((0, last + 6), homes=few))
    world.judge()
    folded: list[int] = []
    world.watch._on_day = lambda: folded.append(1)
    world.hear(world.winter((last + 1, last + 5), homes=rest[:2]))
    world.judge()
    assert not folded
    world.now += 900
    world.judge()
    assert len(folded) == 1
    folded.clear()
    world.hear(world.winter((first + 1, first + 20), homes=rest))
    world.now += 900
    world.judge()
    assert len(folded) == 1  # the quarter of an hour; the day before waits
    world.now += 3600
    world.judge()
    assert len(folded) == 1 + 2
    assert answers(world) == one_fold(world, world.folder / "again")


def test_a_look_back_that_takes_long_is_not_taken_again_soon(
    world: WatchedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suppression_watch, "LARGE_HOMES", 10)
    world.until(24.0 * (DAYS - 1) + 6)
    homes = sorted(world.registry.directory().homes)
    world.hear(world.winter((0, 24 * (DAYS - 1) + 6), homes=homes[4:]))
    while world.evaluation.step():
        pass
    days = world.follower.days()
    world.watch.note(days)
    world.follower.settled_days(days)
    began = world.now
    while world.watch.look(world.now, lambda: True) is None:
        world.now += 120  # a piece is done, and two minutes go by with other work
    took_s = world.now - began
    folded: list[int] = []
    world.watch._on_day = lambda: folded.append(1)
    assert took_s > 2 * 3600 / suppression_watch.LOOK_BACK_TIMES
    world.hear(world.winter((24 * (DAYS - 2), 24 * (DAYS - 2) + 12), homes=homes[:4]))
    world.now += 2 * 3600
    world.judge()
    assert len(folded) == 1  # today; the day before waits though an hour is over
    world.now += suppression_watch.LOOK_BACK_TIMES * took_s
    world.judge()
    assert len(folded) == 1 + 2
    assert answers(world) == one_fold(world, world.folder / "again")


def test_a_restart_folds_only_the_day_that_runs(world: WatchedWorld) -> None:
    world.hear(world.winter())
    world.judge()
    before = answers(world)
    world.restart()
    folded: list[int] = []
    world.watch._on_day = lambda: folded.append(1)
    world.judge()
    assert len(folded) == 1
    assert answers(world) == before
    assert [one.revision for one in world.said()] == [1]


@pytest.mark.parametrize("lost", ["notes.json", "*.columns", "*"])
def test_what_is_missing_on_disk_is_made_again_from_the_ledger(
    world: WatchedWorld, lost: str
) -> None:
    world.hear(world.winter((0, 60)))
    world.judge()
    for path in (world.folder / "midnights").glob(lost):
        path.unlink()
    world.restart()
    world.hear(world.winter((60, 24 * DAYS)))
    world.judge()
    assert answers(world) == one_fold(world, world.folder / "again")
    assert [one.change.value for one in world.findings.history(world.said()[0].id)] == ["said"]


def test_while_readings_pour_in_looks_are_left_out_but_not_for_ever(world: WatchedWorld) -> None:
    world.hear(world.winter((0, 60)))
    world.judge()
    world.hear(world.winter((60, 61)))
    world.now += 3600
    looks = [world.watch.look(world.now) is not None for _ in range(20)]
    assert looks.count(True) in (1, 2)


PIECES = st.permutations(range(8))


@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(PIECES, st.lists(st.booleans(), min_size=8, max_size=8), st.integers(0, 7))
def test_findings_do_not_depend_on_when_readings_came(order, looks, late) -> None:
    """Half days arrive in any order, one long after; sometimes somebody looks between."""
    with tempfile.TemporaryDirectory() as folder:
        world = WatchedWorld(Path(folder) / "world")
        world.until(AFTER)
        for piece in [one for one in order if one != late]:
            world.hear(world.winter((12 * piece, 12 * piece + 12)))
            if looks[piece]:
                world.judge()
        world.judge()
        world.now += 20 * 86_400
        world.hear(world.winter((12 * late, 12 * late + 12)))
        world.judge()
        assert answers(world) == one_fold(world, Path(folder) / "again")
        assert [finding.place for _, finding in answers(world) if finding.accuses] == [STOPPED]
