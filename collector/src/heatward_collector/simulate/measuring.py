"""What is measured of a season, and when each reading arrives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .season import Season
from .sensors import measured

SENSOR_STREAM = 5
"""Keeps the sensors' random numbers apart from those of the season."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Readings of one sensor a room on the steps of a season."""

    celsius: npt.NDArray[np.float32]
    """(rooms, times), NaN where nothing was measured; faults are values as a sensor says them."""


def measure(season: Season) -> Measured:
    """Return what the sensors of a season say: the same for the same seed, with or without events
    except for what these do to rooms."""
    draw = np.random.default_rng([season.seed, SENSOR_STREAM])
    return Measured(measured(season.rooms, season.time_s, draw))
