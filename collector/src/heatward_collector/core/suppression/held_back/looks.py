"""Every place held against others, and every source against its own past, after each day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Mask
from heatward_collector.core.suppression.by_day.history import History
from heatward_collector.core.suppression.by_day.onset import (
    RAMP_COST,
    STEP_DAYS,
    Prior,
    Shapes,
    departure,
    evidence,
)
from heatward_collector.core.suppression.by_day.place_days import LEVELS, Hierarchy, complete_others
from heatward_collector.core.suppression.by_day.today import Today
from heatward_collector.core.suppression.by_day.weather_response import (
    contrast_prior,
    contrast_terms,
    own_prior,
    own_terms,
)
from heatward_collector.core.suppression.held_back.cut import Cut
from heatward_collector.core.suppression.held_back.learning_days import (
    LEAST_VOTES,
    WINDOW_DAYS,
    fell_without_stop,
    learning_days,
)
from heatward_collector.core.suppression.homes.medians import across, down
from heatward_collector.core.suppression.homes.network import Level, Network

LEAST_DAYS = 6
"""With fewer days nothing is judged. [d]"""
PART_RAMP_COST = 3.0
"""Parts of a source drift apart more easily than sources do. [standard deviations]"""
GAP_COST = 2.0
"""What begins in a gap is likelier what the gap hides: an acute stop. [standard deviations]"""
SEEN_DAYS = 3
"""Behind a gap a fall must be seen for so long: what a stop has left fades. [d] (project rule)"""
BEGUN_KELVIN = 0.6
"""A slow fall begins when it has come to this. [K] (project rule)"""
MOST_SCALE = 1.1
"""Nobody is taken to wander more than so many times as usual: what follows a late start or a stop
would hide what comes next. [1] (project rule)"""
POOLED_DAYS, USUAL_DAYS = 20, 60
"""How many days of its own a place's scale is worth as much as that of all places, and as what is
known beforehand. [d]"""


@dataclass(frozen=True, slots=True)
class Look:
    """One view of all places of a level over the window."""

    raw: Celsius
    """(days, places) what is judged. [K] or [degC]"""
    learns: Mask
    """(days, places) what may be learnt from: no cut, no unknown day."""
    beside: Celsius
    """(days, places) what stands beside each place, NaN for own history. [degC]"""
    terms: Celsius
    prior: Prior
    hides: Mask
    """(days, places) unknown days that may hide an acute stop."""
    ramp_cost: float = RAMP_COST
    """What is taken off the statistic of a slow fall. [standard deviations]"""

    def evidence(self, scale: Celsius) -> Verdict:
        """Judge the last day."""
        shapes = Shapes.of(len(self.raw), self.ramp_cost)
        value = np.where(self.learns, self.raw, np.nan)
        found = evidence(value, self.terms, self.prior, scale, shapes)
        best = found.statistic.argmax(axis=1)
        line = np.arange(len(best))
        known = self.learns[-1] & (self.learns.sum(axis=0) >= LEAST_DAYS)
        old = max(len(value) - STEP_DAYS, 0)
        fall, onset = found.fall[line, best], shapes.first[best]
        # A slow fall is nothing at first.
        part = np.where(shapes.cost[best] > 0, BEGUN_KELVIN / np.maximum(fall, BEGUN_KELVIN), 0.0)
        row = np.arange(len(value))[:, None]
        unknown = ~self.learns & self.hides & (row >= onset - 2)
        hidden = np.where((unknown & (row < onset)).any(axis=0), GAP_COST, 0.0)
        behind = np.maximum(onset - 1, np.where(unknown, row, -1).max(axis=0))
        seen = (self.learns & (row > behind)).sum(axis=0)
        known &= (seen >= SEEN_DAYS) | ~unknown.any(axis=0)
        return Verdict(
            np.where(known, found.statistic[line, best] - hidden, -np.inf),
            fall,
            onset,
            onset + np.round((len(value) - 1 - onset) * part).astype(np.int64),
            best,
            found.fall,
            _scale(found.surprise[:old] * scale),
        )

    def of(self, place: int) -> Look:
        """Return the view of one place alone."""
        one = slice(place, place + 1)
        return replace(
            self,
            raw=self.raw[:, one],
            learns=self.learns[:, one],
            beside=self.beside[:, one],
            terms=self.terms[:, one],
            hides=self.hides[:, one],
        )

    def departure(self, scale: Celsius, before: int | None = None) -> Celsius:
        """Return how far places are from what the days to learn from let expect, (days, places).

        Only days before a row are learnt from where one is given.
        """
        learns = self.learns
        if before is not None:
            learns = learns & (np.arange(len(learns)) < before)[:, None]
        return departure(self.raw, self.terms, self.prior, scale, learns)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the last day of a window says of each place, (places,)."""

    statistic: Celsius
    fall: Celsius
    onset: npt.NDArray[np.int64]
    """Row of the window up to which places had not fallen."""
    begin: npt.NDArray[np.int64]
    """Row on which the likeliest fall became one."""
    shape: npt.NDArray[np.int64]
    """The likeliest way to fall."""
    falls: Celsius
    """(places, shapes) the fall by the last day for every shape. [K]"""
    scale: Celsius
    """How much more each place wanders than is usual, for the next day. [1]"""


