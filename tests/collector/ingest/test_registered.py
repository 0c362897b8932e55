"""Which nodes may bring evidence, whatever their registry is kept in."""

from __future__ import annotations

from pathlib import Path

import pytest

from heatward_collector.canary import CANARY_NODE
from heatward_collector.config import parse
from heatward_collector.ingest import registered as module
from heatward_collector.ingest.registered import Registered
from heatward_collector.registry import open_registry, packer, table_copies


@pytest.mark.parametrize("most_choices", [1, 4096])
def test_nodes_are_known_by_district_also_after_edits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most_choices: int
) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(packer, "MOST_CHOICES", most_choices)
    monkeypatch.setattr(table_copies, "FEWEST_ROWS", 1)
    state = f'[state]\ndirectory = "{tmp_path}"\n'
    registry, seconds = open_registry(parse(state)), {"interval_seconds": 300}
    all_nodes = Registered(parse(state))
    north = Registered(parse(f'{state}[mqtt]\ndistrict = "north"'))
    assert (all_nodes.count(), all_nodes.districts()) == (0, ())
    assert not all_nodes.knows("north", "n1")
    assert not all_nodes.knows("north", CANARY_NODE)
    for name, zh in (("north", "北"), ("south", "南")):
        registry.put({"district": [{"id": name, "name_zh": zh, "name_en": None}]})
    where = {"n1": "north", "n2": "south", "n3": "north"}
    registry.put({"node": [{"id": key, "district": one, **seconds} for key, one in where.items()]})
    assert (all_nodes.count(), all_nodes.districts()) == (3, ("north", "south"))
    assert (north.count(), north.districts()) == (2, ("north",))
    known = [(district, node) for district in ("north", "south") for node in ("n1", "n2", "n9")]
    assert [one for one in known if all_nodes.knows(*one)] == [("north", "n1"), ("south", "n2")]
    assert [one for one in known if north.knows(*one)] == [("north", "n1")]
    assert north.knows("north", CANARY_NODE)
    assert not north.knows("south", CANARY_NODE)
    registry.put({"node": [{"id": "n2", "district": "north", **seconds}]})
    assert north.knows("north", "n2")
    assert (north.count(), all_nodes.districts()) == (3, ("north",))
    assert not all_nodes.knows("south", "n2")
    registry.close()
