"""What a declaration explains, and for how long."""

from __future__ import annotations

import numpy as np
import pytest

from heatward_collector.core.suppression.findings.declared import Declaration
from heatward_collector.core.suppression.homes.network import Level

HOUR = 3600
TIMES = np.array([0, 47 * HOUR, 48 * HOUR, 60 * HOUR], np.int64)
NOON = np.full(4, 12.0)


def said(kind: str, recorded_s: int = -1, hours: tuple[tuple[float, float], ...] = ()):
    """Return what a declaration of three days explains at 0, 47, 48 and 60 hours."""
    declared = Declaration(kind, Level.SOURCE, "s1", 0, 72 * HOUR, recorded_s, hours)
    return declared.explains(TIMES, NOON).tolist()


def test_a_reported_repair_expires_after_two_days_and_a_reported_stop_does_not() -> None:
    assert said("reported_repair") == [True, True, False, False]
    assert said("reported_stop") == [True, True, True, True]


@pytest.mark.parametrize("kind", ["reported_repair", "reported_stop", "pollution_staggering"])
def test_what_was_recorded_after_it_began_explains_nothing(kind: str) -> None:
    assert said(kind, recorded_s=1) == [False] * 4
    assert any(said(kind, recorded_s=0))


def test_hours_in_which_heat_is_promised_are_not_explained() -> None:
    assert said("regime", hours=((11.0, 13.0),)) == [False] * 4
    assert said("regime", hours=((22.0, 6.0),)) == [True] * 4
