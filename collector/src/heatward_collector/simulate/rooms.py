"""A season of rooms: what drives them, prepared by the hundred steps, and their stepping."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices

from .buildings import AIR_LOSS, LIVING_TO_AIR, SUN_TO_AIR, Fabric
from .calendar import HOUR_S
from .households import Households
from .neighbours import Stage
from .stepping import Rows, Stepper, Walls
from .weather import Weather

SETTLING_H = 72.0
CHUNK = 256
"""Steps that are prepared at once: the loop itself then only picks rows."""


def room_temperatures(
    stage: Stage,
    outdoors: Weather,
    delivered: Celsius,
    due: Celsius,
    progress: Callable[[int], None],
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Step every room through a season.

    Returns
    -------
    float32 (rooms, times), float32 (rooms, times)
        Air temperature, and the heat that its emitter gives. [degC] and [K]

    The first step starts from the steady state of the mean weather and due heat of the first days,
    so that nothing anybody does changes anything before it begins.
    """
    times, rooms = len(outdoors.time_s), stage.measured
    step_h = float(outdoors.time_s[1] - outdoors.time_s[0]) / HOUR_S
    constants, home, people = stage.constants, stage.home, stage.people
    stepper = Stepper(_walls(stage), step_h)
    first = min(times, round(SETTLING_H / step_h))
    still = _Prepared(
        *(constants, outdoors, people.undisturbed(first), home, due, stage.source_of_home)
    )
    stepper.settle(still.rows(slice(0, first)))
    prepared = _Prepared(constants, outdoors, people, home, delivered, stage.row_of_home)
    air = np.empty((times, rooms), dtype=np.float32)
    heat = np.empty((times, rooms), dtype=np.float32)
    for start in range(0, times, CHUNK):
        span = slice(start, min(times, start + CHUNK))
        stepper.run(prepared.rows(span), air[span], heat[span])
        progress(span.stop - start)
    return np.ascontiguousarray(air.T), np.ascontiguousarray(heat.T)


def _walls(stage: Stage) -> Walls:
    constants, people, home = stage.constants, stage.people, stage.home
    return Walls(
        tau_h=constants.tau_h,
        air_tau_h=constants.air_tau_h,
        air_loss=np.full(len(home), AIR_LOSS),
        wall_loss=constants.wall_loss,
        to_fabric=constants.to_fabric,
        radiant=constants.radiant,
        party=constants.party,
        lag_h=constants.lag_h,
        heater_kelvin=people.heater_kelvin[home],
        heater_below=people.heater_below[home],
        venting_from=people.venting_from[home],
        building=constants.building,
        weight=stage.weight,
    )


@dataclass(frozen=True, slots=True)
class _Prepared:
    constants: Fabric
    outdoors: Weather
    people: Households
    home: Indices
    delivered: Celsius
    row_of_home: Indices

    def rows(self, span: slice) -> Rows:
        constants, people, home = self.constants, self.people, self.home
        outdoor = self.outdoors.celsius[span, None]
        sun = constants.sun * self.outdoors.sun[constants.facade, span].T
        living = people.living[:, span].T[:, home]
        loss = AIR_LOSS + constants.wind * self.outdoors.wind[constants.facade, span].T
        loss += constants.airing * people.airing[:, span].T[:, home]
        setback = people.setback * people.asleep[:, span].T
        return Rows(
            supply=constants.share
            * self.delivered[self.row_of_home[home], span].T
            * people.opening[:, span].T[:, home],
            setpoint=(people.setpoint - setback)[:, home],
            to_air=loss * outdoor + SUN_TO_AIR * sun + LIVING_TO_AIR * living,
            conductance=loss + constants.to_fabric,
            to_fabric=constants.wall_loss * outdoor
            + (1.0 - SUN_TO_AIR) * sun
            + (1.0 - LIVING_TO_AIR) * living,
        )
