"""Scoring a detector over many seeds, one process or several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from heatward_collector.core.suppression import Finding
from heatward_collector.score.case import Case
from heatward_collector.score.evaluation import evaluate
from heatward_collector.score.season_rows import SeasonRows
from heatward_collector.score.seasons import Seasons
from heatward_collector.score.thinned import Missing, thinned

Detect = Callable[[Case], Sequence[Finding]]
"""What is scored: it is given everything of a case but ``truth``, and must not look at that."""


def scored(
    detect: Detect,
    seeds: range,
    quiet_seeds: range,
    seasons: Seasons,
    processes: int = 1,
    missing: Missing | None = None,
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
    missing : Missing or None
        What of every season is left out, half of it.
    """
    every = sorted({*seeds, *quiet_seeds})
    tasks = [(seed, seed in seeds, seed in quiet_seeds) for seed in every]
    one = partial(_one, detect, seasons, missing)
    if processes == 1:
        for task in tasks:
            yield from one(task)
        return
    with ProcessPoolExecutor(processes) as pool:
        for rows in pool.map(one, tasks):
            yield from rows


def _one(
    detect: Detect, seasons: Seasons, missing: Missing | None, task: tuple[int, bool, bool]
) -> list[SeasonRows]:
    rows = []
    for whole in seasons.cases(*task):
        case = whole if missing is None else thinned(whole, missing)
        rows.append(evaluate(case, detect(case)))
    return rows
