"""Values that hold arrays of a whole city, laid aside into mapped files."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from heatward_collector.core.compliance import RoomDays
from heatward_collector.core.hour_sums import HourSums
from heatward_collector.core.suppression.falling.falls import Usual
from heatward_collector.core.suppression.falling.usual import Past
from heatward_collector.registry.laid_aside import blank_aside, let_go

OfRooms = TypeVar("OfRooms", HourSums, RoomDays)


def all_aside(value: OfRooms, folder: Path | None) -> OfRooms:
    """Return the same arrays to be written into, those that are large in files of a folder."""
    arrays: list[Any] = []
    for field in fields(value):
        array = getattr(value, field.name)
        arrays.append(blank_aside(array.shape, array.dtype.type, folder))
        if array.any():  # a blank one is full of zeros
            arrays[-1][:] = array
    return type(value)(*arrays)


def let_go_of(value: HourSums | RoomDays | Usual | Past) -> None:
    """Let this process hold no page of the arrays that lie in files."""
    for field in fields(value):
        let_go(getattr(value, field.name))
