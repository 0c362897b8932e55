"""How likely it is that no heat comes to a home: one score a home and quarter of an hour.

The rate of a fall is measured as a share of the distance to the outdoor temperature, so that one
model serves mild and cold days. Without heat the rate lies in a known range; with heat it lies
around what is usual for the home, and now and then anywhere: the score is the logarithm of the
ratio of both likelihoods. What one window does is faster than any stop of the heating: a home that
fell so steeply has no say until its air had time to come back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.suppression.medians import across, trailing_largest

SLOTS_AN_HOUR = 4
SPANS = (3, 6, 12)
"""Over how long a fall is measured: 45 min to 3 h. [slots]"""
LEAST_RATES = (0.006, 0.004, 0.003)
"""From these on a fall over the spans may mean that heat is held back, as a share of the distance
to the outdoors. [1/h] (a home whose time constant is 100 h loses 0.01 1/h without any heat, and
half of it with half of the heat; its air loses more in the first hour)"""
MOST_RATE = 0.035
"""No stop of heating is faster. [1/h]"""
SLOW_SPAN = 16
"""4 h, for the curve without airing. [slots]"""
LEAST_SLOW_RATE = 0.003
"""[1/h]"""
WARM_SHARE = 0.2
"""Share of homes that stay warm without heat, by heaters, thermostats and people. (project rule)"""
FALLING_SCORE = 0.7
"""From here on a home is called falling: twice as likely without heat as with. [nat]"""
SPAN_NOISE = (1.6, 1.0, 0.8)
"""Noise over the spans relative to that over 1.5 h: measured on simulated homes."""
STEEP_KELVIN, STEEP_SHARE = (0.3, 0.45), (0.012, 0.020)
"""In one and two slots no stop of heating cools a room faster than this, absolutely [K] and as a
share of the distance to the outdoors: twice what a full stop does in its first quarter of an
hour."""
AIRING_SLOTS = 10
"""After 2.5 h the air of an aired room is back. [slots]"""
SUN_HOURS = (11.0, 22.0)
"""Local hours in which a fall may be the end of sunshine. [h]"""
SUN_SHARE = 0.15
"""Where fewer homes of other sources fall than this, it is no end of sunshine: all have the sun."""
SUN_MARGIN = 0.15
"""Then it counts only below the home's own minimum of a day before. [K] (project rule)"""
HABIT_RATE, HABIT_FACTOR = 0.004, 1.7
"""A home that falls at least so fast [1/h] at this hour on most days has a program, and no say
unless it falls this many times faster than then."""
DAY_SLOTS = 96
CONTEXT_SLOTS = DAY_SLOTS + max(SPANS) + AIRING_SLOTS + SLOW_SPAN
"""How much of the past a score may rest on. [slots]"""
LEAST_CONTROL_HOMES = 4
VOID, STEADY, FALLING = -1, 0, 1

Votes = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Usual:
    """How homes usually change, by local hour, from their own past; all are (24, homes)."""

    expected: Celsius
    """Usual fall as a share of dT. [1/h]"""
    habit: Celsius
    """What it does on most days at this hour or the next to it, whoever causes it. [1/h]"""
    noise: Celsius
    """Mean absolute deviation of the rate from ``expected``. [1/h]"""
    base_rate: Celsius
    """Share of slots in which it falls without a cause."""


@dataclass(frozen=True, slots=True)
class Falls:
    """What every slot says of every home, (slots, homes)."""

    score: npt.NDArray[np.float32]
    """Logarithm of the likelihood of no heat to that of heat; 0 where a home has no say. [nat]"""
    vote: Votes
    """VOID, STEADY or FALLING."""
    counts: Mask
    """Whether a fall also counts for a building alone, in hours of sunshine."""
    raw_score: npt.NDArray[np.float32]
    """As ``score``, without regard to what other sources do."""
    rate: Celsius
    """Fall over 1.5 h as a share of dT, without what other sources do more than usual; NaN while
    aired. [1/h]"""
    aired: Mask
    """Whether it was aired lately, or falls out of habit: it is silent for a reason."""


def votes_of(score: npt.NDArray[np.floating]) -> Votes:
    """Return the votes that scores give."""
    vote = np.where(score > FALLING_SCORE, np.int8(FALLING), np.int8(STEADY))
    vote[score == 0] = VOID
    return vote


