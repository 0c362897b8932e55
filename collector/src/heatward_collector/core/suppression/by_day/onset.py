"""When did places begin to fall: a likelihood ratio over onsets, with weather explained away.

Every place follows the weather by a few coefficients that are known beforehand to a degree. What is
left wanders as rooms do that slowly follow a supply which itself wanders. For each possible onset
the data say how far the place has fallen since, in how many standard deviations; what the weather
or the wandering could explain as well counts for little.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Mask

RESPONSE_DAYS = 2.5
"""Rooms follow a cut of the supply over so many days. [d] (simulated: 2 to 3.5)"""
STEP_DAYS = 14
"""A cut that is older was seen before or is none. [d]"""
RAMP_DAYS, RAMP_LEAST, RAMP_EVERY = 36, 8, 3
"""Slow falls are looked for over so many days, from this length on, at this spacing. [d]"""
RAMP_KELVIN_A_DAY = 1.0 / 12.0
RAMP_COST = 1.0
"""A slow fall is told from chance less well than a step. [standard deviations] (simulated)"""
CLIP = 5.0
"""A single day counts no more than this. [standard deviations] (simulated: of less, steps lose)"""
CHUNK = 256
"""Places whose days are held at once. (project rule: some 30 MB)"""
FREE = 1e9
"""A variance that says nothing."""


@dataclass(frozen=True, slots=True)
class Shapes:
    """Ways to fall, as far as each has fallen on each day of a window."""

    fall: Celsius
    """(days, shapes), 1 for a step that has run its course. [1]"""
    first: npt.NDArray[np.int64]
    """(shapes,) day of the window on which each begins to count."""
    cost: Celsius
    """(shapes,) what is taken off the statistic of each. [standard deviations]"""

    @classmethod
    def of(cls, days: int, ramp_cost: float = RAMP_COST) -> Shapes:
        """Return steps of the last two weeks and ramps of the last five, at least two days long."""
        day = np.arange(days)
        steps = np.arange(max(days - STEP_DAYS, 1), days - 1)
        ramps = np.arange(max(days - RAMP_DAYS, 1), days - RAMP_LEAST, RAMP_EVERY)
        since_step = day[:, None] - steps
        since_ramp = day[:, None] - ramps
        step = np.where(since_step >= 0, 1.0 - np.exp(-(since_step + 0.5) / RESPONSE_DAYS), 0.0)
        ramp = RAMP_KELVIN_A_DAY * np.maximum(since_ramp, 0)
        cost = np.concatenate([np.zeros(len(steps)), np.full(len(ramps), ramp_cost)])
        return cls(np.hstack([step, ramp]), np.concatenate([steps, ramps]), cost)


@dataclass(frozen=True, slots=True)
class Wander:
    """How a place wanders around what the weather lets expect."""

    kelvin: float
    """Standard deviation. [K]"""
    rooms: float
    supply: float
    """What is left after a day of what rooms took over, and of what the supply was off. [1]"""
    blur: float
    """What a single day adds by chance. [K]"""

    def covariance(self, days: int) -> Celsius:
        """Return the covariance of so many days, (days, days): an AR(2) and chance. [K^2]"""
        lag = np.arange(days)
        slow, fast = self.supply, self.rooms
        course = slow ** (lag + 1) / (1 - slow**2) - fast ** (lag + 1) / (1 - fast**2)
        by_lag = self.kelvin**2 * course / course[0]
        both = by_lag[np.abs(lag[:, None] - lag)]
        both[lag, lag] += self.blur**2
        return np.asarray(both)


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known of a place before any data: its coefficients of the weather, its wandering."""

    mean: Celsius
    """(terms,)"""
    deviation: Celsius
    """(terms,)"""
    wander: Wander


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a window of days says of each place and way to fall."""

    statistic: Celsius
    """(places, shapes) fall in standard deviations, negative for a rise."""
    fall: Celsius
    """(places, shapes) the fall by the last day of the window. [K]"""
    surprise: Celsius
    """(days, places) by what days differ from what all days before let expect, in standard
    deviations; NaN where unknown."""


def evidence(
    value: Celsius, terms: Celsius, prior: Prior, scale: Celsius, shapes: Shapes
) -> Evidence:
    """Hold a window of days against every way to fall.

    Parameters
    ----------
    value : float64 (days, places)
        NaN where unknown or not to be learnt from. [degC] or [K]
    terms : float64 (days, places, terms)
        What may explain it; a day with a NaN is left out.
    prior : Prior
        Of the coefficients of the terms, and of what is left.
    scale : float64 (places,)
        How much more a place wanders than is usual. [1]
    shapes : Shapes
        The ways to fall.

    References
    ----------
    .. [1] Willsky & Jones, A generalized likelihood ratio approach to the detection and estimation
       of jumps in linear systems, IEEE Trans. Automatic Control 21, 1976.
    .. [2] Rasmussen & Williams, Gaussian Processes for Machine Learning, ch. 2.7 (explicit basis
       functions), MIT Press 2006.
    """
    days, places = value.shape
    statistic = np.zeros((places, shapes.fall.shape[1]))
    fall, surprise = np.zeros_like(statistic), np.full(value.shape, np.nan)
    for part in _chunks(places):
        known, left, covariance = _expected(value[:, part], terms[:, part], prior, scale[part])
        columns = np.concatenate([left[:, :, None], known[:, :, None] * shapes.fall[None]], axis=2)
        white = _whitened(covariance, columns)
        off, falls = np.clip(white[:, 0], -CLIP, CLIP), white[:, 1:]
        size = np.maximum(np.einsum("pkd,pkd->pk", falls, falls), 1e-6)
        pull = np.einsum("pkd,pd->pk", falls, off)
        statistic[part] = -pull / np.sqrt(size) - shapes.cost
        fall[part] = -pull / size * shapes.fall[-1]
        surprise[:, part] = np.where(known, white[:, 0], np.nan).T
    return Evidence(statistic, fall, surprise)


def departure(
    value: Celsius, terms: Celsius, prior: Prior, scale: Celsius, learns: Mask
) -> Celsius:
    """Return how far places are from what the days to learn from let expect, (days, places).

    Parameters
    ----------
    value, terms, prior, scale
        As for :func:`evidence`.
    learns : bool (days, places)
        Days to learn from, which are as expected but for the chance of a single day.
    """
    result = np.empty(value.shape)
    wander = prior.wander.covariance(len(value))
    wander[np.diag_indices(len(value))] -= prior.wander.blur**2
    for part in _chunks(value.shape[1]):
        learnt = np.where(learns[:, part], value[:, part], np.nan)
        known, left, covariance = _expected(learnt, terms[:, part], prior, scale[part])
        pull = np.linalg.solve(covariance, left[:, :, None])
        spread = (terms[:, part] * prior.deviation).transpose(1, 0, 2)
        by_term = np.where(known[:, :, None], spread, 0.0).transpose(0, 2, 1) @ pull
        follows = scale[part, None, None] ** 2 * (wander @ np.where(known[:, :, None], pull, 0.0))
        expected = terms[:, part] @ prior.mean + (spread @ by_term + follows)[:, :, 0].T
        result[:, part] = value[:, part] - expected
    return result


def _chunks(places: int) -> Iterator[slice]:
    for first in range(0, places, CHUNK):
        yield slice(first, min(first + CHUNK, places))


def _expected(
    value: Celsius, terms: Celsius, prior: Prior, scale: Celsius
) -> tuple[Mask, Celsius, Celsius]:
    """Return known days, what they are off the prior mean, and their covariance, places first.

    An unknown day stands alone, with a variance of one, and is off by nothing.
    """
    known = np.asarray(~(np.isnan(value) | np.isnan(terms).any(axis=2)).T)
    full = np.where(known[:, :, None], terms.transpose(1, 0, 2), 0.0)
    left = np.where(known, value.T - full @ prior.mean, 0.0)
    spread = full * prior.deviation
    covariance = spread @ spread.transpose(0, 2, 1)
    wander = scale[:, None, None] ** 2 * prior.wander.covariance(len(value))
    covariance += wander * (known[:, :, None] & known[:, None, :])
    day = np.arange(len(value))
    covariance[:, day, day] = np.where(known, covariance[:, day, day], 1.0)
    return known, left, covariance


def _whitened(covariance: Celsius, columns: Celsius) -> Celsius:
    """Return columns, (places, days, k), each whitened in the order of days, (places, k, days).

    They are appended to the covariance with a variance that says nothing: its root then holds them.
    """
    places, days, count = columns.shape
    whole = np.zeros((places, days + count, days + count))
    whole[:, :days, :days] = covariance
    whole[:, days:, :days] = columns.transpose(0, 2, 1)
    extra = np.arange(days, days + count)
    whole[:, extra, extra] = FREE
    return np.asarray(np.linalg.cholesky(whole)[:, days:, :days])
