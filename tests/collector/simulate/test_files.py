"""The files of a season are those that registry and recordings read, with the labels apart."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from heatward_collector import registry
from heatward_collector.commands.simulate import simulate
from heatward_collector.registry import Registry
from heatward_collector.registry.spreadsheets import import_folder, read_folder
from heatward_collector.simulate import Event, Kind, Level, Shape, Tree, season, town
from heatward_collector.simulate.files import write_season
from heatward_collector.simulate.places import sensors_of, tree_of

START = int(np.datetime64("2021-01-04T16:00:00", "s").astype(np.int64))
STOP = ("outage", "source", "so1", "0.2", "0.6", "0")
SAMPLE = Path(registry.__file__).parent / "sample"


def registered(folder: Path, scratch: Path) -> Tree:
    store = Registry(f"sqlite:///{scratch}/registry.sqlite")
    import_folder(store, folder)
    tree = tree_of(store.directory())
    store.close()
    return tree


def test_a_written_registry_reads_back_as_the_same_tree(tmp_path: Path) -> None:
    tree = town(sources=2, floor_heated=[1])
    write_season(season(1, START, 0.5, shape=Shape(tree)), tmp_path / "season")
    assert registered(tmp_path / "season" / "registry", tmp_path) == tree


def test_the_sample_district_can_be_simulated(tmp_path: Path) -> None:
    tree = registered(SAMPLE, tmp_path)
    assert len(tree.rooms) == len(read_folder(SAMPLE)["room"])
    assert season(1, START, 1, shape=Shape(tree)).rooms.shape == (len(tree.rooms), 288)


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
