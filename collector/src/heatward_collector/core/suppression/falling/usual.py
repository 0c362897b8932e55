"""What a home usually does at each hour, from its own last two weeks: the measure of a fall.

Only whole days that are over speak, by medians, so that a few nights of suppressed heating do not
become usual themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.groups import members_of
from heatward_collector.core.suppression.falling.falls import FALLING, VOID, Falls, Usual
from heatward_collector.core.suppression.homes.medians import (
    across,
    across_others,
    down,
    quantiles_down,
)

DAYS = 14
"""How many days are remembered. [d]"""
HOURS = 24
OLDER_DAYS, EVENING = 31, (20, 21, 22, 23, 0, 1, 2)
"""Of so many days before those [d], these local hours: thermostats of a building have programs,
which are seen only on days on which its rooms are warm enough. [h]"""
NOISE_WITHOUT_PAST = 0.0016
"""Taken while a home has no past: three times what quiet simulated homes have. [1/h]"""
LEAST_NOISE = 0.001
"""Counting in sixteenths alone makes this much at 30 K to the outdoors. [1/h]"""
MOST_EXPECTED, LEAST_EXPECTED = 0.003, -0.010
"""A usual fall is believed up to the first, a usual rise up to the second: otherwise a nightly cut
would become usual. By day it may be larger. [1/h]"""
MOST_EXPECTED_BY_DAY = 0.006
NIGHT = (22, 6)
"""Local hours of the night. [h]"""
LEAST_BASE_RATE = 0.01
MOST_BASE_RATE = (0.03, 0.03, 0.03)
"""Between these is the share of slots in which a home falls without a cause, by night, in the
morning and by day: a week of nightly cuts must not pass for a habit. (project rule)"""
CLASSES = 3
"""Night, morning, day: the hours whose noise and base rate are pooled."""
QUIET_SHARE, NOISE_OF_QUIET = 0.3, 1.0 / 0.357
"""Noise is told from the quietest 30 % of hours, which lie within 0.357 of the mean deviation: a
week of nightly cuts among two weeks hardly moves it."""
MOST_NOISE = (0.002, 0.0025, 0.0025)
"""By night, in the morning and by day: what is larger is no noise but a cause. [1/h]"""
WANDER_DAYS = 10
"""Of fewer days nobody knows how steady a supply is: in the first ones homes warm up. [d]"""
WANDER_OF_MEDIAN = 1.48
"""A standard deviation is this many times the median size."""
LEAST_DAYS = 3
LEAST_HEARD = 0.25
"""A home spoke on a day of which it sent this share of slots. [1]"""
WARM_KELVIN = 1.5
"""Before the first day that was no colder than the last two by so much, heat had not come: such
days tell nothing of what homes do when it is there. [K] (simulated homes whose heat came late
became 2.5 to 5 K warmer)"""

FIRST_DAYS = 28
"""Sources get their heat within so many days: what is cold later on has other causes. [d]"""


@dataclass(frozen=True, slots=True)
class Past:
    """The last days of every home; a value, never changed in place."""

    rates: npt.NDArray[np.float32]
    """(DAYS, 24, homes): median fall of each hour as a share of dT, newest day last. [1/h]"""
    falling: npt.NDArray[np.float32]
    """(DAYS, 24, homes): share of each hour's slots in which it voted for a fall."""
    heard: npt.NDArray[np.float32]
    """(DAYS, homes): share of the day's slots with a value."""
    level: npt.NDArray[np.float16]
    """(DAYS, homes): median of the day. [degC]"""
    older: npt.NDArray[np.float16]
    """(OLDER_DAYS, hours of ``EVENING``, homes): as ``rates``, of the days before. [1/h]"""

    @classmethod
    def none(cls, homes: int) -> Past:
        """Return the past of homes that were never heard."""
        return cls(
            np.full((DAYS, HOURS, homes), np.nan, np.float32),
            np.full((DAYS, HOURS, homes), np.nan, np.float32),
            np.zeros((DAYS, homes), np.float32),
            np.full((DAYS, homes), np.nan, np.float16),
            np.full((OLDER_DAYS, len(EVENING), homes), np.nan, np.float16),
        )

    def after(self, falls: Falls, hour: Celsius, homes: Celsius, told: Mask) -> Past:
        """Return the past with one more day, whose slots these are.

        Parameters
        ----------
        falls : Falls
            Votes of the day's slots only.
        hour : float64 (slots,)
            Local hour of each slot. [h]
        homes : float64 (slots, homes)
            Temperatures of the day, NaN where missing. [degC]
        told : bool (slots, homes)
            Where a declared stop shows: that is no habit of a home.
        """
        count = homes.shape[1]
        rates = np.full((HOURS, count), np.nan, np.float32)
        falling = np.full((HOURS, count), np.nan, np.float32)
        vote = np.where(told, np.int8(VOID), falls.vote)
        rate = np.where(told, np.nan, falls.rate)
        for own in range(HOURS):
            inside = hour.astype(np.int64) == own
            if inside.any():
                rates[own] = down(rate[inside])
                heard = (vote[inside] != VOID).sum(axis=0)
                share = (vote[inside] == FALLING).sum(axis=0) / np.maximum(heard, 1)
                falling[own] = np.where(heard > 0, share, np.nan)
        present = (~np.isnan(homes)).mean(axis=0).astype(np.float32)
        level = down(homes).astype(np.float16)
        return Past(
            np.concatenate([self.rates[1:], rates[None]]),
            np.concatenate([self.falling[1:], falling[None]]),
            np.concatenate([self.heard[1:], present[None]]),
            np.concatenate([self.level[1:], level[None]]),
            np.concatenate([self.older[1:], self.rates[:1, EVENING].astype(np.float16)]),
        )

    def usual(self) -> Usual:
        """Return what every home usually does at each hour."""
        expected = down(self.rates)
        hours = np.arange(HOURS)
        classes = class_of(hours.astype(np.float64))
        most = np.where(classes == 0, MOST_EXPECTED, MOST_EXPECTED_BY_DAY)
        known = (~np.isnan(self.rates)).sum(axis=0) >= LEAST_DAYS
        habit = np.where(known, expected, 0.0)
        expected = np.clip(habit, LEAST_EXPECTED, most[:, None])
        noise = np.empty(expected.shape)
        for one in range(CLASSES):
            own = classes == one
            away = np.abs(self.rates[:, own] - expected[own])
            spread = NOISE_OF_QUIET * quantiles_down(away.reshape(-1, away.shape[-1]), QUIET_SHARE)
            noise[own] = np.clip(
                np.where(np.isnan(spread), NOISE_WITHOUT_PAST, spread), LEAST_NOISE, MOST_NOISE[one]
            )
        noise = np.where(known, noise, NOISE_WITHOUT_PAST)
        near = np.maximum(np.roll(habit, 1, axis=0), np.roll(habit, -1, axis=0))
        return Usual(expected, np.maximum(habit, near), noise, self._base_rate(classes), habit)

    def _base_rate(self, classes: npt.NDArray[np.int64]) -> Celsius:
        """Return in which share of slots homes fall anyway, the hours before and after counted."""
        near = np.stack([np.roll(self.falling, shift, axis=1) for shift in (-1, 0, 1)])
        known = ~np.isnan(near)
        total = np.where(known, near, 0.0).sum(axis=(0, 1))
        share = total / np.maximum(known.sum(axis=(0, 1)), 1)
        highest = np.array(MOST_BASE_RATE)[classes][:, None]
        return np.asarray(np.clip(share, LEAST_BASE_RATE, highest))

    def fastest(self, hour: float, hours: int) -> Iterator[Celsius]:
        """Yield the fastest fall of each home within some hours, day by day, (homes,). [1/h]

        Newest day last; where these are hours of the evening, ``OLDER_DAYS`` more than ``DAYS``.
        All days of a city at once would be larger than anything else that is known of it.
        """
        within = [(int(hour) + one) % HOURS for one in range(hours)]
        if set(within) <= set(EVENING):
            index = [EVENING.index(one) for one in within]
            for day in self.older:
                yield np.fmax.reduce(day[index].astype(np.float32), axis=0).astype(np.float64)
        for day in self.rates:
            yield np.fmax.reduce(day[within], axis=0).astype(np.float64)

    def wander(self, course: Celsius, source: Indices, sources: int) -> Celsius:
        """Return how much all homes of a source usually wander together, (2, sources). [1/h]

        By night and by day: the usual size of what its median home does otherwise than usual at an
        hour, and otherwise than other sources do. A supply that is not steady moves all its homes.

        Parameters
        ----------
        course : float64 (24, homes)
            What homes do on most days at each hour. [1/h]
        source : int32 (homes,)
            Source of each home, -1 for none.
        sources : int
            How many there are.
        """
        away = np.full((DAYS * HOURS, sources), np.nan)
        for index, members in enumerate(members_of(source, sources)):
            own = self.rates[:, :, members] - course[:, members]
            middle = across(own.reshape(len(away), len(members)))
            days = (~np.isnan(middle)).reshape(DAYS, HOURS).any(axis=1).sum()
            if days >= WANDER_DAYS:
                away[:, index] = middle
        if sources > 1:
            away = away - np.nan_to_num(across_others(away))
        size = np.abs(away)
        is_night = np.tile(class_of(np.arange(HOURS, dtype=np.float64)) == 0, DAYS)
        parts = [down(size[which]) for which in (is_night, ~is_night)]
        return np.asarray(WANDER_OF_MEDIAN * np.nan_to_num(np.stack(parts)))

    def days(self, homes: Indices) -> npt.NDArray[np.int64]:
        """Say for how many of the days some homes spoke, (n,)."""
        return np.asarray((self.heard[:, homes] >= LEAST_HEARD).sum(axis=0))

    def warm_days(self, homes: Indices) -> npt.NDArray[np.int64]:
        """Say for how many of the days some homes spoke since heat has come, (n,).

        Only of homes that were not watched for longer than ``DAYS``: what is colder later on has
        other causes.
        """
        level = self.level[:, homes].astype(np.float32)
        is_warm = level >= np.fmin(level[-1], level[-2]) - WARM_KELVIN
        is_new = np.isnan(self.older[:, :, homes]).all(axis=(0, 1))
        first = np.where(is_new & is_warm.any(axis=0), is_warm.argmax(axis=0), 0)
        is_since = np.arange(DAYS)[:, None] >= first
        return np.asarray(((self.heard[:, homes] >= LEAST_HEARD) & is_since).sum(axis=0))

    def are_new(self, homes: Indices, days: int = FIRST_DAYS) -> npt.NDArray[np.bool_]:
        """Say which homes have been watched for so many days at most, (n,)."""
        before = self.older[: DAYS + OLDER_DAYS - days][:, :, homes]
        return np.asarray(np.isnan(before).all(axis=(0, 1)))

    def was_heard(self, days: int = 7) -> npt.NDArray[np.bool_]:
        """Say which homes spoke in the last days, (homes,): their silence now is noticed."""
        return np.asarray(self.heard[-days:].max(axis=0) >= LEAST_HEARD)


def class_of(hour: Celsius) -> npt.NDArray[np.int64]:
    """Return 0 for the night, 1 for the morning until 10, 2 for the day."""
    first, last = NIGHT
    whole = hour.astype(np.int64) % HOURS
    night = (whole >= first) | (whole < last)
    return np.asarray(np.where(night, 0, np.where(whole < 10, 1, 2)))
