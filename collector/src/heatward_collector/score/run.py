"""Scoring a detector over many seeds, one process or several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from heatward_collector.core.suppression import Finding
from heatward_collector.score.case import Case
from heatward_collector.score.evaluation import evaluate
from heatward_collector.score.season_rows import SeasonRows
from heatward_collector.score.seasons import Seasons

Detect = Callable[[Case], Sequence[Finding]]
"""What is scored: it is given everything of a case but ``truth``, and must not look at that."""


def scored(
    detect: Detect,
    seeds: range,
    quiet_seeds: range,
    seasons: Seasons,
    processes: int = 1,
) -> Iterator[SeasonRows]:
    """Yield the rows of every season, those with events and the quiet ones, in order of seeds.

    Parameters
    ----------
    detect : Detect
        For several processes it must be a function of a module.
    seeds, quiet_seeds : range
        Which seeds are simulated with events, and which without any.
    seasons : Seasons
        Who simulates them.
    processes : int
        How many seasons are worked on at a time.
    """
    every = sorted({*seeds, *quiet_seeds})
    tasks = [(detect, seasons, seed, seed in seeds, seed in quiet_seeds) for seed in every]
    if processes == 1:
        for task in tasks:
            yield from _one(task)
        return
    with ProcessPoolExecutor(processes) as pool:
        for rows in pool.map(_one, tasks):
            yield from rows


def _one(task: tuple[Detect, Seasons, int, bool, bool]) -> list[SeasonRows]:
    detect, seasons, seed, events, quiet = task
    return [evaluate(case, detect(case)) for case in seasons.cases(seed, events, quiet)]
