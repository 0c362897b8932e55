"""A place of a town of one source: no homes of others are there to show what the weather does.

There the same homes are the measure. When the sun leaves rooms they fall as fast as by a stop, but
to where they were without it, not below; and what they do at that hour of other days, or what the
weather takes, is no stop either: they must fall faster by what half of the heat held back explains.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from heatward_collector.core import Celsius
from heatward_collector.core.suppression.falling.falls import SLOTS_AN_HOUR
from heatward_collector.core.suppression.homes.medians import across
from heatward_collector.core.suppression.stops.doubts import WIDE
from heatward_collector.core.suppression.stops.episode import SLOT_S, Episode
from heatward_collector.core.suppression.stops.long_look import BELOW_LOWEST, is_by_day
from heatward_collector.core.suppression.stops.memory import Block
from heatward_collector.core.suppression.stops.own_past import above_now, below_lowest, least_rate


def with_own_past(episode: Episode, block: Block, at: int, course: Celsius) -> Episode:
    """Return an episode with what may have made it instead, where its own past does not say.

    Only of places of several buildings in a town of one source; of others nothing is asked.

    Parameters
    ----------
    episode : Episode
        What is said in a slot.
    block : Block
        Slots with their context.
    at : int
        That slot.
    course : float64 (24, homes)
        How fast each home usually falls at each local hour, as a share of the distance to the
        outdoors. [1/h]
    """
    if len(episode.elsewhere) > 1 or episode.level not in WIDE:
        return episode
    return replace(episode, own_doubt=_doubt(episode, block, at, course))


def _doubt(episode: Episode, block: Block, at: int, course: Celsius) -> str:
    """Return the cause that cannot be ruled out, empty for none."""
    fell = np.array(episode.affected, np.int32)
    back = max((int(block.time_s[at]) - episode.start_s) // SLOT_S, 1)
    is_sunny = is_by_day(float(block.hour[at]))
    if is_sunny and not below_lowest(block, at, at - back, fell) >= BELOW_LOWEST:
        return "sun"
    lost = float(across(above_now(block, at, fell, course, back))[0])
    rate = lost * SLOTS_AN_HOUR / back / float(block.delta[at])
    return "" if rate >= least_rate(block, at, at - back) else "weather"
