"""Whoever has no outdoor temperature of some judged hours is told so, with the remedy."""

import re
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from click.testing import CliRunner

from heatward_collector.cli import heatward
from heatward_collector.core.suppression.season import Grid
from heatward_collector.from_files.weather_gaps import weather_gaps
from heatward_collector.locale import texts
from heatward_collector.simulate.calendar import local_midnight

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2023, 1, 4), date(2023, 1, 5)


def grid(known, is_season=True):
    """Two days before the judged ones, which are the last two; quarters of an hour."""
    outdoor = np.where(known, -20.0, np.nan)
    return Grid(
        start_s=local_midnight("2023-01-02"),
        slot_s=900,
        homes=np.full((len(outdoor), 4), 20.0, np.float32),
        outdoor=outdoor,
        hour=np.arange(len(outdoor)) / 4 % 24,
        is_season=np.full(len(outdoor), is_season),
    )


def said(one, language="en"):
    return list(weather_gaps(one, FIRST, LAST, ZONE, texts(language)))


def test_hours_of_judged_days_without_weather_are_counted_from_the_first():
    known = np.ones(4 * 96, bool)
    known[: 2 * 96] = False  # not judged
    assert said(grid(known)) == []
    known[3 * 96 + 12 : 3 * 96 + 12 + 21] = False
    (text,) = said(grid(known))
    assert text.startswith("5 of 48 judged hours lack an outdoor temperature")
    assert "from 2023-01-05 03:00" in text
    assert "--outdoor" in text
    (text,) = said(grid(known), "zh")
    assert "48 小时" in text
    assert "5 小时" in text
    assert "2023-01-05 03:00" in text
    assert "--outdoor" in text


def test_less_than_an_hour_and_days_without_heating_are_no_gap():
    known = np.ones(4 * 96, bool)
    known[-3:] = False
    assert said(grid(known)) == []
    assert said(grid(~np.ones(4 * 96, bool), is_season=False)) == []


@pytest.mark.parametrize("as_json", [True, False])
def test_the_command_says_so_on_standard_error(week, tmp_path, as_json):
    """Of eight days the file holds the first four; the last value stands for 1.5 h."""
    lines = (week / "outdoor.csv").read_text().splitlines(keepends=True)
    outdoor = tmp_path / "outdoor.csv"
    outdoor.write_text(
        "".join(one for one in lines if one < "2023-01-07T16:00:00Z" or one[0] == "t")
    )
    files = ["--readings", week / "readings.csv", "--registry", week / "registry"]
    days = ["--from", "2023-01-04", "--to", "2023-01-11", "--lang", "en"]
    for path, hours in ((outdoor, 95), (week / "outdoor.csv", 0)):
        arguments = ["judge", *files, *days, "--outdoor", path, *(["--json"] if as_json else [])]
        result = CliRunner().invoke(heatward, [str(one) for one in arguments])
        assert result.exit_code == 0
        assert "judged hours lack" not in result.stdout
        found = re.findall(r"(\d+) of 192 judged hours lack an outdoor temperature", result.stderr)
        assert found == ([str(hours)] if hours else [])
