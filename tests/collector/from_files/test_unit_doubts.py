"""Rooms of 68 degrees are no warm rooms: whoever gives Fahrenheit is asked."""

import csv
import io

import numpy as np
from click.testing import CliRunner

from heatward_collector.cli import heatward
from heatward_collector.core import MISSING
from heatward_collector.from_files.unit_doubts import WARMEST_MIDDLE, unit_doubts
from heatward_collector.locale import texts


def said(celsius, language="en"):
    sixteenths = np.round(np.array(celsius) * 16).astype(np.int16)
    return list(unit_doubts(np.append(sixteenths, np.int16(MISSING)), texts(language)))


def test_only_a_middle_that_no_town_has_is_asked_about():
    assert said([20.0, 60.0, 44.0]) == []
    assert said([WARMEST_MIDDLE] * 3) == []
    assert said([]) == []
    (english,) = said([20.0, 68.0, 66.0])
    assert "66 degrees" in english
    assert "Fahrenheit" in english
    (chinese,) = said([20.0, 68.0, 66.0], "zh")
    assert "66" in chinese
    assert "华氏" in chinese


def test_the_command_asks_on_standard_error(week, tmp_path):
    rows = csv.DictReader(io.StringIO((week / "readings.csv").read_text()))
    lines = [
        f"{row['time']},{row['sensor']},{float(row['celsius']) * 1.8 + 32:.2f}\n"
        for row in rows
        if "2023-01-05" <= row["time"] < "2023-01-06" and row["celsius"]
    ]
    readings = tmp_path / "readings.csv"
    readings.write_text("time,sensor,celsius\n" + "".join(lines))
    options = ["--registry", week / "registry", "--outdoor", week / "outdoor.csv", "--lang", "en"]
    arguments = ["judge", "--readings", readings, *options, "--json"]
    result = CliRunner().invoke(heatward, [str(one) for one in arguments])
    assert result.exit_code == 0
    assert "degrees Fahrenheit?" in result.stderr
