"""What must not change what is said of a supply held below the due: order, level, silence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.heating_duty import ALWAYS, HeatingDuty
from heatward_collector.core.suppression.by_day.place_days import Hierarchy
from heatward_collector.core.suppression.findings.finding import Finding
from heatward_collector.core.suppression.homes.days import Day
from heatward_collector.core.suppression.homes.network import Level, Network
from heatward_collector.core.suppression.supply import (
    SupplyMemory,
    after_supply_day,
    supply_findings,
)
from support.cut_town import DAY_S, DAYS, FROM, START, days, simulated

UNTIL = FROM + 12
"""The first days of the cut are enough to be said. [d]"""


def said(network: Network, some: list[Day], minimum: float = 20.0) -> list[Finding]:
    places = Hierarchy.of(network)
    memory = SupplyMemory.none(network, places)
    for day in some:
        memory = after_supply_day(memory, day, network, places, HeatingDuty(ALWAYS, minimum))
    return supply_findings(memory, (), network, START + DAYS * DAY_S)


def told(findings: list[Finding]) -> set[tuple[str, str, int, int, str]]:
    return {(one.level, one.place, one.start_s, one.detected_s, one.rule) for one in findings}


@pytest.fixture(scope="module")
def plain() -> tuple[Network, list[Day], list[Finding]]:
    network = simulated(True)[0].tree.network()
    some = days(True)[:UNTIL]
    found = said(network, some)
    assert ("source", "so2") in {(one.level, one.place) for one in found if one.accuses}
    return network, some, found


def test_the_order_of_homes_does_not_matter(plain):
    network, some, found = plain
    order = np.random.default_rng(3).permutation(len(network.homes))
    mixed = Network(
        tuple(network.homes[one] for one in order),
        network.places,
        {level: of_home[order] for level, of_home in network.of_home.items()},
        network.is_floor_heated[order],
    )
    moved = [
        replace(
            day,
            celsius=day.celsius[:, order],
            is_touched=day.is_touched[order],
            has_no_vote=day.has_no_vote[order],
        )
        for day in some
    ]
    assert told(said(mixed, moved)) == told(found)


def test_the_order_of_sources_does_not_matter(plain):
    network, some, found = plain
    names = network.places[Level.SOURCE]
    order = np.arange(len(names))[::-1]
    turned = replace(
        network,
        places={**network.places, Level.SOURCE: tuple(names[one] for one in order)},
        of_home={
            **network.of_home,
            Level.SOURCE: (len(names) - 1 - network.of_home[Level.SOURCE]).astype(np.int32),
        },
    )
    assert told(said(turned, some)) == told(found)


def test_a_town_and_a_standard_that_are_warmer_by_a_kelvin_give_the_same(plain):
    network, some, found = plain
    warmer = [replace(day, celsius=day.celsius + np.float32(1.0)) for day in some]
    assert told(said(network, warmer, minimum=21.0)) == told(found)


def test_a_level_of_its_own_for_every_home_changes_nothing(plain):
    """A thermometer that always says a little more is no cut, and hides none."""
    network, some, found = plain
    offset = np.random.default_rng(5).normal(0.0, 0.3, len(network.homes)).astype(np.float32)
    biased = [replace(day, celsius=day.celsius + offset) for day in some]
    again = said(network, biased)
    assert {(one.level, one.place) for one in again if one.accuses} == {
        (one.level, one.place) for one in found if one.accuses
    }


@pytest.mark.parametrize("is_cut", [False, True])
def test_with_half_of_the_homes_or_hours_missing_nobody_else_is_accused(is_cut):
    network = simulated(is_cut)[0].tree.network()
    random = np.random.default_rng(11)
    silent = random.random(len(network.homes)) < 0.5
    gappy = []
    for day in days(is_cut)[:UNTIL]:
        celsius = np.where(silent | (random.random(day.celsius.shape) < 0.25), np.nan, day.celsius)
        gappy.append(replace(day, celsius=celsius.astype(np.float32)))
    accused = {one.place for one in said(network, gappy) if one.accuses}
    assert accused <= ({"so2", "b003", "b004"} if is_cut else set())
    assert all(
        not set(one.affected) & {network.homes[home] for home in np.flatnonzero(silent)}
        for one in said(network, gappy)
    )
