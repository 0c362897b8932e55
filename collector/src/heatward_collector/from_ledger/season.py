"""The season of a ledger in two stages: a block a day, wherever it is made, and the fold over them.

The fold sees the whole town at once, for sources are held against each other; so what is parted is
the reading of the ledger. ``heatward bench seasons`` says what each of the two costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import chain
from pathlib import Path

import numpy as np

from heatward_collector.core.standard import Standard
from heatward_collector.errors import HeatwardError, LedgerError
from heatward_collector.from_files.outdoors import Outdoors
from heatward_collector.from_files.recording import HISTORY_DAYS, days_between
from heatward_collector.from_files.season import Season, season_from
from heatward_collector.from_ledger.day_block import DayBlock, Places, Times, day_blocks
from heatward_collector.registry import Directory

MOST_DAYS_A_RUN = 7
"""Consecutive days that a worker reads together: of their sealed days it reads one in eight in
vain, of a single day's every second."""
LEAST_RUNS = 8
"""Workers share a season in so many runs or more."""
Blocks = Callable[[list[date], Places, Times], Iterable[DayBlock]]
"""Makes the blocks of some days, in their order."""


def one_by_one(days: list[date], places: Places, times: Times) -> Iterator[DayBlock]:
    """Make the blocks in this process."""
    yield from day_blocks(days, places, times)


def run_of_blocks(days: list[date], places: Places, times: Times) -> list[DayBlock]:
    """Return the blocks of a run of days: what a worker brings back at once."""
    return list(day_blocks(days, places, times))


def runs(days: list[date]) -> list[list[date]]:
    """Part days into runs of consecutive ones, several for each worker of a few."""
    length = min(MOST_DAYS_A_RUN, max(1, len(days) // LEAST_RUNS))
    return [days[first : first + length] for first in range(0, len(days), length)]


class OnScheduler:
    """Makes the blocks on the workers of a dask.distributed scheduler.

    A worker that dies takes no block with it: the scheduler gives its run to another one.
    """

    def __init__(self, address: str, told: Callable[[int], None] = lambda _: None) -> None:
        self._address = address
        self._told = told

    def __call__(self, days: list[date], places: Places, times: Times) -> Iterator[DayBlock]:
        """Yield the blocks in the order of their days."""
        try:
            from distributed import Client  # an extra: not everybody has it
        except ImportError as error:
            raise HeatwardError(
                "--scheduler 需要 / needs dask.distributed: pip install 'heatward-collector[dask]'"
            ) from error

        with Client(self._address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
            known = client.scatter(times, broadcast=True, hash=False)
            futures = client.map(run_of_blocks, runs(days), places=places, times=known, pure=False)
            blocks = chain.from_iterable(future.result() for future in futures)
            for number, block in enumerate(blocks, start=1):
                yield block
                self._told(number)


def season_of_ledger(
    places: Places,
    times: Times,
    directory: Directory,
    standard: Standard,
    span: tuple[date, date],
    outdoors: Outdoors | None = None,
    blocks_of: Blocks = one_by_one,
) -> Season:
    """Return a season as the detector sees it, with the days before it that it compares with.

    Raises LedgerError where the ledger has no reading of any room then.
    """
    first, last = span
    days = days_between(first - timedelta(days=HISTORY_DAYS), last)
    blocks = list(blocks_of(days, places, times))
    heard = [number for number, block in enumerate(blocks) if block.readings]
    if not heard:
        raise LedgerError(
            f"{places.ledger}: 到 {last} 没有房间的读数，请核对 --ledger、--registry 和 --to / "
            f"holds no reading of a room up to {last}: look at --ledger, --registry and --to"
        )
    blocks = blocks[min(heard[0], len(blocks) - (last - first).days - 1) :]
    return season_of_blocks(directory, standard, blocks, outdoors)


def season_of_blocks(
    directory: Directory,
    standard: Standard,
    blocks: Sequence[DayBlock],
    outdoors: Outdoors | None = None,
) -> Season:
    """Return a season from blocks of consecutive days; with ``outdoors``, under that weather."""
    sensed = Outdoors(
        np.concatenate([block.outdoors.time_s for block in blocks]),
        np.concatenate([block.outdoors.celsius for block in blocks]),
    )
    return season_from(
        directory,
        standard,
        [block.day for block in blocks],
        [block.rooms for block in blocks],
        sensed if outdoors is None else outdoors,
    )


def follower_of(ledger: Path) -> Path:
    """Return the state of the process that judges the ledger, where it lies beside it."""
    return ledger.parent / "evaluate.sqlite"
