"""Invented but plausible rooms of the sample district, one step of five minutes after the other.

One supplier heats well; the other's boiler house is too weak for its estate, so that a demo shows
every verdict. This is for looking at, not for judging a detector.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from heatward_collector.core import Celsius, Mask
from heatward_collector.registry import Directory

STEP_S = 300
WEAK_SOURCE = "so-beichen"
WEAK_KELVIN = -3.4
"""What the weak source's rooms lack. [K]"""
LUKEWARM_BUILDING = "b002"
LUKEWARM_KELVIN = -1.3
TAU_H = (35.0, 80.0)
"""Range of the rooms' time constants. [h] (real stops gave 45 to 157 h for whole flats)"""
SPREAD_KELVIN = 0.5
MEAN_CELSIUS = 21.8
NOISE_KELVIN = 0.03
WEATHER_H = 6.0
"""The sources follow the weather of the last hours. [h]"""
AIRING_UTC_HOURS = (21.0, 27.0)
"""Each home opens a window once a day, somewhen from five to eleven in the morning. [h]"""
AIRING_LOSS = 0.03
"""How far air comes to that outdoors while a household airs."""
AIR_H = (0.15, 0.5)
"""How fast air follows an open window, and the walls once it is closed. [h]"""
PIPES_SHARE = 0.05
"""What a stopped source still gives: its pipes are warm."""
RADIATOR_SHARE = 0.4
"""How far a probe at a radiator lies above the room, of what the radiator must give."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What is done to rooms during a step; arrays (points,)."""

    stopped: Mask
    """No heat."""
    lack_kelvin: Celsius
    """So much less heat as would make a room colder by this. [K]"""
    window_loss: Celsius
    """How far air comes to that outdoors through open windows, 0 to 1."""
    at_radiator: Mask
    """Their probe hangs at the radiator."""

    @classmethod
    def nothing(cls, points: int) -> Effects:
        """Return a step in which nobody does anything."""
        none = np.zeros(points, bool)
        return cls(none, np.zeros(points), np.zeros(points), none.copy())


@dataclass(slots=True)
class Rooms:
    """The district's rooms at one moment."""

    directory: Directory
    seed: int
    _random: np.random.Generator = field(init=False)
    _target: Celsius = field(init=False)
    _gain: Celsius = field(init=False)
    _airing: Celsius = field(init=False)
    _walls: Celsius = field(init=False)
    _air: Celsius = field(init=False)
    """What the air differs from the walls. [K]"""
    _outdoor_mean: float = field(init=False, default=float("nan"))
    _is_outdoor: Mask = field(init=False)

    def __post_init__(self) -> None:
        points, count = self.directory.points, len(self.directory.points)
        self._random = np.random.default_rng([self.seed, 1])
        weak = self.fed_by(WEAK_SOURCE)
        lukewarm = np.array([point.building == LUKEWARM_BUILDING for point in points])
        self._target = MEAN_CELSIUS + self._random.normal(0, SPREAD_KELVIN, count)
        self._target += np.where(weak, WEAK_KELVIN, 0) + np.where(lukewarm, LUKEWARM_KELVIN, 0)
        self._gain = STEP_S / (3600 * self._random.uniform(*TAU_H, count))
        self._airing = self._random.uniform(*AIRING_UTC_HOURS, count) % 24
        self._walls, self._air = self._target.copy(), np.zeros(count)
        self._is_outdoor = np.array([point.is_outdoor for point in points])

    def fed_by(self, source: str) -> Mask:
        """Say which points hang on a heat source, (points,)."""
        zones = [point.zone for point in self.directory.points]
        return np.array([source_of(self.directory, zone) == source for zone in zones])

    def step(self, time_s: int, outdoor: float, effects: Effects) -> Celsius:
        """Go on by one step; return what the sensors show then, (points,). [degC]

        First-order walls: ``tau dT/dt = (outdoor + heat) - T``, heat compensated for the weather of
        the last hours. The air stands where the walls are, but for open windows.
        """
        if np.isnan(self._outdoor_mean):
            self._outdoor_mean = outdoor
        self._outdoor_mean += (outdoor - self._outdoor_mean) * STEP_S / (WEATHER_H * 3600)
        heat = self._target - effects.lack_kelvin - self._outdoor_mean
        heat = np.where(effects.stopped, PIPES_SHARE * heat, heat)
        self._walls = self._walls + self._gain * (outdoor + heat - self._walls)
        hour = time_s % 86_400 / 3600
        is_airing = np.abs(hour - self._airing) < 0.2
        loss = np.maximum(effects.window_loss, np.where(is_airing, AIRING_LOSS, 0.0))
        goal = loss * (outdoor - self._walls)
        follows = np.where(loss > 0, AIR_H[0], AIR_H[1])
        self._air = goal + (self._air - goal) * np.exp(-STEP_S / 3600 / follows)
        shown = self._walls + self._air + self._random.normal(0, NOISE_KELVIN, len(self._walls))
        shown = shown + np.where(effects.at_radiator, RADIATOR_SHARE * heat, 0.0)
        return np.where(self._is_outdoor, outdoor, shown)


def source_of(directory: Directory, zone: str) -> str:
    """Return the heat source of a zone; an empty text outdoors."""
    if not zone:
        return ""
    substation = directory.tables["zone"][zone]["substation"]
    return str(directory.tables["substation"][substation]["source"])
