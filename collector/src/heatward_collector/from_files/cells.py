"""Cells of many lines as arrays of bytes, and the usual forms of them as numbers.

What is not of a usual form is left to :mod:`heatward_collector.from_files.row`; what is, comes out
the same as there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Mask, Seconds

Bytes = npt.NDArray[np.uint8]
WIDEST = 32
"""Longest cell that is read in bulk. [bytes]"""
LONGEST_NUMBER = 12
"""Sign, point and at most 15 digits are exact in a float; 12 characters are plenty."""
LONGEST_FRACTION = 6
"""Digits of a fraction of a second that :meth:`datetime.fromisoformat` surely takes."""
FIRST_YEAR = 1970
_DAYS_BEFORE_MONTH = np.array([0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334], np.int64)
_DAYS_OF_MONTH = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)


@dataclass(frozen=True, slots=True)
class Cells:
    """Some cells: their bytes (n, WIDEST), zero behind their end, and lengths (n,)."""

    block: Bytes
    length: npt.NDArray[np.int64]

    @classmethod
    def cut(cls, padded: Bytes, start: Seconds, stop: Seconds) -> Cells:
        """Cut cells out of a text with at least WIDEST bytes behind it."""
        length = stop - start
        windows = np.lib.stride_tricks.sliding_window_view(padded, WIDEST)
        block = windows[start]
        block[np.arange(WIDEST) >= length[:, None]] = 0
        return cls(block, length)

    def words(self) -> npt.NDArray[np.uint64]:
        """Return the bytes as numbers (n, WIDEST / 8), to compare cells quickly."""
        return self.block.view(np.uint64)

    def text(self, index: int) -> str:
        """Return one cell as text."""
        return self.block[index, : self.length[index]].tobytes().decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Moments:
    """Times of cells; meaningless where ``is_usual`` is False."""

    time_s: Seconds
    """[s UTC], or local where ``is_local``"""
    is_local: Mask
    is_usual: Mask


def moments(cells: Cells) -> Moments:
    """Read times such as 2020-10-20T00:05:00Z, with any offset or none, seconds or none."""
    block, length = cells.block, cells.length
    digit = block - np.uint8(48)
    is_digit = digit <= 9
    number = digit.astype(np.int64)
    usual = (length >= 16) & (length <= WIDEST)
    for at, allowed in ((4, b"-"), (7, b"-"), (10, b"T "), (13, b":")):
        usual &= _is_one_of(block[:, at], allowed)
    for at in (0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15):
        usual &= is_digit[:, at]
    has_seconds = block[:, 16] == ord(":")
    usual &= ~has_seconds | (is_digit[:, 17] & is_digit[:, 18] & (length >= 19))
    base = np.where(has_seconds, 19, 16)
    zone_length, offset_s = _zones(block, number, is_digit, length)
    usual &= length - zone_length >= base
    usual &= _is_fraction_or_nothing(block, is_digit, base, length - zone_length, has_seconds)
    year = number[:, :4] @ np.array([1000, 100, 10, 1])
    month, day, hour, minute = (number[:, at] * 10 + number[:, at + 1] for at in (5, 8, 11, 14))
    second = np.where(has_seconds, number[:, 17] * 10 + number[:, 18], 0)
    usual &= (year >= FIRST_YEAR) & (month >= 1) & (month <= 12) & (day >= 1)
    usual &= (hour < 24) & (minute < 60) & (second < 60)
    month = np.where(usual, month, 1)
    is_leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    usual &= day <= _DAYS_OF_MONTH[month] + (is_leap & (month == 2))
    days = _days(year, month, is_leap) + day - 1
    time_s = days * 86_400 + hour * 3600 + minute * 60 + second - offset_s
    return Moments(time_s, zone_length == 0, usual & (np.abs(offset_s) < 86_400))


def numbers(cells: Cells) -> tuple[Celsius, Mask]:
    """Read decimal numbers; return them, NaN for empty cells, and which cells are usual."""
    block, length = cells.block, cells.length
    sign = _is_one_of(block[:, 0], b"+-")
    mantissa = np.zeros(len(block), np.int64)
    decimals = np.zeros(len(block), np.int64)
    points = np.zeros(len(block), np.int64)
    right = length <= LONGEST_NUMBER
    for at in range(LONGEST_NUMBER):
        inside = at < length
        digit = (block[:, at] - np.uint8(48)).astype(np.int64)
        is_digit = inside & (digit <= 9)
        is_point = inside & (block[:, at] == ord("."))
        # A number has a digit before its point, and a sign only at its beginning.
        right &= is_digit | is_point | ~inside | (sign if at == 0 else False)
        right &= ~is_point | (at > sign.astype(np.int64))
        mantissa = np.where(is_digit, mantissa * 10 + digit, mantissa)
        decimals += is_digit & (points > 0)
        points += is_point
    is_empty = length == 0
    whole_digits = length - sign - points - decimals
    right &= is_empty | ((points <= 1) & (whole_digits >= 1) & (whole_digits <= 9))
    value = mantissa / 10.0**decimals
    value = np.where(block[:, 0] == ord("-"), -value, value)
    return np.where(is_empty, np.nan, value), right


def _zones(
    block: Bytes, number: npt.NDArray[np.int64], is_digit: Mask, length: Seconds
) -> tuple[npt.NDArray[np.int64], Seconds]:
    """Return how many characters the zones at the ends take, and what they are ahead. [s]"""
    row = np.arange(len(block))

    def _at(array: npt.NDArray[Any], back: int) -> npt.NDArray[Any]:
        return np.asarray(array[row, (length - back).clip(0, WIDEST - 1)])

    def _digits(*backs: int) -> Mask:
        return np.asarray(np.all([_at(is_digit, back) for back in backs], axis=0), bool)

    def _pair(back: int) -> npt.NDArray[np.int64]:
        return np.asarray(_at(number, back) * 10 + _at(number, back - 1), np.int64)

    taken = np.zeros(len(block), np.int64)
    ahead = np.zeros(len(block), np.int64)
    is_utc = np.asarray(_at(block, 1) == ord("Z"))
    forms = (
        (6, _digits(5, 4, 2, 1) & (_at(block, 3) == ord(":")), _pair(5), _pair(2)),
        (5, _digits(4, 3, 2, 1), _pair(4), _pair(2)),
        (3, _digits(2, 1), _pair(2), np.zeros(len(block), np.int64)),
    )
    for size, is_form, hours, minutes in forms:
        signed = np.asarray(_at(block, size))
        found = is_form & _is_one_of(signed, b"+-") & (taken == 0) & ~is_utc
        # A date ends in -dd as a zone may; only behind a time of day it is one.
        found &= (length - size >= 16) & (minutes < 60)
        taken[found] = size
        value = hours * 3600 + minutes * 60
        ahead = np.where(found, np.where(signed == ord("-"), -value, value), ahead)
    taken[is_utc] = 1
    return taken, ahead


def _is_fraction_or_nothing(
    block: Bytes, is_digit: Mask, base: Seconds, end: Seconds, has_seconds: Mask
) -> Mask:
    """Say whether there is nothing between time and zone, or a point and some digits."""
    nothing: Mask = np.asarray(end == base)
    if nothing.all():
        return nothing
    column = np.arange(WIDEST)
    inside = (column > base[:, None]) & (column < end[:, None])
    digits = (is_digit & inside).sum(axis=1)
    point = block[np.arange(len(block)), np.minimum(base, WIDEST - 1)] == ord(".")
    fraction = point & (digits == end - base - 1) & (digits >= 1) & (digits <= LONGEST_FRACTION)
    return np.asarray(nothing | (fraction & has_seconds))


def _days(
    year: npt.NDArray[np.int64], month: npt.NDArray[np.int64], is_leap: Mask
) -> npt.NDArray[np.int64]:
    """Return the days from 1970-01-01 to the first of a month."""
    before = year - 1
    leap_days = before // 4 - before // 100 + before // 400 - 477
    return np.asarray(
        (year - FIRST_YEAR) * 365 + leap_days + _DAYS_BEFORE_MONTH[month] + (is_leap & (month > 2))
    )


def _is_one_of(values: Bytes, allowed: bytes) -> Mask:
    return np.asarray(np.any([values == one for one in allowed], axis=0), bool)
