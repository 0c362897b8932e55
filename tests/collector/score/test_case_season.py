"""A short simulated season through the cases; the long one is `heatward case season`."""

from pathlib import Path

from heatward_collector.score.case_season import follow, planned, simulated


def test_every_true_finding_has_one_case_that_closes_in_warm_rooms(tmp_path: Path) -> None:
    found = follow(simulated(seed=1, events=3), tmp_path)
    assert found.events == 3
    assert found.true_findings >= 3
    assert found.answered_once == found.right_officer == found.true_findings
    assert found.closed >= 2
    assert (found.open_without_reason, found.of_nuisances) == (0, 0), found.notes
    assert found.is_right


def test_a_long_season_has_its_events_in_turn_and_never_two_at_once() -> None:
    _, days, shape = planned(30)
    assert (len(shape.events), days) == (30, 138)
    ordered = sorted(shape.events, key=lambda event: event.start_s)
    assert all(a.end_s <= b.start_s for a, b in zip(ordered, ordered[1:], strict=False))
    assert len({event.kind for event in shape.events}) == 3
