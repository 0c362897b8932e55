"""Falls of all homes at once, whatever other sources do: there is none left to compare with."""

from __future__ import annotations

import numpy as np

from heatward_collector.core import Celsius, Mask
from heatward_collector.core.suppression.falling.falls import Evidence, votes_of
from heatward_collector.core.suppression.falling.other_sources import LEAST_CONTROL_HOMES
from heatward_collector.core.suppression.falling.scan import Places, Suspect, explain
from heatward_collector.core.suppression.falling.suspicion import is_shared
from heatward_collector.core.suppression.homes.network import Level

ALL_SHARE, ALL_SCORE, ALL_DELTA = 0.8, 2.0, 20.0
"""All sources together: this share of all homes must fall so clearly [nat], by night, so far from
the outdoors as the latter. [K]"""
ALL_GAIN = 9.5
"""What all sources together need. [nat]"""


def all_together(places: Places, evidence: Evidence) -> list[Suspect]:
    """Return the sources that fall, whatever others do, of evidence (hypotheses, 1, homes)."""
    tally = places.tally(evidence, votes_of(evidence, (evidence == 0).all(axis=0)))
    is_source = np.array([place.level is Level.SOURCE for place in places.all], bool)
    sure = is_source & (is_shared(tally) & (tally.gain >= ALL_GAIN))[0]
    return explain(places, tally, 0, evidence, np.flatnonzero(sure).tolist())


def falls_everywhere(delta: Celsius, evidence: Evidence) -> Mask:
    """Say in which slots nearly all homes fall clearly, whatever other sources do, (slots,).

    Parameters
    ----------
    delta : float64 (slots,)
        Distance to the outdoors. [K]
    evidence : float32 (hypotheses, slots, homes)
        Without regard to what other sources do. [nat]
    """
    best = evidence.max(axis=0)
    judged, falling = (best != 0).sum(axis=1), (best >= ALL_SCORE).sum(axis=1)
    enough = (judged >= LEAST_CONTROL_HOMES) & (falling >= ALL_SHARE * judged)
    return np.asarray(enough & (delta >= ALL_DELTA))
