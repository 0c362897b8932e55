"""Arrays beside some JSON in one file: read by mapping it, so that only what is asked for is held.

The arrays come first, each at a multiple of ``ALIGNED``, then the JSON with their places and CRCs,
then its length and its own CRC. A file that a crash left half written is none. Arrays of which each
is mapped by itself begin where a mapping may begin.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from heatward_collector.registry.laid_aside import let_go

ALIGNED = 64
"""[bytes]"""
ALIGNED_APART = mmap.ALLOCATIONGRANULARITY
"""[bytes]"""
AT_ONCE = 1 << 26
"""So much is written or proved before its pages are given back. [bytes]"""
_END = struct.Struct("<QI")
Array = npt.NDArray[Any]


def write_columns(
    path: Path, content: Any, arrays: Sequence[Array], is_apart: bool = False
) -> None:
    """Write some JSON and arrays, with ``is_apart`` so that each is mapped by itself."""
    aligned = ALIGNED_APART if is_apart else ALIGNED
    with path.open("wb") as file:
        places = []
        for array in arrays:
            file.write(bytes(-file.tell() % aligned))
            place = {"type": array.dtype.str, "shape": array.shape, "at": file.tell()}
            places.append({**place, "crc": _write(file, array)})
        text = json.dumps({"content": content, "arrays": places, "apart": is_apart}).encode()
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
        held = json.loads(_text(file))
        maps = _each_mapped(file, held) if held.get("apart") else _all_mapped(file, held)
        arrays = []
        for place, array in zip(held["arrays"], maps, strict=True):
            if is_proved and _crc(array) != place["crc"]:
                raise ValueError(f"{path} is not what was written")
            arrays.append(array)
    return held["content"], arrays


def _text(file: BinaryIO) -> bytes:
    """Return the JSON of a file. Raises ValueError."""
    size = file.seek(0, os.SEEK_END)
    if size < _END.size:
        raise ValueError(f"{file.name} has no end")
    file.seek(size - _END.size)
    length, crc = _END.unpack(file.read(_END.size))
    begin = size - _END.size - length
    if begin < 0:
        raise ValueError(f"{file.name} is torn")
    file.seek(begin)
    text = file.read(length)
    if zlib.crc32(text) != crc:
        raise ValueError(f"{file.name} is torn")
    return text


def _all_mapped(file: BinaryIO, held: dict[str, Any]) -> Iterator[Array]:
    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    for place in held["arrays"]:
        yield _array(mapped, place, place["at"])


def _each_mapped(file: BinaryIO, held: dict[str, Any]) -> Iterator[Array]:
    for place in held["arrays"]:
        # For no bytes at all the whole file would be mapped.
        size = max(1, np.dtype(place["type"]).itemsize * _count(place))
        data = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ, offset=place["at"])
        yield _array(data, place, 0)


def _array(data: mmap.mmap, place: dict[str, Any], at: int) -> Array:
    kind, count = np.dtype(place["type"]), _count(place)
    if count == 0:
        return np.zeros(place["shape"], kind)
    return np.frombuffer(data, kind, count, at).reshape(place["shape"])


def _count(place: dict[str, Any]) -> int:
    return int(np.prod(place["shape"], dtype=np.int64))


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
