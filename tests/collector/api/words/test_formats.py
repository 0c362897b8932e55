"""How values are written for a reader."""

from __future__ import annotations

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
