"""A simulated week as files, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from heatward_collector.simulate import Event, Kind, Level, Shape, season, town
from heatward_collector.simulate.calendar import DAY_S, HOUR_S, local_midnight
from heatward_collector.simulate.files import write_season

FIRST = local_midnight("2023-01-04")


@pytest.fixture(scope="session")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight cold days of two sources; the first is off for 8 h in the sixth night."""
    folder = tmp_path_factory.mktemp("week")
    tree = town(sources=2, buildings_per_source=2, homes_per_building=5, rooms_per_home=1)
    begin = FIRST + 5 * DAY_S + 22 * HOUR_S
    stop = Event(Kind.OUTAGE, Level.SOURCE, "so1", begin, begin + 8 * HOUR_S)
    write_season(season(3, FIRST, 8, shape=Shape(tree, (stop,))), folder)
    return folder
