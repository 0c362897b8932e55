"""Write-ahead logs of SQLite, made and changed (https://www.sqlite.org/fileformat2.html)."""

from __future__ import annotations

import struct

HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24
BIG_ENDIAN = 0x377F0683
Pair = tuple[int, int]


def summed(data: bytes, before: Pair, order: str) -> Pair:
    """Return the check sum that SQLite keeps of some bytes behind others."""
    first, second = before
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for one, two in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) % 2**32
        second = (second + two + first) % 2**32
    return first, second


def in_big_endian(log: bytes) -> bytes:
    """Return a log as a machine of the other byte order would have written it."""
    page = int.from_bytes(log[8:12], "big")
    header = struct.pack(">I", BIG_ENDIAN) + log[4:24]
    before = summed(header, (0, 0), ">")
    made = header + struct.pack(">2I", *before)
    for at in range(HEADER_BYTES, len(log), FRAME_HEADER_BYTES + page):
        data = log[at + FRAME_HEADER_BYTES : at + FRAME_HEADER_BYTES + page]
        before = summed(log[at : at + 8] + data, before, ">")
        made += log[at : at + 16] + struct.pack(">2I", *before) + data
    return made


def begun_again(log: bytes) -> bytes:
    """Return a log of which only the header is written anew, with other salts."""
    salts = bytes(byte ^ 0x55 for byte in log[16:24])
    header = log[:16] + salts
    order = ">" if log[3] & 1 else "<"
    return header + struct.pack(">2I", *summed(header, (0, 0), order)) + log[HEADER_BYTES:]
