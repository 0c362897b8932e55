"""What temperatures mean: pure functions on numpy arrays. No I/O, no clock, no logging.

Axes are always ``(slots, points)``; leading ones are left out where they are absent. NaN is the
only missing value of floats, :data:`MISSING` that of int16 grids.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Celsius = npt.NDArray[np.float64]
Raw = npt.NDArray[np.int16]
Seconds = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

MISSING = -32768
"""An empty cell of an int16 grid: no DS18B20 can count so low."""
