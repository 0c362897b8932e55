"""A fall is held against somebody once it is clear, broad, and nothing that a curve does."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace as Some
from typing import Any

import numpy as np
import pytest

from heatward_collector.core.suppression.findings.finding import Exclusion
from heatward_collector.core.suppression.held_back.cut import DAY_S, View
from heatward_collector.core.suppression.held_back.firm import is_firm
from heatward_collector.core.suppression.homes.network import Level
from support.possible_cut import DEEP, HOMES, POSSIBLE


def accuses(
    statistic: float, *, keeps_hours: bool = False, heard: int = 15, **changes: Any
) -> bool:
    """Say whether somebody is accused of a fall on the 32nd day; its place has so many homes."""
    cut = replace(POSSIBLE, statistic=statistic, **changes)
    today: Any = Some(
        network=Some(places={cut.level: (cut.place,)}),
        keeps_hours=lambda level: np.array([keeps_hours]),
        members=lambda level, place: np.ones(heard, bool),
        start_s=32 * DAY_S,
    )
    return is_firm(today, cut)


@pytest.mark.parametrize(("heard", "is_accused"), [(30, True), (31, False)])
def test_nobody_is_accused_where_fewer_than_half_of_the_homes_can_be_compared(heard, is_accused):
    assert accuses(7.0, heard=heard) is is_accused


@pytest.mark.parametrize(
    ("statistic", "changes", "is_accused"),
    [
        (4.4, {}, False),
        (4.6, {}, True),
        (4.6, {"affected": HOMES[:10]}, False),
        (4.4, {**DEEP}, True),
        (4.4, {**DEEP, "affected": HOMES[:10]}, False),
        (4.4, {**DEEP, "looks_empty": True}, False),
        (4.4, {**DEEP, "ending": ()}, False),
        (4.4, {**DEEP, "ending": (-2.4, -1.1)}, False),
        (4.6, {"affected": HOMES[:10], "view": View.OWN_HISTORY}, True),
        (4.4, {"view": View.OWN_HISTORY}, False),
    ],
)
def test_a_fall_of_a_source_is_held_against_it_when_it_is_clear_or_deep_and_broad(
    statistic, changes, is_accused
):
    assert accuses(statistic, **changes) is is_accused


@pytest.mark.parametrize(
    ("level", "keeps_hours", "kelvin", "is_accused"),
    [
        (Level.BUILDING, False, 2.4, True),
        (Level.BUILDING, True, 2.4, False),
        (Level.BUILDING, True, 2.5, True),
        (Level.SOURCE, True, 2.4, True),
    ],
)
def test_parts_of_a_source_that_heats_by_hours_are_accused_of_deep_falls_only(
    level: Level, keeps_hours: bool, kelvin: float, is_accused: bool
) -> None:
    part = {"level": level, "place": "x1", "threshold": 5.5, "peak_kelvin": kelvin}
    assert accuses(7.5, keeps_hours=keeps_hours, **part) is is_accused


@pytest.mark.parametrize(
    ("kelvin", "outdoor", "gave_more", "view", "is_accused"),
    [
        (1.9, -18.0, False, View.OTHERS, False),
        (2.0, -18.0, False, View.OTHERS, True),
        (1.9, -14.0, False, View.OTHERS, True),
        (1.9, -18.0, True, View.OTHERS, True),
        (1.9, -18.0, False, View.OWN_HISTORY, True),
    ],
    ids=["untried", "deep", "mild", "was as cold before", "all sources"],
)
def test_a_small_fall_in_the_first_severe_cold_is_held_against_nobody(
    kelvin: float, outdoor: float, gave_more: bool, view: View, is_accused: bool
) -> None:
    assert is_accused is accuses(
        7.0,
        peak_kelvin=kelvin,
        view=view,
        considered=(Exclusion("boiler_limit", gave_more),),
        evidence={"outdoor_celsius": outdoor},
    )


@pytest.mark.parametrize(
    ("days", "lift", "view", "is_accused"),
    [
        (8, 35.0, View.OTHERS, False),
        (7, 35.0, View.OTHERS, False),
        (6, 35.0, View.OTHERS, True),
        (8, 25.0, View.OTHERS, True),
        (8, 35.0, View.OWN_HISTORY, True),
    ],
    ids=["slow", "a week", "within days", "much of the heat", "all sources"],
)
def test_a_small_part_of_the_heat_that_goes_slowly_is_held_against_nobody(
    days: int, lift: float, view: View, is_accused: bool
) -> None:
    begun_s = (32 - days) * DAY_S
    told = {"peak_kelvin": 2.0, "start_s": begun_s, "view": view}
    assert is_accused is accuses(7.0, **told, evidence={"lift_kelvin": lift})
