"""Of few homes those that aired are heard again, and nobody beside them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core.suppression.falling.scan import Place, Suspect
from heatward_collector.core.suppression.homes.network import Level
from heatward_collector.core.suppression.stops.witnesses import with_witnesses

PLACE = Place(Level.BUILDING, 0, "b001", np.arange(4, dtype=np.int32))
ROWS = np.array([[16.8, 16.9, 15.5, 14.7], [16.2, 15.7, 14.7, 13.44], [15.9, 15.4, 14.4, 13.19]])
"""Three homes fall together; the last one has aired, and falls with them since. [degC]"""
WARM = np.array([[16.8, 16.9, 15.5, 14.7], [16.2, 15.7, 14.7, 14.7], [15.9, 15.4, 14.4, 14.7]])
AIRED = np.array([3], np.int32)
NOBODY = np.empty(0, np.int32)
DELTA = 31.0


def of_three(**said: object) -> Suspect:
    suspect = Suspect(PLACE, 12.0, np.arange(3, dtype=np.int32), 3, spare=3.0)
    return replace(suspect, **said)


def test_a_home_whose_air_is_back_falls_with_the_others() -> None:
    heard = with_witnesses(of_three(), AIRED, ROWS, DELTA)
    assert heard.falling.tolist() == [0, 1, 2, 3]
    assert heard.judged == 4


def test_where_enough_homes_have_a_say_nobody_else_is_asked() -> None:
    enough = of_three(judged=4)
    assert with_witnesses(enough, AIRED, ROWS, DELTA) is enough


def test_without_anybody_who_aired_there_is_no_witness() -> None:
    heard = with_witnesses(of_three(is_repeated=True), NOBODY, ROWS, DELTA)
    assert (heard.falling.tolist(), heard.judged) == ([0, 1, 2], 3)


@pytest.mark.parametrize(
    ("said", "judged"),
    [
        ({"is_repeated": True, "spare": 1.0}, 4),
        ({"is_repeated": True, "spare": 0.9}, 3),
        ({"is_repeated": False, "spare": 9.0}, 3),
    ],
    ids=["again and clear", "again, but its dissent would matter", "for the first time"],
)
def test_a_home_that_stays_warm_counts_only_where_it_would_change_nothing(
    said: dict[str, object], judged: int
) -> None:
    heard = with_witnesses(of_three(**said), AIRED, WARM, DELTA)
    assert heard.falling.tolist() == [0, 1, 2]
    assert heard.judged == judged


def test_a_home_that_fell_silent_is_no_home_that_stays_warm() -> None:
    silent = WARM.copy()
    silent[2, 3] = np.nan
    assert with_witnesses(of_three(is_repeated=True), AIRED, silent, DELTA).judged == 3
