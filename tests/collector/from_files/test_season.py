"""Recorded readings as a detector sees them, and the verdicts of their days."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from heatward_collector.core.standard import Season as HeatingSeason
from heatward_collector.core.suppression import Finding
from heatward_collector.evaluation.judging import judge_day
from heatward_collector.from_files.district import read_directory
from heatward_collector.from_files.outdoors import Outdoors, read_outdoors
from heatward_collector.from_files.reading_file import ReadingFile, Readings
from heatward_collector.from_files.recording import gather
from heatward_collector.from_files.season import findings_of, judged, season_of, verdicts_of
from heatward_collector.local_days import bounds
from heatward_collector.registry import sensor_number
from heatward_collector.rules import load_standard
from support.evidence import LIVING, SAMPLE
from support.scored_district import finding

ZONE = ZoneInfo("Asia/Shanghai")
HARBIN = load_standard("harbin")
FIRST, LAST = date(2023, 1, 4), date(2023, 1, 11)
START, END = bounds(FIRST, ZONE)[0], bounds(LAST, ZONE)[1]


@pytest.fixture(scope="module")
def recording(week):
    directory = read_directory(week / "registry", ZONE)
    return gather(ReadingFile(week / "readings.csv", ZONE), directory, ZONE)


def test_a_season_is_cut_into_local_days_of_quarters_of_an_hour(recording, week):
    season = season_of(recording, read_outdoors(week / "outdoor.csv", ZONE), HARBIN)
    grid = season.grid
    assert (grid.start_s, grid.slot_s) == (START, 900)
    assert grid.homes.shape == (8 * 96, 20)
    assert season.days == tuple((96 * day, 96 * day + 96) for day in range(8))
    assert grid.hour[:5].tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert grid.is_season.all()
    assert np.isfinite(grid.outdoor[4:]).all()
    assert np.isfinite(grid.homes).mean() > 0.9
    assert season.network.homes == recording.directory.homes


def test_the_weather_of_a_slot_is_what_was_known_at_its_end(recording):
    outdoors = Outdoors(np.array([START + 900, START + 1800]), np.array([-5.0, -6.0]))
    grid = season_of(recording, outdoors, HARBIN).grid
    assert np.isnan(grid.outdoor[0])
    assert grid.outdoor[1:4].tolist() == [-5.0, -6.0, -6.0]


def test_a_day_of_23_hours_is_shorter():
    london = replace(HARBIN, timezone="Europe/London", season=HeatingSeason((10, 1), (3, 25)))
    zone = ZoneInfo("Europe/London")
    directory = read_directory(SAMPLE, zone)
    first, last = date(2025, 3, 29), date(2025, 3, 31)
    times = np.arange(bounds(first, zone)[0], bounds(last, zone)[1], 300)
    readings = Readings(
        times,
        np.full(len(times), sensor_number(LIVING), np.uint64),
        np.full(len(times), 320, np.int16),
    )
    nothing = Outdoors(np.zeros(0, np.int64), np.zeros(0))
    season = season_of(gather([readings], directory, zone), nothing, london)
    assert season.days == ((0, 96), (96, 188), (188, 284))
    assert season.grid.hour[96 + 3 : 96 + 6].tolist() == [0.75, 2.0, 2.25]
    assert not season.grid.is_season.any()
    home = directory.home_index["h0001"]
    assert np.isfinite(season.grid.homes[:, home]).all()


def test_only_findings_on_the_days_that_are_judged_are_told(recording):
    def shifted(days: float, is_open: bool = False) -> Finding:
        start = START + int(days * 86_400)
        end = None if is_open else start + 7200
        return replace(finding(), start_s=start, end_s=end, detected_s=start + 3600)

    said = [shifted(5.0), shifted(2.0), shifted(0.5), shifted(0.5, True), shifted(7.5)]
    day = date(2023, 1, 6)
    nothing = Outdoors(np.zeros(0, np.int64), np.zeros(0))
    season = season_of(recording, nothing, HARBIN)
    found = findings_of(season, day, day, ZONE, lambda _: said)
    assert found == [said[3], said[1]]
    assert findings_of(season, FIRST, LAST, ZONE, lambda _: said) == [
        said[index] for index in (2, 3, 1, 0, 4)
    ]


def test_verdicts_are_those_of_the_one_function_that_judges_days(recording, week):
    outdoors = read_outdoors(week / "outdoor.csv", ZONE)
    found = list(verdicts_of(recording, outdoors, HARBIN, FIRST, LAST))
    day = date(2023, 1, 6)
    expected = judge_day(recording.directory, HARBIN, day, recording.cut, END)
    mine = [verdict for verdict in found if verdict.day == day]
    assert [(v.level, v.place, v.verdict) for v in mine] == [
        (v.level, v.place, v.verdict) for v in expected
    ]
    assert {verdict.level for verdict in mine} == {"room", "home", "building"}
    assert {verdict.day for verdict in found} == {date(2023, 1, day) for day in range(4, 12)}
    assert not any(verdict.provisional for verdict in found)
    building = next(verdict for verdict in mine if verdict.level == "building")
    assert building.facts["outdoor_source"] == "file"
    assert -40 < building.facts["outdoor"] < 5


def test_summer_has_no_verdicts(recording):
    nothing = Outdoors(np.zeros(0, np.int64), np.zeros(0))
    summer = replace(HARBIN, season=HeatingSeason((6, 1), (6, 2)), winters=())
    assert list(verdicts_of(recording, nothing, summer, FIRST, LAST)) == []


SLOW = {"half an hour": (6, 1800), "an hour": (12, 3600)}


@pytest.mark.parametrize("how_often", SLOW)
def test_a_stop_is_found_in_what_slow_loggers_wrote_and_said_once_they_had(week, how_often):
    """As in records of others, whose registry says nothing of how often they measured."""
    each, longest = SLOW[how_often]
    directory = read_directory(week / "registry", ZONE)

    def slowly(until_s: int) -> list[Readings]:
        pieces = list(ReadingFile(week / "readings.csv", ZONE))
        beats = [(one.time_s // 300 + one.sensor.astype(np.int64)) % each == 0 for one in pieces]
        return [
            one.only(beat & (one.time_s < until_s)) for one, beat in zip(pieces, beats, strict=True)
        ]

    outdoors = read_outdoors(week / "outdoor.csv", ZONE)
    whole = judged(season_of(gather(slowly(END), directory, ZONE), outdoors, HARBIN))
    said = next(one for one in whole if one.accuses)
    begin = START + 5 * 86_400 + 22 * 3600
    assert (said.level, said.place) == ("source", "so1")
    assert abs(said.start_s - begin) <= 2 * 3600
    assert begin < said.detected_s <= begin + 2 * 3600 + longest
    cut = gather(slowly(said.detected_s), directory, ZONE, FIRST, LAST)
    again = judged(season_of(cut, outdoors, HARBIN))
    assert (said.start_s, said.detected_s, said.affected) in [
        (one.start_s, one.detected_s, one.affected) for one in again
    ]
