"""Columns of numbers in few bytes, and back: the same numbers, bit for bit.

What is said of all rooms is most often one number for all, or one with four digits behind the
point, which fits four bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]
"""float64, int64, uint8 or bool; (rows,) or (rows, more)."""
SCALE = 1e4
"""Four digits behind the point."""
NONE = np.iinfo(np.int32).min
"""Stands for NaN among scaled numbers."""
_SCALED, _PLAIN, _CONSTANT = "scaled", "plain", "constant"
_LENGTH = 4


def packed(header: Mapping[str, Any], columns: Mapping[str, Column]) -> bytes:
    """Return columns with a header of JSON as bytes."""
    described, parts = [], []
    for name, column in columns.items():
        how, part = _packed(column)
        described.append([name, column.dtype.str, list(column.shape), how, part.dtype.str])
        parts.append(np.ascontiguousarray(part).tobytes())
    head = msgspec.json.encode({"header": header, "columns": described})
    return b"".join([len(head).to_bytes(_LENGTH, "little"), head, *parts])


def unpacked(content: bytes) -> tuple[dict[str, Any], dict[str, Column]]:
    """Return the header and the columns that :func:`packed` was given."""
    end = _LENGTH + int.from_bytes(content[:_LENGTH], "little")
    head = msgspec.json.decode(content[_LENGTH:end])
    columns = {}
    for name, dtype, shape, how, kept in head["columns"]:
        size = 1 if how == _CONSTANT else shape[0]
        count = size * int(np.prod(shape[1:], dtype=np.int64))
        part = np.frombuffer(content, kept, count, end).reshape(size, *shape[1:])
        end += part.nbytes
        columns[name] = _UNPACK[how](part, shape).astype(dtype, copy=False)
    return head["header"], columns


def is_same(one: Column, other: Column) -> npt.NDArray[np.bool_]:
    """Say in which rows two columns of one length hold the same; nothing is the same as nothing."""
    same: npt.NDArray[np.bool_] = one == other
    if one.dtype.kind == "f":
        same |= np.isnan(one) & np.isnan(other)
    return np.asarray(same.all(axis=tuple(range(1, same.ndim))))


def _packed(column: Column) -> tuple[str, Column]:
    bits = column.view(np.int64) if column.dtype == np.float64 else column
    if len(column) and (bits == bits[0]).all():
        return _CONSTANT, column[:1]
    if column.dtype != np.float64:
        return _PLAIN, column
    is_none = np.isnan(column)
    with np.errstate(invalid="ignore", over="ignore"):
        whole = np.rint(np.where(is_none, 0.0, column) * SCALE)
    if (np.abs(whole) > np.iinfo(np.int32).max).any():
        return _PLAIN, column
    scaled = whole.astype(np.int32)
    if not ((scaled / SCALE).view(np.int64) == bits)[~is_none].all():
        return _PLAIN, column
    scaled[is_none] = NONE
    return _SCALED, scaled


def _from_scaled(part: Column, _shape: list[int]) -> Column:
    return np.where(part == NONE, np.nan, part / SCALE)


_UNPACK: dict[str, Callable[[Column, list[int]], Column]] = {
    _CONSTANT: lambda part, shape: np.broadcast_to(part, shape),
    _PLAIN: lambda part, _shape: part,
    _SCALED: _from_scaled,
}
