"""Large pieces of memory, laid aside into files without a name and mapped from there.

What a process never reads of a large registry costs it no memory then: the kernel keeps of a file
what there is room for.
"""

from __future__ import annotations

import mmap
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

LARGE_BYTES = 1 << 18
"""Less is not worth a file. [B]"""
WRITTEN_BYTES = 1 << 24
"""The same of what is written into. [B]"""
Bytes = bytes | mmap.mmap
Numbers = npt.NDArray[Any]


def lay_aside(data: bytes | memoryview, folder: Path | None) -> Bytes:
    """Return the same bytes, mapped from a file in a folder where they are many.

    Where no folder is given, or it takes no file, they stay in memory.
    """
    if folder is None or len(data) < LARGE_BYTES:
        return bytes(data)
    try:
        with tempfile.TemporaryFile(dir=folder, prefix="registry-") as file:
            file.write(data)
            file.flush()
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError:
        return bytes(data)


def array_aside(array: npt.NDArray[Any], folder: Path | None) -> npt.NDArray[Any]:
    """Return the same numbers, mapped from a file where they are many; to be read only."""
    if folder is None or array.nbytes < LARGE_BYTES:
        return array
    data = np.ascontiguousarray(array).data.cast("B")
    return np.frombuffer(lay_aside(data, folder), array.dtype)


def mapping_of(array: npt.NDArray[Any]) -> mmap.mmap | None:
    """Return the mapping in which an array lies, None for one in memory."""
    held: Any = array
    while isinstance(held, np.ndarray):
        held = held.base
    if isinstance(held, memoryview):
        held = held.obj
    return held if isinstance(held, mmap.mmap) else None


def let_go(held: Bytes | npt.NDArray[Any]) -> None:
    """Let this process hold no page of what is laid aside; whoever needs one gets it again."""
    mapped = mapping_of(held) if isinstance(held, np.ndarray) else held
    if isinstance(mapped, mmap.mmap):
        mapped.madvise(mmap.MADV_DONTNEED)


def blank_aside(shape: tuple[int, ...], kind: type[Any], folder: Path | None) -> Numbers:
    """Return zeros to be written into, mapped from a file where they are many.

    Where no folder is given, or it takes no file, they stay in memory.
    """
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    if folder is None or size < WRITTEN_BYTES:
        return np.zeros(shape, kind)
    try:
        with tempfile.TemporaryFile(dir=folder, prefix="aside-") as file:
            file.truncate(size)
            return np.frombuffer(mmap.mmap(file.fileno(), size), kind).reshape(shape)
    except OSError:
        return np.zeros(shape, kind)
