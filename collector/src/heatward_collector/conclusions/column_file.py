"""Arrays beside some JSON in one file: read by mapping it, so that only what is asked for is held.

The arrays come first, each at a multiple of ``ALIGNED``, then the JSON with their places and CRCs,
then its length and its own CRC. A file that a crash left half written is none.
"""

from __future__ import annotations

import json
import mmap
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from heatward_collector.registry.laid_aside import let_go

ALIGNED = 64
"""[bytes]"""
AT_ONCE = 1 << 26
"""So much is written or proved before its pages are given back. [bytes]"""
_END = struct.Struct("<QI")
Array = npt.NDArray[Any]


def write_columns(path: Path, content: Any, arrays: Sequence[Array]) -> None:
    """Write some JSON and arrays."""
    with path.open("wb") as file:
        places = []
        for array in arrays:
            file.write(bytes(-file.tell() % ALIGNED))
            place = {"type": array.dtype.str, "shape": array.shape, "at": file.tell()}
            places.append({**place, "crc": _write(file, array)})
        text = json.dumps({"content": content, "arrays": places}).encode()
        file.write(text + _END.pack(len(text), zlib.crc32(text)))


def read_columns(path: Path, is_proved: bool = True) -> tuple[Any, list[Array]]:
    """Return what a file holds; its arrays are mapped, and to be read only.

    Parameters
    ----------
    path : Path
        Where it lies.
    is_proved : bool
        Whether every array is held against its CRC.

    Raises
    ------
    OSError
        If there is no such file.
    ValueError
        If it is not what was written.
    """
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if len(mapped) < _END.size:
        raise ValueError(f"{path} has no end")
    length, crc = _END.unpack(mapped[-_END.size :])
    text = mapped[-_END.size - length : -_END.size] if length < len(mapped) else b""
    if len(text) != length or zlib.crc32(text) != crc:
        raise ValueError(f"{path} is torn")
    held = json.loads(text)
    arrays = []
    for place in held["arrays"]:
        array = _mapped(mapped, place)
        if is_proved and _crc(array) != place["crc"]:
            raise ValueError(f"{path} is not what was written")
        arrays.append(array)
    return held["content"], arrays


def _mapped(mapped: mmap.mmap, place: dict[str, Any]) -> Array:
    kind, count = np.dtype(place["type"]), int(np.prod(place["shape"], dtype=np.int64))
    if count == 0:
        return np.zeros(place["shape"], kind)
    return np.frombuffer(mapped, kind, count, place["at"]).reshape(place["shape"])


def _write(file: BinaryIO, array: Array) -> int:
    """Write an array; return its CRC."""
    crc = 0
    for part in _parts(array):
        crc = zlib.crc32(part, crc)
        file.write(part)
        let_go(array)
    return crc


def _crc(array: Array) -> int:
    crc = 0
    for part in _parts(array):
        crc = zlib.crc32(part, crc)
        let_go(array)
    return crc


def _parts(array: Array) -> list[memoryview]:
    if array.size == 0:
        return []
    view = np.ascontiguousarray(array).data.cast("B")
    return [view[first : first + AT_ONCE] for first in range(0, len(view), AT_ONCE)]
