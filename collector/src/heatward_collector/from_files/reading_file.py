"""A file of readings, plain or gzipped, or a stream: every line taken or accounted for.

One line is one reading (``time,sensor,celsius``), in any order. A line that cannot be read is
counted, and the first ones are named with their reason; nothing is guessed.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import IO, BinaryIO, cast
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.core import Mask, Raw, Seconds
from heatward_collector.errors import ImportRefused
from heatward_collector.from_files.bulk import Piece, PieceReader, Sensors
from heatward_collector.from_files.layout import layout_of
from heatward_collector.registry.table_file import SAVE_AS_CSV
from heatward_node.scratchpad import HIGHEST_RAW, LOWEST_RAW, POWER_ON_RAW

PIECE_BYTES = 4 * 1024 * 1024
LONGEST_LINE = 1024 * 1024
MOST_NAMED = 20
"""Faulty lines that are named; the others are only counted."""
SIXTEENTHS = 16
"""The sensor counts in 1/16 degC; other values are rounded to it once. (DS18B20 datasheet)"""
LEFT_OUT = {
    "faulty": ("行读不出来", "lines cannot be read"),
    "without_value": ("行没有温度", "lines hold no temperature"),
    "power_on": ("行为 85.0，是传感器上电时的值", "lines hold 85.0, what a sensor has at power-up"),
    "out_of_range": ("行超出 -55 至 125 摄氏度", "lines lie beyond -55 to 125 degrees Celsius"),
}
"""Counts of a tally, and what stood in these lines."""
_GZIP = b"\x1f\x8b"


@dataclass(slots=True)
class Tally:
    """What became of the lines of a file."""

    lines: int = 0
    """Lines with a reading, good or not."""
    faulty: int = 0
    without_value: int = 0
    power_on: int = 0
    """85.0 degC: what the register holds after power-up."""
    out_of_range: int = 0
    """Beyond what a DS18B20 can measure, such as -127."""
    local_times: int = 0
    """Times without a zone, taken as local."""
    named: list[str] = field(default_factory=list)
    """The first faulty lines, with their reasons."""


@dataclass(frozen=True, slots=True)
class Readings:
    """Good readings, each (n,): when [s UTC], of which sensor, how warm [1/16 degC]."""

    time_s: Seconds
    sensor: Sensors
    raw: Raw

    def __len__(self) -> int:
        return len(self.time_s)

    def only(self, mask: Mask) -> Readings:
        """Return some of them."""
        return Readings(self.time_s[mask], self.sensor[mask], self.raw[mask])


class ReadingFile:
    """Reads a file once, piece by piece; ``tally`` is whole when all was read.

    With a ``stream`` that is read, and ``path`` is only its name.
    """

    def __init__(
        self,
        path: Path,
        zone: ZoneInfo,
        stream: BinaryIO | None = None,
        piece_bytes: int = PIECE_BYTES,
    ) -> None:
        self._path = path
        self._name = path.name
        self._zone = zone
        self._stream = stream
        self._piece_bytes = piece_bytes
        self.tally = Tally()

    def __iter__(self) -> Iterator[Readings]:
        """Yield the good readings. Raises ImportRefused where the file cannot be read at all."""
        try:
            with self._open() as file:
                yield from self._readings(cast(BinaryIO, _plain(file)))
        except (OSError, EOFError, zlib.error) as error:
            raise ImportRefused([f"{self._name}: 读不出来 / cannot be read: {error}"]) from error
        if self.tally.lines == 0:
            raise ImportRefused([f"{self._name}: 没有读数 / holds no reading"])

    def left_out(self) -> Iterator[str]:
        """Yield how many lines of each kind hold no reading, in Chinese and English."""
        for name, (zh, en) in LEFT_OUT.items():
            count = getattr(self.tally, name)
            if count:
                yield f"{self._name}: {count} {zh} / {count} {en}"

    def _open(self) -> AbstractContextManager[IO[bytes]]:
        return self._path.open("rb") if self._stream is None else nullcontext(self._stream)

    def _readings(self, file: BinaryIO) -> Iterator[Readings]:
        pieces = _whole_lines(file, self._name, self._piece_bytes)
        first = next(pieces, b"")
        header, _, rest = first.partition(b"\n")
        reader = PieceReader(layout_of(header, self._name), self._zone)
        line = 2
        for text in _with_first(rest, pieces):
            piece = reader.read(text)
            self._account(piece, line)
            line += piece.lines
            yield self._good(piece)

    def _account(self, piece: Piece, first_line: int) -> None:
        tally = self.tally
        tally.lines += len(piece.time_s) + len(piece.faults)
        tally.faulty += len(piece.faults)
        tally.local_times += piece.local_times
        for number, reason in piece.faults[: max(0, MOST_NAMED - len(tally.named))]:
            tally.named.append(f"{self._name}:{first_line + number}: {reason}")

    def _good(self, piece: Piece) -> Readings:
        """Return the readings that may be room air, by the rules of the node."""
        tally = self.tally
        has_value = ~np.isnan(piece.celsius)
        sixteenths = np.rint(np.where(has_value, piece.celsius, 0.0) * SIXTEENTHS)
        is_power_on = has_value & (sixteenths == POWER_ON_RAW)
        is_outside = (sixteenths < LOWEST_RAW) | (sixteenths > HIGHEST_RAW)
        tally.without_value += int((~has_value).sum())
        tally.power_on += int(is_power_on.sum())
        tally.out_of_range += int(is_outside.sum())
        good = has_value & ~is_power_on & ~is_outside
        raw = sixteenths[good].astype(np.int16)
        return Readings(piece.time_s[good], piece.sensor[good], raw)


def _plain(file: IO[bytes]) -> IO[bytes]:
    """Return a file's text: unpacked where it begins as gzip does, whatever its name says."""
    if file.seekable():
        head = file.read(2)
        file.seek(0)
    else:
        head = cast(BufferedReader, file).peek(2)[:2]
    return cast(IO[bytes], gzip.GzipFile(fileobj=file)) if head == _GZIP else file


def _whole_lines(file: BinaryIO, name: str, piece_bytes: int) -> Iterator[bytes]:
    """Yield pieces that end with a line end. Raises ImportRefused at a line that never ends."""
    rest = b""
    while data := file.read(piece_bytes):
        data = rest + data
        cut = data.rfind(b"\n") + 1
        rest = data[cut:]
        if len(rest) > LONGEST_LINE:
            raise ImportRefused([f"{name}: 没有换行，{SAVE_AS_CSV}: it has no lines"])
        if cut:
            yield data[:cut]
    if rest:
        yield rest + b"\n"


def _with_first(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from others
