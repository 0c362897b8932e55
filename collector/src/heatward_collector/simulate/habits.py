"""How often people do what changes their rooms, and what they are asked to do at a given time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Habits:
    """Rates of what households do; the defaults are those of every planned season.

    The shares of shared airing, night programs and heaters are the least that detection is held
    against; the others are invented to be plausible.
    """

    airing_per_day: float = 0.8
    airing_minutes: tuple[float, float] = (10.0, 60.0)
    town_airing_mornings: float = 0.05
    building_airing_mornings: float = 0.05
    """A building so sees shared airing on 10 % of its mornings, half of them with the town."""
    shared_minutes: tuple[float, float] = (20.0, 50.0)
    shared_join: tuple[float, float] = (0.5, 1.0)
    """Share of a building's homes that open their windows on such a morning."""
    leaks_per_season: float = 0.2
    """After a leak a whole stairwell is aired to dry. [per building]"""
    leak_hours: tuple[float, float] = (1.0, 4.0)
    family_buildings: float = 0.25
    """Buildings in which two or three homes live by one pattern."""
    retired: float = 0.45
    """Homes in which somebody is in all day."""
    trips_per_season: float = 1.5
    trip_days: tuple[float, float] = (1.0, 10.0)
    festival_away: float = 0.35
    """Homes that leave for the Spring Festival."""
    turned_down_when_away: float = 0.3
    valves_closed_per_season: float = 0.10
    valve_days: tuple[float, float] = (2.0, 8.0)
    thermostats: float = 0.25
    thermostat_celsius: tuple[float, float] = (20.5, 24.0)
    night_program_buildings: float = 0.05
    programmed: tuple[str, ...] = ()
    """Buildings that certainly have night programs."""
    night_program_homes: float = 0.10
    """Thermostat homes elsewhere that lower their setpoint at night."""
    night_program_kelvin: float = 3.0
    heaters: float = 0.15
    heater_kelvin: tuple[float, float] = (6.0, 18.0)
    """An electric heater of 0.5 to 1.5 kW over a loss of 80 W/K."""
    heater_below_celsius: tuple[float, float] = (17.5, 19.5)
    venting_celsius: tuple[float, float] = (24.0, 27.0)
    """Who is too warm keeps a window ajar, as on sunny days of spring."""
    metered_cutters: float = 0.6
    """Metered homes that turn their heating down while they are at work, all at once."""


class Doing(StrEnum):
    """What homes can be asked to do at a given time."""

    AIRING = "airing"
    AWAY = "away"
    VALVES_CLOSED = "valves_closed"


@dataclass(frozen=True, slots=True)
class Incident:
    """Some homes do something from one time to another, on top of their habits."""

    doing: Doing
    homes: tuple[str, ...]
    start_s: int
    end_s: int


class Reason(StrEnum):
    """Why a home lawfully has less heat than others."""

    SUSPENDED = "suspended"
    """The resident applied for it before the season."""
    UNPAID = "unpaid"


@dataclass(frozen=True, slots=True)
class Limit:
    """A home that lawfully has less heat: the registry knows it, and it has no vote."""

    home: str
    reason: Reason
    start_s: int
    end_s: int
    residual: float = 0.0
