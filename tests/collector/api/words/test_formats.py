"""How values are written for a reader."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from heatward_collector.api.words.formats import ABSENT, Formats
from heatward_collector.locale import texts


@pytest.mark.parametrize(("language", "said"), [("zh", "\u22120.35 度"), ("en", "\u22120.35 K")])
def test_a_difference_of_temperatures_is_in_a_unit_that_its_reader_knows(
    language: str, said: str
) -> None:
    write = Formats(texts(language), ZoneInfo("Asia/Shanghai"))
    assert write.kelvin(-0.35) == said
    assert write.kelvin(float("nan")) == ABSENT


@pytest.mark.parametrize(
    ("language", "degree", "near", "far", "far_day", "far_short"),
    [
        ("zh", "\u2103", "1月5日 02:00", "2025年1月5日 02:00", "2025年1月5日周日", "2025/1/5"),
        ("en", "\u00b0C", "5 Jan 02:00", "5 Jan 2025 02:00", "Sun, 5 Jan 2025", "5 Jan 2025"),
    ],
)
def test_a_date_of_another_season_has_its_year(
    language: str, degree: str, near: str, far: str, far_day: str, far_short: str
) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    moment = datetime(2025, 1, 5, 2, tzinfo=zone)
    soon = Formats(texts(language), zone, (moment + timedelta(days=299)).timestamp())
    late = Formats(texts(language), zone, (moment + timedelta(days=300)).timestamp())
    assert soon.celsius(17.04) == f"17.0 {degree}"
    assert soon.clock(moment.timestamp()) == near
    assert late.clock(moment.timestamp()) == far
    assert (late.day(moment.date()), late.short_day(moment.date())) == (far_day, far_short)
    assert far_short not in soon.day(moment.date())
