"""The certificates within a timestamp, in the order that a strict reader asks for.

DER wants sets sorted, and authorities that run on OpenSSL send their certificates as they lie. No
signature covers that order, so it may be mended before reading; what is kept is never touched.
"""

from __future__ import annotations

from collections.abc import Iterator

CERTIFICATES = 0xA0
"""Tag of the set of certificates within signed data. (RFC 5652, 5.1)"""
_LONG_FORM = 0x80


def in_der_order(answer: bytes) -> bytes:
    """Return an RFC 3161 answer with its certificates sorted; anything else as it is."""
    try:
        token = _nth(answer, *_content(answer, 0), 1)
        signed_data = _nth(answer, *_nth(answer, *token, 1), 0)
        for start, first, last in _children(answer, *signed_data):
            if answer[start] == CERTIFICATES:
                found = sorted(answer[one:end] for one, _, end in _children(answer, first, last))
                return answer[:first] + b"".join(found) + answer[last:]
    except IndexError:
        pass
    return answer


def _nth(data: bytes, first: int, last: int, number: int) -> tuple[int, int]:
    """Return where the content of one of the elements within a stretch begins and ends."""
    _, begin, end = list(_children(data, first, last))[number]
    return begin, end


def _children(data: bytes, first: int, last: int) -> Iterator[tuple[int, int, int]]:
    """Yield where each element of a stretch, and its content, begins, and where both end."""
    while first < last:
        begin, end = _content(data, first)
        if end > last:
            raise IndexError("an element reaches beyond what holds it")
        yield first, begin, end
        first = end


def _content(data: bytes, start: int) -> tuple[int, int]:
    """Return where the content of the element at a place begins and ends."""
    length, begin = data[start + 1], start + 2
    if length & _LONG_FORM:
        digits = length - _LONG_FORM
        length, begin = int.from_bytes(data[begin : begin + digits], "big"), begin + digits
    return begin, begin + length