def falls(
    homes: Celsius,
    delta: Celsius,
    hour: Celsius,
    source: Indices,
    usual: Usual,
    spans: tuple[int, ...] = SPANS,
    least_rates: tuple[float, ...] = LEAST_RATES,
    least_slow_rate: float = LEAST_SLOW_RATE,
) -> Falls:
    """Score every home in every slot but the first ``CONTEXT_SLOTS``, which only give context.

    Parameters
    ----------
    homes : float64 (CONTEXT_SLOTS + slots, homes)
        Home temperatures, NaN where missing. [degC]
    delta : float64 (CONTEXT_SLOTS + slots,)
        Distance of rooms to the outdoors. [K]
    hour : float64 (CONTEXT_SLOTS + slots,)
        Local hour of the day. [h]
    source : int32 (homes,)
        Heat source of each home, -1 for none.
    usual : Usual
        What each home usually does.
    spans : int
        Lengths over which falls are measured. [slots]
    least_rates, least_slow_rate : float
        Least falls without heat over these, and over 4 h. [1/h]

    Returns
    -------
    Falls
        Of the slots behind the context. A slot without a value, or too soon after airing, is VOID.
    """
    slots = len(homes) - CONTEXT_SLOTS
    aired = _aired(homes, delta, slots)
    delta, hour = delta[CONTEXT_SLOTS:], hour[CONTEXT_SLOTS:]
    calm = trailing_largest(homes, AIRING_SLOTS)
    own_hour = hour.astype(np.int64) % 24
    expected, noise = usual.expected[own_hour], usual.noise[own_hour]
    rates = [_rate(homes, span, slots, delta) for span in spans]
    slow = _rate(calm, SLOW_SPAN, slots, delta)
    middle = np.where(aired, np.nan, rates[1])
    model = _Model(
        rates, slow, noise, usual.base_rate[own_hour], aired, least_rates, least_slow_rate
    )
    shared = _of_other_sources(middle - expected, source)
    shared_slow = _of_other_sources(slow - expected, source)
    beyond = middle - shared
    is_habit = _is_habit(beyond, usual.habit[own_hour])
    silent = np.isnan(homes[CONTEXT_SLOTS:]) | np.isnan(rates[0]) | is_habit
    score = np.where(
        silent, np.float32(0.0), model.score(expected + shared, expected + shared_slow)
    )
    return Falls(
        score,
        votes_of(score),
        _is_no_sunset(homes, calm, hour) | is_quiet(votes_of(score), source)[:, source],
        np.where(silent, np.float32(0.0), model.score(expected, expected)),
        beyond,
        aired | is_habit,
    )


def _is_habit(rate: Celsius, habit: Celsius) -> Mask:
    """Say where a home falls as it does at this hour on most days: then it has no say."""
    return np.asarray((habit >= HABIT_RATE) & ~(rate > HABIT_FACTOR * habit))


@dataclass(frozen=True, slots=True)
class _Model:
    """Rates of falls, and what they are held against."""

    rates: list[Celsius]
    slow: Celsius
    noise: Celsius
    base_rate: Celsius
    aired: Mask
    least_rates: tuple[float, ...]
    least_slow_rate: float

    def score(self, expected: Celsius, expected_slow: Celsius) -> npt.NDArray[np.float32]:
        """Return the best score of all spans; of an aired home only that of the slow curve."""
        best = np.full(self.slow.shape, -np.inf)
        for rate, least, wider in zip(self.rates, self.least_rates, SPAN_NOISE, strict=True):
            own = _score(rate - expected, wider * self.noise, least, self.base_rate)
            best = np.fmax(best, own)
        noise = SPAN_NOISE[-1] * self.noise
        long = _score(self.slow - expected_slow, noise, self.least_slow_rate, self.base_rate)
        alone = np.maximum(np.nan_to_num(long), 0.0)
        best = np.where(self.aired, alone, np.fmax(best, long))
        return np.where(np.isfinite(best), best, 0.0).astype(np.float32)


