"""Readings of which clock fixes have told the time, or may have changed it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from heatward_collector.ledger.columns import ReadingColumns
from heatward_collector.readings.doubts import Doubt
from heatward_collector.readings.follow import Follower
from heatward_collector.readings.projection import AT_ANY_TIME, Together, readings_of

AT_NO_TIME = 0, 0
"""Of this range the ledger has only readings that had no time, or none to believe. [s UTC]"""


def readings_of_fixed(
    follower: Follower, doubts: Sequence[Doubt]
) -> Iterator[tuple[Together | ReadingColumns, bool]]:
    """Yield the readings of boots in doubt, many together and in no order.

    With them comes whether a late fix may have taken a time away from them. One pass serves all
    fixes, another one all late ones.
    """
    for is_late, measured in ((False, AT_NO_TIME), (True, AT_ANY_TIME)):
        fixed = [
            (one.boot, one.batch)
            for one in doubts
            if one.boot is not None and one.is_late == is_late
        ]
        if not fixed:
            continue
        sources = {source for boot, _ in fixed for source in follower.clocks.sources_of(boot)}
        pieces = follower.readings_measured(*measured, min(batch for _, batch in fixed))
        for some in readings_of(pieces, "source", np.array(sorted(sources), np.uint32)):
            yield some, is_late