def _scale(surprise: Celsius) -> Celsius:
    """Return how much more each place wanders than is usual. [1]

    A place's own is drawn towards that of all: an own one alone would swallow what is looked for.
    """
    known = ~np.isnan(surprise)
    count, total = known.sum(axis=0), int(known.sum())
    size = np.abs(surprise)
    pooled = (1.4826 * float(np.median(size[known]))) ** 2 if total else 0.0
    pooled = (pooled * total + USUAL_DAYS) / (total + USUAL_DAYS)
    weight = np.where(count > POOLED_DAYS // 4, count, 0)
    own = np.where(weight > 0, 1.4826 * down(size), 0.0) ** 2 if len(size) else np.zeros(len(count))
    both = (pooled * POOLED_DAYS + own * weight) / (POOLED_DAYS + weight)
    return np.asarray(np.minimum(np.sqrt(both), MOST_SCALE))


def looks(
    history: History, cuts: tuple[Cut, ...], network: Network, places: Hierarchy
) -> dict[Level, Look]:
    """Return every level against others."""
    result: dict[Level, Look] = {}
    for level in LEVELS:
        window = history.series[level].last(WINDOW_DAYS)
        learns = learning_days(window, history, cuts, network, level)
        if level is Level.SOURCE:
            rest = complete_others(np.where(learns, window.value, np.nan))
            common = rest
        else:
            rest = window.rest
            common = result[Level.SOURCE].beside[:, places.source[level]]
            common = np.where(np.isnan(common).all(axis=0), rest, common)
        raw = np.where(window.homes >= LEAST_VOTES, window.value - rest, np.nan)
        weather = history.weather[-len(raw) :]
        terms = contrast_terms(weather, window.cold, window.recovering, common)
        cost = RAMP_COST if level is Level.SOURCE else PART_RAMP_COST
        learns &= ~np.isnan(raw)
        hides = ~fell_without_stop(history, places, level)
        result[level] = Look(raw, learns, rest, terms, contrast_prior(level), hides, cost)
    return result


def own_looks(history: History, cuts: tuple[Cut, ...], network: Network) -> tuple[Look, Look]:
    """Return every source, and the median of all, against its own past.

    Only steps count there: rooms drift slowly for other reasons, too.
    """
    each = own_look(history, cuts, network, Level.SOURCE)
    window = history.series[Level.SOURCE].last(WINDOW_DAYS)
    raw, alone = each.raw, each.beside
    learns = each.learns & ~_keeps_hours(history, network)
    weather = history.weather[-len(raw) :]
    value = np.where(learns, raw, np.nan)
    # Sources lie at different levels: one that is left out must not make the middle jump.
    middle = across(value - down(value))[:, None]
    middle[2 * learns.sum(axis=1) < learns.shape[1]] = np.nan
    count = np.maximum(learns.sum(axis=1), 1)
    cold, recovering = (
        (np.where(learns, one, 0.0).sum(axis=1) / count)[:, None]
        for one in (window.cold, window.recovering)
    )
    return each, Look(
        middle,
        ~np.isnan(middle),
        alone[:, :1],
        own_terms(weather, cold, recovering),
        own_prior(of_all=True),
        np.ones(middle.shape, bool),
        np.inf,
    )


@dataclass(slots=True)
class Alone:
    """Every place by itself; parts of a source only when somebody asks."""

    today: Today
    cuts: tuple[Cut, ...]
    each: Look
    """Of sources."""
    _parts: dict[Level, Look] = field(default_factory=dict)

    def look(self, level: Level) -> Look:
        """Return the places of a level by themselves."""
        if level is Level.SOURCE:
            return self.each
        if level not in self._parts:
            self._parts[level] = own_look(self.today.history, self.cuts, self.today.network, level)
        return self._parts[level]

    def scale(self, level: Level, scales: Mapping[str, Celsius]) -> Celsius:
        """Return how much more the places of a level wander than is usual: what parts do by
        themselves is not followed. [1]"""
        if level is Level.SOURCE:
            return scales["own"]
        return np.ones(self.look(level).raw.shape[1])

    def fell(self, level: Level, place: int, shape: int, scales: Mapping[str, Celsius]) -> float:
        """Return by how much a place by itself fell in some way. [K]"""
        one = self.look(level).of(place)
        found = one.evidence(self.scale(level, scales)[place : place + 1])
        return float(found.falls[0, shape])


def own_look(history: History, cuts: tuple[Cut, ...], network: Network, level: Level) -> Look:
    """Return every place of a level against its own past."""
    window = history.series[level].last(WINDOW_DAYS)
    learns = learning_days(window, history, cuts, network, level)
    raw = np.where(window.homes >= LEAST_VOTES, window.value, np.nan)
    terms = own_terms(history.weather[-len(raw) :], window.cold, window.recovering)
    nobody = np.full_like(raw, np.nan)
    return Look(raw, learns, nobody, terms, own_prior(), np.ones(raw.shape, bool), np.inf)


def _keeps_hours(history: History, network: Network) -> Mask:
    """Say which sources promise heat only for some hours of the day, (sources,)."""
    return history.keeps_hours(network.of_home[Level.SOURCE], len(network.places[Level.SOURCE]))


def usual_scales(network: Network) -> dict[str, Celsius]:
    """Return how far places are taken to wander at first: as is usual."""
    result = {level.value: np.ones(len(network.places[level])) for level in LEVELS}
    return result | {"own": result[Level.SOURCE.value].copy(), "all": np.ones(1)}


def can_judge(history: History) -> bool:
    """Say whether enough days are known, and the weather of the last one."""
    return len(history.start_s) >= LEAST_DAYS and not bool(np.isnan(history.weather[-1]).any())
