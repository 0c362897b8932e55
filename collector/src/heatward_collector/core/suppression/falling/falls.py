"""How likely it is that no heat comes to a home: evidence of a home and quarter of an hour.

The rate of a fall is measured as a share of the distance to the outdoor temperature, so that one
model serves mild and cold days. What is usual for the home at this hour is taken off, and what the
homes of other sources do more than usual. What is left is held against several hypotheses: heat has
been held back for so long, and homes cool so fast by it. Each home answers every hypothesis with a
log likelihood ratio; places add up the answers of their homes and choose the best hypothesis for
all of them together. What one window does is faster than any stop of the heating: a home that fell
so steeply has no say until its air had time to come back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.suppression.falling.airing import (
    AIRING_SLOTS,
    aired_lately,
    coarse_steps,
)
from heatward_collector.core.suppression.falling.other_sources import of_other_sources

SLOTS_AN_HOUR = 4
SPANS = (3, 4, 6, 9, 12)
"""For how long heat may have been held back: 45 min to 3 h. [slots]"""
MIDDLE = 2
"""The span over which rates are remembered: 1.5 h."""
CUT_RATES = (0.0035, 0.005, 0.0075, 0.011, 0.016)
"""How fast a home may cool by it, as a share of the distance to the outdoors. [1/h] (a home whose
time constant is 100 h loses 0.01 1/h without any heat, and half of it with half of the heat; its
air loses more in the first hour)"""
SPAN_NOISE = (1.8, 1.6, 1.32, 1.07, 0.95)
"""Noise over the spans relative to the mean deviation of rates over 1.5 h. (simulated homes)"""
TAIL = 5.0
"""Degrees of freedom of Student's law, which the noise of homes follows. (simulated homes)"""
CUT_SPREAD = 0.35
"""Homes differ by so much of the rate of a cut. (simulated homes)"""
WARM_SHARE = 0.12
"""Share of homes that stay warm without heat, by heaters, thermostats and people. (project rule)"""
FALLING_SCORE, SHARED_SCORE = 0.7, 0.3
"""From here on a home is called falling: twice as likely without heat as with; and together with
others, whose hypothesis it shares. [nat]"""
STEP_NOISE = 0.41
"""Rounding to steps makes this much noise of a difference, as a part of the step: 1 / sqrt(6)."""
HABIT_RATE, HABIT_FACTOR = 0.004, 1.7
"""A home that falls at least so much faster than others [1/h] at this hour on most days has a
program, and no say unless it falls this many times faster than then."""
DAY_SLOTS = 96
CONTEXT_SLOTS = DAY_SLOTS + 38
"""How much of the past is given with the slots of a day; a score rests on a part of it. [slots]"""
VOID, STEADY, FALLING = -1, 0, 1
CELLS_AT_ONCE = 32_768
"""So many slots of homes are worked on together: what one needs on the way are some 40 bytes, which
then stay in a core's own memory."""

Votes = npt.NDArray[np.int8]
Evidence = npt.NDArray[np.float32]
"""(hypotheses, slots, homes): logarithm of the likelihood of no heat, as the hypothesis has it, to
that of heat; 0 where a home has no say. [nat]"""


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
    course: Celsius
    """What it does on most days at this hour, whoever causes it; 0 while unknown. [1/h]"""


@dataclass(frozen=True, slots=True)
class Falls:
    """What every slot says of every home."""

    evidence: Evidence
    """One row for each of ``SPANS`` and ``CUT_RATES``."""
    vote: Votes
    """(slots, homes) VOID, STEADY or FALLING, by the hypothesis that fits the home best."""
    raw_evidence: Evidence
    """As ``evidence``, without regard to what other sources do; only of the longest span."""
    rate: Celsius
    """(slots, homes) fall over 1.5 h as a share of dT; NaN while aired. [1/h]"""
    aired: Mask
    """(slots, homes) whether it was aired lately, or falls out of habit: it is silent for a
    reason."""
    steep: Mask
    """(slots, homes) whether it was aired lately."""


def votes_of(evidence: Evidence, silent: Mask) -> Votes:
    """Return the votes that homes give by the hypothesis that fits each best, (slots, homes)."""
    best = evidence.max(axis=0)
    vote = np.where(best > FALLING_SCORE, np.int8(FALLING), np.int8(STEADY))
    vote[silent] = VOID
    return vote


