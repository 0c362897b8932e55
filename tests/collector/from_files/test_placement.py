"""Doubts about sensors of a recording: whose, beside whom, and on which days."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from heatward_collector.evaluation.placement_days import groups_of
from heatward_collector.from_files.district import read_directory
from heatward_collector.from_files.judgement import Files, Judgement, read_files
from heatward_collector.locale import ENGLISH, texts
from heatward_collector.rules import load_standard
from heatward_collector.simulate import Shape, season, town
from heatward_collector.simulate.calendar import local_midnight
from heatward_collector.simulate.files import write_season
from heatward_collector.simulate.sensing import NO_FAULTS, Placement

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Nine days of a building with six homes and one with three; one sensor at a refrigerator."""
    result = tmp_path_factory.mktemp("placed")
    tree = town(sources=1, buildings_per_source=2, homes_per_building=6, rooms_per_home=1)
    kept = tree.homes[:9]
    tree = replace(tree, homes=kept)
    spoilt = kept[2].rooms[0]
    sensing = replace(NO_FAULTS, placements={spoilt: Placement.REFRIGERATOR})
    shape = Shape(tree, sensing=sensing)
    write_season(season(5, local_midnight("2023-01-04"), 9, shape=shape), result)
    (result / "spoilt").write_text(spoilt)
    return result


def judged(folder: Path, first: date | None = None, last: date | None = None) -> Judgement:
    files = Files(folder / "readings.csv", folder / "registry", folder / "outdoor.csv")
    return read_files(files, load_standard("harbin"), first, last)


def test_the_sensor_at_the_refrigerator_is_doubted_and_no_other(folder):
    lines = [json.loads(line) for line in judged(folder).json_lines()]
    (one,) = [line for line in lines if line["type"] == "placement_doubt"]
    assert (one["room"], one["kind"]) == ((folder / "spoilt").read_text(), "refrigerator")
    assert one["building"] == "b001"
    assert one["start"] < "2023-01-06" < "2023-01-11" < one["end"]
    assert lines[-1]["placement_doubts"] == {"refrigerator": 1}


def test_a_doubted_room_is_judged_as_before(folder):
    verdicts = [json.loads(line) for line in judged(folder).json_lines()]
    room = (folder / "spoilt").read_text()
    days = [one for one in verdicts if one.get("place") == room and one["type"] == "verdict"]
    assert len(days) == 9
    assert {one["verdict"] for one in days} != {"not_judgeable"}


def test_the_report_says_it(folder):
    text = "\n".join(judged(folder).report(texts(ENGLISH)))
    assert "Doubts about where sensors hang: 1" in text
    assert "it may hang near a refrigerator" in text


def test_rooms_of_small_buildings_of_a_source_are_compared_with_each_other(folder):
    directory = read_directory(folder / "registry", ZONE)
    group = groups_of(directory)
    building = [point.building for point in directory.points]
    large = {int(group[at]) for at, one in enumerate(building) if one == "b001"}
    small = {int(group[at]) for at, one in enumerate(building) if one == "b002"}
    assert len(large) == len(small) == 1
    assert large != small
