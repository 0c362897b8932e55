"""What really happened: actions of suppliers, cut into the periods that a finding must meet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from heatward_collector.core.suppression import Kind, Level

HOUR_S = 3600
NIGHT_HOURS = (22.0, 5.0)
"""A period that begins between these counts as a night's. [local h]"""
NIGHT_RESIDUAL, NIGHT_LENGTH_S = 0.5, 2 * HOUR_S
"""A night's period counts up to this share of heat left, and from this length on. [1, s]"""
DAY_RESIDUAL, DAY_LENGTH_S = 0.3, 3 * HOUR_S
"""The same for any other hour. [1, s]"""
FLOOR_LENGTH_S = 8 * HOUR_S
"""Of floor heating only stops from this length on are claimed. [s]"""
LEAST_LIFT_KELVIN = 20.0
"""How much warmer than the outdoors homes must be at the beginning. [K]"""
LEAST_HOMES = 4
SERIES_NIGHTS = 3
"""A series of fewer periods than this may as well be called an outage."""


class Account(StrEnum):
    """The table in which a period is entered."""

    COUNTED = "counted"
    WEAK = "weak"
    """Below the floor: shown as a map, and findings on it are neither right nor wrong."""
    FLOOR_HEATING = "floor_heating"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True)
class OffPeriod:
    """One stretch of time in which a place got less heat than was due."""

    series: int
    """The action of the season to which it belongs, so that a night series is one."""
    kind: Kind
    level: Level
    place: str
    buildings: frozenset[str]
    """Those of which a finding must name half: with radiators, where the place has any."""
    on_s: int
    """When heat began to be held back. [s UTC]"""
    off_s: int
    """When the full heat came back. [s UTC]"""
    local_hour: float
    """Of the beginning. [h]"""
    residual: float
    """Share of the due heat that still came."""
    lift_kelvin: float
    """Homes minus outdoors (6 h) at the beginning; NaN where it is not known. [K]"""
    valid_homes: int
    is_floor_heated: bool = False
    """Whether no building of the place has radiators."""
    is_declared: bool = False
    slow_buildings: frozenset[str] = frozenset()
    """Further ones of the place, with floor heating: a finding may name them too."""

    def __post_init__(self) -> None:
        if self.off_s <= self.on_s:
            raise ValueError(f"the {self.kind} at {self.place} ends before it begins")

    @property
    def reach(self) -> frozenset[str]:
        """Every building of the place: a finding that names another one is wrong."""
        return self.buildings | self.slow_buildings

    @property
    def is_of_the_night(self) -> bool:
        first, last = NIGHT_HOURS
        return (self.local_hour - first) % 24 < (last - first) % 24

    @property
    def account(self) -> Account:
        """Return the table in which it is entered."""
        if self.is_declared:
            return Account.DECLARED
        if self.is_floor_heated:
            return Account.FLOOR_HEATING if self._reaches(FLOOR_LENGTH_S) else Account.WEAK
        return Account.COUNTED if self._reaches(0) else Account.WEAK

    def _reaches(self, least_s: int) -> bool:
        """Say whether it is strong enough to be claimed at all."""
        residual, length_s = DAY_RESIDUAL, DAY_LENGTH_S
        if self.is_of_the_night:
            residual, length_s = NIGHT_RESIDUAL, NIGHT_LENGTH_S
        return (
            self.residual <= residual
            and self.off_s - self.on_s >= max(length_s, least_s)
            and self.lift_kelvin >= LEAST_LIFT_KELVIN
            and self.valid_homes >= LEAST_HOMES
        )


@dataclass(frozen=True, slots=True)
class LongCut:
    """A slow action: throttling, a late start or an early stop."""

    kind: Kind
    level: Level
    place: str
    buildings: frozenset[str]
    from_s: int
    to_s: int
    residual: float
    is_declared: bool = False


def right_kinds(kind: Kind, periods: int) -> frozenset[Kind]:
    """Return what a series of so many periods may be called.

    One or two nights are no series yet: by the notice's words they may as well be an outage.
    """
    if kind in (Kind.NIGHT_INTERRUPTION, Kind.STOP_START) and periods < SERIES_NIGHTS:
        return frozenset({kind, Kind.OUTAGE})
    return frozenset({kind})
