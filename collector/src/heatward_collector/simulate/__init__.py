"""Simulated heating seasons with labelled events: to try the system, and to score a detector.

Nothing here knows how anything is detected. Temperatures are a model's, not measurements.
"""

from __future__ import annotations

from heatward_collector.core.suppression import Kind, Level

from .events import Cause, Declared, Event
from .measuring import Measured, measure
from .plans import planned_season, planned_shape
from .season import Season, Shape, season, twin
from .tree import HomePlan, Tree, town

__all__ = [
    "Cause",
    "Declared",
    "Event",
    "HomePlan",
    "Kind",
    "Level",
    "Measured",
    "Season",
    "Shape",
    "Tree",
    "measure",
    "planned_season",
    "planned_shape",
    "season",
    "town",
    "twin",
]
