"""A whole season: weather, suppliers, households and rooms, from one seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Seconds
from heatward_collector.core.suppression import Declaration

from .buildings import Fabric, fabric
from .calendar import DAY_S
from .events import Event
from .habits import Habits, Incident, Limit
from .households import households
from .neighbours import with_unseen
from .rooms import room_temperatures
from .sensing import Sensing
from .suppliers import Adjustment, heat_delivered, heat_due
from .tree import Tree, town
from .weather import Conditions, Weather, weather

STEP_S = 300


@dataclass(frozen=True, slots=True)
class Shape:
    """What a season is simulated on: places, what suppliers and people do, and forced weather."""

    tree: Tree = field(default_factory=town)
    events: tuple[Event, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    limits: tuple[Limit, ...] = ()
    habits: Habits = Habits()
    incidents: tuple[Incident, ...] = ()
    conditions: Conditions = Conditions()
    sensing: Sensing = field(default_factory=Sensing)


@dataclass(frozen=True, slots=True)
class Season:
    """True temperatures, before any sensor, and what caused them."""

    seed: int
    shape: Shape
    time_s: Seconds
    outdoors: Weather
    fabric: Fabric
    rooms: npt.NDArray[np.float32]
    """Air temperature, (rooms, times) in the order of ``tree.rooms``. [degC]"""
    heat: npt.NDArray[np.float32]
    """What the emitters of each room give, as heat input, (rooms, times). [K]"""

    @property
    def outdoor(self) -> Celsius:
        """Outdoor temperature, (times,). [degC]"""
        return self.outdoors.celsius

    @property
    def tree(self) -> Tree:
        return self.shape.tree

    @property
    def events(self) -> tuple[Event, ...]:
        return self.shape.events

    @property
    def declarations(self) -> tuple[Declaration, ...]:
        return self.shape.declarations

    @property
    def step_s(self) -> int:
        return int(self.time_s[1] - self.time_s[0])

    def home_means(self) -> npt.NDArray[np.float32]:
        """Return the mean of each home's rooms, (homes, times)."""
        counts = np.bincount(self.tree.room_home)
        first = (np.cumsum(counts) - counts).astype(np.int64)
        sums = np.add.reduceat(self.rooms, first, axis=0)
        return np.asarray(sums / counts.astype(np.float32)[:, None])


def season(
    seed: int,
    start_utc: int,
    days: float,
    step_seconds: int = STEP_S,
    shape: Shape | None = None,
    progress: Callable[[int], None] | None = None,
) -> Season:
    """Simulate a season from ``start_utc`` on; the same arguments give the same temperatures.

    Weather, households and fabric depend on the seed alone, not on the events: a season of the
    same seed and places without an event is its twin. ``progress`` is told how many steps are done
    each time some are.

    Raises
    ------
    ValueError
        If the season has fewer than two steps, or an event names a place without homes.
    """
    shape = shape or Shape()
    count = round(days * DAY_S) // step_seconds
    if count < 2:
        raise ValueError(f"{days} days have fewer than two steps of {step_seconds} s")
    time_s = start_utc + step_seconds * np.arange(count, dtype=np.int64)
    sky, firing, network, people, walls = np.random.default_rng(seed).spawn(5)
    outdoors = weather(time_s, sky, shape.conditions)
    due = heat_due(shape.tree, time_s, outdoors.celsius, firing)
    delivered, row_of_home = heat_delivered(
        shape.tree, time_s, due, shape.events, shape.adjustments, network
    )
    living = households(shape.tree, time_s, shape.habits, shape.incidents, shape.limits, people)
    constants = fabric(shape.tree, walls)
    stage = with_unseen(shape.tree, constants, living, row_of_home, shape.habits)
    rooms, heat = room_temperatures(stage, outdoors, delivered, due, progress or _ignore)
    return Season(seed, shape, time_s, outdoors, constants, rooms, heat)


def twin(of: Season, without: Sequence[Event]) -> Season:
    """Return the same season without some of its events: the two differ in what those did."""
    kept = tuple(event for event in of.events if event not in without)
    days = len(of.time_s) * of.step_s / DAY_S
    return season(of.seed, int(of.time_s[0]), days, of.step_s, replace(of.shape, events=kept))


def _ignore(steps: int) -> None:
    """Take no notice of progress."""
