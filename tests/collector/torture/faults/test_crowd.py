"""A thousand nodes in ten processes: each lives in one of them, and is heard only with its last."""

from __future__ import annotations

import json
from pathlib import Path

from heatward_collector.torture.faults.crowd import CROWDS, NODES, STATE, CrowdPlan, _heard
from heatward_collector.torture.plays import PLAYS


def test_the_parts_of_a_crowd_are_the_whole_once() -> None:
    size = NODES // CROWDS
    parts = [CrowdPlan(range(at, at + size), 1883, Path()) for at in range(0, NODES, size)]
    names = [node.identity.node for part in parts for node in part.nodes()]
    assert len(names) == len(set(names)) == 1_000
    assert all(len(part.nodes()) == 100 for part in parts)


def test_a_crowd_is_heard_when_every_part_has_sent_the_newest_round(tmp_path: Path) -> None:
    for part in range(CROWDS):
        (tmp_path / f"{part}-{STATE}").write_text(json.dumps({"done": 100, "rounds": 2}))
    assert _heard(tmp_path, 2)
    assert not _heard(tmp_path, 1)
    (tmp_path / f"3-{STATE}").write_text(json.dumps({"done": 99, "rounds": 2}))
    assert not _heard(tmp_path, 2)
    (tmp_path / f"3-{STATE}").write_text(json.dumps({"done": 100, "rounds": 1}))
    assert not _heard(tmp_path, 2)


def test_the_storm_is_played_on_the_line() -> None:
    assert PLAYS["F18"].setting.nodes == 1
