"""Cases come back from both databases as they were put, and only whole."""

from dataclasses import replace

import pytest

from heatward_collector.cases.basis import unpack
from heatward_collector.core.cases import CaseKind, Event, HeatPlace, Refused, State, What
from heatward_collector.core.suppression import Level
from heatward_collector.errors import CaseRefused
from heatward_collector.registry import Directory
from support.case_world import OUTAGE, CaseWorld

OPENING = Event(
    What.OPENED,
    1000,
    kind=CaseKind.OUTAGE,
    where=HeatPlace(Level.BUILDING, "b004"),
    sign="acute-1",
    revision=3,
    begun_s=900,
    homes=("h0018",),
    buildings=("b004",),
    facts={"median_celsius": 17.4, "certainty": "high"},
)


def test_a_case_comes_back_as_it_was_with_its_whole_history(world: CaseWorld) -> None:
    with world.store.change() as change:
        first = change.open(OPENING)
        second = change.open(replace(OPENING, sign="acute-2"))
        changed = change.record(first.number, Event(What.ACKNOWLEDGED, 1200, "李示例"))
    assert (first.number, second.number) == (1, 2)
    assert world.store.case(1) == changed
    assert world.store.cases() == [changed, second]
    assert world.store.case(3) is None


def test_a_change_that_fails_leaves_nothing(world: CaseWorld) -> None:
    with pytest.raises(Refused), world.store.change() as change:
        case = change.open(OPENING)
        change.record(case.number, Event(What.CLOSED_BY_PERSON, 1200, "李示例"))
    assert world.store.cases() == []


def test_a_case_that_is_not_there_is_named(quick: CaseWorld) -> None:
    with pytest.raises(CaseRefused, match="7"), quick.store.change() as change:
        change.record(7, Event(What.NOTE, 1, "李示例", "?"))


def test_a_clock_that_was_put_back_makes_no_history_run_backwards(quick: CaseWorld) -> None:
    with quick.store.change() as change:
        case = change.open(OPENING)
        change.record(case.number, Event(What.ACKNOWLEDGED, 500, "李示例"))
    found = quick.store.case(1)
    assert found is not None
    assert [one.at_s for one in found.history] == [1000, 1000]


def test_cases_are_counted_and_found_by_time_and_state(world: CaseWorld) -> None:
    with world.store.change() as change:
        for number in range(4):
            change.open(replace(OPENING, at_s=1000 + number, sign=f"s{number}"))
        change.record(1, Event(What.NOTIFIED, 2000))
        change.record(2, Event(What.CLOSED_BY_PERSON, 2000, "李示例", "误报"))
        change.record(3, Event(What.MERGED, 2000, other=1))
    figures = world.store.figures()
    assert (figures.opened, figures.notified, figures.closed) == (4, 1, 1)
    assert (figures.merged, figures.still_open) == (1, 2)
    assert [case.number for case in world.store.cases(live_only=True)] == [1, 4]
    assert [case.number for case in world.store.cases(1001, 1003)] == [2, 3]
    assert [case.number for case in world.store.current(1500)] == [1, 2, 3, 4]
    assert [case.number for case in world.store.current(2001)] == [1, 4]


def test_what_the_registry_said_then_is_kept_with_a_case(quick: CaseWorld) -> None:
    quick.say(OUTAGE)
    (case,) = quick.look()
    ((at_s, content),) = quick.store.basis(case.number)
    rule, tables = unpack(content)
    assert (at_s, rule) == (int(quick.now), quick.standard.rules[-1])
    directory = Directory(0, tables)
    now = quick.registry.directory()
    mine = [home for home in now.homes if home in directory.homes]
    assert set(case.homes) <= set(mine)
    assert "h0038" not in directory.homes  # of another source
    assert directory.regimes() == now.regimes()
    assert not directory.tables["person"]
    assert case.state is State.OPEN