def _score(
    rate: Celsius,
    noise: Celsius,
    least: float,
    base_rate: Celsius,
    most: float = MOST_RATE,
    warm_share: float = WARM_SHARE,
) -> Celsius:
    """Return the logarithm of the likelihood of no heat to that of heat; NaN stays. [nat]

    Without heat the rate is uniform between ``least`` and ``most``, blurred by the noise, and in
    ``warm_share`` of homes as with heat. With heat the tail is exponential: of every thousandth
    that households fall faster in an hour only half are left. (measured on simulated homes, by
    night and by day.) And in ``base_rate`` of slots homes fall as without heat.
    """
    spread = 1.702 / noise  # a logistic curve of this slope is a normal one to within 0.01
    cold = 1.0 / (1.0 + np.exp(-np.clip((rate - least) * spread, -30.0, 30.0)))
    cold -= 1.0 / (1.0 + np.exp(-np.clip((rate - most) * spread, -30.0, 30.0)))
    cold = np.maximum(cold, 0.0) / (most - least)
    warm = np.exp(-np.minimum(np.maximum(rate, 0.0) / noise, 200.0)) / (2 * noise)
    without = (1.0 - warm_share) * cold + warm_share * warm
    with_heat = (1.0 - base_rate) * warm + base_rate * cold
    return np.asarray(np.log((without + 1e-12) / (with_heat + 1e-12)))


def _aired(homes: Celsius, delta: Celsius, slots: int) -> Mask:
    """Say when a home fell too steeply for a stop of heating within the last hours."""
    steep = np.zeros((slots + AIRING_SLOTS - 1, homes.shape[1]), bool)
    near = homes[len(homes) - len(steep) - len(STEEP_KELVIN) :]
    far = delta[len(delta) - len(steep) :]
    for span, (kelvin, share) in enumerate(zip(STEEP_KELVIN, STEEP_SHARE, strict=True), 1):
        fall = near[:-span] - near[span:]
        steep |= fall[len(fall) - len(steep) :] > np.maximum(kelvin, share * far)[:, None]
    count = np.vstack([np.zeros(homes.shape[1], np.int32), np.cumsum(steep, axis=0)])
    return np.asarray(count[AIRING_SLOTS:] > count[:-AIRING_SLOTS])


def _rate(curve: Celsius, span: int, slots: int, delta: Celsius) -> Celsius:
    """Return the fall over a span as a share of dT, of the last slots. [1/h]"""
    fall = curve[len(curve) - slots - span : len(curve) - span] - curve[len(curve) - slots :]
    return np.asarray(fall / (span / SLOTS_AN_HOUR * delta[:, None]))


def _of_other_sources(rate: Celsius, source: Indices) -> Celsius:
    """Return what the homes of other sources do at the same time, at least 0. [1/h]

    A cold front, dusk and a festival's morning are the same for all; a supplier is not. Each source
    counts once, by the median of its homes; with fewer than three sources that speak, the median of
    the others is only one source, which may itself have been cut: then the smaller fall counts.
    """
    sources = int(source.max(initial=-1)) + 1
    medians = np.full((len(rate), max(sources, 1)), np.nan)
    for index in range(sources):
        members = source == index
        if members.sum() >= LEAST_CONTROL_HOMES:
            medians[:, index] = across(rate[:, members])
    others = np.zeros_like(medians)
    for index in range(sources):
        rest = np.delete(medians, index, axis=1)
        if rest.shape[1]:
            value = across(rest) if rest.shape[1] > 2 else np.fmin.reduce(rest, axis=1)
            others[:, index] = np.maximum(np.nan_to_num(value), 0.0)
    return np.where(source >= 0, others[:, np.maximum(source, 0)], 0.0)


def is_quiet(vote: Votes, source: Indices) -> Mask:
    """Say when so few homes of all other sources fall that the sun cannot do it, (slots, sources).

    The last column stands for homes without a source.
    """
    sources = int(source.max(initial=-1)) + 1
    judged, falling = (np.zeros((len(vote), sources + 1), np.int64) for _ in range(2))
    for index in range(sources):
        members = vote[:, source == index]
        judged[:, index] = (members != VOID).sum(axis=1)
        falling[:, index] = (members == FALLING).sum(axis=1)
    others = judged.sum(axis=1, keepdims=True) - judged
    fall = falling.sum(axis=1, keepdims=True) - falling
    return np.asarray(fall < SUN_SHARE * others)


def _is_no_sunset(homes: Celsius, calm: Celsius, hour: Celsius) -> Mask:
    """Say where a fall cannot be the end of sunshine: by night, or below yesterday's minimum."""
    first, last = SUN_HOURS
    sunny = (hour >= first) & (hour < last)
    slots, before = len(hour), max(SPANS)
    day = calm[len(calm) - slots - before - DAY_SLOTS : len(calm) - before]
    lowest = -trailing_largest(-day, DAY_SLOTS)
    return np.asarray(~sunny[:, None] | (homes[CONTEXT_SLOTS:] < lowest - SUN_MARGIN))
