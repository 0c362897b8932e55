"""A fall of a source that is only possible yet, and what makes it deep."""

from __future__ import annotations

from typing import Any

from heatward_collector.core.suppression.held_back.cut import DAY_S, Cut, View
from heatward_collector.core.suppression.homes.network import Level

HOMES = tuple(f"h{number}" for number in range(15))
POSSIBLE = Cut(
    *(Level.SOURCE, "so1", View.OTHERS, 28 * DAY_S, 30 * DAY_S),
    threshold=4.0,
    statistic=4.2,
    peak_kelvin=2.0,
    affected=HOMES,
    buildings=("b1", "b2", "b3"),
    judged=15,
    silent=0,
)
DEEP: dict[str, Any] = {"peak_kelvin": 2.6, "ending": (-2.4, -2.5)}
"""Its supply was not back on the last two days."""
