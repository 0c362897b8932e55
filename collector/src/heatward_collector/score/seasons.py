"""Simulating seasons by their seeds, with and without events, and keeping what was simulated.

A simulated season costs much more than judging it: with a folder to keep them in, they are
simulated once for as long as the simulator's code stays the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import msgspec
import numpy as np

import heatward_collector.simulate
from heatward_collector.score.case import (
    Case,
    Truth,
    building_medians,
    home_days,
    known_outdoor,
    measured_raw,
)
from heatward_collector.score.labels import truth_of
from heatward_collector.score.truth import LongCut, OffPeriod
from heatward_collector.simulate import Level, Season, Shape, planned_season, planned_shape

ARRAYS = ("shortfall", "drop", "median", "below")
LABELLING = ("below.py", "case.py", "labels.py", "seasons.py", "truth.py")
"""Files of this room on which a kept season depends."""


@dataclass(frozen=True, slots=True)
class _Labels:
    """The part of a truth that is no array."""

    start_s: int
    periods: tuple[OffPeriod, ...]
    cuts: tuple[LongCut, ...]
    lifts: tuple[float, ...]
    shortages: tuple[bool, ...]


class ShapeOf(Protocol):
    """Plans what a seed simulates."""

    def __call__(self, seed: int, *, events: bool) -> Shape: ...


class SeasonOf(Protocol):
    """Simulates it."""

    def __call__(self, seed: int, *, events: bool) -> Season: ...


class Seasons:
    """Cases by seed; for several processes the planning functions are those of a module."""

    def __init__(
        self,
        folder: Path | None = None,
        shape_of: ShapeOf = planned_shape,
        season_of: SeasonOf = planned_season,
    ) -> None:
        self._folder = folder
        self._shape_of = shape_of
        self._season_of = season_of
        self._code = _fingerprint()

    def cases(self, seed: int, events: bool, quiet: bool) -> Iterator[Case]:
        """Yield the case of a seed with its events, and the one without any, as asked for."""
        wanted = [kind for kind, asked in ((True, events), (False, quiet)) if asked]
        kept = {kind: self._kept(seed, kind) for kind in wanted}
        if any(case is None for case in kept.values()):
            twin = self._season_of(seed, events=False)
            if quiet and kept[False] is None:
                kept[False] = self._keep(_case(twin, _nothing(twin)))
            if events and kept[True] is None:
                season = self._season_of(seed, events=True)
                kept[True] = self._keep(_case(season, truth_of(season, twin)))
        yield from (case for case in kept.values() if case is not None)

    def _path(self, seed: int, events: bool) -> Path | None:
        if self._folder is None:
            return None
        return self._folder / f"{'events' if events else 'quiet'}-{seed:05}-{self._code}.npz"

    def _keep(self, case: Case) -> Case:
        has_events = bool(case.shape.events)
        path = self._path(case.seed, has_events)
        if path is None:
            return case
        truth = case.truth
        labels = _Labels(case.start_s, truth.periods, truth.cuts, truth.lifts, truth.shortages)
        path.parent.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, Any] = {name: getattr(truth, name) for name in ARRAYS}
        partial = path.with_suffix(".part.npz")
        np.savez_compressed(
            partial,
            raw=case.raw,
            outdoor=case.outdoor.astype(np.float32),
            labels=np.frombuffer(msgspec.msgpack.encode(labels), np.uint8),
            **arrays,
        )
        partial.rename(path)
        return case

    def _kept(self, seed: int, events: bool) -> Case | None:
        path = self._path(seed, events)
        if path is None or not path.exists():
            return None
        with np.load(path) as held:
            labels = msgspec.msgpack.decode(held["labels"].tobytes(), type=_Labels)
            truth = Truth(
                labels.periods,
                labels.cuts,
                labels.lifts,
                labels.shortages,
                **{name: held[name] for name in ARRAYS},
            )
            outdoor = np.round(held["outdoor"].astype(np.float64), 1)
            shape = self._shape_of(seed, events=events)
            return Case(seed, shape, labels.start_s, held["raw"], outdoor, truth)


def _case(season: Season, truth: Truth) -> Case:
    return Case(
        season.seed,
        season.shape,
        int(season.time_s[0]),
        measured_raw(season),
        known_outdoor(season.time_s, season.outdoor),
        truth,
    )


def _nothing(season: Season) -> Truth:
    """Return the truth of a season in which nothing was held back."""
    buildings, building = season.tree.index_of(Level.BUILDING)
    median = building_medians(home_days(season), building, len(buildings))
    nothing = np.zeros_like(median)
    below = np.full((len(median), len(season.tree.homes)), np.nan)
    return Truth(shortfall=nothing, drop=nothing, median=median, below=below)


def _fingerprint() -> str:
    """Return a name for the code by which seasons are simulated and labelled."""
    digest = hashlib.sha256()
    simulator = Path(heatward_collector.simulate.__path__[0])
    here = Path(__file__).parent
    for path in sorted(simulator.glob("*.py")) + [here / name for name in LABELLING]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
