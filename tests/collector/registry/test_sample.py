"""The worked sample is a district as in life, and clearly none of this world."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from heatward_collector.registry import Registry, spreadsheets
from heatward_collector.registry.choices import ROLE_SUBJECTS
from heatward_node.rom import rom_from_kernel_name

SAMPLE = Path(spreadsheets.__file__).with_name("sample")


@pytest.fixture(scope="module")
def sample():
    return spreadsheets.read_folder(SAMPLE)


def test_the_sample_has_the_size_of_a_small_district(sample):
    assert len(sample["district"]) == 1
    assert len(sample["street"]) >= 3
    assert len(sample["estate"]) >= 3
    assert len(sample["building"]) >= 10
    assert len(sample["supplier"]) == 2
    assert len(sample["node"]) >= 24
    assert sum(row["target_kind"] == "room" for row in sample["assignment"]) >= 70


def test_some_buildings_may_be_shown_and_some_are_too_small(sample):
    stairwell = {row["id"]: row["building"] for row in sample["stairwell"]}
    home = {row["id"]: stairwell[row["stairwell"]] for row in sample["home"]}
    room = {row["id"]: row["home"] for row in sample["room"]}
    homes = defaultdict(set)
    for row in sample["assignment"]:
        if row["target_kind"] == "room":
            homes[home[room[row["target"]]]].add(room[row["target"]])
    sizes = [len(one) for one in homes.values()]
    assert sum(size >= 5 for size in sizes) >= 3
    assert sum(size in (2, 3) for size in sizes) >= 2


def test_sensors_are_genuine_and_each_once(sample):
    names = [row["sensor"] for row in sample["assignment"]]
    assert len(set(names)) == len(names)
    for name in names:
        rom = rom_from_kernel_name(name)
        assert rom[0] == 0x28
        assert rom[5:7] == b"\0\0"


def test_every_special_case_occurs(sample):
    kinds = Counter(row["target_kind"] for row in sample["assignment"])
    assert kinds["outdoor"] >= 1
    assert kinds["bench"] >= 1
    assert {row["position"] for row in sample["home"]} == {"middle", "top", "bottom", "end_wall"}
    assert sample["suspension"]
    assert not all(row["documented"] for row in sample["placement"])
    assert not all(row["suitable"] for row in sample["placement"])
    assert {row["emitter"] for row in sample["zone"]} >= {"radiator"}
    assert {row["role"] for row in sample["person"]} == set(ROLE_SUBJECTS)
    sensors = Counter(row["node"] for row in sample["assignment"])
    assert max(sensors.values()) >= 2


def test_the_sample_imports_as_it_is(tmp_path):
    registry = Registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    counts = spreadsheets.import_folder(registry, SAMPLE)
    assert sum(one.new for one in counts.values()) > 300
    registry.close()


def test_nobody_in_it_is_real(sample):
    assert "示例" in sample["district"][0]["name_zh"]
    for row in sample["person"]:
        assert row["phone"] is None or row["phone"].startswith("0451-000000")
