"""A registry from a folder is the one that an import would make."""

from zoneinfo import ZoneInfo

import pytest

from heatward_collector.errors import ImportRefused
from heatward_collector.from_files.district import read_directory
from heatward_collector.registry import Registry, spreadsheets
from support.evidence import SAMPLE

ZONE = ZoneInfo("Asia/Shanghai")


def test_a_folder_gives_the_directory_that_an_import_gives(tmp_path):
    registry = Registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    spreadsheets.import_folder(registry, SAMPLE)
    imported, read = registry.directory(), read_directory(SAMPLE, ZONE)
    assert read.points == imported.points
    assert read.tables == imported.tables
    assert list(read.assignments()) == list(imported.assignments())
    assert read.intervals.tolist() == imported.intervals.tolist()
    assert read.home_building.tolist() == imported.home_building.tolist()


def test_rows_that_do_not_fit_together_are_refused_with_file_and_line(tmp_path):
    for path in SAMPLE.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    room = tmp_path / "room.csv"
    room.write_text(room.read_text("utf-8-sig").replace("h0001,", "h9999,", 1), "utf-8")
    with pytest.raises(ImportRefused, match=r"room\.csv:2: home .*'h9999'.*is not in home\.csv"):
        read_directory(tmp_path, ZONE)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ImportRefused, match="is not a folder"):
        read_directory(tmp_path / "nowhere", ZONE)
