"""The desk between the page and the demo: one deed at a time, and nothing asked twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from heatward_collector.config import parse
from heatward_collector.demo_desk import MOST_KEPT, Deed, DemoDesk, Done, finished

RUNNING = Done(1, Deed.OPEN_WINDOWS, 100, 200, 300, share=0.25)


@pytest.fixture
def desk(tmp_path: Path) -> DemoDesk:
    return DemoDesk(parse(f'[state]\ndirectory = "{tmp_path}"\n[rules]\ncity = "demo"'))


def test_where_no_demo_runs_nothing_can_be_asked_for(desk: DemoDesk) -> None:
    assert not desk.is_staffed
    assert not desk.ask(Deed.CAP_SUPPLY)
    assert desk.done() == []


def test_what_is_asked_for_is_taken_until_it_is_noted(desk: DemoDesk) -> None:
    desk.open()
    assert desk.take() is None
    assert desk.ask(Deed.OPEN_WINDOWS)
    assert not desk.ask(Deed.CAP_SUPPLY), "one waits"
    assert desk.take() is desk.take() is Deed.OPEN_WINDOWS
    desk.note(RUNNING)
    assert desk.take() is None
    assert not desk.ask(Deed.CAP_SUPPLY), "one runs"
    desk.note(finished(RUNNING, 12.5, {"ledger_before": 7}))
    assert desk.done() == [
        replace(RUNNING, share=1.0, took_seconds=12.5, facts={"ledger_before": 7}, is_finished=True)
    ]
    assert desk.ask(Deed.CAP_SUPPLY)


def test_the_newest_come_first_and_not_all_are_kept(desk: DemoDesk) -> None:
    desk.open()
    for number in range(1, MOST_KEPT + 3):
        assert desk.next_number() == number
        desk.note(finished(replace(RUNNING, number=number), 1.0, {}))
    assert [one.number for one in desk.done()] == list(range(MOST_KEPT + 2, 2, -1))


def test_a_new_demo_begins_with_an_empty_desk(desk: DemoDesk) -> None:
    desk.open()
    desk.note(RUNNING)
    desk.ask(Deed.CAP_SUPPLY)
    desk.open()
    assert (desk.done(), desk.take(), desk.is_busy) == ([], None, False)
