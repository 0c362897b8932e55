"""What a declaration explains, and for how long."""

from __future__ import annotations

import numpy as np
import pytest

from heatward_collector.core.suppression.findings.declared import Declaration, concerning
from heatward_collector.core.suppression.homes.network import Level, Network

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


def network(other_zone: int) -> Network:
    """Return two buildings of ten homes: of the first one so many are in the second one's zone."""
    building = np.repeat(np.array([0, 1], np.int32), 10)
    zone = building.copy()
    zone[:other_zone] = 1
    return Network(
        tuple(f"h{one}" for one in range(20)),
        {Level.BUILDING: ("b0", "b1"), Level.ZONE: ("z0", "z1"), Level.SOURCE: ("s0",)},
        {Level.BUILDING: building, Level.ZONE: zone, Level.SOURCE: np.zeros(20, np.int32)},
        np.zeros(20, bool),
    )


def concerned(level: Level, place: str, other_zone: int = 0) -> list[str]:
    """Return of which declared places something is said that concerns a place."""
    known = [(Level.BUILDING, "b0"), (Level.ZONE, "z0"), (Level.ZONE, "z1"), (Level.SOURCE, "s0")]
    known.append((Level.SOURCE, "elsewhere"))
    said = [Declaration("reported_stop", *of, 0, HOUR, -1) for of in known]
    return [one.place for one in concerning(said, network(other_zone), level, place)]


def test_what_is_declared_for_a_place_concerns_every_place_within_it() -> None:
    assert concerned(Level.BUILDING, "b0") == ["b0", "z0", "s0"]
    assert concerned(Level.ZONE, "z1") == ["z1", "s0"]
    assert concerned(Level.SOURCE, "s0") == ["s0"]


@pytest.mark.parametrize(("other_zone", "is_within"), [(2, True), (3, False)])
def test_a_place_is_within_another_one_with_nearly_all_of_its_homes(
    other_zone: int, is_within: bool
) -> None:
    assert ("z0" in concerned(Level.BUILDING, "b0", other_zone)) is is_within
