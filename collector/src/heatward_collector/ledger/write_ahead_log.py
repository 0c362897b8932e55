"""The write-ahead log of a day file, looked at from outside: its newest batches may lie there only.

SQLite reads the log up to the first frame that does not fit its checksum, and takes the rest for
what a power cut left. So one altered byte there would hide every later batch without a word.

The format is SQLite's own (https://www.sqlite.org/fileformat2.html, "The Write-Ahead Log").
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_HEADER = struct.Struct(">8I")
_FRAME = struct.Struct(">6I")
_MAGIC = 0x377F0682
"""With a last bit that says whether checksums are over big-endian words."""
_WORD_MASK = 0xFFFF_FFFF
Checksum = tuple[int, int]
Salts = tuple[int, int]


class _Frame(NamedTuple):
    is_commit: bool
    salts: Salts
    checksum: Checksum
    content: bytes
    """What the checksum is over: the beginning of the frame's header, and the page."""


def hidden_commits(day: Path) -> int:
    """Return how many commits of a day lie behind a frame that SQLite will not read.

    0 for a sound log, and for leftovers of an earlier one, which have other salts.
    """
    try:
        data = day.with_name(f"{day.name}-wal").read_bytes()
    except FileNotFoundError:
        return 0
    if len(data) < _HEADER.size:
        return 0
    magic, _, page_bytes, _, *salts, first, second = _HEADER.unpack_from(data)
    is_big = bool(magic & 1)
    own = (salts[0], salts[1])
    checksum = _checksum(data[: _HEADER.size - 8], (0, 0), is_big)
    is_sound = magic & ~1 == _MAGIC and checksum == (first, second)
    if not is_sound:
        page_bytes, own = _guessed(data, page_bytes, own)
    return _behind_the_break(list(_frames(data, page_bytes)), own, checksum, is_big, is_sound)


def _behind_the_break(
    frames: list[_Frame], own: Salts, checksum: Checksum, is_big: bool, is_sound: bool
) -> int:
    for number, frame in enumerate(frames):
        if is_sound and frame.salts == own:
            checksum = _checksum(frame.content, checksum, is_big)
            if checksum == frame.checksum:
                continue
        behind = [one for one in frames[number:] if _is_of(one, own)]
        # The last frame of a log ends a commit, whatever its altered bytes say.
        return sum(one.is_commit for one in behind) or len(behind[:1])
    return 0


def _is_of(frame: _Frame, own: Salts) -> bool:
    """Say whether a frame is of this log: one salt may be altered, both differ in a leftover."""
    return frame.salts[0] == own[0] or frame.salts[1] == own[1]


def _frames(data: bytes, page_bytes: int) -> Iterator[_Frame]:
    size = _FRAME.size + page_bytes
    for start in range(_HEADER.size, len(data) - size + 1, size):
        _, pages, *rest = _FRAME.unpack_from(data, start)
        page = data[start + _FRAME.size : start + size]
        yield _Frame(
            pages > 0, (rest[0], rest[1]), (rest[2], rest[3]), data[start : start + 8] + page
        )


def _guessed(data: bytes, page_bytes: int, own: Salts) -> tuple[int, Salts]:
    """Return page size and salts of a log whose header is altered, from its first frame."""
    if len(data) < _HEADER.size + _FRAME.size:
        return 4096, own
    _, _, *rest = _FRAME.unpack_from(data, _HEADER.size)
    is_size = 512 <= page_bytes <= 65_536 and page_bytes & (page_bytes - 1) == 0
    return page_bytes if is_size else 4096, (rest[0], rest[1])


def _checksum(data: bytes, before: Checksum, is_big: bool) -> Checksum:
    words = array("I", data)
    if is_big != (struct.pack("=H", 1) == struct.pack(">H", 1)):
        words.byteswap()
    first, second = before
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & _WORD_MASK
        second = (second + odd + first) & _WORD_MASK
    return first, second
