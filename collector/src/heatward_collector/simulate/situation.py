"""A situation with what ought to be said of it, and the table in which all are gathered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from heatward_collector.core.suppression import Kind, Level

from .calendar import DAY_S, local_midnight
from .season import STEP_S, Shape


class Said(StrEnum):
    """What ought to be said."""

    FOUND = "found"
    """The event, with its kind, level and place."""
    DECLARED = "declared"
    UNDETERMINED = "undetermined"
    """That rooms fell, without a cause; saying nothing is no mistake."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Expected:
    """One expectation; the place is left out where nothing is to be said."""

    said: Said
    kind: Kind | None = None
    level: Level | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A situation, when it is simulated, and what ought to be said of it."""

    name: str
    first_day: str
    days: int
    build: Callable[[], Shape]
    expected: tuple[Expected, ...]
    words: str
    """The expectation in one line."""

    @property
    def start_s(self) -> int:
        return local_midnight(self.first_day)


NOTHING = (Expected(Said.NOTHING),)
JANUARY = "2024-01-05"
"""First day of the scenarios of deep winter; the Spring Festival is on 10 February."""
JANUARY_S = local_midnight(JANUARY)
REGISTERED: dict[str, Scenario] = {}


def situation(
    words: str,
    *expected: Expected,
    first_day: str = JANUARY,
    days: int = 16,
) -> Callable[[Callable[[], Shape]], Callable[[], Shape]]:
    """Register the shape that the function returns as the scenario of the function's name."""

    def register(build: Callable[[], Shape]) -> Callable[[], Shape]:
        name = build.__name__
        REGISTERED[name] = Scenario(name, first_day, days, build, expected or NOTHING, words)
        return build

    return register


def at(day: float, hour: float = 0.0, start_s: int = JANUARY_S) -> int:
    """Return a local hour of a day of a scenario, counted from 0. [s UTC]"""
    return start_s + round((day * DAY_S + hour * 3600) / STEP_S) * STEP_S
