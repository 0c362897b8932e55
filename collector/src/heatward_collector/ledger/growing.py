"""Arrays by numbers that are given out one after the other, and of which there is no end."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", bound=np.generic)


def with_room(
    held: npt.NDArray[Number], count: int, empty: float | bool = 0
) -> npt.NDArray[Number]:
    """Return an array with at least ``count`` places: the same one, or doubled as often as needed.

    New places hold ``empty``.
    """
    if count <= len(held):
        return held
    room = max(1, len(held))
    while room < count:
        room *= 2
    return np.append(held, np.full(room - len(held), empty, held.dtype))
