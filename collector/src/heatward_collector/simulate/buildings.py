"""How rooms warm and cool: air over fabric, coupled through party walls, stepped through time.

Conductances are shares of a home's loss to the outdoors, so that heat is in kelvin: in the steady
state without neighbours ``air - outdoor`` equals the heat input.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.suppression.network import Level

from .calendar import HOUR_S
from .households import (
    HEATER_BELOW_CELSIUS,
    HEATER_KELVIN,
    NIGHT_PROGRAM_KELVIN,
    Households,
    is_programmed_night,
)
from .tree import Tree
from .weather import Weather

TAU_H = (50.0, 150.0)
"""Range of the time constants of whole homes. [h] (real stops gave 45 to 157)"""
AIR_TAU_H = (0.3, 0.6)
AIR_LOSS = 0.4
AIR_TO_FABRIC = 60.0
"""A full stop cools the air at once by 1 K for 60 K to the outdoors, and the rest is slow: in real
flats 7.5 h at 12 K cooled rooms by 0.4 to 1.0 K altogether."""
FABRIC_LOSS: float = (1.0 - AIR_LOSS) * AIR_TO_FABRIC / (AIR_TO_FABRIC - (1.0 - AIR_LOSS))
PARTY_WALL = (4.0, 9.0)
"""An unheated home settles 4 to 8 K below its neighbours at 40 K to the outdoors."""
AIRING_LOSS = (1.5, 8.0)
RADIATOR_LAG_H = 0.5
FLOOR_LAG_H = (6.0, 12.0)
SUN_KELVIN = (0.0, 12.0)
"""Heat of full sun: nothing on a north room, most on a south one. [K]"""
WIND_KELVIN = (0.0, 1.0)
HOME_KELVIN = 1.0
ROOM_KELVIN = 0.5
"""Standard deviations of what homes and rooms have beyond the building's heat. [K]"""
THERMOSTAT_BAND_KELVIN = 1.5


@dataclass(frozen=True, slots=True)
class Fabric:
    """Constants of rooms, (rooms,)."""

    tau_h: Celsius
    air_tau_h: Celsius
    party: Celsius
    airing: Celsius
    lag_h: Celsius
    sun: Celsius
    wind: Celsius
    share: Celsius
    """Heat input relative to what is due."""
    building: Indices


def fabric(tree: Tree, random: np.random.Generator) -> Fabric:
    """Draw the constants of every room: homes differ, rooms of one home less."""
    home = tree.room_home
    homes, rooms = len(tree.homes), len(home)
    floor = np.array([plan.has_floor_heating for plan in tree.homes])[home]
    extra = random.normal(0.0, HOME_KELVIN, homes)[home] + random.normal(0.0, ROOM_KELVIN, rooms)
    return Fabric(
        tau_h=random.uniform(*TAU_H, homes)[home],
        air_tau_h=random.uniform(*AIR_TAU_H, rooms),
        party=random.uniform(*PARTY_WALL, homes)[home],
        airing=random.uniform(*AIRING_LOSS, rooms),
        lag_h=np.where(floor, random.uniform(*FLOOR_LAG_H, rooms), RADIATOR_LAG_H),
        sun=random.uniform(*SUN_KELVIN, rooms) * (random.random(rooms) < 0.5),
        wind=random.uniform(*WIND_KELVIN, rooms),
        share=1.0 + extra / 40.0,
        building=tree.index_of(Level.BUILDING)[1][home],
    )


def room_temperatures(
    tree: Tree,
    constants: Fabric,
    outdoors: Weather,
    people: Households,
    delivered: Celsius,
    row_of_home: Indices,
) -> npt.NDArray[np.float32]:
    """Step every room through a season, float32 (rooms, times). [degC]

    The first steps start from a steady state without sun and people.
    """
    home = tree.room_home
    step_h = float(outdoors.time_s[1] - outdoors.time_s[0]) / HOUR_S
    stepper = _Stepper(constants, people, home, step_h)
    programmed = is_programmed_night(outdoors.time_s)
    row = row_of_home[home]
    stepper.settle(float(outdoors.celsius[0]), constants.share * delivered[row, 0])
    result = np.empty((len(outdoors.time_s), len(home)), dtype=np.float32)
    for index in range(len(outdoors.time_s)):
        gains = constants.sun * outdoors.sun[index] - constants.wind * outdoors.wind[index]
        gains += people.living[:, index][home]
        result[index] = stepper.step(
            float(outdoors.celsius[index]),
            constants.share * delivered[row, index] * ~people.valve_closed[:, index][home],
            gains,
            people.airing[:, index][home],
            bool(programmed[index]),
        )
    return np.ascontiguousarray(result.T)


class _Stepper:
    """The state of all rooms, and its explicit Euler step."""

    def __init__(self, constants: Fabric, people: Households, home: Indices, step_h: float) -> None:
        self._constants = constants
        self._has_heater = people.heater[home]
        self._setpoint = np.where(np.isnan(people.thermostat), np.inf, people.thermostat)[home]
        self._program = np.where(people.night_program, NIGHT_PROGRAM_KELVIN, 0.0)[home]
        self._rooms = np.bincount(constants.building).astype(np.float64)
        self._lag = 1.0 - np.exp(-step_h / constants.lag_h)
        # An airing step may be stiff: the air follows its own equilibrium exactly instead.
        self._air_rate = step_h / (constants.air_tau_h * (AIR_LOSS + AIR_TO_FABRIC))
        self._fabric_gain = step_h / constants.tau_h

    def settle(self, outdoor: float, heat: Celsius) -> None:
        """Start where heat and loss are even."""
        self._heat = heat.copy()
        self._air = outdoor + heat
        self._fabric = outdoor + heat * AIR_TO_FABRIC / (AIR_TO_FABRIC + FABRIC_LOSS)

    def step(
        self, outdoor: float, supply: Celsius, gains: Celsius, airing: Mask, night: bool
    ) -> Celsius:
        """Advance one step and return the air of every room."""
        constants = self._constants
        setpoint = self._setpoint - self._program if night else self._setpoint
        opening = np.clip((setpoint - self._air) / THERMOSTAT_BAND_KELVIN + 0.5, 0.0, 1.0)
        self._heat += self._lag * (supply * opening - self._heat)
        heater = HEATER_KELVIN * (self._has_heater & (self._air < HEATER_BELOW_CELSIUS))
        loss = AIR_LOSS + constants.airing * airing
        total = loss + AIR_TO_FABRIC
        target = loss * outdoor + AIR_TO_FABRIC * self._fabric + self._heat + gains + heater
        target /= total
        approach = 1.0 - np.exp(-self._air_rate * total * (AIR_LOSS + AIR_TO_FABRIC))
        self._air = self._air + approach * (target - self._air)
        mean = np.bincount(constants.building, self._fabric) / self._rooms
        self._fabric = self._fabric + self._fabric_gain * (
            AIR_TO_FABRIC * (self._air - self._fabric)
            + FABRIC_LOSS * (outdoor - self._fabric)
            + constants.party * (mean[constants.building] - self._fabric)
        )
        return self._air
