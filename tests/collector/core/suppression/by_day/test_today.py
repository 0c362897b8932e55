"""What surrounds a day that is judged: where people may heat for themselves."""

from types import SimpleNamespace as Some
from typing import Any

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.heating_duty import ALWAYS, DAY_S, HeatingDuty
from heatward_collector.core.suppression.by_day.place_days import Hierarchy
from heatward_collector.core.suppression.by_day.today import SELF_HEATED_DAYS, Today
from heatward_collector.core.suppression.homes.network import Level
from heatward_collector.simulate import town

DAYS, ONSET = 20, 15


@pytest.mark.parametrize(
    ("long_before", "before", "now", "may_heat"),
    [
        (22.0, 18.5, 18.0, True),
        (18.0, 21.0, 18.0, False),
        (18.0, 19.0, 20.5, False),
        (21.0, 20.0, 20.0, False),
        (21.0, np.nan, 19.0, False),
        (21.0, np.nan, np.nan, False),
    ],
    ids=["cold", "fell below", "became warm", "just warm enough", "not known before", "unknown"],
)
def test_people_may_heat_for_themselves_where_it_was_and_is_too_cold(
    long_before: float, before: float, now: float, may_heat: bool
) -> None:
    network = town(sources=1, buildings_per_source=2, homes_per_building=3).network()
    coldest = np.full((DAYS, 2), 22.0)
    coldest[:, 1] = long_before
    coldest[ONSET - SELF_HEATED_DAYS : ONSET, 1] = before
    coldest[ONSET:, 1] = now
    history: Any = Some(
        series={Level.BUILDING: Some(coldest=coldest)}, start_s=np.arange(DAYS) * DAY_S
    )
    today = Today(history, network, Hierarchy.of(network), 0, HeatingDuty(ALWAYS, 20.0))
    assert today.self_heated(ONSET * DAY_S).tolist() == [False] * 3 + [may_heat] * 3
