"""Homes that aired, heard again where without them nobody could be accused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from heatward_collector.core import Celsius, Indices
from heatward_collector.core.suppression.falling.scan import Suspect
from heatward_collector.core.suppression.falling.suspicion import LEAST_SHARE, SILENT_SCORE
from heatward_collector.core.suppression.findings.finding import LEAST_HOMES
from heatward_collector.core.suppression.stops.begin import bears_witness


def with_witnesses(suspect: Suspect, aired: Indices, rows: Celsius, delta: float) -> Suspect:
    """Return a suspicion with the homes that aired and whose air is back, where it needs them.

    Parameters
    ----------
    suspect : Suspect
        A place whose homes fall together.
    aired : int32 (n,)
        Homes of the place that aired.
    rows : float64 (3, homes)
        Temperatures at the begin, ``WITNESS_SLOTS`` before now, and now. [degC]
    delta : float
        Distance between rooms and outdoors. [K]
    """
    if suspect.judged >= LEAST_HOMES:
        return suspect
    bears = aired[bears_witness(rows[:, aired], rows[:, suspect.falling], delta)]
    suspect = replace(
        suspect,
        falling=np.concatenate([suspect.falling, bears]),
        judged=suspect.judged + len(bears),
    )
    others = len(aired) - len(bears) - int(np.isnan(rows[-1, aired]).sum())
    return _with_warm(suspect, others) if suspect.judged < LEAST_HOMES else suspect


def _with_warm(suspect: Suspect, aired: int) -> Suspect:
    """Count homes that aired as such that stay warm, where it falls again and is clear enough.

    Of four homes one has often its window open: where heat was held back in the days before, the
    others need not wait for it if its dissent would not change what is said of them.
    """
    judged = suspect.judged + aired
    is_enough = len(suspect.falling) >= LEAST_SHARE * judged
    if not suspect.is_repeated or not is_enough or suspect.spare < -SILENT_SCORE * aired:
        return suspect
    return replace(suspect, judged=judged)
