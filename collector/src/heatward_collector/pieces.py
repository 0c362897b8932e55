"""Work that is done in pieces, so that a process does its other work between them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

Result = TypeVar("Result")
Pieces = Generator[None, None, Result]
"""Stops after each piece; what it returns is there once there are no more."""
IsEnough = Callable[[], bool]
"""Asked after each piece whether the rest is to wait."""


def never() -> bool:
    """Do everything at once."""
    return False


def whole(pieces: Pieces[Result]) -> Result:
    """Do all pieces one after the other, and return what comes of them."""
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            result: Result = end.value
            return result


def go_on(pieces: Pieces[Result], is_enough: IsEnough) -> Result | None:
    """Do pieces until it is enough; return what comes of all, None where some are left."""
    try:
        while True:
            next(pieces)
            if is_enough():
                return None
    except StopIteration as end:
        result: Result = end.value
        return result
