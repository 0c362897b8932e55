"""Towns and whole seasons from a seed: what a detector is tuned and judged on.

A town is the same with and without events, and so is all that is lawful in it: what must not be
taken for suppression happens in every planned season.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from heatward_collector.core.suppression import Level

from .calendar import DAY_S, legal_season, simulated_season
from .habits import Limit, Reason
from .schedule import scheduled
from .season import STEP_S, Season, Shape, season
from .severity import Draw
from .suppliers import Adjustment
from .tree import Tree, town

SOURCES, BUILDINGS_PER_SOURCE, HOMES_PER_BUILDING = 6, 3, 5
FLOOR_HEATED_SHARE = 0.3
METERED_SHARE = 0.10
"""Shares of buildings."""
TWO_SUBSTATIONS_SHARE = 0.3
"""Share of towns in which each source has two substations."""
ONE_ROOM_SHARE = 0.5
END_WALL_SHARE = 0.15
SUSPENDED_SHARE, UNPAID_SHARE = 0.03, 0.02
"""Homes without service all winter, and homes limited for an unpaid fee from some day on."""
UNPAID_RESIDUAL = (0.0, 0.4)
REBALANCED_TOWNS, LOWERED_TOWNS = 0.30, 0.20
REBALANCED_KELVIN = (0.5, 1.4)
"""What rebalancing takes from the nearest building of a source and gives to its farthest."""
LOWERED_KELVIN = 1.5
"""A curve for 22.5 degC is lawfully lowered to 21."""
FIRST_WINTER, WINTERS = 2022, 12
"""Winters rotate with the seed, so that the Spring Festival moves. (20 degC rule: from 2021-10)"""
PLAN_STREAM = 7


def winter_of(seed: int) -> int:
    """Return the winter that a seed plans for, by the year in which it begins."""
    return FIRST_WINTER + seed % WINTERS


def planned_shape(seed: int, *, events: bool = True) -> Shape:
    """Return a town of a seed with a season of labelled events, or with none and the same rest."""
    places, lawful, suppressed = np.random.default_rng([seed, PLAN_STREAM]).spawn(3)
    legal = legal_season(winter_of(seed))
    tree = _planned_town(places)
    shape = Shape(
        tree,
        adjustments=tuple(_adjustments(tree, *legal, lawful)),
        limits=tuple(_limits(tree, *legal, lawful)),
    )
    if not events:
        return shape
    planned, declarations = scheduled(tree, *legal, suppressed)
    return replace(shape, events=planned, declarations=declarations)


def planned_season(
    seed: int,
    *,
    events: bool = True,
    step_seconds: int = STEP_S,
    progress: Callable[[int], None] | None = None,
) -> Season:
    """Simulate the whole season of a planned town: the same seed without events is its twin."""
    start, days = simulated_season(winter_of(seed))
    shape = planned_shape(seed, events=events)
    return season(seed, start, days, step_seconds, shape, progress)


def _planned_town(draw: Draw) -> Tree:
    buildings = SOURCES * BUILDINGS_PER_SOURCE
    tree = town(
        sources=SOURCES,
        buildings_per_source=BUILDINGS_PER_SOURCE,
        homes_per_building=HOMES_PER_BUILDING,
        floor_heated=np.flatnonzero(draw.random(buildings) < FLOOR_HEATED_SHARE).tolist(),
        substations_per_source=2 if draw.random() < TWO_SUBSTATIONS_SHARE else 1,
        floors=int(draw.integers(6, 31)),
    )
    names = tree.places(Level.BUILDING)
    metered = {name for name in names if draw.random() < METERED_SHARE}
    homes = []
    for home in tree.homes:
        rooms = home.rooms[:1] if draw.random() < ONE_ROOM_SHARE else home.rooms
        is_end = draw.random() < END_WALL_SHARE and home.position == "middle"
        position = "end_wall" if is_end else home.position
        homes.append(
            replace(home, rooms=rooms, position=position, metered=home.building in metered)
        )
    return replace(tree, homes=tuple(homes))


def _adjustments(tree: Tree, from_s: int, to_s: int, draw: Draw) -> Iterator[Adjustment]:
    sources = tree.places(Level.SOURCE)
    if draw.random() < REBALANCED_TOWNS:
        near, *_, far = tree.below(Level.SOURCE, str(draw.choice(sources)), Level.BUILDING)
        begin, kelvin = _day_in(from_s, to_s, draw), float(draw.uniform(*REBALANCED_KELVIN))
        for place, sign in ((near, -1.0), (far, 1.0)):
            yield Adjustment(Level.BUILDING, place, begin, to_s, sign * kelvin, "rebalanced")
    if draw.random() < LOWERED_TOWNS:
        begin = _day_in(from_s, to_s, draw)
        source = str(draw.choice(sources))
        yield Adjustment(Level.SOURCE, source, from_s, begin, LOWERED_KELVIN, "lowered later")


def _limits(tree: Tree, from_s: int, to_s: int, draw: Draw) -> Iterator[Limit]:
    for home in tree.homes:
        kind = draw.random()
        begin, residual = _day_in(from_s, to_s, draw), float(draw.uniform(*UNPAID_RESIDUAL))
        if kind < SUSPENDED_SHARE:
            yield Limit(home.id, Reason.SUSPENDED, from_s, to_s)
        elif kind < SUSPENDED_SHARE + UNPAID_SHARE:
            yield Limit(home.id, Reason.UNPAID, begin, to_s, residual)


def _day_in(from_s: int, to_s: int, draw: Draw) -> int:
    """Draw a day of the middle of a season."""
    return from_s + int(draw.uniform(0.15, 0.75) * (to_s - from_s)) // DAY_S * DAY_S
