"""Days on virtual time: whatever a seed draws, the books are right, and it replays exactly."""

from __future__ import annotations

import pytest

from heatward_collector.torture.virtual import live


@pytest.mark.parametrize("seed", [1, 2])
def test_no_mix_of_faults_loses_or_invents_anything(seed: int) -> None:
    lived = live(seed, days=1)
    assert lived.problems == []
    assert lived.readings > 300
    assert lived.verdicts > 0


def test_a_seed_replays_to_the_last_hash_of_the_chain() -> None:
    one, again, other = live(3, days=1), live(3, days=1), live(4, days=1)
    assert one.head == again.head
    assert one.head != other.head
    assert one.kills == again.kills
