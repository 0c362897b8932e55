"""Pieces made ahead by a thread: the same ones in the same order, and never many of them."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from heatward_collector.ledger.ahead import ahead


class Maker:
    """Makes numbers, and knows how many it made, in which thread, and whether it was closed."""

    def __init__(self, count: int, fails_at: int | None = None) -> None:
        self.count, self.fails_at = count, fails_at
        self.made, self.closed, self.threads = 0, False, set[int]()

    def pieces(self) -> Generator[int]:
        """Yield the numbers from 1 on."""
        try:
            for number in range(1, self.count + 1):
                if number == self.fails_at:
                    raise ValueError("damaged")
                self.made = number
                self.threads.add(threading.get_ident())
                yield number
        finally:
            self.closed = True


def test_pieces_come_in_their_order_from_another_thread():
    maker = Maker(50)
    assert list(ahead(maker.pieces())) == list(range(1, 51))
    assert threading.get_ident() not in maker.threads
    assert len(maker.threads) == 1
    assert maker.closed


def test_no_more_are_made_than_were_asked_for():
    maker = Maker(1_000)
    for number in ahead(maker.pieces(), 3):
        assert maker.made <= number + 3
    assert maker.made == 1_000


def test_what_fails_does_so_behind_the_pieces_before_it():
    pieces = ahead(Maker(9, fails_at=4).pieces())
    assert [next(pieces) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(ValueError, match="damaged"):
        next(pieces)


def test_who_stops_early_leaves_nothing_running():
    maker, before = Maker(1_000), threading.active_count()
    pieces = ahead(maker.pieces(), 2)
    assert next(pieces) == 1
    pieces.close()
    assert maker.closed
    assert maker.made <= 4
    assert threading.active_count() == before
