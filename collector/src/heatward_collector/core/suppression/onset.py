"""When did places begin to fall: a likelihood ratio over onsets, with weather explained away.

Every place follows the weather by a few coefficients that are known beforehand to a degree, and
wanders around that as an AR(1). For each possible onset the data say how far the place has fallen
since, in how many standard deviations; what the weather could explain as well counts for little.
"""

from __future__ import annotations

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
RAMP_COST = 1.5
"""A slow fall is told from chance less well than a step. [standard deviations] (simulated)"""
CLIP = 3.5
"""A single day counts no more than this. [standard deviations]"""


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
class Prior:
    """What is known of the coefficients of the weather before any data."""

    mean: Celsius
    """(terms,)"""
    deviation: Celsius
    """(terms,)"""
    memory: float
    """Autocorrelation of a place's wandering from day to day. [1]"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a window of days says of each place and way to fall."""

    statistic: Celsius
    """(places, shapes) fall in standard deviations, negative for a rise."""
    fall: Celsius
    """(places, shapes) the fall by the last day of the window. [K]"""


def evidence(
    value: Celsius, terms: Celsius, prior: Prior, deviation: Celsius, shapes: Shapes
) -> Evidence:
    """Hold a window of days against every way to fall.

    Parameters
    ----------
    value : float64 (days, places)
        NaN where unknown or not to be learnt from. [degC] or [K]
    terms : float64 (days, places, terms)
        What may explain it; a day with a NaN is left out.
    prior : Prior
        Of the coefficients of the terms.
    deviation : float64 (places,)
        Standard deviation of a day's surprise. [K]
    shapes : Shapes
        The ways to fall.

    References
    ----------
    .. [1] Willsky & Jones, A generalized likelihood ratio approach to the detection and estimation
       of jumps in linear systems, IEEE Trans. Automatic Control 21, 1976.
    """
    white = _Whitened.of(value, terms, prior)
    falls = white.shapes(shapes.fall)
    by_term = white.terms.transpose(1, 2, 0)
    normal = _normal(white, by_term, prior, deviation)
    fitted = _fit(white, by_term, normal)
    surprise = white.value - fitted
    kept = fitted + np.clip(surprise, -CLIP * deviation, CLIP * deviation)
    kept = np.where(white.known, kept, 0.0)
    crossed = by_term @ falls
    right = np.concatenate([crossed, by_term @ kept.T[:, :, None]], axis=2)
    solved = np.linalg.solve(normal, right)
    size = np.einsum("pdk,pdk->pk", falls, falls)
    size -= np.einsum("pfk,pfk->pk", crossed, solved[:, :, :-1])
    pull = np.einsum("dp,pdk->pk", kept, falls)
    pull -= np.einsum("pfk,pf->pk", crossed, solved[:, :, -1])
    size = np.maximum(size, 1e-6)
    return Evidence(
        -pull / (np.sqrt(size) * deviation[:, None]) - shapes.cost,
        -pull / size * shapes.fall[-1],
    )


def surprises(value: Celsius, terms: Celsius, prior: Prior, deviation: Celsius) -> Celsius:
    """Return by what days differ from what the day before and the weather let expect.

    Parameters
    ----------
    value, terms, prior, deviation
        As for :func:`evidence`.

    Returns
    -------
    float64 (days, places)
        NaN where unknown. [K]
    """
    white = _Whitened.of(value, terms, prior)
    by_term = white.terms.transpose(1, 2, 0)
    normal = _normal(white, by_term, prior, deviation)
    return np.where(white.known, white.value - _fit(white, by_term, normal), np.nan)


def departure(
    value: Celsius, terms: Celsius, prior: Prior, deviation: Celsius, learns: Mask
) -> Celsius:
    """Return how far places are from what the days to learn from let expect, (days, places).

    Parameters
    ----------
    value, terms, prior, deviation
        As for :func:`evidence`.
    learns : bool (days, places)
        Days to learn from, the last of them before the others.
    """
    white = _Whitened.of(np.where(learns, value, np.nan), terms, prior)
    by_term = white.terms.transpose(1, 2, 0)
    normal = _normal(white, by_term, prior, deviation)
    moment = by_term @ white.value.T[:, :, None]
    factors = np.linalg.solve(normal, moment)[:, :, 0] + prior.mean
    left = value - np.einsum("dpf,pf->dp", terms, factors)
    # Wandering is forgotten step by step: its last value still counts for a few days.
    state = np.zeros(value.shape[1])
    result = np.empty(value.shape)
    for day in range(len(value)):
        state = prior.memory * state
        result[day] = left[day] - state
        state = np.where(learns[day] & ~np.isnan(left[day]), left[day], state)
    return result


@dataclass(frozen=True, slots=True)
class _Whitened:
    """Days less what the day before let expect, 0 where unknown."""

    value: Celsius
    terms: Celsius
    known: Mask
    follows: Mask
    """(days, places) whether the day before is known, too."""
    memory: float

    @classmethod
    def of(cls, value: Celsius, terms: Celsius, prior: Prior) -> _Whitened:
        """Return days without what they take over from the day before, and the terms likewise."""
        known = ~np.isnan(value) & ~np.isnan(terms).any(axis=2)
        follows = known.copy()
        follows[:1] = False
        follows[1:] &= known[:-1]
        full = np.where(known[:, :, None], terms, 0.0)
        plain = np.where(known, value - full @ prior.mean, 0.0)
        draft = cls(plain, full, known, follows, prior.memory)
        return cls(draft._white(plain), draft._white(full), known, follows, prior.memory)

    def _white(self, values: Celsius) -> Celsius:
        """Whiten by an AR(1); the first day after a gap stands for itself."""
        spread = (slice(None), slice(None)) + (None,) * (values.ndim - 2)
        alone = np.sqrt(1.0 - self.memory**2)
        result = values * np.where(self.follows, 1.0, alone * self.known)[spread]
        result[1:] -= self.memory * self.follows[1:][spread] * values[:-1]
        return np.asarray(result)

    def shapes(self, fall: Celsius) -> Celsius:
        """Whiten ways to fall as each place's days are, (places, days, shapes)."""
        before = np.vstack([np.zeros((1, fall.shape[1])), fall[:-1]])
        alone = np.sqrt(1.0 - self.memory**2)
        follows, first = self.follows.T[:, :, None], (self.known & ~self.follows).T[:, :, None]
        return np.asarray(follows * (fall - self.memory * before) + first * alone * fall)


def _normal(white: _Whitened, by_term: Celsius, prior: Prior, deviation: Celsius) -> Celsius:
    known = np.diag(1.0 / prior.deviation**2) * deviation[:, None, None] ** 2
    return np.asarray(by_term @ white.terms.transpose(1, 0, 2) + known)


def _fit(white: _Whitened, by_term: Celsius, normal: Celsius) -> Celsius:
    solved = np.linalg.solve(normal, by_term @ white.value.T[:, :, None])[:, :, 0]
    return np.asarray(np.einsum("dpf,pf->dp", white.terms, solved))
