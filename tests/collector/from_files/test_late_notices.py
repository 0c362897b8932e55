"""Whoever recorded a notice after it began is told that it explains nothing, with the remedy."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from heatward_collector.cli import heatward
from heatward_collector.core.suppression import Declaration
from heatward_collector.core.suppression.homes.network import Level
from heatward_collector.from_files.late_notices import late_notices
from heatward_collector.locale import texts
from heatward_collector.simulate.calendar import local_midnight

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2023, 1, 4), date(2023, 1, 5)
HOUR_S = 3600
BEGIN_S = local_midnight("2023-01-05") + 9 * HOUR_S


def notice(from_s=BEGIN_S, recorded_s=BEGIN_S - HOUR_S, kind="reported_repair"):
    return Declaration(kind, Level.SOURCE, "so1", from_s, from_s + 6 * HOUR_S, recorded_s)


def said(declarations, language="en"):
    return list(late_notices(declarations, FIRST, LAST, ZONE, texts(language)))


def test_notices_recorded_after_they_began_are_counted_from_the_first():
    known = [notice(), notice(recorded_s=BEGIN_S), notice(kind="regime", recorded_s=2 * BEGIN_S)]
    assert said(known) == []
    late = [notice(recorded_s=BEGIN_S + 1), notice(BEGIN_S + HOUR_S, BEGIN_S + 9 * HOUR_S)]
    (text,) = said([*known, *reversed(late)])
    assert "after they began: 2, the first of them from 2023-01-05 09:00" in text
    assert "recorded_s of notice.csv" in text
    (text,) = said(late, "zh")
    assert "2 条" in text
    assert "2023-01-05 09:00" in text
    assert "recorded_s" in text


@pytest.mark.parametrize("days", [-4, 4])
def test_notices_of_other_days_are_left_out(days):
    from_s = BEGIN_S + days * 24 * HOUR_S
    assert said([notice(from_s, from_s + HOUR_S)]) == []


def test_the_command_says_so_on_standard_error(week, tmp_path):
    registry = tmp_path / "registry"
    registry.mkdir()
    for path in (week / "registry").iterdir():
        (registry / path.name).write_bytes(path.read_bytes())
    (registry / "notice.csv").write_text(
        "id,kind,source,from_s,to_s,recorded_s,text\n"
        "nt-1,reported_repair,so1,2023-01-05T09:00+08:00,2023-01-05T15:00+08:00,"
        "2023-01-06T08:00+08:00,mended\n"
    )
    files = ["--readings", week / "readings.csv", "--outdoor", week / "outdoor.csv", "--json"]
    for folder, count in ((registry, 1), (week / "registry", 0)):
        arguments = ["judge", *files, "--registry", folder, "--lang", "en"]
        result = CliRunner().invoke(heatward, [str(one) for one in arguments])
        assert result.exit_code == 0
        assert result.stderr.count("recorded after they began: 1, ") == count
