"""Lines as they may be drawn: nothing is drawn across a gap."""

from __future__ import annotations

import numpy as np

from heatward_collector.core import Celsius


def runs(values: Celsius) -> list[slice]:
    """Cut a series into its stretches without a missing value."""
    good = np.flatnonzero(np.isfinite(values))
    if good.size == 0:
        return []
    broken = np.diff(good) > 1
    starts = good[np.concatenate(([True], broken))]
    ends = good[np.concatenate((broken, [True]))]
    return [slice(int(a), int(b) + 1) for a, b in zip(starts, ends, strict=True)]
