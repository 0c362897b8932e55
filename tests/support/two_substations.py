"""A source of three buildings, two of which stand behind one substation; another one beside it."""

from __future__ import annotations

import numpy as np

from heatward_collector.core.suppression.homes.network import Level, Network

BUILDING = np.repeat(np.arange(4, dtype=np.int32), 5)
NETWORK = Network(
    tuple(f"h{number:02}" for number in range(20)),
    {
        Level.SOURCE: ("so1", "so2"),
        Level.SUBSTATION: ("ss1", "ss2", "ss3"),
        Level.BUILDING: ("b1", "b2", "b3", "b4"),
    },
    {
        Level.SOURCE: np.array([0, 0, 0, 1], np.int32)[BUILDING],
        Level.SUBSTATION: np.array([0, 0, 1, 2], np.int32)[BUILDING],
        Level.BUILDING: BUILDING,
    },
    np.zeros(20, bool),
)
