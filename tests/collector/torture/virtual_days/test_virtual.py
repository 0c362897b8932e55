"""Days on virtual time: whatever a seed draws, the books are right, and it replays exactly."""

from __future__ import annotations

from pathlib import Path

import pytest

from heatward_collector.torture.campaign import Results, play_virtual, virtual_plan
from heatward_collector.torture.virtual_days import virtual_office
from heatward_collector.torture.virtual_days.virtual import live
from heatward_collector.torture.virtual_days.virtual_office import MortalSecretary


@pytest.mark.parametrize("seed", [1, 8])
def test_no_mix_of_faults_loses_or_invents_anything(seed: int) -> None:
    lived = live(seed)
    assert lived.problems == []
    assert lived.readings > 600
    assert lived.verdicts > 20
    assert lived.cases > 0
    assert lived.messages > 0
    assert lived.kills > 0


def test_a_seed_replays_to_the_last_hash_of_the_chain() -> None:
    one, again, other = live(3, days=1), live(3, days=1), live(4, days=1)
    assert one.head == again.head
    assert one.head != other.head
    assert (one.kills, one.cases, one.messages) == (again.kills, again.cases, again.messages)


def test_an_office_that_forgets_a_message_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []

    def tell(self: MortalSecretary, *arguments: object) -> int:
        told.append(arguments)
        return 0 if len(told) == 1 else super(MortalSecretary, self).tell(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(virtual_office.MortalSecretary, "tell", tell)
    problems = live(1).problems
    assert told
    assert any("an event without its message" in one for one in problems)


def test_seeds_are_played_side_by_side_and_known_again(tmp_path: Path) -> None:
    plan, told = virtual_plan(range(2), 1, 2), []
    outcomes = play_virtual(plan, Results(tmp_path), False, told.append)
    assert [(one.fault, one.seed) for one in outcomes] == [("virtual 1", 0), ("virtual 1", 1)]
    assert all(one.is_right for one in outcomes)
    assert all(one.counts["readings"] > 150 for one in outcomes)
    again = play_virtual(plan, Results(tmp_path), True, told.append)
    assert again == outcomes
