"""Every state of the disk that a power cut may leave, by the rules that file systems promise.

What was written before the last fsync of its file is there. Of what came after, any part may be:
nothing, all, some writes without others before them, the last one torn within. A name that was
made, moved or removed is certain only after an fsync of its folder; the fsync of a new file's
content keeps its name too, as SQLite and every journaling file system have it.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from heatward_collector.torture.disk.crash_trace import (
    Create,
    Operation,
    Promise,
    Remove,
    Rename,
    Resize,
    Sync,
    Write,
)

SECTOR_BYTES = 512


class Left(Enum):
    """What is left of that which no fsync had made certain."""

    NOTHING = "nothing"
    ALL = "all"
    SOME = "some writes and not others"
    TORN = "all, the last write torn"


@dataclass(slots=True)
class _File:
    durable: bytes = b""
    pending: list[Write | Resize] = field(default_factory=list)
    is_certain: bool = False
    """Whether its name would survive."""


@dataclass(slots=True)
class Disk:
    """Files as they are on the way through a trace."""

    files: dict[str, _File] = field(default_factory=dict)
    replaced: dict[str, _File] = field(default_factory=dict)
    """Durable files whose name was taken away or over since the last fsync of the folder."""
    moved: list[Rename] = field(default_factory=list)
    """Folders that were moved since the last fsync of the folder that they are in."""
    promises: list[str] = field(default_factory=list)

    def do(self, one: Operation) -> None:
        """Take in one operation."""
        if isinstance(one, Promise):
            self.promises.append(one.text)
        elif isinstance(one, Create):
            self.files.setdefault(one.path, _File())
        elif isinstance(one, Write | Resize):
            self.files.setdefault(one.path, _File()).pending.append(one)
        elif isinstance(one, Rename):
            self._take_over(one)
        elif isinstance(one, Remove):
            gone = self.files.pop(one.path, None)
            if gone is not None and gone.is_certain:
                self.replaced.setdefault(one.path, gone)
        else:
            self._sync(one)

    def left(self, how: Left, chance: random.Random) -> dict[str, bytes]:
        """Return names and contents that a power cut now may leave."""
        found: dict[str, bytes] = {}
        back = [one for one in self.moved if _is_undone(how, chance)]
        for path, file in self.files.items():
            is_there = file.is_certain or how in (Left.ALL, Left.TORN)
            if is_there or (how is Left.SOME and chance.random() < 0.5):
                found[_moved_back(path, back)] = _content(file, how, chance)
        for path, file in self.replaced.items():
            if how is Left.NOTHING or (how is Left.SOME and chance.random() < 0.5):
                found[path] = file.durable
        return found

    def _take_over(self, one: Rename) -> None:
        inside = [path for path in self.files if path.startswith(f"{one.path}/")]
        if inside:
            for path in inside:
                self.files[one.to + path[len(one.path) :]] = self.files.pop(path)
            self.moved.append(one)
            return
        moved = self.files.pop(one.path, _File())
        before = self.files.get(one.to)
        if before is not None and before.is_certain:
            self.replaced.setdefault(one.to, before)
        # Its old name may come back instead, which nobody looks for; the new one is uncertain.
        self.files[one.to] = _File(moved.durable, moved.pending, is_certain=False)

    def _sync(self, one: Sync) -> None:
        file = self.files.get(one.path)
        if file is not None:
            file.durable, file.pending, file.is_certain = _all_of(file), [], True
            return
        folder = "" if one.path == "." else f"{one.path}/"
        for path, other in self.files.items():
            if _is_directly_in(path, folder):
                other.is_certain = True
        for path in list(self.replaced):
            if path.startswith(folder):
                del self.replaced[path]
        self.moved = [known for known in self.moved if not _is_directly_in(known.to, folder)]


def states(
    trace: Sequence[Operation], seed: int = 0, before: Mapping[str, bytes] | None = None
) -> Iterator[tuple[int, Left, list[str], dict[str, bytes]]]:
    """Yield (calls done, what is left, promises made, files) of every power cut of a trace.

    ``before`` is what was on the disk, for certain, when it began.
    """
    there = (before or {}).items()
    disk = Disk({path: _File(data, is_certain=True) for path, data in there})
    for number, one in enumerate(trace):
        disk.do(one)
        if isinstance(one, Promise):
            continue
        for how in Left:
            chance = random.Random(f"{seed} {number} {how.value}")
            yield number, how, list(disk.promises), disk.left(how, chance)


def put(files: dict[str, bytes], folder: Path) -> None:
    """Write a state into a folder of its own; a shared memory file never survives a power cut."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path, data in files.items():
        if not path.endswith("-shm"):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)


def _is_directly_in(path: str, folder: str) -> bool:
    return path.startswith(folder) and "/" not in path[len(folder) :]


def _is_undone(how: Left, chance: random.Random) -> bool:
    return how is Left.NOTHING or (how is Left.SOME and chance.random() < 0.5)


def _moved_back(path: str, undone: Sequence[Rename]) -> str:
    for one in reversed(undone):
        if path.startswith(f"{one.to}/"):
            path = one.path + path[len(one.to) :]
    return path


def _all_of(file: _File) -> bytes:
    data = bytearray(file.durable)
    for one in file.pending:
        _apply(data, one)
    return bytes(data)


def _content(file: _File, how: Left, chance: random.Random) -> bytes:
    data = bytearray(file.durable)
    if how is Left.NOTHING:
        return bytes(data)
    for number, one in enumerate(file.pending):
        if how is Left.SOME and chance.random() < 0.5:
            continue
        if how is Left.TORN and number == len(file.pending) - 1 and isinstance(one, Write):
            _tear(data, one, chance)
        else:
            _apply(data, one)
    return bytes(data)


def _apply(data: bytearray, one: Write | Resize) -> None:
    if isinstance(one, Resize):
        del data[one.size :]
        data.extend(bytes(one.size - len(data)))
        return
    if len(data) < one.at:
        data.extend(bytes(one.at - len(data)))
    data[one.at : one.at + len(one.data)] = one.data


def _tear(data: bytearray, one: Write, chance: random.Random) -> None:
    """Apply some sectors of a write."""
    for start in range(0, len(one.data), SECTOR_BYTES):
        if chance.random() < 0.5:
            piece = one.data[start : start + SECTOR_BYTES]
            _apply(data, Write(one.path, one.at + start, piece))
