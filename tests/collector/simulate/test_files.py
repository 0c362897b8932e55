"""The files of a season are those that registry and recordings read, with the labels apart."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from heatward_collector.commands.simulate import simulate
from heatward_collector.core.suppression import Declaration
from heatward_collector.registry.spreadsheets import read_folder
from heatward_collector.simulate import Cause, Event, Kind, Level, Shape, season, town
from heatward_collector.simulate.declared import announced, regime
from heatward_collector.simulate.files import write_season
from heatward_collector.simulate.habits import Limit, Reason
from heatward_collector.simulate.places import content_of, sensors_of
from heatward_collector.simulate.sensing import NO_FAULTS, Fault, FaultKind

START = int(np.datetime64("2021-01-04T16:00:00", "s").astype(np.int64))
STOP = ("outage", "source", "so1", "0.2", "0.6", "0")


def test_every_reading_belongs_to_a_registered_sensor_and_is_near_the_truth(
    tmp_path: Path,
) -> None:
    true = season(2, START, 1)
    count = write_season(true, tmp_path)
    with (tmp_path / "readings.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == count
    room = {sensor: index for index, sensor in enumerate(sensors_of(true.tree).values())}
    step = {f"{t}Z": i for i, t in enumerate(true.time_s.astype("datetime64[s]").astype(str))}
    error = [
        float(row["celsius"]) - true.rooms[room[row["sensor"]], step[row["time"]]] for row in rows
    ]
    assert abs(float(np.median(error))) < 0.1


def test_labels_name_place_kind_and_every_off_period(tmp_path: Path) -> None:
    nights = Event(Kind.NIGHT_INTERRUPTION, Level.SOURCE, "so1", START, START + 3 * 86_400)
    write_season(season(2, START, 3, shape=Shape(town(), (nights,))), tmp_path)
    (label,) = map(json.loads, (tmp_path / "labels.jsonl").read_text("utf-8").splitlines())
    assert (label["kind"], label["level"], label["place"]) == (
        "night_interruption",
        "source",
        "so1",
    )
    assert len(label["periods"]) == 4


def test_the_command_writes_the_same_files_for_the_same_seed(tmp_path: Path) -> None:
    for name in ("one", "two"):
        arguments = [str(tmp_path / name), "--days", "1"]
        result = CliRunner().invoke(simulate, [*arguments, "--suppress", *STOP])
        assert result.exit_code == 0, result.output
    for file in ("readings.csv", "outdoor.csv", "labels.jsonl", "registry/home.csv"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_what_was_declared_and_who_has_no_service_stands_in_the_registry(tmp_path: Path) -> None:
    off = Event(*(Kind.OUTAGE, Level.ZONE, "z1-low", START, START + 9 * 3600), cause=Cause.REPAIR)
    repair, notices = announced(off, START - 3600)
    firing, rule = regime("so2", START, START + 86_400, ((5.0, 11.5), (16.0, 22.0)))
    limit = Limit("h001-01", Reason.SUSPENDED, START, START + 86_400)
    shape = Shape(town(), (repair, firing), (*notices, rule), limits=(limit,))
    write_season(season(1, START, 1, 3600, shape), tmp_path / "season")
    rows = read_folder(tmp_path / "season" / "registry")
    (notice,), (hours,), (suspended,) = rows["notice"], rows["regime"], rows["suspension"]
    assert (notice["kind"], notice["zone"], notice["source"]) == ("reported_repair", "z1-low", None)
    assert (notice["from_s"], notice["to_s"]) == (START, START + 9 * 3600)
    assert notice["recorded_s"] == START - 3600
    assert (hours["source"], hours["hours"]) == ("so2", "05:00-11:30,16:00-22:00")
    assert suspended["home"] == "h001-01"
    assert suspended["from_day"] == suspended["to_day"] == date(2021, 1, 5)
    labels = [
        json.loads(line)
        for line in (tmp_path / "season" / "labels.jsonl").read_text("utf-8").splitlines()
    ]
    assert [label["declared"] for label in labels] == ["before", "before"]


def test_a_notice_for_one_building_cannot_be_registered() -> None:
    said = Declaration("reported_repair", Level.BUILDING, "b001", START, START + 60, START)
    with pytest.raises(ValueError, match="a source or a zone, not a building"):
        content_of(town(), 300, [said])


def test_readings_stand_in_the_order_of_arrival_and_repeats_stand_twice(tmp_path: Path) -> None:
    room = "h001-01-r1"
    faults = (
        Fault(FaultKind.LATE, room, START + 3600, START + 5 * 3600),
        Fault(FaultKind.REPEATED, room, START + 8 * 3600, START + 9 * 3600),
    )
    shape = Shape(town(sources=1), sensing=replace(NO_FAULTS, faults=faults))
    write_season(season(1, START, 1, 3600, shape), tmp_path)
    sensor = sensors_of(shape.tree)[room]
    with (tmp_path / "readings.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    came = {(row["time"], row["sensor"]): number for number, row in enumerate(rows)}
    others = [name for name in sensors_of(shape.tree).values() if name != sensor]
    assert came["2021-01-04T17:00:00Z", sensor] > came["2021-01-04T20:00:00Z", others[0]]
    assert len(rows) == 24 * 30 + 1
    assert (
        Counter((row["time"], row["sensor"]) for row in rows)["2021-01-05T00:00:00Z", sensor] == 2
    )


def test_the_command_writes_a_whole_planned_season_and_its_calm_twin(tmp_path: Path) -> None:
    for name, option in (("planned", "--plan"), ("calm", "--calm")):
        arguments = [str(tmp_path / name), option, "--seed", "3", "--interval", "3600"]
        result = CliRunner().invoke(simulate, arguments)
        assert result.exit_code == 0, result.output
    labels = (tmp_path / "planned" / "labels.jsonl").read_text("utf-8").splitlines()
    assert len(labels) > 15
    assert (tmp_path / "calm" / "labels.jsonl").read_text("utf-8") == ""
    homes = [
        (tmp_path / name / "registry" / "home.csv").read_bytes() for name in ("planned", "calm")
    ]
    assert homes[0] == homes[1]


def test_the_command_writes_a_scenario_by_its_name(tmp_path: Path) -> None:
    arguments = [str(tmp_path), "--scenario", "nights_off", "--interval", "3600"]
    assert CliRunner().invoke(simulate, arguments).exit_code == 0
    (label,) = map(json.loads, (tmp_path / "labels.jsonl").read_text("utf-8").splitlines())
    assert (label["kind"], len(label["periods"])) == ("night_interruption", 5)


@pytest.mark.parametrize("place", ["so9", "b001"])
def test_the_command_names_a_place_that_is_not_of_its_level(tmp_path: Path, place: str) -> None:
    arguments = [
        str(tmp_path),
        "--days",
        "1",
        "--suppress",
        *f"outage source {place} 0 1 0".split(),
    ]
    result = CliRunner().invoke(simulate, arguments)
    assert result.exit_code == 2
    assert f"no home belongs to source {place}" in result.output
