"""When places began to fall, by days, weather and what is known beforehand."""

from __future__ import annotations

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.onset import (
    Prior,
    Shapes,
    Wander,
    departure,
    evidence,
)

DAYS = 40
WANDER = Wander(0.3, 0.65, 0.78, 0.05)
PRIOR = Prior(np.zeros(2), np.array([1.0, 0.05]), WANDER)
SHAPES = Shapes.of(DAYS)
COOLER = np.linspace(5.0, -15.0, DAYS)


def _terms(outdoor=COOLER, places=1):
    one = np.stack([np.ones(len(outdoor)), outdoor], axis=1)
    return np.repeat(one[:, None, :], places, axis=1)


def _wandering(seed, places):
    root = np.linalg.cholesky(WANDER.covariance(DAYS))
    return root @ np.random.default_rng(seed).normal(size=(DAYS, places))


def _fallen(kelvin, since):
    day = np.arange(DAYS)
    after = 1.0 - np.exp(-(day - since + 0.5) / 2.5)
    return -kelvin * np.where(day >= since, after, 0.0)[:, None]


def _best(value, terms=None, scale=1.0):
    terms = _terms(places=value.shape[1]) if terms is None else terms
    found = evidence(value, terms, PRIOR, np.full(value.shape[1], scale), SHAPES)
    best = int(found.statistic[0].argmax())
    return found.statistic[0, best], found.fall[0, best], SHAPES.first[best]


def test_a_step_is_told_with_its_day_and_its_depth():
    statistic, fall, onset = _best(_fallen(2.0, 32))
    assert statistic == pytest.approx(5.9, abs=0.1)
    assert fall == pytest.approx(2.0, abs=0.25)
    assert onset == 32


def test_a_slow_fall_is_told_as_one():
    day = np.arange(DAYS)
    value = -np.maximum(day - 18, 0)[:, None] * 0.1
    found = evidence(value, _terms(places=1), PRIOR, np.ones(1), SHAPES)
    assert SHAPES.cost[int(found.statistic[0].argmax())] > 0


def test_a_rise_is_no_fall():
    statistic, _, _ = _best(-_fallen(2.0, 32))
    assert statistic < 1.0


def test_what_the_weather_may_explain_counts_for_less():
    sudden = np.where(np.arange(DAYS) >= 32, -30.0, 0.0)
    steady = np.zeros(DAYS)
    falls = _fallen(2.0, 32)
    assert _best(falls, _terms(sudden))[0] < 0.9 * _best(falls, _terms(steady))[0]


def test_a_place_that_wanders_twice_as_far_needs_twice_the_fall():
    calm = np.zeros((DAYS, 1))
    near = evidence(calm + _fallen(2.0, 32), _terms(), PRIOR, np.ones(1), SHAPES)
    wide = Prior(PRIOR.mean, PRIOR.deviation * 2, WANDER)
    far = evidence(calm + _fallen(4.0, 32), _terms(), wide, np.full(1, 2.0), SHAPES)
    step = int(near.statistic[0].argmax())
    # The chance of a single day grows along, so that both are the same question.
    assert far.statistic[0, step] == pytest.approx(near.statistic[0, step], rel=1e-6)
    assert far.fall[0, step] == pytest.approx(2 * near.fall[0, step], rel=1e-6)


def test_surprises_of_what_wanders_as_it_is_known_to_have_a_deviation_of_one():
    places = 300
    terms = _terms(places=places)
    factors = np.random.default_rng(1).normal(size=(places, 2)) * PRIOR.deviation
    value = np.einsum("dpf,pf->dp", terms, factors) + _wandering(2, places)
    surprise = evidence(value, terms, PRIOR, np.ones(places), SHAPES).surprise
    assert surprise.std() == pytest.approx(1.0, abs=0.03)
    assert abs(surprise.mean()) < 0.03


def test_later_days_change_no_surprise_of_earlier_ones():
    value = _wandering(3, 4)
    other = value.copy()
    other[30:] -= 5.0
    one, two = (
        evidence(values, _terms(places=4), PRIOR, np.ones(4), SHAPES).surprise
        for values in (value, other)
    )
    assert np.allclose(one[:30], two[:30])
    assert not np.allclose(one[30], two[30])


def test_an_unknown_day_says_nothing():
    value = _wandering(4, 1) + _fallen(3.0, 30)
    value[20] = np.nan
    terms, spoilt = _terms(), _terms()
    spoilt[20] = 1e3
    one, two = (evidence(value, each, PRIOR, np.ones(1), SHAPES) for each in (terms, spoilt))
    assert np.array_equal(one.statistic, two.statistic)
    assert np.isnan(one.surprise[20, 0])
    assert not np.isnan(np.delete(one.surprise[:, 0], 20)).any()


def test_many_places_are_judged_as_each_alone():
    value = _wandering(5, 300)
    terms = _terms(places=300)
    scale = np.linspace(0.8, 1.5, 300)
    whole = evidence(value, terms, PRIOR, scale, SHAPES)
    for place in (0, 255, 256, 299):
        part = slice(place, place + 1)
        alone = evidence(value[:, part], terms[:, part], PRIOR, scale[part], SHAPES)
        assert np.allclose(whole.statistic[place], alone.statistic[0], atol=1e-6)
        assert np.allclose(whole.surprise[:, place], alone.surprise[:, 0], atol=1e-6)


def test_a_departure_is_the_fall_since_the_days_that_were_learnt_from():
    value = 1.0 + 0.05 * COOLER[:, None] + _fallen(3.0, 30)
    learns = (np.arange(DAYS) < 30)[:, None]
    off = departure(value, _terms(), PRIOR, np.ones(1), learns)[:, 0]
    assert np.abs(off[:30]).max() < 0.05
    assert off[-1] == pytest.approx(-2.95, abs=0.15)


def test_wandering_that_was_seen_is_expected_to_be_forgotten():
    value = np.zeros((DAYS, 1))
    value[25:30] = -0.6
    learns = (np.arange(DAYS) < 30)[:, None]
    off = departure(value, _terms(np.zeros(DAYS)), PRIOR, np.ones(1), learns)[:, 0]
    assert 0.4 < off[30] < 0.6
    assert off[39] < 0.25
