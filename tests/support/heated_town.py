"""A town of curves drawn by hand: three sources, two buildings each, five homes a building."""

from collections.abc import Sequence

import numpy as np

from heatward_collector.core.suppression import Level, Network
from heatward_collector.core.suppression.season import Grid

MIDNIGHT = 1_704_038_400
"""1 January 2024, 00:00 in Harbin. [s UTC]"""
SLOTS = 96
OUTDOOR = -9.0
HOMES_EACH, BUILDINGS_EACH, SOURCES = 5, 2, 3
HOMES = HOMES_EACH * BUILDINGS_EACH * SOURCES


def network(homes: int = HOMES, floor: Sequence[int] = ()) -> Network:
    number = np.arange(homes, dtype=np.int32)
    building, source = number // HOMES_EACH, number // (HOMES_EACH * BUILDINGS_EACH)
    heated = np.zeros(homes, bool)
    heated[list(floor)] = True
    return Network(
        tuple(f"h{one:02}" for one in number),
        {
            Level.BUILDING: tuple(f"b{one}" for one in np.unique(building)),
            Level.SOURCE: tuple(f"s{one}" for one in np.unique(source)),
        },
        {Level.BUILDING: building, Level.SOURCE: source},
        heated,
    )


def curves(days: int, seed: int = 0, homes: int = HOMES) -> np.ndarray:
    """Return homes that are kept warm, each with its own level and small ups and downs."""
    draw = np.random.default_rng(seed)
    steps = draw.normal(0.0, 0.02, (days * SLOTS, homes))
    wander = np.zeros_like(steps)
    for slot in range(1, len(steps)):
        wander[slot] = 0.95 * wander[slot - 1] + steps[slot]
    return 21.0 + draw.uniform(-1.0, 1.0, homes) + wander


def stop(
    celsius: np.ndarray,
    homes: Sequence[int],
    day: int,
    hour: float,
    hours: float,
    rate: float = 0.012,
) -> None:
    """Hold the heat back: a share of the distance to the outdoors is lost every hour."""
    first = round((day * 24 + hour) * 4)
    last = first + round(hours * 4)
    at = np.arange(len(celsius))
    lost = 30.0 * (1 - np.exp(-rate * np.clip(at - first, 0, last - first) / 4))
    back = np.exp(-np.clip(at - last, 0, None) / 4 / 2.0)
    celsius[:, list(homes)] -= (lost * back)[:, None]


def grid(celsius: np.ndarray, outdoor: float = OUTDOOR) -> Grid:
    slots = len(celsius)
    rounded = np.round(celsius * 16) / 16
    return Grid(
        MIDNIGHT,
        900,
        rounded.astype(np.float32),
        np.full(slots, outdoor),
        np.arange(slots) % SLOTS / 4,
        np.ones(slots, bool),
    )


def days_of(celsius: np.ndarray) -> list[tuple[int, int]]:
    return [(day * SLOTS, (day + 1) * SLOTS) for day in range(len(celsius) // SLOTS)]


def homes_of(*buildings: int) -> list[int]:
    return [b * HOMES_EACH + home for b in buildings for home in range(HOMES_EACH)]
