"""One step of all rooms after another: the loop that makes a season."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices

THERMOSTAT_BAND_KELVIN = 1.5
"""Between a thermostatic valve's shut and open. [K]"""
HEATER_BAND_KELVIN = 0.5
VENTING = 15.0
"""Heat that leaves through windows ajar, for a kelvin above what people like. [K/K]"""


@dataclass(frozen=True, slots=True)
class Walls:
    """What of a room's constants its steps need, (rooms,)."""

    tau_h: Celsius
    air_tau_h: Celsius
    air_loss: Celsius
    wall_loss: Celsius
    to_fabric: Celsius
    radiant: Celsius
    party: Celsius
    lag_h: Celsius
    heater_kelvin: Celsius
    heater_below: Celsius
    venting_from: Celsius
    building: Indices
    weight: Celsius
    """How much a room counts in the mean of its building."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What does not depend on the rooms' state, each (steps, rooms)."""

    supply: Celsius
    setpoint: Celsius
    to_air: Celsius
    """Loss times outdoors, and gains."""
    conductance: Celsius
    """Loss of the air, and its coupling to the fabric."""
    to_fabric: Celsius


@dataclass(frozen=True, slots=True)
class _Driven:
    """Rows with all factors multiplied in, so that a step only adds them."""

    emitted: Celsius
    opens: Celsius
    old_air: Celsius
    new_air: Celsius
    air: Celsius
    walls: Celsius


class Stepper:
    """The state of all rooms, and its step: exact for air and emitter, explicit for the fabric."""

    def __init__(self, walls: Walls, step_h: float) -> None:
        self._constants = walls
        building, self._of_building = np.unique(walls.building, return_inverse=True)
        mean = (np.arange(len(building))[:, None] == self._of_building) * walls.weight
        self._mean = mean / mean.sum(axis=1, keepdims=True)
        self._lag = 1.0 - np.exp(-step_h / walls.lag_h)
        self._cool = 1.0 - self._lag
        self._air_rate = step_h / (walls.air_tau_h * (walls.air_loss + walls.to_fabric))
        gain = self._gain = step_h / walls.tau_h
        self._keep = 1.0 - gain * (walls.wall_loss + walls.party + walls.to_fabric)
        self._from_air, self._from_heat = gain * walls.to_fabric, gain * walls.radiant
        self._from_party = gain * walls.party
        self._convective = 1.0 - walls.radiant
        self._heater_from = walls.heater_below / HEATER_BAND_KELVIN
        self._part, self._more = np.empty(len(gain)), np.empty(len(gain))
        self._means = np.empty(len(building))

    def settle(self, first: Rows) -> None:
        """Start where heat and loss are even, party walls counted."""
        party = self._constants.party
        loss = first.conductance.mean(axis=0) - self._constants.to_fabric
        loss += self._constants.wall_loss + party
        gain = (first.to_air + first.to_fabric + first.supply).mean(axis=0)
        means = (self._mean @ (gain / loss)) / (1.0 - self._mean @ (party / loss))
        self._walls = (gain + party * means[self._of_building]) / loss
        np.minimum(self._walls, self._constants.venting_from, out=self._walls)
        self._air = self._walls.copy()
        self._heat = first.supply.mean(axis=0)

    def run(
        self, rows: Rows, air_out: npt.NDArray[np.float32], heat_out: npt.NDArray[np.float32]
    ) -> None:
        """Advance through prepared steps, writing the state of the first rooms after each."""
        shown = air_out.shape[1]
        # An airing step may be stiff: the air follows its own equilibrium exactly instead.
        old_air = np.exp(-self._air_rate * rows.conductance)
        new_air = (1.0 - old_air) / rows.conductance
        driven = _Driven(
            emitted=self._lag * rows.supply,
            opens=rows.setpoint / THERMOSTAT_BAND_KELVIN + 0.5,
            old_air=old_air,
            new_air=new_air,
            air=new_air * rows.to_air,
            walls=self._gain * rows.to_fabric,
        )
        for index in range(len(rows.supply)):
            self._step_emitters(driven, index)
            self._step_air(driven, index)
            self._step_walls(driven, index)
            air_out[index], heat_out[index] = self._air[:shown], self._heat[:shown]

    # The steps work in place: they run 60,000 times a season, and new arrays would cost as much
    # as the arithmetic.

    def _step_emitters(self, driven: _Driven, index: int) -> None:
        valve, heat = self._part, self._heat
        np.multiply(self._air, 1.0 / THERMOSTAT_BAND_KELVIN, out=valve)
        np.subtract(driven.opens[index], valve, out=valve)
        np.maximum(valve, 0.0, out=valve)
        np.minimum(valve, 1.0, out=valve)
        valve *= driven.emitted[index]
        heat *= self._cool
        heat += valve

    def _step_air(self, driven: _Driven, index: int) -> None:
        gain, part, air = self._part, self._more, self._air
        np.multiply(air, 1.0 / HEATER_BAND_KELVIN, out=gain)
        np.subtract(self._heater_from, gain, out=gain)
        np.maximum(gain, 0.0, out=gain)
        np.minimum(gain, 1.0, out=gain)
        gain *= self._constants.heater_kelvin
        np.subtract(air, self._constants.venting_from, out=part)
        np.maximum(part, 0.0, out=part)
        part *= VENTING
        gain -= part
        np.multiply(self._constants.to_fabric, self._walls, out=part)
        gain += part
        np.multiply(self._convective, self._heat, out=part)
        gain += part
        gain *= driven.new_air[index]
        air *= driven.old_air[index]
        air += gain
        air += driven.air[index]

    def _step_walls(self, driven: _Driven, index: int) -> None:
        part, walls = self._part, self._walls
        np.matmul(self._mean, walls, out=self._means)
        np.take(self._means, self._of_building, out=part, mode="clip")
        part *= self._from_party
        walls *= self._keep
        walls += part
        np.multiply(self._from_air, self._air, out=part)
        walls += part
        np.multiply(self._from_heat, self._heat, out=part)
        walls += part
        walls += driven.walls[index]
