"""Pieces made a little ahead: what comes next is read while what came before is worked on.

A thread suffices: whoever reads Parquet or works on large arrays holds no lock of the interpreter.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

PIECES = 2
"""So many lie ready or are being made; more would only take memory."""
Piece = TypeVar("Piece")


def ahead(pieces: Generator[Piece], most: int = PIECES) -> Iterator[Piece]:
    """Yield pieces in their order, ``most`` of them made ahead by a thread.

    An error comes where its piece would have come. Whoever stops before the end waits for the
    piece that is being made.
    """
    pool = ThreadPoolExecutor(1, "ahead")
    try:
        coming = deque(pool.submit(next, pieces, None) for _ in range(most))
        while (piece := coming.popleft().result()) is not None:
            coming.append(pool.submit(next, pieces, None))
            yield piece
    finally:
        pool.shutdown(cancel_futures=True)
        pieces.close()
