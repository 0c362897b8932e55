"""The past of a city's homes, some homes at a time: the same numbers, without room for all at once.

Each home's past is its own, so that it may be made in blocks of homes; what comes out lies in files
where it is much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Mask, Seconds
from heatward_collector.core.suppression import season
from heatward_collector.core.suppression.falling.falls import Falls, Usual, Votes
from heatward_collector.core.suppression.falling.usual import Past
from heatward_collector.core.suppression.stops.episode import Episode
from heatward_collector.pieces import Pieces, whole
from heatward_collector.registry.laid_aside import blank_aside, let_go

HOMES_AT_ONCE = 8_192
"""What is usual for a home takes some 10 KB on the way."""
OfHomes = TypeVar("OfHomes", Past, Usual)


def no_past(homes: int, folder: Path | None) -> Past:
    """Return the past of homes that were never heard."""
    return whole(_in_blocks(lambda some: Past.none(some.stop - some.start), homes, folder))


def usual_of(past: Past, folder: Path | None) -> Pieces[Usual]:
    """Return what homes usually do, as ``Past.usual`` says it."""
    return _in_blocks(lambda some: _some(past, some).usual(), past.rates.shape[-1], folder)


def past_after(
    past: Past,
    day: tuple[Seconds, Celsius, Celsius],
    said: tuple[Votes, Celsius],
    told: Mask,
    stops: Iterable[Episode],
    folder: Path | None,
) -> Pieces[Past]:
    """Return the past with one more day, as ``season.past_after`` does for all homes at once.

    ``said`` are votes, int8 (slots, homes), and rates, float64 (slots, homes), of the day alone
    [1/h]; what is large may lie in ``folder``.
    """
    time_s, hour, homes = day
    vote, rate = said
    known = list(stops)

    def after(some: slice) -> Past:
        return season.past_after(
            _some(past, some),
            (time_s, hour, homes[:, some]),
            _falls(vote[:, some], rate[:, some]),
            told[:, some],
            [_within(one, some) for one in known],
        )

    made = yield from _in_blocks(after, homes.shape[1], folder)
    let_go(past.rates)
    return made


def _falls(vote: Votes, rate: Celsius) -> Falls:
    """Return falls of which only what a past asks for is known."""
    nothing, nobody = np.zeros((0, *vote.shape), np.float32), np.zeros((0, 0), bool)
    return Falls(nothing, vote, nothing, rate, nobody, nobody)


def _within(episode: Episode, some: slice) -> Episode:
    """Return an episode with the homes of a block, numbered as its columns."""
    homes = np.array(episode.homes, np.int64)
    inside = homes[(homes >= some.start) & (homes < some.stop)] - some.start
    return replace(episode, homes=tuple(inside.tolist()))


def _some(value: OfHomes, some: slice) -> OfHomes:
    parts: list[Any] = [getattr(value, one.name)[..., some] for one in fields(value)]
    return type(value)(*parts)


def _in_blocks(
    make: Callable[[slice], OfHomes], homes: int, folder: Path | None
) -> Pieces[OfHomes]:
    """Return what ``make`` gives for blocks of homes, put together along the last axis."""
    if homes <= HOMES_AT_ONCE:
        return make(slice(0, homes))
    together: list[npt.NDArray[Any]] = []
    kind: Any = None
    for first in range(0, homes, HOMES_AT_ONCE):
        some = slice(first, min(first + HOMES_AT_ONCE, homes))
        part = make(some)
        kind = type(part)
        arrays: list[npt.NDArray[Any]] = [getattr(part, one.name) for one in fields(part)]
        together = together or [_blank(array, homes, folder) for array in arrays]
        for target, array in zip(together, arrays, strict=True):
            target[..., some] = array
            let_go(target)
        yield
    made: OfHomes = kind(*together)
    return made


def _blank(block: npt.NDArray[Any], homes: int, folder: Path | None) -> npt.NDArray[Any]:
    """Return room for all homes of what a block has of some."""
    return blank_aside((*block.shape[:-1], homes), block.dtype.type, folder)
