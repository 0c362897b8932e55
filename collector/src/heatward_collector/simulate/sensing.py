"""How sensors, nodes and links fail: how often, and what is asked of one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Placement(StrEnum):
    """Where in its room a sensor hangs."""

    GOOD = "good"
    WINDOW = "window"
    """On the sill: colder, quick, and in the sun."""
    RADIATOR = "radiator"
    KITCHEN = "kitchen"
    REFRIGERATOR = "refrigerator"
    LAMP = "lamp"
    INNER_WALL = "inner_wall"
    """Behind furniture: hours late."""


class FaultKind(StrEnum):
    """What a sensor says or fails to say."""

    POWER_ON = "power_on"
    """85.0: the value of a sensor that has measured nothing yet."""
    SHORT = "short"
    """127.94: the highest code, from a bad wire."""
    DISCONNECTED = "disconnected"
    """-127: what many drivers say for an absent sensor."""
    MISSING = "missing"
    STUCK = "stuck"
    DRIFT = "drift"
    """``kelvin`` a week, kept when it ends."""
    SPIKE = "spike"
    """``kelvin`` off."""
    HAND_WARMED = "hand_warmed"
    """``kelvin`` warmer for some minutes, as before a visit."""
    LATE = "late"
    """Measured in time, and arrives when it ends: the node's link is down."""
    STRAY = "stray"
    """One reading that arrives when it ends, and the ones after it do not wait."""
    REPEATED = "repeated"
    """One reading that arrives once more when it ends."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the sensor of a room from one time to another."""

    kind: FaultKind
    room: str
    start_s: int
    end_s: int
    kelvin: float = 0.0


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a fault begins, how long it lasts, and how strong it is."""

    per_day: float
    hours: tuple[float, float] = (0.0, 0.0)
    """Spread evenly in log; none is one reading. [h]"""
    kelvin: tuple[float, float] = (0.0, 0.0)
    has_both_signs: bool = False


READINGS_PER_DAY = 288
SENSOR_RATES: Mapping[FaultKind, Rate] = {
    FaultKind.POWER_ON: Rate(2e-5 * READINGS_PER_DAY),
    FaultKind.SHORT: Rate(1e-5 * READINGS_PER_DAY),
    FaultKind.DISCONNECTED: Rate(2e-5 * READINGS_PER_DAY, (0.05, 1.0)),
    FaultKind.MISSING: Rate(5e-3 * READINGS_PER_DAY),
    FaultKind.STUCK: Rate(0.003, (6.0, 24.0)),
    FaultKind.DRIFT: Rate(0.03 / 180, (3 * 168.0, 8 * 168.0), (0.3, 0.8), True),
    FaultKind.SPIKE: Rate(5e-5 * READINGS_PER_DAY, kelvin=(3.0, 20.0), has_both_signs=True),
    FaultKind.HAND_WARMED: Rate(0.002, (0.2, 0.5), (3.0, 9.0)),
    FaultKind.STRAY: Rate(2e-3 * READINGS_PER_DAY, (0.1, 4.0)),
    FaultKind.REPEATED: Rate(3e-3 * READINGS_PER_DAY, (0.02, 2.0)),
}
"""Of each sensor. Invented to be plausible; a drift of 3 % of the sensors in a season."""
HOME_RATES: Mapping[FaultKind, Rate] = {
    FaultKind.MISSING: Rate(0.014, (0.3, 240.0)),
    FaultKind.LATE: Rate(0.03, (0.2, 30.0)),
}
"""Of each home: its node is down, or its link."""
BUILDING_RATES: Mapping[FaultKind, Rate] = {FaultKind.MISSING: Rate(0.3 / 180, (0.5, 5.0))}
"""Of each building: a power cut takes its nodes while the heating goes on."""


@dataclass(frozen=True, slots=True)
class Sensing:
    """How well a season is measured; the defaults are those of every planned season."""

    bias_kelvin: float = 0.15
    """Standard deviation; the data sheet's +-0.5 as limits of about three of it. [K]"""
    noise_kelvin: float = 0.03
    draught_kelvin: float = 0.08
    """Slow mixing of a room's air at the sensor, hour by hour. [K]"""
    bad_places: float = 0.08
    """Share of sensors that do not hang well, split evenly over the ways."""
    sensor_rates: Mapping[FaultKind, Rate] = field(default_factory=lambda: SENSOR_RATES)
    home_rates: Mapping[FaultKind, Rate] = field(default_factory=lambda: HOME_RATES)
    building_rates: Mapping[FaultKind, Rate] = field(default_factory=lambda: BUILDING_RATES)
    power_on_after_gap: float = 0.2
    placements: Mapping[str, Placement] = field(default_factory=dict)
    """Asked for rooms by name; the others are drawn."""
    faults: tuple[Fault, ...] = ()


NO_FAULTS = Sensing(
    bad_places=0.0, sensor_rates={}, home_rates={}, building_rates={}, power_on_after_gap=0.0
)
"""Sensors that are only a little off: what a stream with faults is compared with."""
