"""What is doubted about where a sensor hangs, and what it is doubted from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from heatward_collector.core import Celsius, Indices


class DoubtKind(StrEnum):
    """What a sensor seems to feel instead of the air of its room."""

    RADIATOR = "radiator"
    """Its warmth goes as soon as the building's heat does."""
    REFRIGERATOR = "refrigerator"
    """Warmed on and off round the clock."""
    SILL = "sill"
    """Colder than the others, and follows the outdoor temperature within the hour."""
    LAMP = "lamp"
    """Warmed by the same amount at the same hours of most evenings."""
    INNER_WALL = "inner_wall"
    """What the others feel comes hours later and smoothed."""
    HAND_WARMED = "hand_warmed"
    """Once, within minutes, and for less than an hour."""
    MOVED = "moved"
    """From one hour to the next at another level, and it stays there."""
    EXCHANGED = "exchanged"
    """Two moved at once, each to the level of the other."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """Readings of rooms on a grid of 5 or 15 min, and what is known beside them."""

    start_s: int
    """Begin of the first slot. [s UTC]"""
    slot_s: int
    """Width of a slot, 300 or 900. [s]"""
    celsius: Celsius
    """float64 (slots, rooms): one reading a slot, not held; NaN where there is none. [degC]"""
    outdoor: Celsius
    """float64 (slots,), NaN where it is not known. [degC]"""
    hour: Celsius
    """float64 (slots,): local hour of the day at the begin of each slot. [h]"""
    group: Indices
    """int32 (rooms,): rooms of one number are compared with each other, -1 with none."""

    def __post_init__(self) -> None:
        slots, rooms = self.celsius.shape
        if self.slot_s not in (300, 900):
            raise ValueError(f"slots of 300 or 900 s, not {self.slot_s}")
        if len(self.outdoor) != slots or len(self.hour) != slots or len(self.group) != rooms:
            raise ValueError("outdoor, hour or group do not fit the readings")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reason to go and look at one sensor: it judges nobody, and changes no verdict."""

    room: int
    """Column of the readings."""
    kind: DoubtKind
    start_s: int
    end_s: int
    """What was seen, from and to. [s UTC]"""
    strength: float
    """How far beyond its threshold the deciding number lies: 0 just reached it, 1 without end."""
    evidence: Mapping[str, float]
    """Numbers with their units in their names."""


def strength_of(value: float, threshold: float) -> float:
    """Return how far a number of the same sign lies beyond its threshold, in [0, 1)."""
    return max(0.0, 1.0 - threshold / value) if value else 0.0
