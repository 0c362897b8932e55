"""How fast a fall must at least be: supplies wander, and behind a cold front all homes fall."""

from __future__ import annotations

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.suppression.falling.scan import Suspect
from heatward_collector.core.suppression.stops.fall import FAST_RATE
from heatward_collector.core.suppression.stops.now import Now

WANDER_TIMES, WANDER_TIMES_ALONE = 5.0, 3.0
"""A fall must be so many times as fast as all homes of its source usually wander together: where
the supply is not steady, they fall together without any stop. Without other sources the weather is
among it. [1]"""

LEAST_RATE_ALONE = FAST_RATE
"""Without other sources a fall that does not come again must be so fast: weather makes slower ones.
[1/h] (two-node rooms, three winters of one source without events: 20 accusations became 6)"""


class LeastRates:
    """Tells how fast falls must be in a block of slots."""

    def __init__(self, source: Indices, is_night: Mask, wander: Celsius) -> None:
        """Take the source of each home, which slots are of the night, and how much sources wander.

        Parameters
        ----------
        source : int32 (homes,)
            Source of each home, -1 for none.
        is_night : bool (slots,)
            Whether a slot is of the night.
        wander : float64 (2, sources)
            How fast the homes of a source usually fall together, by night and by day. [1/h]
        """
        self._source, self._is_night, self._wander = source, is_night, wander

    def of(self, now: Now, suspect: Suspect, fell: Indices) -> float:
        """Return how fast some homes of a suspected place must fall. [1/h]"""
        return max(self._of_supply(fell, now.at), self._of_weather(now, suspect))

    def _of_supply(self, homes: Indices, at: int) -> float:
        """Return how fast a fall at this hour must be where a supply is not steady. [1/h]"""
        source = int(self._source[homes[0]])
        if source < 0:
            return 0.0
        times = WANDER_TIMES if self._wander.shape[1] > 1 else WANDER_TIMES_ALONE
        wander = float(self._wander[0 if self._is_night[at] else 1, source])
        # Between stops homes warm up all the time: that is no wandering, and asks no more of them.
        return min(times * wander, FAST_RATE)

    def _of_weather(self, now: Now, suspect: Suspect) -> float:
        """Return how fast a fall must be: behind a cold front all homes of a town fall. [1/h]"""
        source = int(self._source[suspect.place.homes[0]])
        is_compared = source < 0 or now.asked[source] > 0
        return 0.0 if is_compared or suspect.is_repeated else LEAST_RATE_ALONE
