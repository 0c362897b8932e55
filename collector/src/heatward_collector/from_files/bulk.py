"""A piece of a file of readings, thousands of lines at a time.

Lines of the usual forms become arrays at once; the others go one by one through
:mod:`heatward_collector.from_files.row`, with the same answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Mask, Seconds
from heatward_collector.from_files.cells import WIDEST, Bytes, Cells, moments, numbers
from heatward_collector.from_files.layout import Layout
from heatward_collector.from_files.row import Row, read_row, read_sensor
from heatward_collector.registry.cells import CellError

Sensors = npt.NDArray[np.uint64]
NOTHING, NEWLINE, RETURN, QUOTE = 0, 10, 13, 34
NO_SENSOR = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """What the lines of one piece say; the arrays are (n,), in no particular order."""

    time_s: Seconds
    sensor: Sensors
    celsius: Celsius
    """NaN where the sensor said nothing. [degC]"""
    lines: int
    """How many lines there were, empty ones included."""
    local_times: int
    """Times that named no zone."""
    faults: tuple[tuple[int, str], ...]
    """Line, counted from 0 within the piece, and reason."""


class PieceReader:
    """Reads pieces of one file; knows the sensors that it has met."""

    def __init__(self, layout: Layout, zone: ZoneInfo) -> None:
        self._layout = layout
        self._zone = zone
        self._known: dict[bytes, int] = {}

    def read(self, piece: bytes) -> Piece:
        """Read a piece that ends with a line end."""
        text = np.frombuffer(piece, np.uint8)
        ends = np.flatnonzero(text == NEWLINE)
        starts = np.concatenate(([0], ends[:-1] + 1)).astype(np.int64)
        stops = ends - ((ends > starts) & (text[np.maximum(ends - 1, 0)] == RETURN))
        plain, cells = self._cells(text, starts, stops, ends)
        when, (celsius, is_number) = moments(cells[0]), numbers(cells[2])
        sensor = self._sensors(cells[1])
        usual = when.is_usual & is_number & (sensor != NO_SENSOR)
        time_s = np.where(when.is_local, self._to_utc(when.time_s, when.is_local & usual), 0)
        time_s = np.where(when.is_local, time_s, when.time_s)
        others = np.ones(len(starts), bool)
        others[plain[usual]] = False
        rows, faults = self._one_by_one(piece, starts, stops, np.flatnonzero(others))
        careful = np.array([(row.time_s, row.is_local) for row in rows], np.int64).reshape(-1, 2)
        return Piece(
            np.concatenate([time_s[usual], careful[:, 0]]),
            np.concatenate([sensor[usual], np.array([row.sensor for row in rows], np.uint64)]),
            np.concatenate([celsius[usual], np.array([row.celsius for row in rows], np.float64)]),
            len(starts),
            int(when.is_local[usual].sum() + careful[:, 1].sum()),
            tuple(faults),
        )

    def _cells(
        self, text: Bytes, starts: Seconds, stops: Seconds, ends: Seconds
    ) -> tuple[Seconds, list[Cells]]:
        """Return the lines of as many cells as there are columns, and the three cells of each."""
        layout = self._layout
        cuts = np.flatnonzero(text == ord(layout.delimiter))
        first = np.searchsorted(cuts, starts)
        count = np.diff(np.append(first, len(cuts)))
        plain: Mask = count == layout.columns - 1
        odd = np.flatnonzero((text == QUOTE) | (text == NOTHING))
        plain[np.searchsorted(ends, odd)] = False
        chosen = np.flatnonzero(plain)
        padded = np.concatenate([text, np.zeros(WIDEST, np.uint8)])
        cells = []
        for column in (layout.time, layout.sensor, layout.celsius):
            begin = cuts[first[chosen] + column - 1] + 1 if column else starts[chosen]
            end = cuts[first[chosen] + column] if column < layout.columns - 1 else stops[chosen]
            cells.append(Cells.cut(padded, begin, end))
        return chosen, cells

    def _sensors(self, cells: Cells) -> Sensors:
        """Return the number of each cell's sensor, NO_SENSOR where it is none or too long."""
        words = cells.words()
        # A sum of products as a key: two names with the same one are told apart below.
        key = words @ np.array(
            [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93],
            np.uint64,
        )
        _, first, group = np.unique(key, return_index=True, return_inverse=True)
        number = np.array([self._sensor(cells, index) for index in first.tolist()], np.uint64)
        is_same = (words == words[first][group]).all(axis=1) & (cells.length <= WIDEST)
        return np.where(is_same, number[group], np.uint64(NO_SENSOR)) if len(group) else key

    def _sensor(self, cells: Cells, index: int) -> int:
        name = cells.block[index].tobytes()
        if name not in self._known:
            try:
                self._known[name] = read_sensor(cells.text(index))
            except CellError:
                self._known[name] = NO_SENSOR
        return self._known[name]

    def _to_utc(self, local_s: Seconds, wanted: Mask) -> Seconds:
        """Return local times as UTC, one conversion a minute that occurs."""
        result = local_s.copy()
        minutes, group = np.unique(local_s[wanted] // 60, return_inverse=True)
        utc = [self._minute_to_utc(minute * 60) for minute in minutes.tolist()]
        result[wanted] += (np.array(utc, np.int64) - minutes * 60)[group] if utc else 0
        return result

    def _minute_to_utc(self, local_s: int) -> int:
        naive = datetime.fromisoformat(str(np.datetime64(local_s, "s")))
        return int(naive.replace(tzinfo=self._zone).timestamp())

    def _one_by_one(
        self, piece: bytes, starts: Seconds, stops: Seconds, lines: Seconds
    ) -> tuple[list[Row], list[tuple[int, str]]]:
        rows, faults = [], []
        for number in lines.tolist():
            text = piece[starts[number] : stops[number]].decode("utf-8", "replace")
            try:
                row = read_row(text, self._layout, self._zone)
            except CellError as error:
                faults.append((number, str(error)))
                continue
            if row is not None:
                rows.append(row)
        return rows, faults
