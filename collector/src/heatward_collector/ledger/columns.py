"""Records of a sealed day as columns: for who asks what they say, not in which order they came.

Reading a batch for its readings costs more than the readings; a window of a city, or a day judged
again, is a function of the set of readings alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from heatward_collector.core.coded import Coded


@dataclass(frozen=True, slots=True)
class ReadingColumns:
    """Some readings of a stretch, (n,) each, in the order of their sources.

    A column is asked for by its name, as in an array of READING_DTYPE; there is no position and
    no scratchpad.
    """

    batch: npt.NDArray[np.int64]
    received_at_ms: npt.NDArray[np.int64]
    """Of each one's batch. [ms UTC]"""
    source: npt.NDArray[np.uint32]
    sync: npt.NDArray[np.uint8]
    quality: npt.NDArray[np.uint8]
    mono_ms: npt.NDArray[np.int64]
    wall_s: npt.NDArray[np.int64]
    raw: npt.NDArray[np.int16]
    sensors: Coded

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, name: str, /) -> npt.NDArray[Any]:
        column: npt.NDArray[Any] = getattr(self, name)
        return column

    def only(self, mask: npt.NDArray[np.bool_]) -> ReadingColumns:
        """Return some of the readings."""
        columns = {name: getattr(self, name) for name in self.__dataclass_fields__}
        sensors = columns.pop("sensors").only(mask)
        return ReadingColumns(**{name: one[mask] for name, one in columns.items()}, sensors=sensors)

    @property
    def sensor(self) -> npt.NDArray[np.uint64]:
        """The sensor of each."""
        return self.sensors.plain()

    @property
    def readings(self) -> ReadingColumns:
        """The readings themselves, as batches have them."""
        return self


@dataclass(frozen=True, slots=True)
class TimesBeside:
    """What the readings beside some clock records would say of clocks; (runs,) each."""

    batch: int
    """One of the batches in which they are."""
    is_timely: bool
    """Whether each of them has a wall time that does not lie in the future of its receipt."""
    source: npt.NDArray[np.uint32]
    begun_s: npt.NDArray[np.float64]
    """The earliest since when its boot ran by a reading of the run. [s UTC]"""


@dataclass(frozen=True, slots=True)
class ClockRecords:
    """Some BOOT and CLOCK_FIX records, (n,) each, those of a source in the order of its numbers."""

    received_at_ms: npt.NDArray[np.int64]
    """Of each one's batch. [ms UTC]"""
    source: npt.NDArray[np.uint32]
    kind: npt.NDArray[np.uint8]
    mono_ms: npt.NDArray[np.int64]
    wall_s: npt.NDArray[np.int64]
    bodies: list[bytes]
    """Every body once: of the fixes of a city nearly all are the same."""
    code: npt.NDArray[np.int32]
    """Which of the bodies each one has."""
    beside: TimesBeside

    def __len__(self) -> int:
        return len(self.source)
