"""Payloads that are nearly right, or nothing at all: what a fuzzer of the wire sends."""

from __future__ import annotations

import random
from collections.abc import Callable

HUGE = (b"1e400", b"-1e400", b"NaN", b"Infinity", b"99999999999999999999999", b"1e-400", b"-0")
"""Numbers that some parsers take and none should believe."""
DEEP = 2_000
_WORDS = (b"null", b"true", b'""', b"[]", b"{}", b'"\\ud800"', b'"\\u0000"', b"0.1")


def spoilt(payload: bytes, chance: random.Random) -> bytes:
    """Return a payload with one thing wrong, or several."""
    for _ in range(chance.randrange(1, 4)):
        payload = chance.choice(_WAYS)(payload, chance)
    return payload


def _cut(payload: bytes, chance: random.Random) -> bytes:
    return payload[: chance.randrange(len(payload) + 1)]


def _flipped(payload: bytes, chance: random.Random) -> bytes:
    data = bytearray(payload or b"\0")
    for _ in range(chance.randrange(1, 8)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def _with_a_number(payload: bytes, chance: random.Random) -> bytes:
    """Put a number that is none in the place of some digits."""
    places = [at for at, byte in enumerate(payload) if 48 <= byte <= 57]
    if not places:
        return payload + chance.choice(HUGE)
    at = chance.choice(places)
    return payload[:at] + chance.choice(HUGE) + payload[at + 1 :]


def _with_a_word(payload: bytes, chance: random.Random) -> bytes:
    """Put a value of another type behind a colon."""
    places = [at for at, byte in enumerate(payload) if byte == ord(":")]
    if not places:
        return chance.choice(_WORDS)
    at = chance.choice(places) + 1
    return payload[:at] + chance.choice(_WORDS) + b"," + payload[at:]


def _twice(payload: bytes, chance: random.Random) -> bytes:
    """Say everything twice: keys that occur again, or two documents."""
    inner = payload[1:-1]
    return chance.choice((payload + payload, b"[" + inner + b"," + inner + b"]", b"{" + inner))


def _nested(payload: bytes, chance: random.Random) -> bytes:
    return b"[" * DEEP + payload + b"]" * chance.choice((0, DEEP))


def _noise(payload: bytes, chance: random.Random) -> bytes:
    return chance.randbytes(chance.randrange(0, 300))


_WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _cut,
    _flipped,
    _with_a_number,
    _with_a_word,
    _twice,
    _nested,
    _noise,
)
