"""Runs of equal values: the records of a source lie together."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]


def run_starts(values: npt.NDArray[Any]) -> Numbers:
    """Return where each run of equal values begins."""
    is_start = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=is_start[1:])
    return np.flatnonzero(is_start)


def spread(of_runs: npt.NDArray[Any], starts: Numbers, length: int) -> npt.NDArray[Any]:
    """Return for every place what is said of its run, (length,)."""
    return np.repeat(of_runs, np.diff(starts, append=length))
