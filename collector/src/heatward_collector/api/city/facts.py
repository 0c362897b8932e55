"""What a page can say: plain facts about buildings, homes and rooms, without any wording."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Times: TypeAlias = npt.NDArray[np.int64]
Celsius: TypeAlias = npt.NDArray[np.float64]


class Judgement(StrEnum):
    """The verdict on a day, as the heating standard and the uncertainty allow it."""

    BELOW = "below"
    MARGINAL_MINUS = "marginal_minus"
    MARGINAL_PLUS = "marginal_plus"
    MET = "met"
    NOT_JUDGEABLE = "not_judgeable"


class Standing(StrEnum):
    """What the badge of a building says, worst first; decided in :mod:`.standing`."""

    BELOW = "below"
    MARGINAL_MINUS = "marginal_minus"
    COLD_NOW = "cold_now"
    INTERRUPTED = "interrupted"
    NOT_JUDGEABLE = "not_judgeable"
    MARGINAL_PLUS = "marginal_plus"
    MET = "met"


@dataclass(frozen=True, slots=True)
class Name:
    """A public name in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Rule:
    """The heating standard in force, as far as a page shows it."""

    version: str
    city: Name
    minimum_celsius: float
    zone: ZoneInfo
    in_season: bool
    excluded_hours: tuple[int, int] | None
    """Local hours [from, to) in which no official measurement is taken."""
    source: Name


@dataclass(frozen=True, slots=True)
class BuildingDay:
    """One local day of a building; the denominator is ``homes_judged``."""

    day: date
    judgement: Judgement
    median_celsius: float | None
    homes_below: int
    homes_judged: int
    homes: int
    coverage: float | None
    revision: int = 0
    outdoor_celsius: float | None = None
    """Mean of the hours for which it is known; None where nobody measured outdoors."""
    outdoor_source: str = ""


@dataclass(frozen=True, slots=True)
class Building:
    """One building as the list shows it."""

    id: str
    name: Name
    estate: Name
    street: Name
    homes: int
    """Homes with at least one sensor assigned."""
    heard_at: int | None
    """When its newest reading was measured. [s, UTC]"""
    median_now: float | None
    """Median of its homes over the last hour. [degC]"""
    last_day: BuildingDay | None
    """The last complete local day."""
    today: BuildingDay | None


@dataclass(frozen=True, slots=True)
class Survey:
    """Every building at one moment, with the rule they are judged by."""

    buildings: tuple[Building, ...]
    rule: Rule
    heard_at: int | None
    """When the newest reading of all was measured. [s, UTC]"""
    outdoor_celsius: float | None
    outdoor_source: str = ""
    """Who measured it: our sensors, or the service or file by its name."""
    ranked: tuple[tuple[Building, Standing], ...] | None = None
    """Every building with how it stood at that moment, worst first; None where nobody ranked."""


@dataclass(frozen=True, slots=True)
class RoomDay:
    """One local day of a room."""

    day: date
    judgement: Judgement
    mean_celsius: float | None
    minimum_celsius: float | None
    hours_below: float | None
    degree_hours: float | None
    coverage: float
    guard_kelvin: float | None
    """How far from the standard a mean must be before it is called; 95 % one-sided."""
    calibrated: bool
    rule_version: str
    not_judged: str | None = None
    """Why this room is never judged: its use, its placement, suspended service."""
    revision: int = 0
    """How often the verdict has changed since the day was first judged."""


@dataclass(frozen=True, slots=True)
class Room:
    """One measuring point of a home, by opaque ids only."""

    id: str
    use: str
    home: str
    building: str
    heard_at: int | None
    celsius_now: float | None
    last_day: RoomDay | None
    number: int | None = None
    """Which of the home's rooms of this use it is, from 1; none where it is the only one."""


@dataclass(frozen=True, slots=True)
class BuildingFile:
    """Everything the page of one building shows."""

    building: Building
    days: tuple[BuildingDay, ...]
    rooms: tuple[Room, ...]


@dataclass(frozen=True, slots=True)
class RoomFile:
    """Everything the page of one room shows."""

    room: Room
    building: Building
    days: tuple[RoomDay, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """A temperature over time; ``low`` and ``high`` are the quartiles where there is a band."""

    time_s: Times
    celsius: Celsius
    low: Celsius | None = None
    high: Celsius | None = None

    def __post_init__(self) -> None:
        for values in (self.celsius, self.low, self.high):
            if values is not None and values.shape != self.time_s.shape:
                raise ValueError("every value of a curve needs its time")