def falls(
    homes: Celsius,
    delta: Celsius,
    hour: Celsius,
    source: Indices,
    usual: Usual,
    told: Mask,
) -> Falls:
    """Judge every home in every slot but the first ``CONTEXT_SLOTS``, which only give context.

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
    told : bool (CONTEXT_SLOTS + slots, homes)
        Of which homes a stop was declared for these hours: they are no measure for others.

    Returns
    -------
    Falls
        Of the slots behind the context. A slot without a value, or too soon after airing, is VOID.
    """
    slots = len(homes) - CONTEXT_SLOTS
    step, aired = _of_sensors(homes, delta, slots)
    delta, hour = delta[CONTEXT_SLOTS:], hour[CONTEXT_SLOTS:]
    aside = aired | told[CONTEXT_SLOTS:]
    own_hour = hour.astype(np.int64) % 24
    noise = usual.noise[own_hour]
    if step.any():
        hours = SPANS[MIDDLE] / SLOTS_AN_HOUR
        noise = np.maximum(noise, STEP_NOISE * step / (hours * delta[:, None]))
    highest = -np.log(usual.base_rate[own_hour])
    evidence = np.empty((len(SPANS) * len(CUT_RATES), slots, homes.shape[1]), np.float32)
    middle = residual = raw = np.zeros(evidence.shape[1:])
    silent = aired | np.isnan(homes[CONTEXT_SLOTS:])
    for index, (span, wider) in enumerate(zip(SPANS, SPAN_NOISE, strict=True)):
        rate = _rate(homes, span, slots, delta)
        silent |= np.isnan(rate) if index == 0 else False
        # A rate over a longer span belongs to an earlier hour than its end.
        centre = np.floor(hour - (span - SPANS[MIDDLE]) / 2 / SLOTS_AN_HOUR).astype(np.int64) % 24
        raw = rate - usual.expected[centre]
        beyond = raw - of_other_sources(np.where(aside, np.nan, raw), source)
        if index == MIDDLE:
            middle, residual = np.where(aired, np.nan, rate), beyond
        first = index * len(CUT_RATES)
        _weigh(beyond, wider * noise, highest, evidence[first : first + len(CUT_RATES)])
    raw_evidence = np.empty((len(CUT_RATES), *raw.shape), np.float32)
    _weigh(raw, SPAN_NOISE[-1] * noise, highest, raw_evidence)
    silent |= _is_habit(residual, usual, own_hour, source)
    evidence[:, silent], raw_evidence[:, silent] = 0.0, 0.0
    is_habit = silent & ~np.isnan(homes[CONTEXT_SLOTS:])
    return Falls(
        evidence, votes_of(evidence, silent), raw_evidence, middle, aired | is_habit, aired
    )


def _is_habit(
    residual: Celsius, usual: Usual, hour: npt.NDArray[np.int64], source: Indices
) -> Mask:
    """Say where a home falls as it does at this hour on most days: then it has no say.

    What homes of other sources do on most days too, as in the evening, is no program.
    """
    hours, back = np.unique(hour, return_inverse=True)
    habit = usual.habit[hours]
    own = (habit - of_other_sources(habit, source, 0.0))[back]
    rate = residual + np.minimum(own, usual.expected[hour])
    return np.asarray((own >= HABIT_RATE) & ~(rate > HABIT_FACTOR * own))


def _blocks(slots: int, homes: int) -> Iterator[slice]:
    """Yield all homes, so many of them as are worked on together in so many slots."""
    width = max(CELLS_AT_ONCE // max(slots, 1), 1)
    for first in range(0, homes, width):
        yield slice(first, first + width)


def _of_sensors(homes: Celsius, delta: Celsius, slots: int) -> tuple[Celsius, Mask]:
    """Return steps of coarse sensors [K], (homes,), and who was aired lately, (slots, homes)."""
    count = homes.shape[1]
    step, aired = np.empty(count), np.empty((slots, count), bool)
    for some in _blocks(slots + AIRING_SLOTS, count):
        step[some] = coarse_steps(homes[CONTEXT_SLOTS - DAY_SLOTS : CONTEXT_SLOTS, some])
        aired[:, some] = aired_lately(homes[:, some], delta, slots, step[some])
    return step, aired


def _weigh(rate: Celsius, noise: Celsius, highest: Celsius, result: Evidence) -> None:
    """Put the log likelihood ratio of cuts to none for each of the rates of a cut into a result.

    Without a cut the rate follows Student's law with the noise of the home. With it, the law moves
    by the rate of the cut and is wider, for homes differ; ``WARM_SHARE`` of homes does not notice
    it. What happens in ``exp(-highest)`` of slots without a cause cannot say more than that. Of a
    rate that is NaN it is 0.
    """
    half = np.float32((TAIL + 1) / 2)
    for some in _blocks(*rate.shape):
        own_noise, most = noise[:, some], highest[:, some].astype(np.float32)
        z = (rate[:, some] / own_noise).astype(np.float32)
        z = np.maximum(z, np.float32(0.0), out=z)  # warming up speaks against every cut
        without = np.log1p(z * z / TAIL)
        for index, cut in enumerate(CUT_RATES):
            moved = (cut / own_noise).astype(np.float32)
            wider = 1.0 + (CUT_SPREAD * moved) ** 2
            away = (z - moved) ** 2 / wider
            ratio = half * (without - np.log1p(away / TAIL)) - 0.5 * np.log(wider)
            ratio = np.log(WARM_SHARE + (1 - WARM_SHARE) * np.exp(np.minimum(ratio, 20.0)))
            ratio = np.minimum(ratio, most)
            ratio[np.isnan(ratio)] = 0.0
            result[index, :, some] = ratio


def _rate(curve: Celsius, span: int, slots: int, delta: Celsius) -> Celsius:
    """Return the fall over a span as a share of dT, of the last slots. [1/h]"""
    fall = curve[len(curve) - slots - span : len(curve) - span] - curve[len(curve) - slots :]
    return np.asarray(fall / (span / SLOTS_AN_HOUR * delta[:, None]))
