"""Falls of all homes at once."""

import numpy as np
import pytest

from heatward_collector.core.suppression import Level
from heatward_collector.core.suppression.falling.everywhere import all_together, falls_everywhere
from heatward_collector.core.suppression.falling.scan import Places
from support.heated_town import HOMES, homes_of, network


def said(score, falling, silent=()):
    """Return evidence of one slot: this score of homes that fall, of silent ones nothing."""
    evidence = np.full((1, 1, HOMES), -1.0, np.float32)
    evidence[0, 0, falling] = score
    evidence[0, 0, list(silent)] = 0.0
    return evidence


@pytest.mark.parametrize(
    ("score", "falling", "delta", "expected"),
    [
        (2.0, 24, 20.0, True),
        (1.9, 24, 20.0, False),
        (2.0, 23, 20.0, False),
        (2.0, 24, 19.9, False),
    ],
    ids=["four in five", "faintly", "fewer", "too mild"],
)
def test_all_fall_where_four_in_five_homes_do_clearly_in_the_cold(score, falling, delta, expected):
    evidence = said(score, range(falling))
    assert falls_everywhere(np.array([delta]), evidence).tolist() == [expected]


def test_silent_homes_are_not_asked_and_a_handful_is_not_everybody():
    cold = np.array([30.0])
    assert falls_everywhere(cold, said(2.0, range(20), range(20, HOMES)))[0]
    assert falls_everywhere(cold, said(2.0, range(4), range(4, HOMES)))[0]
    assert not falls_everywhere(cold, said(2.0, range(3), range(3, HOMES)))[0]


def test_each_source_is_named_that_falls_whatever_others_do():
    places = Places(network())
    found = all_together(places, said(2.5, range(HOMES)))
    assert [(one.place.level, one.place.id) for one in found] == [
        (Level.SOURCE, "s0"),
        (Level.SOURCE, "s1"),
        (Level.SOURCE, "s2"),
    ]
    (only,) = all_together(places, said(2.5, homes_of(2, 3)))
    assert only.place.id == "s1" and all_together(places, said(0.5, range(HOMES))) == []
