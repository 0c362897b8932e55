"""Readings that can hardly be degrees Celsius."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heatward_collector.core import MISSING, Raw
from heatward_collector.from_files.reading_file import SIXTEENTHS
from heatward_collector.locale import Texts

WARMEST_MIDDLE = 45.0
"""No town's rooms are warmer than that half of the time; 20 degC are 68 degF. [degC]"""


def unit_doubts(grid: Raw, say: Texts) -> Iterator[str]:
    """Yield what to say where the middle of all readings is no room's temperature.

    Parameters
    ----------
    grid : int16 (slots, points)
        [1/16 degC], MISSING where empty.
    say : Texts
        The language.
    """
    known = grid[grid != MISSING]
    middle = float(np.median(known)) / SIXTEENTHS if len(known) else 0.0
    if middle > WARMEST_MIDDLE:
        yield say(
            "Half of all readings lie above %(celsius)d degrees, and so every home seems warm. Are "
            "they degrees Fahrenheit? Remedy: give degrees Celsius in --readings.",
            celsius=int(middle),
        )
